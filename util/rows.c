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
	fprintf(rows->out, "%*s%s ", rows->label_width ? rows->label_width : LABEL_WIDTH, label,
		*label ? ":" : " ");
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

void rows_hex(struct rows *rows, const char *key, const char *label, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIx64, value);
	if (rows->as_json)
		json_hex(&rows->json, key, value);
	else
		print_line(rows, label, text);
}

void rows_begin_table(struct rows *rows, const char *key, const struct rows_column *columns,
		      size_t nr, bool titles)
{
	rows->columns = columns;
	rows->nr_columns = nr;
	if (rows->as_json) {
		json_begin_array(&rows->json, key);
		return;
	}
	for (size_t i = 0; titles && i < nr; i++)
		if (columns[i].width)
			fputs(columns[i].title, rows->out);
	if (titles)
		putc('\n', rows->out);
}

void rows_end_table(struct rows *rows)
{
	if (rows->as_json)
		json_end_array(&rows->json);
}

void rows_begin_row(struct rows *rows)
{
	rows->column = 0;
	if (rows->as_json)
		json_begin_object(&rows->json, NULL);
}

void rows_end_row(struct rows *rows)
{
	if (rows->as_json)
		json_end_object(&rows->json);
	else
		putc('\n', rows->out);
}

static void put_blanks(struct rows *rows, int nr)
{
	for (; nr > 0; nr--)
		putc(' ', rows->out);
}

static void put_cell(struct rows *rows, const struct rows_column *column, const char *text)
{
	int len = (int)utf8_safe_length(text, strlen(text));

	if (!column->width)
		return;
	put_blanks(rows, column->width >= 0 ? column->width - len : rows->column > 1 ? 2 : 0);
	utf8_put_safe(rows->out, text);
	put_blanks(rows, -column->width - len);
}

static const struct rows_column *next_cell(struct rows *rows)
{
	return &rows->columns[rows->column++];
}

void rows_cell_text(struct rows *rows, const char *text)
{
	const struct rows_column *column = next_cell(rows);

	if (rows->as_json)
		json_string(&rows->json, column->key, text);
	else
		put_cell(rows, column, text);
}

void rows_cell_number(struct rows *rows, int64_t value)
{
	const struct rows_column *column = next_cell(rows);
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, value);
	if (rows->as_json)
		json_i64(&rows->json, column->key, value);
	else
		put_cell(rows, column, text);
}

void rows_cell_hex(struct rows *rows, uint64_t value, int digits)
{
	const struct rows_column *column = next_cell(rows);
	char text[32];

	snprintf(text, sizeof(text), "%0*" PRIx64, digits, value);
	if (rows->as_json)
		json_hex(&rows->json, column->key, value);
	else
		put_cell(rows, column, text);
}

void rows_cell_fixed(struct rows *rows, uint64_t value, unsigned int digits)
{
	const struct rows_column *column = next_cell(rows);
	uint64_t unit = 1;
	char text[48];

	for (unsigned int i = 0; i < digits; i++)
		unit *= 10;
	snprintf(text, sizeof(text), "%" PRIu64 ".%0*" PRIu64, value / unit, (int)digits,
		 value % unit);
	if (rows->as_json)
		json_fixed(&rows->json, column->key, value, digits);
	else
		put_cell(rows, column, text);
}

void rows_cell_bool(struct rows *rows, bool value, const char *yes)
{
	const struct rows_column *column = next_cell(rows);

	if (rows->as_json)
		json_bool(&rows->json, column->key, value);
	else
		put_cell(rows, column, value ? yes : "");
}

void rows_cell_none(struct rows *rows)
{
	const struct rows_column *column = next_cell(rows);

	if (rows->as_json)
		json_null(&rows->json, column->key);
	else
		put_cell(rows, column, "");
}
