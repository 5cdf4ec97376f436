// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/keep.h"

#include "kernel/tasks.h"
#include "tests/support/mem.h"
#include "tests/support/mktasks.h"
#include "tests/support/test.h"

static void expect_range(const struct sparsebits *set, uint64_t start, uint64_t end)
{
	for (uint64_t pfn = start; pfn < end; pfn++)
		if (!sparsebits_test(set, pfn))
			fail_msg("page 0x%llx is not kept", (unsigned long long)pfn);
}

static void page_tables(void **state)
{
	for (unsigned int levels = 4; levels <= 5; levels++) {
		_cleanup_sparsebits_ struct sparsebits set = {0};
		struct mem *mem = mem_create();
		struct kernel *kernel = NULL;
		uint64_t vaddr = 0xffffc90000000000, tables[5];

		mem_kernel(mem, levels);
		mem_map(mem, vaddr, 0x5000000, 0, 0);
		mem_at(mem, 0x5000000);
		for (unsigned int i = 0; i < levels; i++)
			tables[i] = mem_entry(mem, vaddr, i) >> 12;
		assert_ok(kernel_open(&mem->reader, NULL, &kernel));
		assert_ok(keep_page_tables(kernel, &set));
		for (unsigned int i = 0; i < levels; i++)
			assert_true(sparsebits_test(&set, tables[i]));
		assert_false(sparsebits_test(&set, 0x5000)); // what is mapped is no table
		assert_false(sparsebits_test(&set, MEM_PHYS_BASE >> 12));
		kernel_close(kernel);
		mem_destroy(mem);
	}
}

/* A table that leads back to one above it ends, as do those that many entries share. */
static void tables_in_a_circle(void **state)
{
	_cleanup_sparsebits_ struct sparsebits set = {0};
	struct mem *mem = mem_create();
	struct kernel *kernel = NULL;
	uint64_t vaddr = 0xffffc90000000000, table;

	mem_kernel(mem, 4);
	mem_map(mem, vaddr, 0x5000000, 0, 0);
	table = mem_entry(mem, vaddr, 2) & ~0xfffULL;
	for (uint64_t i = 0; i < 512; i++)
		mem_write_u64(mem, table + i * 8, table | 3);
	assert_ok(kernel_open(&mem->reader, NULL, &kernel));
	assert_ok(keep_mapped(kernel, &kernel->as, 0, UINT64_MAX, true, &set));
	assert_true(sparsebits_test(&set, table >> 12));
	kernel_close(kernel);
	mem_destroy(mem);
}

static void virtual_memory(void **state)
{
	_cleanup_sparsebits_ struct sparsebits set = {0};
	struct fakekernel fake;

	fakekernel_init(&fake, 8, false, 1U << 20);
	fakekernel_open(&fake, "PAGESIZE=4096\n");
	assert_ok(keep_virtual(fake.kernel, fake.base + 0x5ff0, 0x20, &set));
	assert_ok(keep_virtual(fake.kernel, fake.base + 0xff000, 0x10000, &set)); // and beyond
	assert_ok(keep_virtual(fake.kernel, 0x1000, 0x1000, &set));               // not mapped
	assert_ok(keep_virtual(fake.kernel, fake.base, 0, &set));
	expect_range(&set, 5, 7);
	expect_range(&set, 0xff, 0x100);
	assert_int_equal(sparsebits_count(&set), 3);
	fakekernel_deinit(&fake);
}

static void essentials(void **state)
{
	static const struct mktask some[] = {
		{0, 0, "swapper/0", TASK_RUNNING, 0, 0},
		{1, 1, "init", TASK_INTERRUPTIBLE, 0, 0},
	};
	static const size_t cpu[] = {0};
	_cleanup_sparsebits_ struct sparsebits set = {0};
	struct fakekernel fake;

	mktasks(&fake, false, some, 2, cpu, cpu, 1);
	assert_ok(keep_essentials(fake.kernel, &set));
	for (size_t i = 0; i < 2; i++) {
		uint64_t task = mktask_at(&fake, i) - fake.base;
		uint64_t stack = fake_get_word(&fake, mktask_at(&fake, i) + MKTASK_STACK) -
				 fake.base;

		assert_true(sparsebits_test(&set, task >> 12));
		expect_range(&set, stack >> 12, (stack + 0x4000) >> 12);
	}
	// the per-CPU area
	assert_true(sparsebits_test(&set, (mktask_rq(&fake, 0) - fake.base) >> 12));
	assert_false(sparsebits_test(&set, 0x300)); // the tables of symbols and types: the image
	fakekernel_deinit(&fake);
}

static void without_symbols(void **state)
{
	_cleanup_sparsebits_ struct sparsebits set = {0};
	struct fakekernel fake;

	fakekernel_init(&fake, 8, false, 1U << 20);
	fakekernel_open(&fake, "PAGESIZE=4096\n");
	assert_ok(keep_essentials(fake.kernel, &set));
	assert_int_equal(sparsebits_count(&set), 0);
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_tables),     cmocka_unit_test(tables_in_a_circle),
		cmocka_unit_test(virtual_memory),  cmocka_unit_test(essentials),
		cmocka_unit_test(without_symbols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
