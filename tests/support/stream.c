// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/stream.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dump/flattened.h"
#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/file.h"

static char workdir[200];

int workdir_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(workdir, sizeof(workdir), "%s/vmcore-test-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(workdir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int workdir_teardown(void **state)
{
	(void)state;
	return nftw(workdir, remove_one, 4, FTW_DEPTH | FTW_PHYS);
}

const char *workdir_path(const char *name)
{
	static char paths[4][300];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", workdir, name);
	return path;
}

struct target *file_target(const char *path)
{
	struct target_options options = {.force = true, .keep_incomplete = true};
	struct target *target = NULL;

	unlink(path);
	assert_ok(target_create(path, &options, &target));
	return target;
}

struct target *stream_target(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), old = dup(STDOUT_FILENO);
	struct target_options options = {0};
	struct target *target = NULL;

	assert_true(fd >= 0 && old >= 0);
	fflush(stdout);
	assert_true(dup2(fd, STDOUT_FILENO) >= 0);
	assert_ok(target_create("-", &options, &target));
	assert_true(dup2(old, STDOUT_FILENO) >= 0);
	close(fd);
	close(old);
	return target;
}

size_t unflatten(const char *path, const char *to)
{
	int in = open(path, O_RDONLY), out = open(to, O_RDWR | O_CREAT | O_TRUNC, 0600);
	uint8_t header[FLATTENED_HEADER_LEN], record[FLATTENED_RECORD_LEN];
	size_t nr = 0;

	assert_true(in >= 0 && out >= 0);
	assert_int_equal(read(in, header, sizeof(header)), sizeof(header));
	assert_memory_equal(header, FLATTENED_SIGNATURE "\0\0\0", FLATTENED_SIGNATURE_LEN);
	assert_int_equal(load_u64(header + FLATTENED_SIGNATURE_LEN, true), 1);
	assert_int_equal(load_u64(header + FLATTENED_SIGNATURE_LEN + 8, true), 1);
	for (;; nr++) {
		uint64_t off, len;
		void *data;

		assert_int_equal(read(in, record, sizeof(record)), sizeof(record));
		off = load_u64(record, true);
		len = load_u64(record + 8, true);
		if (off == UINT64_MAX && len == UINT64_MAX)
			break;
		assert_true(off < 1ULL << 40 && len > 0 && len < 1ULL << 30);
		data = malloc(len);
		assert_non_null(data);
		assert_int_equal(read(in, data, len), len);
		assert_int_equal(pwrite(out, data, len, (off_t)off), len);
		free(data);
	}
	assert_int_equal(read(in, record, 1), 0);
	close(in);
	close(out);
	return nr;
}
