/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address ranges that overlap, folded into sorted disjoint ones. */
#ifndef UTIL_RANGES_H
#define UTIL_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct range {
	uint64_t start, end; /**< end exclusive; empty ones are passed over */
	uint64_t value;      /**< belongs to start and grows with the address: a file offset */
	unsigned int kind;   /**< the caller's */
};

/**
 * Folds nr ranges, given in the order of their rank, into sorted disjoint ones: where several
 * overlap the first wins. Neighbours of one kind whose values continue become one. Takes
 * O(n log n) time whatever the ranges look like. The caller frees *ret.
 */
struct error *ranges_fold(const struct range *ranges, size_t nr, struct range **ret,
			  size_t *ret_nr);

/** Index of the first of sorted disjoint ranges that ends behind addr; nr when there is none. */
size_t ranges_find(const struct range *ranges, size_t nr, uint64_t addr);

#endif
