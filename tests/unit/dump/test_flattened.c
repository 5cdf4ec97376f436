// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_write
#include "dump/flattened.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/file.h"
#include "util/sys.h"
#include "util/workers.h"

static int fail_write = -1; /* calls from now on */

ssize_t __real_sys_write(int fd, const void *buf, size_t len);
ssize_t __wrap_sys_write(int fd, const void *buf, size_t len);

ssize_t __wrap_sys_write(int fd, const void *buf, size_t len)
{
	if (fail_write == 0) {
		errno = EPIPE;
		return -1;
	}
	fail_write -= fail_write > 0;
	return __real_sys_write(fd, buf, len);
}

static void write_some(struct sink *sink)
{
	assert_ok(sink_begin(sink));
	assert_ok(sink_write(sink, 100, "later", 5));
	assert_ok(sink_write(sink, 0, "first", 5));
	assert_ok(sink_write(sink, 50, "", 0));
	assert_ok(sink_write(sink, 102, "TE", 2)); // what comes last stands
	assert_ok(sink_end(sink, 200));
}

static void check_file(const char *path)
{
	_cleanup_file_ struct file *file = NULL;
	char buf[200];

	assert_ok(file_open(path, &file));
	assert_int_equal(file->size, 200);
	assert_ok(file_read_full(file, 0, buf, sizeof(buf)));
	assert_memory_equal(buf, "first\0", 6);
	assert_memory_equal(buf + 99, "\0laTEr\0", 7);
	assert_int_equal(buf[199], 0);
}

static void test_file(void **state)
{
	const char *path = workdir_path("file");
	struct target *target = file_target(path);
	struct sink sink;

	(void)state;
	sink_init(&sink, target);
	write_some(&sink);
	assert_int_equal(sink.stream_len, 0);
	assert_ok(target_commit(target));
	sink_deinit(&sink);
	target_destroy(target);
	check_file(path);
}

static void test_stream(void **state)
{
	const char *path = workdir_path("stream"), *to = workdir_path("file");
	struct target *target = stream_target(path);
	struct file *file;
	struct sink sink;

	(void)state;
	sink_init(&sink, target);
	write_some(&sink);
	// three records, and one byte that makes the file long enough
	assert_int_equal(sink.stream_len, 4096 + 5 * 16 + 12 + 1);
	sink_deinit(&sink);
	target_destroy(target);
	assert_ok(file_open(path, &file));
	assert_int_equal(file->size, 4096 + 5 * 16 + 12 + 1);
	file_close(file);
	assert_int_equal(unflatten(path, to), 4);
	check_file(to);
}

static struct error *write_records(void *arg)
{
	struct sink *sink = arg;
	struct error *err = NULL;
	uint8_t buf[997];

	for (uint64_t i = 0; !err && i < 300; i++) {
		memset(buf, (int)i, sizeof(buf));
		err = sink_write(sink, i * sizeof(buf), buf, sizeof(buf));
	}
	return err;
}

/* Records of several threads do not mix. */
static void test_threads(void **state)
{
	const char *path = workdir_path("stream"), *to = workdir_path("file");
	struct target *target = stream_target(path);
	_cleanup_file_ struct file *file = NULL;
	struct sink sink;
	uint8_t byte;

	(void)state;
	sink_init(&sink, target);
	assert_ok(sink_begin(&sink));
	assert_ok(workers_run(4, write_records, &sink));
	assert_ok(sink_end(&sink, 0));
	sink_deinit(&sink);
	target_destroy(target);
	assert_int_equal(unflatten(path, to), 4 * 300);
	assert_ok(file_open(to, &file));
	assert_int_equal(file->size, 300 * 997);
	for (uint64_t i = 0; i < 300; i++) {
		assert_ok(file_read_full(file, i * 997 + 5, &byte, 1));
		assert_int_equal(byte, (uint8_t)i);
	}
}

static void test_stream_fails(void **state)
{
	(void)state;
	for (int n = 0; n < 6; n++) {
		struct target *target = stream_target(workdir_path("stream"));
		struct error *err;
		struct sink sink;

		sink_init(&sink, target);
		fail_write = n;
		err = sink_begin(&sink);
		if (!err)
			err = sink_write(&sink, 0, "x", 1);
		if (!err)
			err = sink_end(&sink, 10);
		assert_err(err, ERROR_OS, "Broken pipe");
		fail_write = -1;
		sink_deinit(&sink);
		target_destroy(target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_stream_fails),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
