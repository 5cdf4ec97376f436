// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pwrite
#include "dump/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dump/copy.h"
#include "dump/kdump_header.h"
#include "dump/reader.h"
#include "tests/support/memreader.h"
#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/file.h"
#include "util/sys.h"

#define MAP "3t 5z 100. 7r 3000t 4h 60x 2000r 20z 6000h 400t 30x 30."
#define NR  (3 + 5 + 7 + 3000 + 4 + 2000 + 20 + 6000 + 400)

static atomic_int writes_left = INT32_MAX;

ssize_t __real_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off);

ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	if (atomic_fetch_sub(&writes_left, 1) > 0)
		return __real_sys_pwrite(fd, buf, len, off);
	errno = ENOSPC;
	return -1;
}

struct run {
	struct dump_split split;
	struct dump_writer_options options;
	bool force;
	struct dump_writer_stats written;
	struct dump_copy_stats copied;
	char paths[DUMP_SPLIT_MAX_FILES][64];
};

static struct error *go(struct run *run, const struct dump_reader *source)
{
	const struct dump_copy_options how = {.nr_threads = 3};
	const struct target_options files = {.force = run->force};
	struct dump_writer *writer = NULL;
	struct error *err;
	bool usable;

	run->options.share_zero = true;
	err = split_writer_create(workdir_path("part"), &files, &run->split, &source->facts, source,
				  &run->options, &writer);
	if (!err) {
		err = dump_copy(source, NULL, writer, &how, &run->copied, &usable);
		run->written = writer->stats;
	}
	dump_writer_destroy(writer);
	for (size_t i = 0; i < DUMP_SPLIT_MAX_FILES; i++) {
		snprintf(run->paths[i], sizeof(run->paths[i]), "part.%zu", i + 1);
		snprintf(run->paths[i], sizeof(run->paths[i]), "%s", workdir_path(run->paths[i]));
	}
	return err;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void remove_files(const struct run *run)
{
	for (size_t i = 0; i < DUMP_SPLIT_MAX_FILES; i++)
		unlink(run->paths[i]);
}

static void check(const struct memreader *m, const struct run *run)
{
	_cleanup_reader_ struct dump_reader *reader = NULL;
	const char *paths[DUMP_SPLIT_MAX_FILES];
	uint64_t present;
	size_t nr = 0;

	for (; nr < DUMP_SPLIT_MAX_FILES && exists(run->paths[nr]); nr++)
		paths[nr] = run->paths[nr];
	assert_int_equal(nr, run->written.nr_files);
	assert_ok(dump_open_inputs(paths, nr, NULL, &reader));
	assert_int_equal(reader->warning[0], 0);
	assert_int_equal(memreader_compare(m, reader, false, &present), MEM_SAME);
	assert_int_equal(present, NR);
}

/* crash compares the main headers of a set byte by byte. */
static void check_headers(const struct run *run)
{
	uint8_t first[KDUMP_MAIN_LEN], other[KDUMP_MAIN_LEN];

	for (size_t i = 0; i < run->written.nr_files; i++) {
		int fd = open(run->paths[i], O_RDONLY);

		assert_int_equal(pread(fd, i ? other : first, sizeof(first), 0), sizeof(first));
		if (i)
			assert_memory_equal(first, other, sizeof(first));
		close(fd);
	}
}

static void so_many_files(void **state)
{
	static const unsigned int numbers[] = {1, 2, 3, 7, 100};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct run run = {.split = {.nr = numbers[i / 2]}};
		struct memreader m;

		memreader_init(&m, 4096, MAP);
		if (i % 2)
			run.options.codec = codec_find(CODEC_ZLIB);
		if (run.options.codec && !codec_available(run.options.codec))
			run.options.codec = NULL;
		assert_ok(go(&run, &m.reader));
		assert_int_equal(run.written.nr_files, numbers[i / 2]);
		assert_int_equal(run.written.written, NR);
		assert_int_equal(run.written.zero, 5 + 4 + 20 + 6000);
		check(&m, &run);
		check_headers(&run);
		remove_files(&run);
	}
}

static void files_up_to_a_size(void **state)
{
	static const uint64_t sizes[] = {1200 << 10, 2 << 20, 5 << 20, 64 << 20};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct run run = {.split = {.max_size = sizes[i]}};
		struct memreader m;
		uint64_t sum = 0;
		struct stat st;

		memreader_init(&m, 4096, MAP);
		assert_ok(go(&run, &m.reader));
		check(&m, &run);
		check_headers(&run);
		for (size_t j = 0; j < run.written.nr_files; j++) {
			assert_int_equal(stat(run.paths[j], &st), 0);
			assert_true((uint64_t)st.st_size <= sizes[i]);
			sum += (uint64_t)st.st_size;
		}
		assert_int_equal(sum, run.written.file_bytes);
		assert_int_equal(run.written.nr_files == 1, sizes[i] == 64 << 20);
		remove_files(&run);
	}
}

static void pages_of_the_codec_are_copied(void **state)
{
	struct run run = {.split = {.nr = 4}, .options = {.codec = codec_find(CODEC_ZLIB)}};
	struct memreader m;

	(void)state;
	if (!codec_available(run.options.codec))
		skip();
	memreader_init(&m, 4096, MAP);
	memreader_encode(&m, run.options.codec);
	assert_ok(go(&run, &m.reader));
	check(&m, &run);
	assert_true(m.nr_block_calls > 100);
	remove_files(&run);
}

static void lost_blocks_are_in_no_bitmap(void **state)
{
	struct run run = {.split = {.nr = 2}};
	_cleanup_reader_ struct dump_reader *reader = NULL;
	struct memreader m;
	const char *paths[2];
	uint64_t present;

	(void)state;
	memreader_init(&m, 4096, "1000t 3! 1000t");
	assert_ok(go(&run, &m.reader));
	paths[0] = run.paths[0];
	paths[1] = run.paths[1];
	assert_ok(dump_open_inputs(paths, 2, NULL, &reader));
	assert_int_equal(memreader_compare(&m, reader, false, &present), MEM_SAME);
	assert_int_equal(present, 2000);
	remove_files(&run);
}

static void failures_leave_nothing(void **state)
{
	struct run run = {.split = {.nr = 3}};
	struct memreader m;

	(void)state;
	memreader_init(&m, 4096, MAP);
	for (int n = 0; n < 28; n += 3) {
		atomic_store(&writes_left, n);
		assert_err(go(&run, &m.reader), ERROR_NO_SPACE, "part.");
		for (size_t i = 0; i < 3; i++)
			assert_false(exists(run.paths[i]));
		assert_false(exists(workdir_path("part.1.tmp")));
	}
	atomic_store(&writes_left, INT32_MAX);
}

static void what_cannot_be_is_said_before(void **state)
{
	struct run run = {.split = {.max_size = 100 << 10}};
	struct memreader m;

	(void)state;
	memreader_init(&m, 4096, MAP);
	assert_err(go(&run, &m.reader), ERROR_USAGE, "files of 102400 bytes are too small");
	run.split = (struct dump_split){.nr = 2};
	assert_ok(go(&run, &m.reader));
	assert_err(go(&run, &m.reader), ERROR_USAGE, "part.1: exists already");
	run.force = true;
	assert_ok(go(&run, &m.reader));
	check(&m, &run);
	remove_files(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_files),
		cmocka_unit_test(files_up_to_a_size),
		cmocka_unit_test(pages_of_the_codec_are_copied),
		cmocka_unit_test(lost_blocks_are_in_no_bitmap),
		cmocka_unit_test(failures_leave_nothing),
		cmocka_unit_test(what_cannot_be_is_said_before),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
