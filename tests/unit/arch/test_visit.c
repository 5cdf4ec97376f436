// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/visit.h"

#include "arch/arch.h"
#include "tests/support/mem.h"
#include "tests/support/test.h"

#define MAX_SEEN 64

struct seen {
	struct {
		uint64_t paddr, vaddr, len;
		unsigned int level;
	} tables[MAX_SEEN], leaves[MAX_SEEN];
	size_t nr_tables, nr_leaves;
	unsigned int lowest; /* level that is still looked into */
};

static bool on_table(void *arg, unsigned int level, uint64_t paddr, uint64_t len)
{
	struct seen *s = arg;

	for (size_t i = 0; i < s->nr_tables; i++)
		if (s->tables[i].paddr == paddr)
			return false;
	assert_true(s->nr_tables < MAX_SEEN);
	s->tables[s->nr_tables].paddr = paddr;
	s->tables[s->nr_tables].len = len;
	s->tables[s->nr_tables++].level = level;
	return level >= s->lowest;
}

static void on_leaf(void *arg, uint64_t vaddr, uint64_t paddr, uint64_t len)
{
	struct seen *s = arg;

	assert_true(s->nr_leaves < MAX_SEEN);
	s->leaves[s->nr_leaves].vaddr = vaddr;
	s->leaves[s->nr_leaves].paddr = paddr;
	s->leaves[s->nr_leaves++].len = len;
}

static bool look(const struct addrspace *as, uint64_t first, uint64_t last, struct seen *s)
{
	const struct pgtable_visitor visitor = {on_table, on_leaf, s};

	return pgtable_visit(as, first, last, &visitor);
}

static struct addrspace space_of(struct mem *mem, unsigned int nr_levels)
{
	struct addrspace as = {.arch = &arch_x86_64, .read = mem_read, .read_arg = mem};

	as.paging = (struct paging){
		.page_shift = 12,
		.nr_levels = (uint8_t)nr_levels,
		.bits = {9, 9, 9, 9, 9},
		.shift = {12, 21, 30, 39, 48},
		.entry_size = 8,
		.root = mem->root,
		.addr_mask = 0x000ffffffffff000,
		.last = UINT64_MAX,
	};
	return as;
}

static void test_halves(void **state)
{
	(void)state;
	for (unsigned int levels = 4; levels <= 5; levels++) {
		struct mem *mem = mem_create();
		struct addrspace as = space_of(mem, levels);
		struct seen s = {0};

		mem->nr_levels = levels;
		mem_map(mem, 0x7ffffffff000, 0x5000, 0, 0);
		mem_map(mem, 0x7fffffe00000, 0x6000, 0, 0);
		mem_map(mem, 0xffffffff81000000, 0x2000000, 1, 0);
		mem_map(mem, 0xffffc00000000000, 0x40000000, 2, 0);
		assert_true(look(&as, 0, (1ULL << 47) - 1, &s));
		assert_int_equal(s.nr_tables, levels);
		assert_int_equal(s.tables[0].paddr, mem->root);
		assert_int_equal(s.tables[0].level, levels - 1);
		assert_int_equal(s.tables[0].len, 4096);
		assert_int_equal(s.nr_leaves, 2);
		assert_true(s.leaves[0].vaddr == 0x7fffffe00000 && s.leaves[0].paddr == 0x6000);
		assert_true(s.leaves[1].vaddr == 0x7ffffffff000 && s.leaves[1].len == 4096);
		s = (struct seen){0};
		assert_true(look(&as, 0xffff800000000000, UINT64_MAX, &s));
		assert_int_equal(s.nr_leaves, 2);
		assert_true(s.leaves[0].vaddr == 0xffffc00000000000 && s.leaves[0].len == 1 << 30);
		assert_true(s.leaves[1].vaddr == 0xffffffff81000000 && s.leaves[1].len == 2 << 20);
		s = (struct seen){.lowest = 1};
		assert_true(look(&as, 0, UINT64_MAX, &s));
		assert_int_equal(s.nr_leaves, 2); // tables of pages are shown, and not looked into
		s = (struct seen){0};
		assert_true(look(&as, 0x7ffffffff000, 0x7ffffffff000, &s));
		assert_int_equal(s.nr_leaves, 1);
		mem_destroy(mem);
	}
}

static void test_damage(void **state)
{
	struct mem *mem = mem_create();
	struct addrspace as = space_of(mem, 4);
	struct seen s = {0};

	(void)state;
	mem->nr_levels = 4;
	mem_map(mem, 0x1000, 0x5000, 0, 0);
	mem_map(mem, 0x200000, 0x6000, 0, 0);
	mem_drop(mem, mem_entry(mem, 0x1000, 0));
	assert_false(look(&as, 0, UINT64_MAX, &s));
	assert_int_equal(s.nr_leaves, 1);
	assert_int_equal(s.leaves[0].paddr, 0x6000);
	// a table that leads back to the root ends where the levels do
	mem_write_u64(mem, mem_entry(mem, 0x200000, 1), mem->root | 1);
	s = (struct seen){0};
	look(&as, 0, UINT64_MAX, &s);
	assert_int_equal(s.nr_leaves, 0);
	as.paging.nr_levels = 0;
	assert_false(look(&as, 0, UINT64_MAX, &s));
	mem_destroy(mem);
}

/* An entry that is repeated maps its own part each time. */
static void test_repeated_leaves(void **state)
{
	const struct paging paging = {
		.page_shift = 12,
		.nr_levels = 1,
		.bits = {9},
		.shift = {12},
		.entry_size = 8,
		.root = 0x1000,
		.addr_mask = 0x003ffffffffffc00,
		.last = UINT64_MAX,
	};
	struct mem *mem = mem_create();
	struct addrspace as = {
		.arch = &arch_riscv64, .read = mem_read, .read_arg = mem, .paging = paging};
	struct seen s = {0};

	(void)state;
	for (uint64_t i = 16; i < 32; i++) // Svnapot, 64 KiB at 0x80010000
		mem_write_u64(mem, 0x1000 + i * 8, 1ULL << 63 | (0x80018000ULL >> 2) | 0xf);
	assert_true(look(&as, 0, UINT64_MAX >> 1, &s));
	assert_int_equal(s.nr_leaves, 16);
	for (uint64_t i = 0; i < 16; i++)
		assert_int_equal(s.leaves[i].paddr, 0x80010000 + i * 4096);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_repeated_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
