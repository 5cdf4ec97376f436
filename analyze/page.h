/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of a page, in one line. */
#ifndef ANALYZE_PAGE_H
#define ANALYZE_PAGE_H

#include <stdint.h>

#include "util/error.h"

struct analysis;
struct rows;

/** Adds the table "page" with the struct page of a physical address: address, mapping, index, count
 * and flags. ERROR_NOT_FOUND when the kernel has none for it, or does not tell. */
struct error *page_print(struct analysis *analysis, struct rows *rows, uint64_t paddr);

#endif
