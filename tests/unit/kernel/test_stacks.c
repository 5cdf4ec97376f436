// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <elf.h>

#include "kernel/percpu.h"
#include "kernel/stacks.h"
#include "tests/support/mkkernel.h"

#define OFFSETS 0x8000U  /* __per_cpu_offset */
#define AREA    0x10000U /* of CPU 0; CPU 1 has its own 0x1000 behind */
#define STACKS  0x40000U

struct machine {
	struct fakekernel fake;
	struct percpu *percpu;
	struct stacks *stacks;
};

static void make(struct machine *m, uint16_t machine, const struct mkname *names, size_t nr,
		 struct mkbtf *types)
{
	m->percpu = NULL;
	m->stacks = NULL;
	mkkernel(&m->fake, machine, false, names, nr, types);
	fake_u32(&m->fake, m->fake.base + 0x100, 2); // nr_cpu_ids
	for (unsigned int cpu = 0; cpu < 2; cpu++)
		fake_u64(&m->fake, m->fake.base + OFFSETS + 8 * cpu, 0x1000 * cpu);
	assert_ok(percpu_create(m->fake.kernel, &m->percpu));
}

static void deinit(struct machine *m)
{
	stacks_destroy(m->stacks);
	percpu_destroy(m->percpu);
	fakekernel_deinit(&m->fake);
}

static void check(const struct machine *m, uint64_t addr, uint64_t low, uint64_t size,
		  const char *name, int cpu)
{
	struct stack stack = stacks_at(m->stacks, 0, addr);

	assert_string_equal(stack.name, name);
	assert_int_equal(stack.low, low);
	assert_int_equal(stack.high, low + size);
	assert_int_equal(stack.cpu, cpu);
}

static struct mkbtf *x86_types(bool pcpu_hot)
{
	static const struct mkfield hot[] = {
		{"current_task", 0}, {"hardirq_stack_ptr", 32}, {NULL, 0}};
	struct mkbtf *mk = mkbtf_create(false);
	uint32_t byte = mkbtf_int(mk, "char", 1, 0), page, stack, estacks;

	page = mkbtf_array(mk, byte, 4096);
	stack = mkbtf_array(mk, byte, 8192);
	estacks = mkbtf_type(mk, BTF_STRUCT, "cea_exception_stacks", 0x7000);
	mkbtf_member(mk, "DF_stack_guard", page, 0);
	mkbtf_member(mk, "DF_stack", stack, 8 * 0x1000);
	mkbtf_member(mk, "NMI_stack_guard", page, 8 * 0x3000);
	mkbtf_member(mk, "NMI_stack", stack, 8 * 0x4000);
	mkbtf_type(mk, BTF_STRUCT, "cpu_entry_area", 0xa000);
	mkbtf_member(mk, "entry_stack_page", page, 8 * 0x1000);
	mkbtf_member(mk, "estacks", estacks, 8 * 0x3000);
	if (pcpu_hot)
		mkkernel_struct(mk, "pcpu_hot", 64, hot);
	return mk;
}

static void x86_64(void **state)
{
	static const struct mkname names[] = {
		{"nr_cpu_ids", 0x100},           {"__per_cpu_offset", OFFSETS},
		{"hardirq_stack_ptr", AREA},     {"cea_exception_stacks", AREA + 8},
		{"__start_init_stack", 0x20000}, {"__end_init_stack", 0x24000},
	};
	struct machine m;
	uint64_t base;

	make(&m, EM_X86_64, names, 6, x86_types(false));
	base = m.fake.base;
	// the top less a word, as since 5.12; and the top itself
	fake_u64(&m.fake, base + AREA, base + STACKS + 0x4000 - 8);
	fake_u64(&m.fake, base + AREA + 0x1000, base + STACKS + 0x9000);
	fake_u64(&m.fake, base + AREA + 8, base + STACKS + 0x13000);
	assert_ok(stacks_create(m.fake.kernel, m.percpu, &m.stacks));
	assert_int_equal(m.stacks->task_size, 0x4000);
	assert_int_equal(m.stacks->nr, 2 + 3); // CPU 1 has no entry area
	check(&m, base + STACKS + 0x10, base + STACKS, 0x4000, "IRQ stack", 0);
	check(&m, base + STACKS + 0x5000, base + STACKS + 0x5000, 0x4000, "IRQ stack", 1);
	check(&m, base + STACKS + 0x14000, base + STACKS + 0x14000, 0x2000,
	      "DOUBLEFAULT exception stack", 0);
	check(&m, base + STACKS + 0x18fff, base + STACKS + 0x17000, 0x2000, "NMI exception stack",
	      0);
	check(&m, base + STACKS + 0x11008, base + STACKS + 0x11000, 0x1000, "ENTRY stack", 0);
	// a guard page is none of them, and what is no stack at all
	check(&m, base + STACKS + 0x16000, base + STACKS + 0x14000, 0x4000, STACK_UNKNOWN, -1);
	check(&m, base + 0x3210, base, 0x4000, STACK_UNKNOWN, -1);
	deinit(&m);
}

