/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the struct pages of a stretch of memory and says of each page what it is. Compound pages
 * and free blocks speak for many pages, so a stretch may begin inside of one: a judge remembers the
 * last of them, and looks back for it where it comes from elsewhere.
 */
#ifndef KERNEL_JUDGE_H
#define KERNEL_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/memmap.h"
#include "kernel/page.h"
#include "util/error.h"

struct kernel;
struct sparsebits;

/** What is known of a page: an enum page_class, or one of these, which are kept. */
enum verdict {
	VERDICT_RESERVED = PAGE_NR_CLASSES, /**< the kernel's since boot: PG_reserved */
	VERDICT_DAMAGED,                    /**< its struct page makes no sense */
	VERDICT_UNREADABLE,                 /**< nor can it be read */
	VERDICT_NO_PAGE,                    /**< the kernel has no struct page for it */
	NR_VERDICTS,
};

/** What all judges of a dump go by; they only read it. */
struct judge_rules {
	const struct kernel *kernel;
	struct memmap memmap;
	struct page_layout layout;
	uint64_t image_pfn,
		image_end; /**< of the kernel image, end exclusive; empty when unknown */
	const struct sparsebits *pcp_free; /**< pfns of PAGE_PCP_FREE (kernel/pcp.h), or NULL */
	uint32_t dropped; /**< a bit per verdict: of pages that are left out anyway nobody asks
			   * whether a part of them is poisoned */
};

/** ERROR_NOT_FOUND names what is missing. Nothing is dropped so far. */
struct error *judge_rules_init(struct judge_rules *rules, struct kernel *kernel);

struct judge;

/** A judge for one thread and up to nr pages at a time. The rules have to outlive it. */
struct error *judge_create(const struct judge_rules *rules, size_t nr, struct judge **ret);
void judge_destroy(struct judge *judge);
DEFINE_CLEANUP(struct judge *, judge_destroy)
#define _cleanup_judge_ _cleanup_(cleanup_judge_destroy)

/** Verdicts of the pages [first, end), in the judge's buffer, which the caller may write to. */
uint8_t *judge_pages(struct judge *judge, uint64_t first, uint64_t end);

/** Whether a single page is poisoned, be it part of something that is not. */
bool judge_is_poisoned(struct judge *judge, uint64_t pfn);

#endif
