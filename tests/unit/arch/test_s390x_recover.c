// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/imagevars.h"
#include "util/bytes.h"

static void test_layout(void **state)
{
	struct imagevars *vars = imagevars_create(&arch_s390x_recover, true);
	uint8_t *layout = imagevars_add(vars, "vm_layout", 0, 0x3fffe7f8000);

	store_u64(layout + 8, 0x8f8000, true);
	store_u64(layout + 16, 0x1000000000, true);
	assert_false(imagevars_recover(vars));
	imagevars_add(vars, "lowcore_ptr", 0, 0);
	assert_true(imagevars_recover(vars));
	assert_int_equal(vars->voffset, 0x3fffdf00000);
	imagevars_expect(vars, "kernel_offset", "image", 0x3fffe7f8000);
	imagevars_expect(vars, "kernel_offset_phys", "image", 0x8f8000);
	imagevars_expect(vars, "identity_base", "image", 0x1000000000);
	imagevars_expect(vars, "max_physmem_bits", "image", 46);
	imagevars_damage(vars, "vm_layout");
	assert_false(imagevars_recover(vars));
	imagevars_rename(vars, "vm_layout", "other");
	assert_false(imagevars_recover(vars));
	imagevars_destroy(vars);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
