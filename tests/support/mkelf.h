/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF cores from a description, right or wrong. */
#ifndef TESTS_SUPPORT_MKELF_H
#define TESTS_SUPPORT_MKELF_H

#include <stdbool.h>

#include "tests/support/mkfile.h"

struct mkelf_segment {
	uint64_t paddr, memsz;
	uint64_t filesz; /**< as it stands in the header */
	uint64_t off;    /**< 0: behind what is there already, on the next page */
	bool no_data;    /**< the file does not get the data */
	uint32_t type;   /**< 0: PT_LOAD */
	uint64_t vaddr;
};

struct mkelf {
	uint8_t word; /**< 0: 8 */
	bool big_endian;
	bool xnum;         /**< the number of segments stands in section 0 */
	uint16_t type;     /**< 0: ET_CORE */
	uint16_t machine;  /**< 0: EM_X86_64 */
	uint16_t ehsize;   /**< 0: the right one */
	uint64_t phoff;    /**< 0: behind the ELF header */
	uint32_t flags;    /**< e_flags */
	const void *notes; /**< one PT_NOTE, in front of the data */
	size_t notes_len;
	const struct mkelf_segment *segments;
	size_t nr_segments;
};

void mkelf(const struct mkelf *elf, struct mkfile *ret);

/** Offset in the file of a field of the n-th program header (notes come first), for damage. */
size_t mkelf_phdr(const struct mkelf *elf, size_t n, size_t field_off);

#endif
