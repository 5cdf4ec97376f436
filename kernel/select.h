/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dump level -> which pages go into the dump: the informed selector for the pump (dump/copy.h).
 * A page whose struct page cannot be read or makes no sense is kept and counted.
 */
#ifndef KERNEL_SELECT_H
#define KERNEL_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "dump/copy.h"
#include "kernel/memmap.h"
#include "kernel/page.h"
#include "kernel/value.h"

struct kernel;

struct select_options {
	unsigned int level;  /**< DUMP_LEVEL_ bits */
	bool valuable_first; /**< several passes, what a debugger needs first (kernel/value.h) */
};

/** Blocks of the dump by what became of them. */
struct select_stats {
	uint64_t total;                     /**< that the source has */
	uint64_t excluded[PAGE_NR_CLASSES]; /**< left out, by class */
	uint64_t damaged;                   /**< kept because the struct page makes no sense */
	uint64_t unreadable;                /**< kept because the struct page cannot be read */
	uint64_t no_page; /**< kept because the kernel has no struct page for it */
};

#define SELECT_NR_VERDICTS (PAGE_NR_CLASSES + 6)

struct page_selector {
	struct dump_selector base;
	const struct kernel *kernel;
	struct select_options options;
	unsigned int block_shift, page_shift; /**< of the dump, of the kernel */
	bool judges; /**< false: the kernel is not understood, nor need it be; all is kept */
	struct memmap memmap;
	struct page_layout layout;
	struct page_values values;
	uint8_t fates[SELECT_NR_VERDICTS]; /**< what to do with the pages of a verdict */
	struct select_stats stats;
};

/** ERROR_NOT_FOUND when the kernel is not known well enough for this level, naming what is missing.
 * Level 0 and 1 need no kernel. The kernel has to outlive the selector. */
struct error *page_selector_create(struct kernel *kernel, const struct select_options *options,
				   struct page_selector **ret);
void page_selector_destroy(struct page_selector *selector);
DEFINE_CLEANUP(struct page_selector *, page_selector_destroy)
#define _cleanup_selector_ _cleanup_(cleanup_page_selector_destroy)

#endif
