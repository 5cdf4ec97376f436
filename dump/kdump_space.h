/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who gets which space of a kdump file that grows on a seekable target (dump/kdump_commit.h). Data
 * and log are appended, and there is always room left for the index of all of them. An index that
 * is to be valid for a while stands ahead, where the data will come when there is a newer one.
 */
#ifndef DUMP_KDUMP_SPACE_H
#define DUMP_KDUMP_SPACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct kdump_header;
struct target;

/** Bytes from off up to end, whole blocks; empty where both are 0. */
struct kdump_span {
	uint64_t off, end;
};

struct kdump_space {
	struct target *target;
	uint32_t block_size;
	uint64_t bitmap_len; /**< bytes of one bitmap */
	uint64_t limit;      /**< bytes that the file may have */
	bool ahead;          /* an index may stand ahead of the data */
	/** Nothing but data was ever written behind it; for whoever writes indexes. */
	uint64_t written_end;

	pthread_mutex_t lock;    /* of what stands below it */
	uint64_t tail;           /**< end of the data */
	uint64_t blocks;         /* that room was given for */
	struct kdump_span valid; /* the index that block 0 points at */
	struct kdump_span next;  /* the one that is being written */
	uint64_t assured;        /* end of what the disk has room for */
	bool allocates;          /* the file system can do it */
};

/** Space from start on, for a file with this header; sparse: most of its bitmaps is a hole, for
 * which no space is to be allocated, and indexes always go behind all that was written. */
void kdump_space_init(struct kdump_space *space, struct target *target,
		      const struct kdump_header *header, uint64_t start, uint64_t limit,
		      bool sparse);
void kdump_space_deinit(struct kdump_space *space);

/** Room for len bytes, which are nr_blocks blocks or log. ERROR_NO_SPACE when they, and the index
 * that they will need, do not fit. Thread-safe, as are the others. */
struct error *kdump_space_take(struct kdump_space *space, size_t len, uint64_t nr_blocks,
			       uint64_t *ret);

/** Room for an index of nr_blocks blocks that will be replaced when there are growth more bytes.
 * ERROR_NO_SPACE when it would take the room of the last one. */
struct error *kdump_space_take_index(struct kdump_space *space, uint64_t nr_blocks, uint64_t growth,
				     uint64_t *ret);

/** Room for the last index, behind the data. */
uint64_t kdump_space_take_last(struct kdump_space *space, uint64_t nr_blocks);

/** The index that room was taken for is valid, and on the disk: what the one before had is free. */
void kdump_space_keep_index(struct kdump_space *space);

/** It could not be written. */
void kdump_space_drop_index(struct kdump_space *space);

/** A disk without room: gives back what was taken behind end, of which nothing is of use. Writing
 * there failed, but may have taken space. */
struct error *kdump_space_cut(struct kdump_space *space, uint64_t end);

#endif
