// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * x86_64 by ORC (Documentation/arch/x86/orc-unwinder.rst). Kernels with frame pointers in place of
 * ORC come here with entries that say so, and mark pt_regs by the lowest bit of rbp (Linux commit
 * 946c191161ce, 4.11).
 */
#include "arch/unwind.h"

#include "util/bytes.h"

// struct pt_regs, arch/x86/include/asm/ptrace.h
#define REGS_R13   16
#define REGS_R10   56
#define REGS_AX    80
#define REGS_DX    96
#define REGS_DI    112
#define REGS_IP    128
#define REGS_CS    136
#define REGS_FLAGS 144
#define REGS_SP    152
#define REGS_SS    160
#define REGS_LEN   168

#define IRET_LEN     40 /* what the CPU itself pushes: ip to ss */
#define CPL_MASK     3  /* of cs */
#define CALL_REL     0xe8
#define CALL_REL_LEN 5
#define CALL_LEN_MAX 7 /* without a prefix */

static const struct unwind_reg regs[] = {
	{"RIP", 128, 16, false},      {"RSP", 152, 16, false}, {"RFLAGS", 144, 8, true},
	{"RAX", 80, 16, false},       {"RBX", 40, 16, false},  {"RCX", 88, 16, true},
	{"RDX", 96, 16, false},       {"RSI", 104, 16, false}, {"RDI", 112, 16, true},
	{"RBP", 32, 16, false},       {" R8", 72, 16, false},  {" R9", 64, 16, true},
	{"R10", 56, 16, false},       {"R11", 48, 16, false},  {"R12", 24, 16, true},
	{"R13", 16, 16, false},       {"R14", 8, 16, false},   {"R15", 0, 16, true},
	{"ORIG_RAX", 120, 16, false}, {"CS", 136, 4, false},   {"SS", 160, 4, true},
};

static const char *const interrupts[] = {
	"asm_common_interrupt",
	"asm_spurious_interrupt",
	"asm_sysvec_",
	"asm_exc_nmi",
	// before Linux commit fa5e5c409213 ("x86/entry: Use idtentry for interrupts", 5.8)
	"common_interrupt",
	"common_spurious",
	"apic_timer_interrupt",
	"call_function_",
	"reschedule_interrupt",
	"nmi",
	"end_repeat_nmi",
	NULL,
};

enum { L_SP, L_FRAME_BP, L_FRAME_IP };

static const struct unwind_member layout[] = {
	[L_SP] = {"task_struct.thread.sp", UNWIND_UNKNOWN},
	[L_FRAME_BP] = {"inactive_task_frame.bp", UNWIND_UNKNOWN},
	[L_FRAME_IP] = {"inactive_task_frame.ret_addr", UNWIND_UNKNOWN},
};

static bool user(const struct unwind_env *env, const struct unwind_state *state)
{
	return load_u64(state->regs + REGS_CS, false) & CPL_MASK;
}

static bool plausible(const struct unwind_env *env, const struct unwind_state *state)
{
	uint64_t flags = load_u64(state->regs + REGS_FLAGS, false);
	uint64_t cs = load_u64(state->regs + REGS_CS, false);
	uint64_t ss = load_u64(state->regs + REGS_SS, false);

	// arch/x86/include/asm/segment.h; flags have bits that never and always are there
	return (cs == 0x10 ? ss == 0x18 || !ss : (cs == 0x33 || cs == 0x23) && ss == 0x2b) &&
	       (flags & ~0x3f7fd5ULL) == 2;
}

static bool sleeping(const struct unwind_env *env, uint64_t task, struct unwind_state *ret)
{
	uint64_t sp, frame_ip = env->layout[L_FRAME_IP];

	if (env->layout[L_SP] == UNWIND_UNKNOWN || frame_ip == UNWIND_UNKNOWN ||
	    env->layout[L_FRAME_BP] == UNWIND_UNKNOWN ||
	    !unwind_read(env, task + env->layout[L_SP], &sp) ||
	    !unwind_read(env, sp + env->layout[L_FRAME_BP], &ret->fp) ||
	    !unwind_read(env, sp + frame_ip, &ret->ip))
		return false;
	ret->at = sp + frame_ip;
	ret->sp = ret->at + 8;
	return true;
}

/* A register that code without a frame keeps the stack in. */
static bool find_base(const struct unwind_env *env, const struct unwind_state *state,
		      enum orc_reg reg, uint64_t *ret)
{
	static const uint8_t offs[] = {
		[ORC_DX] = REGS_DX,   [ORC_DI] = REGS_DI, [ORC_R10] = REGS_R10,
		[ORC_R13] = REGS_R13, [ORC_AX] = REGS_AX,
	};

	switch (reg) {
	case ORC_SP:
	case ORC_SP_INDIRECT: *ret = state->sp; return true;
	case ORC_BP:
	case ORC_BP_INDIRECT: *ret = state->fp; return true;
	case ORC_DX:
	case ORC_DI:
	case ORC_R10:
	case ORC_R13:
	case ORC_AX: *ret = load_u64(state->regs + offs[reg], false); return state->has_regs;
	default: return false;
	}
}

