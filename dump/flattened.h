/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flattened format (makedumpfile(8), -F and -R): a file taken to pieces for a stream. A header,
 * then records of offset, length and bytes in any order, all numbers big-endian, then a terminator.
 * What no record covers is zero.
 */
#ifndef DUMP_FLATTENED_H
#define DUMP_FLATTENED_H

#include <pthread.h>
#include <stdint.h>

#include "util/error.h"

struct target;

#define FLATTENED_SIGNATURE     "makedumpfile"
#define FLATTENED_SIGNATURE_LEN 16 /**< zero-padded; then type and version, 8 bytes each */
#define FLATTENED_TYPE          1
#define FLATTENED_VERSION       1
#define FLATTENED_HEADER_LEN    4096
#define FLATTENED_RECORD_LEN    16 /**< offset and length; both are -1 in the terminator */

/** Where writers put their bytes: at offsets of a file or device, or as records of a stream. */
struct sink {
	struct target *target;
	pthread_mutex_t lock; /* of what stands below, and keeps records in one piece */
	uint64_t end;         /* of the furthest record */
	uint64_t stream_len;  /* bytes written to a stream */
};

void sink_init(struct sink *sink, struct target *target);
void sink_deinit(struct sink *sink);

/** Writes the header of the flattened format to a stream; elsewhere nothing. */
struct error *sink_begin(struct sink *sink);

/** Writes len bytes at off of the file, for any number of threads. */
struct error *sink_write(struct sink *sink, uint64_t off, const void *buf, size_t len);

/** Everything is written: makes the file size bytes long and ends a stream. A device stays as it
 * is. */
struct error *sink_end(struct sink *sink, uint64_t size);

#endif
