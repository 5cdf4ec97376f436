/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both bitmaps and the descriptors of a kdump file, written in pfn order through small windows. */
#ifndef DUMP_KDUMP_TABLE_H
#define DUMP_KDUMP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/kdump_log.h"
#include "util/error.h"

struct dump_reader;
struct kdump_header;
struct sink;

struct kdump_table {
	struct sink *sink; /* NULL: only counted */
	bool big_endian;
	uint32_t block_size;
	uint64_t first_pfn, max_mapnr;
	uint64_t zero_off;
	bool sparse;
	uint64_t bitmap_len; /* bytes of one bitmap, in whole blocks */
	uint64_t map_off;    /* of the bitmap that is being written, in the file */
	uint64_t window;     /* position of bits in that bitmap */
	uint8_t *bits;
	uint64_t desc_off; /* of the first descriptor in descs, in the file */
	uint8_t *descs;
	size_t descs_used;
	uint64_t nr_descs; /**< all that were added */
	uint64_t written;  /**< bytes that went into the file */
};

/**
 * For the bitmaps and descriptors of a file with this header. zero_off is where the shared zero
 * block stands. sparse: the place reads as zero now, parts of the bitmaps that are zero need not be
 * written. Without a sink everything is only counted.
 */
struct error *kdump_table_init(struct kdump_table *table, struct sink *sink,
			       const struct kdump_header *header, uint64_t zero_off, bool sparse);
void kdump_table_deinit(struct kdump_table *table);
#define _cleanup_table_ _cleanup_(kdump_table_deinit)

/** Writes the 1st bitmap: all memory that ram knows of. Once, before the first kdump_table_add().
 */
struct error *kdump_table_ram(struct kdump_table *table, const struct dump_reader *ram);

/** Adds one chunk to the 2nd bitmap and its descriptors, as kdump_log_walk() gives it. */
struct error *kdump_table_add(struct kdump_table *table, const struct kdump_record *const *records,
			      size_t nr);

/** Writes what is still in memory. */
struct error *kdump_table_end(struct kdump_table *table);

/** End of the descriptors in the file so far. */
uint64_t kdump_table_end_off(const struct kdump_table *table);

#endif
