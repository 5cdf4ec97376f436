// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/machine.h"

#include <elf.h>

#include "tests/support/test.h"

static void finds_by_number_word_and_order(void **state)
{
	assert_string_equal(machine_find(EM_X86_64, 8, false)->name, "x86_64");
	assert_string_equal(machine_find(EM_386, 4, false)->name, "i686");
	assert_string_equal(machine_find(EM_PPC64, 8, true)->name, "ppc64");
	assert_string_equal(machine_find(EM_PPC64, 8, false)->name, "ppc64le");
	assert_string_equal(machine_find(EM_RISCV, 8, false)->name, "riscv64");
	assert_string_equal(machine_find(EM_RISCV, 4, false)->name, "riscv32");
	assert_string_equal(machine_find(EM_S390, 8, true)->name, "s390x");
	assert_null(machine_find(EM_X86_64, 4, false));
	assert_null(machine_find(EM_X86_64, 8, true));
	assert_null(machine_find(EM_NONE, 8, false));
}

static void finds_by_name_and_alias(void **state)
{
	assert_int_equal(machine_find_name("aarch64")->e_machine, EM_AARCH64);
	assert_int_equal(machine_find_name("S390X")->e_machine, EM_S390);
	assert_true(machine_find_name("s390x")->big_endian);
	assert_true(machine_find_name("i586")->packed_sub_header);
	assert_int_equal(machine_find_name("armv7l")->word, 4);
	assert_false(machine_find_name("armv7l")->packed_sub_header);
	assert_null(machine_find_name("Unknown"));
	assert_null(machine_find_name(""));
}

static void finds_by_length_of_prstatus(void **state)
{
	assert_int_equal(machine_find_prstatus(336, 8, false)->e_machine, EM_X86_64);
	assert_int_equal(machine_find_prstatus(336, 8, true)->e_machine, EM_S390);
	assert_int_equal(machine_find_prstatus(392, 8, false)->e_machine, EM_AARCH64);
	assert_int_equal(machine_find_prstatus(148, 4, false)->e_machine, EM_ARM);
	assert_null(machine_find_prstatus(335, 8, false));
	assert_null(machine_find_prstatus(0, 8, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_number_word_and_order),
		cmocka_unit_test(finds_by_name_and_alias),
		cmocka_unit_test(finds_by_length_of_prstatus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
