// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/find_note.h"

#include <stdio.h>

#include "tests/support/mkimage.h"
#include "tests/support/test.h"
#include "util/bytes.h"

#define TEXT                                                                                    \
	"OSRELEASE=6.1.0\nBUILD-ID=0123\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=ffffffff81234560\n" \
	"SYMBOL(_stext)=ffffffff81000000\nSYMBOL(swapper_pg_dir)=ffffffff82000000\n"            \
	"NUMBER(phys_base)=0\nOFFSET(uts_namespace.name)=0\n"

static void put_note(struct mem *mem, uint64_t paddr, const char *text, bool big_endian)
{
	uint8_t hdr[24] = {0};

	store_u32(hdr, 11, big_endian);
	store_u32(hdr + 4, (uint32_t)strlen(text), big_endian);
	memcpy(hdr + 12, "VMCOREINFO", sizeof("VMCOREINFO"));
	mkimage_put(mem, paddr, hdr, sizeof(hdr));
	mkimage_put(mem, paddr + 24, text, strlen(text));
}

static void find(struct mem *mem, struct found_notes *ret)
{
	const struct scan_options options = {.nr_threads = 1};
	const struct scan_matcher matcher = {.match = scan_marks};
	struct scan_hits hits;

	assert_ok(scan_memory(&mem->reader, &options, &matcher, 1, &hits, NULL));
	assert_ok(find_notes(&hits, mem_read, mem, ret));
	scan_hits_deinit(&hits);
}

/* Of all copies the one in its place is taken, whatever the others add. */
static void test_copies(void **state)
{
	struct mem *mem = mem_create();
	struct found_notes notes;

	mkimage_put(mem, 0x1204, TEXT "NUMBER(more)=1\nNUMBER(evil)=2\n", strlen(TEXT) + 30);
	put_note(mem, 0x2500 - 24, TEXT "NUMBER(more)=1\n", false);
	mkimage_put(mem, 0x5000, TEXT, strlen(TEXT));
	put_note(mem, 0x8000, TEXT, false);
	mkimage_put(mem, 0x9800, TEXT, 200);
	find(mem, &notes);
	assert_int_equal(notes.nr, 1);
	assert_int_equal(notes.notes[0].paddr, 0x8018);
	assert_true(notes.notes[0].in_note);
	assert_false(notes.notes[0].crashed);
	assert_int_equal(notes.notes[0].copies, 5);
	assert_string_equal(notes.notes[0].text, TEXT);
	assert_int_equal(notes.notes[0].len, strlen(TEXT));
	assert_string_equal(vmcoreinfo_text(notes.notes[0].info, "OSRELEASE"), "6.1.0");
	found_notes_deinit(&notes);
	mem_destroy(mem);
}

/* CRASHTIME in one copy counts for all. */
static void test_crashed(void **state)
{
	struct mem *mem = mem_create();
	struct found_notes notes;

	put_note(mem, 0x8000, TEXT, true);
	mkimage_put(mem, 0x5000, TEXT "CRASHTIME=17\n", strlen(TEXT) + 13);
	find(mem, &notes);
	assert_int_equal(notes.nr, 1);
	assert_true(notes.notes[0].crashed);
	assert_int_equal(notes.notes[0].paddr, 0x8018);
	found_notes_deinit(&notes);
	mem_destroy(mem);
}

static void test_two_kernels(void **state)
{
	struct mem *mem = mem_create();
	struct found_notes notes;
	char other[1024];

	snprintf(other, sizeof(other), "%s", TEXT);
	strstr(other, "ffffffff81000000")[8] = '9';
	put_note(mem, 0x8000, TEXT, false);
	put_note(mem, 0x18000, other, false);
	find(mem, &notes);
	assert_int_equal(notes.nr, 2);
	assert_int_equal(notes.notes[0].copies, 1);
	assert_int_equal(notes.notes[1].paddr, 0x18018);
	found_notes_deinit(&notes);
	mem_destroy(mem);
}

/* Texts that are none: cut, binary, without what every kernel says, cut off by missing memory. */
static void test_rejected(void **state)
{
	struct mem *mem = mem_create();
	struct found_notes notes;
	char binary[] = TEXT;

	binary[30] = '\x01';
	mkimage_put(mem, 0x1000, "OSRELEASE=6.1.0\n", 16);
	mkimage_put(mem, 0x2000, binary, strlen(TEXT));
	mkimage_put(mem, 0x3000, TEXT, 100);
	mkimage_put(mem, 0x4fc0, TEXT, strlen(TEXT));
	mem_drop(mem, 0x5000);
	for (unsigned int i = 0; i < 40; i++)
		mkimage_put(mem, 0x6000 + 24 * i,
			    i ? "SYMBOL(abcdefghijklm)=0\n" : "OSRELEASE=aaaaaaaaaaaaa\n", 24);
	find(mem, &notes);
	assert_int_equal(notes.nr, 0);
	assert_int_equal(notes.nr_rejected, 5);
	found_notes_deinit(&notes);
	mem_destroy(mem);
}

/* Lengths of headers that lie, and texts without an end. */
static void test_lengths(void **state)
{
	struct mem *mem = mem_create();
	struct found_notes notes;
	uint8_t len[4];

	put_note(mem, 0x8000, TEXT, false);
	store_u32(len, UINT32_MAX, false);
	mkimage_put(mem, 0x8004, len, 4);
	put_note(mem, 0x10000, TEXT, false);
	store_u32(len, 150, false);
	mkimage_put(mem, 0x10004, len, 4);
	find(mem, &notes);
	// the second is cut behind _stext
	assert_int_equal(notes.nr, 1);
	assert_int_equal(notes.notes[0].len, strlen(TEXT));
	found_notes_deinit(&notes);
	mem_destroy(mem);

	mem = mem_create();
	mkimage_put(mem, 0, TEXT, strlen(TEXT));
	for (uint64_t at = strlen(TEXT); at < 0x20000; at += 8)
		mkimage_put(mem, at, "KEY=VAL\n", 8);
	find(mem, &notes);
	assert_int_equal(notes.nr, 1);
	assert_in_range(notes.notes[0].len, 60000, 65536);
	found_notes_deinit(&notes);
	mem_destroy(mem);
}

/* A flood of forged texts does not displace the one in its place. */
static void test_flood(void **state)
{
	struct mem *mem = mem_create();
	struct found_notes notes;
	char forged[1024];

	for (unsigned int i = 0; i < 200; i++) {
		snprintf(forged, sizeof(forged), "%s", TEXT);
		snprintf(forged + 10, 6, "%05u", i);
		forged[15] = '\n';
		mkimage_put(mem, 0x1000 * i + 0x100, forged, strlen(TEXT));
	}
	put_note(mem, 0x200000, TEXT, false);
	find(mem, &notes);
	assert_int_equal(notes.nr, 64);
	assert_int_equal(notes.notes[0].paddr, 0x200018);
	assert_int_equal(notes.nr_rejected, 200 - 63);
	found_notes_deinit(&notes);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies),      cmocka_unit_test(test_crashed),
		cmocka_unit_test(test_two_kernels), cmocka_unit_test(test_rejected),
		cmocka_unit_test(test_lengths),     cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
