// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <elf.h>

#include "arch/arch.h"

static void found_by_number_and_word(void **state)
{
	assert_ptr_equal(arch_find(EM_X86_64, 8), &arch_x86_64);
	assert_string_equal(arch_find(EM_X86_64, 8)->name, "x86_64");
	assert_null(arch_find(EM_X86_64, 4)); // x32 has no kernel
	assert_null(arch_find(EM_NONE, 8));
}

static void every_one_is_complete(void **state)
{
	for (size_t i = 0; i < nr_archs; i++) {
		assert_ptr_equal(arch_find(archs[i]->e_machine, archs[i]->word), archs[i]);
		assert_non_null(archs[i]->name);
		assert_true(archs[i]->word == 4 || archs[i]->word == 8);
		assert_true(archs[i]->prstatus.reg + archs[i]->prstatus.reg_size <=
			    archs[i]->prstatus.size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_by_number_and_word),
		cmocka_unit_test(every_one_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
