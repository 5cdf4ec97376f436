/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts all pages of a machine by what they are, also those that the dump has not: their struct
 * pages tell. In kernel pages, whatever the unit of the dump.
 */
#ifndef KERNEL_CENSUS_H
#define KERNEL_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/judge.h"
#include "util/error.h"
#include "util/ranges.h"

struct dump_reader;
struct progress;
struct zones;

#define CENSUS_SAMPLE 256 /**< pages of a verdict that are drawn */

struct census_count {
	uint64_t pages[NR_VERDICTS];
	uint64_t zero[NR_VERDICTS]; /**< of these, filled with zero; of pages that were read */
};

/** The pages of a verdict whose numbers hash lowest: the same ones, however many threads count. */
struct census_sample {
	uint64_t hash[CENSUS_SAMPLE]; /**< a heap, the highest first */
	uint64_t pfn[CENSUS_SAMPLE];
	size_t nr;
};

struct census {
	uint64_t total;      /**< pages of memory */
	uint64_t absent;     /**< of these, pages that the dump has not */
	uint64_t unreadable; /**< pages that were to be read for zeros, and could not be */
	struct census_count sum;
	struct census_count *nodes; /**< by the index in zones, the last one for pages of none; NULL
				     * without zones */
	size_t nr_nodes;            /**< of nodes */
	struct census_sample *samples; /**< one for each verdict; NULL unless asked for */
};

struct census_options {
	unsigned int nr_threads;   /**< 0: one for each CPU */
	const struct zones *zones; /**< NULL: not by node */
	const struct range *skip;  /**< physical addresses that do not count, sorted; or NULL */
	size_t nr_skip;
	uint32_t read; /**< bit per verdict: read these pages to see whether they are zero */
	bool sample;   /**< draw samples of pages that the dump has */
	struct progress *progress; /**< gets the bytes of memory; or NULL */
};

/** Everything the rules and options point at has to outlive the call only. */
struct error *census_take(const struct judge_rules *rules, const struct census_options *options,
			  struct census **ret);
void census_destroy(struct census *census);
DEFINE_CLEANUP(struct census *, census_destroy)
#define _cleanup_census_ _cleanup_(cleanup_census_destroy)

#endif
