/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that stands in a file as it is, stretch by stretch: what readers of ELF cores, raw images,
 * LiME, phone ramdumps and QEMU's mapped-ram files have in common. A reader creates one, fills in
 * the facts that it knows, adds segments, and finishes it.
 */
#ifndef DUMP_LINEAR_H
#define DUMP_LINEAR_H

#include <stddef.h>
#include <stdint.h>

#include "dump/reader.h"

struct range;

#define LINEAR_MAX_PADDR    (1ULL << 56)
#define LINEAR_MAX_SEGMENTS (1U << 22) /**< QEMU -p writes 65,000 for a guest of 512 MiB */
#define LINEAR_MIN_BLOCK    4096U
#define LINEAR_MAX_BLOCK    (1U << 20)

struct linear_reader {
	struct dump_reader base;
	struct dump_segment *segments; /**< as they were added */
	size_t nr_segments, cap_segments;
	struct range *ranges; /**< sorted, disjoint; from linear_finish() on */
	size_t nr_ranges;
	void *notes; /**< owned; facts.notes points here */
};

/** A reader without any memory yet, of a little-endian 64-bit machine with blocks of 4 KiB. It owns
 * file from here on, except that a failing open gives it back by linear_abandon(). */
struct error *linear_create(struct file *file, struct linear_reader **ret);

/** Ends a reader whose opening failed; the file stays the caller's. */
void linear_abandon(struct linear_reader *r);
DEFINE_CLEANUP(struct linear_reader *, linear_abandon)
#define _cleanup_linear_ _cleanup_(cleanup_linear_abandon)

/** memsz bytes of RAM, of which the first filesz are in the file. Those added first win where they
 * overlap others. What has an impossible address or is not in the file leaves a warning. */
struct error *linear_add(struct linear_reader *r, const struct dump_segment *segment);

/** All are added and facts.block_size is what it will be. Looks for holes in the file, too. */
struct error *linear_finish(struct linear_reader *r);

#endif
