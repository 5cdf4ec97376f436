/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over all memory that a dump holds, for several things at once. Workers take windows of
 * physical memory in ascending order; absent and excluded memory is not visited and reads as zero
 * where it shares a page with memory that is there; what is unreadable is counted.
 */
#ifndef KERNEL_SCAN_H
#define KERNEL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct dump_reader;

/** Matchers see whole pages of this size, at their natural alignment. */
#define SCAN_PAGE     4096U
/** Hits of one kind that a worker keeps; what goes beyond is only counted. */
#define SCAN_MAX_HITS 4096U

/** What scan_marks() finds, and the tag of its hits; other matchers use SCAN_OTHER and up. */
enum scan_kind {
	SCAN_TOKENS,     /**< "0\0" "1\0" ... "9\0" inside a kallsyms_token_table */
	SCAN_VMCOREINFO, /**< "OSRELEASE=", the beginning of a VMCOREINFO text */
	SCAN_BANNER,     /**< "Linux version " */
	SCAN_BTF_LE,     /**< header of little-endian BTF, at multiples of 4 */
	SCAN_BTF_BE,
	SCAN_OTHER,
	SCAN_MAX_KINDS = 16,
};

struct scan_hit {
	uint64_t paddr;
	uint64_t value; /**< the matcher's own; 0 from scan_marks() */
	unsigned int kind;
};

struct scan_hits {
	struct scan_hit *hits; /**< owned; ordered by address when scan_memory() returns */
	size_t nr, capacity;
	uint64_t nr_kind[SCAN_MAX_KINDS]; /**< found, kept or not */
	bool nomem;
};

/** A stretch of memory: whole pages, zero where nothing is. */
struct scan_window {
	uint64_t paddr; /**< of data, a multiple of SCAN_PAGE */
	const uint8_t *data;
	size_t len;   /**< bytes to look at: a hit begins inside */
	size_t ahead; /**< valid bytes from data on, len or up to a page more */
};

/** Called by several threads at the same time, each with its own hits. */
typedef void scan_match_fn(void *arg, const struct scan_window *window, struct scan_hits *hits);

struct scan_matcher {
	scan_match_fn *match;
	void *arg;
};

struct scan_stats {
	uint64_t bytes;      /**< that were read */
	uint64_t unreadable; /**< that should be there and could not be read */
};

/** Notes a hit, for matchers. */
void scan_hit(struct scan_hits *hits, unsigned int kind, uint64_t paddr, uint64_t value);

/** Finds the marks of enum scan_kind, all of them in one go; arg is not used. */
scan_match_fn scan_marks;

struct scan_options {
	uint64_t start, end;     /**< physical, end exclusive; 0, 0: everything */
	unsigned int nr_threads; /**< 0: one for each CPU */
};

/** Shows the memory of the dump to the matchers. The caller releases *hits with scan_hits_deinit();
 * stats may be NULL. */
struct error *scan_memory(const struct dump_reader *reader, const struct scan_options *options,
			  const struct scan_matcher *matchers, size_t nr_matchers,
			  struct scan_hits *hits, struct scan_stats *stats);

void scan_hits_deinit(struct scan_hits *hits);

#endif
