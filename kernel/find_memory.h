/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the finding of kernels reads a dump: small reads through a cache, large ones past it; and
 * where the memory of a headerless image belongs. */
#ifndef KERNEL_FIND_MEMORY_H
#define KERNEL_FIND_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/addrspace.h"
#include "util/error.h"

struct dump_cache;
struct dump_reader;
struct dump_scratch;

#define PLACEMENT_MAX 8

/** A piece of a headerless image: physical [paddr, paddr + len) is at off in the file. */
struct placement_segment {
	uint64_t paddr, off, len;
};

/** None for dumps that know physical addresses themselves. */
struct placement {
	struct placement_segment segments[PLACEMENT_MAX]; /**< ascending */
	size_t nr;
};

/** Where in the file a physical address is; false outside of all segments. *left becomes the number
 * of bytes from there to the end of the segment. */
bool placement_find(const struct placement *placement, uint64_t paddr, uint64_t *off,
		    uint64_t *left);

/** The physical address of an offset in the file; false outside of all segments. */
bool placement_paddr(const struct placement *placement, uint64_t off, uint64_t *ret);

struct find_memory {
	const struct dump_reader *reader;
	struct dump_scratch *scratch;
	struct dump_cache *cache;
};

struct error *find_memory_init(struct find_memory *memory, const struct dump_reader *reader);
void find_memory_deinit(struct find_memory *memory);

/** By the addresses of the reader; arg is a struct find_memory. */
phys_read_fn find_memory_read;

/** Reads by physical address. */
bool find_memory_read_placed(struct find_memory *memory, const struct placement *placement,
			     uint64_t paddr, void *buf, size_t len);

#endif
