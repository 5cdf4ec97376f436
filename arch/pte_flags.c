// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/pte_flags.h"

#include <elf.h>
#include <stdio.h>

#include "arch/arch.h"

struct flag {
	uint64_t mask, value;
	const char *name;
};

#define BIT(nr, name)                            \
	{                                        \
		1ULL << (nr), 1ULL << (nr), name \
	}

// arch/x86/include/asm/pgtable_types.h
static const struct flag x86[] = {
	BIT(0, "PRESENT"),  BIT(1, "RW"),    BIT(2, "USER"), BIT(3, "PWT"),    BIT(4, "PCD"),
	BIT(5, "ACCESSED"), BIT(6, "DIRTY"), BIT(7, "PSE"),  BIT(8, "GLOBAL"), BIT(63, "NX"),
};

// arch/arm64/include/asm/pgtable-hwdef.h, pgtable-prot.h
static const struct flag arm64[] = {
	BIT(0, "VALID"),    BIT(6, "USER"), BIT(7, "RDONLY"), {0x300, 0x300, "SHARED"},
	BIT(10, "AF"),      BIT(11, "NG"),  BIT(50, "GP"),    BIT(51, "DBM"),
	BIT(52, "CONT"),    BIT(53, "PXN"), BIT(54, "UXN"),   BIT(55, "DIRTY"),
	BIT(56, "SPECIAL"),
};

// arch/riscv/include/asm/pgtable-bits.h
static const struct flag riscv[] = {
	BIT(0, "PRESENT"), BIT(1, "READ"),     BIT(2, "WRITE"), BIT(3, "EXEC"),    BIT(4, "USER"),
	BIT(5, "GLOBAL"),  BIT(6, "ACCESSED"), BIT(7, "DIRTY"), BIT(8, "SPECIAL"),
};

static const struct {
	uint16_t machine;
	const struct flag *flags;
	size_t nr;
} tables[] = {
	{EM_X86_64, x86, sizeof(x86) / sizeof(x86[0])},
	{EM_386, x86, sizeof(x86) / sizeof(x86[0])},
	{EM_AARCH64, arm64, sizeof(arm64) / sizeof(arm64[0])},
	{EM_RISCV, riscv, sizeof(riscv) / sizeof(riscv[0])},
};

void pte_flags_text(const struct arch *arch, uint64_t entry, char buf[static PTE_FLAGS_LEN])
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (tables[i].machine != arch->e_machine)
			continue;
		for (size_t k = 0; k < tables[i].nr && len < PTE_FLAGS_LEN; k++) {
			const struct flag *flag = &tables[i].flags[k];

			if ((entry & flag->mask) == flag->value)
				len += (size_t)snprintf(buf + len, PTE_FLAGS_LEN - len, "%s%s",
							len ? "|" : "", flag->name);
		}
	}
}
