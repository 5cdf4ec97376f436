// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/output.h"
#include "util/cli.h"

enum { OPT_LONG = CLI_LONG, OPT_MAYBE };

static const struct cli_option options[] = {
	{'d', NULL, "LEVEL", "how much\nto leave out"},
	{'f', "force", NULL, "overwrite"},
	{OPT_LONG, "log", "FILE", "save the log"},
	{OPT_MAYBE, "maybe", "[=MODE]", "perhaps"},
};

static const struct cli_tool tool = {
	.name = "vmcore-test",
	.synopsis = "[options] SOURCE\n--other",
	.summary = "Tests.",
	.options = options,
	.nr_options = sizeof(options) / sizeof(options[0]),
};

struct run {
	const char *args[8];
	int argc;
};

#define RUN(...)                                  \
	((struct run){.args = {"x", __VA_ARGS__}, \
		      .argc = (int)(sizeof((const char *[]){"x", __VA_ARGS__}) / sizeof(char *))})

/* Parses all options and prints what came of each. */
static int parse(void *arg)
{
	struct run *run = arg;
	struct cli cli;
	int value;

	optind = 0;
	cli_init(&cli, &tool, run->argc, (char **)(uintptr_t)run->args);
	while ((value = cli_next(&cli)) != -1)
		printf("%d=%s\n", value, cli.arg ? cli.arg : "-");
	printf("next %d verbose %d json %d\n", cli.next, cli.verbose, cli.json);
	cli_deinit(&cli);
	return cli_close_stdout(&cli, 0);
}

static void options_come_with_their_values(void **state)
{
	struct run run = RUN("-d31", "-f", "--log=/x", "--maybe", "-vv", "--json", "file");
	struct output got;

	output_of(parse, &run, &got);
	assert_string_equal(got.out, "100=31\n102=-\n256=/x\n257=-\nnext 7 verbose 2 json 1\n");
	assert_string_equal(got.err, "");
	assert_int_equal(got.code, 0);

	run = RUN("--maybe=yes", "--force", "--", "-f");
	output_of(parse, &run, &got);
	assert_string_equal(got.out, "257=yes\n102=-\nnext 4 verbose 0 json 0\n");
}

static void wrong_options_are_one_line_and_exit_2(void **state)
{
	struct run runs[] = {RUN("-y"), RUN("--nope"), RUN("--log"), RUN("--force=1"), RUN("-d")};
	struct output got;

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		output_of(parse, &runs[i], &got);
		assert_int_equal(got.code, CLI_USAGE);
		assert_memory_equal(got.err, "vmcore-test: ", 13);
		assert_ptr_equal(strchr(got.err, '\n'), got.err + strlen(got.err) - 1);
	}
}

static void help_has_every_option(void **state)
{
	struct run run = RUN("--help");
	struct output got;

	output_of(parse, &run, &got);
	assert_int_equal(got.code, 0);
	assert_memory_equal(
		got.out, "Usage: vmcore-test [options] SOURCE\n       vmcore-test --other\n", 61);
	assert_non_null(strstr(got.out, "\nTests.\n"));
	assert_non_null(strstr(got.out, "  -d LEVEL                  how much\n"
					"                            to leave out\n"));
	assert_non_null(strstr(got.out, "  -f, --force               overwrite\n"));
	assert_non_null(strstr(got.out, "      --log=FILE            save the log\n"));
	assert_non_null(strstr(got.out, "      --maybe[=MODE]        perhaps\n"));
	assert_non_null(strstr(got.out, "  -v, --verbose "));
	assert_non_null(strstr(got.out, "      --version "));
}

static void version_names_tool_and_suite(void **state)
{
	struct run run = RUN("--version");
	struct output got;

	output_of(parse, &run, &got);
	assert_int_equal(got.code, 0);
	assert_memory_equal(got.out, "vmcore-test (vmcore-tools) ", 27);
	assert_true(got.out[27] >= '0' && got.out[27] <= '9');
}

static int run_fail(void *arg)
{
	const struct cli cli = {.tool = &tool};

	return cli_fail(&cli, arg);
}

static void failing_is_one_line(void **state)
{
	struct error *err = error_create(ERROR_FORMAT, "%s: cut at %d", "dump", 17);
	struct output got;

	output_of(run_fail, err, &got);
	error_destroy(err);
	assert_string_equal(got.err, "vmcore-test: dump: cut at 17\n");
	assert_int_equal(got.code, CLI_FAILED);

	err = error_create(ERROR_USAGE, "no");
	output_of(run_fail, err, &got);
	error_destroy(err);
	assert_int_equal(got.code, CLI_USAGE);
}

static int print_to_full(void *arg)
{
	const struct cli cli = {.tool = &tool};

	assert_int_equal(dup2(open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO),
			 STDOUT_FILENO);
	puts("text");
	return cli_close_stdout(&cli, CLI_DAMAGED);
}

static void a_full_disk_behind_stdout_is_a_failure(void **state)
{
	struct output got;

	output_of(print_to_full, NULL, &got);
	assert_int_equal(got.code, CLI_FAILED);
	assert_string_equal(got.err, "vmcore-test: standard output: No space left on device\n");
}

