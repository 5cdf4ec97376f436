// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/format.h"

#include <elf.h>

#include "tests/support/mkfile.h"
#include "tests/support/test.h"

static void formats_without_a_reader_are_named(void **state)
{
	static const struct {
		const char *head;
		size_t len;
		const char *description;
	} cases[] = {
		{"AVML", 4, "AVML memory image"},
		{"\xd2\xbe\xd2\xbe", 4, "VMware suspend state"},
		{"sadump\0\0", 8, "Fujitsu sadump"},
		{"\xa8\x19\x01\x73\x61\x8f\x23\xfd", 8, "s390 stand-alone dump"},
		{"\xa8\x19\x01\x73\x61\x8f\x23\xfe", 8, "s390 stand-alone dump"},
		{"\xa8\x19\x01\x73\x61\x8f\x23\xed", 8, "LKCD dump"},
		{"\xed\x23\x8f\x61\x73\x01\x19\xa8", 8, "LKCD dump"},
		{"PAGEDUMP", 8, "Windows crash dump"},
		{"PAGEDU64", 8, "Windows crash dump"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_mkfile_ struct mkfile file = {0};
		struct dump_reader *reader;

		mkfile_put(&file, 0, cases[i].head, cases[i].len);
		assert_err(dump_open(mkfile_path(&file), &reader), ERROR_UNSUPPORTED,
			   cases[i].description);
		mkfile_resize(&file, cases[i].len - 1);
		assert_err(dump_open(mkfile_path(&file), &reader), ERROR_FORMAT, "");
	}
}

static void a_hibernation_image_is_named(void **state)
{
	_cleanup_mkfile_ struct mkfile file = {0};
	struct dump_reader *reader;

	mkfile_resize(&file, 8192);
	mkfile_put(&file, 4096 - 10, "S1SUSPEND", 10);
	assert_err(dump_open(mkfile_path(&file), &reader), ERROR_UNSUPPORTED, "hibernation image");
	mkfile_put(&file, 4096 - 10, "SWAPSPACE2", 10);
	assert_err(dump_open(mkfile_path(&file), &reader), ERROR_FORMAT, "not a dump");
}

static void a_core_without_program_headers_is_that_of_xen(void **state)
{
	_cleanup_mkfile_ struct mkfile file = {0};
	struct dump_reader *reader;

	mkfile_put(&file, 0, ELFMAG "\2\1\1", SELFMAG + 3);
	mkfile_resize(&file, sizeof(Elf64_Ehdr));
	store_u16(file.data + 60, 5, false); // e_shnum
	assert_err(dump_open(mkfile_path(&file), &reader), ERROR_UNSUPPORTED, "Xen core");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_without_a_reader_are_named),
		cmocka_unit_test(a_hibernation_image_is_named),
		cmocka_unit_test(a_core_without_program_headers_is_that_of_xen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
