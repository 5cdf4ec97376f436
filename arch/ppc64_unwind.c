// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ppc64 by back chains (arch/powerpc/kernel/process.c): *r1 is the caller's frame, and a function
 * saves its return address in the frame of its caller. Frames of interrupted contexts hold a mark
 * and pt_regs: where depends on the ABI and on the kernel, so both places are tried.
 */
#include "arch/unwind.h"

#include "util/bytes.h"

// struct pt_regs, arch/powerpc/include/uapi/asm/ptrace.h
#define REGS_R1   8
#define REGS_NIP  256
#define REGS_MSR  264
#define REGS_LINK 288
#define REGS_LEN  352
#define MSR_PR    (1ULL << 14) /* user mode */

#define LR_SAVE 16

// Instructions
#define STDU_R1 0xf8210001U
#define ADDI_R1 0x38210000U
#define BLR     0x4e800020U

static const struct unwind_reg regs[] = {
	{"NIP", 256, 16, false}, {"MSR", 264, 16, false},  {" LR", 288, 16, true},
	{" R0", 0, 16, false},   {" R1", 8, 16, false},    {" R2", 16, 16, true},
	{" R3", 24, 16, false},  {" R4", 32, 16, false},   {" R5", 40, 16, true},
	{" R6", 48, 16, false},  {" R7", 56, 16, false},   {" R8", 64, 16, true},
	{" R9", 72, 16, false},  {"R10", 80, 16, false},   {"R11", 88, 16, true},
	{"R12", 96, 16, false},  {"R13", 104, 16, false},  {"R14", 112, 16, true},
	{"R15", 120, 16, false}, {"R16", 128, 16, false},  {"R17", 136, 16, true},
	{"R18", 144, 16, false}, {"R19", 152, 16, false},  {"R20", 160, 16, true},
	{"R21", 168, 16, false}, {"R22", 176, 16, false},  {"R23", 184, 16, true},
	{"R24", 192, 16, false}, {"R25", 200, 16, false},  {"R26", 208, 16, true},
	{"R27", 216, 16, false}, {"R28", 224, 16, false},  {"R29", 232, 16, true},
	{"R30", 240, 16, false}, {"R31", 248, 16, false},  {"CTR", 280, 16, true},
	{"XER", 296, 16, false}, {"CCR", 304, 16, false},  {"TRAP", 320, 4, true},
	{"DAR", 328, 16, false}, {"DSISR", 336, 16, true},
};

static const char *const interrupts[] = {
	"hardware_interrupt_", "decrementer_",         "doorbell_", "h_doorbell_", "h_virt_irq_",
	"system_reset_",       "performance_monitor_", NULL,
};

enum { L_KSP };

static const struct unwind_member layout[] = {
	[L_KSP] = {"task_struct.thread.ksp", UNWIND_UNKNOWN},
};

static uint64_t load(const struct unwind_env *env, const struct unwind_state *state, size_t off)
{
	return load_u64(state->regs + off, env->as->big_endian);
}

static bool user(const struct unwind_env *env, const struct unwind_state *state)
{
	return load(env, state, REGS_MSR) & MSR_PR;
}

/* What thread.ksp points at is the frame of _switch, a leaf. */
static bool sleeping(const struct unwind_env *env, uint64_t task, struct unwind_state *ret)
{
	uint64_t ksp;

	if (env->layout[L_KSP] == UNWIND_UNKNOWN ||
	    !unwind_read(env, task + env->layout[L_KSP], &ksp) ||
	    !unwind_read(env, ksp, &ret->sp) || !unwind_read(env, ret->sp + LR_SAVE, &ret->ip))
		return false;
	ret->at = ret->sp;
	return true;
}

/* Whether the function has no frame of its own at this place; then the caller's address is in the
 * link register, unless it has been moved to the caller's frame already. */
static bool is_frameless(const struct unwind_env *env, const struct unwind_state *state)
{
	uint8_t code[UNWIND_CODE_MAX];
	size_t len = unwind_code(env, state, code);
	bool made = false, framed = false;

	for (size_t i = 0; i + 4 <= len; i += 4) {
		uint32_t insn = load_u32(code + i, env->as->big_endian);

		if ((insn & 0xffff0003) == STDU_R1)
			made = framed = true;
		else if ((insn & 0xffff8000) == ADDI_R1) // back up
			framed = false;
		else if (insn == BLR || (insn & 0xfc000003) == 0x48000000) // b
			framed = made;
	}
	return !framed;
}

/* The pt_regs of an interrupted context in this frame. */
static enum unwind_result take_regs(const struct unwind_env *env, struct unwind_state *state,
				    uint64_t frame)
{
	static const struct {
		uint8_t mark, regs;
	} places[] = {{32, 48}, {96, 112}};
	// "regshere", and since 6.2 "REGS" in the byte order of the machine
	static const uint64_t marks[] = {0x7265677368657265, 0x53474552, 0x52454753};
	uint64_t word;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (size_t k = 0; k < sizeof(marks) / sizeof(marks[0]); k++)
			if (unwind_read(env, frame + places[i].mark, &word) && word == marks[k])
				return unwind_read_regs(env, frame + places[i].regs, 0, state);
	return UNWIND_NO_DATA;
}

static enum unwind_result step(const struct unwind_env *env, struct unwind_state *state)
{
	uint64_t frame = state->sp, caller, ip;
	enum unwind_result result;

	if (state->has_regs && env->text(env->arg, state->lr) &&
	    (!env->text(env->arg, state->ip) || is_frameless(env, state)))
		return unwind_call(state, state->lr, frame);
	if (!state->has_regs && (result = take_regs(env, state, frame)) != UNWIND_NO_DATA)
		return result;
	// the first instructions of an exception still have the stack pointer of user mode
	if (state->has_regs && !(frame >> 63))
		return UNWIND_ROOT;
	state->at = frame;
	if (!unwind_read(env, frame, &caller))
		return UNWIND_UNREADABLE;
	if (!caller)
		return UNWIND_ROOT;
	if (!unwind_read(env, caller + LR_SAVE, &ip)) {
		state->at = caller;
		return UNWIND_UNREADABLE;
	}
	state->sp = caller;
	return unwind_call(state, ip, caller);
}

const struct arch_unwind arch_ppc64_unwind = {
	.regs = regs,
	.nr_regs = sizeof(regs) / sizeof(regs[0]),
	.regs_len = REGS_LEN,
	.lr = REGS_LINK,
	.layout = layout,
	.nr_layout = sizeof(layout) / sizeof(layout[0]),
	.interrupts = interrupts,
	.user = user,
	.sleeping = sleeping,
	.step = step,
};
