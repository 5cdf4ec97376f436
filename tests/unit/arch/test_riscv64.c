// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/tables.h"

#define TABLE 1ULL
#define RW    0xe7ULL /* valid, read, write, global, accessed, dirty */
#define RX    0x6bULL

#define ROOT       0x81c00000ULL
#define ROOT_VADDR 0xffffffff81a00000ULL
#define NAPOT_64K  (1ULL << 63 | 8 << 10)
#define SVPBMT_IO  (1ULL << 62)
#define THEAD_IO   (1ULL << 63 | 1ULL << 60)

#define LAYOUT                                      \
	"PAGESIZE=4096\n"                           \
	"SYMBOL(swapper_pg_dir)=ffffffff81a00000\n" \
	"NUMBER(phys_ram_base)=2147483648\n"        \
	"NUMBER(KERNEL_LINK_ADDR)=0xffffffff80000000\n"
#define OFFSET "NUMBER(va_kernel_pa_offset)=0xfffffffeffe00000\n"

static uint64_t entry(uint64_t paddr, uint64_t bits)
{
	return paddr >> 2 | bits;
}

/** Tables from ROOT on that lead to vaddr in nr_levels, and its entry. */
static void map(struct tables *t, unsigned int nr_levels, uint64_t vaddr, unsigned int leaf_level,
		uint64_t value)
{
	uint64_t table = ROOT;

	for (unsigned int level = nr_levels - 1;; level--) {
		unsigned int index = vaddr >> (12 + level * 9) & 511;

		if (level == leaf_level) {
			tables_entry(t, table, index, value);
			return;
		}
		if (!tables_get(t, table, index))
			tables_entry(t, table, index, entry(tables_new(t), TABLE));
		table = (tables_get(t, table, index) & ~0x3ffULL) << 2;
	}
}

static void init(struct tables *t, unsigned int nr_levels)
{
	tables_init(t, &arch_riscv64, false);
	t->facts.max_paddr = 0xc0000000;
	map(t, nr_levels, ROOT_VADDR, 1, entry(0x81c00000, RW));
}

static void test_sv39(void **state)
{
	struct tables t;
	uint64_t vaddr;

	init(&t, 3);
	map(&t, 3, 0xffffffd600000000, 2, entry(0x40000000, RW));
	map(&t, 3, 0xffffffc800001000, 0, entry(0x9abcd000, RX) | SVPBMT_IO);
	tables_symbol(&t, "_text", 0xffffffff80002000);
	tables_symbol(&t, "_end", 0xffffffff82000000);
	assert_ok(tables_learn(&t, LAYOUT OFFSET "NUMBER(VA_BITS)=39\n"
						 "NUMBER(PAGE_OFFSET)=0xffffffd600000000\n"));
	assert_walk(&t, 0xffffffff81a00123, 0x81c00123, 1, MAP_WRITE);
	assert_walk(&t, 0xffffffd612345678, 0x52345678, 2, MAP_WRITE);
	assert_walk(&t, 0xffffffc800001ffc, 0x9abcdffc, 0, MAP_EXEC);
	assert_hole(&t, 0xffffffc800002000, 0);
	assert_hole(&t, 0xffffffbfffffffff, 2);
	assert_true(t.as.paging.first == 0xffffffc000000000);
	assert_true(t.as.paging.last == 0x0000003fffffffff);
	assert_linear(&t, 0xffffffd600001000, 0x80001000);
	assert_linear(&t, 0xffffffff80002010, 0x80202010);
	assert_true(arch_riscv64.phys_to_virt(&t.as, 0xbfffffff, &vaddr));
	assert_true(vaddr == 0xffffffd63fffffff);
	assert_false(arch_riscv64.phys_to_virt(&t.as, 0x7fffffff, &vaddr));
	t.facts.max_paddr = 0;
	assert_ok(tables_learn(&t, LAYOUT OFFSET "NUMBER(VA_BITS)=39\n"
						 "NUMBER(PAGE_OFFSET)=0xffffffd600000000\n"));
	assert_true(addrspace_linear(&t.as, LINEAR_DIRECT_MAP)->last == 0xffffffff7fffffff);
	tables_deinit(&t);
}

static void test_sv48_sv57(void **state)
{
	struct tables t;

	init(&t, 4);
	map(&t, 4, 0xffffaf8000000000, 3, entry(0x48000000000, RW));
	assert_ok(tables_learn(&t, LAYOUT OFFSET "NUMBER(VA_BITS)=48\n"
						 "NUMBER(PAGE_OFFSET)=0xffffaf8000000000\n"));
	assert_walk(&t, 0xffffaf8001234567, 0x48001234567, 3, MAP_WRITE);
	assert_hole(&t, 0xffff7fffffffffff, 3);
	tables_deinit(&t);

	// all 56 bits of a physical address
	init(&t, 5);
	map(&t, 5, 0xff60000000000000, 0, entry(0xabcdef01234000, RW));
	assert_ok(tables_learn(&t, LAYOUT OFFSET "NUMBER(VA_BITS)=57\n"
						 "NUMBER(PAGE_OFFSET)=0xff60000000000000\n"));
	assert_walk(&t, 0xff60000000000fff, 0xabcdef01234fff, 0, MAP_WRITE);
	tables_deinit(&t);
}

