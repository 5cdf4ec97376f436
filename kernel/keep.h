/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that stay in a filtered dump whatever their struct pages say of them. Struct pages may be
 * damaged, or a kernel newer than we know: what a debugger cannot do without is found by its own
 * structures and kept. What was reserved at boot (the image with its symbols, types and unwind
 * tables, the first per-CPU areas, the log) carries PG_reserved and needs no list.
 */
#ifndef KERNEL_KEEP_H
#define KERNEL_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "util/ranges.h"
#include "util/sparsebits.h"

struct addrspace;
struct kernel;

struct keep_options {
	const int32_t *pids; /**< tasks whose memory and page tables stay */
	size_t nr_pids;
	bool user_stacks;           /**< and of all tasks the stack in use, in their own memory */
	const struct range *ranges; /**< physical addresses */
	size_t nr_ranges;
};

/** Adds the pfns of the kernel's page tables, without which nothing can be translated. Needs
 * nothing but an address space that translates. Fails only without memory. */
struct error *keep_page_tables(struct kernel *kernel, struct sparsebits *set);

/** The page tables on the way to virtual addresses first to last of any address space, and with
 * pages also what they map. Fails only without memory. */
struct error *keep_mapped(const struct kernel *kernel, const struct addrspace *as, uint64_t first,
			  uint64_t last, bool pages, struct sparsebits *set);

/** Adds those of the per-CPU areas, VMCOREINFO, the log, modules, stacks and task structs, as far
 * as symbols and types tell where they are. Fails only without memory. */
struct error *keep_essentials(struct kernel *kernel, struct sparsebits *set);

/** Adds what the options name. ERROR_NOT_FOUND: there is no such task, or it cannot be told where
 * its memory is. */
struct error *keep_wanted(struct kernel *kernel, const struct keep_options *options,
			  struct sparsebits *set);

/** Adds the pages of a stretch of the kernel's virtual memory, as far as they are mapped. */
struct error *keep_virtual(const struct kernel *kernel, uint64_t vaddr, uint64_t len,
			   struct sparsebits *set);

#endif
