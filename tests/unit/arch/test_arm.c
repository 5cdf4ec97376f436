// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/tables.h"

#define SECTION                                                                           \
	0x1940eULL /* write-back, shared, kernel read and write, as Linux maps low memory \
		    */
#define TABLE 0x1ULL
#define SMALL 0x45eULL /* kernel read and write */

static void entry32(struct tables *t, uint64_t table, unsigned int index, uint32_t value)
{
	tables_u32(t, table + index * 4ULL, value, t->as.big_endian);
}

/** RAM from 0x40000000 on, of which low memory has 256 MiB. */
static void short_tables(struct tables *t)
{
	tables_zero(t, 0x40204000, 16384);
	for (uint32_t i = 0; i < 256; i++)
		entry32(t, 0x40204000, 0xc00 + i, 0x40000000 | i << 20 | 0x1140e);
	entry32(t, 0x40204000, 0xc10, 0); // a hole in it
	entry32(t, 0x40204000, 0xf00, 0x44000400 | TABLE);
	entry32(t, 0x44000400, 2, 0x4c123000 | SMALL);
	for (uint32_t i = 0x10; i < 0x20; i++)
		entry32(t, 0x44000400, i, 0x4c450000 | 0x259); // 64K, read-only
	for (uint32_t i = 0; i < 16; i++)
		entry32(t, 0x40204000, 0xf10 + i, 0x6055054e); // 16M, executable, beyond 4G
}

static void test_short(void **state)
{
	static const bool orders[] = {false, true};
	uint64_t vaddr;

	for (size_t i = 0; i < 2; i++) {
		struct tables t;

		tables_init(&t, &arch_arm, orders[i]);
		t.facts.max_paddr = 0x50000000;
		short_tables(&t);
		assert_ok(tables_learn(&t, "SYMBOL(swapper_pg_dir)=c0204000\n"));
		assert_true(t.as.paging.root == 0x40204000);
		assert_walk(&t, 0xc0204004, 0x40204004, 1, MAP_WRITE | MAP_EXEC);
		assert_walk(&t, 0xf0002abc, 0x4c123abc, 0, MAP_WRITE | MAP_EXEC);
		assert_walk(&t, 0xf001cdef, 0x4c45cdef, 0, MAP_EXEC);
		assert_walk(&t, 0xf1abcdef, 0xa560abcdef, 1, MAP_WRITE | MAP_EXEC);
		assert_hole(&t, 0xf0003000, 0);
		assert_hole(&t, 0x80000000, 1);
		assert_true(arch_arm.phys_to_virt(&t.as, 0x4fffffff, &vaddr));
		assert_true(vaddr == 0xcfffffff);
		assert_false(arch_arm.phys_to_virt(&t.as, 0x50000000, &vaddr));
		assert_false(arch_arm.phys_to_virt(&t.as, 0x3fffffff, &vaddr));
		tables_deinit(&t);
	}
}

static void test_lpae(void **state)
{
	struct tables t;

	tables_init(&t, &arch_arm, false);
	t.facts.max_paddr = 0x840000000;
	for (unsigned int i = 0; i < 4; i++)
		tables_entry(&t, 0x800203000, i, (0x800204000 + i * 0x1000) | 3);
	tables_zero(&t, 0x800204000, 0x4000);
	for (unsigned int i = 0; i < 384; i++)
		tables_entry(&t, 0x800207000, i, (0x800000000 + ((uint64_t)i << 21)) | 0x70d);
	tables_entry(&t, 0x800207000, 0x180, 0x810000003);
	tables_entry(&t, 0x810000000, 1, 0xff12345003 | 1ULL << 54 | 0x80);
	assert_ok(tables_learn(&t, "CONFIG_ARM_LPAE=y\nSYMBOL(swapper_pg_dir)=c0203000\n"));
	assert_true(t.as.paging.root == 0x800203000);
	assert_walk(&t, 0xc0203008, 0x800203008, 1, MAP_WRITE | MAP_EXEC);
	assert_walk(&t, 0xf0001ffc, 0xff12345ffc, 0, 0);
	assert_hole(&t, 0xbf000000, 1);
	assert_linear(&t, 0xefffffff, 0x82fffffff);
	tables_deinit(&t);
}

static void test_entries(void **state)
{
	struct paging lpae = {.entry_size = 8, .shift = {12, 21, 30}, .addr_mask = 0xfffffff000};
	struct paging two = {.entry_size = 4, .shift = {12, 20}, .addr_mask = 0xfffff000};
	uint64_t paddr;
	unsigned int flags;

	assert_int_equal(arch_arm.pte(&two, 1, 0x44000410, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_arm.pte(&two, 0, 0x44000410, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_arm.pte(&two, 0, 0x4c123a3f, &paddr, &flags), PTE_LEAF);
	assert_true(paddr == 0x4c123000);
	assert_int_equal(flags, MAP_USER); // read-only, bit 0 is XN
	assert_int_equal(arch_arm.pte(&two, 1, 0x4c10941e, &paddr, &flags), PTE_LEAF);
	assert_int_equal(flags, 0); // read-only, bit 4 is XN
	assert_int_equal(arch_arm.pte(&two, 1, 0x4c100c0e, &paddr, &flags), PTE_LEAF);
	assert_int_equal(flags, MAP_WRITE | MAP_USER | MAP_EXEC);
	assert_int_equal(arch_arm.pte(&two, 0, 0x4c458059, &paddr, &flags), PTE_LEAF);
	assert_true(paddr == 0x4c450000);
	assert_int_equal(flags, MAP_WRITE); // bit 15 is XN
	assert_int_equal(arch_arm.leaf_shift(&two, 1, 0x6055054e), 24);
	assert_int_equal(arch_arm.leaf_shift(&two, 1, 0x6051054e), 20);
	assert_int_equal(arch_arm.leaf_shift(&two, 0, 0x4c450259), 16);
	assert_int_equal(arch_arm.leaf_shift(&two, 0, 0x4c45027a), 12);
	assert_int_equal(arch_arm.leaf_shift(&lpae, 1, 0x840000701), 21);
	assert_int_equal(arch_arm.pte(&lpae, 0, 0x840000701, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_arm.pte(&lpae, 2, 0x840000741, &paddr, &flags), PTE_LEAF);
	assert_int_equal(flags, MAP_WRITE | MAP_USER | MAP_EXEC);
}

static void test_missing(void **state)
{
	struct tables t;

	tables_init(&t, &arch_arm, false);
	assert_err(tables_learn(&t, ""), ERROR_NOT_FOUND, "swapper_pg_dir");
	assert_err(tables_learn(&t, "SYMBOL(swapper_pg_dir)=c0204000\n"), ERROR_NOT_FOUND,
		   "map themselves at 0xc0204000");
	tables_deinit(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_lpae),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