/** Sixteen entries with one contents, the address bits of which the page number has instead. */
static void test_svnapot(void **state)
{
	struct mapping run;
	struct tables t;

	init(&t, 3);
	for (unsigned int i = 0; i < 16; i++)
		map(&t, 3, 0xffffffc800010000 + i * 4096, 0, entry(0x9abc0000, RW) | NAPOT_64K);
	map(&t, 3, 0xffffffc800020000, 0, entry(0x9abd0000, RW));
	// the same bits with T-Head's memory types, or for no size that there is, mean nothing
	map(&t, 3, 0xffffffc800028000, 0, entry(0x10008000, RW) | THEAD_IO);
	assert_ok(tables_learn(&t, LAYOUT OFFSET "NUMBER(VA_BITS)=39\n"
						 "NUMBER(PAGE_OFFSET)=0xffffffd600000000\n"));
	assert_walk(&t, 0xffffffc800010000, 0x9abc0000, 0, MAP_WRITE);
	assert_walk(&t, 0xffffffc80001fabc, 0x9abcfabc, 0, MAP_WRITE);
	assert_walk(&t, 0xffffffc800028010, 0x10008010, 0, MAP_WRITE);
	pgtable_walk(&t.as, 0xffffffc800013000, &run);
	assert_true(run.len == 0xe000);
	tables_deinit(&t);
}

/** Without va_kernel_pa_offset the image is where its tables map themselves. */
static void test_probe(void **state)
{
	struct tables t;

	init(&t, 3);
	tables_symbol(&t, "_text", 0xffffffff80002000);
	tables_symbol(&t, "_end", 0xffffffff82000000);
	assert_ok(tables_learn(&t, LAYOUT "NUMBER(VA_BITS)=39\n"
					  "NUMBER(PAGE_OFFSET)=0xffffffd600000000\n"));
	assert_true(t.as.paging.root == ROOT);
	assert_linear(&t, 0xffffffff80002010, 0x80202010);
	t.facts.max_paddr = ROOT;
	assert_err(tables_learn(&t, LAYOUT "NUMBER(VA_BITS)=39\n"
					   "NUMBER(PAGE_OFFSET)=0xffffffd600000000\n"),
		   ERROR_NOT_FOUND, "no page tables below 0x81c00000");
	assert_int_equal(t.as.paging.nr_levels, 0);
	tables_deinit(&t);
}

static void test_missing(void **state)
{
	struct tables t;

	init(&t, 3);
	assert_err(tables_learn(&t, ""), ERROR_NOT_FOUND, "NUMBER(PAGE_OFFSET)");
	assert_err(tables_learn(&t, "NUMBER(PAGE_OFFSET)=0xffffffd600000000\n"), ERROR_NOT_FOUND,
		   "NUMBER(phys_ram_base)");
	// the direct map is known all the same
	assert_err(tables_learn(&t, LAYOUT OFFSET "NUMBER(PAGE_OFFSET)=0xffffffd600000000\n"),
		   ERROR_NOT_FOUND, "NUMBER(VA_BITS)");
	assert_linear(&t, 0xffffffd600001000, 0x80001000);
	assert_err(tables_learn(&t, LAYOUT OFFSET "NUMBER(VA_BITS)=40\n"
						  "NUMBER(PAGE_OFFSET)=0xffffffd600000000\n"),
		   ERROR_FORMAT, "NUMBER(VA_BITS) 40");
	tables_zero(&t, ROOT - 4096, 4096);
	assert_err(tables_learn(&t, LAYOUT "NUMBER(va_kernel_pa_offset)=0xfffffffeffe01000\n"
					   "NUMBER(VA_BITS)=39\n"
					   "NUMBER(PAGE_OFFSET)=0xffffffd600000000\n"),
		   ERROR_FORMAT, "0x81bff000 do not map themselves");
	assert_int_equal(t.as.paging.nr_levels, 0);
	tables_deinit(&t);
}

static void test_entries(void **state)
{
	struct paging paging = {.shift = {12, 21, 30}, .addr_mask = 0x003ffffffffffc00};
	uint64_t paddr;
	unsigned int flags;

	assert_int_equal(arch_riscv64.pte(&paging, 0, 0xe6, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_riscv64.pte(&paging, 0, TABLE, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_riscv64.pte(&paging, 1, entry(0x80001000, 0x1f), &paddr, &flags),
			 PTE_LEAF);
	assert_true(paddr == 0x80000000);
	assert_int_equal(flags, MAP_WRITE | MAP_EXEC | MAP_USER);
	assert_int_equal(arch_riscv64.pte(&paging, 0, entry(0x80001000, 0x43), &paddr, &flags),
			 PTE_LEAF);
	assert_int_equal(flags, 0);
	assert_int_equal(arch_riscv64.leaf_shift(&paging, 1, NAPOT_64K | RW), 21);
	assert_int_equal(arch_riscv64.leaf_shift(&paging, 0, NAPOT_64K | 4 << 10 | RW), 12);
	assert_int_equal(arch_riscv64.leaf_shift(&paging, 0, NAPOT_64K | 1 << 10 | RW), 12);
	assert_int_equal(arch_riscv64.leaf_shift(&paging, 0, 8 << 10 | RW), 12);
	assert_int_equal(arch_riscv64.leaf_shift(&paging, 0, NAPOT_64K | 1ULL << 54 | RW), 12);
	assert_int_equal(arch_riscv64.leaf_shift(&paging, 0, NAPOT_64K | RW), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sv39),    cmocka_unit_test(test_sv48_sv57),
		cmocka_unit_test(test_svnapot), cmocka_unit_test(test_probe),
		cmocka_unit_test(test_missing), cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
