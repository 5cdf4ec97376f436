// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/vmcoreinfo.h"

#include "dump/notes.h"
#include "tests/support/mkfile.h"
#include "tests/support/test.h"

static const char text[] = "OSRELEASE=6.1.0-49-amd64\n"
			   "BUILD-ID=8a=b\n"
			   "PAGESIZE=4096\n"
			   "SYMBOL(init_uts_ns)=ffffffff82e14d40\n"
			   "OFFSET(uts_namespace.name)=0\n"
			   "SIZE(page)=64\n"
			   "LENGTH(free_area.free_list)=6\n"
			   "NUMBER(phys_base)=-148897792\n"
			   "NUMBER(VA_BITS)=48\n"
			   "NUMBER(kimage_voffset)=0xffffffc010000000\n"
			   "NUMBER(minus)=-\n"
			   "NUMBER(junk)=12z\n"
			   "NUMBER(space)= 12\n"
			   "NUMBER(huge)=99999999999999999999\n"
			   "NUMBER(empty)=\n"
			   "no key here\n"
			   "=no key either\n"
			   "KERNELOFFSET=1fa00000\n"
			   "CRASHTIME=1795164140\n"
			   "TWICE=first\n"
			   "TWICE=second\n"
			   "LAST=unterminated";

static struct vmcoreinfo *parse(const char *from, size_t len)
{
	struct vmcoreinfo *info = NULL;

	assert_ok(vmcoreinfo_create(from, len, &info));
	return info;
}

static void gives_text_of_whole_keys(void **state)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = parse(text, sizeof(text) - 1);

	assert_string_equal(vmcoreinfo_text(info, "OSRELEASE"), "6.1.0-49-amd64");
	assert_string_equal(vmcoreinfo_text(info, "BUILD-ID"), "8a=b");
	assert_string_equal(vmcoreinfo_text(info, "LAST"), "unterminated");
	assert_string_equal(vmcoreinfo_text(info, "NUMBER(empty)"), "");
	assert_null(vmcoreinfo_text(info, "OSRELEAS"));
	assert_null(vmcoreinfo_text(info, "no key here"));
	assert_null(vmcoreinfo_text(info, ""));
}

static void first_of_equal_keys_counts(void **state)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = parse(text, sizeof(text) - 1);

	assert_string_equal(vmcoreinfo_text(info, "TWICE"), "first");
}

static void gives_numbers_in_the_base_of_their_family(void **state)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = parse(text, sizeof(text) - 1);
	uint64_t v = 0;
	int64_t n = 0;

	assert_true(vmcoreinfo_symbol(info, "init_uts_ns", &v));
	assert_int_equal(v, 0xffffffff82e14d40);
	assert_true(vmcoreinfo_offset(info, "uts_namespace.name", &v));
	assert_int_equal(v, 0);
	assert_true(vmcoreinfo_size(info, "page", &v));
	assert_int_equal(v, 64);
	assert_true(vmcoreinfo_length(info, "free_area.free_list", &v));
	assert_int_equal(v, 6);
	assert_true(vmcoreinfo_number(info, "phys_base", &n));
	assert_int_equal(n, -148897792);
	assert_true(vmcoreinfo_number(info, "VA_BITS", &n));
	assert_int_equal(n, 48);
	assert_true(vmcoreinfo_number(info, "kimage_voffset", &n));
	assert_int_equal((uint64_t)n, 0xffffffc010000000);
	assert_true(vmcoreinfo_hex(info, "KERNELOFFSET", &v));
	assert_int_equal(v, 0x1fa00000);
	assert_true(vmcoreinfo_dec(info, "CRASHTIME", &v));
	assert_int_equal(v, 1795164140);
}

static void refuses_what_is_no_number(void **state)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = parse(text, sizeof(text) - 1);
	static const char *const bad[] = {"minus", "junk", "space", "huge", "empty", "absent"};
	int64_t n = 4711;
	uint64_t v = 4711;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(vmcoreinfo_number(info, bad[i], &n));
	assert_false(vmcoreinfo_dec(info, "OSRELEASE", &v));
	assert_false(vmcoreinfo_hex(info, "absent", &v));
	assert_int_equal(n, 4711);
	assert_int_equal(v, 4711);
}

static void takes_a_name_of_any_length(void **state)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = parse(text, sizeof(text) - 1);
	char name[1000];
	uint64_t v = 1;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(vmcoreinfo_symbol(info, name, &v));
}

static void empty_text_is_no_error(void **state)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *none = parse(NULL, 0);
	_cleanup_vmcoreinfo_ struct vmcoreinfo *blank = parse("\n\n\n", 3);

	assert_null(vmcoreinfo_text(none, "OSRELEASE"));
	assert_null(vmcoreinfo_text(blank, "OSRELEASE"));
}

static void a_nul_ends_a_line_only(void **state)
{
	static const char damaged[] = "A=1\0B=2\n\0\0C=3\n\0";
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = parse(damaged, sizeof(damaged));

	assert_string_equal(vmcoreinfo_text(info, "A"), "1");
	assert_string_equal(vmcoreinfo_text(info, "B"), "2");
	assert_string_equal(vmcoreinfo_text(info, "C"), "3");
}

static void reads_no_more_than_the_limit(void **state)
{
	_cleanup_mkfile_ struct mkfile big = {0};
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;

	mkfile_put(&big, 0, "A=1\n", 4);
	mkfile_put(&big, VMCOREINFO_MAX_LEN, "B=2\n", 4);
	info = parse((const char *)big.data, big.len);
	assert_string_equal(vmcoreinfo_text(info, "A"), "1");
	assert_null(vmcoreinfo_text(info, "B"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_text_of_whole_keys),
		cmocka_unit_test(first_of_equal_keys_counts),
		cmocka_unit_test(gives_numbers_in_the_base_of_their_family),
		cmocka_unit_test(refuses_what_is_no_number),
		cmocka_unit_test(takes_a_name_of_any_length),
		cmocka_unit_test(empty_text_is_no_error),
		cmocka_unit_test(a_nul_ends_a_line_only),
		cmocka_unit_test(reads_no_more_than_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
