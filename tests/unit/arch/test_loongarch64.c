// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/tables.h"

#define ROOT    0x2000000ULL
#define WINDOW  0x9000000000000000ULL
#define KERNEL  0xd3ULL /* valid, dirty, coherent, global or huge, present */
#define WRITE   (1ULL << 8)
#define HGLOBAL (1ULL << 12)
#define NO_EXEC (1ULL << 62)

#define SWAPPER "SYMBOL(swapper_pg_dir)=9000000002000000\n"

/** Tables from ROOT on that lead to vaddr in nr_levels, and its entry. */
static void map(struct tables *t, unsigned int page_shift, unsigned int nr_levels, uint64_t vaddr,
		unsigned int leaf_level, uint64_t value)
{
	unsigned int width = page_shift - 3;
	uint64_t table = ROOT;

	for (unsigned int level = nr_levels - 1;; level--) {
		unsigned int index = vaddr >> (page_shift + level * width) & ((1U << width) - 1);

		if (level == leaf_level) {
			tables_entry(t, table, index, value);
			return;
		}
		if (!tables_get(t, table, index))
			tables_entry(t, table, index, WINDOW | tables_new(t));
		table = tables_get(t, table, index) & ~WINDOW;
	}
}

static void test_windows(void **state)
{
	struct tables t;
	uint64_t vaddr;

	tables_init(&t, &arch_loongarch64, false);
	assert_err(tables_learn(&t, "PAGESIZE=16384\n"), ERROR_NOT_FOUND, "swapper_pg_dir");
	assert_linear(&t, 0x9000000212345678, 0x212345678);
	assert_linear(&t, 0x800000001fe001e0, 0x1fe001e0);
	assert_linear(&t, 0xa0000e0000001000, 0xe0000001000);
	assert_true(arch_loongarch64.phys_to_virt(&t.as, 0x212345678, &vaddr));
	assert_true(vaddr == 0x9000000212345678);
	assert_false(arch_loongarch64.phys_to_virt(&t.as, 1ULL << 48, &vaddr));
	assert_err(tables_learn(&t, SWAPPER), ERROR_NOT_FOUND, "PAGESIZE");
	tables_deinit(&t);
}

static void test_16k(void **state)
{
	struct tables t;

	tables_init(&t, &arch_loongarch64, false);
	// nothing is a chain of tables in which nothing is
	tables_zero(&t, 0x2800000, 16384);
	tables_entry(&t, 0x2810000, 0, WINDOW | 0x2800000);
	tables_entry(&t, ROOT, 5, WINDOW | 0x2810000);
	map(&t, 14, 3, 0xffff800002010000, 0, 0x12344000 | KERNEL | NO_EXEC | WRITE);
	map(&t, 14, 3, 0xffff800002014000, 0, 0x5000054320000 | 0xc1); // above 48 bits: not address
	map(&t, 14, 3, 0xfffffefffe000000, 1, 0xa0000000 | HGLOBAL | KERNEL | WRITE | NO_EXEC);
	assert_ok(tables_learn(&t, SWAPPER "PAGESIZE=16384\n"
					   "NUMBER(VMALLOC_START)=0xffff800012008000\n"));
	assert_int_equal(t.as.paging.nr_levels, 3);
	assert_true(t.as.paging.first == 0xffff800000000000);
	assert_walk(&t, 0xffff800002013ffc, 0x12347ffc, 0, MAP_WRITE);
	assert_walk(&t, 0xffff800002014010, 0x54320010, 0, MAP_EXEC);
	assert_walk(&t, 0xfffffeffffffffff, 0xa1ffffff, 1, MAP_WRITE);
	assert_hole(&t, 0xffff800000000000 + (5ULL << 36), 0);
	assert_hole(&t, 0xffff800000000000 + (6ULL << 36), 2);
	assert_hole(&t, 0xffff7fffffffffff, 2); // below vm_map_base
	assert_hole(&t, 0x2010000, 2);          // user space has tables of its own
	tables_deinit(&t);
}

/** The number of levels is that of the tables for nothing that the kernel has. */
static void test_levels(void **state)
{
	struct tables t;

	tables_init(&t, &arch_loongarch64, false);
	tables_symbol(&t, "invalid_pte_table", WINDOW | 0x2800000);
	map(&t, 16, 2, 0xffff800002010000, 0, 0x12340000 | KERNEL);
	assert_ok(tables_learn(&t, SWAPPER "PAGESIZE=65536\n"));
	assert_walk(&t, 0xffff800002010008, 0x12340008, 0, MAP_EXEC);
	tables_deinit(&t);

	tables_init(&t, &arch_loongarch64, false);
	tables_symbol(&t, "invalid_pte_table", WINDOW | 0x2800000);
	tables_symbol(&t, "invalid_pmd_table", WINDOW | 0x2810000);
	tables_symbol(&t, "invalid_pud_table", WINDOW | 0x2820000);
	map(&t, 12, 4, 0xffffff8002010000, 0, 0x12340000 | KERNEL);
	assert_ok(tables_learn(&t, SWAPPER "PAGESIZE=4096\n"
					   "NUMBER(VMALLOC_START)=0xffffff8012008000\n"));
	assert_walk(&t, 0xffffff8002010008, 0x12340008, 0, MAP_EXEC);
	assert_true(t.as.paging.first == 0xffffff8000000000);
	assert_ok(tables_learn(&t, SWAPPER "PAGESIZE=4096\nNUMBER(VMALLOC_START)=-1\n"));
	assert_true(t.as.paging.first == 0xffff800000000000);
	assert_ok(tables_learn(&t, SWAPPER "PAGESIZE=4096\n"));
	assert_true(t.as.paging.first == 0xffff800000000000);
	tables_deinit(&t);
}

static void test_entries(void **state)
{
	struct paging paging = {.shift = {14, 25, 36}, .addr_mask = 0x0000ffffffffc000};
	uint64_t paddr;
	unsigned int flags;

	// not present; a huge page one level too high; no address of the cached window
	assert_int_equal(arch_loongarch64.pte(&paging, 0, 0x12340041, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_loongarch64.pte(&paging, 2, 0xa0000000 | KERNEL, &paddr, &flags),
			 PTE_NONE);
	assert_int_equal(arch_loongarch64.pte(&paging, 1, 0x2810000, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_loongarch64.pte(&paging, 1, WINDOW | 0x2810000, &paddr, &flags),
			 PTE_TABLE);
	assert_true(paddr == 0x2810000);
	assert_int_equal(arch_loongarch64.pte(&paging, 0, 0x1234400000008d, &paddr, &flags),
			 PTE_LEAF);
	assert_int_equal(flags, MAP_USER | MAP_EXEC);
	assert_int_equal(arch_loongarch64.pte(&paging, 0, 0x81 | NO_EXEC, &paddr, &flags),
			 PTE_LEAF);
	assert_int_equal(flags, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_16k),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
