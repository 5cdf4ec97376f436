/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a step of an unwinder asks for: a stretch of memory with code and a stack, and functions. */
#ifndef TESTS_SUPPORT_UNWINDENV_H
#define TESTS_SUPPORT_UNWINDENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"
#include "arch/unwind.h"

#define UNWINDENV_BASE  0xffff800000100000ULL
#define UNWINDENV_LEN   0x4000U
// in it:
#define UNWINDENV_CODE  UNWINDENV_BASE /* functions of 0x100 bytes each */
#define UNWINDENV_STACK (UNWINDENV_BASE + 0x2000)
#define UNWINDENV_END   (UNWINDENV_BASE + UNWINDENV_LEN)

struct unwindenv {
	struct addrspace as;
	struct unwind_env env;
	uint8_t memory[UNWINDENV_LEN];
	struct orc_entry orc; /**< of all code */
	bool no_orc;
	struct unwind_state state;
};

/** layout is that of a kernel without BTF, symbols are unknown. */
void unwindenv_init(struct unwindenv *u, const struct arch *arch, bool big_endian);

void unwindenv_put(struct unwindenv *u, uint64_t vaddr, uint64_t value);
void unwindenv_put_u32(struct unwindenv *u, uint64_t vaddr, uint32_t value);
void unwindenv_put_bytes(struct unwindenv *u, uint64_t vaddr, const void *data, size_t len);

/** Sets a register of u->state.regs; unwind_take_regs() is still to be called. */
void unwindenv_reg(struct unwindenv *u, uint16_t off, uint64_t value);

/** Runs arch->unwind->step on u->state. */
enum unwind_result unwindenv_step(struct unwindenv *u);

#endif
