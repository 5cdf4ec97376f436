// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "arch/addrspace.h"
#include "arch/arch.h"
#include "tests/support/mem.h"

/* The walker under the geometry of x86_64, whose entries mem_map() writes, and under odd ones. */

static struct addrspace space(struct mem *mem)
{
	return (struct addrspace){
		.arch = &arch_x86_64,
		.paging = {.page_shift = 12,
			   .nr_levels = 4,
			   .bits = {9, 9, 9, 9},
			   .shift = {12, 21, 30, 39},
			   .first = 0 - (1ULL << 47),
			   .last = (1ULL << 47) - 1,
			   .entry_size = 8,
			   .root = mem->root,
			   .addr_mask = 0x000ffffffffff000},
		.read = mem_read,
		.read_arg = mem,
	};
}

static struct mapping walk(const struct addrspace *as, uint64_t vaddr)
{
	struct mapping map;

	memset(&map, 0x5a, sizeof(map));
	pgtable_walk(as, vaddr, &map);
	return map;
}

static void expect(struct mapping map, enum map_status status, uint64_t paddr, uint64_t len,
		   unsigned int level)
{
	assert_int_equal(map.status, status);
	assert_int_equal(map.paddr, paddr);
	assert_int_equal(map.len, len);
	assert_int_equal(map.level, level);
}

#define BASE 0xffff900000000000ULL

static void leaves_of_all_sizes(void **state)
{
	struct mem *mem = mem_create();
	struct addrspace as = space(mem);

	mem_map(mem, BASE, 0x5000, 0, MEM_PTE_RW);
	mem_map(mem, BASE + (4 << 20), 0x40000000, 1, MEM_PTE_RW);
	mem_map(mem, BASE + (3ULL << 30), 0x80000000, 2, MEM_PTE_RW);
	expect(walk(&as, BASE + 0x123), MAP_OK, 0x5123, 0xedd, 0);
	expect(walk(&as, BASE + (4 << 20) + 0x101234), MAP_OK, 0x40101234, 0xfedcc, 1);
	expect(walk(&as, BASE + (3ULL << 30) + 5), MAP_OK, 0x80000005, (1 << 30) - 5, 2);
	mem_destroy(mem);
}

static void neighbours_that_continue_are_one(void **state)
{
	struct mem *mem = mem_create();
	struct addrspace as = space(mem);

	for (uint64_t i = 0; i < 5; i++)
		mem_map(mem, BASE + i * 0x1000, 0x7000 + i * 0x1000, 0, MEM_PTE_RW);
	mem_map(mem, BASE + 0x5000, 0xc000, 0, 0);  // other flags
	mem_map(mem, BASE + 0x6000, 0x20000, 0, 0); // other place
	mem_map(mem, BASE + 0x9000, 0x23000, 0, 0); // behind a hole
	expect(walk(&as, BASE + 0x800), MAP_OK, 0x7800, 0x4800, 0);
	expect(walk(&as, BASE + 0x5000), MAP_OK, 0xc000, 0x1000, 0);
	expect(walk(&as, BASE + 0x6000), MAP_OK, 0x20000, 0x1000, 0);
	expect(walk(&as, BASE + 0x7001), MAP_UNMAPPED, 0, 0x1fff, 0);
	// of 2 MiB ones a bounded number
	for (uint64_t i = 0; i < 200; i++)
		mem_map(mem, BASE + (i << 21) + (1 << 30), (i << 21) + (1 << 30), 1, 0);
	expect(walk(&as, BASE + (1 << 30)), MAP_OK, 1 << 30, 65ULL << 21, 1);
	mem_destroy(mem);
}

