// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the tables are, and what only looks like them. */
#include "kernel/kallsyms.h"

#include <stdio.h>

#include "dump/vmcoreinfo.h"
#include "tests/support/mkkallsyms.h"
#include "tests/support/test.h"
#include "util/bytes.h"

#define NR 3000U

static uint8_t *at(const struct mkkallsyms *mk, uint64_t addr)
{
	return mk->data + (addr - mk->addr);
}

static void make(struct mkkallsyms *mk, const struct mklayout *layout)
{
	struct mksymbol *symbols = mksymbols(layout, NR);

	mkkallsyms(mk, layout, symbols, NR, MKPLACE, mkvoffset(layout));
	free(symbols);
}

static void test_places(void **state)
{
	for (size_t i = 0; i < mklayouts_nr; i++) {
		struct kallsyms_tables tables = {0};
		struct mkkallsyms mk;

		make(&mk, &mklayouts[i]);
		assert_true(kallsyms_find(mkkallsyms_read, &mk, mk.digits, &tables));
		assert_int_equal(tables.big_endian, mklayouts[i].big_endian);
		assert_int_equal(tables.nr_syms, NR);
		assert_int_equal(tables.num_syms, mk.tables.num_syms);
		assert_int_equal(tables.names, mk.tables.names);
		assert_int_equal(tables.markers, mk.tables.markers);
		assert_int_equal(tables.marker_size, mk.tables.marker_size);
		assert_int_equal(tables.token_table, mk.tables.token_table);
		assert_int_equal(tables.token_index, mk.tables.token_index);
		mkkallsyms_deinit(&mk);
	}
}

static void test_no_tables(void **state)
{
	struct kallsyms_tables tables = {0};
	struct mkkallsyms mk;

	// an index that does not fit the tokens
	make(&mk, &mklayouts[10]);
	at(&mk, mk.tables.token_index)[100]++;
	assert_false(kallsyms_find(mkkallsyms_read, &mk, mk.digits, &tables));
	assert_false(kallsyms_find_tokens(mkkallsyms_read, &mk, mk.digits, &tables));
	mkkallsyms_deinit(&mk);
	// digits, but no tokens before them
	make(&mk, &mklayouts[10]);
	memset(at(&mk, mk.tables.token_table), 'x', 40);
	assert_false(kallsyms_find(mkkallsyms_read, &mk, mk.digits, &tables));
	// at the very beginning of memory
	mk.addr = 0;
	assert_false(kallsyms_find(mkkallsyms_read, &mk, 0, &tables));
	assert_false(kallsyms_find(mkkallsyms_read, &mk, 8, &tables));
	mkkallsyms_deinit(&mk);
}

static void test_no_names(void **state)
{
	static const uint32_t bad[] = {0, KALLSYMS_MIN - 1, KALLSYMS_MAX + 1, UINT32_MAX, NR + 400};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct kallsyms_tables tables = {0};
		struct mkkallsyms mk;

		make(&mk, &mklayouts[10]);
		store_u32(at(&mk, mk.tables.num_syms), bad[i], false);
		assert_false(kallsyms_find(mkkallsyms_read, &mk, mk.digits, &tables));
		// nothing is left behind
		assert_int_equal(tables.token_table, 0);
		assert_true(kallsyms_find_tokens(mkkallsyms_read, &mk, mk.digits, &tables));
		assert_false(kallsyms_find_names(mkkallsyms_read, &mk, &tables));
		mkkallsyms_deinit(&mk);
	}
}

/* Names in a hole do not keep the tables from being found. */
static void test_hole(void **state)
{
	struct kallsyms_tables tables = {0};
	struct mkkallsyms mk;

	make(&mk, &mklayouts[10]);
	memset(at(&mk, mk.tables.names + 16384), 0, 8192);
	assert_true(kallsyms_find(mkkallsyms_read, &mk, mk.digits, &tables));
	assert_int_equal(tables.names, mk.tables.names);
	assert_int_equal(tables.markers, mk.tables.markers);
	mkkallsyms_deinit(&mk);
}

