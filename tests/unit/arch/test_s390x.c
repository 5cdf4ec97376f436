// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/tables.h"

#define ROOT 0x2040000ULL

// Entries of a region-third, segment and page table that lead on, and of the empty ones.
#define REGION3       0x7ULL
#define REGION3_EMPTY 0x24ULL
#define SEGMENT_EMPTY 0x20ULL
#define PAGE_EMPTY    0x400ULL
#define LARGE         0x400ULL
#define PROTECT       0x200ULL
#define NOEXEC        0x100ULL
#define SOFTWARE      0x33ULL /* read, write, dirty, young of the kernel */

#define SEPARATE                               \
	"OSRELEASE=6.12.0\n"                   \
	"SYMBOL(swapper_pg_dir)=3fffff40000\n" \
	"IDENTITYBASE=0\n"                     \
	"KERNELOFFSET=3fffe7f8000\n"           \
	"KERNELOFFPHYS=8f8000\n"

static void fill(struct tables *t, uint64_t table, unsigned int nr, uint64_t value)
{
	for (unsigned int i = 0; i < nr; i++)
		tables_entry(t, table, i, value);
}

/** A root with an image in the upper end of 4T, as 6.12 makes it; identity map from 0. */
static void init(struct tables *t)
{
	tables_init(t, &arch_s390x, true);
	t->facts.max_paddr = 0x80000000;
	fill(t, ROOT, 2048, REGION3_EMPTY);
	tables_entry(t, ROOT, 0x7ff, 0x3000000 | REGION3);
	tables_entry(t, ROOT, 0, 0x80000000 | LARGE | 0x4 | NOEXEC); // 2G
	fill(t, 0x3000000, 2048, SEGMENT_EMPTY);
	tables_entry(t, 0x3000000, 0x7ff, 0x3004800); // a page table in the upper half of its page
	tables_entry(t, 0x3000000, 0x7fe, 0x1e00000 | LARGE | PROTECT);
	fill(t, 0x3004800, 256, PAGE_EMPTY);
	tables_entry(t, 0x3004800, 0x40, ROOT | SOFTWARE | NOEXEC);
	tables_entry(t, 0x3004800, 0xff, 0x12345000 | PROTECT | SOFTWARE);
}

static void test_separate_image(void **state)
{
	struct tables t;
	uint64_t vaddr;

	init(&t);
	assert_ok(tables_learn(&t, SEPARATE));
	assert_int_equal(t.as.paging.nr_levels, 3);
	assert_walk(&t, 0x3fffff40008, 0x2040008, 0, MAP_WRITE);
	assert_walk(&t, 0x3ffffffffff, 0x12345fff, 0, MAP_EXEC);
	assert_walk(&t, 0x3ffffe12345, 0x1e12345, 1, MAP_EXEC);
	assert_walk(&t, 0x7654321, 0x87654321, 2, MAP_WRITE);
	assert_hole(&t, 0x3fffff41000, 0);
	assert_hole(&t, 0x3ff80000000, 1);
	assert_hole(&t, 0x80000000, 2);
	assert_hole(&t, 0x40000000000, 2); // 4T, where the root ends
	assert_hole(&t, 0xffffffffffffffff, 2);
	assert_linear(&t, 0x3fffe7f9010, 0x8f9010);
	assert_linear(&t, 0x7ffff010, 0x7ffff010);
	assert_true(arch_s390x.phys_to_virt(&t.as, 0x1000, &vaddr));
	assert_true(vaddr == 0x1000);
	assert_false(arch_s390x.phys_to_virt(&t.as, 0x80000000, &vaddr));
	assert_true(addrspace_linear(&t.as, LINEAR_KERNEL_IMAGE)->last == 0x4001e7f7fff);
	t.facts.max_paddr = 0;
	assert_ok(tables_learn(&t, SEPARATE));
	assert_true(addrspace_linear(&t.as, LINEAR_DIRECT_MAP)->last == 0x3fffe7f7fff);
	t.facts.max_paddr = 0x80000000;

	assert_ok(tables_learn(&t, "OSRELEASE=6.12.0\n"
				   "SYMBOL(swapper_pg_dir)=3fffff40000\n"
				   "IDENTITYBASE=100000000\n"
				   "KERNELOFFSET=3fffe7f8000\n"
				   "KERNELOFFPHYS=8f8000\n"));
	assert_linear(&t, 0x100001010, 0x1010);
	tables_deinit(&t);
}

/** Before 6.10 virtual is physical, though KASLR may have moved the image. */
static void test_identity(void **state)
{
	struct tables t;

	init(&t);
	tables_entry(&t, ROOT, 0, 0x3010000 | REGION3);
	fill(&t, 0x3010000, 2048, SEGMENT_EMPTY);
	tables_entry(&t, 0x3010000, 0x20, 0x2000000 | LARGE);
	assert_ok(tables_learn(&t, "OSRELEASE=6.1.0\n"
				   "SYMBOL(swapper_pg_dir)=2040000\n"
				   "KERNELOFFSET=1000000\n"));
	assert_walk(&t, 0x2040010, 0x2040010, 1, MAP_WRITE | MAP_EXEC);
	assert_linear(&t, 0x7ffff010, 0x7ffff010);
	assert_null(addrspace_linear(&t.as, LINEAR_KERNEL_IMAGE));
	tables_deinit(&t);
}

