/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log as text, line for line what dmesg prints. */
#ifndef KERNEL_PRINTK_TEXT_H
#define KERNEL_PRINTK_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "kernel/printk.h"

enum printk_stamp {
	PRINTK_STAMP_BOOT, /**< "[    1.234567] ", seconds since boot */
	PRINTK_STAMP_WALL, /**< "[Fri Nov 20 08:34:24 2026] ", in the time zone of TZ */
	PRINTK_STAMP_NONE,
};

/** All zero is what dmesg prints. */
struct printk_format {
	enum printk_stamp stamp;
	int64_t boot_nsec; /**< since 1970, of time stamp 0; for PRINTK_STAMP_WALL */
	bool level;        /**< "<6>" in front */
	bool caller;       /**< "[  T123]" or "[    C0]" behind the time, as CONFIG_PRINTK_CALLER */
	bool safe;         /**< for a terminal: control characters become \xNN */
	bool partial;      /**< of the whole log only what came after the last `dmesg -c` */
};

/** The lines of one record; each has the same prefix, as in the kernel's record_print_text(). */
void printk_print(const struct printk_format *format, const struct printk_record *record,
		  FILE *out);

/** The whole log. Whether it could be written is in ferror(out). */
struct error *printk_print_all(struct kernel *kernel, const struct printk_format *format, FILE *out,
			       struct printk_summary *summary);

/** Who printed the record, "T123" for a task or "C0" for a CPU outside of one. */
#define PRINTK_CALLER_LEN 16
const char *printk_caller(const struct printk_record *record, char buf[static PRINTK_CALLER_LEN]);

#endif
