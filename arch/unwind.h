/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One step from a function to the one that called it, as each architecture does it: by unwind data
 * (ORC), by frame pointers, by back chains. Pure: whatever a step needs of the kernel it asks for
 * through struct unwind_env; kernel/unwind.c supplies that, owns the loop and sees to its end.
 */
#ifndef ARCH_UNWIND_H
#define ARCH_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/addrspace.h"

#define UNWIND_REGS_MAX    352 /**< bytes of the largest set of registers (ppc64) */
#define UNWIND_LAYOUT_MAX  4
#define UNWIND_SYMBOLS_MAX 6
#define UNWIND_UNKNOWN     UINT64_MAX /**< in unwind_env.layout and .symbols */

/** A place in the kernel's code, and what has to be known to find its caller. */
struct unwind_state {
	uint64_t ip;
	uint64_t at; /**< where on the stack ip was found: of a return address its slot or frame
		      * record, of an interrupted context its pt_regs; at first the stack pointer */
	uint64_t sp, fp, lr;
	bool exact;    /**< ip is the next instruction; else a call returns to it, and the one that
			* was running stands before it */
	bool user;     /**< user mode */
	bool has_regs; /**< regs has all registers of this very place, lr is among them */
	uint8_t regs[UNWIND_REGS_MAX]; /**< as they are in memory; see struct unwind_reg */
};

enum orc_type { ORC_UNDEFINED, ORC_END, ORC_CALL, ORC_REGS, ORC_REGS_PARTIAL };

enum orc_reg {
	ORC_NONE,
	ORC_PREV_SP,
	ORC_DX,
	ORC_DI,
	ORC_BP,
	ORC_SP,
	ORC_R10,
	ORC_R13,
	ORC_BP_INDIRECT,
	ORC_SP_INDIRECT,
	ORC_AX,
};

/** What ORC (arch/x86/include/asm/orc_types.h) says of some instructions, of whatever version. */
struct orc_entry {
	enum orc_type type;
	enum orc_reg sp_reg, bp_reg;
	int16_t sp_offset, bp_offset;
};

/** What a step may ask for. */
struct unwind_env {
	void *arg; /**< of all callbacks */
	const struct addrspace *as;
	/** Reads memory by its virtual address. */
	bool (*read)(void *arg, uint64_t vaddr, void *buf, size_t len);
	/** The start of the function that contains this address. */
	bool (*function)(void *arg, uint64_t ip, uint64_t *start);
	/** Whether the address is in kernel code. */
	bool (*text)(void *arg, uint64_t addr);
	/** x86_64 only: what ORC says of the instruction at ip. */
	bool (*orc)(void *arg, uint64_t ip, struct orc_entry *ret);
	uint64_t layout[UNWIND_LAYOUT_MAX];   /**< as arch_unwind.layout */
	uint64_t symbols[UNWIND_SYMBOLS_MAX]; /**< as arch_unwind.symbols */
};

enum unwind_result {
	UNWIND_CALL,       /**< the state is the caller's now */
	UNWIND_REGS,       /**< it is that of an interrupted context, perhaps of user mode */
	UNWIND_ROOT,       /**< nobody called it: here the chain ends as it should */
	UNWIND_NO_DATA,    /**< nothing tells how to go on from here */
	UNWIND_UNREADABLE, /**< what has to be read is not there, at state->at */
};

/** A register for people to see. The offset is that in the registers of an NT_PRSTATUS note, which
 * struct pt_regs has in the same order. */
struct unwind_reg {
	const char *name; /**< perhaps with blanks in front, so that columns stand in line */
	uint16_t off;
	uint8_t digits; /**< to show */
	bool last;      /**< of a line */
};

/** An offset that depends on the kernel: of a member as BTF has it. */
struct unwind_member {
	const char *path;
	uint64_t otherwise; /**< where BTF does not have it, or is not there */
};

struct arch_unwind {
	const struct unwind_reg *regs;
	size_t nr_regs;
	uint16_t regs_len; /**< bytes of them all; notes may have less */
	uint16_t lr;       /**< offset of the link register; UINT16_MAX when there is none */
	const struct unwind_member *layout;
	size_t nr_layout;
	const char *const *symbols; /**< whose addresses a step wants */
	size_t nr_symbols;
	/** Bytes at unwind_state.at of a return address that belong to the function called. */
	uint8_t slot;
	uint8_t record; /**< how far below the frame pointer the frame record begins */
	/** What the functions that take interrupts are called: beginnings, ended by NULL. */
	const char *const *interrupts;
	/** Whether these registers, of a note or of pt_regs, are of user mode. */
	bool (*user)(const struct unwind_env *env, const struct unwind_state *state);
	/** Whether these words can be registers at all, for those who look for pt_regs on a stack.
	 * NULL where nobody can tell. */
	bool (*plausible)(const struct unwind_env *env, const struct unwind_state *state);
	/** Where a task that does not run goes on. False when that cannot be read. */
	bool (*sleeping)(const struct unwind_env *env, uint64_t task, struct unwind_state *ret);
	/** One step; on failure all of the state but at stays as it was. */
	enum unwind_result (*step)(const struct unwind_env *env, struct unwind_state *state);
	/** Whether the instruction before addr is a call; *target is 0 when the address that it
	 * calls is not part of it. NULL where no scan is ever needed. */
	bool (*is_call)(const struct unwind_env *env, uint64_t addr, uint64_t *target);
};

extern const struct arch_unwind arch_x86_64_unwind;
extern const struct arch_unwind arch_arm64_unwind;
extern const struct arch_unwind arch_riscv64_unwind;
extern const struct arch_unwind arch_s390x_unwind;
extern const struct arch_unwind arch_ppc64_unwind;

/** Everything that follows from state->regs, of which len bytes are known: ip, sp, fp, lr, user. */
void unwind_take_regs(const struct unwind_env *env, struct unwind_state *state);

/** UNWIND_REGS with the pt_regs at this address, or UNWIND_UNREADABLE; skip is how far into pt_regs
 * the registers begin. */
enum unwind_result unwind_read_regs(const struct unwind_env *env, uint64_t pt_regs, uint64_t skip,
				    struct unwind_state *state);

/** A pointer-sized number at an address. */
bool unwind_read(const struct unwind_env *env, uint64_t vaddr, uint64_t *ret);

/** UNWIND_CALL to ip, found on the stack at an address. The rest of the state is the caller's. */
enum unwind_result unwind_call(struct unwind_state *state, uint64_t ip, uint64_t at);

#define UNWIND_CODE_MAX 4096U

/** The code of the function that state->ip is in, up to it; buf has room for UNWIND_CODE_MAX bytes.
 * Returns their number; of a longer function, the first ones. */
size_t unwind_code(const struct unwind_env *env, const struct unwind_state *state, uint8_t *buf);

#endif
