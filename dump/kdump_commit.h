/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of a kdump file that grows on a seekable target.
 *
 * Page data are appended as they come. Their index (bitmaps, descriptors) is written from time to
 * time, and then block 0, the only thing that is ever overwritten while it is of use, is made to
 * point at it. So a writer that is killed leaves the file as it was at the last commit:
 *
 *   block 0 | sub header, notes | data | log | data |    (hole)    | index 1 |
 *   block 0 | sub header, notes | data | log | data | data | log | data | data |   (hole)   | index
 * 2 | block 0 | sub header, notes | data | log | data | data | log | data | data | data | last
 * index
 *
 * An index stands as far ahead as the data will probably come before the next one is due, and is
 * overwritten by them afterwards (dump/kdump_space.h), so that the finished file has no gaps.
 *
 * Commits come when the data have at least doubled since the last one, and later where all indexes
 * but the last would be more than KDUMP_SUPERSEDED_PERCENT of the data; where an index alone is
 * larger than that (nearly all memory is zero) at every eightfold. Within that share there is one
 * at the end of a pass too.
 */
#ifndef DUMP_KDUMP_COMMIT_H
#define DUMP_KDUMP_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/kdump_log.h"
#include "util/error.h"

struct dump_reader;
struct kdump_commit;
struct kdump_header;
struct sink;

#define KDUMP_FIRST_COMMIT       (1U << 20) /**< bytes of data */
#define KDUMP_SUPERSEDED_PERCENT 5U

struct kdump_commit_config {
	struct sink *sink; /**< of a file or device */
	/** Of the file, but for sub_hdr_size, which is set here, and the incomplete bit. */
	const struct kdump_header *header;
	const struct dump_reader *ram; /**< for the 1st bitmap */
	uint64_t zero_off;             /**< of the shared zero block */
	uint64_t start;                /**< first byte of the file that is free */
	uint64_t limit;                /**< bytes that the file may have, UINT64_MAX for any */
	size_t chunk_blocks;           /**< blocks in a record at most */
};

/** What the last commit has. */
struct kdump_commit_stats {
	uint64_t blocks, zero, shared, data_bytes; /**< as in struct dump_writer_stats */
	uint64_t file_bytes;                       /**< end of the index */
	uint64_t superseded;                       /**< bytes of all earlier indexes, as written */
	unsigned int nr_commits;                   /**< with this one */
};

/** What config points at has to outlive the result, except config->header. */
struct error *kdump_commit_create(const struct kdump_commit_config *config,
				  struct kdump_commit **ret);
/** NULL does nothing. */
void kdump_commit_destroy(struct kdump_commit *commit);

/** Room for len bytes of data of nr_blocks blocks. ERROR_NO_SPACE when they, and the index that
 * they will need, do not fit. Thread-safe. */
struct error *kdump_commit_reserve(struct kdump_commit *commit, size_t len, size_t nr_blocks,
				   uint64_t *ret);

/** Chunk seq of the current pass is in the file. Commits when it is time, while other threads go
 * on. Thread-safe. */
struct error *kdump_commit_put(struct kdump_commit *commit, uint64_t seq,
			       const struct kdump_record *record);

/** A chunk will not come. */
void kdump_commit_abort(struct kdump_commit *commit);

/** All chunks of the pass are put; the next begins with seq 0. */
struct error *kdump_commit_end_pass(struct kdump_commit *commit);

/**
 * Writes the last index, behind what is used of the file, and marks it. When that fails for an
 * incomplete file, an earlier commit may stand, which is success. Either is on the disk then; a
 * whole file may still have to be cut there, which target_commit() does.
 */
struct error *kdump_commit_finish(struct kdump_commit *commit, bool incomplete);

/** After kdump_commit_finish(). */
const struct kdump_commit_stats *kdump_commit_stats(const struct kdump_commit *commit);

#endif
