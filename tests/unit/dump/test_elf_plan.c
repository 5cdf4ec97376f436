// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_realloc
#include "dump/elf_plan.h"

#include "tests/support/memreader.h"
#include "tests/support/test.h"
#include "util/sys.h"

#define BS 4096U

static int allocs_left = -1;

void *__real_sys_realloc(void *old, size_t size);
void *__wrap_sys_realloc(void *old, size_t size);

void *__wrap_sys_realloc(void *old, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_realloc(old, size) : NULL;
}

static void check_segment(const struct elf_plan *plan, size_t i, uint64_t pfn, uint64_t nr_file,
			  uint64_t nr_mem)
{
	assert_true(i < plan->nr);
	assert_int_equal(plan->segments[i].pfn, pfn);
	assert_int_equal(plan->segments[i].nr_file, nr_file);
	assert_int_equal(plan->segments[i].nr_mem, nr_mem);
}

static void test_segments(void **state)
{
	struct memreader m;
	struct elf_plan plan;

	(void)state;
	//                  0    4   14   20   24   40   50  60
	memreader_init(&m, BS, "4t 10. 6x 4t 16x 10t 10. 10x");
	assert_ok(elf_plan_init(&plan, &m.reader, BS, 100));
	assert_ok(elf_plan_add(&plan, 0, 2));
	assert_ok(elf_plan_add(&plan, 2, 4)); // goes on where the last one ended
	assert_ok(elf_plan_add(&plan, 20, 24));
	assert_ok(elf_plan_add(&plan, 41, 42));
	assert_ok(elf_plan_end(&plan, 0x10000));
	assert_int_equal(plan.nr, 5);
	check_segment(&plan, 0, 0, 4, 4);
	check_segment(&plan, 1, 14, 0, 6); // nothing of its start is kept
	check_segment(&plan, 2, 20, 4, 21);
	check_segment(&plan, 3, 41, 1, 9);
	check_segment(&plan, 4, 60, 0, 10);
	assert_int_equal(plan.segments[0].off, 0x10000);
	assert_int_equal(plan.segments[1].off, 0x10000 + 4 * BS);
	assert_int_equal(plan.segments[2].off, 0x10000 + 4 * BS);
	assert_int_equal(plan.segments[3].off, 0x10000 + 8 * BS);
	assert_int_equal(plan.segments[4].off, 0x10000 + 9 * BS);
	assert_int_equal(plan.end_off, 0x10000 + 9 * BS);
	assert_int_equal(elf_plan_find(&plan, 0), 0);
	assert_int_equal(elf_plan_find(&plan, 3), 0);
	assert_int_equal(elf_plan_find(&plan, 4), 1);
	assert_int_equal(elf_plan_find(&plan, 40), 2);
	assert_int_equal(elf_plan_find(&plan, 41), 3);
	assert_int_equal(elf_plan_find(&plan, 69), 4);
	assert_int_equal(elf_plan_find(&plan, 70), 5);
	elf_plan_deinit(&plan);
}

static void test_nothing_kept(void **state)
{
	struct memreader m;
	struct elf_plan plan;

	(void)state;
	memreader_init(&m, BS, "10. 5x 10. 5t 3.");
	assert_ok(elf_plan_init(&plan, &m.reader, BS, 100));
	assert_ok(elf_plan_end(&plan, 4096));
	assert_int_equal(plan.nr, 2);
	check_segment(&plan, 0, 10, 0, 5);
	check_segment(&plan, 1, 25, 0, 5);
	assert_int_equal(plan.end_off, 4096);
	elf_plan_deinit(&plan);
}

/* RAM ranges that are not whole blocks: a block that has any RAM is RAM. */
static void test_larger_blocks(void **state)
{
	struct memreader m;
	struct elf_plan plan;

	(void)state;
	memreader_init(&m, BS, "15. 1t 16. 30x 2. 33. 1x");
	assert_ok(elf_plan_init(&plan, &m.reader, 16 * BS, 100));
	assert_ok(elf_plan_add(&plan, 0, 1));
	assert_ok(elf_plan_end(&plan, 0));
	assert_int_equal(plan.nr, 3);
	check_segment(&plan, 0, 0, 1, 1);
	check_segment(&plan, 1, 2, 0, 2);
	check_segment(&plan, 2, 6, 0, 1);
	elf_plan_deinit(&plan);
}

