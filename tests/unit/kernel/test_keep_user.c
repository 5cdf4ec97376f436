// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/arch.h"
#include "kernel/keep.h"
#include "kernel/tasks.h"
#include "tests/support/mktasks.h"
#include "tests/support/test.h"

// Physical addresses of the tables and pages of the process that task 1 is.
#define PGD    0x150000ULL
#define PUD    0x151000ULL
#define PMD    0x152000ULL
#define LOW    0x153000ULL // of addresses from 0x400000 on
#define HIGH   0x154000ULL // of the last 2 MiB below 2^47
#define PAGE   0x160000ULL // the first page
#define KERNEL 0x155000ULL // a table of the upper half
#define MM     0x140000ULL

#define TOP 0x7ffffffff000ULL // TASK_SIZE
#define RW  0x7ULL            // present, writable, user

#define NR_STACK 6 // pages below TOP - 0x2000, in which the stack pointer is in the third

static const struct mktask some[] = {
	{0, 0, "swapper/0", TASK_RUNNING, 0, 0},
	{1, 1, "init", TASK_INTERRUPTIBLE, 0, 0},
	{2, 2, "kthreadd", TASK_INTERRUPTIBLE, 0, 0},
	{7, 1, "thread", TASK_INTERRUPTIBLE, 0, 0},
};

static void put(struct fakekernel *fake, uint64_t paddr, uint64_t value)
{
	fake_u64(fake, fake->base + paddr, value);
}

static void map_process(struct fakekernel *fake)
{
	put(fake, PGD, PUD | RW);
	put(fake, PGD + 255 * 8, PUD | RW); // one table serves both ends
	put(fake, PGD + 256 * 8, KERNEL | RW);
	put(fake, PUD, PMD | RW);
	put(fake, PUD + 511 * 8, PMD | RW);
	put(fake, PMD + 2 * 8, LOW | RW);
	put(fake, PMD + 511 * 8, HIGH | RW);
	put(fake, LOW, PAGE | RW);
	put(fake, LOW + 8, (PAGE + 0x1000) | RW);
	put(fake, LOW + 16, 0x1234000); // swapped out
	for (uint64_t i = 0; i < NR_STACK; i++)
		put(fake, HIGH + (510 - NR_STACK + i) * 8, (PAGE + 0x2000 + i * 0x1000) | RW);
}

static void make(struct fakekernel *fake)
{
	static const size_t cpu[] = {0};
	uint64_t mm, regs;

	mktasks(fake, false, some, 4, cpu, cpu, 1);
	fake->kernel->as.paging = (struct paging){
		.page_shift = 12,
		.nr_levels = 4,
		.bits = {9, 9, 9, 9},
		.shift = {12, 21, 30, 39},
		.first = 0xffff800000000000,
		.last = 0x7fffffffffff,
		.entry_size = 8,
		.addr_mask = 0x000ffffffffff000,
	};
	mm = fake->base + MM;
	map_process(fake);
	fake_word(fake, mm + MKMM_PGD, fake->base + PGD);
	fake_word(fake, mm + MKMM_TASK_SIZE, TOP);
	fake_word(fake, mktask_at(fake, 1) + MKTASK_MM, mm);
	fake_word(fake, mktask_at(fake, 3) + MKTASK_MM, mm);
	// two words are behind the registers of the thread
	regs = fake_get_word(fake, mktask_at(fake, 3) + MKTASK_STACK) + 0x4000 - 16 - MKREGS_SIZE;
	fake_word(fake, regs + MKREGS_SP, 0x400ff0);
	fake_word(fake, regs + MKREGS_SP + 8, 0x12345678);
	fake_word(fake, regs + MKREGS_SP + 16, 0x8); // nothing that is mapped
}

static void expect(const struct sparsebits *set, uint64_t paddr, bool kept)
{
	if (sparsebits_test(set, paddr >> 12) != kept)
		fail_msg("0x%llx is %s", (unsigned long long)paddr, kept ? "not kept" : "kept");
}

static void a_process(void **state)
{
	static const uint64_t tables[] = {PGD, PUD, PMD, LOW, HIGH};

	for (int32_t pid = 1; pid <= 7; pid += 6) { // by one of its threads, too
		const struct keep_options how = {.pids = &pid, .nr_pids = 1};
		_cleanup_sparsebits_ struct sparsebits set = {0};
		struct fakekernel fake;

		make(&fake);
		assert_ok(keep_wanted(fake.kernel, &how, &set));
		for (size_t i = 0; i < 5; i++)
			expect(&set, tables[i], true);
		for (uint64_t i = 0; i < 2 + NR_STACK; i++)
			expect(&set, PAGE + i * 0x1000, true);
		expect(&set, KERNEL, false);
		expect(&set, 0x1234000, false);
		assert_int_equal(sparsebits_count(&set), 5 + 2 + NR_STACK);
		fakekernel_deinit(&fake);
	}
}

static void stacks(void **state)
{
	const struct keep_options how = {.user_stacks = true};

	for (unsigned int from_start = 0; from_start < 2; from_start++) {
		_cleanup_sparsebits_ struct sparsebits set = {0};
		struct fakekernel fake;
		uint64_t regs;

		make(&fake);
		regs = fake_get_word(&fake, mktask_at(&fake, 1) + MKTASK_STACK) + 0x4000 -
		       MKREGS_SIZE;
		fake_word(&fake, regs + MKREGS_SP, TOP - 0x2000 - 0x3000 + 0x100);
		if (from_start) // where it began, from which it goes on downwards
			fake_word(&fake, fake.base + MM + MKMM_START_STACK,
				  TOP - 0x2000 - 0x1000 + 0x80);
		assert_ok(keep_wanted(fake.kernel, &how, &set));
		expect(&set, PAGE, true); // the thread's, up to where its mapping ends
		expect(&set, PAGE + 0x1000, true);
		for (uint64_t i = 0; i < NR_STACK; i++)
			expect(&set, PAGE + 0x2000 + i * 0x1000, from_start || i >= 2);
		assert_int_equal(sparsebits_count(&set), 2 + NR_STACK - (from_start ? 0 : 2));
		fakekernel_deinit(&fake);
	}
}

static void ranges_and_what_is_not_there(void **state)
{
	const struct range ranges[] = {{.start = 0x1fff, .end = 0x2001},
				       {.start = 0x10000, .end = 0x11000}};
	struct keep_options how = {.ranges = ranges, .nr_ranges = 2};
	_cleanup_sparsebits_ struct sparsebits set = {0};
	struct fakekernel fake;
	int32_t pid = 3;

	make(&fake);
	assert_ok(keep_wanted(fake.kernel, &how, &set));
	assert_int_equal(sparsebits_count(&set), 3);
	expect(&set, 0x1000, true);
	expect(&set, 0x2000, true);
	expect(&set, 0x10000, true);
	how = (struct keep_options){.pids = &pid, .nr_pids = 1};
	assert_err(keep_wanted(fake.kernel, &how, &set), ERROR_NOT_FOUND, "no task 3");
	pid = 2;
	assert_err(keep_wanted(fake.kernel, &how, &set), ERROR_NOT_FOUND,
		   "task 2 (kthreadd) has no memory of its own");
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process),
		cmocka_unit_test(stacks),
		cmocka_unit_test(ranges_and_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
