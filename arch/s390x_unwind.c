// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * s390x by back chains (arch/s390/kernel/unwind_bc.c): a function saves its registers, r14 with the
 * return address among them, in the frame of its caller, and keeps in its own the address of that
 * frame. Where the back chain is 0, pt_regs of what was interrupted stand behind the frame.
 */
#include "arch/unwind.h"

#include "util/bytes.h"

// s390_regs, arch/s390/include/asm/elf.h; struct pt_regs has them from .psw on
#define REGS_PSW    0
#define REGS_GPR(n) (16 + 8 * (n))
#define REGS_LEN    144
#define PSW_USER    (1ULL << 48) /* PSW_MASK_PSTATE */

#define R14_SLOT  64  /* in stack_frame.gprs, which begin with r6 */
#define FRAME_LEN 160 /* STACK_FRAME_OVERHEAD */

static const struct unwind_reg regs[] = {
	{"PSW", 0, 16, false},
	{"ADDR", 8, 16, true},
	{" R0", REGS_GPR(0), 16, false},
	{" R1", REGS_GPR(1), 16, false},
	{" R2", REGS_GPR(2), 16, true},
	{" R3", REGS_GPR(3), 16, false},
	{" R4", REGS_GPR(4), 16, false},
	{" R5", REGS_GPR(5), 16, true},
	{" R6", REGS_GPR(6), 16, false},
	{" R7", REGS_GPR(7), 16, false},
	{" R8", REGS_GPR(8), 16, true},
	{" R9", REGS_GPR(9), 16, false},
	{"R10", REGS_GPR(10), 16, false},
	{"R11", REGS_GPR(11), 16, true},
	{"R12", REGS_GPR(12), 16, false},
	{"R13", REGS_GPR(13), 16, false},
	{"R14", REGS_GPR(14), 16, true},
	{"R15", REGS_GPR(15), 16, true},
};

static const char *const interrupts[] = {"ext_int_handler", "io_int_handler", "mcck_int_handler",
					 NULL};

enum { L_KSP, L_CHAIN, L_GPRS, L_REGS };

static const struct unwind_member layout[] = {
	[L_KSP] = {"task_struct.thread.ksp", UNWIND_UNKNOWN},
	// of packed stacks (CONFIG_PACK_STACK)
	[L_CHAIN] = {"stack_frame.back_chain", 152},
	[L_GPRS] = {"stack_frame.gprs", 72},
	[L_REGS] = {"pt_regs.psw", 8},
};

static bool user(const struct unwind_env *env, const struct unwind_state *state)
{
	return load_u64(state->regs + REGS_PSW, true) & PSW_USER;
}

static bool sleeping(const struct unwind_env *env, uint64_t task, struct unwind_state *ret)
{
	if (env->layout[L_KSP] == UNWIND_UNKNOWN ||
	    !unwind_read(env, task + env->layout[L_KSP], &ret->sp) ||
	    !unwind_read(env, ret->sp + env->layout[L_GPRS] + R14_SLOT, &ret->ip))
		return false;
	ret->at = ret->sp;
	return true;
}

/* Whether the function has no frame of its own at this place; then the caller's address is in r14.
 * The first two bits of an instruction tell how long it is. */
static bool is_frameless(const struct unwind_env *env, const struct unwind_state *state)
{
	static const uint8_t lens[] = {2, 4, 4, 6};
	uint8_t code[UNWIND_CODE_MAX];
	size_t len = unwind_code(env, state, code), step;
	bool made = false, framed = false;

	for (size_t i = 0; i < len; i += step) {
		const uint8_t *insn = code + i;

		step = lens[insn[0] >> 6];
		if (i + step > len)
			break;
		if ((insn[0] == 0xa7 && insn[1] == 0xfb && insn[2] & 0x80) || // aghi %r15,-n
		    (insn[0] == 0xe3 && insn[1] == 0xf0 && insn[2] >> 4 == 0xf &&
		     insn[5] == 0x71)) // lay %r15
			made = framed = true;
		else if (insn[0] == 0xeb && (insn[1] & 0xf) == 0xf &&
			 insn[5] == 0x04) // lmg to %r15
			framed = false;
		else if ((insn[0] == 0x07 && insn[1] == 0xfe) || // br %r14
			 (insn[0] == 0xc0 && insn[1] == 0xf4) || // jg
			 (insn[0] == 0xa7 && insn[1] == 0xf4))   // j
			framed = made;
	}
	return !framed;
}

static enum unwind_result step(const struct unwind_env *env, struct unwind_state *state)
{
	uint64_t frame = state->sp, chain, ip;

	if (state->has_regs && env->text(env->arg, state->lr) &&
	    (!env->text(env->arg, state->ip) || is_frameless(env, state)))
		return unwind_call(state, state->lr, frame);
	state->at = frame;
	if (!unwind_read(env, frame + env->layout[L_CHAIN], &chain))
		return UNWIND_UNREADABLE;
	if (!chain) {
		struct unwind_state next = *state;
		enum unwind_result result = unwind_read_regs(env, frame + FRAME_LEN,
							     env->layout[L_REGS], &next);

		// those of a kernel thread, and what stands behind the first frame of all
		if (result != UNWIND_REGS || !next.ip)
			return UNWIND_ROOT;
		*state = next;
		return UNWIND_REGS;
	}
	if (!unwind_read(env, chain + env->layout[L_GPRS] + R14_SLOT, &ip)) {
		state->at = chain;
		return UNWIND_UNREADABLE;
	}
	state->sp = chain;
	return unwind_call(state, ip, chain);
}

const struct arch_unwind arch_s390x_unwind = {
	.regs = regs,
	.nr_regs = sizeof(regs) / sizeof(regs[0]),
	.regs_len = REGS_LEN,
	.lr = REGS_GPR(14),
	.layout = layout,
	.nr_layout = sizeof(layout) / sizeof(layout[0]),
	.interrupts = interrupts,
	.user = user,
	.sleeping = sleeping,
	.step = step,
};
