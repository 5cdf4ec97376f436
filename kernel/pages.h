/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that is to be known of the pages of one dump before they are selected or counted. */
#ifndef KERNEL_PAGES_H
#define KERNEL_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/check.h"
#include "kernel/judge.h"
#include "kernel/keep.h"
#include "kernel/select.h"
#include "util/error.h"
#include "util/sparsebits.h"

struct json;
struct zones;

struct pages_options {
	uint32_t classes; /**< bit per enum page_class: these have to be told, which VMCOREINFO
			   * alone does not: PAGE_ZSMALLOC, PAGE_TABLE, PAGE_PCP_FREE */
	bool thorough; /**< symbols and types of the kernel may be read, which takes a few tens of
			* MiB: more is kept for certain, and the check is sharper */
	const struct keep_options *keep; /**< what the user wants to keep; NULL: nothing. Needs
					  * thorough */
};

struct pages {
	struct kernel *kernel;
	struct judge_rules rules;
	struct sparsebits keep, pcp_free;
	struct zones *zones;    /**< owned; NULL when they are not known */
	struct error *no_zones; /**< why not; owned */
	struct error *torn;     /**< lists of free pages that were not used; owned, or NULL */
	uint32_t unknown;       /**< classes that cannot be told on this kernel, and are kept */
};

/** ERROR_NOT_FOUND when the kernel is not understood, or what is to be kept is not there. */
struct error *pages_create(struct kernel *kernel, const struct pages_options *options,
			   struct pages **ret);
void pages_destroy(struct pages *pages);
DEFINE_CLEANUP(struct pages *, pages_destroy)
#define _cleanup_pages_ _cleanup_(cleanup_pages_destroy)

/** Whether the source changes while it is read: /proc/kcore. */
bool pages_live(const struct pages *pages);

/** Checks a count of free pages, in kernel pages. */
struct check pages_check_count(const struct pages *pages, uint64_t counted);

/** The same for a run that has seen all memory. */
struct check pages_check(const struct pages *pages, const struct select_stats *stats);

/** The same by a count of its own, also of memory that the dump has not. */
struct check pages_check_all(const struct pages *pages, unsigned int nr_threads);

/** Adds the member "unknown_classes" to an object. */
void pages_json(const struct pages *pages, struct json *json);

#endif
