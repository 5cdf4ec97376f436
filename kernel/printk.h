/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log. 5.10 and later: the lockless ring buffer (Linux commit 896fbe20b4e2,
 * kernel/printk/printk_ringbuffer.c). The offsets come from VMCOREINFO; where one is missing the
 * values that have stood since 5.10 on 64-bit machines serve.
 */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct kernel;

struct printk_record {
	uint64_t seq;
	uint64_t ts_nsec;
	uint8_t level;      /**< 0 emergency to 7 debug */
	uint8_t facility;   /**< syslog's */
	uint8_t flags;      /**< enum printk_info_flags of the kernel */
	uint32_t caller_id; /**< task pid, or CPU number with bit 31 set; 0 when it may not be known
			     */
	const char
		*text; /**< any bytes, may hold newlines; not NUL-terminated; lives in the call */
	size_t len;
	const char *subsystem, *device; /**< dev_info, NUL-terminated, perhaps empty */
};

#define PRINTK_CALLER_CPU 0x80000000U

struct printk_summary {
	uint64_t records;   /**< given to the callback */
	uint64_t dropped;   /**< in the ring, but unreadable, inconsistent or without their text */
	uint64_t clear_seq; /**< first record after the last `dmesg -c`; 0 when unknown */
};

/** Calls fn for each record from the oldest to the newest; fn returning false ends the walk.
 * ERROR_NOT_FOUND or ERROR_UNSUPPORTED when this kernel's log cannot be found, ERROR_FORMAT when
 * what is found there is none. */
struct error *printk_walk(struct kernel *kernel,
			  bool (*fn)(void *arg, const struct printk_record *), void *arg,
			  struct printk_summary *summary);

#endif
