/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named values of a report, given once and rendered in one of two ways: for people as lines with
 * right-aligned labels ("     RELEASE: 6.1.0"), or as the members of a JSON object. A value that is
 * not known gets no row.
 */
#ifndef UTIL_ROWS_H
#define UTIL_ROWS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "util/json.h"

struct rows {
	FILE *out;
	bool as_json;
	struct json json;
	int label_width;  /**< 0: as sys of crash has it */
	const char *list; /**< label for the next item of a list; "" behind the first */
	const struct rows_column *columns; /**< of the table that has begun, or NULL */
	size_t nr_columns, column;         /**< column: of the next cell */
};

/** A column of a table. */
struct rows_column {
	const char *key;   /**< its name in JSON */
	const char *title; /**< as it stands in the line of titles, blanks before it included */
	int width; /**< of its cells, blanks before them included: they stand at the right end;
		    * negative: they stand at the left end, in all but the first column behind two
		    * blanks more; 0: they are for
		    * JSON only */
};

/** The object begins with the two members that all reports have, "vmcore_tools" (the version of the
 * format) and "command". What was written well is in ferror(out). */
void rows_begin(struct rows *rows, FILE *out, bool as_json, const char *command);
void rows_end(struct rows *rows);

/** Any bytes; control characters are written as \xNN. */
void rows_text(struct rows *rows, const char *key, const char *label, const char *text);
void rows_number(struct rows *rows, const char *key, const char *label, uint64_t value);
/** For people "yes" and "no". */
void rows_bool(struct rows *rows, const char *key, const char *label, bool value);
/** Bytes; for people as "1.4 GiB". */
void rows_size(struct rows *rows, const char *key, const char *label, uint64_t bytes);
/** Seconds since 1970; for people a date in the time zone of TZ. */
void rows_time(struct rows *rows, const char *key, const char *label, int64_t sec);
/** In JSON seconds with a fraction; for people as "1 days, 02:03:04". */
void rows_duration(struct rows *rows, const char *key, const char *label, uint64_t nsec);

/** An address or mask: "ffff8b8940202100", in JSON "0xffff8b8940202100". */
void rows_hex(struct rows *rows, const char *key, const char *label, uint64_t value);

/** A table: in JSON an array of objects named key; for people a line of titles, if titles, and one
 * for each row. Each row has a cell for each column, in their order. */
void rows_begin_table(struct rows *rows, const char *key, const struct rows_column *columns,
		      size_t nr, bool titles);
void rows_end_table(struct rows *rows);
void rows_begin_row(struct rows *rows);
void rows_end_row(struct rows *rows);
void rows_cell_text(struct rows *rows, const char *text);
void rows_cell_number(struct rows *rows, int64_t value);
/** With leading zeros up to digits; 0: none. */
void rows_cell_hex(struct rows *rows, uint64_t value, int digits);
/** A fixed-point number: value / 10^digits. */
void rows_cell_fixed(struct rows *rows, uint64_t value, unsigned int digits);
void rows_cell_bool(struct rows *rows, bool value, const char *yes);
/** Nothing is known: blank, in JSON null. */
void rows_cell_none(struct rows *rows);

/** A list of texts; in JSON an array. An empty one has no line for people. */
void rows_begin_list(struct rows *rows, const char *key, const char *label);
void rows_item(struct rows *rows, const char *text);
void rows_end_list(struct rows *rows);

#endif
