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
	const char *list; /**< label for the next item of a list; "" behind the first */
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

/** A list of texts; in JSON an array. An empty one has no line for people. */
void rows_begin_list(struct rows *rows, const char *key, const char *label);
void rows_item(struct rows *rows, const char *text);
void rows_end_list(struct rows *rows);

#endif
