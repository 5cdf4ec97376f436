// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/reader.h"

#include <elf.h>
#include <stdio.h>

#include "dump/format.h"
#include "tests/support/dump.h"
#include "tests/support/mkelf.h"

static const struct mkelf_segment one[] = {{.paddr = 0x1000, .memsz = 0x2000, .filesz = 0x2000}};
static const struct mkelf elf = {.segments = one, .nr_segments = 1};

static void what_is_no_dump_is_named(void **state)
{
	static const struct {
		const char *head;
		size_t len;
		const char *message;
	} cases[] = {
		{"", 0, "the file is empty"},
		{"hello", 5, "begins with 68 65 6c 6c 6f"},
		{"\x7f"
		 "ELE",
		 4, "begins with 7f 45 4c 45"},
		{"\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21", 18,
		 "begins with 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f"},
		{"KDUMP  ", 7, "begins with 4b 44"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_mkfile_ struct mkfile file = {0};
		struct dump_reader *reader = NULL;

		mkfile_resize(&file, 0);
		mkfile_put(&file, 0, cases[i].head, cases[i].len);
		assert_err(dump_open(mkfile_path(&file), &reader), ERROR_FORMAT, cases[i].message);
		assert_err(dump_open(file.path, &reader), ERROR_FORMAT, file.path);
		assert_null(reader);
	}
}

static void what_cannot_be_opened_is_named(void **state)
{
	struct dump_reader *reader;

	assert_err(dump_open("/nonexistent/vmcore", &reader), ERROR_OS,
		   "/nonexistent/vmcore: No such file or directory");
	assert_err(dump_open("/dev/null", &reader), ERROR_FORMAT, "neither a regular file");
	assert_err(dump_open("/", &reader), ERROR_FORMAT, "/: a folder without dump_info.txt");
}

static void random_files_are_refused(void **state)
{
	uint32_t seed = 1;

	for (int round = 0; round < 100; round++) {
		_cleanup_mkfile_ struct mkfile file = {0};
		struct dump_reader *reader;

		mkfile_resize(&file, 10000);
		for (size_t i = 0; i < file.len; i++) {
			seed = seed * 1664525 + 1013904223;
			file.data[i] = (uint8_t)(seed >> 24);
		}
		assert_err(dump_open(mkfile_path(&file), &reader), ERROR_FORMAT, "not a dump");
	}
}

static void the_table_has_every_format_once(void **state)
{
	for (size_t i = 0; i < dump_nr_formats; i++) {
		assert_non_null(dump_formats[i]->name);
		assert_non_null(dump_formats[i]->description);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(dump_formats[i]->name, dump_formats[k]->name);
	}
}

static void a_full_read_is_all_or_nothing(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	uint8_t buf[0x2000];

	mkelf(&elf, &d.file);
	open_file(&d);
	assert_true(dump_read_full(d.reader, d.scratch, 0x1000, buf, 0x2000));
	assert_int_equal(buf[0x1fff], mkfile_byte(0x2fff));
	assert_false(dump_read_full(d.reader, d.scratch, 0x1001, buf, 0x2000));
	assert_true(dump_read_full(d.reader, d.scratch, 0x5000, buf, 0));
}

static void above_all_memory_there_is_one_run(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	mkelf(&elf, &d.file);
	open_file(&d);
	expect_run(&d, 0x3000, 0x3000, UINT64_MAX, DUMP_ABSENT);
	expect_run(&d, 1ULL << 60, 0x3000, UINT64_MAX, DUMP_ABSENT);
}

static void closing_nothing_is_fine(void **state)
{
	dump_close(NULL);
	dump_scratch_destroy(NULL);
}

static void the_first_warning_stands(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	char path[200];

	mkelf(&elf, &d.file);
	open_file(&d);
	dump_warn(d.reader, "first %d", 1);
	dump_warn(d.reader, "second");
	snprintf(path, sizeof(path), "%s: first 1", d.file.path);
	assert_string_equal(d.reader->warning, path);
}

static void a_blob_is_read_in_pieces_up_to_its_limit(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	_cleanup_free_ void *buf = NULL;
	size_t len = 0;

	mkelf(&elf, &d.file);
	open_file(&d);
	assert_ok(dump_read_blob(d.reader, "notes", 0, 4, 10, &buf, &len));
	assert_ok(dump_read_blob(d.reader, "notes", 1, 3, 10, &buf, &len));
	assert_ok(dump_read_blob(d.reader, "notes", 1, 0, 10, &buf, &len));
	assert_string_equal(d.reader->warning, "");
	assert_int_equal(len, 7);
	assert_memory_equal(buf, ELFMAG "ELF", 7);
	assert_ok(dump_read_blob(d.reader, "notes", 0, 4, 10, &buf, &len));
	assert_non_null(strstr(d.reader->warning, "too large"));
	assert_int_equal(len, 7);
	d.reader->warning[0] = '\0';
	assert_ok(dump_read_blob(d.reader, "notes", d.file.len - 1, 2, 10, &buf, &len));
	assert_non_null(strstr(d.reader->warning, "beyond the end of the file"));
	assert_int_equal(len, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_dump_is_named),
		cmocka_unit_test(what_cannot_be_opened_is_named),
		cmocka_unit_test(random_files_are_refused),
		cmocka_unit_test(the_table_has_every_format_once),
		cmocka_unit_test(a_full_read_is_all_or_nothing),
		cmocka_unit_test(above_all_memory_there_is_one_run),
		cmocka_unit_test(closing_nothing_is_fine),
		cmocka_unit_test(the_first_warning_stands),
		cmocka_unit_test(a_blob_is_read_in_pieces_up_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
