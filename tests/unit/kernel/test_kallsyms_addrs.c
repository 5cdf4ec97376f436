// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses in holes, out of order, and tables that are none. */
#include "kernel/kallsyms_decode.h"

#include "tests/support/mkkallsyms.h"
#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/checked.h"

#define NR 6000U

struct fixture {
	struct mksymbol *symbols;
	struct mkkallsyms mk;
	struct kallsyms *ks;
};

static void init(struct fixture *f, const struct mklayout *layout)
{
	f->symbols = mksymbols(layout, NR);
	mkkallsyms(&f->mk, layout, f->symbols, NR, MKPLACE, mkvoffset(layout));
	f->ks = NULL;
}

static void deinit(struct fixture *f)
{
	kallsyms_destroy(f->ks);
	mkkallsyms_deinit(&f->mk);
	free(f->symbols);
}

static uint8_t *at(const struct fixture *f, uint64_t addr)
{
	return f->mk.data + (addr - f->mk.addr);
}

static struct error *create(struct fixture *f, struct kallsyms_tables *tables)
{
	return kallsyms_create(tables, mkkallsyms_read, &f->mk, &f->ks);
}

/* Whatever is found is right; returns how many addresses are lost. */
static size_t check_found(const struct fixture *f)
{
	static struct kallsyms_symbol found;
	size_t nr = 0;

	for (size_t i = 0; i < NR; i++) {
		uint64_t addr;

		if (!kallsyms_lookup(f->ks, f->symbols[i].name, &addr)) {
			nr++;
			continue;
		}
		assert_int_equal(addr, f->symbols[i].addr);
		// no other symbol is taken for one that is lost
		if (kallsyms_at(f->ks, f->symbols[i].addr + 3, &found))
			assert_true(f->symbols[i].addr + 3 - found.addr < 16);
	}
	return nr;
}

static void test_hole(void **state)
{
	struct fixture f;
	static struct kallsyms_symbol found;
	size_t first;
	uint64_t page;

	init(&f, &mklayouts[11]);
	page = align_up(f.mk.tables.offsets + 4096, 4096);
	memset(at(&f, page), 0, 4096);
	mkkallsyms_load(&f.mk, &f.ks);
	assert_int_equal(check_found(&f), 1024);
	assert_int_equal(f.ks->nr_lost, 1024);
	// the one before the hole has no known end, but a beginning
	first = (page - f.mk.tables.offsets) / 4;
	assert_true(kallsyms_at(f.ks, f.symbols[first - 1].addr, &found));
	assert_int_equal(found.size, 0);
	assert_false(kallsyms_at(f.ks, f.symbols[first - 1].addr + 1, &found));
	assert_false(kallsyms_at(f.ks, f.symbols[first + 500].addr, &found));
	assert_true(kallsyms_at(f.ks, f.symbols[first + 1024].addr, &found));
	deinit(&f);
}

static void test_disorder(void **state)
{
	struct fixture f;
	uint64_t addr;

	init(&f, &mklayouts[11]);
	// one too low, one too high
	store_u32(at(&f, f.mk.tables.offsets + 4 * 2000), 17, false);
	store_u32(at(&f, f.mk.tables.offsets + 4 * 3000), 0x7fffffff, false);
	mkkallsyms_load(&f.mk, &f.ks);
	assert_int_equal(check_found(&f), 2);
	assert_false(kallsyms_lookup(f.ks, f.symbols[2000].name, &addr));
	assert_false(kallsyms_lookup(f.ks, f.symbols[3000].name, &addr));
	deinit(&f);
}

static void test_no_layout(void **state)
{
	struct kallsyms_tables tables = {0};
	struct fixture f;

	init(&f, &mklayouts[11]);
	for (size_t i = 0; i < NR; i++)
		store_u32(at(&f, f.mk.tables.offsets + 4 * i), (uint32_t)(i * 2654435761U), false);
	assert_true(kallsyms_find(mkkallsyms_read, &f.mk, f.mk.digits, &tables));
	assert_err(create(&f, &tables), ERROR_FORMAT, "no layout gives ascending addresses");
	deinit(&f);
	// all in one place are no addresses
	init(&f, &mklayouts[11]);
	for (size_t i = 0; i < NR; i++)
		store_u32(at(&f, f.mk.tables.offsets + 4 * i), 0x1000, false);
	assert_true(kallsyms_find(mkkallsyms_read, &f.mk, f.mk.digits, &tables));
	assert_err(create(&f, &tables), ERROR_FORMAT, "no layout");
	deinit(&f);
}

