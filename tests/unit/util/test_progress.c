// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/output.h"
#include "util/progress.h"

#define MIB (1ULL << 20)

static void modes(void **state)
{
	enum progress_mode mode = PROGRESS_AUTO;

	assert_true(progress_mode_parse("never", &mode));
	assert_int_equal(mode, PROGRESS_NEVER);
	assert_true(progress_mode_parse("always", &mode));
	assert_int_equal(mode, PROGRESS_ALWAYS);
	assert_false(progress_mode_parse("sometimes", &mode));
	assert_false(progress_mode_parse("", &mode));
	assert_int_equal(mode, PROGRESS_ALWAYS);
	assert_true(progress_mode_parse("auto", &mode));
	assert_int_equal(mode, PROGRESS_AUTO);
}

struct work {
	enum progress_mode mode;
	uint64_t total;
	bool late; /**< over a second has passed when it comes in */
};

/* Two parts; time is turned back in the struct instead of waiting. */
static int half(void *arg)
{
	const struct work *work = arg;
	struct progress progress;

	progress_begin(&progress, work->mode, "copying", work->total);
	progress_add(NULL, 1);
	progress_add(&progress, 2 * MIB);
	if (work->late) {
		progress.start_nsec -= 2000000000;
		atomic_store(&progress.next_nsec, 1);
	}
	progress_add(&progress, 2 * MIB);
	progress_add(&progress, 1); // too soon after the line for another
	progress_end(&progress);
	return 0;
}

static void a_line_says_share_rate_and_time_left(void **state)
{
	struct work work = {.mode = PROGRESS_ALWAYS, .total = 8 * MIB, .late = true};
	struct output got;

	output_of(half, &work, &got);
	assert_string_equal(got.err, "copying  50.0 %  4 of 8 MiB  2 MiB/s  2 s left\n");
	work.total = 0;
	output_of(half, &work, &got);
	assert_string_equal(got.err, "copying 4 MiB, 2 MiB/s\n");
	assert_string_equal(got.out, "");
}

static void quick_work_says_nothing(void **state)
{
	struct work work = {.mode = PROGRESS_ALWAYS, .total = 8 * MIB};
	struct output got;

	output_of(half, &work, &got);
	assert_string_equal(got.err, "");
}

static void auto_needs_a_terminal_and_never_is_never(void **state)
{
	struct work work = {.mode = PROGRESS_AUTO, .total = 8 * MIB, .late = true};
	struct output got;

	output_of(half, &work, &got);
	assert_string_equal(got.err, "");
	work.mode = PROGRESS_NEVER;
	output_of(half, &work, &got);
	assert_string_equal(got.err, "");
}

static int half_on_terminal(void *arg)
{
	char line[256] = "";
	int master, slave;

	if (openpty(&master, &slave, NULL, NULL, NULL))
		return 77;
	dup2(slave, STDERR_FILENO);
	half(arg);
	fflush(stderr);
	if (read(master, line, sizeof(line) - 1) < 0)
		return 1;
	fputs(line, stdout);
	return 0;
}

static void on_a_terminal_the_line_is_redrawn_and_cleared(void **state)
{
	struct work work = {.mode = PROGRESS_AUTO, .total = 8 * MIB, .late = true};
	struct output got;

	output_of(half_on_terminal, &work, &got);
	if (got.code == 77)
		skip();
	assert_int_equal(got.code, 0);
	assert_memory_equal(got.out, "\rcopying  50.0 %", 15);
	assert_non_null(strstr(got.out, "s left\033[K"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes),
		cmocka_unit_test(a_line_says_share_rate_and_time_left),
		cmocka_unit_test(quick_work_says_nothing),
		cmocka_unit_test(auto_needs_a_terminal_and_never_is_never),
		cmocka_unit_test(on_a_terminal_the_line_is_redrawn_and_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