static void holes_are_skipped_whole(void **state)
{
	struct mem *mem = mem_create();
	struct addrspace as = space(mem);
	uint64_t nr = 1;

	mem_map(mem, BASE, 0x5000, 0, 0);
	expect(walk(&as, BASE + 0x1000), MAP_UNMAPPED, 0, 64 * 0x1000 + 0x1000, 0);
	expect(walk(&as, BASE + (511ULL << 21) + 1), MAP_UNMAPPED, 0, (1 << 21) - 1, 1);
	expect(walk(&as, BASE + (511ULL << 30)), MAP_UNMAPPED, 0, 1 << 30, 2);
	expect(walk(&as, BASE + (1ULL << 39) + 7), MAP_UNMAPPED, 0, (65ULL << 39) - 7, 3);
	// the whole upper half in a few steps, up to 2^64
	for (uint64_t vaddr = as.paging.first; vaddr; nr++)
		vaddr += walk(&as, vaddr).len;
	assert_in_range(nr, 10, 40);
	mem_destroy(mem);
}

static void halves_do_not_join(void **state)
{
	struct mem *mem = mem_create();
	struct addrspace as = space(mem);

	mem_at(mem, mem->root);
	// the last entries of the lower half and the first of the upper are neighbours in the root
	expect(walk(&as, (1ULL << 47) - 0x1000), MAP_UNMAPPED, 0, 0x1000, 3);
	expect(walk(&as, 1ULL << 47), MAP_UNMAPPED, 0, as.paging.first - (1ULL << 47), 3);
	expect(walk(&as, as.paging.first - 1), MAP_UNMAPPED, 0, 1, 3);
	expect(walk(&as, UINT64_MAX), MAP_UNMAPPED, 0, 1, 3);
	// a space that is one range
	as.paging.first = BASE;
	as.paging.last = BASE + 0xffff;
	expect(walk(&as, BASE), MAP_UNMAPPED, 0, 0x10000, 3);
	expect(walk(&as, BASE - 3), MAP_UNMAPPED, 0, 3, 3);
	expect(walk(&as, BASE + 0x10000), MAP_UNMAPPED, 0, 0 - (BASE + 0x10000), 3);
	mem_destroy(mem);
}

static void missing_tables_are_told(void **state)
{
	struct mem *mem = mem_create();
	struct addrspace as = space(mem);

	mem_map(mem, BASE, 0x5000, 0, 0);
	mem_map(mem, BASE + (2 << 20), 0x6000, 0, 0);
	mem_drop(mem, mem_entry(mem, BASE, 0));
	expect(walk(&as, BASE + 0x3000), MAP_NO_TABLE, 0, (2 << 20) - 0x3000, 0);
	expect(walk(&as, BASE + (2 << 20)), MAP_OK, 0x6000, 0x1000, 0);
	mem_drop(mem, mem_entry(mem, BASE, 1));
	expect(walk(&as, BASE + 0x3000), MAP_NO_TABLE, 0, (1 << 30) - 0x3000, 1);
	mem_drop(mem, mem->root);
	expect(walk(&as, BASE + 0x3000), MAP_NO_TABLE, 0,
	       (1ULL << 47) - (BASE + 0x3000) % (1ULL << 47), 3);
	mem_destroy(mem);
}

static void loops_and_wild_addresses_end(void **state)
{
	struct mem *mem = mem_create();
	struct addrspace as = space(mem);
	struct pgtable_step steps[PAGING_MAX_LEVELS];

	// every entry of the root leads back to the root
	for (unsigned int i = 0; i < 512; i++)
		mem_write_u64(mem, mem->root + i * 8, mem->root | MEM_PTE_PRESENT);
	assert_int_equal(walk(&as, BASE).status, MAP_OK);
	assert_int_equal(pgtable_steps(&as, BASE, steps), 4);
	// a table where no memory is
	mem_write_u64(mem, mem->root + (BASE >> 39 & 511) * 8,
		      0x000fffffffff0000 | MEM_PTE_PRESENT);
	expect(walk(&as, BASE), MAP_NO_TABLE, 0, 1ULL << 39, 2);
	mem_destroy(mem);
}