/** Four and five levels, told by the entries of the root. */
static void test_levels(void **state)
{
	struct tables t;

	init(&t);
	tables_entry(&t, ROOT, 0, LARGE | 0x4);
	fill(&t, 0x2060000, 2048, 0x28);
	tables_entry(&t, 0x2060000, 0, ROOT | 0xb);
	assert_ok(tables_learn(&t, "OSRELEASE=6.1.0\nSYMBOL(swapper_pg_dir)=2060000\n"));
	assert_int_equal(t.as.paging.nr_levels, 4);
	assert_walk(&t, 0x12345678, 0x12345678, 2, MAP_WRITE | MAP_EXEC);
	assert_hole(&t, 0x40000000000, 3);
	assert_hole(&t, 0x20000000000000, 3);

	fill(&t, 0x2080000, 2048, 0x2c);
	tables_entry(&t, 0x2080000, 0, 0x2060000 | 0xf);
	tables_entry(&t, 0x2080000, 2047, 0x2060000 | 0xf);
	assert_ok(tables_learn(&t, "OSRELEASE=6.1.0\nSYMBOL(swapper_pg_dir)=2080000\n"));
	assert_int_equal(t.as.paging.nr_levels, 5);
	assert_walk(&t, 0x12345678, 0x12345678, 2, MAP_WRITE | MAP_EXEC);
	assert_walk(&t, 0xffe0000012345678, 0x12345678, 2, MAP_WRITE | MAP_EXEC);
	assert_hole(&t, 0xffffffffffffffff, 3);
	tables_deinit(&t);
}

/** Without VMCOREINFO the lowcore leads to os_info, where nothing is aligned. */
static void test_os_info(void **state)
{
	struct tables t;

	init(&t);
	tables_u64(&t, 0xe18, 0x5001000, true);
	tables_zero(&t, 0x5001000, 4096);
	tables_u64(&t, 0x5001000, 0x4f53494e464f535a, true);
	tables_u64(&t, 0x5001000 + 32 + 4 * 20, 0x100000000, true);
	tables_u64(&t, 0x5001000 + 32 + 5 * 20, 0x3fffe7f8000, true);
	tables_u64(&t, 0x5001000 + 32 + 6 * 20, 0x8f8000, true);
	assert_err(tables_learn(&t, ""), ERROR_NOT_FOUND, "SYMBOL(swapper_pg_dir)");
	assert_linear(&t, 0x3fffe7f9010, 0x8f9010);
	assert_linear(&t, 0x100001010, 0x1010);
	tables_symbol(&t, "swapper_pg_dir", 0x3fffff40000);
	assert_ok(tables_learn(&t, ""));
	assert_walk(&t, 0x3fffff40008, 0x2040008, 0, MAP_WRITE);

	// something else where os_info should be, and a pointer to nowhere
	tables_u64(&t, 0x5001000, 0, true);
	assert_err(tables_learn(&t, ""), ERROR_NOT_FOUND, "0x3fffff40000 are not in the dump");
	assert_linear(&t, 0x1010, 0x1010);
	tables_u64(&t, 0xe18, 0xfffffffffffffff0, true);
	assert_err(tables_learn(&t, ""), ERROR_NOT_FOUND, "are not in the dump");
	tables_deinit(&t);
}

static void test_entries(void **state)
{
	struct paging paging = {.shift = {12, 20, 31, 42, 53}, .addr_mask = ~0x7ffULL};
	uint64_t paddr;
	unsigned int flags;

	// the type has to fit the level, and a table to be whole
	assert_int_equal(arch_s390x.pte(&paging, 2, 0x3000000 | REGION3, &paddr, &flags),
			 PTE_TABLE);
	assert_int_equal(arch_s390x.pte(&paging, 3, 0x3000000 | REGION3, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_s390x.pte(&paging, 1, 0x3000000 | REGION3, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_s390x.pte(&paging, 2, 0x3000006, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_s390x.pte(&paging, 2, 0x3000047, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_s390x.pte(&paging, 3, 0x300040b, &paddr, &flags), PTE_TABLE);
	assert_int_equal(arch_s390x.pte(&paging, 4, 0x300000f, &paddr, &flags), PTE_TABLE);
	assert_true(paddr == 0x3000000);
	// a segment has no extent: its low bits are the kernel's
	assert_int_equal(arch_s390x.pte(&paging, 1, 0x3004803, &paddr, &flags), PTE_TABLE);
	assert_true(paddr == 0x3004800);
	assert_int_equal(arch_s390x.pte(&paging, 1, 0x12300000 | LARGE | SOFTWARE, &paddr, &flags),
			 PTE_NONE); // invalid
	assert_int_equal(arch_s390x.pte(&paging, 1, 0x12313413, &paddr, &flags), PTE_LEAF);
	assert_true(paddr == 0x12300000);
	assert_int_equal(arch_s390x.pte(&paging, 0, 0x12345000 | PROTECT | NOEXEC, &paddr, &flags),
			 PTE_LEAF);
	assert_int_equal(flags, 0);
	assert_int_equal(arch_s390x.pte(&paging, 0, 0x12345000 | PAGE_EMPTY, &paddr, &flags),
			 PTE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_separate_image), cmocka_unit_test(test_identity),
		cmocka_unit_test(test_levels),         cmocka_unit_test(test_os_info),
		cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
