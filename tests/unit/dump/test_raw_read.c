// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/format.h"

#include <elf.h>

#include "dump/board.h"
#include "tests/support/dump.h"
#include "util/file.h"

#define MIB (1 << 20)

/* A file of raw memory, as it is at paddr. */
static void make(struct dump *d, uint64_t paddr, size_t len)
{
	*d = (struct dump){0};
	mkfile_resize(&d->file, len);
	mkfile_memory(d->file.data, paddr, len);
}

static struct error *try_open(struct dump *d, const char *machine)
{
	const struct dump_open_options options = {.machine = machine};
	const char *path = mkfile_path(&d->file);
	struct error *err = dump_open_inputs(&path, 1, &options, &d->reader);

	if (!err)
		assert_ok(dump_scratch_create(d->reader, &d->scratch));
	return err;
}

static void a_machine_places_it(void **state)
{
	_cleanup_dump_ struct dump d;

	(void)state;
	make(&d, 0x40000000, MIB);
	assert_ok(try_open(&d, "virt-arm64"));
	assert_string_equal(d.reader->format->name, "raw");
	assert_int_equal(d.reader->facts.machine, EM_AARCH64);
	assert_int_equal(d.reader->facts.word, 8);
	assert_int_equal(d.reader->facts.max_paddr, 0x40000000 + MIB);
	expect(&d, 0x40000000, MIB, DUMP_ABSENT);
	expect_run(&d, 0, 0, 0x40000000, DUMP_ABSENT);
}

static void an_image_is_cut_at_the_hole(void **state)
{
	_cleanup_dump_ struct dump d;

	(void)state;
	make(&d, 0, 3 * MIB);
	mkfile_memory(d.file.data + 2 * MIB, 4ULL << 30, MIB);
	assert_ok(try_open(&d, "q35,max-ram-below-4g=2M"));
	assert_int_equal(d.reader->facts.machine, EM_X86_64);
	expect(&d, 0, 2 * MIB, DUMP_ABSENT);
	expect(&d, 4ULL << 30, MIB, DUMP_ABSENT);
	expect_run(&d, 3 * MIB, 2 * MIB, 4ULL << 30, DUMP_ABSENT);
	assert_null(d.reader->facts.segments);
	assert_int_equal(d.reader->facts.notes_len, 0);
}

static void big_endian_machines(void **state)
{
	_cleanup_dump_ struct dump d;

	(void)state;
	make(&d, 0, MIB);
	assert_ok(try_open(&d, "s390-ccw"));
	assert_true(d.reader->facts.big_endian);
	assert_string_equal(d.reader->facts.uts.machine, "s390x");
}

static void what_is_wrong_is_said(void **state)
{
	_cleanup_dump_ struct dump d;

	(void)state;
	make(&d, 0, 4096);
	assert_err(try_open(&d, "pc386"), ERROR_USAGE, "no machine type 'pc386'");
	assert_err(try_open(&d, NULL), ERROR_FORMAT, "of raw memory say FILE@ADDRESS");
	mkfile_resize(&d.file, 0);
	assert_err(try_open(&d, "q35"), ERROR_FORMAT, "raw memory of no bytes");
	assert_null(d.reader);
}

/* Half a page at each end is backed in part. */
static void parts_need_no_alignment(void **state)
{
	const struct raw_part parts[] = {{.off = 0x10, .len = 0x1000, .paddr = 0x1800}};
	_cleanup_dump_ struct dump d;
	struct file *file = NULL;
	uint8_t buf[0x2000];

	(void)state;
	make(&d, 0x17f0, 0x1010);
	assert_ok(file_open(mkfile_path(&d.file), &file));
	assert_ok(raw_open_parts(file, parts, 1, NULL, &d.reader));
	assert_ok(dump_scratch_create(d.reader, &d.scratch));
	expect_run(&d, 0x1000, 0x1000, 0x3000, DUMP_OK);
	assert_true(dump_read_full(d.reader, d.scratch, 0x1000, buf, sizeof(buf)));
	for (uint64_t i = 0; i < sizeof(buf); i++) {
		bool there = i >= 0x800 && i < 0x1800;

		assert_int_equal(buf[i], there ? mkfile_byte(0x1000 + i) : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_places_it),
		cmocka_unit_test(an_image_is_cut_at_the_hole),
		cmocka_unit_test(big_endian_machines),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(parts_need_no_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
