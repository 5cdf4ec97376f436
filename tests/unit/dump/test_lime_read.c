// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/lime.h"

#include <elf.h>

#include "tests/support/dump.h"

static void put_range(struct mkfile *file, uint64_t start, uint64_t last, size_t len)
{
	uint8_t header[LIME_HEADER_LEN] = "EMiL\1";
	size_t at = file->len;

	store_u64(header + 8, start, false);
	store_u64(header + 16, last, false);
	mkfile_put(file, at, header, sizeof(header));
	mkfile_resize(file, at + sizeof(header) + len);
	mkfile_memory(file->data + at + sizeof(header), start, len);
}

static struct error *try_open(struct dump *d, const char *machine, bool salvage)
{
	const struct dump_open_options options = {.machine = machine, .salvage = salvage};
	const char *path = mkfile_path(&d->file);
	struct error *err;

	if (d->reader) {
		dump_scratch_destroy(d->scratch);
		dump_close(d->reader);
		d->reader = NULL;
		d->scratch = NULL;
	}
	err = dump_open_inputs(&path, 1, &options, &d->reader);
	if (!err)
		assert_ok(dump_scratch_create(d->reader, &d->scratch));
	return err;
}

static void ranges_stand_where_they_say(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	(void)state;
	put_range(&d.file, 0x1000, 0x9ffff, 0x9f000);
	put_range(&d.file, 0x100000, 0x1007ff, 0x800); // ends within a page
	put_range(&d.file, 0x100000000, 0x100000fff, 0x1000);
	assert_ok(try_open(&d, NULL, false));
	assert_string_equal(d.reader->format->name, "lime");
	assert_string_equal(d.reader->variant, "3 ranges");
	assert_true(d.reader->format->plain);
	assert_int_equal(d.reader->facts.machine, EM_NONE);
	expect(&d, 0x1000, 0x9f000, DUMP_ABSENT);
	expect(&d, 0x100000, 0x800, DUMP_OK);
	expect(&d, 0x100000000, 0x1000, DUMP_ABSENT);
	expect_run(&d, 0x100000, 0x100000, 0x101000, DUMP_OK);
	expect_run(&d, 0xb0000, 0xa0000, 0x100000, DUMP_ABSENT);
	assert_ok(try_open(&d, "q35", false));
	assert_int_equal(d.reader->facts.machine, EM_X86_64);
	expect(&d, 0x100000000, 0x1000, DUMP_ABSENT);
}

static void damage(void **state)
{
	static const struct {
		size_t off;
		uint64_t value;
		const char *message;
	} cases[] = {
		{0, 0x4c694d44, "LiME header at offset 0x1020: magic 0x4c694d44"},
		{4, 2, "version 2, want"},
		{16, 0x1fff, "memory from 0x2000 to 0x1fff"},
		{16, UINT64_MAX, "memory from 0x2000 to 0xffffffffffffffff"},
		{16, 1ULL << 56, "memory from 0x2000 to 0x100000000000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_dump_ struct dump d = {0};
		size_t second;

		put_range(&d.file, 0x1000, 0x1fff, 0x1000);
		second = d.file.len;
		put_range(&d.file, 0x2000, 0x2fff, 0x1000);
		if (cases[i].off < 8)
			store_u32(d.file.data + second + cases[i].off, (uint32_t)cases[i].value,
				  false);
		else
			store_u64(d.file.data + second + cases[i].off, cases[i].value, false);
		assert_err(try_open(&d, NULL, false), ERROR_FORMAT, cases[i].message);
		assert_ok(try_open(&d, NULL, true));
		assert_true(d.reader->facts.truncated);
		expect(&d, 0x1000, 0x1000, DUMP_ABSENT);
	}
}

static void a_cut_range_has_what_is_there(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	(void)state;
	put_range(&d.file, 0x1000, 0x4fff, 0x3000);
	assert_ok(try_open(&d, NULL, false));
	assert_true(d.reader->facts.truncated);
	expect(&d, 0x1000, 0x3000, DUMP_UNREADABLE);
	// and a cut header
	mkfile_resize(&d.file, d.file.len + 0x1000 + 31);
	memcpy(d.file.data + d.file.len - 31, "EMiL\1\0\0", 8);
	assert_err(try_open(&d, NULL, false), ERROR_FORMAT, "in a LiME header");
	assert_ok(try_open(&d, NULL, true));
	mkfile_resize(&d.file, 4);
	assert_err(try_open(&d, NULL, true), ERROR_FORMAT, "file ends at offset 0x4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_stand_where_they_say),
		cmocka_unit_test(damage),
		cmocka_unit_test(a_cut_range_has_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
