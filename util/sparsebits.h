/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of numbers below 2^44 in which neighbours come together, such as page frames: a bitmap of
 * which only the parts exist that have a bit.
 */
#ifndef UTIL_SPARSEBITS_H
#define UTIL_SPARSEBITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"
#include "util/error.h"

#define SPARSEBITS_END (1ULL << 44) /**< numbers are below it */

struct sparsebits_node;

/** Begins as zeros. Nothing changes while it is only read, so threads may share it. */
struct sparsebits {
	struct sparsebits_node **nodes; /**< owned */
	size_t nr_nodes;
};

/** Adds [start, end); what is not below SPARSEBITS_END is passed over. Fails only without memory.
 */
struct error *sparsebits_add(struct sparsebits *set, uint64_t start, uint64_t end);
void sparsebits_deinit(struct sparsebits *set);
#define _cleanup_sparsebits_ _cleanup_(sparsebits_deinit)

bool sparsebits_test(const struct sparsebits *set, uint64_t number);

/** The first run of members at or after *start and before end, which may be cut shorter than it
 * is. False when there is none. Loops as bits_next_run() does. */
bool sparsebits_next_run(const struct sparsebits *set, uint64_t end, uint64_t *start,
			 uint64_t *run_end);

/** How many members there are. */
uint64_t sparsebits_count(const struct sparsebits *set);

#endif
