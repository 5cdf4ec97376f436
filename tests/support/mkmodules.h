/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake kernel with modules, as those of three generations look. */
#ifndef TESTS_SUPPORT_MKMODULES_H
#define TESTS_SUPPORT_MKMODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/fakekernel.h"

enum mkgeneration {
	MKMODULES_OLD,    /**< module_core, symtab: before 4.5 */
	MKMODULES_LAYOUT, /**< core_layout, kallsyms: before 6.4 */
	MKMODULES_MEM,    /**< mem[] */
	MKMODULES_NR,
};

// Members of its struct module.
#define MKMOD_STATE  0x00
#define MKMOD_LIST   0x08
#define MKMOD_NAME   0x18 /* 56 bytes */
#define MKMOD_TAINTS 0x50
#define MKMOD_REFS   0x58
#define MKMOD_SYMS   0x60 /* OLD: symtab, strtab, num_symtab; later: kallsyms */
#define MKMOD_REST   0x80 /* module_core, core_layout, mem[7] of 24 bytes */
#define MKMOD_NR     4

uint64_t mkmodule_at(const struct fakekernel *fake, size_t i);

/** MKMOD_NR modules, "mod0"..., on the list in falling order of their addresses; each has text of
 * 0x3000 bytes at mkmodule_base() and data of 0x2000 behind it (MEM: of its own, at + 0x8000). */
void mkmodules(struct fakekernel *fake, bool big_endian, enum mkgeneration generation);
uint64_t mkmodule_base(const struct fakekernel *fake, size_t i);

#endif
