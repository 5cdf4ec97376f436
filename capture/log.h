/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log, saved before anything else: the one thing that nearly always comes out. */
#ifndef CAPTURE_LOG_H
#define CAPTURE_LOG_H

#include <stdbool.h>

#include "kernel/printk.h"
#include "util/error.h"

/** Writes the log as text to path ("-" is standard output) under a temporary name first. What could
 * be read is kept, also when an error is returned after the first record. */
struct error *log_save(struct kernel *kernel, const char *path, bool force,
		       struct printk_summary *summary);

#endif
