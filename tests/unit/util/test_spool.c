// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pwrite sys_open
#include "util/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/file.h"
#include "util/sys.h"

static bool full, no_tmpfile;

ssize_t __real_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
int __real_sys_open(const char *path, int flags, mode_t mode);
int __wrap_sys_open(const char *path, int flags, mode_t mode);

ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	if (!full)
		return __real_sys_pwrite(fd, buf, len, off);
	errno = ENOSPC;
	return -1;
}

int __wrap_sys_open(const char *path, int flags, mode_t mode)
{
	if (!no_tmpfile || (flags & O_TMPFILE) != O_TMPFILE)
		return __real_sys_open(path, flags, mode);
	errno = EOPNOTSUPP;
	return -1;
}

static int count_files(const char *folder)
{
	DIR *dir = opendir(folder);
	int nr = 0;

	assert_non_null(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr - 2;
}

static void check_spool(void)
{
	_cleanup_file_ struct file *spool = NULL;
	uint64_t start, end;
	char buf[8];

	assert_ok(spool_create(workdir_path(""), "the stream", &spool));
	assert_int_equal(count_files(workdir_path("")), 0);
	assert_string_equal(spool->path, "the stream");
	assert_ok(spool_write(spool, 1 << 20, "abc", 3));
	assert_ok(spool_write(spool, 0, "x", 1));
	assert_int_equal(spool->size, (1 << 20) + 3);
	assert_ok(file_read_full(spool, (1 << 20) - 1, buf, 4));
	assert_memory_equal(buf, "\0abc", 4);
	assert_ok(spool_resize(spool, 8 << 20));
	assert_int_equal(spool->size, 8 << 20);
	assert_true(file_is_sparse(spool));
	assert_true(file_next_data(spool, 64 << 10, &start, &end));
	assert_true(start > 64 << 10 && start <= 1 << 20);
	full = true;
	assert_err(spool_write(spool, 0, "x", 1), ERROR_NO_SPACE, "temporary copy of the stream");
	full = false;
}

static void it_grows_and_has_no_name(void **state)
{
	(void)state;
	check_spool();
}

static void file_systems_without_unnamed_files_do(void **state)
{
	(void)state;
	no_tmpfile = true;
	check_spool();
	no_tmpfile = false;
	assert_int_equal(count_files(workdir_path("")), 0);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
	struct file *spool = NULL;

	(void)state;
	assert_err(spool_create("/nonexistent", "it", &spool), ERROR_OS,
		   "/nonexistent: cannot put a copy of it there");
	assert_null(spool);
}

/* Standard input becomes fd for the call. */
static struct error *from_stdin(int fd, const atomic_bool *stop, struct file **ret)
{
	int old = dup(STDIN_FILENO);
	struct error *err;

	assert_true(dup2(fd, STDIN_FILENO) >= 0);
	err = spool_stdin(workdir_path(""), stop, ret);
	if (old >= 0) {
		dup2(old, STDIN_FILENO);
		close(old);
	}
	return err;
}

static void a_pipe_is_copied(void **state)
{
	_cleanup_file_ struct file *file = NULL;
	char buf[8];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "hello", 5), 5);
	close(fds[1]);
	assert_ok(from_stdin(fds[0], NULL, &file));
	close(fds[0]);
	assert_int_equal(file->size, 5);
	assert_string_equal(file->path, "standard input");
	assert_ok(file_read_full(file, 1, buf, 4));
	assert_memory_equal(buf, "ello", 4);
}

static void a_file_is_taken_as_it_is(void **state)
{
	_cleanup_file_ struct file *file = NULL;
	const char *path = workdir_path("input");
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	(void)state;
	assert_int_equal(write(fd, "abc", 3), 3);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	full = true; // nothing is written
	assert_ok(from_stdin(fd, NULL, &file));
	full = false;
	assert_int_equal(file->size, 3);
	close(fd);
	unlink(path);
}

static void a_signal_ends_the_wait(void **state)
{
	atomic_bool stop = true;
	struct file *file = NULL;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_err(from_stdin(fds[0], &stop, &file), ERROR_INTERRUPTED, "interrupted");
	assert_null(file);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_grows_and_has_no_name),
		cmocka_unit_test(file_systems_without_unnamed_files_do),
		cmocka_unit_test(a_folder_that_is_not_there_is_named),
		cmocka_unit_test(a_pipe_is_copied),
		cmocka_unit_test(a_file_is_taken_as_it_is),
		cmocka_unit_test(a_signal_ends_the_wait),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
