/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF dump of a small x86_64 machine whose kernel is understood from end to end: page tables,
 * log, struct pages. Memory is 4 MiB:
 *
 *   pfn 0x000  kernel: log, page tables, struct pages
 *       0x040  kernel
 *       0x080  kernel, filled with zero
 *       0x090  kernel
 *       0x100  page cache
 *       0x140  page cache with private data
 *       0x160  kernel
 *       0x180  anonymous memory
 *       0x1c0  kernel
 *       0x200  free, one block of the buddy allocator
 *       0x300  kernel
 *
 * What is not zero and not the kernel's data is as mkfile_memory() makes it.
 */
#ifndef TESTS_SUPPORT_MKMACHINE_H
#define TESTS_SUPPORT_MKMACHINE_H

#include "tests/support/mkfile.h"

#define MKMACHINE_PAGES         0x400
#define MKMACHINE_ZERO          0x10
#define MKMACHINE_CACHE         0x40
#define MKMACHINE_CACHE_PRIVATE 0x20
#define MKMACHINE_USER          0x40
#define MKMACHINE_FREE          0x100

#define MKMACHINE_PANIC "Kernel panic - not syncing: test"

enum mkmachine_fault {
	MKMACHINE_SOUND,
	MKMACHINE_MISCOUNTED, /**< the kernel counts 0x4000 free pages more than there are */
	MKMACHINE_DAMAGED, /**< the order of the free block makes no sense, and the struct pages of
			    * the last 64 pages are not in the dump */
};

void mkmachine(enum mkmachine_fault fault, struct mkfile *ret);

#endif
