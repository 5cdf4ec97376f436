/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of 64-bit numbers, for walks that have to know where they were already. */
#ifndef UTIL_NUMSET_H
#define UTIL_NUMSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

/** Begins as zeros. */
struct numset {
	uint64_t *slots; /**< owned; open addressing, 0 is empty */
	size_t mask;
	size_t nr;
	bool has_zero;
};

enum numset_result { NUMSET_NEW, NUMSET_SEEN, NUMSET_NOMEM };

/** Adds a number, and says whether it was there. */
enum numset_result numset_add(struct numset *set, uint64_t number);
void numset_deinit(struct numset *set);
#define _cleanup_numset_ _cleanup_(numset_deinit)

#endif
