// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/kallsyms.h"

#include <stdio.h>

#include "tests/support/mkkallsyms.h"
#include "tests/support/test.h"

#define TEXT    0xffffffff81000000ULL
#define TEXT_32 0xc1000000ULL
#define PLACE   (0x2345678ULL * 8)
#define NR      3000U

/* Virtual minus physical: the tables are above the text. */
#define VOFFSET    0xffffffff70000000ULL
#define VOFFSET_32 0xb0000000ULL

/* As a kernel of x86_64 has them: per-CPU offsets first, and names of all lengths. */
static struct mksymbol *make_symbols(const struct mklayout *layout)
{
	uint64_t text = layout->word == 8 ? TEXT : TEXT_32;
	struct mksymbol *symbols = mksymbols(NR, text);

	if (layout->kind == KALLSYMS_PERCPU) {
		uint64_t skip = symbols[20].addr - text;

		for (size_t i = 0; i < NR; i++) {
			symbols[i].addr = i < 20 ? i * 64 : symbols[i].addr - skip;
			symbols[i].type = i < 20 ? 'A' : symbols[i].type;
		}
	}
	memset(symbols[100].name, 'x', 127);
	if (layout->packed)
		memset(symbols[101].name, 'y', 500);
	snprintf(symbols[NR - 2].name, sizeof(symbols[0].name), "kallsyms_names");
	snprintf(symbols[NR - 1].name, sizeof(symbols[0].name), "kallsyms_token_index");
	return symbols;
}

static void load(struct mkkallsyms *mk, struct kallsyms **ks)
{
	struct kallsyms_tables tables = {0};

	assert_true(kallsyms_find(mkkallsyms_read, mk, mk->digits, &tables));
	assert_ok(kallsyms_create(&tables, mkkallsyms_read, mk, ks));
}

/* Each symbol by its name, and by its address, size and the address behind it. */
static void check_symbols(const struct kallsyms *ks, const struct mksymbol *symbols,
			  uint64_t voffset)
{
	static struct kallsyms_symbol found;
	uint64_t addr;

	assert_int_equal(ks->nr, NR);
	assert_int_equal(ks->nr_lost, 0);
	for (size_t i = 0; i < NR; i++) {
		bool second = i && symbols[i - 1].addr == symbols[i].addr;
		bool first = i + 1 < NR && symbols[i + 1].addr == symbols[i].addr;

		assert_true(kallsyms_lookup(ks, symbols[i].name, &addr));
		assert_int_equal(addr + voffset, symbols[i].addr);
		assert_true(kallsyms_get(ks, i, &found));
		assert_string_equal(found.name, symbols[i].name);
		assert_int_equal(found.type, symbols[i].type);
		assert_true(kallsyms_at(ks, addr, &found));
		assert_string_equal(found.name, symbols[second ? i - 1 : i].name);
		if (i + 1 == NR || second || first || found.size != 16)
			continue;
		assert_true(kallsyms_at(ks, addr + 15, &found));
		assert_string_equal(found.name, symbols[i].name);
	}
}

static void test_layouts(void **state)
{
	for (size_t i = 0; i < mklayouts_nr; i++) {
		const struct mklayout *layout = &mklayouts[i];
		uint64_t voffset = layout->word == 8 ? VOFFSET : VOFFSET_32;
		_cleanup_free_ struct mksymbol *symbols = make_symbols(layout);
		_cleanup_kallsyms_ struct kallsyms *ks = NULL;
		struct mkkallsyms mk;

		mkkallsyms(&mk, layout, symbols, NR, PLACE, voffset);
		load(&mk, &ks);
		if (ks->tables.kind != layout->kind || ks->tables.word != layout->word)
			fail_msg("%s: kind %d word %d", layout->name, ks->tables.kind,
				 ks->tables.word);
		assert_int_equal(ks->tables.big_endian, layout->big_endian);
		// by physical addresses place-relative ones are physical
		check_symbols(ks, symbols, layout->kind == KALLSYMS_PLACE ? voffset : 0);
		if (layout->kind == KALLSYMS_PLACE) {
			kallsyms_shift(ks, voffset);
			check_symbols(ks, symbols, 0);
		}
		mkkallsyms_deinit(&mk);
	}
}

static void test_nothing_there(void **state)
{
	const struct mklayout *layout = &mklayouts[4];
	_cleanup_free_ struct mksymbol *symbols = make_symbols(layout);
	_cleanup_kallsyms_ struct kallsyms *ks = NULL;
	static struct kallsyms_symbol found;
	struct mkkallsyms mk;
	uint64_t addr;

	mkkallsyms(&mk, layout, symbols, NR, PLACE, VOFFSET);
	load(&mk, &ks);
	assert_false(kallsyms_lookup(ks, "no_such_symbol", &addr));
	assert_false(kallsyms_lookup(ks, "", &addr));
	assert_false(kallsyms_lookup(ks, "sym_", &addr));
	// behind the last one, and between per-CPU offsets and the image
	assert_false(kallsyms_at(ks, UINT64_MAX, &found));
	assert_false(kallsyms_at(ks, 0x10000, &found));
	assert_true(kallsyms_at(ks, 19 * 64, &found));
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
