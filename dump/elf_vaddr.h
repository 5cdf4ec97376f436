/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the segments of an ELF core that is written are mapped, learned from those of its source.
 */
#ifndef DUMP_ELF_VADDR_H
#define DUMP_ELF_VADDR_H

#include <stddef.h>
#include <stdint.h>

#include "dump/facts.h"
#include "util/error.h"

#define ELF_MAX_ALIASES 8U

struct elf_vaddr {
	uint64_t direct_map; /**< p_vaddr of physical address 0; 0 when it is not known, which makes
			      * p_vaddr = p_paddr: makedumpfile and drgn pass over those */
	/** Segments of the source that are mapped elsewhere, like the kernel's text by kexec:
	 * debuggers without page tables need them. None when there are more than a few, which is
	 * QEMU's -p, page by page. */
	struct dump_segment aliases[ELF_MAX_ALIASES];
	size_t nr_aliases;
};

struct error *elf_vaddr_init(struct elf_vaddr *vaddr, const struct dump_facts *facts);

#endif