static void sizes(void **state)
{
	uint64_t size = 0;

	assert_ok(cli_parse_size("0", &size));
	assert_int_equal(size, 0);
	assert_ok(cli_parse_size("17", &size));
	assert_int_equal(size, 17);
	assert_ok(cli_parse_size("0x10k", &size));
	assert_int_equal(size, 16384);
	assert_ok(cli_parse_size("3MiB", &size));
	assert_int_equal(size, 3 << 20);
	assert_ok(cli_parse_size("16383P", &size));
	assert_true(size == 16383ULL << 50);
	for (const char *const *bad = (const char *const[]){"", "M", "-1", "1X", "1Mx", "16384P",
							    "1 M", "99999999999999999999", NULL};
	     *bad; bad++)
		assert_err(cli_parse_size(*bad, &size), ERROR_USAGE, *bad);
	assert_true(size == 16383ULL << 50);
}

static void numbers(void **state)
{
	uint64_t number = 7;

	assert_ok(cli_parse_number("level", "31", 0, 31, &number));
	assert_int_equal(number, 31);
	assert_ok(cli_parse_number("level", "0x1f", 1, 31, &number));
	assert_err(cli_parse_number("level", "32", 0, 31, &number), ERROR_USAGE,
		   "level '32' is no number from 0 to 31");
	assert_err(cli_parse_number("level", "0", 1, 31, &number), ERROR_USAGE, "'0'");
	assert_err(cli_parse_number("level", "", 0, 31, &number), ERROR_USAGE, "''");
	assert_err(cli_parse_number("level", "3x", 0, 31, &number), ERROR_USAGE, "'3x'");
	assert_err(cli_parse_number("level", "-1", 0, UINT64_MAX, &number), ERROR_USAGE, "'-1'");
	assert_int_equal(number, 31);
}

static void sizes_for_people(void **state)
{
	char buf[32];

	assert_string_equal(cli_format_size(0, buf), "0 bytes");
	assert_string_equal(cli_format_size(1023, buf), "1023 bytes");
	assert_string_equal(cli_format_size(1024, buf), "1.0 KiB");
	assert_string_equal(cli_format_size(1536, buf), "1.5 KiB");
	assert_string_equal(cli_format_size(10 << 20, buf), "10 MiB");
	assert_string_equal(cli_format_size(5ULL << 40, buf), "5.0 TiB");
	assert_string_equal(cli_format_size(UINT64_MAX, buf), "16 EiB");
}

static const struct cli_option sizes_of_numbers[] = {
	{OPT_LONG, "16", NULL, "16 bits"},
	{OPT_MAYBE, "64", NULL, "64 bits"},
	{'s', NULL, NULL, "symbols"},
};

static const struct cli_tool one_dash = {
	.name = "vmcore-test",
	.synopsis = "",
	.summary = "",
	.options = sizes_of_numbers,
	.nr_options = sizeof(sizes_of_numbers) / sizeof(sizes_of_numbers[0]),
	.one_dash = true,
};

static void one_dash_is_enough(void **state)
{
	char name[] = "x", a[] = "-16", b[] = "-s", c[] = "word", d[] = "--64", e[] = "-sv";
	char *argv[] = {name, a, b, c, d, e, NULL};
	struct cli cli;

	cli_init(&cli, &one_dash, 6, argv);
	assert_int_equal(cli_next(&cli), OPT_LONG);
	assert_int_equal(cli_next(&cli), 's');
	assert_int_equal(cli_next(&cli), OPT_MAYBE);
	assert_int_equal(cli_next(&cli), 's');
	assert_int_equal(cli_next(&cli), -1);
	assert_int_equal(cli.verbose, 1);
	assert_string_equal(cli_operand(&cli), "word");
	cli_deinit(&cli);
}

/* Nobody exits, and the command line can be parsed again. */
static int check(void *arg)
{
	struct run *run = arg;
	struct cli cli;
	int code, value = 0;

	cli_init(&cli, &tool, run->argc, (char **)(uintptr_t)run->args);
	code = cli_check(&cli);
	cli_deinit(&cli);
	if (code == -1) {
		cli_init(&cli, &tool, run->argc, (char **)(uintptr_t)run->args);
		value = cli_next(&cli);
		cli_deinit(&cli);
	}
	printf("code %d value %d\n", code, value);
	fflush(stdout);
	return 7;
}

static void checking_does_not_exit(void **state)
{
	struct run good = RUN("-f", "file", "-d1"), bad = RUN("-f", "--wrong"),
		   help = RUN("--help");
	struct output got;

	output_of(check, &good, &got);
	assert_int_equal(got.code, 7);
	assert_string_equal(got.out, "code -1 value 102\n");
	output_of(check, &bad, &got);
	assert_int_equal(got.code, 7);
	assert_string_equal(got.out, "code 2 value 0\n");
	assert_non_null(strstr(got.err, "wrong"));
	output_of(check, &help, &got);
	assert_int_equal(got.code, 7);
	assert_non_null(strstr(got.out, "Usage: vmcore-test"));
	assert_non_null(strstr(got.out, "code 0 value 0\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_come_with_their_values),
		cmocka_unit_test(wrong_options_are_one_line_and_exit_2),
		cmocka_unit_test(help_has_every_option),
		cmocka_unit_test(version_names_tool_and_suite),
		cmocka_unit_test(failing_is_one_line),
		cmocka_unit_test(a_full_disk_behind_stdout_is_a_failure),
		cmocka_unit_test(sizes),
		cmocka_unit_test(numbers),
		cmocka_unit_test(sizes_for_people),
		cmocka_unit_test(one_dash_is_enough),
		cmocka_unit_test(checking_does_not_exit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
