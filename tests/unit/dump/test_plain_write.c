// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pwrite sys_write sys_clone_range
#include "dump/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dump/copy.h"
#include "dump/lime.h"
#include "dump/reader.h"
#include "tests/support/memreader.h"
#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/sys.h"

#define MAP "3t 5z 100. 7r 300t 4h 60x 200r 20z 600h 400t 30x 30."

static atomic_int writes_left = INT32_MAX;
static atomic_int nr_clones;
static bool can_clone;

ssize_t __real_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __real_sys_write(int fd, const void *buf, size_t len);
ssize_t __wrap_sys_write(int fd, const void *buf, size_t len);
int __wrap_sys_clone_range(int to, off_t to_off, int from, off_t from_off, size_t len);

ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	if (atomic_fetch_sub(&writes_left, 1) > 0)
		return __real_sys_pwrite(fd, buf, len, off);
	errno = ENOSPC;
	return -1;
}

ssize_t __wrap_sys_write(int fd, const void *buf, size_t len)
{
	if (atomic_fetch_sub(&writes_left, 1) > 0)
		return __real_sys_write(fd, buf, len);
	errno = ENOSPC;
	return -1;
}

/* Copies what a file system would share. */
int __wrap_sys_clone_range(int to, off_t to_off, int from, off_t from_off, size_t len)
{
	uint8_t *buf = malloc(len);

	atomic_fetch_add(&nr_clones, 1);
	if (!can_clone || !buf || pread(from, buf, len, from_off) != (ssize_t)len ||
	    __real_sys_pwrite(to, buf, len, to_off) != (ssize_t)len) {
		free(buf);
		errno = EOPNOTSUPP;
		return -1;
	}
	free(buf);
	return 0;
}

struct run {
	struct dump_writer_options options;
	uint32_t block_size;
	bool lime, stream;
	unsigned int nr_threads;
	char path[300];
	struct dump_writer_stats written;
	struct dump_copy_stats copied;
	bool usable;
};

static struct error *go(struct run *run, const struct dump_reader *source)
{
	const struct dump_copy_options how = {.nr_threads = run->nr_threads ? run->nr_threads : 2};
	struct dump_facts facts = source->facts;
	struct dump_writer *writer = NULL;
	struct target *target;
	struct error *err;

	if (run->block_size)
		facts.block_size = run->block_size;
	snprintf(run->path, sizeof(run->path), "%s", workdir_path("image"));
	unlink(run->path);
	target = run->stream ? stream_target(run->path) : file_target(run->path);
	err = (run->lime ? lime_writer_create : raw_writer_create)(target, &facts, source,
								   &run->options, &writer);
	if (!err) {
		err = dump_copy(source, NULL, writer, &how, &run->copied, &run->usable);
		run->written = writer->stats;
	}
	dump_writer_destroy(writer);
	target_destroy(target);
	return err;
}

static uint8_t *slurp(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	uint8_t *data;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	*len = (size_t)st.st_size;
	data = malloc(*len + 1);
	assert_non_null(data);
	assert_int_equal(read(fd, data, *len), *len);
	close(fd);
	return data;
}

/* The image has block pfn at off; what cannot be had is zero. */
static void check_block(const struct memreader *m, uint64_t pfn, const uint8_t *at)
{
	size_t bs = m->reader.facts.block_size;
	uint8_t *want = malloc(bs);
	enum mem_kind kind = memreader_kind(m, pfn);

	assert_non_null(want);
	memreader_fill(m, pfn, want);
	if (kind != MEM_TEXT && kind != MEM_RANDOM)
		memset(want, 0, bs);
	assert_memory_equal(want, at, bs);
	free(want);
}

static void check_raw(const struct memreader *m, const struct run *run, uint64_t base)
{
	size_t bs = m->reader.facts.block_size, len;
	uint8_t *image = slurp(run->path, &len);
	uint64_t end = 0;

	for (uint64_t pfn = 0; pfn * bs < m->reader.facts.max_paddr; pfn++) {
		if (memreader_kind(m, pfn) == MEM_ABSENT)
			continue;
		end = (pfn + 1) * bs;
		assert_true(end - base <= len);
		check_block(m, pfn, image + (pfn * bs - base));
	}
	assert_int_equal(len, end - base);
	free(image);
}

static void raw_has_all_memory(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		struct run run = {.stream = i & 1, .nr_threads = i & 2 ? 1 : 4};
		struct memreader m;

		memreader_init(&m, i & 4 ? 16384 : 4096, MAP);
		assert_ok(go(&run, &m.reader));
		check_raw(&m, &run, 0);
		assert_int_equal(run.written.written, 3 + 5 + 7 + 300 + 4 + 200 + 20 + 600 + 400);
		assert_int_equal(run.written.zero, 5 + 4 + 20 + 600);
		assert_int_equal(run.written.data_bytes,
				 (3 + 7 + 300 + 200 + 400ULL) * m.reader.facts.block_size);
	}
}

static void raw_begins_at_the_base(void **state)
{
	struct run run = {.options = {.base_given = true, .base = 0}};
	struct memreader m;

	(void)state;
	memreader_init(&m, 4096, "256. 3t 1. 2r");
	assert_ok(go(&run, &m.reader));
	check_raw(&m, &run, 0);
	run.options = (struct dump_writer_options){0};
	assert_ok(go(&run, &m.reader));
	assert_int_equal(run.written.base, 256 * 4096);
	assert_int_equal(run.written.file_bytes, 6 * 4096);
	check_raw(&m, &run, 256 * 4096);
	run.options = (struct dump_writer_options){.base_given = true, .base = 0x101000};
	assert_err(go(&run, &m.reader), ERROR_USAGE, "memory begins at 0x100000, below the base");
}

