/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Free pages that a CPU keeps on lists of its own: the buddy allocator does not know them as free,
 * nothing in their struct page tells, and they may be hundreds of MiB.
 */
#ifndef KERNEL_PCP_H
#define KERNEL_PCP_H

#include <stdint.h>

#include "util/error.h"

struct btf;
struct kernel;
struct memmap;
struct sparsebits;
struct zones;

/**
 * Adds the pfns of all of them to set. A list that is torn, or whose CPU counted another number of
 * pages, adds nothing, and *torn (owned by the caller, NULL when all is well) says so of the first.
 * ERROR_NOT_FOUND when the types do not tell where the lists are.
 */
struct error *pcp_find(struct kernel *kernel, const struct btf *btf, const struct memmap *map,
		       const struct zones *zones, struct sparsebits *set, struct error **torn);

#endif
