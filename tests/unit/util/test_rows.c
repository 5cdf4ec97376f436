// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/rows.h"

#include <stdlib.h>
#include <time.h>

#include "tests/support/test.h"

static const char *render(bool as_json)
{
	static char text[2048];
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct rows rows;

	setenv("TZ", "UTC", 1);
	tzset();
	assert_non_null(out);
	rows_begin(&rows, out, as_json, "test");
	rows_text(&rows, "text", "TEXT", "a\033\n\xff");
	rows_number(&rows, "number", "LOAD AVERAGE", UINT64_MAX);
	rows_bool(&rows, "yes", "YES", true);
	rows_bool(&rows, "no", "NO", false);
	rows_size(&rows, "size", "SIZE", 1536);
	rows_time(&rows, "time", "DATE", 1795164140);
	rows_time(&rows, "never", "DATE", INT64_MAX);
	rows_duration(&rows, "short", "UPTIME", UINT64_C(3723123456789));
	rows_duration(&rows, "long", "UPTIME", UINT64_C(90061) * 1000000000);
	rows_begin_list(&rows, "none", "NONE");
	rows_end_list(&rows);
	rows_begin_list(&rows, "two", "TWO");
	rows_item(&rows, "one");
	rows_item(&rows, "two");
	rows_end_list(&rows);
	rows_end(&rows);
	fclose(out);
	return text;
}

static void test_text(void **state)
{
	assert_string_equal(render(false), "        TEXT: a\\x1b\\x0a\\xff\n"
					   "LOAD AVERAGE: 18446744073709551615\n"
					   "         YES: yes\n"
					   "          NO: no\n"
					   "        SIZE: 1.5 KiB\n"
					   "        DATE: Fri Nov 20 08:42:20 UTC 2026\n"
					   "      UPTIME: 01:02:03\n"
					   "      UPTIME: 1 days, 01:01:01\n"
					   "         TWO: one\n"
					   "              two\n");
}

static void test_json(void **state)
{
	assert_string_equal(render(true), "{\n"
					  "  \"vmcore_tools\": 1,\n"
					  "  \"command\": \"test\",\n"
					  "  \"text\": \"a\\u001b\\n\\udcff\",\n"
					  "  \"number\": 18446744073709551615,\n"
					  "  \"yes\": true,\n"
					  "  \"no\": false,\n"
					  "  \"size\": 1536,\n"
					  "  \"time\": 1795164140,\n"
					  "  \"never\": 9223372036854775807,\n"
					  "  \"short\": 3723.123456,\n"
					  "  \"long\": 90061.000000,\n"
					  "  \"none\": [],\n"
					  "  \"two\": [\n"
					  "    \"one\",\n"
					  "    \"two\"\n"
					  "  ]\n"
					  "}\n");
}

static const struct rows_column columns[] = {
	{"name", "NAME    ", -8}, {"number", "  NUMBER", 8}, {"at", "  ADDRESS         ", 18},
	{"load", "  LOAD", 6},    {"run", " R", 2},          {"text", "  TEXT", -1},
	{"hidden", "HIDDEN", 0},
};

static const char *render_table(bool as_json)
{
	static char text[2048];
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct rows rows;

	assert_non_null(out);
	rows_begin(&rows, out, as_json, "test");
	rows_hex(&rows, "mask", "MASK", 0xff0);
	rows_begin_table(&rows, "things", columns, sizeof(columns) / sizeof(columns[0]), true);
	rows_begin_row(&rows);
	rows_cell_text(&rows, "a\033");
	rows_cell_number(&rows, -5);
	rows_cell_hex(&rows, 0x1234, 16);
	rows_cell_fixed(&rows, 123, 1);
	rows_cell_bool(&rows, true, ">");
	rows_cell_text(&rows, "last");
	rows_cell_number(&rows, 1);
	rows_end_row(&rows);
	rows_begin_row(&rows);
	rows_cell_text(&rows, "longer than it");
	rows_cell_none(&rows);
	rows_cell_hex(&rows, 0, 0);
	rows_cell_fixed(&rows, 5, 1);
	rows_cell_bool(&rows, false, ">");
	rows_cell_text(&rows, "");
	rows_cell_none(&rows);
	rows_end_row(&rows);
	rows_end_table(&rows);
	rows_end(&rows);
	fclose(out);
	return text;
}

static void test_table_text(void **state)
{
	assert_string_equal(render_table(false),
			    "        MASK: ff0\n"
			    "NAME      NUMBER  ADDRESS           LOAD R  TEXT\n"
			    "a\\x1b         -5  0000000000001234  12.3 >  last\n"
			    "longer than it                         0   0.5     \n");
}

static void test_table_json(void **state)
{
	const char *text = render_table(true);

	assert_non_null(strstr(text, "\"mask\": \"0xff0\",\n  \"things\": [\n"));
	assert_non_null(strstr(text, "\"name\": \"a\\u001b\",\n      \"number\": -5,\n"
				     "      \"at\": \"0x1234\",\n      \"load\": 12.3,\n"
				     "      \"run\": true,\n      \"text\": \"last\",\n"
				     "      \"hidden\": 1\n"));
	assert_non_null(strstr(text, "\"number\": null"));
	assert_non_null(strstr(text, "\"run\": false"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_text),
		cmocka_unit_test(test_table_json),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
