// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * arm64 by frame records {x29, x30} (arch/arm64/kernel/stacktrace.c). What the CPU was interrupted
 * in is found by the record inside pt_regs: since Linux commit c2c6b27b5aa1 (6.13) it is zero and
 * says what it is, before it was one like all others. Return addresses may be signed.
 */
#include "arch/arch.h"
#include "arch/unwind.h"

#include "util/bytes.h"

// struct pt_regs, arch/arm64/include/asm/ptrace.h
#define REGS_FP     232
#define REGS_LR     240
#define REGS_PC     256
#define REGS_PSTATE 264
#define REGS_LEN    272
#define MODE_MASK   0xf /* 0: user mode, of 32-bit programs too */

#define META_PT_REGS 2 /* FRAME_META_TYPE_PT_REGS */

// Instructions
#define RET      0xd65f03c0U
#define INSN_LEN 4

static const struct unwind_reg regs[] = {
	{" PC", 256, 16, false},  {" LR", 240, 16, false}, {" SP", 248, 16, true},
	{"X29", 232, 16, false},  {"X28", 224, 16, false}, {"X27", 216, 16, true},
	{"X26", 208, 16, false},  {"X25", 200, 16, false}, {"X24", 192, 16, true},
	{"X23", 184, 16, false},  {"X22", 176, 16, false}, {"X21", 168, 16, true},
	{"X20", 160, 16, false},  {"X19", 152, 16, false}, {"X18", 144, 16, true},
	{"X17", 136, 16, false},  {"X16", 128, 16, false}, {"X15", 120, 16, true},
	{"X14", 112, 16, false},  {"X13", 104, 16, false}, {"X12", 96, 16, true},
	{"X11", 88, 16, false},   {"X10", 80, 16, false},  {" X9", 72, 16, true},
	{" X8", 64, 16, false},   {" X7", 56, 16, false},  {" X6", 48, 16, true},
	{" X5", 40, 16, false},   {" X4", 32, 16, false},  {" X3", 24, 16, true},
	{" X2", 16, 16, false},   {" X1", 8, 16, false},   {" X0", 0, 16, true},
	{"PSTATE", 264, 8, true},
};

static const char *const interrupts[] = {
	"el1h_64_irq",
	"el1h_64_fiq",
	"el1t_64_irq",
	// before 5.14: Linux commit 064dbfb41691 ("arm64: entry: convert IRQ+FIQ handlers to C")
	"el1_irq",
	"el1_fiq",
	NULL,
};

enum { L_FP, L_SP, L_PC, L_RECORD };

static const struct unwind_member layout[] = {
	[L_FP] = {"task_struct.thread.cpu_context.fp", UNWIND_UNKNOWN},
	[L_SP] = {"task_struct.thread.cpu_context.sp", UNWIND_UNKNOWN},
	[L_PC] = {"task_struct.thread.cpu_context.pc", UNWIND_UNKNOWN},
	[L_RECORD] = {"pt_regs.stackframe", 304},
};

static bool user(const struct unwind_env *env, const struct unwind_state *state)
{
	return !(load_u64(state->regs + REGS_PSTATE, false) & MODE_MASK);
}

static bool plausible(const struct unwind_env *env, const struct unwind_state *state)
{
	uint64_t pstate = load_u64(state->regs + REGS_PSTATE, false), mode = pstate & 0x1f;

	// EL0t of both word sizes, EL1t, EL1h, EL2t, EL2h; what is 0 may be anything
	return !(pstate >> 33) &&
	       (mode == 0 || mode == 0x10 || mode == 4 || mode == 5 || mode == 8 || mode == 9) &&
	       !(state->ip & 3) && state->ip && state->sp && !(state->sp & 15);
}

