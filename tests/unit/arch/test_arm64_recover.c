// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/imagevars.h"
#include "util/bytes.h"

#define VOFFSET 0xffffb9f9ad600000ULL

static struct imagevars *make(void)
{
	struct imagevars *vars = imagevars_create(&arch_arm64_recover, false);
	uint8_t *header = imagevars_add(vars, "_text", 0xffffb9f9ed800000, 0);

	vars->image.voffset = VOFFSET;
	store_u64(header + 24, 0xa, false);
	store_u32(header + 56, 0x644d5241, false);
	imagevars_add(vars, "kimage_voffset", 0, VOFFSET);
	imagevars_add(vars, "memstart_addr", 0, 0xfff0bb9ac0000000);
	return vars;
}

static void test_variables(void **state)
{
	static const struct {
		uint64_t flags, page_size;
	} pages[] = {{0xa, 4096}, {0xc, 16384}, {0xe, 65536}};
	struct imagevars *vars = make();

	for (size_t i = 0; i < 3; i++) {
		store_u64(vars->vars[0].data + 24, pages[i].flags, false);
		assert_true(imagevars_recover(vars));
		imagevars_expect(vars, "page_size", "image", pages[i].page_size);
	}
	assert_int_equal(vars->voffset, VOFFSET);
	imagevars_expect(vars, "kimage_voffset", "image", VOFFSET);
	imagevars_expect(vars, "kimage_voffset", "symbol table", VOFFSET);
	imagevars_expect(vars, "phys_offset", "image", 0xfff0bb9ac0000000);
	// an old header does not tell
	store_u64(vars->vars[0].data + 24, 0, false);
	assert_true(imagevars_recover(vars));
	assert_false(imagevars_says(vars, "page_size", "image"));
	store_u64(vars->vars[0].data + 24, 0xa, false);
	vars->vars[0].data[56] = 'a';
	assert_true(imagevars_recover(vars));
	assert_false(imagevars_says(vars, "page_size", "image"));
	imagevars_destroy(vars);
}

/* A copy that never ran says something else, and a damaged one nothing. */
static void test_place(void **state)
{
	struct imagevars *vars = make();

	store_u64(vars->vars[1].data, 0, false);
	assert_true(imagevars_recover(vars));
	assert_int_equal(vars->voffset, 0);
	imagevars_damage(vars, "kimage_voffset");
	assert_true(imagevars_recover(vars));
	assert_int_equal(vars->voffset, VOFFSET);
	assert_false(imagevars_says(vars, "kimage_voffset", "image"));
	vars->image.placed = false;
	assert_false(imagevars_recover(vars));
	imagevars_rename(vars, "kimage_voffset", "phys_base");
	vars->image.placed = true;
	assert_false(imagevars_recover(vars));
	imagevars_destroy(vars);
}

/* Guesses are of three facts: bits of the configuration, of the CPU, and physical ones. */
static void test_guesses(void **state)
{
	const struct arch_recover *recover = &arch_arm64_recover;

	assert_int_equal(recover->nr_guessed, 3);
	assert_string_equal(recover->facts[recover->guessed[0]].key, "NUMBER(VA_BITS)");
	assert_string_equal(recover->facts[recover->guessed[1]].key, "NUMBER(TCR_EL1_T1SZ)");
	for (size_t i = 0; i < recover->nr_guesses; i++) {
		const uint64_t *values = recover->guesses[i].values;

		assert_in_range(values[0], 64 - values[1], 52);
		assert_int_equal(values[2], values[1] == 12 ? 52 : 48);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_variables),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
