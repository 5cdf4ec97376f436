// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/json.h"

struct memory {
	FILE *file;
	char *text;
	size_t len;
};

static void memory_open(struct memory *memory, struct json *json, bool pretty)
{
	memory->file = open_memstream(&memory->text, &memory->len);
	assert_non_null(memory->file);
	json_init(json, memory->file, pretty);
}

static void assert_json(struct memory *memory, const char *want)
{
	fclose(memory->file);
	assert_string_equal(memory->text, want);
	free(memory->text);
}

static void one_line(void **state)
{
	struct memory memory;
	struct json json;

	memory_open(&memory, &json, false);
	json_begin_object(&json, NULL);
	json_string(&json, "text", "a");
	json_u64(&json, "u64", UINT64_MAX);
	json_i64(&json, "i64", INT64_MIN);
	json_bool(&json, "yes", true);
	json_bool(&json, "no", false);
	json_null(&json, "null");
	json_hex(&json, "hex", 0xffffffff81000000);
	json_begin_array(&json, "array");
	json_u64(&json, NULL, 1);
	json_begin_object(&json, NULL);
	json_end_object(&json);
	json_begin_array(&json, NULL);
	json_end_array(&json);
	json_end_array(&json);
	json_fixed(&json, "seconds", 1002003, 6);
	json_end_object(&json);
	assert_json(&memory, "{\"text\": \"a\", \"u64\": 18446744073709551615, "
			     "\"i64\": -9223372036854775808, \"yes\": true, \"no\": false, "
			     "\"null\": null, \"hex\": \"0xffffffff81000000\", "
			     "\"array\": [1, {}, []], \"seconds\": 1.002003}\n");
}

static void pretty(void **state)
{
	struct memory memory;
	struct json json;

	memory_open(&memory, &json, true);
	json_begin_object(&json, NULL);
	json_u64(&json, "a", 1);
	json_begin_array(&json, "b");
	json_u64(&json, NULL, 2);
	json_u64(&json, NULL, 3);
	json_end_array(&json);
	json_begin_object(&json, "c");
	json_end_object(&json);
	json_end_object(&json);
	assert_json(&memory, "{\n  \"a\": 1,\n  \"b\": [\n    2,\n    3\n  ],\n  \"c\": {}\n}\n");
}

static void any_bytes_are_valid_json(void **state)
{
	static const char hostile[] = "q\"b\\n\nt\te\033d\177\0u\303\274x\377\355\240\200";
	struct memory memory;
	struct json json;

	memory_open(&memory, &json, false);
	json_begin_array(&json, NULL);
	json_bytes(&json, NULL, hostile, sizeof(hostile) - 1);
	json_end_array(&json);
	assert_json(&memory, "[\"q\\\"b\\\\n\\nt\\u0009e\\u001bd\\u007f\\u0000u\303\274x"
			     "\\udcff\\udced\\udca0\\udc80\"]\n");
}

static void keys_are_escaped_too(void **state)
{
	struct memory memory;
	struct json json;

	memory_open(&memory, &json, false);
	json_begin_object(&json, NULL);
	json_null(&json, "a\"b");
	json_end_object(&json);
	assert_json(&memory, "{\"a\\\"b\": null}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line),
		cmocka_unit_test(pretty),
		cmocka_unit_test(any_bytes_are_valid_json),
		cmocka_unit_test(keys_are_escaped_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
