// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/bt_stack.h"

#include <inttypes.h>

#include "arch/arch.h"
#include "kernel/backtrace.h"
#include "kernel/kernel.h"
#include "kernel/unwinder.h"
#include "util/checked.h"
#include "util/json.h"

#define WORD 8U /* of all architectures that have an unwinder */

static void text_json(struct unwinder *unwinder, uint64_t at, uint64_t word, struct json *json)
{
	struct symbol symbol;
	uint64_t offset;

	json_begin_object(json, NULL);
	json_hex(json, "at", at);
	json_hex(json, "ip", word);
	if (unwinder_function(unwinder, word, false, &symbol, &offset)) {
		json_string(json, "function", symbol.name);
		json_u64(json, "offset", offset);
	}
	json_end_object(json);
}

void bt_print_text(struct unwinder *unwinder, const struct stack *stack, uint64_t from,
		   struct json *json, FILE *out)
{
	uint64_t word;

	for (uint64_t at = align_up(from, WORD); at - stack->low < stack->high - stack->low;
	     at += WORD) {
		if (!kernel_read_u64(unwinder->kernel, at, &word) ||
		    !unwinder_is_text(unwinder, word))
			continue;
		if (json) {
			text_json(unwinder, at, word, json);
			continue;
		}
		fprintf(out, "  [%016" PRIx64 "] ", at);
		backtrace_print_function(unwinder, word, false, false, out);
		fprintf(out, " at %016" PRIx64 "\n", word);
	}
}

/* Whether the registers are such as code that ran on this stack can have. */
static bool fits(const struct unwinder *unwinder, const struct stack *stack,
		 const struct unwind_state *state)
{
	const struct arch *arch = unwinder->kernel->as.arch;

	if (!arch->unwind->plausible(&unwinder->env, state))
		return false;
	if (state->user)
		return state->ip >= 4096 && !(state->ip >> 63) && !(state->sp >> 63);
	return unwinder_is_text(unwinder, state->ip) && state->sp >= state->at &&
	       state->sp - stack->low <= stack->high - stack->low;
}

struct error *bt_print_exceptions(struct unwinder *unwinder, const struct stack *stack,
				  struct json *json, FILE *out)
{
	const struct arch *arch = unwinder->kernel->as.arch;

	if (!arch->unwind->plausible)
		return error_create(ERROR_UNSUPPORTED,
				    "the registers of %s cannot be told from other words",
				    arch->name);
	for (uint64_t at = stack->low; at + arch->unwind->regs_len <= stack->high; at += WORD) {
		struct unwind_state state = {0};

		if (unwind_read_regs(&unwinder->env, at, 0, &state) != UNWIND_REGS ||
		    !fits(unwinder, stack, &state))
			continue;
		if (json) {
			json_begin_object(json, NULL);
			json_hex(json, "at", at);
			json_bool(json, "user", state.user);
			backtrace_registers_json(unwinder, state.regs, json);
			json_end_object(json);
			continue;
		}
		fprintf(out, "  %s-MODE EXCEPTION FRAME AT: %016" PRIx64 "\n",
			state.user ? "USER" : "KERNEL", at);
		backtrace_print_context(unwinder, state.ip, state.user, state.regs, out);
		putc('\n', out);
	}
	return NULL;
}
