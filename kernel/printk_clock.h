/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time of day of a log whose time stamps count from boot. Two things tie one to the other:
 *   - crash_save_vmcoreinfo() of the dying kernel adds CRASHTIME, in seconds, to VMCOREINFO just
 *     behind the last record;
 *   - with CONFIG_RTC_HCTOSYS the log says "setting system clock to ... (SECONDS)" at boot.
 * Where both are there CRASHTIME counts: the clock may have been set again since. The stamps do not
 * count time asleep, so that those from before the last suspend come out too late by it.
 */
#ifndef KERNEL_PRINTK_CLOCK_H
#define KERNEL_PRINTK_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/printk.h"

struct printk_clock {
	bool known;
	int64_t boot_nsec;                       /**< since 1970, of time stamp 0; to a second */
	const char *witness;                     /**< constant, for people: "CRASHTIME" */
	uint64_t rtc_stamp, rtc_sec, last_stamp; /**< what printk_clock_add() saw */
	bool rtc;
};

/** Starting from zeros: add each record, then end. */
void printk_clock_add(struct printk_clock *clock, const struct printk_record *record);
void printk_clock_end(struct printk_clock *clock, struct kernel *kernel);

/** All that, for a caller with no walk of its own. ERROR_NOT_FOUND when nothing tells the time. */
struct error *printk_clock_read(struct kernel *kernel, struct printk_clock *ret);

#endif
