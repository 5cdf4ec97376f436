// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mktasks.h"

#include <elf.h>

#include "tests/support/mkkernel.h"
#include "tests/support/test.h"

#define RUNQUEUES 0x1000U
#define OFFSETS   0x2000U
#define NR_CPUS   0x2100U
#define POSSIBLE  0x2108U
#define PRESENT   0x2110U
#define ONLINE    0x2118U
#define TASKS     0x10000U
#define TASK_STEP 0x400U
#define SIGNALS   0x80000U
#define PERCPU    0x90000U /* copies, from the symbols */
#define STEP      0x1000U

uint64_t mktask_at(const struct fakekernel *fake, size_t i)
{
	return fake->base + TASKS + TASK_STEP * i;
}

uint64_t mktask_rq(const struct fakekernel *fake, unsigned int cpu)
{
	return fake->base + RUNQUEUES + PERCPU + (uint64_t)STEP * cpu;
}

static struct mkbtf *make_types(bool big_endian)
{
	static const struct mkfield rq[] = {
		{"curr", MKRQ_CURR}, {"idle", MKRQ_IDLE}, {"clock", MKRQ_CLOCK}, {NULL, 0}};
	static const struct mkfield mm[] = {{"arg_start", 0},
					    {"pgd", MKMM_PGD},
					    {"task_size", MKMM_TASK_SIZE},
					    {"start_stack", MKMM_START_STACK},
					    {NULL, 0}};
	static const struct mkfield regs[] = {{"sp", MKREGS_SP}, {NULL, 0}};
	struct mkbtf *mk = mkbtf_create(big_endian);
	uint32_t word = mkbtf_int(mk, "unsigned long", 8, 64);
	uint32_t u32 = mkbtf_int(mk, "unsigned int", 4, 32);
	uint32_t chr = mkbtf_int(mk, "char", 1, 1U << 24 | 8);
	uint32_t comm = mkbtf_array(mk, chr, 16);
	uint32_t head = mkbtf_type(mk, BTF_STRUCT, "list_head", 16);
	uint32_t sched;

	mkbtf_member(mk, "next", word, 0);
	mkbtf_member(mk, "prev", word, 64);
	sched = mkbtf_type(mk, BTF_STRUCT, "sched_info", 8);
	mkbtf_member(mk, "last_arrival", word, 0);
	mkbtf_type(mk, BTF_STRUCT, "task_struct", MKTASK_SIZE);
	mkbtf_member(mk, "__state", u32, 8 * MKTASK_STATE);
	mkbtf_member(mk, "flags", u32, 8 * MKTASK_FLAGS);
	mkbtf_member(mk, "pid", u32, 8 * MKTASK_PID);
	mkbtf_member(mk, "tgid", u32, 8 * MKTASK_TGID);
	mkbtf_member(mk, "cpu", u32, 8 * MKTASK_CPU);
	mkbtf_member(mk, "real_parent", word, 8 * MKTASK_PARENT);
	mkbtf_member(mk, "mm", word, 8 * MKTASK_MM);
	mkbtf_member(mk, "stack", word, 8 * MKTASK_STACK);
	mkbtf_member(mk, "signal", word, 8 * MKTASK_SIGNAL);
	mkbtf_member(mk, "tasks", head, 8 * MKTASK_TASKS);
	mkbtf_member(mk, "thread_node", head, 8 * MKTASK_THREADS);
	mkbtf_member(mk, "comm", comm, 8 * MKTASK_COMM);
	mkbtf_member(mk, "on_rq", u32, 8 * MKTASK_ON_RQ);
	mkbtf_member(mk, "sched_info", sched, 8 * MKTASK_ARRIVAL);
	mkbtf_type(mk, BTF_STRUCT, "signal_struct", 32);
	mkbtf_member(mk, "thread_head", head, 8 * 16);
	mkkernel_struct(mk, "rq", 24, rq);
	mkkernel_struct(mk, "mm_struct", 32, mm);
	mkkernel_struct(mk, "pt_regs", MKREGS_SIZE, regs);
	return mk;
}

/* Puts a link at the end of a list whose head is at head. */
static void add_tail(struct fakekernel *fake, uint64_t head, uint64_t link)
{
	uint64_t last = fake_get_word(fake, head + 8);

	fake_word(fake, last, link);
	fake_word(fake, link, head);
	fake_word(fake, link + 8, last);
	fake_word(fake, head + 8, link);
}