static void x86_64_pcpu_hot(void **state)
{
	static const struct mkname names[] = {
		{"nr_cpu_ids", 0x100}, {"__per_cpu_offset", OFFSETS}, {"pcpu_hot", AREA}};
	struct machine m;
	uint64_t base;

	make(&m, EM_X86_64, names, 3, x86_types(true));
	base = m.fake.base;
	fake_u64(&m.fake, base + AREA + 0x1000 + 32, base + STACKS + 0x4000 - 8);
	assert_ok(stacks_create(m.fake.kernel, m.percpu, &m.stacks));
	assert_int_equal(m.stacks->task_size, 0x4000); // nothing tells
	assert_int_equal(m.stacks->nr, 1);
	check(&m, base + STACKS, base + STACKS, 0x4000, "IRQ stack", 1);
	deinit(&m);
}

static void arm64_without_types(void **state)
{
	static const struct mkname names[] = {
		{"nr_cpu_ids", 0x100},          {"__per_cpu_offset", OFFSETS},
		{"irq_stack_ptr", AREA},        {"overflow_stack", AREA + 0x10},
		{"__start_init_task", 0x20000}, {"__end_init_task", 0x30000},
	};
	struct machine m;
	uint64_t base;

	make(&m, EM_AARCH64, names, 6, NULL);
	base = m.fake.base;
	fake_u64(&m.fake, base + AREA + 0x1000, base + STACKS);
	assert_ok(stacks_create(m.fake.kernel, m.percpu, &m.stacks));
	assert_int_equal(m.stacks->task_size, 0x10000);
	assert_int_equal(m.stacks->nr, 3);
	check(&m, base + STACKS + 0x8000, base + STACKS, 0x10000, "IRQ stack", 1);
	check(&m, base + AREA + 0x1020, base + AREA + 0x1010, 0x1000, "OVERFLOW stack", 1);
	deinit(&m);
}

static void by_number_of_the_cpu(void **state)
{
	static const struct mkfield paca[] = {
		{"emergency_sp", 8}, {"nmi_emergency_sp", 16}, {NULL, 0}};
	static const struct mkfield lowcore[] = {{"async_stack", 8}, {NULL, 0}};
	static const struct mkname names[] = {
		{"nr_cpu_ids", 0x100},   {"hardirq_ctx", 0x1200},       {"paca_ptrs", 0x1300},
		{"lowcore_ptr", 0x1400}, {"__per_cpu_offset", OFFSETS},
	};
	struct mkbtf *types = mkbtf_create(false);
	struct machine m;
	uint64_t base;

	mkkernel_struct(types, "paca_struct", 64, paca);
	mkkernel_struct(types, "lowcore", 64, lowcore);
	make(&m, EM_PPC64, names, 5, types);
	base = m.fake.base;
	fake_u64(&m.fake, base + 0x1208, base + STACKS); // of CPU 1
	fake_u64(&m.fake, base + 0x1300, base + 0x1500); // the array is elsewhere
	fake_u64(&m.fake, base + 0x1500, base + 0x1600); // CPU 0
	fake_u64(&m.fake, base + 0x1600 + 16, base + STACKS + 0x10000);
	fake_u64(&m.fake, base + 0x1400, base + 0x1700); // the array is here
	fake_u64(&m.fake, base + 0x1708, base + STACKS + 0x17e88);
	assert_ok(stacks_create(m.fake.kernel, m.percpu, &m.stacks));
	assert_int_equal(m.stacks->nr, 3);
	check(&m, base + STACKS, base + STACKS, 0x4000, "IRQ stack", 1);
	check(&m, base + STACKS + 0xffff, base + STACKS + 0xc000, 0x4000, "NMI stack", 0);
	check(&m, base + STACKS + 0x15000, base + STACKS + 0x14000, 0x4000, "IRQ stack", 0);
	deinit(&m);
}

static void of_tasks(void **state)
{
	static const struct mkname names[] = {{"nr_cpu_ids", 0x100}};
	struct machine m;
	struct stack stack;

	make(&m, EM_X86_64, names, 1, NULL);
	assert_ok(stacks_create(m.fake.kernel, m.percpu, &m.stacks));
	stack = stacks_at(m.stacks, 0x10000, 0x13fff);
	assert_string_equal(stack.name, STACK_PROCESS);
	assert_int_equal(stack.low, 0x10000);
	assert_int_equal(stack.high, 0x14000);
	assert_string_equal(stacks_at(m.stacks, 0x10000, 0xffff).name, STACK_GUARD);
	assert_string_equal(stacks_at(m.stacks, 0x10000, 0xefff).name, STACK_UNKNOWN);
	assert_string_equal(stacks_at(m.stacks, 0x10000, 0x14000).name, STACK_UNKNOWN);
	deinit(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x86_64),
		cmocka_unit_test(x86_64_pcpu_hot),
		cmocka_unit_test(arm64_without_types),
		cmocka_unit_test(by_number_of_the_cpu),
		cmocka_unit_test(of_tasks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
