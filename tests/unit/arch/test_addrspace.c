// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "arch/addrspace.h"
#include "arch/arch.h"
#include "util/bytes.h"

/** One table of 16 entries of 64 KiB: entry i maps to i times 1 MiB, 0 is a hole. */
static bool read_table(void *arg, uint64_t paddr, void *buf, size_t len)
{
	const bool *missing = arg;
	uint8_t entries[16 * 8] = {0};

	if (*missing || paddr < 0x8000 || paddr + len > 0x8000 + sizeof(entries))
		return false;
	for (uint64_t i = 1; i < 16; i++)
		store_u64(entries + i * 8, i << 20, false);
	memcpy(buf, entries + (paddr - 0x8000), len);
	return true;
}

static enum pte_type pte(const struct paging *paging, unsigned int level, uint64_t entry,
			 uint64_t *paddr, unsigned int *flags)
{
	*paddr = entry;
	*flags = MAP_WRITE;
	return entry ? PTE_LEAF : PTE_NONE;
}

static const struct arch test_arch = {.name = "test", .word = 8, .pte = pte};

static struct addrspace make(bool *missing)
{
	return (struct addrspace){
		.arch = &test_arch,
		.paging = {.page_shift = 16,
			   .nr_levels = 1,
			   .bits = {4},
			   .shift = {16},
			   .last = 0xfffff,
			   .entry_size = 8,
			   .root = 0x8000},
		.read = read_table,
		.read_arg = missing,
	};
}

static struct mapping translate(const struct addrspace *as, uint64_t vaddr)
{
	struct mapping map;

	memset(&map, 0x5a, sizeof(map));
	addrspace_translate(as, vaddr, &map);
	return map;
}

static void linear_map_comes_first(void **state)
{
	const struct linear_map direct = {.start = 0x30000, .last = 0x4ffff, .paddr = 0x777000};
	bool missing = false;
	struct addrspace as = make(&missing);
	struct mapping map;

	assert_true(addrspace_add_linear(&as, &direct));
	map = translate(&as, 0x31234);
	assert_int_equal(map.status, MAP_OK);
	assert_int_equal(map.paddr, 0x778234);
	assert_int_equal(map.len, 0x50000 - 0x31234);
	assert_int_equal(map.flags, 0);
	map = translate(&as, 0x4ffff);
	assert_int_equal(map.paddr, 0x796fff);
	assert_int_equal(map.len, 1);
	map = translate(&as, 0x50001);
	assert_int_equal(map.paddr, 0x500001);
	assert_int_equal(map.len, 0xffff);
	assert_int_equal(map.flags, MAP_WRITE);
	// a stretch of the tables ends where the linear map begins
	map = translate(&as, 0x2fff0);
	assert_int_equal(map.paddr, 0x20fff0);
	assert_int_equal(map.len, 0x10);
}

static void stretch_stops_within_a_leaf(void **state)
{
	const struct linear_map direct = {.start = 0x28000, .last = 0x28fff, .paddr = 0};
	bool missing = false;
	struct addrspace as = make(&missing);

	assert_true(addrspace_add_linear(&as, &direct));
	assert_int_equal(translate(&as, 0x20000).len, 0x8000);
	assert_int_equal(translate(&as, 0x29000).paddr, 0x209000);
}

static void fallback_only_without_tables(void **state)
{
	const struct linear_map image = {
		.start = 0x20000, .last = 0x3ffff, .paddr = 0x1000, .fallback = true};
	bool missing = false;
	struct addrspace as = make(&missing);
	struct mapping map;

	assert_true(addrspace_add_linear(&as, &image));
	assert_int_equal(translate(&as, 0x20010).paddr, 0x200010);
	missing = true;
	map = translate(&as, 0x20010);
	assert_int_equal(map.status, MAP_OK);
	assert_int_equal(map.paddr, 0x1010);
	assert_int_equal(map.len, 0x1fff0);
	map = translate(&as, 0x10000);
	assert_int_equal(map.status, MAP_NO_TABLE);
	assert_int_equal(map.len, 0x10000);
	assert_int_equal(translate(&as, 0x40000).status, MAP_NO_TABLE);
}

static void without_tables_only_linear(void **state)
{
	const struct linear_map image = {
		.start = 0, .last = UINT64_MAX, .paddr = 0x1000, .fallback = true};
	bool missing = false;
	struct addrspace as = make(&missing);
	struct mapping map;

	as.paging.nr_levels = 0;
	map = translate(&as, 0);
	assert_int_equal(map.status, MAP_NO_TABLE);
	assert_int_equal(map.len, 0); // 2^64
	map = translate(&as, 0xfff);
	assert_int_equal(map.len, 0 - 0xfffULL);
	assert_true(addrspace_add_linear(&as, &image));
	map = translate(&as, 0);
	assert_int_equal(map.status, MAP_OK);
	assert_int_equal(map.paddr, 0x1000);
	assert_int_equal(map.len, 0);
}

static void table_of_maps_is_bounded(void **state)
{
	const struct linear_map bad = {.start = 2, .last = 1};
	const struct linear_map good = {.start = 1, .last = 1, .kind = LINEAR_KERNEL_IMAGE};
	bool missing = false;
	struct addrspace as = make(&missing);

	assert_false(addrspace_add_linear(&as, &bad));
	assert_null(addrspace_linear(&as, LINEAR_KERNEL_IMAGE));
	for (unsigned int i = 0; i < ADDRSPACE_MAX_LINEAR; i++)
		assert_true(addrspace_add_linear(&as, &good));
	assert_false(addrspace_add_linear(&as, &good));
	assert_ptr_equal(addrspace_linear(&as, LINEAR_KERNEL_IMAGE), &as.linear[0]);
	assert_null(addrspace_linear(&as, LINEAR_DIRECT_MAP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linear_map_comes_first),
		cmocka_unit_test(stretch_stops_within_a_leaf),
		cmocka_unit_test(fallback_only_without_tables),
		cmocka_unit_test(without_tables_only_linear),
		cmocka_unit_test(table_of_maps_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