/* Too many segments: the shortest gaps go first, and memory stays bounded. */
static void test_bridged(void **state)
{
	struct memreader m;
	struct elf_plan plan;
	uint64_t pfn = 0, kept = 0, in_file = 0;

	(void)state;
	memreader_init(&m, BS, "1000000t");
	assert_ok(elf_plan_init(&plan, &m.reader, BS, 64));
	// gaps of 1, 2, 4, ... 128 blocks in turn
	for (unsigned int i = 0; pfn < 900000; i++) {
		assert_ok(elf_plan_add(&plan, pfn, pfn + 3));
		kept += 3;
		pfn += 3 + (1U << i % 8);
		assert_true(plan.nr <= 64);
	}
	assert_ok(elf_plan_end(&plan, 0));
	assert_true(plan.nr <= 64 && plan.bridge > 128);
	for (size_t i = 0; i < plan.nr; i++)
		in_file += plan.segments[i].nr_file;
	assert_true(in_file >= kept && in_file <= 900256);
	elf_plan_deinit(&plan);

	// few enough once the gaps of 1 are bridged
	assert_ok(elf_plan_init(&plan, &m.reader, BS, 64));
	for (uint64_t i = 0; i < 90; i++)
		assert_ok(elf_plan_add(&plan, i * 1000 + i / 3 * 20, i * 1000 + i / 3 * 20 + 999));
	for (uint64_t i = 200; i < 220; i++)
		assert_ok(elf_plan_add(&plan, i * 1000, i * 1000 + 10));
	assert_ok(elf_plan_end(&plan, 0));
	assert_int_equal(plan.bridge, 2);
	assert_int_equal(plan.nr, 30 + 20);
	check_segment(&plan, 0, 0, 2999, 3020);
	check_segment(&plan, 1, 3020, 2999, 3020);
	check_segment(&plan, 49, 219000, 10, 1000000 - 219000);
	elf_plan_deinit(&plan);
}

/* A machine with more ranges of RAM than segments gets more segments. */
static void test_many_ranges(void **state)
{
	struct memreader m;
	struct elf_plan plan;

	(void)state;
	memreader_init(&m, BS,
		       "1t 1. 1t 1. 1t 1. 1t 1. 1t 1. 1t 1. 1t 1. 1t 1. 1t 1. 1t 1. 1t 1. 1t 1.");
	assert_ok(elf_plan_init(&plan, &m.reader, BS, 8));
	for (uint64_t i = 0; i < 12; i++)
		assert_ok(elf_plan_add(&plan, 2 * i, 2 * i + 1));
	assert_ok(elf_plan_end(&plan, 0));
	assert_int_equal(plan.nr, 12);
	for (uint64_t i = 0; i < 12; i++)
		check_segment(&plan, i, 2 * i, 1, 1);
	elf_plan_deinit(&plan);
}

static void test_lose(void **state)
{
	struct memreader m;
	struct elf_plan plan;

	(void)state;
	memreader_init(&m, BS, "100t 50x 50t");
	assert_ok(elf_plan_init(&plan, &m.reader, BS, 100));
	assert_ok(elf_plan_add(&plan, 0, 100));
	assert_ok(elf_plan_add(&plan, 150, 200));
	assert_ok(elf_plan_end(&plan, 0));
	assert_int_equal(plan.nr, 2);
	assert_ok(elf_plan_lose(&plan, 10, 12)); // within
	assert_int_equal(plan.nr, 3);
	check_segment(&plan, 0, 0, 10, 12);
	check_segment(&plan, 1, 12, 88, 138);
	assert_int_equal(plan.segments[1].off, 12 * BS);
	assert_ok(elf_plan_lose(&plan, 12, 13)); // at the start
	check_segment(&plan, 1, 12, 0, 1);
	check_segment(&plan, 2, 13, 87, 137);
	assert_int_equal(plan.segments[2].off, 13 * BS);
	assert_ok(elf_plan_lose(&plan, 99, 100)); // at the end
	check_segment(&plan, 2, 13, 86, 137);
	assert_ok(elf_plan_lose(&plan, 110, 120)); // not in the file anyway
	check_segment(&plan, 2, 13, 86, 137);
	assert_int_equal(plan.nr, 4);
	assert_ok(elf_plan_lose(&plan, 5, 160)); // over several
	assert_int_equal(plan.nr, 5);
	check_segment(&plan, 0, 0, 5, 12);
	check_segment(&plan, 1, 12, 0, 1);
	check_segment(&plan, 2, 13, 0, 137);
	check_segment(&plan, 3, 150, 0, 10);
	check_segment(&plan, 4, 160, 40, 40);
	assert_int_equal(plan.segments[4].off, 110 * BS);
	assert_ok(elf_plan_lose(&plan, 170, UINT64_MAX));
	check_segment(&plan, 4, 160, 10, 40);
	assert_int_equal(plan.nr, 5);
	elf_plan_deinit(&plan);
}

static void test_no_memory(void **state)
{
	struct memreader m;
	struct elf_plan plan;

	(void)state;
	memreader_init(&m, BS, "100t");
	assert_ok(elf_plan_init(&plan, &m.reader, BS, 100));
	allocs_left = 0;
	assert_ptr_equal(elf_plan_add(&plan, 10, 20), &error_nomem);
	allocs_left = -1;
	elf_plan_deinit(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segments),      cmocka_unit_test(test_nothing_kept),
		cmocka_unit_test(test_larger_blocks), cmocka_unit_test(test_bridged),
		cmocka_unit_test(test_many_ranges),   cmocka_unit_test(test_lose),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
