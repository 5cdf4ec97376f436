/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --info says of a dump and of the kernel in it. */
#ifndef KERNEL_INFO_H
#define KERNEL_INFO_H

#include "util/error.h"

struct kernel;
struct rows;

/** All of --info: what dump_info() says, the kernel's page size, whether its addresses can be
 * translated, and in the list "faults" why not. */
struct error *kernel_info(struct rows *rows, const struct kernel *kernel);

#endif
