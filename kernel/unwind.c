// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/unwind.h"

#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "kernel/kernel.h"
#include "kernel/unwinder.h"
#include "util/checked.h"
#include "util/sys.h"

#define MAX_STACKS 16U /* that one trace can be on, one after the other */
#define MAX_SCANS  16U /* of a stack for a return address */

/* How much of a trace does not come from unwind data. */
enum guess {
	GUESS_NONE,
	GUESS_CONFIRMED, /* a call of this very function was found: sure if the root is reached */
	GUESS_OPEN,
};

struct walk {
	struct unwinder *unwinder;
	const struct unwind_env *env;
	const struct arch_unwind *arch;
	struct trace *trace;
	uint64_t task_stack;
	struct stack stack;        /* where the walk is */
	uint64_t left[MAX_STACKS]; /* where it was before */
	size_t nr_left, nr_scans;
	size_t nr_same; /* frames at the same place, one after the other */
	enum guess guess;
};

void trace_deinit(struct trace *trace)
{
	free(trace->frames);
	free(trace->regs);
	*trace = (struct trace){0};
}

const char *trace_end_text(const struct trace *trace, char buf[static TRACE_END_TEXT])
{
	unsigned long long at = trace->end_at;

	switch (trace->end) {
	case TRACE_ROOT: return "complete";
	case TRACE_TOO_LONG: return "there are more frames than any stack has room for";
	case TRACE_UNREADABLE:
		snprintf(buf, TRACE_END_TEXT, "the stack at 0x%llx cannot be read", at);
		break;
	case TRACE_NO_CODE:
		snprintf(buf, TRACE_END_TEXT, "what stands at 0x%llx is no return address", at);
		break;
	case TRACE_NO_DATA:
		snprintf(buf, TRACE_END_TEXT, "nothing tells who called the code at 0x%llx", at);
		break;
	case TRACE_LOST: snprintf(buf, TRACE_END_TEXT, "the stack leads back to 0x%llx", at); break;
	}
	return buf;
}

static bool grow(void **array, size_t *capacity, size_t nr, size_t size)
{
	size_t want = *capacity ? 2 * *capacity : 32;
	void *grown;

	if (nr < *capacity)
		return true;
	grown = sys_realloc(*array, want * size);
	if (!grown)
		return false;
	*array = grown;
	*capacity = want;
	return true;
}

static struct error *add_frame(struct walk *w, const struct unwind_state *state,
			       enum frame_kind kind)
{
	struct trace *trace = w->trace;
	struct frame frame = {
		.ip = state->ip,
		.at = state->at,
		.kind = state->user ? FRAME_USER : kind,
		.exact = state->exact,
		.guessed = w->guess != GUESS_NONE,
		.stack = w->stack,
	};

	if (state->has_regs) {
		if (!grow((void **)&trace->regs, &trace->regs_capacity, trace->nr_regs,
			  sizeof(trace->regs[0])))
			return &error_nomem;
		memcpy(trace->regs[trace->nr_regs++], state->regs, UNWIND_REGS_MAX);
		frame.regs = trace->nr_regs;
	}
	if (!grow((void **)&trace->frames, &trace->capacity, trace->nr, sizeof(frame)))
		return &error_nomem;
	trace->frames[trace->nr++] = frame;
	return NULL;
}

/* Whether the way from one state to the next leads up the stack, or to a stack where this trace has
 * not been yet. */
static bool go_on(struct walk *w, const struct unwind_state *from, const struct unwind_state *to)
{
	struct stack stack;

	if (to->at - w->stack.low < w->stack.high - w->stack.low) {
		// a function that has pushed nothing yet, and one that has just begun to
		w->nr_same = to->at == from->at ? w->nr_same + 1 : 0;
		return to->at >= from->at && w->nr_same <= 2;
	}
	stack = stacks_at(w->unwinder->stacks, w->task_stack, to->at);
	for (size_t i = 0; i < w->nr_left; i++)
		if (w->left[i] == stack.low)
			return false;
	if (w->nr_left == MAX_STACKS)
		return false;
	w->left[w->nr_left++] = w->stack.low;
	w->stack = stack;
	return true;
}

/* Looks on the stack for the return address of the function that runs: behind a call of this very
 * function, else behind any call. GUESS_NONE when there is none. */
static enum guess scan(struct walk *w, const struct unwind_state *state, struct unwind_state *next)
{
	const struct unwind_env *env = w->env;
	struct stack stack = stacks_at(w->unwinder->stacks, w->task_stack, state->sp);
	uint64_t start, word, target;
	bool known = env->function(env->arg, state->ip - !state->exact, &start);
	enum guess guess = GUESS_NONE;

	if (!w->arch->is_call || w->nr_scans == MAX_SCANS)
		return GUESS_NONE;
	w->nr_scans++;
	*next = *state;
	for (uint64_t at = align_up(state->sp, 8);
	     at - stack.low < stack.high - stack.low && unwind_read(env, at, &word); at += 8) {
		bool found;

		if (!env->text(env->arg, word) || !w->arch->is_call(env, word, &target))
			continue;
		found = known && target == start;
		if (found || guess == GUESS_NONE) {
			guess = found ? GUESS_CONFIRMED : GUESS_OPEN;
			next->sp = at + 8;
			unwind_call(next, word, at);
		}
		if (found)
			break;
	}
	return guess;
}