static void empty_list(struct fakekernel *fake, uint64_t head)
{
	fake_word(fake, head, head);
	fake_word(fake, head + 8, head);
}

static void put_task(struct fakekernel *fake, const struct mktask *task, size_t i, size_t leader)
{
	uint64_t at = mktask_at(fake, i);
	uint64_t signal = fake->base + SIGNALS + 0x40 * leader;

	fake_u32(fake, at + MKTASK_STATE, task->state);
	fake_u32(fake, at + MKTASK_PID, (uint32_t)task->pid);
	fake_u32(fake, at + MKTASK_TGID, (uint32_t)task->tgid);
	fake_u32(fake, at + MKTASK_CPU, task->cpu);
	fake_word(fake, at + MKTASK_PARENT, mktask_at(fake, task->parent));
	fake_word(fake, at + MKTASK_STACK, fake->base + 0x100000 + 0x4000 * i);
	fake_word(fake, at + MKTASK_SIGNAL, signal);
	strncpy((char *)fake_at(fake, at + MKTASK_COMM, 16), task->comm, 16);
	if (leader == i)
		empty_list(fake, signal + 16);
	add_tail(fake, signal + 16, at + MKTASK_THREADS);
}

static void put_cpus(struct fakekernel *fake, const size_t *idle, const size_t *running,
		     unsigned int nr)
{
	uint64_t base = fake->base;

	fake_u32(fake, base + NR_CPUS, nr);
	fake_word(fake, base + POSSIBLE, (1U << nr) - 1);
	fake_word(fake, base + PRESENT, (1U << nr) - 1);
	fake_word(fake, base + ONLINE, 1);
	for (unsigned int cpu = 0; cpu < nr; cpu++) {
		uint64_t rq = mktask_rq(fake, cpu);

		fake_word(fake, base + OFFSETS + 8 * (uint64_t)cpu, PERCPU + STEP * cpu);
		fake_word(fake, rq + MKRQ_CURR, mktask_at(fake, running[cpu]));
		fake_word(fake, rq + MKRQ_IDLE, mktask_at(fake, idle[cpu]));
		fake_word(fake, rq + MKRQ_CLOCK, 1000 + cpu);
	}
}

static bool is_idle(const size_t *idle, unsigned int nr_cpus, size_t i)
{
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		if (idle[cpu] == i)
			return true;
	return false;
}

void mktasks(struct fakekernel *fake, bool big_endian, const struct mktask *tasks, size_t nr,
	     const size_t *idle, const size_t *running, unsigned int nr_cpus)
{
	static const struct mkname names[] = {
		{"__per_cpu_start", RUNQUEUES},
		{"runqueues", RUNQUEUES},
		{"__per_cpu_end", RUNQUEUES + 0x100},
		{"__per_cpu_offset", OFFSETS},
		{"nr_cpu_ids", NR_CPUS},
		{"__cpu_possible_mask", POSSIBLE},
		{"__cpu_present_mask", PRESENT},
		{"__cpu_online_mask", ONLINE},
		{"nr_threads", MKTASK_NR},
		{"panic_cpu", MKTASK_PANIC},
		{"crashing_cpu", MKTASK_CRASHING},
		{"__start_init_stack", 0x8000},
		{"__end_init_stack", 0xc000},
		{"init_task", TASKS},
	};
	uint32_t counted = 0;

	mkkernel(fake, EM_X86_64, big_endian, names, sizeof(names) / sizeof(names[0]),
		 make_types(big_endian));
	empty_list(fake, mktask_at(fake, 0) + MKTASK_TASKS);
	for (size_t i = 0; i < nr; i++) {
		size_t leader = 0;

		while (tasks[leader].pid != tasks[i].tgid ||
		       (tasks[i].pid == tasks[i].tgid && leader != i))
			leader++;
		put_task(fake, &tasks[i], i, leader);
		if (is_idle(idle, nr_cpus, i))
			continue;
		counted++;
		if (leader == i)
			add_tail(fake, mktask_at(fake, 0) + MKTASK_TASKS,
				 mktask_at(fake, i) + MKTASK_TASKS);
	}
	fake_u32(fake, fake->base + MKTASK_NR, counted);
	fake_u32(fake, fake->base + MKTASK_PANIC, UINT32_MAX);
	fake_u32(fake, fake->base + MKTASK_CRASHING, UINT32_MAX);
	put_cpus(fake, idle, running, nr_cpus);
}
