// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/flattened.h"

#include <stdio.h>
#include <stdlib.h>

#include "dump/format.h"
#include "tests/support/dump.h"
#include "tests/support/mkelf.h"
#include "tests/support/mkflat.h"
#include "tests/support/mkkdump.h"
#include "util/bytes.h"
#include "util/file.h"

static const struct mkelf_segment segments[] = {
	{.paddr = 0x1000, .memsz = 0x9000, .filesz = 0x9000},
	{.paddr = 0x20000, .memsz = 0x4000, .filesz = 0x2000},
};
static const struct mkelf elf = {.segments = segments, .nr_segments = 2};

static void kdump_file(struct mkfile *ret)
{
	struct mkkdump kdump = {.blocks = "rzrz..xx0rz"};
	struct mkkdump_map map;

	strcpy(kdump.header.uts.machine, "x86_64");
	mkkdump(&kdump, ret, &map);
}

static void expect_elf(struct dump *d)
{
	expect(d, 0x1000, 0x9000, DUMP_ABSENT);
	expect(d, 0x20000, 0x2000, DUMP_EXCLUDED);
}

static void records_of_any_size_and_order(void **state)
{
	static const size_t steps[] = {1, 100, 4096, 5000, 1 << 20};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(steps) / sizeof(steps[0]); i++) {
		_cleanup_mkfile_ struct mkfile payload = {0};
		_cleanup_dump_ struct dump d = {0};

		mkelf(&elf, &payload);
		mkflat(&payload, steps[i / 2], i % 2, &d.file);
		open_file(&d);
		assert_string_equal(d.reader->format->name, "elf");
		assert_non_null(strstr(d.reader->variant, "flattened, 64-bit"));
		assert_int_equal(d.reader->file->size, payload.len);
		assert_false(d.reader->facts.truncated);
		expect_elf(&d);
	}
}

static void a_kdump_file_in_a_stream(void **state)
{
	_cleanup_mkfile_ struct mkfile payload = {0};
	_cleanup_dump_ struct dump d = {0};

	(void)state;
	kdump_file(&payload);
	mkflat(&payload, 777, true, &d.file);
	open_file(&d);
	assert_string_equal(d.reader->format->name, "kdump");
	expect(&d, 0, 0x4000, DUMP_ABSENT);
	expect(&d, 0x9000, 0x2000, DUMP_ABSENT);
	expect_run(&d, 0x6000, 0x6000, 0x8000, DUMP_EXCLUDED);
}

/* Damage that later records mend. */
static void the_last_record_wins(void **state)
{
	_cleanup_mkfile_ struct mkfile payload = {0};
	_cleanup_dump_ struct dump d = {0};
	uint8_t junk[3000];
	size_t at[] = {0, 5000, 11111, 4096};

	(void)state;
	mkelf(&elf, &payload);
	memset(junk, 0xaa, sizeof(junk));
	mkflat_begin(&d.file);
	for (size_t i = 0; i < 4; i++)
		mkflat_record(&d.file, at[i], sizeof(junk), junk, sizeof(junk));
	mkflat_record(&d.file, 0, payload.len, payload.data, payload.len);
	// junk in the middle, and mended in pieces
	mkflat_record(&d.file, 8000, sizeof(junk), junk, sizeof(junk));
	mkflat_record(&d.file, 8000, 1000, payload.data + 8000, 1000);
	mkflat_record(&d.file, 9000, 2000, payload.data + 9000, 2000);
	mkflat_end(&d.file);
	open_file(&d);
	expect_elf(&d);
}

static void gaps_are_zero(void **state)
{
	static const struct mkelf_segment one = {.paddr = 0, .memsz = 0x4000, .filesz = 0x4000};
	static const struct mkelf small = {.segments = &one, .nr_segments = 1};
	_cleanup_mkfile_ struct mkfile payload = {0};
	_cleanup_dump_ struct dump d = {0};
	uint8_t buf[0x3000];
	size_t off;

	(void)state;
	mkelf(&small, &payload);
	off = payload.len - 0x4000;
	mkflat_begin(&d.file);
	mkflat_record(&d.file, payload.len - 0x1000, 0x1000, payload.data + off + 0x3000, 0x1000);
	mkflat_record(&d.file, 0, off, payload.data, off);
	mkflat_end(&d.file);
	open_file(&d);
	assert_true(dump_read_full(d.reader, d.scratch, 0, buf, sizeof(buf)));
	for (size_t i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], 0);
	expect(&d, 0x3000, 0x1000, DUMP_ABSENT);
}

static struct error *try_open(struct mkfile *file, bool salvage, struct dump_reader **ret)
{
	const struct dump_open_options options = {.salvage = salvage};
	const char *path = mkfile_path(file);

	return dump_open_inputs(&path, 1, &options, ret);
}