static void export(const struct kallsyms_tables *t, bool base, char *text, size_t len)
{
	int n = snprintf(text, len,
			 "SYMBOL(kallsyms_names)=%llx\nSYMBOL(kallsyms_num_syms)=%llx\n"
			 "SYMBOL(kallsyms_token_table)=%llx\nSYMBOL(kallsyms_token_index)=%llx\n"
			 "SYMBOL(kallsyms_offsets)=%llx\n",
			 (unsigned long long)t->names, (unsigned long long)t->num_syms,
			 (unsigned long long)t->token_table, (unsigned long long)t->token_index,
			 (unsigned long long)t->offsets);

	if (base)
		snprintf(text + n, len - n, "SYMBOL(kallsyms_relative_base)=%llx\n",
			 (unsigned long long)t->base_place);
}

static void test_exported(void **state)
{
	for (size_t i = 4; i < mklayouts_nr; i++) {
		_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
		_cleanup_kallsyms_ struct kallsyms *ks = NULL;
		bool place = mklayouts[i].kind == KALLSYMS_PLACE;
		struct kallsyms_tables tables = {0};
		struct mkkallsyms mk;
		char text[512];
		uint64_t addr;

		make(&mk, &mklayouts[i]);
		export(&mk.tables, !place, text, sizeof(text));
		assert_ok(vmcoreinfo_create(text, strlen(text), &info));
		assert_true(kallsyms_exported(info, mkkallsyms_read, &mk, mklayouts[i].big_endian,
					      mklayouts[i].word, &tables));
		assert_int_equal(tables.nr_syms, NR);
		assert_int_equal(tables.markers, mk.tables.markers);
		assert_ok(kallsyms_create(&tables, mkkallsyms_read, &mk, &ks));
		assert_int_equal(ks->nr_lost, 0);
		assert_int_equal(ks->tables.kind, mklayouts[i].kind);
		assert_true(kallsyms_lookup(ks, "kallsyms_names", &addr));
		assert_int_equal(addr, mk.tables.names + (place ? 0 : mkvoffset(&mklayouts[i])));
		mkkallsyms_deinit(&mk);
	}
}

static void test_not_exported(void **state)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *none = NULL, *wrong = NULL;
	struct kallsyms_tables tables = {0};
	struct mkkallsyms mk;
	char text[512];

	make(&mk, &mklayouts[10]);
	assert_ok(vmcoreinfo_create("OSRELEASE=5.10\n", 15, &none));
	assert_false(kallsyms_exported(none, mkkallsyms_read, &mk, false, 8, &tables));
	export(&mk.tables, false, text, sizeof(text));
	store_u32(at(&mk, mk.tables.num_syms), 0x7fffffff, false);
	assert_ok(vmcoreinfo_create(text, strlen(text), &wrong));
	assert_false(kallsyms_exported(wrong, mkkallsyms_read, &mk, false, 8, &tables));
	mkkallsyms_deinit(&mk);
}

static void test_create_refuses(void **state)
{
	_cleanup_kallsyms_ struct kallsyms *ks = NULL;
	struct kallsyms_tables tables;
	struct mkkallsyms mk;

	make(&mk, &mklayouts[10]);
	tables = mk.tables;
	tables.token_index = tables.token_table + 10;
	assert_err(kallsyms_create(&tables, mkkallsyms_read, &mk, &ks), ERROR_FORMAT,
		   "kallsyms_token_table");
	tables.token_index = tables.token_table + (1 << 20);
	assert_err(kallsyms_create(&tables, mkkallsyms_read, &mk, &ks), ERROR_FORMAT,
		   "0x100000 bytes long");
	tables = mk.tables;
	tables.token_table += 20;
	assert_err(kallsyms_create(&tables, mkkallsyms_read, &mk, &ks), ERROR_FORMAT,
		   "no 256 tokens");
	tables = mk.tables;
	tables.markers = tables.names;
	assert_err(kallsyms_create(&tables, mkkallsyms_read, &mk, &ks), ERROR_FORMAT, "ends at");
	mkkallsyms_deinit(&mk);
}

static void test_shift(void **state)
{
	struct kallsyms_tables tables = {.names = 100, .token_table = 200, .offsets = 300};

	kallsyms_tables_shift(&tables, 0 - 50ULL);
	assert_int_equal(tables.names, 50);
	assert_int_equal(tables.token_table, 150);
	assert_int_equal(tables.offsets, 250);
	assert_int_equal(tables.markers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),         cmocka_unit_test(test_no_tables),
		cmocka_unit_test(test_no_names),       cmocka_unit_test(test_hole),
		cmocka_unit_test(test_exported),       cmocka_unit_test(test_not_exported),
		cmocka_unit_test(test_create_refuses), cmocka_unit_test(test_shift),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