static void steps_are_recorded(void **state)
{
	struct mem *mem = mem_create();
	struct addrspace as = space(mem);
	struct pgtable_step steps[PAGING_MAX_LEVELS];

	mem_map(mem, BASE + 0x3000, 0x5000, 0, MEM_PTE_RW);
	assert_int_equal(pgtable_steps(&as, BASE + 0x3123, steps), 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(steps[i].level, 3 - i);
		assert_int_equal(steps[i].table, mem_entry(mem, BASE + 0x3000, 3 - i));
		assert_true(steps[i].readable);
	}
	assert_int_equal(steps[3].entry, 0x5000 | MEM_PTE_PRESENT | MEM_PTE_RW);
	assert_int_equal(pgtable_steps(&as, BASE + (1ULL << 30), steps), 2);
	assert_int_equal(steps[1].entry, 0);
	assert_int_equal(pgtable_steps(&as, 1ULL << 50, steps), 0);
	mem_drop(mem, mem_entry(mem, BASE, 1));
	assert_int_equal(pgtable_steps(&as, BASE + 0x3123, steps), 3);
	assert_false(steps[2].readable);
	as.paging.nr_levels = 0;
	assert_int_equal(pgtable_steps(&as, BASE, steps), 0);
	mem_destroy(mem);
}

/* Big-endian entries of 4 bytes; bit 0: leaf, bit 1: leaf of 16 pages that all repeat it. */

static enum pte_type small_pte(const struct paging *paging, unsigned int level, uint64_t entry,
			       uint64_t *paddr, unsigned int *flags)
{
	*paddr = entry & paging->addr_mask;
	*flags = 0;
	return entry & 3 ? PTE_LEAF : entry ? PTE_TABLE : PTE_NONE;
}

static unsigned int small_leaf_shift(const struct paging *paging, unsigned int level,
				     uint64_t entry)
{
	return entry & 2 ? 16 : paging->shift[level];
}

static void repeated_entries_and_byte_order(void **state)
{
	const struct arch small = {.word = 4, .pte = small_pte, .leaf_shift = small_leaf_shift};
	struct mem *mem = mem_create();
	struct addrspace as = {
		.arch = &small,
		.paging = {.page_shift = 12,
			   .nr_levels = 2,
			   .bits = {8, 12},
			   .shift = {12, 20},
			   .last = UINT32_MAX,
			   .entry_size = 4,
			   .big_endian = true,
			   .root = 0x4000,
			   .addr_mask = 0xfffffff0},
		.read = mem_read,
		.read_arg = mem,
	};

	mem->reader.facts.big_endian = true;
	mem_write_u32(mem, 0x4000 + 4 * 0x123, 0x9000); // 0x12300000
	for (unsigned int i = 0; i < 16; i++) {
		mem_write_u32(mem, 0x9000 + 4 * (16 + i), 0x50000 | 2);
		mem_write_u32(mem, 0x9000 + 4 * (32 + i), 0x60000 | 2);
	}
	mem_write_u32(mem, 0x9000 + 4 * 48, 0x70000 | 1);
	// into the middle of the first of two large pages, which are followed by a small one
	expect(walk(&as, 0x12313456), MAP_OK, 0x53456, 0x1dbaa, 0);
	expect(walk(&as, 0x12320000), MAP_OK, 0x60000, 0x11000, 0);
	expect(walk(&as, 0x12331000), MAP_UNMAPPED, 0, 65 * 0x1000, 0);
	// what a table has to tell is no more: level 0 knows no tables
	mem_write_u32(mem, 0x9000 + 4 * 49, 0x9000);
	expect(walk(&as, 0x12331000), MAP_UNMAPPED, 0, 65 * 0x1000, 0);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_of_all_sizes),
		cmocka_unit_test(neighbours_that_continue_are_one),
		cmocka_unit_test(holes_are_skipped_whole),
		cmocka_unit_test(halves_do_not_join),
		cmocka_unit_test(missing_tables_are_told),
		cmocka_unit_test(loops_and_wild_addresses_end),
		cmocka_unit_test(steps_are_recorded),
		cmocka_unit_test(repeated_entries_and_byte_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
