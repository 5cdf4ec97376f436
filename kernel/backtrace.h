/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces as people and programs read them: text as crash prints it, and JSON. */
#ifndef KERNEL_BACKTRACE_H
#define KERNEL_BACKTRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "util/json.h"

struct start;
struct trace;
struct unwinder;

struct backtrace_format {
	FILE *out;
	bool offsets; /**< "panic+317" in place of "panic" */
	bool lines;   /**< what scripts/faddr2line of the kernel takes, below each frame */
	bool words;   /**< what stands on the stack in each frame, */
	bool names;   /**< with the names of symbols in place of their addresses */
};

/** The frames of a trace and how it ends, if not at its root; or why there is none. */
void backtrace_print(struct unwinder *unwinder, const struct start *start,
		     const struct trace *trace, const struct backtrace_format *format);

/** The same as members of the object that has begun: "start", "complete", "frames" and so on. */
void backtrace_json(struct unwinder *unwinder, const struct start *start, const struct trace *trace,
		    struct json *json);

/** An interrupted context: where that was, if not in user mode, and its registers as they are in
 * memory (struct unwind_state), or NULL. */
void backtrace_print_context(struct unwinder *unwinder, uint64_t ip, bool user, const uint8_t *regs,
			     FILE *out);

/** The registers as the member "registers". */
void backtrace_registers_json(const struct unwinder *unwinder, const uint8_t *regs,
			      struct json *json);

/** "panic", "panic+317", with " [module]" behind it; words for code
 * without a symbol. For a return address (not exact) of the call before it. */
void backtrace_print_function(struct unwinder *unwinder, uint64_t ip, bool exact, bool offset,
			      FILE *out);

#endif
