// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/stacks.h"

#include <stdlib.h>
#include <string.h>

#include "dump/reader.h"
#include "kernel/btf.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/percpu.h"
#include "util/checked.h"
#include "util/sys.h"

#define TASK_SIZE_DEFAULT (16U << 10)
#define TASK_SIZE_MAX     (1U << 20)
#define PAGE              4096U /* what tops of stacks are rounded up to; their ends have spare words */
#define MAX_PER_CPU       24U

/* Where a CPU keeps something that leads to a stack. */
enum place {
	PER_CPU,    /* in its copy of a per-CPU variable */
	BY_INDEX,   /* in an array of pointers, at its number */
	BY_POINTER, /* the same, of an array that the symbol is a pointer to */
};

enum meaning {
	POINTS_LOW,  /* it is the lowest address */
	POINTS_TOP,  /* the highest, or a little below */
	POINTS_INTO, /* some address of it; stacks are aligned to their size */
	IS_STACK,    /* it is the stack */
};

struct source {
	const char *symbol;
	enum place place;
	const char *member; /* where in the struct, which all but PER_CPU point at; or NULL */
	enum meaning meaning;
	uint32_t size; /* 0: that of a task's stack */
	const char *name;
};

static const struct source sources[] = {
	// x86_64; a member of pcpu_hot from 6.2 to 6.14 (Linux commits d7b6d709a76a, c6a0918072ea)
	{"hardirq_stack_ptr", PER_CPU, NULL, POINTS_TOP, 0, "IRQ stack"},
	{"pcpu_hot", PER_CPU, "pcpu_hot.hardirq_stack_ptr", POINTS_TOP, 0, "IRQ stack"},
	// arm64, riscv64
	{"irq_stack_ptr", PER_CPU, NULL, POINTS_LOW, 0, "IRQ stack"},
	{"overflow_stack", PER_CPU, NULL, IS_STACK, 4096, "OVERFLOW stack"},
	{"sdei_stack_normal_ptr", PER_CPU, NULL, POINTS_LOW, 0, "SDEI stack"},
	{"sdei_stack_critical_ptr", PER_CPU, NULL, POINTS_LOW, 0, "SDEI critical stack"},
	// s390x
	{"lowcore_ptr", BY_INDEX, "lowcore.async_stack", POINTS_INTO, 0, "IRQ stack"},
	{"lowcore_ptr", BY_INDEX, "lowcore.nodat_stack", POINTS_INTO, 0, "NODAT stack"},
	{"lowcore_ptr", BY_INDEX, "lowcore.mcck_stack", POINTS_INTO, 0, "MCCK stack"},
	{"lowcore_ptr", BY_INDEX, "lowcore.restart_stack", POINTS_INTO, 0, "RESTART stack"},
	// ppc64
	{"hardirq_ctx", BY_INDEX, NULL, POINTS_LOW, 0, "IRQ stack"},
	{"softirq_ctx", BY_INDEX, NULL, POINTS_LOW, 0, "SOFTIRQ stack"},
	{"paca_ptrs", BY_POINTER, "paca_struct.emergency_sp", POINTS_TOP, 0, "EMERGENCY stack"},
	{"paca_ptrs", BY_POINTER, "paca_struct.nmi_emergency_sp", POINTS_TOP, 0, "NMI stack"},
	{"paca_ptrs", BY_POINTER, "paca_struct.mc_emergency_sp", POINTS_TOP, 0, "MCE stack"},
};

/* Members of struct cea_exception_stacks; those between them are guard pages. */
static const struct {
	const char *member, *name;
} exceptions[] = {
	{"cea_exception_stacks.DF_stack", "DOUBLEFAULT exception stack"},
	{"cea_exception_stacks.NMI_stack", "NMI exception stack"},
	{"cea_exception_stacks.DB_stack", "DEBUG exception stack"},
	{"cea_exception_stacks.MCE_stack", "MCE exception stack"},
	{"cea_exception_stacks.VC_stack", "VC exception stack"},
	{"cea_exception_stacks.VC2_stack", "VC fallback stack"},
};

struct finder {
	struct kernel *kernel;
	const struct percpu *percpu;
	const struct btf *btf; /* or NULL */
	struct stacks *stacks;
};

static void add(struct finder *f, uint64_t low, uint64_t size, const char *name, unsigned int cpu)
{
	uint64_t high;

	if (low && size && checked_add(low, size, &high))
		f->stacks->stacks[f->stacks->nr++] = (struct stack){low, high, name, (int32_t)cpu};
}

static bool find_member(const struct finder *f, const char *path, struct btf_member *ret)
{
	return f->btf && btf_find_member(f->btf, path, ret);
}

