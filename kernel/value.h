/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which kernel pages a debugger needs first, so that a dump that had to stop early has them. By
 * what crash reads before its prompt: the variables of the kernel image, then what was reserved at
 * boot (per-CPU areas, page tables), then everything else that is the kernel's; struct pages are
 * many and come late. Only the order of pages depends on this, never which of them are kept.
 */
#ifndef KERNEL_VALUE_H
#define KERNEL_VALUE_H

#include <stdint.h>

#include "util/error.h"
#include "util/ranges.h"

struct kernel;
struct memmap;
struct page_layout;

enum page_value {
	VALUE_VARIABLES, /**< of the kernel image */
	VALUE_RESERVED,  /**< since boot */
	VALUE_KERNEL,
	VALUE_REST,
	VALUE_NR,
};

struct page_values {
	uint64_t image_pfn, image_end; /**< the kernel image, end exclusive; empty when unknown */
	uint64_t *variables;           /**< bit pfn - image_pfn: this page holds variables */
	struct range *memmap;          /**< pfns of the struct pages, sorted */
	size_t nr_memmap;
};

/** Finds the image by its mapping; variables and memmap stay empty. */
void page_values_find_image(struct page_values *values, const struct kernel *kernel);

/** Looks into the pages of the image and at the mapping of the struct pages. */
struct error *page_values_init(struct page_values *values, struct kernel *kernel,
			       const struct memmap *map);
void page_values_deinit(struct page_values *values);

/** Value of a page that the kernel has reserved since boot. Freed parts of the image serve other
 * purposes: without PG_reserved a page is VALUE_KERNEL or VALUE_REST by its class. */
enum page_value page_value(const struct page_values *values, uint64_t pfn);

#endif
