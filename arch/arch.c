// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/arch.h"

// clang-format off: one line for each
const struct arch *const archs[] = {
	&arch_x86_64, &arch_arm64,       &arch_riscv64, &arch_s390x,
	&arch_ppc64,  &arch_loongarch64, &arch_i386,    &arch_arm,
};
// clang-format on
const size_t nr_archs = sizeof(archs) / sizeof(archs[0]);

const struct arch *arch_find(uint16_t e_machine, uint8_t word)
{
	for (size_t i = 0; i < nr_archs; i++) {
		if (archs[i]->e_machine == e_machine && archs[i]->word == word)
			return archs[i];
	}
	return NULL;
}