/* Offsets from a base that is lost also ascend as offsets from their places: that has to be proven,
 * and is not, whether the symbols that would prove it are there or not. */
static void test_lost_base(void **state)
{
	const struct mklayout *layout = &mklayouts[11];

	for (unsigned int gone = 0; gone < 2; gone++) {
		struct fixture f = {.symbols = mksymbols(layout, NR)};
		struct kallsyms_tables tables = {0};

		if (gone)
			strcpy(f.symbols[NR - 1].name, "something_else");
		mkkallsyms(&f.mk, layout, f.symbols, NR, MKPLACE, mkvoffset(layout));
		store_u64(at(&f, f.mk.tables.base_place), 0, false);
		assert_true(kallsyms_find(mkkallsyms_read, &f.mk, f.mk.digits, &tables));
		assert_err(create(&f, &tables), ERROR_FORMAT, "no layout");
		deinit(&f);
	}
}

/* Place-relative tables without symbols of their own are proven by symbols that share an address,
 * or by the banner. */
static void test_place_proven(void **state)
{
	const struct mklayout *layout = &mklayouts[14];
	struct fixture f = {.symbols = mksymbols(layout, NR)};
	struct kallsyms_tables tables = {0};
	uint64_t banner;

	strcpy(f.symbols[NR - 1].name, "something_else");
	strcpy(f.symbols[NR - 2].name, "linux_banner");
	f.symbols[NR - 1].addr = f.symbols[NR - 2].addr = mkvoffset(layout) + MKPLACE + 0x80000;
	mkkallsyms(&f.mk, layout, f.symbols, NR, MKPLACE, mkvoffset(layout));
	assert_true(kallsyms_find(mkkallsyms_read, &f.mk, f.mk.digits, &tables));
	assert_ok(create(&f, &tables));
	assert_int_equal(f.ks->tables.kind, KALLSYMS_PLACE);
	kallsyms_destroy(f.ks);
	f.ks = NULL;
	mkkallsyms_deinit(&f.mk);
	for (size_t i = 0; i < NR - 2; i++)
		f.symbols[i].addr = f.symbols[0].addr + 16 * i;
	mkkallsyms(&f.mk, layout, f.symbols, NR, MKPLACE, mkvoffset(layout));
	assert_err(create(&f, &tables), ERROR_FORMAT, "no layout");
	f.mk.len = 0x80000 + 64;
	memcpy(at(&f, MKPLACE + 0x80000), "Linux version 7.0", 17);
	assert_ok(create(&f, &tables));
	assert_int_equal(f.ks->tables.kind, KALLSYMS_PLACE);
	assert_true(kallsyms_lookup(f.ks, "linux_banner", &banner));
	assert_int_equal(banner, MKPLACE + 0x80000);
	deinit(&f);
}

/* What VMCOREINFO says is used as it is, and if it is wrong the layouts are tried. */
static void test_given(void **state)
{
	struct kallsyms_tables tables;
	struct fixture f;

	init(&f, &mklayouts[4]);
	tables = f.mk.tables;
	tables.kind = KALLSYMS_RELATIVE;
	assert_ok(create(&f, &tables));
	assert_int_equal(f.ks->tables.kind, KALLSYMS_PERCPU);
	assert_int_equal(check_found(&f), 0);
	kallsyms_destroy(f.ks);
	tables.offsets += 0x4000;
	assert_ok(create(&f, &tables));
	assert_int_equal(f.ks->tables.offsets, f.mk.tables.offsets);
	assert_int_equal(check_found(&f), 0);
	deinit(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hole),         cmocka_unit_test(test_disorder),
		cmocka_unit_test(test_no_layout),    cmocka_unit_test(test_lost_base),
		cmocka_unit_test(test_place_proven), cmocka_unit_test(test_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
