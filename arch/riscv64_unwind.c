// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * riscv64 by frame pointers (arch/riscv/kernel/stacktrace.c): {s0, ra} of the caller stand right
 * below where s0 points, which is where the stack of the caller ends. The code that takes
 * exceptions keeps pt_regs there.
 */
#include "arch/unwind.h"

#include "util/bytes.h"

// struct pt_regs, arch/riscv/include/asm/ptrace.h
#define REGS_PC  0
#define REGS_RA  8
#define REGS_LEN 256 /* of those that notes have too */

#define RECORD_LEN 16 /* {s0, ra} */

static const struct unwind_reg regs[] = {
	{"EPC", 0, 16, false},   {" RA", 8, 16, false},   {" SP", 16, 16, true},
	{" GP", 24, 16, false},  {" TP", 32, 16, false},  {" T0", 40, 16, true},
	{" T1", 48, 16, false},  {" T2", 56, 16, false},  {" S0", 64, 16, true},
	{" S1", 72, 16, false},  {" A0", 80, 16, false},  {" A1", 88, 16, true},
	{" A2", 96, 16, false},  {" A3", 104, 16, false}, {" A4", 112, 16, true},
	{" A5", 120, 16, false}, {" A6", 128, 16, false}, {" A7", 136, 16, true},
	{" S2", 144, 16, false}, {" S3", 152, 16, false}, {" S4", 160, 16, true},
	{" S5", 168, 16, false}, {" S6", 176, 16, false}, {" S7", 184, 16, true},
	{" S8", 192, 16, false}, {" S9", 200, 16, false}, {"S10", 208, 16, true},
	{"S11", 216, 16, false}, {" T3", 224, 16, false}, {" T4", 232, 16, true},
	{" T5", 240, 16, false}, {" T6", 248, 16, true},
};

static const char *const interrupts[] = {"do_irq", NULL};

enum { L_RA, L_SP, L_S };

static const struct unwind_member layout[] = {
	[L_RA] = {"task_struct.thread.ra", UNWIND_UNKNOWN},
	[L_SP] = {"task_struct.thread.sp", UNWIND_UNKNOWN},
	[L_S] = {"task_struct.thread.s", UNWIND_UNKNOWN},
};

enum { S_EXCEPTION, S_FORK };

static const char *const symbols[] = {
	[S_EXCEPTION] = "handle_exception",
	[S_FORK] = "ret_from_fork",
	// what this became in 6.15
	"ret_from_fork_kernel_asm",
	"ret_from_fork_user_asm",
	// boot code
	"_start_kernel",
	"secondary_start_sbi",
};

/* Notes do not have the status register. */
static bool user(const struct unwind_env *env, const struct unwind_state *state)
{
	return !(load_u64(state->regs + REGS_PC, false) >> 63);
}

static bool sleeping(const struct unwind_env *env, uint64_t task, struct unwind_state *ret)
{
	if (env->layout[L_RA] == UNWIND_UNKNOWN || env->layout[L_SP] == UNWIND_UNKNOWN ||
	    env->layout[L_S] == UNWIND_UNKNOWN ||
	    !unwind_read(env, task + env->layout[L_RA], &ret->ip) ||
	    !unwind_read(env, task + env->layout[L_SP], &ret->sp) ||
	    !unwind_read(env, task + env->layout[L_S], &ret->fp))
		return false;
	ret->at = ret->sp;
	return true;
}

struct prologue {
	bool framed;   /* s0 is of this function */
	bool saved_ra; /* a function that calls nobody does not */
};

static size_t look_short(uint16_t insn, struct prologue *now, const struct prologue *made)
{
	if ((insn & 0xe01f) == 0 && insn) // c.addi4spn s0, n
		now->framed = true;
	else if ((insn & 0xe07f) == 0xe006) // c.sdsp ra, n(sp)
		now->saved_ra = true;
	else if ((insn & 0xef83) == 0x6402) // c.ldsp s0, n(sp)
		now->framed = false;
	else if (insn == 0x8082 || (insn & 0xe003) == 0xa001) // c.jr ra, c.j
		*now = *made;
	return 2;
}

