// SPDX-License-Identifier: GPL-2.0-or-later
/* Steps of all unwinders over memory that is all input: a byte that picks the architecture, then
 * code and stack, from which registers and sleeping tasks are taken too. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/support/unwindenv.h"
#include "util/bytes.h"

#define MAX_STEPS 256U
#define REGS      (UNWINDENV_STACK + 0x100)
#define TASK      (UNWINDENV_STACK + 0x400)

static const struct arch *const unwound[] = {
	&arch_x86_64, &arch_arm64, &arch_riscv64, &arch_s390x, &arch_ppc64,
};

static void walk(struct unwindenv *u)
{
	for (unsigned int i = 0; i < MAX_STEPS && !u->state.user; i++) {
		uint64_t ip = u->state.ip;
		enum unwind_result result;

		u->orc.sp_offset = (int16_t)(8 * (i % 64));
		result = unwindenv_step(u);
		if (result != UNWIND_CALL && result != UNWIND_REGS) {
			if (u->state.ip != ip)
				abort(); // what failed has changed nothing
			return;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct arch_unwind *arch;
	struct unwindenv u;
	uint64_t target;

	if (len < 4)
		return 0;
	unwindenv_init(&u, unwound[data[0] % 5], data[0] % 5 == 3);
	arch = u.as.arch->unwind;
	u.orc = (struct orc_entry){(enum orc_type)(data[1] % 5), (enum orc_reg)(data[1] / 5 % 11),
				   (enum orc_reg)(data[2] % 11), 8, (int16_t)(data[3] * 8)};
	memcpy(u.memory, data + 4, len - 4 < UNWINDENV_LEN ? len - 4 : UNWINDENV_LEN);
	if (unwind_read_regs(&u.env, REGS, 0, &u.state) == UNWIND_REGS)
		walk(&u);
	for (size_t i = 0; i < UNWIND_LAYOUT_MAX; i++)
		if (u.env.layout[i] == UNWIND_UNKNOWN)
			u.env.layout[i] = 8 * i;
	u.state = (struct unwind_state){0};
	if (arch->sleeping(&u.env, TASK, &u.state))
		walk(&u);
	if (arch->is_call)
		for (uint64_t at = UNWINDENV_CODE; at < UNWINDENV_CODE + 0x100; at++)
			arch->is_call(&u.env, at, &target);
	return 0;
}

/* Pointers to places that each architecture takes for frames, with return addresses in between. */
void fuzz_seeds(fuzz_use_seed *use)
{
	static const char *const names[] = {"x86_64", "arm64", "riscv64", "s390x", "ppc64"};
	size_t len = 4 + UNWINDENV_LEN;
	uint8_t *seed = calloc(1, len);

	if (!seed)
		abort();
	for (uint8_t i = 0; i < 5; i++) {
		seed[0] = i;
		seed[1] = 2 + 5 * ORC_SP;
		for (size_t off = UNWINDENV_STACK - UNWINDENV_BASE; off + 8 <= UNWINDENV_LEN;
		     off += 8)
			store_u64(seed + 4 + off,
				  off % 16 ? UNWINDENV_CODE + off / 2 : UNWINDENV_BASE + off + 0x80,
				  i == 3);
		use(names[i], seed, len);
	}
	free(seed);
}
