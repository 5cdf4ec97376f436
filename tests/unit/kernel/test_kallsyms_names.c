// SPDX-License-Identifier: GPL-2.0-or-later
/* Names behind holes and wrong markers. */
#include "kernel/kallsyms_decode.h"

#include "tests/support/mkkallsyms.h"
#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/checked.h"

#define NR 6000U

static const struct mklayout *const layout = &mklayouts[10]; /* 6.4 */

struct fixture {
	struct mksymbol *symbols;
	struct mkkallsyms mk;
	struct kallsyms *ks;
};

static void init(struct fixture *f)
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

/* Zeros the page that addr is in. */
static void wipe(struct fixture *f, uint64_t addr)
{
	memset(f->mk.data + (align_down(addr, 4096) - f->mk.addr), 0, 4096);
}

/* No name is wrong; returns how many are lost. */
static size_t count_lost(const struct fixture *f)
{
	char name[KALLSYMS_NAME_MAX], type;
	size_t nr = 0;

	for (size_t i = 0; i < NR; i++) {
		if (!kallsyms_expand(f->ks, i, name, &type))
			nr++;
		else
			assert_string_equal(name, f->symbols[i].name);
	}
	return nr;
}

static void test_hole(void **state)
{
	struct fixture f;
	size_t nr, in_page = 4096 / 13;

	init(&f);
	wipe(&f, f.mk.tables.names + 20000);
	mkkallsyms_load(&f.mk, &f.ks);
	nr = count_lost(&f);
	// what is lost is in the hole, but for a few names at its edges
	assert_in_range(nr, in_page - 60, in_page + 60);
	assert_int_equal(f.ks->nr_lost, nr);
	deinit(&f);
}

/* Without the marker behind the hole the names go on at the next one. */
static void test_hole_and_marker(void **state)
{
	struct fixture f;
	size_t nr;

	init(&f);
	f.ks = NULL;
	wipe(&f, f.mk.tables.names + 20000);
	for (size_t i = 0; i < NR / 256; i++) {
		uint8_t *marker = f.mk.data + (f.mk.tables.markers - f.mk.addr) + 4 * i;

		// a marker that is too small is none
		if (load_u32(marker, false) > 20000 && load_u32(marker, false) < 28000)
			store_u32(marker, 1, false);
	}
	mkkallsyms_load(&f.mk, &f.ks);
	nr = count_lost(&f);
	assert_in_range(nr, 400, 700);
	deinit(&f);
}

/* A marker that contradicts the lengths costs the groups on both sides of it. */
static void test_wrong_marker(void **state)
{
	struct fixture f;
	uint8_t *marker;

	init(&f);
	marker = f.mk.data + (f.mk.tables.markers - f.mk.addr) + 4 * 5;
	store_u32(marker, load_u32(marker, false) + 3, false);
	mkkallsyms_load(&f.mk, &f.ks);
	assert_in_range(count_lost(&f), 256, 512);
	deinit(&f);
}

/* Without markers the names are read up to the hole. */
static void test_no_markers(void **state)
{
	struct fixture f;
	struct kallsyms_tables tables = {0};

	init(&f);
	wipe(&f, f.mk.tables.names + 70000);
	assert_true(kallsyms_find(mkkallsyms_read, &f.mk, f.mk.digits, &tables));
	tables.markers = 0;
	assert_ok(kallsyms_create(&tables, mkkallsyms_read, &f.mk, &f.ks));
	assert_in_range(count_lost(&f), 500, 1500);
	deinit(&f);
	init(&f);
	wipe(&f, f.mk.tables.names + 12000);
	assert_err(kallsyms_create(&tables, mkkallsyms_read, &f.mk, &f.ks), ERROR_FORMAT,
		   "names are readable");
	deinit(&f);
}

/* Tokens in a hole cost the names that have them, and no name is wrong. */
static void test_lost_tokens(void **state)
{
	struct kallsyms_tables tables;
	struct fixture f = {.symbols = mksymbols(layout, NR)};
	uint64_t page = 0;

	// until a page ends within the table, behind the digits and before the long tokens
	for (uint64_t place = MKPLACE; !page; place += 64) {
		mkkallsyms_deinit(&f.mk);
		mkkallsyms(&f.mk, layout, f.symbols, NR, place, mkvoffset(layout));
		page = align_down(f.mk.digits + 60, 4096);
		if (page < f.mk.digits + 20 || page > f.mk.digits + 100)
			page = 0;
	}
	tables = f.mk.tables;
	assert_ok(kallsyms_create(&tables, mkkallsyms_read, &f.mk, &f.ks));
	assert_int_equal(count_lost(&f), 0);
	kallsyms_destroy(f.ks);
	f.ks = NULL;
	wipe(&f, page);
	// 't' and 's' are gone with their letters: what is left is for the caller to refuse or not
	assert_true(error_ignore(kallsyms_create(&tables, mkkallsyms_read, &f.mk, &f.ks)) ||
		    count_lost(&f) > NR / 2);
	deinit(&f);
}

static void test_packed(void **state)
{
	const uint64_t addr = 0x10000;
	uint8_t memory[8192] = {3, 'a', 'b', 'c', 0x81, 0x01};
	struct mkkallsyms mk = {.addr = addr, .data = memory, .len = sizeof(memory)};
	const struct kallsyms_tables tables = {.names = addr};
	struct piece piece = {0};
	const uint8_t *codes;
	uint64_t end;
	size_t len;

	memory[5000] = 1;
	assert_ok(piece_load(mkkallsyms_read, &mk, addr, sizeof(memory), &piece));
	assert_true(kallsyms_packed(&tables, &piece, 0, &codes, &len, &end));
	assert_int_equal(len, 3);
	assert_int_equal(end, 4);
	assert_memory_equal(codes, "abc", 3);
	// 1 | 1 << 7
	assert_true(kallsyms_packed(&tables, &piece, 4, &codes, &len, &end));
	assert_int_equal(len, 129);
	assert_int_equal(end, 135);
	// a length of 0, and past the end
	assert_false(kallsyms_packed(&tables, &piece, 135, &codes, &len, &end));
	assert_false(kallsyms_packed(&tables, &piece, sizeof(memory), &codes, &len, &end));
	piece_deinit(&piece);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hole),         cmocka_unit_test(test_hole_and_marker),
		cmocka_unit_test(test_wrong_marker), cmocka_unit_test(test_no_markers),
		cmocka_unit_test(test_lost_tokens),  cmocka_unit_test(test_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