static size_t look_long(uint32_t insn, struct prologue *now, const struct prologue *made)
{
	if ((insn & 0xfffff) == 0x10413) // addi s0, sp, n
		now->framed = true;
	else if ((insn & 0x01fff07f) == 0x00113023) // sd ra, n(sp)
		now->saved_ra = true;
	else if ((insn & 0xfffff) == 0x13403) // ld s0, n(sp)
		now->framed = false;
	else if (insn == 0x8067 || (insn & 0xfff) == 0x06f) // jr ra, j
		*now = *made;
	return 4;
}

static struct prologue find_prologue(const struct unwind_env *env, const struct unwind_state *state)
{
	uint8_t code[UNWIND_CODE_MAX];
	struct prologue now = {0}, made = {0};
	size_t len = unwind_code(env, state, code), i = 0;

	while (i + 2 <= len) {
		uint16_t half = load_u16(code + i, false);

		if ((half & 3) != 3)
			i += look_short(half, &now, &made);
		else if (i + 4 <= len)
			i += look_long(load_u32(code + i, false), &now, &made);
		else
			break;
		made.framed |= now.framed;
		made.saved_ra |= now.saved_ra;
	}
	return now;
}

/* Whether the place is in the function number i of symbols. */
static bool is_in(const struct unwind_env *env, const struct unwind_state *state, size_t i)
{
	uint64_t start;

	// what it calls may not come back, and a return address be that of the next function
	return env->function(env->arg, state->ip - !state->exact, &start) &&
	       start == env->symbols[i];
}

/* Code that nobody called. What the stack of a new task holds is what it shall return to. */
static enum unwind_result take_root(const struct unwind_env *env, struct unwind_state *state)
{
	struct unwind_state next = *state;

	if (state->exact && unwind_read_regs(env, state->sp, 0, &next) == UNWIND_REGS &&
	    next.user && next.ip) {
		*state = next;
		return UNWIND_REGS;
	}
	return UNWIND_ROOT;
}

static enum unwind_result step(const struct unwind_env *env, struct unwind_state *state)
{
	struct prologue prologue = {.framed = true, .saved_ra = true};
	uint64_t frame = state->fp, fp, ra;

	if (is_in(env, state, S_EXCEPTION)) {
		if (!state->exact)
			return unwind_read_regs(env, state->sp, 0, state);
	} else if (state->has_regs && env->text(env->arg, state->lr)) {
		prologue = env->text(env->arg, state->ip) ? find_prologue(env, state)
							  : (struct prologue){0};
	}
	for (size_t i = S_FORK; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		if (is_in(env, state, i))
			return take_root(env, state);
	if (!prologue.framed)
		return unwind_call(state, state->lr, state->sp);
	state->at = frame - RECORD_LEN;
	if (!unwind_read(env, state->at, &fp) || !unwind_read(env, frame - 8, &ra))
		return UNWIND_UNREADABLE;
	state->fp = prologue.saved_ra ? fp : ra;
	state->sp = frame;
	return unwind_call(state, prologue.saved_ra ? ra : state->lr, frame - RECORD_LEN);
}

const struct arch_unwind arch_riscv64_unwind = {
	.regs = regs,
	.nr_regs = sizeof(regs) / sizeof(regs[0]),
	.regs_len = REGS_LEN,
	.lr = REGS_RA,
	.layout = layout,
	.nr_layout = sizeof(layout) / sizeof(layout[0]),
	.symbols = symbols,
	.nr_symbols = sizeof(symbols) / sizeof(symbols[0]),
	.interrupts = interrupts,
	.record = RECORD_LEN,
	.user = user,
	.sleeping = sleeping,
	.step = step,
};
