/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether two dumps, of whatever formats, say the same of memory and notes. */
#ifndef DUMP_VERIFY_H
#define DUMP_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/copy.h"
#include "util/error.h"

struct dump_reader;
struct rows;

#define VERIFY_MAX_DIFFERENCES 16 /**< that are remembered one by one */

enum verify_kind {
	VERIFY_SAME,       /**< both have it, with the same bytes */
	VERIFY_ZERO,       /**< zero in one, absent from the other, where one of the formats cannot
			    * tell these apart */
	VERIFY_BYTES,      /**< both have it, with other bytes */
	VERIFY_FIRST,      /**< only the first dump has it */
	VERIFY_SECOND,     /**< only the second one has */
	VERIFY_RAM,        /**< RAM that was left out in one, no RAM in the other */
	VERIFY_UNREADABLE, /**< one of them cannot be read there: not compared */
	VERIFY_NR,
};

struct dump_verify {
	uint32_t block_size;        /**< of the blocks that are counted, the smaller of both */
	uint64_t blocks[VERIFY_NR]; /**< by kind; those that neither has count under VERIFY_RAM
				     * or not at all */
	struct {
		uint64_t start, end; /**< physical */
		enum verify_kind kind;
	} differences[VERIFY_MAX_DIFFERENCES]; /**< the first found, in no order */
	size_t nr_differences;
	bool notes_compared; /**< both formats have notes */
	bool notes_same;
};

/** Reads all of both. options are those of dump_copy(). */
struct error *dump_verify(const struct dump_reader *first, const struct dump_reader *second,
			  const struct dump_copy_options *options, struct dump_verify *ret);

/** No difference, and nothing that could not be read. */
bool dump_verify_clean(const struct dump_verify *verify);

/** The report, between rows_begin() and rows_end(). */
void dump_verify_report(struct rows *rows, const struct dump_verify *verify);

#endif
