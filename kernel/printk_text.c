// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk_text.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "util/utf8.h"

#define NSEC_PER_SEC UINT64_C(1000000000)

const char *printk_caller(const struct printk_record *record, char buf[static PRINTK_CALLER_LEN])
{
	snprintf(buf, PRINTK_CALLER_LEN, "%c%" PRIu32,
		 record->caller_id & PRINTK_CALLER_CPU ? 'C' : 'T',
		 record->caller_id & ~PRINTK_CALLER_CPU);
	return buf;
}

static size_t print_stamp(const struct printk_format *format, uint64_t nsec, char *buf, size_t len)
{
	time_t sec = (time_t)((int64_t)((uint64_t)format->boot_nsec + nsec) /
			      (int64_t)NSEC_PER_SEC);
	struct tm tm;

	switch (format->stamp) {
	case PRINTK_STAMP_NONE: break;
	case PRINTK_STAMP_WALL:
		if (localtime_r(&sec, &tm))
			return strftime(buf, len, "[%a %b %e %H:%M:%S %Y]", &tm);
		// no calendar goes that far
		__attribute__((fallthrough));
	case PRINTK_STAMP_BOOT:
		return (size_t)snprintf(buf, len, "[%5" PRIu64 ".%06" PRIu64 "]",
					nsec / NSEC_PER_SEC, nsec % NSEC_PER_SEC / 1000);
	}
	return 0;
}

/* As info_print_prefix() of the kernel: a blank ends it if there is anything but a level. */
static size_t print_prefix(const struct printk_format *format, const struct printk_record *record,
			   char *buf, size_t size)
{
	char caller[PRINTK_CALLER_LEN];
	size_t level = 0, len;

	if (format->level)
		level = (size_t)snprintf(buf, size, "<%u>", record->level);
	len = level + print_stamp(format, record->ts_nsec, buf + level, size - level);
	if (format->caller)
		len += (size_t)snprintf(buf + len, size - len, "[%6s]",
					printk_caller(record, caller));
	if (len > level)
		buf[len++] = ' ';
	return len;
}

void printk_print(const struct printk_format *format, const struct printk_record *record, FILE *out)
{
	const char *line = record->text, *end = record->text + record->len, *next;
	char prefix[96];
	size_t len = print_prefix(format, record, prefix, sizeof(prefix));

	for (; line; line = next) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t line_len = (size_t)((newline ? newline : end) - line);

		next = newline ? newline + 1 : NULL;
		fwrite(prefix, 1, len, out);
		if (format->safe)
			utf8_print_safe(out, line, line_len, false);
		else
			fwrite(line, 1, line_len, out);
		putc('\n', out);
	}
}

struct all {
	const struct printk_format *format;
	FILE *out;
	const struct printk_summary *summary;
};

static bool print_one(void *arg, const struct printk_record *record)
{
	const struct all *all = arg;

	if (!all->format->partial || record->seq >= all->summary->clear_seq)
		printk_print(all->format, record, all->out);
	return !ferror(all->out);
}

struct error *printk_print_all(struct kernel *kernel, const struct printk_format *format, FILE *out,
			       struct printk_summary *summary)
{
	struct all all = {format, out, summary};

	return printk_walk(kernel, print_one, &all, summary);
}
