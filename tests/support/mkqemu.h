/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU migration streams, piece by piece, right or wrong. See dump/qemu_save.h. */
#ifndef TESTS_SUPPORT_MKQEMU_H
#define TESTS_SUPPORT_MKQEMU_H

#include <stdbool.h>

#include "tests/support/mkfile.h"

void mkqemu_u8(struct mkfile *file, uint8_t value);
void mkqemu_u32(struct mkfile *file, uint32_t value);
void mkqemu_u64(struct mkfile *file, uint64_t value);
/** A length of one byte, and the bytes. */
void mkqemu_name(struct mkfile *file, const char *name);

/** Magic, version, the machine's name, and that pages have 2^page_bits bytes (0: not said). */
void mkqemu_begin(struct mkfile *file, const char *board, unsigned int page_bits);

struct mkqemu_block {
	const char *name;
	uint64_t len;
	size_t off_bitmap, off_pages; /**< set with mapped-ram */
};

/** The section that starts RAM. */
void mkqemu_ram(struct mkfile *file, struct mkqemu_block *blocks, size_t nr, bool mapped);

/** The header of a section that goes on with RAM (3: and ends it), and its end. */
void mkqemu_section(struct mkfile *file, uint8_t type);
void mkqemu_section_end(struct mkfile *file);

/** A page: of data, or filled with a byte (data NULL). name NULL: the block of the last one. */
void mkqemu_page(struct mkfile *file, const char *name, uint64_t addr, const void *data, int fill);

/** A page of memory as it is at paddr, for addr of the block. */
void mkqemu_memory(struct mkfile *file, const char *name, uint64_t addr, uint64_t paddr);

#endif
