// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pread
#include "util/join.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/mkfile.h"
#include "tests/support/test.h"
#include "util/file.h"
#include "util/sys.h"

static int bad_fd = -1;

ssize_t __real_sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off);

ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off)
{
	if (fd != bad_fd)
		return __real_sys_pread(fd, buf, len, off);
	errno = EIO;
	return -1;
}

struct joined {
	struct mkfile parts[3];
	struct file *members[3], *file;
};

static void join(struct joined *j, const char *const *texts, size_t nr)
{
	*j = (struct joined){0};
	for (size_t i = 0; i < nr; i++) {
		mkfile_resize(&j->parts[i], 0);
		mkfile_put(&j->parts[i], 0, texts[i], strlen(texts[i]));
		assert_ok(file_open(mkfile_path(&j->parts[i]), &j->members[i]));
	}
	assert_ok(join_create(j->members, nr, &j->file));
}

static void unjoin(struct joined *j)
{
	file_close(j->file);
	for (size_t i = 0; i < 3; i++)
		mkfile_deinit(&j->parts[i]);
}

static void members_follow_each_other(void **state)
{
	static const char *const texts[] = {"abc", "", "defgh"};
	struct joined j;
	char buf[16] = "";
	size_t done;

	(void)state;
	join(&j, texts, 3);
	assert_int_equal(j.file->size, 8);
	assert_ok(file_read(j.file, 0, buf, sizeof(buf), &done));
	assert_int_equal(done, 8);
	assert_memory_equal(buf, "abcdefgh", 8);
	assert_ok(file_read_full(j.file, 2, buf, 3));
	assert_memory_equal(buf, "cde", 3);
	assert_ok(file_read(j.file, 8, buf, 1, &done));
	assert_int_equal(done, 0);
	assert_err(file_read_full(j.file, 7, buf, 2), ERROR_FORMAT, "file ends at offset 0x8");
	unjoin(&j);
}

static void damage_is_told_of_the_member(void **state)
{
	static const char *const texts[] = {"abc", "defgh"};
	struct joined j;
	uint64_t off = 4;
	char buf[8], want[80];
	size_t done;

	(void)state;
	join(&j, texts, 2);
	assert_string_equal(file_where(j.file, &off), j.parts[1].path);
	assert_int_equal(off, 1);
	bad_fd = j.members[1]->fd;
	snprintf(want, sizeof(want), "%s: read at offset 0x2", j.parts[1].path);
	assert_err(file_read(j.file, 5, buf, 1, &done), ERROR_OS, want);
	// what came before it counts
	assert_ok(file_read(j.file, 1, buf, 5, &done));
	assert_int_equal(done, 2);
	bad_fd = -1;
	unjoin(&j);
}

static void holes_are_those_of_the_members(void **state)
{
	const size_t len = 1 << 20;
	uint64_t start, end;
	struct joined j = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		mkfile_put(&j.parts[i], 0, "x", 1);
		mkfile_path(&j.parts[i]);
		assert_int_equal(ftruncate(j.parts[i].fd - 1, (off_t)len), 0);
		assert_ok(file_open(j.parts[i].path, &j.members[i]));
	}
	assert_ok(join_create(j.members, 2, &j.file));
	assert_true(file_is_sparse(j.file));
	assert_true(file_next_data(j.file, 0, &start, &end));
	assert_int_equal(start, 0);
	assert_in_range(end, 1, len - 1);
	assert_true(file_next_data(j.file, end, &start, &end));
	assert_int_equal(start, len);
	assert_in_range(end, len + 1, 2 * len - 1);
	assert_false(file_next_data(j.file, end, &start, &end));
	unjoin(&j);
}

static void a_sum_that_overflows_is_refused(void **state)
{
	struct file huge = {.path = (char *)"huge", .size = UINT64_MAX - 1, .fd = -1};
	struct file small = {.path = (char *)"small", .size = 2, .fd = -1};
	struct file *members[] = {&huge, &small}, *file = NULL;

	(void)state;
	assert_err(join_create(members, 2, &file), ERROR_FORMAT, "small: is too large");
	assert_null(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_follow_each_other),
		cmocka_unit_test(damage_is_told_of_the_member),
		cmocka_unit_test(holes_are_those_of_the_members),
		cmocka_unit_test(a_sum_that_overflows_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
