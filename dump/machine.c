// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/machine.h"

#include <elf.h>
#include <string.h>

/* Of several names for one machine the first is the usual one (UTS_MACHINE of arch/X/Makefile, or
 * what the kernel makes of it at boot). */
static const struct machine machines[] = {
	{EM_X86_64, "x86_64", 8, false, false, 336},
	{EM_AARCH64, "aarch64", 8, false, false, 392},
	{EM_AARCH64, "aarch64_be", 8, true, false, 392},
	{EM_PPC64, "ppc64le", 8, false, false, 504},
	{EM_PPC64, "ppc64", 8, true, false, 504},
	{EM_S390, "s390x", 8, true, false, 336},
	{EM_S390, "S390X", 8, true, false, 336}, // QEMU's kdump files
	{EM_RISCV, "riscv64", 8, false, false, 376},
	{EM_LOONGARCH, "loongarch64", 8, false, false, 480},
	{EM_386, "i686", 4, false, true, 144},
	{EM_386, "i586", 4, false, true, 144},
	{EM_386, "i486", 4, false, true, 144},
	{EM_386, "i386", 4, false, true, 144},
	{EM_ARM, "armv7l", 4, false, false, 148},
	{EM_ARM, "armv8l", 4, false, false, 148},
	{EM_ARM, "armv6l", 4, false, false, 148},
	{EM_ARM, "armv5tejl", 4, false, false, 148},
	{EM_ARM, "armv5tel", 4, false, false, 148},
	{EM_ARM, "arm", 4, false, false, 148},
	{EM_ARM, "armv7b", 4, true, false, 148},
	{EM_MIPS, "mips64", 8, true, false, 480},
	{EM_MIPS, "mips64", 8, false, false, 480},
	{EM_MIPS, "mips", 4, true, false, 256},
	{EM_MIPS, "mips", 4, false, false, 256},
	{EM_PPC, "ppc", 4, true, false, 268},
	{EM_RISCV, "riscv32", 4, false, false, 204},
};

#define NR_MACHINES (sizeof(machines) / sizeof(machines[0]))

const struct machine *machine_find(uint16_t e_machine, uint8_t word, bool big_endian)
{
	for (const struct machine *m = machines; m < machines + NR_MACHINES; m++) {
		if (m->e_machine == e_machine && m->word == word && m->big_endian == big_endian)
			return m;
	}
	return NULL;
}

const struct machine *machine_find_name(const char *name)
{
	for (const struct machine *m = machines; m < machines + NR_MACHINES; m++) {
		if (!strcmp(m->name, name))
			return m;
	}
	return NULL;
}

const struct machine *machine_find_prstatus(size_t prstatus_len, uint8_t word, bool big_endian)
{
	for (const struct machine *m = machines; m < machines + NR_MACHINES; m++) {
		if (m->prstatus_len == prstatus_len && m->word == word &&
		    m->big_endian == big_endian)
			return m;
	}
	return NULL;
}
