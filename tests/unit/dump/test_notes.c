// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/notes.h"

#include <elf.h>

#include "dump/facts.h"
#include "tests/support/test.h"

struct area {
	void *buf;
	size_t len;
};

static void append(struct area *area, bool big_endian, const char *name, uint32_t type,
		   const char *desc, size_t len)
{
	assert_ok(notes_append(&area->buf, &area->len, big_endian, name, type, desc, len));
}

static void appends_as_the_gabi_lays_out(void **state)
{
	static const uint8_t want[] = {0,   0,   0,   5,   0, 0, 0, 3, 0,   0,   0,   1,
				       'C', 'O', 'R', 'E', 0, 0, 0, 0, 'a', 'b', 'c', 0};
	struct area area = {0};

	append(&area, true, "CORE", 1, "abc", 3);
	assert_int_equal(area.len, sizeof(want));
	assert_memory_equal(area.buf, want, sizeof(want));
	append(&area, true, "X", 2, NULL, 0);
	assert_int_equal(area.len, sizeof(want) + 16);
	free(area.buf);
}

static void walks_in_either_byte_order(void **state)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct area area = {0};
		struct bytes cursor;
		struct note note;

		append(&area, big_endian, "CORE", NT_PRSTATUS, "regs", 5);
		append(&area, big_endian, "LINUX", 0x700, "", 0);
		append(&area, big_endian, "VMCOREINFO", 0, "A=1\n", 4);
		cursor = bytes_make(area.buf, area.len, big_endian, 8);
		assert_true(note_next(&cursor, &note));
		assert_true(note_is(&note, "CORE", NT_PRSTATUS));
		assert_false(note_is(&note, "CORE", NT_PRFPREG));
		assert_false(note_is(&note, "COR", NT_PRSTATUS));
		assert_int_equal(note.desc.len, 5);
		assert_string_equal((const char *)note.desc.data, "regs");
		assert_int_equal(note.desc.big_endian, big_endian);
		assert_true(note_next(&cursor, &note));
		assert_true(note_is(&note, "LINUX", 0x700));
		assert_int_equal(note.desc.len, 0);
		assert_true(note_next(&cursor, &note));
		assert_true(note_is(&note, "VMCOREINFO", 0));
		assert_false(note_next(&cursor, &note));
		assert_false(cursor.bad);
		free(area.buf);
	}
}

static void skips_padding_between_notes(void **state)
{
	struct area area = {0};
	struct bytes cursor;
	struct note note;
	uint8_t padded[256] = {0};

	append(&area, false, "CORE", 1, "x", 1);
	memcpy(padded, area.buf, area.len);
	memcpy(padded + 128, area.buf, area.len);
	cursor = bytes_make(padded, 255, false, 8); // not even a whole word at the end
	assert_true(note_next(&cursor, &note));
	assert_true(note_next(&cursor, &note));
	assert_ptr_equal(note.desc.data, padded + 128 + 20);
	assert_false(note_next(&cursor, &note));
	assert_false(cursor.bad);
	free(area.buf);
}

static void the_last_desc_needs_no_padding(void **state)
{
	struct area area = {0};
	struct bytes cursor;
	struct note note;

	append(&area, false, "CORE", 1, "x", 1);
	cursor = bytes_make(area.buf, area.len - 3, false, 8);
	assert_true(note_next(&cursor, &note));
	assert_int_equal(note.desc.len, 1);
	assert_false(note_next(&cursor, &note));
	assert_false(cursor.bad);
	free(area.buf);
}

static void damage_ends_the_walk(void **state)
{
	static const uint32_t sizes[] = {0x1000, 0x7fffffff, 0xfffffffd, 0xffffffff};
	struct area area = {0};
	struct bytes cursor;
	struct note note;

	append(&area, false, "CORE", 1, "x", 1);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t field = 0; field < 8; field += 4) {
			uint8_t copy[64];

			memcpy(copy, area.buf, area.len);
			store_u32(copy + field, sizes[i], false);
			cursor = bytes_make(copy, area.len, false, 8);
			assert_false(note_next(&cursor, &note));
			assert_true(cursor.bad);
			assert_false(note_next(&cursor, &note));
		}
	}
	for (size_t len = 1; len < area.len - 3; len++) {
		cursor = bytes_make(area.buf, len, false, 8);
		assert_false(note_next(&cursor, &note));
	}
	free(area.buf);
}

static void scan_fills_the_facts(void **state)
{
	struct dump_facts facts = {.word = 8};
	struct area area = {0};

	append(&area, false, "CORE", NT_PRSTATUS, "cpu0", 4);
	append(&area, false, "CORE", NT_PRSTATUS, "cpu1", 4);
	append(&area, false, "QEMU", 0, "state", 5);
	append(&area, false, "VMCOREINFO", 0, "OSRELEASE=1\n", 12);
	append(&area, false, "VMCOREINFO", 0, "OSRELEASE=2\n", 12);
	append(&area, false, "VMCOREINFO_XEN", 0, "OSRELEASE=3\n", 12);
	append(&area, false, "ERASEINFO", 0, "erase x 1\n", 10);
	facts.notes = area.buf;
	facts.notes_len = area.len;
	assert_true(notes_scan(&facts));
	assert_int_equal(facts.nr_cpus, 2);
	assert_int_equal(facts.vmcoreinfo_len, 12);
	assert_memory_equal(facts.vmcoreinfo, "OSRELEASE=1\n", 12);
	assert_int_equal(facts.eraseinfo_len, 10);
	assert_memory_equal(facts.eraseinfo, "erase x 1\n", 10);
	free(area.buf);
}

static void scan_keeps_what_came_before_damage(void **state)
{
	struct dump_facts facts = {.word = 8};
	struct area area = {0};

	append(&area, false, "VMCOREINFO", 0, "A=1\n", 4);
	append(&area, false, "CORE", NT_PRSTATUS, "cpu0", 4);
	facts.notes = area.buf;
	facts.notes_len = area.len - 4;
	assert_false(notes_scan(&facts));
	assert_int_equal(facts.vmcoreinfo_len, 4);
	assert_int_equal(facts.nr_cpus, 0);
	free(area.buf);
}

static void no_notes_are_no_damage(void **state)
{
	struct dump_facts facts = {.word = 8};

	assert_true(notes_scan(&facts));
	assert_null(facts.vmcoreinfo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_as_the_gabi_lays_out),
		cmocka_unit_test(walks_in_either_byte_order),
		cmocka_unit_test(skips_padding_between_notes),
		cmocka_unit_test(the_last_desc_needs_no_padding),
		cmocka_unit_test(damage_ends_the_walk),
		cmocka_unit_test(scan_fills_the_facts),
		cmocka_unit_test(scan_keeps_what_came_before_damage),
		cmocka_unit_test(no_notes_are_no_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
