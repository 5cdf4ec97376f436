/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake kernel with tasks and run queues, as kernel/tasks.c looks for them. */
#ifndef TESTS_SUPPORT_MKTASKS_H
#define TESTS_SUPPORT_MKTASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/fakekernel.h"

struct mktask {
	int32_t pid, tgid;
	const char *comm;
	uint32_t state;
	uint32_t cpu;
	size_t parent; /**< index */
};

// Members of its task_struct.
#define MKTASK_STATE   0x00
#define MKTASK_FLAGS   0x08
#define MKTASK_PID     0x0c
#define MKTASK_TGID    0x10
#define MKTASK_CPU     0x14
#define MKTASK_PARENT  0x18
#define MKTASK_MM      0x20
#define MKTASK_STACK   0x28
#define MKTASK_SIGNAL  0x30
#define MKTASK_TASKS   0x38 /* struct list_head */
#define MKTASK_THREADS 0x48 /* struct list_head */
#define MKTASK_COMM    0x58 /* 16 bytes */
#define MKTASK_ON_RQ   0x68
#define MKTASK_ARRIVAL 0x70
#define MKTASK_SIZE    0x80

// Members of a struct mm_struct, which a test puts where it likes, and of struct pt_regs.
#define MKMM_PGD         0x08
#define MKMM_TASK_SIZE   0x10
#define MKMM_START_STACK 0x18
#define MKREGS_SP        0x10
#define MKREGS_SIZE      0x20

// Members of its struct rq, and the variables.
#define MKRQ_CURR       0x00
#define MKRQ_IDLE       0x08
#define MKRQ_CLOCK      0x10
#define MKTASK_NR       0x2200 /* nr_threads */
#define MKTASK_PANIC    0x2208 /* panic_cpu */
#define MKTASK_CRASHING 0x2210 /* crashing_cpu */

/** Addresses of task number i, and of the run queue of a CPU. */
uint64_t mktask_at(const struct fakekernel *fake, size_t i);
uint64_t mktask_rq(const struct fakekernel *fake, unsigned int cpu);

/**
 * Makes the kernel. Task 0 is init_task and idles on CPU 0. Tasks whose pid is not their tgid are
 * threads of the group that has it. idle[cpu] and running[cpu] are indexes. extra lines of
 * VMCOREINFO may be NULL.
 */
void mktasks(struct fakekernel *fake, bool big_endian, const struct mktask *tasks, size_t nr,
	     const size_t *idle, const size_t *running, unsigned int nr_cpus);

#endif
