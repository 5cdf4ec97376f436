/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of each chunk of a kdump file that is being written: which of its blocks are stored,
 * where, and how long they are. Descriptors of a large machine do not fit into memory, so the log
 * stands in the file itself, in extents among the page data, and is read back in pfn order when an
 * index is made of it (dump/kdump_index.h). The extents are of no use in the finished file.
 */
#ifndef DUMP_KDUMP_LOG_H
#define DUMP_KDUMP_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

/** One chunk, in our own byte order: nobody else reads it. */
struct kdump_record {
	uint64_t pfn; /**< of the first block */
	uint64_t off; /**< of the first encoded block in the file; the others follow it */
	uint32_t nr;  /**< blocks in the chunk, bits in keep */
	uint32_t nr_kept;
	uint64_t keep[]; /**< bit i (word i/64, bit i%64): block pfn+i is stored; then nr_kept
			  * entries of 32 bits, one for each of them, padded to 8 bytes; then
			  * an offset of 64 bits for each entry that is KDUMP_ENTRY_SHARED */
};

/** An entry: length in the file above enum codec_id; 0 for the shared zero block. */
#define KDUMP_ENTRY(len, codec)  ((uint32_t)(len) << 8 | (uint32_t)(codec))
#define KDUMP_ENTRY_LEN(entry)   ((entry) >> 8)
#define KDUMP_ENTRY_CODEC(entry) ((entry)&0x7fU)
#define KDUMP_ENTRY_ZERO         0U
#define KDUMP_ENTRY_SHARED       0x80U /**< stands where an equal block does, not with this chunk */

/** Bytes that an entry takes behind those before it. */
#define KDUMP_ENTRY_OWN(entry) ((entry)&KDUMP_ENTRY_SHARED ? 0 : KDUMP_ENTRY_LEN(entry))

static inline size_t kdump_record_words(size_t nr)
{
	return (nr + 63) / 64;
}

/** Bytes of a record without shared blocks, a multiple of 8. */
static inline size_t kdump_record_len(size_t nr, size_t nr_kept)
{
	return sizeof(struct kdump_record) + kdump_record_words(nr) * 8 + (nr_kept + 1) / 2 * 8;
}

/** Bytes of any record of so many blocks, at most. */
static inline size_t kdump_record_max(size_t nr)
{
	return kdump_record_len(nr, nr) + nr * 8;
}

static inline uint32_t *kdump_record_entries(struct kdump_record *record)
{
	return (uint32_t *)(record->keep + kdump_record_words(record->nr));
}

static inline const uint32_t *kdump_record_entries_const(const struct kdump_record *record)
{
	return (const uint32_t *)(record->keep + kdump_record_words(record->nr));
}

/** Offsets of the shared blocks. */
static inline uint64_t *kdump_record_shared(struct kdump_record *record)
{
	return record->keep + kdump_record_words(record->nr) + (record->nr_kept + 1) / 2;
}

static inline const uint64_t *kdump_record_shared_const(const struct kdump_record *record)
{
	return record->keep + kdump_record_words(record->nr) + (record->nr_kept + 1) / 2;
}

/** Bytes of this record. */
size_t kdump_record_size(const struct kdump_record *record);

#define KDUMP_LOG_EXTENT (512U << 10) /**< bytes that are written at once */
#define KDUMP_LOG_PASSES 4U           /**< passes over memory, each in pfn order */

struct target;
struct kdump_log;

/** alloc finds room for an extent in the file; records have up to max_record bytes. */
struct error *kdump_log_create(struct target *target, size_t max_record,
			       struct error *(*alloc)(void *arg, size_t len, uint64_t *ret),
			       void *arg, struct kdump_log **ret);
void kdump_log_destroy(struct kdump_log *log);
DEFINE_CLEANUP(struct kdump_log *, kdump_log_destroy)

/** Adds a record, in pfn order within a pass. ERROR_NO_SPACE when it is not in the log; that takes
 * a few dozen records after a failure of kdump_log_spill(). */
struct error *kdump_log_add(struct kdump_log *log, const struct kdump_record *record);

/** Writes an extent when there is enough for one. On failure nothing is lost. */
struct error *kdump_log_spill(struct kdump_log *log);

/** The next pass begins. */
struct error *kdump_log_end_pass(struct kdump_log *log);

/** End of the furthest extent in the file, 0 when there is none. */
uint64_t kdump_log_end(const struct kdump_log *log);

/** Calls fn for each chunk in pfn order, with the records that passes have of it (one to
 * KDUMP_LOG_PASSES, all of the same blocks). Reads back what is no longer in memory. */
struct error *kdump_log_walk(const struct kdump_log *log,
			     struct error *(*fn)(void *arg,
						 const struct kdump_record *const *records,
						 size_t nr),
			     void *arg);

#endif
