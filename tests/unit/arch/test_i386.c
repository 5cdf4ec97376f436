// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/tables.h"

#define TABLE 0x67ULL
#define RW    0x163ULL
#define RX    0x121ULL
#define PSE   0x80ULL
#define NX    (1ULL << 63)

static void entry32(struct tables *t, uint64_t table, unsigned int index, uint32_t value)
{
	tables_u32(t, table + index * 4ULL, value, false);
}

static void test_two_levels(void **state)
{
	struct mapping run;
	struct tables t;
	uint64_t vaddr;

	tables_init(&t, &arch_i386, false);
	// 64 MiB of low memory: pages of 4M, and one table
	for (uint32_t i = 0; i < 15; i++)
		entry32(&t, 0x1e74000, 0x300 + i, i << 22 | PSE | RW);
	entry32(&t, 0x1e74000, 0x30f, 0x2000000 | TABLE);
	for (uint32_t i = 0; i < 1000; i++)
		entry32(&t, 0x2000000, i, 0x3c00000 | i << 12 | RX);
	entry32(&t, 0x1e74000, 0x3e0, 0x2001000 | TABLE); // vmalloc
	entry32(&t, 0x2001000, 1, 0xfee00000 | RW);
	entry32(&t, 0x1e74000, 0x3f0, 0x12c4a000 | PSE | RW); // PSE-36
	assert_ok(tables_learn(&t, "SYMBOL(swapper_pg_dir)=c1e74000\n"));
	assert_walk(&t, 0xc1e74004, 0x1e74004, 1, MAP_WRITE | MAP_EXEC);
	assert_walk(&t, 0xc3c01234, 0x3c01234, 0, MAP_EXEC);
	assert_walk(&t, 0xf8001010, 0xfee00010, 0, MAP_WRITE | MAP_EXEC);
	assert_walk(&t, 0xfc012345, 0x2512c12345, 1, MAP_WRITE | MAP_EXEC);
	assert_hole(&t, 0xf8002000, 0);
	assert_hole(&t, 0x12345678, 1);
	pgtable_walk(&t.as, 0xffff000000000000, &run);
	assert_int_equal(run.status, MAP_UNMAPPED);
	// low memory is as long as the tables say
	assert_true(arch_i386.phys_to_virt(&t.as, 0x3fe7fff, &vaddr));
	assert_true(vaddr == 0xc3fe7fff);
	assert_false(arch_i386.phys_to_virt(&t.as, 0x3fe8000, &vaddr));
	tables_deinit(&t);
}

static void test_pae(void **state)
{
	struct tables t;

	tables_init(&t, &arch_i386, false);
	tables_entry(&t, 0x8e98000, 2, 0x2000000 | 1); // CONFIG_VMSPLIT_2G: from 0x80000000 on
	tables_entry(&t, 0x8e98000, 3, 0x2001000 | 1);
	for (unsigned int i = 0; i < 512; i++)
		tables_entry(&t, 0x2000000, i, (uint64_t)i << 21 | PSE | RW | NX);
	tables_entry(&t, 0x2001000, 0x1c0, 0x2002000 | TABLE);
	tables_entry(&t, 0x2002000, 1, 0xf12345000 | RX);
	tables_entry(&t, 0x2002000, 2, 0xf12345000 | RX | NX);
	assert_ok(tables_learn(&t, "CONFIG_X86_PAE=y\nSYMBOL(swapper_pg_dir)=88e98000\n"));
	assert_walk(&t, 0x88e98008, 0x8e98008, 1, MAP_WRITE);
	assert_walk(&t, 0xf8001010, 0xf12345010, 0, MAP_EXEC);
	assert_walk(&t, 0xf8002010, 0xf12345010, 0, 0);
	assert_hole(&t, 0x40000000, 2);
	assert_linear(&t, 0xbfffffff, 0x3fffffff);
	tables_deinit(&t);
}

static void test_wrong(void **state)
{
	struct tables t;

	tables_init(&t, &arch_i386, false);
	assert_err(tables_learn(&t, ""), ERROR_NOT_FOUND, "swapper_pg_dir");
	assert_err(tables_learn(&t, "SYMBOL(swapper_pg_dir)=c1e74000\n"), ERROR_NOT_FOUND,
		   "0xc1e74000");
	// tables of two levels taken for three, every entry its own table
	for (unsigned int i = 0; i < 512; i++)
		tables_entry(&t, 0x1e74000, i, 0x1e74000 | TABLE);
	assert_ok(tables_learn(&t, "CONFIG_X86_PAE=y\nSYMBOL(swapper_pg_dir)=c1e74000\n"));
	assert_walk(&t, 0x12345678, 0x1e74678, 0, MAP_WRITE | MAP_USER | MAP_EXEC);
	tables_deinit(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_levels),
		cmocka_unit_test(test_pae),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
