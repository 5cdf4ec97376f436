// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/unwindenv.h"

#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/checked.h"

static bool inside(uint64_t vaddr, size_t len)
{
	return vaddr >= UNWINDENV_BASE && vaddr < UNWINDENV_END && len <= UNWINDENV_END - vaddr;
}

static bool read_memory(void *arg, uint64_t vaddr, void *buf, size_t len)
{
	const struct unwindenv *u = arg;

	if (!inside(vaddr, len))
		return false;
	memcpy(buf, u->memory + (vaddr - UNWINDENV_BASE), len);
	return true;
}

static bool is_text(void *arg, uint64_t addr)
{
	return addr >= UNWINDENV_CODE && addr < UNWINDENV_STACK;
}

static bool function(void *arg, uint64_t ip, uint64_t *start)
{
	*start = align_down(ip, 0x100);
	return is_text(arg, ip);
}

static bool orc(void *arg, uint64_t ip, struct orc_entry *ret)
{
	const struct unwindenv *u = arg;

	*ret = u->orc;
	return !u->no_orc;
}

void unwindenv_init(struct unwindenv *u, const struct arch *arch, bool big_endian)
{
	memset(u, 0, sizeof(*u));
	u->as = (struct addrspace){
		.arch = arch,
		.big_endian = big_endian,
		.paging = {.first = 0xffff800000000000},
	};
	u->env = (struct unwind_env){
		.arg = u,
		.as = &u->as,
		.read = read_memory,
		.function = function,
		.text = is_text,
		.orc = orc,
	};
	for (size_t i = 0; i < arch->unwind->nr_layout; i++)
		u->env.layout[i] = arch->unwind->layout[i].otherwise;
	for (size_t i = 0; i < UNWIND_SYMBOLS_MAX; i++)
		u->env.symbols[i] = UNWIND_UNKNOWN;
	assert_true(arch->unwind->nr_layout <= UNWIND_LAYOUT_MAX);
	assert_true(arch->unwind->nr_symbols <= UNWIND_SYMBOLS_MAX);
	assert_true(arch->unwind->regs_len <= UNWIND_REGS_MAX);
}

void unwindenv_put_bytes(struct unwindenv *u, uint64_t vaddr, const void *data, size_t len)
{
	assert_true(inside(vaddr, len));
	memcpy(u->memory + (vaddr - UNWINDENV_BASE), data, len);
}

void unwindenv_put(struct unwindenv *u, uint64_t vaddr, uint64_t value)
{
	uint8_t raw[8];

	store_u64(raw, value, u->as.big_endian);
	unwindenv_put_bytes(u, vaddr, raw, sizeof(raw));
}

void unwindenv_put_u32(struct unwindenv *u, uint64_t vaddr, uint32_t value)
{
	uint8_t raw[4];

	store_u32(raw, value, u->as.big_endian);
	unwindenv_put_bytes(u, vaddr, raw, sizeof(raw));
}

void unwindenv_reg(struct unwindenv *u, uint16_t off, uint64_t value)
{
	store_u64(u->state.regs + off, value, u->as.big_endian);
}

enum unwind_result unwindenv_step(struct unwindenv *u)
{
	return u->as.arch->unwind->step(&u->env, &u->state);
}
