// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/imagevars.h"

static void test_image(void **state)
{
	struct imagevars *vars = imagevars_create(&arch_ppc64_recover, true);

	assert_false(imagevars_recover(vars));
	imagevars_add(vars, "_stext", 0xc000000000000000, 0);
	assert_false(imagevars_recover(vars));
	imagevars_add(vars, "paca_ptrs", 0xc000000002000000, 0);
	assert_true(imagevars_recover(vars));
	assert_int_equal(vars->voffset, 0xc000000000000000);
	imagevars_expect(vars, "page_size", "image", 4096);
	imagevars_expect(vars, "section_size_bits", "image", 24);
	vars->image.complete = false;
	assert_true(imagevars_recover(vars));
	assert_false(imagevars_says(vars, "page_size", "image"));
	imagevars_add(vars, "__hash_page_64K", 0xc000000000080000, 0);
	assert_true(imagevars_recover(vars));
	imagevars_expect(vars, "page_size", "image", 65536);
	vars->vars[0].vaddr = 0xffffffff81000000;
	assert_false(imagevars_recover(vars));
	imagevars_destroy(vars);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
