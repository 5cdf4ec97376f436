// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/check.h"

#include <stdio.h>

#include "kernel/zones.h"
#include "tests/support/test.h"
#include "util/json.h"

static void test_bound(void **state)
{
	const struct zones zones = {.free_pages = 1000, .slack = 50};

	assert_int_equal(check_free_pages(&zones, 1000, false).state, CHECK_AGREES);
	assert_int_equal(check_free_pages(&zones, 1050, false).state, CHECK_AGREES);
	assert_int_equal(check_free_pages(&zones, 950, false).state, CHECK_AGREES);
	assert_int_equal(check_free_pages(&zones, 1051, false).state, CHECK_DIFFERS);
	assert_int_equal(check_free_pages(&zones, 949, false).state, CHECK_DIFFERS);
	assert_int_equal(check_free_pages(&zones, 0, true).state, CHECK_LIVE);
	assert_int_equal(check_free_pages(&zones, UINT64_MAX, false).state, CHECK_DIFFERS);
}

static void expect_json(const struct check *check, const char *want)
{
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct json json;

	assert_non_null(out);
	json_init(&json, out, false);
	json_begin_object(&json, NULL);
	check_json(check, &json);
	json_end_object(&json);
	fclose(out);
	if (!strstr(text, want))
		fail_msg("%s", text);
}

static void test_reports(void **state)
{
	const struct zones zones = {.free_pages = 1000, .slack = 50};
	struct check check = check_free_pages(&zones, 7, false);
	char text[256];

	assert_string_equal(check_text(&check, text),
			    "7 pages are free by their struct pages, and 1000 as the kernel "
			    "counted (up to 50 may differ)");
	expect_json(&check, "\"result\": \"differs\", \"free_counted\": 7, "
			    "\"free_expected\": 1000, \"bound\": 50");
	check = check_free_pages(&zones, 7, true);
	assert_non_null(strstr(check_text(&check, text), "it runs on"));
	check = check_none(error_create(ERROR_NOT_FOUND, "no zones"));
	assert_string_equal(check_text(&check, text),
			    "the count of free pages could not be checked: no zones");
	expect_json(&check, "\"result\": \"none\", \"why\": \"no zones\"");
	check_deinit(&check);
	expect_json(&check, "\"result\": \"none\", \"why\": null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
