// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pread sys_pwrite sys_fsync sys_rename sys_fallocate sys_fstatvfs
// wrap: sys_sync_file_range sys_fadvise
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "util/sys.h"

ssize_t __real_sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __real_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
int __real_sys_fsync(int fd);
int __wrap_sys_fsync(int fd);
int __real_sys_rename(const char *from, const char *to);
int __wrap_sys_rename(const char *from, const char *to);
int __real_sys_fallocate(int fd, int mode, off_t off, off_t len);
int __wrap_sys_fallocate(int fd, int mode, off_t off, off_t len);
int __wrap_sys_fstatvfs(int fd, struct statvfs *ret);
int __wrap_sys_sync_file_range(int fd, off_t off, off_t len, unsigned int flags);
int __wrap_sys_fadvise(int fd, off_t off, off_t len, int advice);

static off_t bad_off;                                  // reads that reach it fail
static off_t full_off;                                 // writes that reach it fail
static int fsync_errno, rename_errno, fallocate_errno; // what the call fails with, 0: works
static size_t portion;                                 // bytes that one call moves at most
static unsigned int nr_fsyncs, nr_fallocates;
static uint64_t fs_free;               // bytes
static off_t started, waited, dropped; // ends of ranges that were sent to the disk and forgotten
static int write_back_errno;

static int fail_with(int errnum)
{
	errno = errnum;
	return -1;
}

ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off)
{
	if (off >= bad_off)
		return fail_with(EIO);
	return __real_sys_pread(fd, buf, len < portion ? len : portion, off);
}

ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	if (off >= full_off)
		return fail_with(ENOSPC);
	return __real_sys_pwrite(fd, buf, len < portion ? len : portion, off);
}

int __wrap_sys_fsync(int fd)
{
	nr_fsyncs++;
	return fsync_errno ? fail_with(fsync_errno) : __real_sys_fsync(fd);
}

int __wrap_sys_rename(const char *from, const char *to)
{
	return rename_errno ? fail_with(rename_errno) : __real_sys_rename(from, to);
}

int __wrap_sys_fallocate(int fd, int mode, off_t off, off_t len)
{
	nr_fallocates++;
	return fallocate_errno ? fail_with(fallocate_errno)
			       : __real_sys_fallocate(fd, mode, off, len);
}

int __wrap_sys_fstatvfs(int fd, struct statvfs *ret)
{
	(void)fd;
	*ret = (struct statvfs){.f_frsize = 512, .f_bavail = fs_free / 512};
	return 0;
}

/* What is waited for was sent before, and is next to what was waited for last. */
int __wrap_sys_sync_file_range(int fd, off_t off, off_t len, unsigned int flags)
{
	(void)fd;
	if (flags == SYNC_FILE_RANGE_WRITE) {
		assert_true(off >= waited);
		started = off + len;
		return 0;
	}
	assert_true(off + len <= started && off >= waited);
	waited = off + len;
	return write_back_errno ? fail_with(write_back_errno) : 0;
}

int __wrap_sys_fadvise(int fd, off_t off, off_t len, int advice)
{
	(void)fd;
	assert_int_equal(advice, POSIX_FADV_DONTNEED);
	assert_int_equal(off + len, waited);
	dropped = off + len;
	return 0;
}

static char dir[64];
static char path[128], incomplete[160], temporary[160];

static int setup(void **state)
{
	bad_off = full_off = INT64_MAX;
	fsync_errno = rename_errno = fallocate_errno = 0;
	portion = SIZE_MAX;
	nr_fsyncs = nr_fallocates = 0;
	fs_free = 0;
	started = waited = dropped = 0;
	write_back_errno = 0;
	strcpy(dir, "/tmp/vmcore-test-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/dump", dir);
	snprintf(incomplete, sizeof(incomplete), "%s.incomplete", path);
	snprintf(temporary, sizeof(temporary), "%s.tmp", path);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	unlink(incomplete);
	unlink(temporary);
	return rmdir(dir);
}

static void make_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void assert_content(const char *name, const char *text)
{
	char buf[64] = "";
	FILE *f = fopen(name, "r");

	assert_non_null(f);
	assert_int_equal(fread(buf, 1, sizeof(buf) - 1, f), strlen(text));
	assert_int_equal(fclose(f), 0);
	assert_string_equal(buf, text);
}

static bool exists(const char *name)
{
	return access(name, F_OK) == 0;
}

