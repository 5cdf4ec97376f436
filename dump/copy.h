/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pump: reader -> keep bitmap -> writer, chunk by chunk, by as many workers as asked for.
 * Memory is a few chunks for each worker whatever the size of the machine: the keep bitmap is made
 * chunk by chunk and never stands in memory as a whole.
 */
#ifndef DUMP_COPY_H
#define DUMP_COPY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct dump_reader;
struct dump_writer;
struct progress;

/** Who decides what goes into the dump. Without one everything that is stored does. */
struct dump_selector {
	unsigned int nr_passes; /**< 1, or more to write the most valuable pages first */
	/** State for one worker. */
	struct error *(*worker_create)(const struct dump_selector *selector, void **ret);
	/** Adds the worker's counts to the selector (called by one thread at a time), frees it. */
	void (*worker_destroy)(const struct dump_selector *selector, void *worker);
	/** Clears the bits of keep (nr bits from pfn, set where the source has the block) of blocks
	 * that do not belong into this pass. Over all passes a block may stay set once only. plan:
	 * nothing may be counted, the same chunk comes again. */
	void (*select)(const struct dump_selector *selector, void *worker, unsigned int pass,
		       bool plan, uint64_t pfn, size_t nr, uint64_t *keep);
};

struct dump_copy_options {
	unsigned int nr_threads; /**< 0: one for each CPU that we may run on */
	const atomic_bool *stop; /**< set by a signal handler; NULL for none */
	/** Told of each block that was left out because it could not be read, by one thread at a
	 * time, and in no order; NULL for nobody. Then a file that lacks some is marked incomplete.
	 */
	void (*lost)(void *arg, uint64_t start, uint64_t end);
	void *lost_arg;
	struct progress *progress; /**< NULL for none; gets the bytes of memory that the source
				    * has, once for each pass */
};

#define COPY_MAX_DAMAGE 16 /**< unreadable ranges that are remembered one by one */

struct dump_copy_stats {
	uint64_t kept;       /**< blocks handed to the writer */
	uint64_t unreadable; /**< blocks that should be there, but could not be read; left out */
	struct {
		uint64_t start, end; /**< physical */
		char why[192];
	} damage[COPY_MAX_DAMAGE]; /**< the first of them, in no order */
	size_t nr_damage;
};

/**
 * Copies what selector (may be NULL) chooses from reader to writer and finishes the file. A block
 * that cannot be read is left out and counted, never fatal. When writing fails or stop is set the
 * writer is still asked to finish what there is as an incomplete file; the first error is returned,
 * and *usable says whether a readable, incomplete file stands, which has some memory in it.
 */
struct error *dump_copy(const struct dump_reader *reader, const struct dump_selector *selector,
			struct dump_writer *writer, const struct dump_copy_options *options,
			struct dump_copy_stats *stats, bool *usable);

#endif
