/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A streaming JSON writer. Values are named inside objects (key) and nameless inside arrays and at
 * the top (key NULL). Strings may be any bytes: valid UTF-8 passes, control characters are escaped,
 * any other byte b becomes the code point U+DC00+b (surrogate escape, as Python reads it back), so
 * that the output is always valid JSON and nothing is lost.
 */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_MAX_DEPTH 64

struct json {
	FILE *out;
	bool pretty; /**< one member on a line, indented; else all in one line */
	unsigned int depth;
	bool some[JSON_MAX_DEPTH]; /**< the level has a member already */
};

/** Writes to out, which the caller keeps; whether it worked is in ferror(out). */
void json_init(struct json *json, FILE *out, bool pretty);

void json_begin_object(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_begin_array(struct json *json, const char *key);
void json_end_array(struct json *json);

void json_string(struct json *json, const char *key, const char *text);
void json_bytes(struct json *json, const char *key, const char *text, size_t len);
void json_u64(struct json *json, const char *key, uint64_t value);
void json_i64(struct json *json, const char *key, int64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);
/** An address or mask: the string "0x...", since JSON numbers end at 2^53 for many readers. */
void json_hex(struct json *json, const char *key, uint64_t value);
/** A fixed-point number: value / 10^digits. */
void json_fixed(struct json *json, const char *key, uint64_t value, unsigned int digits);

#endif
