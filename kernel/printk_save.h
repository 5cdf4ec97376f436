/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log as a file: the one thing that nearly always comes out. */
#ifndef KERNEL_PRINTK_SAVE_H
#define KERNEL_PRINTK_SAVE_H

#include <stdbool.h>

#include "kernel/printk.h"
#include "util/error.h"

struct printk_save_options {
	bool force;   /**< replace an existing file */
	bool partial; /**< only what came after the last `dmesg -c` */
};

/** Writes the log as text to path ("-" is standard output) under a temporary name first. What could
 * be read is kept, also when an error is returned after the first record. */
struct error *printk_save(struct kernel *kernel, const char *path,
			  const struct printk_save_options *options,
			  struct printk_summary *summary);

#endif
