// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/support/output.h"
#include "util/stop.h"

/* Raises the signals in order; the exit code is the flag after the last. */
static int raise_all(void *arg)
{
	const atomic_bool *flag = stop_install();

	if (atomic_load(flag))
		return 9;
	for (const int *sig = arg; *sig; sig++)
		raise(*sig);
	return atomic_load(flag);
}

static int code_after(const int *signals)
{
	struct output got;

	output_of(raise_all, (void *)(uintptr_t)signals, &got);
	return got.code;
}

static void each_signal_sets_the_flag(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	assert_int_equal(code_after((const int[]){0}), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(code_after((const int[]){signals[i], 0}), 1);
}

static void a_second_one_kills(void **state)
{
	assert_int_equal(code_after((const int[]){SIGTERM, SIGTERM, 0}), -SIGTERM);
	assert_int_equal(code_after((const int[]){SIGINT, SIGINT, 0}), -SIGINT);
}

static int nohup(void *arg)
{
	signal(SIGHUP, SIG_IGN);
	return raise_all(arg);
}

static void what_is_ignored_stays_ignored(void **state)
{
	int signals[] = {SIGHUP, SIGHUP, 0};
	struct output got;

	output_of(nohup, signals, &got);
	assert_int_equal(got.code, 0);
}

static int write_to_nobody(void *arg)
{
	const atomic_bool *flag = stop_install();
	int fds[2];

	if (pipe(fds))
		return 9;
	close(fds[0]);
	return write(fds[1], "x", 1) == -1 && errno == EPIPE && !atomic_load(flag) ? 3 : 9;
}

static void a_broken_pipe_is_a_failing_write(void **state)
{
	struct output got;

	output_of(write_to_nobody, NULL, &got);
	assert_int_equal(got.code, 3);
}

static int write_past_limit(void *arg)
{
	const struct rlimit limit = {4, 4};
	int fd = memfd_create("small", 0);

	stop_install();
	if (setrlimit(RLIMIT_FSIZE, &limit))
		return 9;
	return write(fd, "12345", 5) == 4 && write(fd, "5", 1) == -1 ? 3 : 9;
}

static void a_file_size_limit_is_a_failing_write(void **state)
{
	struct output got;

	output_of(write_past_limit, NULL, &got);
	assert_int_equal(got.code, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_signal_sets_the_flag),
		cmocka_unit_test(a_second_one_kills),
		cmocka_unit_test(what_is_ignored_stays_ignored),
		cmocka_unit_test(a_broken_pipe_is_a_failing_write),
		cmocka_unit_test(a_file_size_limit_is_a_failing_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
