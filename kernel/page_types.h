/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Classes of pages that VMCOREINFO does not tell: page tables and compressed memory. */
#ifndef KERNEL_PAGE_TYPES_H
#define KERNEL_PAGE_TYPES_H

#include "util/error.h"

struct kernel;
struct page_layout;

/**
 * Adds them to a layout, from types and symbols of the kernel and its modules; what is learned is
 * taken out of layout->unknown_classes. Fails only without memory.
 */
struct error *page_types_learn(struct page_layout *layout, struct kernel *kernel);

#endif
