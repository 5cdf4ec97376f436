// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/utf8.h"

static void lengths(void **state)
{
	static const struct {
		const char *text;
		size_t want;
	} cases[] = {
		{"a", 1},
		{"\177", 1},
		{"\302\200", 2},         // U+0080
		{"\337\277", 2},         // U+07FF
		{"\340\240\200", 3},     // U+0800
		{"\355\237\277", 3},     // U+D7FF
		{"\356\200\200", 3},     // U+E000
		{"\360\220\200\200", 4}, // U+10000
		{"\364\217\277\277", 4}, // U+10FFFF
		{"\200", 0},             // lone continuation
		{"\300\200", 0},         // overlong
		{"\301\277", 0},
		{"\340\237\277", 0},
		{"\360\217\277\277", 0},
		{"\355\240\200", 0},     // surrogate
		{"\364\220\200\200", 0}, // above U+10FFFF
		{"\365\200\200\200", 0},
		{"\302", 0}, // cut
		{"\342\202", 0},
		{"\302a", 0},
		{"", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(utf8_length(cases[i].text, strlen(cases[i].text)), cases[i].want);
	assert_int_equal(utf8_length("\0", 1), 1);
}

static void assert_safe(const char *text, size_t len, bool newlines, const char *want)
{
	char *got = NULL;
	size_t got_len = 0;
	FILE *file = open_memstream(&got, &got_len);

	assert_non_null(file);
	utf8_print_safe(file, text, len, newlines);
	fclose(file);
	assert_string_equal(got, want);
	free(got);
}

static void nothing_commands_a_terminal(void **state)
{
	assert_safe("plain\t\303\274", 8, false, "plain\t\303\274");
	assert_safe("a\033[2Jb", 6, false, "a\\x1b[2Jb");
	assert_safe("a\nb\r", 4, false, "a\\x0ab\\x0d");
	assert_safe("a\nb\r", 4, true, "a\nb\\x0d");
	assert_safe("\177\0", 2, false, "\\x7f\\x00");
	assert_safe("\302\233m", 3, false, "\\xc2\\x9bm"); // CSI as U+009B
	assert_safe("\233m\377", 3, false, "\\x9bm\\xff");
	assert_safe("\342\202", 2, false, "\\xe2\\x82");
}

static void lengths_as_printed(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} all[] = {{"", 0},       {"abc", 3}, {"a\tb", 3}, {"\xc3\xa4", 1},
		   {"\033[m", 6}, {"\n", 4},  {"\xff", 4}, {"\xc2\x9b", 8}};
	char buf[32];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		FILE *out = fmemopen(buf, sizeof(buf), "w");

		assert_int_equal(utf8_safe_length(all[i].text, strlen(all[i].text)), all[i].length);
		assert_non_null(out);
		utf8_put_safe(out, all[i].text);
		fclose(out);
		assert_null(strpbrk(buf, "\033\n"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		cmocka_unit_test(lengths_as_printed),
		cmocka_unit_test(nothing_commands_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
