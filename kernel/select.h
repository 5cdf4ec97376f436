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
#include "kernel/judge.h"
#include "kernel/value.h"

struct kernel;
struct sparsebits;

struct select_options {
	unsigned int level;  /**< DUMP_LEVEL_ bits */
	uint32_t classes;    /**< to be left out besides: bit per enum page_class */
	bool valuable_first; /**< several passes, what a debugger needs first (kernel/value.h) */
	const struct sparsebits *keep;   /**< pfns that stay whatever they are; may be NULL */
	const struct judge_rules *rules; /**< NULL: what VMCOREINFO tells */
};

/** Blocks of the dump by what they are and became. */
struct select_stats {
	uint64_t total;                     /**< that the source has */
	uint64_t classes[PAGE_NR_CLASSES];  /**< by class, left out or not */
	uint64_t excluded[PAGE_NR_CLASSES]; /**< left out, by class */
	uint64_t kept;       /**< of a class that is left out, but on the keep list */
	uint64_t damaged;    /**< kept because the struct page makes no sense */
	uint64_t unreadable; /**< kept because the struct page cannot be read */
	uint64_t no_page;    /**< kept because the kernel has no struct page for it */
};

#define SELECT_KEPT        0x20U /**< added to a class: on the keep list */
#define SELECT_NR_VERDICTS (2 * SELECT_KEPT)
_Static_assert(NR_VERDICTS <= SELECT_KEPT, "verdicts and SELECT_KEPT share no bit");

struct page_selector {
	struct dump_selector base;
	struct select_options options;
	unsigned int block_shift, page_shift; /**< of the dump, of the kernel */
	bool judges; /**< false: the kernel is not understood, nor need it be; all is kept */
	struct judge_rules rules;
	struct page_values values;
	uint8_t fates[SELECT_NR_VERDICTS]; /**< what to do with the pages of a verdict */
	struct select_stats stats;
};

/** The classes that a dump level leaves out: bit per enum page_class. */
uint32_t select_classes(unsigned int level);

/** ERROR_NOT_FOUND when the kernel is not known well enough for this level, naming what is missing.
 * Level 0 and 1 need no kernel. The kernel, and what the options point at, have to outlive the
 * selector. */
struct error *page_selector_create(struct kernel *kernel, const struct select_options *options,
				   struct page_selector **ret);
void page_selector_destroy(struct page_selector *selector);
DEFINE_CLEANUP(struct page_selector *, page_selector_destroy)
#define _cleanup_selector_ _cleanup_(cleanup_page_selector_destroy)

#endif