static void absurd_records_are_refused(void **state)
{
	static const struct {
		uint64_t off, len;
	} cases[] = {
		{0, 0},         {UINT64_MAX, 1},    {1, UINT64_MAX},
		{INT64_MAX, 1}, {1ULL << 63, 4096}, {4096, 1ULL << 63},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_mkfile_ struct mkfile payload = {0}, file = {0};
		_cleanup_reader_ struct dump_reader *reader = NULL;
		char want[64];

		mkelf(&elf, &payload);
		mkflat_begin(&file);
		mkflat_record(&file, 0, payload.len, payload.data, payload.len);
		snprintf(want, sizeof(want), "flattened record at offset %#zx", file.len);
		mkflat_record(&file, cases[i].off, cases[i].len, "x", 1);
		assert_err(try_open(&file, false, &reader), ERROR_FORMAT, want);
		assert_ok(try_open(&file, true, &reader));
		assert_true(reader->facts.truncated);
		assert_non_null(strstr(reader->warning, "impossible size"));
	}
}

/* Every place to cut: an error that names the file, or what came before, never a crash. */
static void cut_streams(void **state)
{
	_cleanup_mkfile_ struct mkfile payload = {0}, file = {0};
	size_t opened = 0;

	(void)state;
	kdump_file(&payload);
	mkflat(&payload, 3000, false, &file);
	for (size_t len = file.len - 1; len > 0; len -= len > 300 ? 251 : 1) {
		_cleanup_reader_ struct dump_reader *reader = NULL;
		struct error *err;

		mkfile_resize(&file, len);
		err = try_open(&file, false, &reader);
		if (!err) {
			opened++;
			assert_true(reader->facts.truncated);
			assert_non_null(strstr(reader->warning, "truncated"));
		} else {
			assert_non_null(strstr(err->message, file.path));
			error_destroy(err);
		}
	}
	assert_true(opened > 10);
}

static void other_versions_and_nesting_are_refused(void **state)
{
	_cleanup_mkfile_ struct mkfile payload = {0}, flat = {0}, nested = {0};
	struct dump_reader *reader = NULL;

	(void)state;
	mkelf(&elf, &payload);
	mkflat(&payload, 4096, false, &flat);
	mkflat(&flat, 4096, false, &nested);
	assert_err(dump_open(mkfile_path(&nested), &reader), ERROR_UNSUPPORTED, "in a container");
	flat.data[FLATTENED_SIGNATURE_LEN + 15] = 2;
	assert_err(dump_open(mkfile_path(&flat), &reader), ERROR_UNSUPPORTED,
		   "of type 1, version 2 (offset 0x10)");
	mkfile_resize(&flat, 20);
	assert_err(dump_open(mkfile_path(&flat), &reader), ERROR_FORMAT,
		   "file ends at offset 0x14");
	mkfile_resize(&flat, 0);
	mkflat_begin(&flat);
	mkflat_end(&flat);
	assert_err(dump_open(mkfile_path(&flat), &reader), ERROR_FORMAT, "the file is empty");
	assert_null(reader);
}

/* QEMU's pattern, a million times: two places are written in turns. Time is linear, so that this
 * takes a second or two. */
static void a_million_records(void **state)
{
	const size_t nr = 1000000, half = nr / 2;
	static const struct mkelf_segment one = {.memsz = 0x2000000, .filesz = 0x2000000};
	static const struct mkelf large = {.segments = &one, .nr_segments = 1};
	_cleanup_mkfile_ struct mkfile payload = {0};
	_cleanup_dump_ struct dump d = {0};
	uint8_t *out;
	size_t step;

	(void)state;
	mkelf(&large, &payload);
	step = payload.len / nr;
	mkflat_begin(&d.file);
	mkfile_resize(&d.file, FLATTENED_HEADER_LEN + nr * (FLATTENED_RECORD_LEN + step));
	out = d.file.data + FLATTENED_HEADER_LEN;
	for (size_t i = 0; i < nr; i++) {
		size_t record = i % 2 ? half + i / 2 : i / 2, off = record * step;

		store_u64(out, off, true);
		store_u64(out + 8, step, true);
		memcpy(out + 16, payload.data + off, step);
		out += 16 + step;
	}
	mkflat_record(&d.file, nr * step, payload.len - nr * step, payload.data + nr * step,
		      payload.len - nr * step);
	mkflat_end(&d.file);
	open_file(&d);
	expect(&d, 0x1fff000, 0x1000, DUMP_ABSENT);
	expect(&d, 0x123456, 0x100000, DUMP_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_any_size_and_order),
		cmocka_unit_test(a_kdump_file_in_a_stream),
		cmocka_unit_test(the_last_record_wins),
		cmocka_unit_test(gaps_are_zero),
		cmocka_unit_test(absurd_records_are_refused),
		cmocka_unit_test(cut_streams),
		cmocka_unit_test(other_versions_and_nesting_are_refused),
		cmocka_unit_test(a_million_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
