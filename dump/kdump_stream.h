/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of a kdump file that leaves as a flattened stream. Nothing can be read back, so the
 * number of blocks is planned, which gives everything its final place: bitmaps and descriptors in
 * front, then page data. Windows of both go out as they fill, block 0 comes last.
 */
#ifndef DUMP_KDUMP_STREAM_H
#define DUMP_KDUMP_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "dump/kdump_log.h"
#include "util/error.h"

struct dump_reader;
struct dump_writer_stats;
struct kdump_header;
struct kdump_stream;
struct sink;

struct kdump_stream_config {
	struct sink *sink;
	const struct kdump_header *header; /**< complete, but for the incomplete bit */
	const struct dump_reader *ram;     /**< for the 1st bitmap */
	uint64_t nr_planned;               /**< blocks that will come at most */
	uint64_t limit;                    /**< bytes that the file may have, UINT64_MAX for any */
	size_t chunk_blocks;               /**< blocks in a record at most */
};

/** Writes the 1st bitmap and the shared zero block. What config points at has to outlive it. */
struct error *kdump_stream_create(const struct kdump_stream_config *config,
				  struct kdump_stream **ret);
/** NULL does nothing. */
void kdump_stream_destroy(struct kdump_stream *stream);

/** As their namesakes in dump/kdump_commit.h. More blocks than planned are an error. */
struct error *kdump_stream_reserve(struct kdump_stream *stream, size_t len, size_t nr_blocks,
				   uint64_t *ret);
struct error *kdump_stream_put(struct kdump_stream *stream, uint64_t seq,
			       const struct kdump_record *record);
void kdump_stream_abort(struct kdump_stream *stream);

/** What is left of the index, block 0, and the end of the stream. Fills stats. */
struct error *kdump_stream_finish(struct kdump_stream *stream, bool incomplete,
				  struct dump_writer_stats *stats);

#endif
