// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk_clock.h"

#include <string.h>

#include "dump/reader.h"
#include "kernel/kernel.h"
#include "util/file.h"

#define NSEC_PER_SEC  INT64_C(1000000000)
#define SEC_MAX       (UINT64_C(1) << 33) /**< the year 2242: the nanoseconds fit 63 bits */
#define FACILITY_KERN 0

static const char rtc_words[] = "setting system clock to ";

/* "rtc_cmos 00:03: setting system clock to 2026-11-20T08:34:24 UTC (1795163664)" */
static bool parse_rtc(const char *text, size_t len, uint64_t *ret)
{
	const char *end = text + len, *p = memmem(text, len, rtc_words, sizeof(rtc_words) - 1);
	uint64_t sec = 0;

	p = p ? memchr(p, '(', (size_t)(end - p)) : NULL;
	if (!p)
		return false;
	for (p++; p < end && *p >= '0' && *p <= '9' && sec < SEC_MAX; p++)
		sec = sec * 10 + (uint64_t)(*p - '0');
	if (p == end || *p != ')' || sec >= SEC_MAX)
		return false;
	*ret = sec;
	return true;
}

void printk_clock_add(struct printk_clock *clock, const struct printk_record *record)
{
	clock->last_stamp = record->ts_nsec;
	if (record->facility != FACILITY_KERN ||
	    !parse_rtc(record->text, record->len, &clock->rtc_sec))
		return;
	clock->rtc = true;
	clock->rtc_stamp = record->ts_nsec;
}

void printk_clock_end(struct printk_clock *clock, struct kernel *kernel)
{
	uint64_t sec = 0;

	if (vmcoreinfo_dec(kernel_vmcoreinfo(kernel), "CRASHTIME", &sec) && sec < SEC_MAX) {
		clock->boot_nsec = (int64_t)(sec * NSEC_PER_SEC - clock->last_stamp);
		clock->witness = "CRASHTIME";
	} else if (clock->rtc) {
		clock->boot_nsec = (int64_t)(clock->rtc_sec * NSEC_PER_SEC - clock->rtc_stamp);
		clock->witness = "the log's \"setting system clock\"";
	}
	clock->known = clock->witness;
}

static bool add(void *arg, const struct printk_record *record)
{
	printk_clock_add(arg, record);
	return true;
}

struct error *printk_clock_read(struct kernel *kernel, struct printk_clock *ret)
{
	struct printk_clock clock = {0};
	struct printk_summary summary;
	struct error *err = printk_walk(kernel, add, &clock, &summary);

	if (err)
		return err;
	printk_clock_end(&clock, kernel);
	if (!clock.known)
		return error_create(
			ERROR_NOT_FOUND,
			"%s: nothing tells the time of day: VMCOREINFO has no CRASHTIME, "
			"and the log does not say how the clock was set",
			kernel->dump->file->path);
	*ret = clock;
	return NULL;
}