static enum frame_kind kind_of(const struct walk *w)
{
	const struct trace *trace = w->trace;
	struct symbol symbol;
	uint64_t offset;

	// the code that takes it, and what that calls
	for (size_t i = trace->nr; i > 0 && i + 2 > trace->nr; i--) {
		const struct frame *frame = &trace->frames[i - 1];

		if (!unwinder_function(w->unwinder, frame->ip, frame->exact, &symbol, &offset))
			continue;
		for (const char *const *name = w->arch->interrupts; *name; name++)
			if (!strncmp(symbol.name, *name, strlen(*name)))
				return FRAME_INTERRUPT;
	}
	return FRAME_EXCEPTION;
}

static enum trace_end take_result(struct walk *w, enum unwind_result result,
				  const struct unwind_state *state, struct unwind_state *next)
{
	uint64_t from = result == UNWIND_NO_DATA ? state->ip : next->at;

	w->trace->end_at = from;
	switch (result) {
	case UNWIND_UNREADABLE: return TRACE_UNREADABLE;
	case UNWIND_NO_DATA: return TRACE_NO_DATA;
	case UNWIND_CALL:
		if (w->env->text(w->env->arg, next->ip))
			break;
		if (!unwinder_is_generated(w->unwinder, next->ip))
			return TRACE_NO_CODE;
		w->guess = w->guess == GUESS_OPEN ? GUESS_OPEN : GUESS_CONFIRMED;
		break;
	default: break;
	}
	return go_on(w, state, next) ? TRACE_ROOT : TRACE_LOST;
}

/* From one state to the next; TRACE_ROOT when there is one, else what is in the way. */
static enum trace_end find_next(struct walk *w, enum unwind_result result,
				const struct unwind_state *state, struct unwind_state *next)
{
	enum trace_end end = take_result(w, result, state, next);
	uint64_t end_at = w->trace->end_at;
	enum guess guess;

	if (end == TRACE_ROOT)
		return TRACE_ROOT;
	guess = scan(w, state, next);
	if (guess != GUESS_NONE && go_on(w, state, next)) {
		w->guess = guess > w->guess ? guess : w->guess;
		return TRACE_ROOT;
	}
	w->trace->end_at = end_at;
	return end;
}

static struct error *follow(struct walk *w, struct unwind_state *state)
{
	struct trace *trace = w->trace;
	struct error *err = add_frame(w, state, FRAME_CALL);

	while (!err && !state->user) {
		struct unwind_state next = *state;
		enum unwind_result result = w->arch->step(w->env, &next);

		if (result == UNWIND_ROOT)
			break;
		if (trace->nr == TRACE_MAX_FRAMES)
			trace->end = TRACE_TOO_LONG;
		else
			trace->end = find_next(w, result, state, &next);
		if (trace->end != TRACE_ROOT)
			return NULL;
		err = add_frame(w, &next, next.exact ? kind_of(w) : FRAME_CALL);
		*state = next;
	}
	return err;
}

struct error *unwinder_trace(struct unwinder *unwinder, const struct unwind_state *start,
			     uint64_t task_stack, struct trace *trace)
{
	struct unwind_state state = *start;
	struct walk w = {
		.unwinder = unwinder,
		.env = &unwinder->env,
		.arch = unwinder->kernel->as.arch->unwind,
		.trace = trace,
		.task_stack = task_stack,
		.stack = stacks_at(unwinder->stacks, task_stack, start->at),
	};
	struct error *err;

	trace->nr = trace->nr_regs = 0;
	trace->end = TRACE_ROOT;
	trace->end_at = 0;
	err = follow(&w, &state);
	if (err || trace->end != TRACE_ROOT || w.guess == GUESS_OPEN)
		return err;
	// what leads to the root without a gap was right from the beginning
	for (size_t i = 0; i < trace->nr; i++)
		trace->frames[i].guessed = false;
	return NULL;
}

bool unwinder_start_at(struct unwinder *unwinder, uint64_t sp, uint64_t task_stack,
		       struct unwind_state *ret)
{
	const struct arch_unwind *arch = unwinder->kernel->as.arch->unwind;
	struct trace trace = {0};
	struct walk w = {
		.unwinder = unwinder,
		.env = &unwinder->env,
		.arch = arch,
		.trace = &trace,
		.task_stack = task_stack,
	};
	struct unwind_state state = {.sp = sp, .fp = sp + arch->record, .at = sp}, next = state;

	if (arch->is_call ? scan(&w, &state, &next) == GUESS_NONE
			  : arch->step(&unwinder->env, &next) != UNWIND_CALL ||
				    !unwinder_is_text(unwinder, next.ip))
		return false;
	*ret = next;
	return true;
}
