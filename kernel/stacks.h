/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stacks that a kernel runs on: those of tasks, and those that each CPU has for interrupts and
 * for exceptions that cannot use the stack they come upon.
 */
#ifndef KERNEL_STACKS_H
#define KERNEL_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct kernel;
struct percpu;

struct stack {
	uint64_t low, high; /**< high is the first address behind it */
	const char *name;   /**< "IRQ stack"; "process stack" of a task; static */
	int32_t cpu;        /**< whose it is; -1 for those of tasks, and unknown ones */
};

#define STACK_PROCESS "process stack"
#define STACK_GUARD   "guard page" /**< right below a task's: where an overflow ends up */
#define STACK_UNKNOWN "unknown stack"

struct stacks {
	uint64_t task_size;   /**< bytes of a task's stack, THREAD_SIZE */
	struct stack *stacks; /**< of CPUs, by address */
	size_t nr;
};

/** Finds what symbols and types tell of: without types, not all of them. */
struct error *stacks_create(struct kernel *kernel, const struct percpu *percpu,
			    struct stacks **ret);
void stacks_destroy(struct stacks *stacks);
DEFINE_CLEANUP(struct stacks *, stacks_destroy)
#define _cleanup_stacks_ _cleanup_(cleanup_stacks_destroy)

/** The stack that addr is on: the one of the task, whose lowest address is task_stack (0: none), or
 * its guard page, one of a CPU, or else what would be a task's stack around addr, as unknown. */
struct stack stacks_at(const struct stacks *stacks, uint64_t task_stack, uint64_t addr);

#endif
