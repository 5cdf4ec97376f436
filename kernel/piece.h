/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A copy of a piece of the kernel's memory, with its holes: pages that could not be read, and pages
 * that are zero from end to end where nothing ought to be (a table in the kernel image that was
 * damaged). */
#ifndef KERNEL_PIECE_H
#define KERNEL_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/addrspace.h"
#include "util/error.h"

#define PIECE_PAGE 4096U

struct piece {
	uint64_t addr;  /**< of data, a multiple of PIECE_PAGE */
	size_t len;     /**< whole pages */
	uint8_t *data;  /**< zero in holes */
	uint8_t *holes; /**< one byte for each page */
	size_t nr_holes;
};

/** Copies the pages of [addr, addr + len). Fails only without memory. */
struct error *piece_load(phys_read_fn *read, void *arg, uint64_t addr, size_t len,
			 struct piece *ret);
void piece_deinit(struct piece *piece);
#define _cleanup_piece_ _cleanup_(piece_deinit)

/** The len bytes at addr; NULL when they are not all inside, or in a hole. */
const uint8_t *piece_at(const struct piece *piece, uint64_t addr, size_t len);

/** End of the last hole before addr, or start when there is none between the two. */
uint64_t piece_last_hole(const struct piece *piece, uint64_t start, uint64_t addr);

#endif
