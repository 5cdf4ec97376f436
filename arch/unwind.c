// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/unwind.h"

#include <string.h>

#include "arch/arch.h"
#include "util/bytes.h"
#include "util/checked.h"

static uint64_t register_at(const struct unwind_env *env, const struct unwind_state *state,
			    uint16_t off)
{
	return load_u64(state->regs + off, env->as->big_endian);
}

void unwind_take_regs(const struct unwind_env *env, struct unwind_state *state)
{
	const struct arch *arch = env->as->arch;

	state->ip = register_at(env, state, arch->prstatus.ip);
	state->sp = register_at(env, state, arch->prstatus.sp);
	if (arch->prstatus.fp != UINT16_MAX)
		state->fp = register_at(env, state, arch->prstatus.fp);
	if (arch->unwind->lr != UINT16_MAX)
		state->lr = register_at(env, state, arch->unwind->lr);
	state->exact = true;
	state->has_regs = true;
	state->user = arch->unwind->user(env, state);
}

enum unwind_result unwind_read_regs(const struct unwind_env *env, uint64_t pt_regs, uint64_t skip,
				    struct unwind_state *state)
{
	uint8_t regs[UNWIND_REGS_MAX] = {0};

	state->at = pt_regs;
	if (!env->read(env->arg, pt_regs + skip, regs, env->as->arch->unwind->regs_len))
		return UNWIND_UNREADABLE;
	memcpy(state->regs, regs, sizeof(regs));
	unwind_take_regs(env, state);
	return UNWIND_REGS;
}

bool unwind_read(const struct unwind_env *env, uint64_t vaddr, uint64_t *ret)
{
	uint8_t raw[8];

	if (!env->read(env->arg, vaddr, raw, sizeof(raw)))
		return false;
	*ret = load_u64(raw, env->as->big_endian);
	return true;
}

enum unwind_result unwind_call(struct unwind_state *state, uint64_t ip, uint64_t at)
{
	state->ip = ip;
	state->at = at;
	state->exact = false;
	state->has_regs = false;
	return UNWIND_CALL;
}

size_t unwind_code(const struct unwind_env *env, const struct unwind_state *state, uint8_t *buf)
{
	uint64_t start;
	size_t len;

	if (!env->function(env->arg, state->ip, &start))
		return 0;
	len = (size_t)min_u64(state->ip - start, UNWIND_CODE_MAX);
	return env->read(env->arg, start, buf, len) ? len : 0;
}
