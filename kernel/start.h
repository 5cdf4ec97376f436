/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the backtrace of a task begins. One that does not run has left its registers where the
 * scheduler finds them. Those of a CPU are in the kernel's own memory (crash_notes, which the
 * crashing kernel fills), else in the notes of the dump (NT_PRSTATUS, one for each CPU of a QEMU).
 */
#ifndef KERNEL_START_H
#define KERNEL_START_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/unwind.h"
#include "util/error.h"

struct task;
struct trace;
struct unwinder;

enum start_source {
	START_NONE,       /**< nothing in the dump tells */
	START_SLEEPING,   /**< task_struct.thread */
	START_CRASH_NOTE, /**< crash_notes of the CPU */
	START_DUMP_NOTE,  /**< an NT_PRSTATUS note of the dump */
	START_GIVEN,      /**< somebody else has found it */
};

struct start {
	enum start_source source;
	struct unwind_state state;
	int32_t pid; /**< what a note says of the task that it is of; -1 when it says nothing */
	bool interrupted; /**< the registers are those that something was interrupted with */
	bool doubtful;    /**< the stack pointer of a note is on no stack of that CPU or task */
};

/** "crash_notes" and so on, as documented for --json. */
const char *start_source_name(enum start_source source);

/** CPUs that start_of_cpu() may know something of: 0 to this. */
unsigned int start_nr_cpus(const struct unwinder *unwinder);

/** Registers of a CPU, on which a task runs whose stack begins at task_stack (0: not known). */
void start_of_cpu(struct unwinder *unwinder, unsigned int cpu, uint64_t task_stack,
		  struct start *ret);

/** Of a task, which runs or not. */
void start_of_task(struct unwinder *unwinder, const struct task *task, struct start *ret);

/** unwinder_trace() from there. An empty trace when start.source is START_NONE. */
struct error *start_trace(struct unwinder *unwinder, const struct start *start, uint64_t task_stack,
			  struct trace *trace);

#endif