static void raw_is_sparse(void **state)
{
	struct run run = {0};
	struct memreader m;
	struct stat st;

	(void)state;
	memreader_init(&m, 4096, "1t 100000z 300000h 1t");
	assert_ok(go(&run, &m.reader));
	assert_int_equal(stat(run.path, &st), 0);
	assert_int_equal(st.st_size, 400002ULL * 4096);
	assert_true(st.st_blocks < 1000);
	// what is known to be zero is not even read
	assert_true(m.nr_reads < 2000);
}

static void lime_has_ranges(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct run run = {.lime = true, .stream = i == 1};
		struct memreader m;
		uint64_t off = 0, pfn = 0;
		uint8_t *image;
		size_t len;

		memreader_init(&m, 4096, MAP);
		assert_ok(go(&run, &m.reader));
		image = slurp(run.path, &len);
		assert_int_equal(len, run.written.file_bytes);
		while (off < len) {
			const uint8_t *header = image + off;
			uint64_t start = load_u64(header + 8, false);
			uint64_t last = load_u64(header + 16, false);

			assert_int_equal(load_u32(header, false), LIME_MAGIC);
			assert_int_equal(load_u32(header + 4, false), 1);
			for (; pfn < start / 4096; pfn++)
				assert_int_equal(memreader_kind(&m, pfn), MEM_ABSENT);
			for (off += 32; pfn <= last / 4096; pfn++, off += 4096)
				check_block(&m, pfn, image + off);
		}
		assert_int_equal(off, len);
		assert_int_equal(memreader_kind(&m, pfn), MEM_ABSENT);
		free(image);
	}
}

/* Blocks of 4 KiB in blocks of 16 KiB. */
static void larger_blocks_are_filled_up(void **state)
{
	struct run run = {.block_size = 16384};
	struct memreader m;
	uint8_t *image;
	size_t len;

	(void)state;
	memreader_init(&m, 4096, "1. 6t 2x 1. 5r 2.");
	assert_ok(go(&run, &m.reader));
	image = slurp(run.path, &len);
	assert_int_equal(len, 4 * 16384);
	for (uint64_t pfn = 0; pfn < 16; pfn++)
		check_block(&m, pfn, image + pfn * 4096);
	free(image);
}

static void failures_leave_nothing_usable(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct run run = {.lime = i & 1, .stream = i & 2};
		struct memreader m;

		memreader_init(&m, 4096, MAP);
		for (int n = 0; n < 4; n++) {
			atomic_store(&writes_left, n);
			assert_err(go(&run, &m.reader), ERROR_NO_SPACE, "");
			assert_false(run.usable);
		}
		atomic_store(&writes_left, INT32_MAX);
		run.options.limit = 4096;
		assert_err(go(&run, &m.reader), ERROR_NO_SPACE, "and may have 4096");
	}
}

static void nothing_to_write(void **state)
{
	struct run run = {0};
	struct memreader m;

	(void)state;
	memreader_init(&m, 4096, "100.");
	assert_err(go(&run, &m.reader), ERROR_NOT_FOUND, "no memory to write");
}

static void lost_blocks_are_zero(void **state)
{
	struct run run = {0};
	struct memreader m;

	(void)state;
	memreader_init(&m, 4096, "10t 3! 10t");
	assert_ok(go(&run, &m.reader));
	assert_int_equal(run.copied.unreadable, 3);
	check_raw(&m, &run, 0);
}

static void memory_is_shared_where_it_can_be(void **state)
{
	struct memreader m;
	struct run first = {0}, second = {0};
	char name[320];

	(void)state;
	memreader_init(&m, 4096, "64t 600z 300r");
	for (int i = 0; i < 2; i++) {
		_cleanup_reader_ struct dump_reader *reader = NULL;
		const char *path = name;

		assert_ok(go(&first, &m.reader));
		assert_int_equal(rename(first.path, workdir_path("source")), 0);
		snprintf(name, sizeof(name), "%s@0", workdir_path("source"));
		assert_ok(dump_open_inputs(&path, 1, NULL, &reader));
		can_clone = i == 1;
		atomic_store(&nr_clones, 0);
		second.nr_threads = 1;
		assert_ok(go(&second, reader));
		check_raw(&m, &second, 0);
		assert_int_equal(second.written.zero, 600);
		assert_int_equal(second.written.data_bytes, 364 * 4096);
		if (i)
			assert_true(nr_clones >= 2);
		else
			assert_int_equal(nr_clones, 1); // tried once
	}
	can_clone = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_has_all_memory),
		cmocka_unit_test(raw_begins_at_the_base),
		cmocka_unit_test(raw_is_sparse),
		cmocka_unit_test(lime_has_ranges),
		cmocka_unit_test(larger_blocks_are_filled_up),
		cmocka_unit_test(failures_leave_nothing_usable),
		cmocka_unit_test(nothing_to_write),
		cmocka_unit_test(lost_blocks_are_zero),
		cmocka_unit_test(memory_is_shared_where_it_can_be),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
