// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/kallsyms.h"

#include "tests/support/mkkallsyms.h"
#include "tests/support/test.h"

#define NR 3000U

/* Each symbol by its name, its number, and its address. */
static void check_symbols(const struct kallsyms *ks, const struct mksymbol *symbols,
			  uint64_t voffset)
{
	static struct kallsyms_symbol found;
	uint64_t addr;

	assert_int_equal(ks->nr, NR);
	assert_int_equal(ks->nr_lost, 0);
	for (size_t i = 0; i < NR; i++) {
		bool second = i && symbols[i - 1].addr == symbols[i].addr;

		assert_true(kallsyms_lookup(ks, symbols[i].name, &addr));
		assert_int_equal(addr + voffset, symbols[i].addr);
		assert_true(kallsyms_get(ks, i, &found));
		assert_string_equal(found.name, symbols[i].name);
		assert_int_equal(found.type, symbols[i].type);
		assert_true(kallsyms_at(ks, addr, &found));
		assert_string_equal(found.name, symbols[second ? i - 1 : i].name);
		if (!found.size)
			continue;
		assert_true(kallsyms_at(ks, addr + found.size - 1, &found));
		assert_string_equal(found.name, symbols[second ? i - 1 : i].name);
	}
}

static void test_layouts(void **state)
{
	for (size_t i = 0; i < mklayouts_nr; i++) {
		const struct mklayout *layout = &mklayouts[i];
		_cleanup_free_ struct mksymbol *symbols = mksymbols(layout, NR);
		_cleanup_kallsyms_ struct kallsyms *ks = NULL;
		struct mkkallsyms mk;

		mkkallsyms(&mk, layout, symbols, NR, MKPLACE, mkvoffset(layout));
		mkkallsyms_load(&mk, &ks);
		if (ks->tables.kind != layout->kind || ks->tables.word != layout->word)
			fail_msg("%s: kind %d word %d", layout->name, ks->tables.kind,
				 ks->tables.word);
		assert_int_equal(ks->tables.big_endian, layout->big_endian);
		// by physical addresses place-relative ones are physical
		if (layout->kind == KALLSYMS_PLACE) {
			check_symbols(ks, symbols, mkvoffset(layout));
			kallsyms_shift(ks, mkvoffset(layout));
		}
		check_symbols(ks, symbols, 0);
		mkkallsyms_deinit(&mk);
	}
}

static void test_nothing_there(void **state)
{
	const struct mklayout *layout = &mklayouts[4];
	_cleanup_free_ struct mksymbol *symbols = mksymbols(layout, NR);
	_cleanup_kallsyms_ struct kallsyms *ks = NULL;
	static struct kallsyms_symbol found;
	struct mkkallsyms mk;
	uint64_t addr;

	mkkallsyms(&mk, layout, symbols, NR, MKPLACE, mkvoffset(layout));
	mkkallsyms_load(&mk, &ks);
	assert_false(kallsyms_lookup(ks, "no_such_symbol", &addr));
	assert_false(kallsyms_lookup(ks, "", &addr));
	assert_false(kallsyms_lookup(ks, "sym_", &addr));
	// behind the last one, and between per-CPU offsets and the image
	assert_false(kallsyms_at(ks, UINT64_MAX, &found));
	assert_false(kallsyms_at(ks, 0x10000, &found));
	assert_true(kallsyms_at(ks, (uint64_t)19 * 64, &found));
	assert_int_equal(found.size, 0);
	assert_false(kallsyms_at(ks, 19 * 64 + 1, &found));
	assert_false(kallsyms_get(ks, NR, &found));
	mkkallsyms_deinit(&mk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_nothing_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