static bool sleeping(const struct unwind_env *env, uint64_t task, struct unwind_state *ret)
{
	if (env->layout[L_FP] == UNWIND_UNKNOWN || env->layout[L_SP] == UNWIND_UNKNOWN ||
	    env->layout[L_PC] == UNWIND_UNKNOWN ||
	    !unwind_read(env, task + env->layout[L_FP], &ret->fp) ||
	    !unwind_read(env, task + env->layout[L_SP], &ret->sp) ||
	    !unwind_read(env, task + env->layout[L_PC], &ret->ip))
		return false;
	ret->ip = env->as->arch->strip(env->as, ret->ip);
	ret->at = ret->sp;
	return true;
}

/* Whether the function has no frame record of its own at this place, because it never makes one, or
 * has not yet, or not any more: then the caller's address is in x30. */
static bool is_frameless(const struct unwind_env *env, const struct unwind_state *state)
{
	uint8_t code[UNWIND_CODE_MAX];
	size_t len = unwind_code(env, state, code);
	bool made = false, framed = false;

	for (size_t i = 0; i + INSN_LEN <= len; i += INSN_LEN) {
		uint32_t insn = load_u32(code + i, false);

		if ((insn & 0xffc003ff) == 0x910003fd) // add x29, sp, #n
			made = framed = true;
		else if ((insn & 0xfe407fff) == 0xa8407bfd) // ldp x29, x30, [sp...]
			framed = false;
		else if (insn == RET || (insn & 0xfc000000) == 0x14000000) // b
			framed = made;
	}
	return !framed;
}

/* Whether the record is the one inside the pt_regs of an interrupted context. */
static bool is_of_regs(const struct unwind_env *env, uint64_t pt_regs, uint64_t fp, uint64_t lr)
{
	uint64_t regs_fp, pc;

	return unwind_read(env, pt_regs + REGS_FP, &regs_fp) && regs_fp == fp &&
	       unwind_read(env, pt_regs + REGS_PC, &pc) && pc == lr;
}

/* A record of zeros: the last one, or one that says what it is. Behind the last one may be the
 * registers of user mode; a kernel thread has none there. */
static enum unwind_result take_last(const struct unwind_env *env, struct unwind_state *state,
				    uint64_t record)
{
	uint64_t type, pstate, pc, pt_regs = record - env->layout[L_RECORD];

	if (unwind_read(env, pt_regs + REGS_PC, &pc) &&
	    unwind_read(env, pt_regs + REGS_PSTATE, &pstate) && pc && !(pstate & MODE_MASK))
		return unwind_read_regs(env, pt_regs, 0, state);
	if (unwind_read(env, record + 16, &type) && type == META_PT_REGS)
		return unwind_read_regs(env, pt_regs, 0, state);
	return UNWIND_ROOT;
}

static enum unwind_result step(const struct unwind_env *env, struct unwind_state *state)
{
	const struct arch *arch = env->as->arch;
	uint64_t record = state->fp, fp, lr;

	if (state->has_regs && env->text(env->arg, arch->strip(env->as, state->lr)) &&
	    (!env->text(env->arg, state->ip) || is_frameless(env, state)))
		return unwind_call(state, arch->strip(env->as, state->lr), state->sp);
	// that of a kernel thread, before Linux commit 7d7b720a4b80 (5.14)
	if (!record)
		return UNWIND_ROOT;
	state->at = record;
	if (!unwind_read(env, record, &fp) || !unwind_read(env, record + 8, &lr))
		return UNWIND_UNREADABLE;
	if (!fp && !lr)
		return take_last(env, state, record);
	if (is_of_regs(env, record - env->layout[L_RECORD], fp, lr))
		return unwind_read_regs(env, record - env->layout[L_RECORD], 0, state);
	state->fp = fp;
	state->sp = record + 16;
	return unwind_call(state, arch->strip(env->as, lr), record);
}

const struct arch_unwind arch_arm64_unwind = {
	.regs = regs,
	.nr_regs = sizeof(regs) / sizeof(regs[0]),
	.regs_len = REGS_LEN,
	.lr = REGS_LR,
	.layout = layout,
	.nr_layout = sizeof(layout) / sizeof(layout[0]),
	.interrupts = interrupts,
	.user = user,
	.plausible = plausible,
	.sleeping = sleeping,
	.step = step,
};