/* The stack pointer before the call, or the pt_regs. */
static enum unwind_result find_frame(const struct unwind_env *env, struct unwind_state *state,
				     const struct orc_entry *orc, uint64_t *ret)
{
	uint64_t base;

	if (!find_base(env, state, orc->sp_reg, &base))
		return UNWIND_NO_DATA;
	if (orc->sp_reg == ORC_BP_INDIRECT)
		base += (uint64_t)orc->sp_offset;
	if (orc->sp_reg == ORC_BP_INDIRECT || orc->sp_reg == ORC_SP_INDIRECT) {
		state->at = base;
		if (!unwind_read(env, base, &base))
			return UNWIND_UNREADABLE;
	}
	if (orc->sp_reg != ORC_BP_INDIRECT)
		base += (uint64_t)orc->sp_offset;
	*ret = base;
	return UNWIND_CALL;
}

static enum unwind_result to_caller(const struct unwind_env *env, struct unwind_state *state,
				    const struct orc_entry *orc, uint64_t frame)
{
	uint64_t ip, fp = state->fp;

	state->at = frame - 8;
	if (!unwind_read(env, frame - 8, &ip))
		return UNWIND_UNREADABLE;
	if (orc->bp_reg == ORC_PREV_SP || orc->bp_reg == ORC_BP) {
		uint64_t slot = (orc->bp_reg == ORC_BP ? fp : frame) + (uint64_t)orc->bp_offset;

		if (!unwind_read(env, slot, &fp)) {
			state->at = slot;
			return UNWIND_UNREADABLE;
		}
	}
	state->sp = frame;
	state->fp = fp;
	return unwind_call(state, ip, frame - 8);
}

/* Only what the CPU pushed is there; the other registers are those of the caller still. */
static enum unwind_result to_partial_regs(const struct unwind_env *env, struct unwind_state *state,
					  uint64_t frame)
{
	uint8_t raw[IRET_LEN];

	state->at = frame;
	if (!env->read(env->arg, frame, raw, sizeof(raw)))
		return UNWIND_UNREADABLE;
	state->ip = load_u64(raw, false);
	state->sp = load_u64(raw + (REGS_SP - REGS_IP), false);
	state->user = load_u64(raw + (REGS_CS - REGS_IP), false) & CPL_MASK;
	state->exact = true;
	state->has_regs = false;
	return UNWIND_REGS;
}

static enum unwind_result step(const struct unwind_env *env, struct unwind_state *state)
{
	struct orc_entry orc;
	enum unwind_result result;
	uint64_t frame;

	if (!env->orc(env->arg, state->exact ? state->ip : state->ip - 1, &orc))
		return UNWIND_NO_DATA;
	if (orc.type == ORC_END)
		return UNWIND_ROOT;
	if (orc.type == ORC_UNDEFINED)
		return UNWIND_NO_DATA;
	// only where a frame pointer is kept in every function can it be odd
	if (orc.sp_reg == ORC_BP && orc.type == ORC_CALL && state->fp & 1)
		return unwind_read_regs(env, state->fp & ~1ULL, 0, state);
	result = find_frame(env, state, &orc, &frame);
	if (result != UNWIND_CALL)
		return result;
	switch (orc.type) {
	case ORC_REGS: return unwind_read_regs(env, frame, 0, state);
	case ORC_REGS_PARTIAL: return to_partial_regs(env, state, frame);
	default: return to_caller(env, state, &orc, frame);
	}
}

/* Bytes of an instruction with an operand in memory or a register, from its opcode on. */
static size_t insn_len(const uint8_t *insn)
{
	unsigned int mod = insn[1] >> 6, rm = insn[1] & 7;
	bool sib = mod != 3 && rm == 4;
	size_t len = sib ? 3 : 2;

	if (mod == 1)
		return len + 1;
	if (mod == 2 || (mod == 0 && (rm == 5 || (sib && (insn[2] & 7) == 5))))
		return len + 4;
	return len;
}

/* A relative call, or one through a register or memory: ff /2. */
static bool is_call(const struct unwind_env *env, uint64_t addr, uint64_t *target)
{
	uint8_t code[CALL_LEN_MAX + 1] = {0}; // insn_len() may look at the byte behind

	if (!env->read(env->arg, addr - CALL_LEN_MAX, code, CALL_LEN_MAX))
		return false;
	*target = 0;
	if (code[CALL_LEN_MAX - CALL_REL_LEN] == CALL_REL) {
		*target = addr + (uint64_t)(int32_t)load_u32(code + CALL_LEN_MAX - 4, false);
		return true;
	}
	for (size_t i = 0; i + 2 <= CALL_LEN_MAX; i++)
		if (code[i] == 0xff && (code[i + 1] & 0x38) == 0x10 &&
		    insn_len(code + i) == CALL_LEN_MAX - i)
			return true;
	return false;
}

const struct arch_unwind arch_x86_64_unwind = {
	.regs = regs,
	.nr_regs = sizeof(regs) / sizeof(regs[0]),
	.regs_len = REGS_LEN,
	.lr = UINT16_MAX,
	.slot = 8,
	.layout = layout,
	.nr_layout = sizeof(layout) / sizeof(layout[0]),
	.interrupts = interrupts,
	.user = user,
	.plausible = plausible,
	.sleeping = sleeping,
	.step = step,
	.is_call = is_call,
};
