/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the memory of a machine was used, by the kernel's own counters: what /proc/meminfo says. */
#ifndef KERNEL_MEMSTAT_H
#define KERNEL_MEMSTAT_H

#include <stdint.h>

#include "util/error.h"

struct kernel;
struct percpu;

#define MEMSTAT_UNKNOWN INT64_MIN

/** All in pages. */
struct memstat {
	int64_t total;                 /**< that the kernel manages; MemTotal */
	int64_t free;                  /**< MemFree */
	int64_t shmem;                 /**< Shmem: tmpfs, and memory that processes share */
	int64_t buffers;               /**< Buffers: page cache of block devices */
	int64_t cached;                /**< Cached: page cache without buffers and swap cache */
	int64_t slab;                  /**< Slab */
	int64_t huge_total, huge_free; /**< of all hugetlb pools */
	int64_t swap_total, swap_free;
	int64_t commit_limit, committed;
};

/** Numbers that this kernel does not tell are MEMSTAT_UNKNOWN. ERROR_NOT_FOUND without types. */
struct error *memstat_read(struct kernel *kernel, const struct percpu *percpu, struct memstat *ret);

#endif
