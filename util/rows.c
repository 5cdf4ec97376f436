// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/rows.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "util/cli.h"
#include "util/utf8.h"

#define LABEL_WIDTH  12 /**< as in sys of crash */
#define NSEC_PER_SEC UINT64_C(1000000000)

void rows_begin(struct rows *rows, FILE *out, bool as_json, const char *command)
{
	*rows = (struct rows){.out = out, .as_json = as_json};
	if (!as_json)
		return;
	json_init(&rows->json, out, true);
	json_begin_object(&rows->json, NULL);
	json_u64(&rows->json, "vmcore_tools", 1);
	json_string(&rows->json, "command", command);
}

void rows_end(struct rows *rows)
{
	if (rows->as_json)
		json_end_object(&rows->json);
}

static void print_line(struct rows *rows, const char *label, const char *text)
{
	fprintf(rows->out, "%*s%s ", LABEL_WIDTH, label, *label ? ":" : " ");
	utf8_print_safe(rows->out, text, strlen(text), false);
	putc('\n', rows->out);
}

void rows_text(struct rows *rows, const char *key, const char *label, const char *text)
{
	if (rows->as_json)
		json_string(&rows->json, key, text);
	else
		print_line(rows, label, text);
}

void rows_number(struct rows *rows, const char *key, const char *label, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	if (rows->as_json)
		json_u64(&rows->json, key, value);
	else
		print_line(rows, label, text);
}

void rows_bool(struct rows *rows, const char *key, const char *label, bool value)
{
	if (rows->as_json)
		json_bool(&rows->json, key, value);
	else
		print_line(rows, label, value ? "yes" : "no");
}

void rows_size(struct rows *rows, const char *key, const char *label, uint64_t bytes)
{
	char text[32];

	if (rows->as_json)
		json_u64(&rows->json, key, bytes);
	else
		print_line(rows, label, cli_format_size(bytes, text));
}

void rows_time(struct rows *rows, const char *key, const char *label, int64_t sec)
{
	time_t when = (time_t)sec;
	struct tm tm;
	char text[64];

	if (rows->as_json)
		json_i64(&rows->json, key, sec);
	else if (localtime_r(&when, &tm) &&
		 strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Z %Y", &tm))
		print_line(rows, label, text);
}

void rows_duration(struct rows *rows, const char *key, const char *label, uint64_t nsec)
{
	uint64_t sec = nsec / NSEC_PER_SEC, days = sec / 86400;
	char text[64];
	int n = 0;

	if (rows->as_json) {
		json_fixed(&rows->json, key, nsec / 1000, 6);
		return;
	}
	if (days)
		n = snprintf(text, sizeof(text), "%" PRIu64 " days, ", days);
	snprintf(text + n, sizeof(text) - (size_t)n, "%02u:%02u:%02u",
		 (unsigned int)(sec / 3600 % 24), (unsigned int)(sec / 60 % 60),
		 (unsigned int)(sec % 60));
	print_line(rows, label, text);
}

void rows_begin_list(struct rows *rows, const char *key, const char *label)
{
	rows->list = label;
	if (rows->as_json)
		json_begin_array(&rows->json, key);
}

void rows_item(struct rows *rows, const char *text)
{
	if (rows->as_json)
		json_string(&rows->json, NULL, text);
	else
		print_line(rows, rows->list, text);
	rows->list = "";
}

void rows_end_list(struct rows *rows)
{
	if (rows->as_json)
		json_end_array(&rows->json);
}
