// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/imagevars.h"
#include "util/bytes.h"

#define VOFFSET 0xfffffffeffe00000ULL

/* struct kernel_mapping with and without virt_offset. */
static struct imagevars *make(bool virt_offset)
{
	static const uint64_t words[] = {0xffffffd600000000, 0xffffffff80000000, 0x2000, 0x80200000,
					 0x1e6b000,          0xffffffd580000000, VOFFSET};
	struct imagevars *vars = imagevars_create(&arch_riscv64_recover, false);
	uint8_t *map = imagevars_add(vars, "kernel_map", 0, 0);
	unsigned int at = 0;

	vars->image.voffset = VOFFSET;
	for (unsigned int i = 0; i < 7; i++) {
		if (i != 2 || virt_offset)
			store_u64(map + 8 * at++, words[i], false);
	}
	return vars;
}

static void test_map(void **state)
{
	for (unsigned int virt_offset = 0; virt_offset < 2; virt_offset++) {
		struct imagevars *vars = make(virt_offset);

		assert_true(imagevars_recover(vars));
		assert_int_equal(vars->voffset, VOFFSET);
		imagevars_expect(vars, "va_kernel_pa_offset", "image", VOFFSET);
		imagevars_expect(vars, "va_kernel_pa_offset", "symbol table", VOFFSET);
		imagevars_expect(vars, "page_offset", "image", 0xffffffd600000000);
		imagevars_expect(vars, "phys_ram_base", "kernel_map", 0x80000000);
		assert_false(imagevars_says(vars, "phys_ram_base", "image"));
		imagevars_expect(vars, "va_bits", "image", 39);
		imagevars_expect(vars, "kernel_link_addr", "image", 0xffffffff80000000);
		imagevars_add(vars, "phys_ram_base", 0, 0x80000000);
		assert_true(imagevars_recover(vars));
		imagevars_expect(vars, "phys_ram_base", "image", 0x80000000);
		imagevars_destroy(vars);
	}
}

static void test_va_bits(void **state)
{
	struct imagevars *vars = make(true);
	uint8_t *l4 = imagevars_add(vars, "pgtable_l4_enabled", 0, 1);
	uint8_t *l5 = imagevars_add(vars, "pgtable_l5_enabled", 0, 1);

	assert_true(imagevars_recover(vars));
	imagevars_expect(vars, "va_bits", "image", 57);
	*l5 = 0;
	assert_true(imagevars_recover(vars));
	imagevars_expect(vars, "va_bits", "image", 48);
	*l4 = 0;
	assert_true(imagevars_recover(vars));
	imagevars_expect(vars, "va_bits", "image", 39);
	*l4 = 17;
	assert_true(imagevars_recover(vars));
	assert_false(imagevars_says(vars, "va_bits", "image"));
	imagevars_rename(vars, "pgtable_l4_enabled", "lost");
	vars->image.complete = false;
	assert_true(imagevars_recover(vars));
	assert_false(imagevars_says(vars, "va_bits", "image"));
	imagevars_destroy(vars);
}

static void test_no_map(void **state)
{
	struct imagevars *vars = make(true);

	// numbers that contradict each other
	store_u64(vars->vars[0].data + 8, 0xffffffff81000000, false);
	assert_false(imagevars_recover(vars));
	memset(vars->vars[0].data, 0, 64);
	assert_false(imagevars_recover(vars));
	imagevars_damage(vars, "kernel_map");
	assert_false(imagevars_recover(vars));
	imagevars_rename(vars, "kernel_map", "other");
	assert_false(imagevars_recover(vars));
	imagevars_destroy(vars);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_va_bits),
		cmocka_unit_test(test_no_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
