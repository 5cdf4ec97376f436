/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Backtraces: from a place in the kernel's code to the functions that led there, step by step
 * (arch/unwind.h), over all stacks of the CPU, down to the root: a function that nobody called, or
 * user mode. Nothing on a stack is trusted; every trace ends, and says how.
 */
#ifndef KERNEL_UNWIND_H
#define KERNEL_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/unwind.h"
#include "kernel/stacks.h"
#include "util/error.h"

struct unwinder;

#define TRACE_MAX_FRAMES 4096U

enum frame_kind {
	FRAME_CALL,
	FRAME_EXCEPTION, /**< a context of the kernel that was interrupted by an exception, */
	FRAME_INTERRUPT, /**< or by an interrupt */
	FRAME_USER,      /**< user mode; the last one */
};

struct frame {
	uint64_t ip;
	uint64_t at; /**< where on the stack that was found, as struct unwind_state has it */
	enum frame_kind kind;
	bool exact;         /**< ip is the next instruction; else a call returns to it */
	bool guessed;       /**< or something before it was: not by unwind data or frame pointers */
	size_t regs;        /**< number + 1 of its registers in the trace, 0: not known */
	struct stack stack; /**< that at is on */
};

enum trace_end {
	TRACE_ROOT,
	TRACE_UNREADABLE, /**< the stack at end_at is not in the dump */
	TRACE_NO_CODE,    /**< what should be a return address, at end_at, is none */
	TRACE_NO_DATA,    /**< nothing tells how to go on from the function at end_at */
	TRACE_LOST,       /**< end_at is where a stack cannot go on: it has been there already */
	TRACE_TOO_LONG,
};

/** Begins as zeros; may be used again and again. */
struct trace {
	struct frame *frames;
	size_t nr, capacity;
	uint8_t (*regs)[UNWIND_REGS_MAX];
	size_t nr_regs, regs_capacity;
	enum trace_end end;
	uint64_t end_at;
};

void trace_deinit(struct trace *trace);
#define _cleanup_trace_ _cleanup_(trace_deinit)

/** "0x... cannot be read": why the trace ends before its root. */
#define TRACE_END_TEXT 96
const char *trace_end_text(const struct trace *trace, char buf[static TRACE_END_TEXT]);

/** Makes the trace that begins with start. task_stack is the lowest address of the task's stack, 0
 * when there is none. Fails only without memory. */
struct error *unwinder_trace(struct unwinder *unwinder, const struct unwind_state *start,
			     uint64_t task_stack, struct trace *trace);

/** As if a function whose frame begins at sp were running: the state of the one that called it.
 * False when nothing there is a return address. */
bool unwinder_start_at(struct unwinder *unwinder, uint64_t sp, uint64_t task_stack,
		       struct unwind_state *ret);

#endif