static void add_source(struct finder *f, const struct source *source, uint64_t symbol,
		       uint64_t offset, unsigned int cpu)
{
	uint64_t size = source->size ? source->size : f->stacks->task_size, at, value;

	if (source->place == PER_CPU) {
		if (!percpu_address(f->percpu, symbol, cpu, &at))
			return;
	} else {
		if (source->place == BY_POINTER && !kernel_read_word(f->kernel, symbol, &symbol))
			return;
		at = symbol + (uint64_t)f->kernel->dump->facts.word * cpu;
		if (source->member && !kernel_read_word(f->kernel, at, &at))
			return;
	}
	at += offset;
	if (source->meaning == IS_STACK)
		add(f, at, size, source->name, cpu);
	else if (!kernel_read_word(f->kernel, at, &value) || value < size)
		return;
	else if (source->meaning == POINTS_TOP)
		add(f, align_up(value, PAGE) - size, size, source->name, cpu);
	else
		add(f, source->meaning == POINTS_INTO ? align_down(value, size) : value, size,
		    source->name, cpu);
}

/* x86_64: a struct that the per-CPU pointer leads to, inside the CPU's entry area, of which the
 * stack for entries from user mode is a part too. */
static void add_exceptions(struct finder *f, uint64_t symbol, unsigned int cpu)
{
	struct btf_member member, area;
	uint64_t at;

	if (!percpu_address(f->percpu, symbol, cpu, &at) || !kernel_read_word(f->kernel, at, &at) ||
	    !at)
		return;
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (find_member(f, exceptions[i].member, &member))
			add(f, at + member.offset, member.size, exceptions[i].name, cpu);
	if (find_member(f, "cpu_entry_area.estacks", &area) &&
	    find_member(f, "cpu_entry_area.entry_stack_page", &member))
		add(f, at - area.offset + member.offset, member.size, "ENTRY stack", cpu);
}

static int compare(const void *a, const void *b)
{
	const struct stack *left = a, *right = b;

	return left->low < right->low ? -1 : left->low > right->low;
}

static void find(struct finder *f)
{
	struct btf_member member = {0};
	uint64_t symbol;

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (!kernel_lookup(f->kernel, sources[i].symbol, &symbol) ||
		    (sources[i].member && !find_member(f, sources[i].member, &member)))
			continue;
		for (unsigned int cpu = 0; cpu < f->percpu->nr; cpu++)
			if (f->percpu->cpus[cpu].possible)
				add_source(f, &sources[i], symbol,
					   sources[i].member ? member.offset : 0, cpu);
	}
	if (!kernel_lookup(f->kernel, "cea_exception_stacks", &symbol))
		return;
	for (unsigned int cpu = 0; cpu < f->percpu->nr; cpu++)
		add_exceptions(f, symbol, cpu);
}

/* The stack of the first task is as long as all others. */
static uint64_t find_task_size(struct kernel *kernel, const struct btf *btf)
{
	static const char *const ends[][2] = {
		// the latter before Linux commit 8f69cba096b5 (6.10)
		{"__start_init_stack", "__end_init_stack"},
		{"__start_init_task", "__end_init_task"},
	};
	uint64_t start, end, size = 0;

	if (!btf || !btf_find_size(btf, "thread_union", &size))
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && !size; i++)
			if (kernel_lookup(kernel, ends[i][0], &start) &&
			    kernel_lookup(kernel, ends[i][1], &end))
				size = end - start;
	return is_power_of_two(size) && size >= PAGE && size <= TASK_SIZE_MAX ? size
									      : TASK_SIZE_DEFAULT;
}

struct error *stacks_create(struct kernel *kernel, const struct percpu *percpu, struct stacks **ret)
{
	_cleanup_stacks_ struct stacks *stacks = sys_calloc(1, sizeof(*stacks));
	struct finder f = {.kernel = kernel, .percpu = percpu, .stacks = stacks};

	if (!stacks)
		return &error_nomem;
	stacks->stacks = sys_calloc((size_t)percpu->nr * MAX_PER_CPU, sizeof(struct stack));
	if (!stacks->stacks)
		return &error_nomem;
	_Static_assert(sizeof(sources) / sizeof(sources[0]) +
				       sizeof(exceptions) / sizeof(exceptions[0]) + 1 <=
			       MAX_PER_CPU,
		       "room for all of them");
	error_ignore(kernel_btf(kernel, &f.btf));
	stacks->task_size = find_task_size(kernel, f.btf);
	find(&f);
	qsort(stacks->stacks, stacks->nr, sizeof(struct stack), compare);
	*ret = TAKE_PTR(stacks);
	return NULL;
}

void stacks_destroy(struct stacks *stacks)
{
	if (!stacks)
		return;
	free(stacks->stacks);
	free(stacks);
}

struct stack stacks_at(const struct stacks *stacks, uint64_t task_stack, uint64_t addr)
{
	size_t low = 0, high = stacks->nr;
	uint64_t start = align_down(addr, stacks->task_size);

	if (task_stack && addr - task_stack < stacks->task_size)
		return (struct stack){task_stack, task_stack + stacks->task_size, STACK_PROCESS,
				      -1};
	if (task_stack && task_stack - addr <= PAGE)
		return (struct stack){task_stack - PAGE, task_stack, STACK_GUARD, -1};
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (stacks->stacks[mid].low <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (low && addr < stacks->stacks[low - 1].high)
		return stacks->stacks[low - 1];
	return (struct stack){start, start + stacks->task_size, STACK_UNKNOWN, -1};
}
