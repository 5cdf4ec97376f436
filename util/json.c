// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/json.h"

#include <inttypes.h>
#include <string.h>

#include "util/utf8.h"

void json_init(struct json *json, FILE *out, bool pretty)
{
	*json = (struct json){.out = out, .pretty = pretty};
}

static void newline(struct json *json)
{
	if (!json->pretty)
		return;
	fputc('\n', json->out);
	for (unsigned int i = 0; i < json->depth; i++)
		fputs("  ", json->out);
}

static void put_string(struct json *json, const char *text, size_t len)
{
	size_t n;

	fputc('"', json->out);
	for (size_t i = 0; i < len; i += n) {
		unsigned char c = (unsigned char)text[i];

		n = utf8_length(text + i, len - i);
		if (!n) {
			fprintf(json->out, "\\udc%02x", c);
			n = 1;
		} else if (c == '"' || c == '\\') {
			fprintf(json->out, "\\%c", c);
		} else if (c == '\n') {
			fputs("\\n", json->out);
		} else if (c < 0x20 || c == 0x7f) {
			fprintf(json->out, "\\u%04x", c);
		} else {
			fwrite(text + i, 1, n, json->out);
		}
	}
	fputc('"', json->out);
}

/* What stands before a value: a comma if it is not the first, a line, and its name. */
static void lead(struct json *json, const char *key)
{
	if (json->depth) {
		if (json->some[json->depth - 1])
			fputs(json->pretty ? "," : ", ", json->out);
		json->some[json->depth - 1] = true;
		newline(json);
	}
	if (key) {
		put_string(json, key, strlen(key));
		fputs(": ", json->out);
	}
}

static void begin(struct json *json, const char *key, char bracket)
{
	lead(json, key);
	fputc(bracket, json->out);
	if (json->depth < JSON_MAX_DEPTH)
		json->some[json->depth] = false;
	json->depth++;
}

static void end(struct json *json, char bracket)
{
	bool some = json->some[--json->depth];

	if (some)
		newline(json);
	fputc(bracket, json->out);
	if (!json->depth)
		fputc('\n', json->out);
}

void json_begin_object(struct json *json, const char *key)
{
	begin(json, key, '{');
}

void json_end_object(struct json *json)
{
	end(json, '}');
}

void json_begin_array(struct json *json, const char *key)
{
	begin(json, key, '[');
}

void json_end_array(struct json *json)
{
	end(json, ']');
}

void json_bytes(struct json *json, const char *key, const char *text, size_t len)
{
	lead(json, key);
	put_string(json, text, len);
}

void json_string(struct json *json, const char *key, const char *text)
{
	json_bytes(json, key, text, strlen(text));
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	lead(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_i64(struct json *json, const char *key, int64_t value)
{
	lead(json, key);
	fprintf(json->out, "%" PRId64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	lead(json, key);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json, const char *key)
{
	lead(json, key);
	fputs("null", json->out);
}

void json_hex(struct json *json, const char *key, uint64_t value)
{
	lead(json, key);
	fprintf(json->out, "\"%#" PRIx64 "\"", value);
}

void json_fixed(struct json *json, const char *key, uint64_t value, unsigned int digits)
{
	uint64_t unit = 1;

	for (unsigned int i = 0; i < digits; i++)
		unit *= 10;
	lead(json, key);
	fprintf(json->out, "%" PRIu64 ".%0*" PRIu64, value / unit, (int)digits, value % unit);
}