static void a_file_is_read_anywhere(void **state)
{
	_cleanup_file_ struct file *file = NULL;
	char buf[16] = "";
	size_t done;

	make_file(path, "0123456789");
	assert_ok(file_open(path, &file));
	assert_string_equal(file->path, path);
	assert_int_equal(file->size, 10);
	assert_true(file->regular);
	assert_false(file->proc);
	portion = 2; // whatever a call gives
	assert_ok(file_read_full(file, 3, buf, 5));
	assert_string_equal(buf, "34567");
	assert_ok(file_read(file, 8, buf, 10, &done));
	assert_int_equal(done, 2);
	assert_ok(file_read(file, 100, buf, 10, &done));
	assert_int_equal(done, 0);
	assert_err(file_read_full(file, 8, buf, 5), ERROR_FORMAT,
		   "dump: file ends at offset 0xa, but 5 bytes at 0x8 are needed");
	assert_err(file_read(file, UINT64_MAX - 2, buf, 10, &done), ERROR_FORMAT,
		   "offset 0xfffffffffffffffd is out of any file");
}

static void a_read_error_counts_when_nothing_came(void **state)
{
	_cleanup_file_ struct file *file = NULL;
	char buf[16];
	size_t done = 0;

	make_file(path, "0123456789");
	assert_ok(file_open(path, &file));
	portion = 2;
	bad_off = 6;
	assert_ok(file_read(file, 4, buf, 5, &done));
	assert_int_equal(done, 2);
	assert_err(file_read(file, 6, buf, 2, &done), ERROR_OS,
		   "read at offset 0x6: Input/output error");
}

static void what_is_no_file_is_refused(void **state)
{
	struct file *file = NULL;

	assert_err(file_open(path, &file), ERROR_OS, "dump: No such file or directory");
	assert_err(file_open(dir, &file), ERROR_FORMAT,
		   "neither a regular file nor a block device");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_err(file_open(path, &file), ERROR_FORMAT, "neither a regular file");
	assert_null(file);
}

static void files_of_proc_are_known(void **state)
{
	_cleanup_file_ struct file *file = NULL;
	char buf[8] = "";

	assert_ok(file_open("/proc/version", &file));
	assert_true(file->proc);
	assert_ok(file_read_full(file, 0, buf, 5));
	assert_string_equal(buf, "Linux");
}

