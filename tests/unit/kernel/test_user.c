// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/user.h"

#include <elf.h>

#include "arch/arch.h"
#include "kernel/kernel.h"
#include "kernel/percpu.h"
#include "tests/support/mkkernel.h"
#include "tests/support/test.h"

#define MM      0x10000U
#define PGD     0x20000U /* tables at + 0x1000, + 0x2000, + 0x3000 */
#define PAGE    0x30000U
#define COUNTER 0x40000U /* per-CPU parts */

enum rss { COUNTS, PERCPU };

static void make(struct fakekernel *fake, enum rss rss)
{
	static const struct mkname names[] = {{"__per_cpu_offset", 0x1000}, {"nr_cpu_ids", 0x1100}};
	struct mkbtf *mk = mkbtf_create(false);
	uint32_t word = mkbtf_int(mk, "long int", 8, 1U << 24 | 64);
	uint32_t i32 = mkbtf_int(mk, "int", 4, 1U << 24 | 32);
	uint32_t inner = mkbtf_array(mk, word, 4), counter, small = 0;
	uint32_t ints = mkbtf_array(mk, i32, 4);

	counter = mkbtf_type(mk, BTF_STRUCT, "percpu_counter", 24);
	mkbtf_member(mk, "count", word, 64);
	mkbtf_member(mk, "counters", word, 128);
	counter = mkbtf_array(mk, counter, 4);
	if (rss == COUNTS) {
		counter = mkbtf_type(mk, BTF_STRUCT, "mm_rss_stat", 32);
		mkbtf_member(mk, "count", inner, 0);
		small = mkbtf_type(mk, BTF_STRUCT, "task_rss_stat", 20);
		mkbtf_member(mk, "count", ints, 32);
	}
	mkbtf_type(mk, BTF_STRUCT, "mm_struct", 256);
	mkbtf_member(mk, "pgd", word, 0);
	mkbtf_member(mk, "total_vm", word, 64);
	mkbtf_member(mk, "rss_stat", counter, 128);
	if (rss == COUNTS) {
		mkbtf_type(mk, BTF_STRUCT, "task_struct", 64);
		mkbtf_member(mk, "rss_stat", small, 8 * 32);
	}
	mkkernel(fake, EM_X86_64, false, names, 2, mk);
	fake_u64(fake, fake->base + 0x1008, 0x100);
	fake_u32(fake, fake->base + 0x1100, 2);
	fake_u64(fake, fake->base + MM + 8, 500);
}

static void counts(void **state)
{
	struct mm_layout layout;
	struct percpu *percpu = NULL;
	struct fakekernel fake;
	struct mm_usage usage;
	uint64_t mm;

	make(&fake, COUNTS);
	mm = fake.base + MM;
	for (uint64_t i = 0; i < 4; i++)
		fake_u64(&fake, mm + 16 + 8 * i, 10 + i);
	for (uint64_t i = 0; i < 4; i++)
		fake_u32(&fake, fake.base + 0x8000 + 36 + 4 * i, i == 1 ? (uint32_t)-2 : 5);
	assert_ok(percpu_create(fake.kernel, &percpu));
	assert_ok(mm_layout_init(fake.kernel, &layout));
	usage = mm_usage(fake.kernel, &layout, percpu, mm);
	assert_int_equal(usage.vsz, 500);
	assert_int_equal(usage.rss, 10 + 11 + 13); // what is swapped out is not in memory
	assert_int_equal(mm_usage_of_task(fake.kernel, &layout, fake.base + 0x8000), 8);
	usage = mm_usage(fake.kernel, &layout, percpu, 0x10);
	assert_int_equal(usage.vsz + usage.rss, 0);
	percpu_destroy(percpu);
	fakekernel_deinit(&fake);
}

static void percpu_counters(void **state)
{
	struct mm_layout layout;
	struct percpu *percpu = NULL;
	struct fakekernel fake;
	struct mm_usage usage;
	uint64_t mm;

	make(&fake, PERCPU);
	mm = fake.base + MM;
	for (uint64_t i = 0; i < 4; i++) {
		uint64_t counter = mm + 16 + 24 * i, parts = fake.base + COUNTER + 4 * i;

		fake_u64(&fake, counter + 8, 100 * (i + 1));
		fake_u64(&fake, counter + 16, parts);
		fake_u32(&fake, parts, (uint32_t)-5);
		fake_u32(&fake, parts + 0x100, 7);
	}
	assert_ok(percpu_create(fake.kernel, &percpu));
	assert_ok(mm_layout_init(fake.kernel, &layout));
	usage = mm_usage(fake.kernel, &layout, percpu, mm);
	assert_int_equal(usage.rss, 102 + 202 + 402);
	assert_int_equal(mm_usage_of_task(fake.kernel, &layout, fake.base + 0x8000), 0);
	percpu_destroy(percpu);
	fakekernel_deinit(&fake);
}

/* A page of a process at 0x400000, with tables as the kernel's. */
static void pages(void **state)
{
	const struct paging paging = {
		.page_shift = 12,
		.nr_levels = 4,
		.bits = {9, 9, 9, 9},
		.shift = {12, 21, 30, 39},
		.first = 0xffff800000000000,
		.last = UINT64_MAX, // the upper half alone, as on arm64
		.entry_size = 8,
		.addr_mask = 0xffffffffff000,
	};
	struct fakekernel fake;
	struct addrspace as;
	char text[8];

	make(&fake, PERCPU);
	fake.kernel->as.arch = &arch_x86_64;
	fake.kernel->as.paging = paging;
	fake_u64(&fake, fake.base + MM, fake.base + PGD);
	fake_u64(&fake, fake.base + PGD, (PGD + 0x1000) | 7);
	fake_u64(&fake, fake.base + PGD + 0x1000, (PGD + 0x2000) | 7);
	fake_u64(&fake, fake.base + PGD + 0x2000 + 8 * 2, (PGD + 0x3000) | 7);
	fake_u64(&fake, fake.base + PGD + 0x3000, PAGE | 7);
	strcpy((char *)fake_at(&fake, fake.base + PAGE, 8), "program");
	assert_ok(user_addrspace(fake.kernel, fake.base + MM, &as));
	assert_int_equal(as.nr_linear, 0);
	assert_int_equal(as.paging.root, PGD);
	assert_int_equal(as.paging.last, 0xffffffffffff);
	assert_int_equal(kernel_read_as(fake.kernel, &as, 0x400000, text, 8), 8);
	assert_string_equal(text, "program");
	assert_int_equal(kernel_read_as(fake.kernel, &as, 0x401000, text, 8), 0);

	assert_err(user_addrspace(fake.kernel, 0x10, &as), ERROR_FORMAT, "mm_struct 0x10");
	fakekernel_deinit(&fake);

	make(&fake, PERCPU);
	fake_u64(&fake, fake.base + MM, 0x10);
	assert_err(user_addrspace(fake.kernel, fake.base + MM, &as), ERROR_FORMAT, "0x10");
	fakekernel_deinit(&fake);
	make(&fake, PERCPU);
	fake_u64(&fake, fake.base + MM, fake.base + PGD);
	assert_err(user_addrspace(fake.kernel, fake.base + MM, &as), ERROR_UNSUPPORTED,
		   "not known");
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(counts),
					   cmocka_unit_test(percpu_counters),
					   cmocka_unit_test(pages)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
