/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The unwind tables of an x86_64 kernel and its modules, read in place
 * (arch/x86/include/asm/orc_types.h, Documentation/arch/x86/orc-unwinder.rst). Of the four layouts
 * of an entry each is known by the one entry that all kernels have in the same words, orc_fp_entry:
 *   1  Linux commit ee9f8fce9964 (4.14); as is 2, ffb1b4a41016 (6.3), but for bits of no use here
 *   3  fb799447ae29 (6.4): the type has three bits, and END and UNDEFINED are types
 *   4  7.1: other numbers for the registers
 */
#ifndef KERNEL_ORC_H
#define KERNEL_ORC_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/unwind.h"
#include "util/error.h"

struct kernel;
struct modules;
struct orc;

/** modules may be NULL; struct orc does not keep it. ERROR_NOT_FOUND when the kernel has no such
 * tables, because it was built with frame pointers or without symbols of data. */
struct error *orc_create(struct kernel *kernel, const struct modules *modules, struct orc **ret);
void orc_destroy(struct orc *orc);
DEFINE_CLEANUP(struct orc *, orc_destroy)
#define _cleanup_orc_ _cleanup_(cleanup_orc_destroy)

/** What is said of the instruction at ip; false when nothing is, or the tables cannot be read
 * there. */
bool orc_find(const struct orc *orc, uint64_t ip, struct orc_entry *ret);

#endif