static void a_target_has_its_name_when_it_is_whole(void **state)
{
	_cleanup_target_ struct target *target = NULL;
	static const struct target_options options;
	char buf[8] = "";
	struct stat st;

	assert_ok(target_create(path, &options, &target));
	assert_int_equal(target->kind, TARGET_FILE);
	assert_int_equal(target->capacity, UINT64_MAX);
	assert_string_equal(target->working, temporary);
	assert_int_equal(stat(temporary, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	portion = 3;
	assert_ok(target_write(target, 4, "4567", 4));
	assert_ok(target_write(target, 0, "0123", 4));
	assert_ok(target_read(target, 2, buf, 4));
	assert_string_equal(buf, "2345");
	assert_false(exists(path));
	assert_ok(target_commit(target));
	assert_false(exists(temporary));
	assert_content(path, "01234567");
	assert_int_equal(nr_fsyncs, 2); // the file and its directory
}

static void a_target_given_up_leaves_nothing(void **state)
{
	static const struct target_options options;
	struct target *target = NULL;

	assert_ok(target_create(path, &options, &target));
	assert_ok(target_write(target, 0, "x", 1));
	target_destroy(target);
	assert_false(exists(temporary));
	assert_false(exists(path));
}

static void an_incomplete_target_stays(void **state)
{
	static const struct target_options options = {.keep_incomplete = true};
	static const struct target_options force = {.keep_incomplete = true, .force = true};
	struct target *target = NULL;

	assert_ok(target_create(path, &options, &target));
	assert_ok(target_write(target, 0, "first", 5));
	target_destroy(target);
	assert_content(incomplete, "first");
	assert_err(target_create(path, &options, &target), ERROR_USAGE,
		   "dump.incomplete: exists, left by an earlier run (-f overwrites)");
	assert_content(incomplete, "first");
	assert_ok(target_create(path, &force, &target));
	assert_ok(target_write(target, 0, "next", 4));
	target_destroy(target);
	assert_content(incomplete, "next");
}

static void an_existing_file_needs_force(void **state)
{
	static const struct target_options options, force = {.force = true};
	_cleanup_target_ struct target *target = NULL;

	make_file(path, "old");
	assert_err(target_create(path, &options, &target), ERROR_USAGE,
		   "dump: exists already (-f overwrites)");
	assert_ok(target_create(path, &force, &target));
	assert_ok(target_write(target, 0, "new", 3));
	assert_content(path, "old");
	assert_ok(target_commit(target));
	assert_content(path, "new");
}

static void nobodys_link_is_followed(void **state)
{
	static const struct target_options options = {.keep_incomplete = true};
	struct target *target = NULL;

	assert_int_equal(symlink("/tmp/vmcore-test-elsewhere", incomplete), 0);
	assert_err(target_create(path, &options, &target), ERROR_USAGE, "exists");
	assert_false(exists("/tmp/vmcore-test-elsewhere"));
}

static void a_full_target_is_named(void **state)
{
	_cleanup_target_ struct target *target = NULL;
	static const struct target_options options;

	assert_ok(target_create(path, &options, &target));
	portion = 2;
	full_off = 4;
	assert_err(target_write(target, 0, "012345", 6), ERROR_NO_SPACE,
		   "dump.tmp: write at offset 0x4: No space left on device");
	target->capacity = 100;
	assert_err(target_write(target, 99, "xy", 2), ERROR_NO_SPACE,
		   "2 bytes at offset 0x63 do not fit");
	assert_err(target_write(target, UINT64_MAX, "xy", 2), ERROR_NO_SPACE, "do not fit");
}

static void a_target_that_cannot_be_made_durable_is_not_renamed(void **state)
{
	static const struct target_options options;
	struct target *target = NULL;

	assert_ok(target_create(path, &options, &target));
	fsync_errno = EIO;
	assert_err(target_commit(target), ERROR_OS, "dump.tmp: sync: Input/output error");
	assert_false(exists(path));
	// the system would say once only that something was lost
	fsync_errno = 0;
	assert_err(target_commit(target), ERROR_OS, "dump.tmp: written data were lost");
	assert_ok(target_resize(target, 0));
	rename_errno = EACCES;
	assert_err(target_commit(target), ERROR_OS, "rename to");
	target_destroy(target);
	assert_false(exists(temporary));
}

static void a_target_is_cut_and_lengthened(void **state)
{
	_cleanup_target_ struct target *target = NULL;
	static const struct target_options options;
	char buf[4] = "";

	assert_ok(target_create(path, &options, &target));
	assert_ok(target_write(target, 0, "0123456789", 10));
	assert_ok(target_resize(target, 4));
	assert_err(target_read(target, 2, buf, 4), ERROR_OS, "read back at offset 0x4");
	assert_err(target_resize(target, UINT64_MAX), ERROR_NO_SPACE, "set size");
	assert_ok(target_commit(target));
	assert_content(path, "0123");
}

static void space_is_set_aside_behind_the_end(void **state)
{
	_cleanup_target_ struct target *target = NULL;
	static const struct target_options options;
	bool possible = false;
	struct stat st;

	assert_ok(target_create(path, &options, &target));
	assert_ok(target_reserve(target, 1 << 20, 4096, &possible));
	assert_int_equal(fstat(target->fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	fs_free = 1 << 20;
	assert_int_equal(target_free(target), 1 << 20);
	fallocate_errno = ENOSPC;
	assert_err(target_reserve(target, 1 << 20, 4096, &possible), ERROR_NO_SPACE,
		   "no space for 4096 bytes at offset 0x100000");
	fallocate_errno = EOPNOTSUPP;
	assert_ok(target_reserve(target, 1 << 20, 4096, &possible));
	assert_false(possible);
	assert_ok(target_reserve(target, UINT64_MAX, 4096, &possible));
	assert_false(possible);
}

static void space_is_given_back_from_the_middle(void **state)
{
	_cleanup_target_ struct target *target = NULL;
	static const struct target_options options;
	char buf[3];

	assert_ok(target_create(path, &options, &target));
	assert_ok(target_write(target, 0, "01234567", 8));
	target_punch(target, 2, 4);
	assert_ok(target_read(target, 5, buf, 3));
	assert_memory_equal(buf,
			    "\0"
			    "67",
			    3);
	target_punch(target, UINT64_MAX, 4);
	target_punch(target, 4, UINT64_MAX);
	target_punch(target, 4, 0);
	assert_int_equal(nr_fallocates, 1);
}

/* Pieces that do not end where steps do; the last two steps stay. */
static void large_files_leave_the_page_cache(void **state)
{
	_cleanup_target_ struct target *target = NULL;
	static const struct target_options options;
	_cleanup_free_ char *buf = calloc(1, 5 << 20);
	uint64_t len = 5 << 20;

	assert_non_null(buf);
	assert_ok(target_create(path, &options, &target));
	assert_true(target->holes);
	target->flat_off = 16 << 20;
	for (uint64_t off = 0; off < 60 << 20; off += len) {
		assert_ok(target_write(target, off, buf, len));
		assert_true(off < 40 << 20 || off - (uint64_t)dropped < 16 << 20);
	}
	assert_int_equal(dropped, 48 << 20);
	assert_int_equal(started, 56 << 20);
	// a lost page is an error for good
	write_back_errno = EIO;
	assert_err(target_write(target, 60 << 20, buf, len), ERROR_OS,
		   "dump.tmp: writing to the disk: Input/output error");
	write_back_errno = 0;
	assert_err(target_sync(target), ERROR_OS, "written data were lost");
}

static void small_files_stay_in_the_page_cache(void **state)
{
	_cleanup_target_ struct target *target = NULL;
	static const struct target_options options;
	_cleanup_free_ char *buf = calloc(1, 20 << 20);

	assert_non_null(buf);
	assert_ok(target_create(path, &options, &target));
	target->flat_off = 64 << 20;
	assert_ok(target_write(target, 0, buf, 20 << 20));
	assert_int_equal(started, 0);
	// what cannot be sent to the disk at once is written all the same
	target->flat_off = 0;
	write_back_errno = ESPIPE;
	assert_ok(target_write(target, 20 << 20, buf, 20 << 20));
	assert_int_equal(started, 40 << 20);
}

static void a_directory_that_is_not_there_is_named(void **state)
{
	static const struct target_options options;
	struct target *target = NULL;

	assert_err(target_create("/nonexistent/dump", &options, &target), ERROR_OS,
		   "/nonexistent/dump.tmp: No such file or directory");
	assert_null(target);
}

static void a_pipe_is_a_stream(void **state)
{
	_cleanup_target_ struct target *target = NULL;
	_cleanup_close_ int reader = -1;
	static const struct target_options options;
	char buf[8] = "";

	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_ok(target_create(path, &options, &target));
	assert_int_equal(target->kind, TARGET_STREAM);
	assert_null(target->working);
	assert_ok(target_append(target, "abc", 3));
	assert_ok(target_append(target, "def", 3));
	assert_ok(target_resize(target, 1));
	assert_ok(target_commit(target));
	assert_int_equal(read(reader, buf, sizeof(buf)), 6);
	assert_string_equal(buf, "abcdef");
	assert_int_equal(nr_fsyncs, 0);
}

static void minus_is_standard_output(void **state)
{
	static const struct target_options options;
	struct target *target = NULL;
	int saved = dup(STDOUT_FILENO), fds[2];
	char buf[8] = "";

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[1], STDOUT_FILENO), STDOUT_FILENO);
	assert_ok(target_create("-", &options, &target));
	assert_ok(target_append(target, "abc", 3));
	target_destroy(target);
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(read(fds[0], buf, sizeof(buf)), 3);
	assert_string_equal(buf, "abc");
	close(fds[0]);
	close(fds[1]);
	close(saved);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_read_anywhere),
		TEST(a_read_error_counts_when_nothing_came),
		TEST(what_is_no_file_is_refused),
		TEST(files_of_proc_are_known),
		TEST(a_target_has_its_name_when_it_is_whole),
		TEST(a_target_given_up_leaves_nothing),
		TEST(an_incomplete_target_stays),
		TEST(an_existing_file_needs_force),
		TEST(nobodys_link_is_followed),
		TEST(a_full_target_is_named),
		TEST(a_target_that_cannot_be_made_durable_is_not_renamed),
		TEST(a_target_is_cut_and_lengthened),
		TEST(space_is_set_aside_behind_the_end),
		TEST(space_is_given_back_from_the_middle),
		TEST(large_files_leave_the_page_cache),
		TEST(small_files_stay_in_the_page_cache),
		TEST(a_directory_that_is_not_there_is_named),
		TEST(a_pipe_is_a_stream),
		TEST(minus_is_standard_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
