/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two bitmaps of a kdump-compressed file: which blocks are RAM, which are stored, and how many
 * stored ones come before a block, which is the number of its descriptor. They stay in the file;
 * memory holds a count for every 4 KiB of bitmap (128 MiB of 4 KiB pages) and, for each thread, the
 * 4 KiB of both that it looked at last.
 */
#ifndef DUMP_KDUMP_INDEX_H
#define DUMP_KDUMP_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/reader.h"

struct kdump_header;

#define KDUMP_GROUP_BYTES 4096U /**< of bitmap */
#define KDUMP_GROUP_BITS  (8 * KDUMP_GROUP_BYTES)

struct kdump_index {
	uint64_t nr_bits;             /**< a bit is a block, counted from kdump_first_pfn() */
	uint64_t off_ram, off_stored; /**< of the bitmaps in the file; equal if there is one only */
	uint64_t start, end; /**< stored bits outside belong to other files of a split set */
	uint64_t *rank;      /**< stored bits before each group, and in all of them */
	size_t nr_groups;
};

/** One thread's view, zeroed at first. */
struct kdump_window {
	uint64_t group; /**< plus one; 0 when nothing is loaded */
	uint8_t ram[KDUMP_GROUP_BYTES], stored[KDUMP_GROUP_BYTES];
};

/** Reads the 2nd bitmap once to count it. */
struct error *kdump_index_init(struct kdump_index *index, const struct file *file,
			       const struct kdump_header *header);
void kdump_index_deinit(struct kdump_index *index);

static inline uint64_t kdump_index_nr_stored(const struct kdump_index *index)
{
	return index->rank[index->nr_groups];
}

/** The state of bit, and in *end the first bit up to limit (at most nr_bits) whose state differs.
 * DUMP_UNREADABLE when the bitmap could not be read; scratch->why says more. */
enum dump_status kdump_index_extent(const struct kdump_index *index, struct kdump_window *window,
				    struct dump_scratch *scratch, uint64_t bit, uint64_t limit,
				    uint64_t *end);

/** Number of the descriptor of a stored bit: the stored bits before it. False when the bitmap could
 * not be read. */
bool kdump_index_rank(const struct kdump_index *index, struct kdump_window *window,
		      struct dump_scratch *scratch, uint64_t bit, uint64_t *ret);

#endif
