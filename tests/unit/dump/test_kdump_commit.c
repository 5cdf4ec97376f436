// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pwrite sys_fsync sys_fallocate sys_fstatvfs sys_calloc sys_malloc
#include "dump/kdump_commit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "dump/codec.h"
#include "dump/flattened.h"
#include "dump/kdump_header.h"
#include "tests/support/memreader.h"
#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

#define BS    4096U
#define CHUNK 256U
#define START 8192U

static int allocs_left = -1, syncs_left = -1, spaces_left = -1;
static int space_errno;
static uint64_t unsynced; /* bytes written since the last fsync */
static unsigned int nr_headers, nr_syncs, nr_allocated;
static bool disk_full;

ssize_t __real_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
int __real_sys_fsync(int fd);
int __wrap_sys_fsync(int fd);
int __real_sys_fallocate(int fd, int mode, off_t off, off_t len);
int __wrap_sys_fallocate(int fd, int mode, off_t off, off_t len);
int __wrap_sys_fstatvfs(int fd, struct statvfs *ret);
void *__real_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);
void *__real_sys_malloc(size_t size);
void *__wrap_sys_malloc(size_t size);

/* Block 0 is one write, when all that it refers to is on the disk. */
ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	if (disk_full) {
		errno = ENOSPC;
		return -1;
	}
	if (off == 0) {
		assert_int_equal(len, 4096);
		assert_int_equal(unsynced, 0);
		nr_headers++;
	}
	unsynced += len;
	return __real_sys_pwrite(fd, buf, len, off);
}

int __wrap_sys_fsync(int fd)
{
	(void)fd;
	if (!syncs_left) {
		errno = EIO;
		return -1;
	}
	syncs_left--;
	nr_syncs++;
	unsynced = 0;
	return 0;
}

int __wrap_sys_fallocate(int fd, int mode, off_t off, off_t len)
{
	if (!spaces_left) {
		errno = space_errno;
		return -1;
	}
	spaces_left--;
	nr_allocated++;
	return __real_sys_fallocate(fd, mode, off, len);
}

/* A disk on which all space has to be allocated ahead. */
int __wrap_sys_fstatvfs(int fd, struct statvfs *ret)
{
	(void)fd;
	*ret = (struct statvfs){0};
	return 0;
}

void *__wrap_sys_malloc(size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_malloc(size) : NULL;
}

void *__wrap_sys_calloc(size_t nr, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_calloc(nr, size) : NULL;
}

struct fixture {
	struct memreader ram;
	struct target *target;
	struct sink sink;
	struct kdump_header header;
	struct kdump_commit_config config;
	struct kdump_commit *commit;
	uint64_t seq;
	char path[300];
};

static void begin(struct fixture *f, const char *map, uint64_t limit)
{
	memset(f, 0, sizeof(*f));
	unsynced = nr_headers = nr_syncs = nr_allocated = 0;
	disk_full = false;
	allocs_left = syncs_left = spaces_left = -1;
	memreader_init(&f->ram, BS, map);
	snprintf(f->path, sizeof(f->path), "%s", workdir_path("commit"));
	f->target = file_target(f->path);
	sink_init(&f->sink, f->target);
	f->header = (struct kdump_header){
		.block_size = BS,
		.max_mapnr = f->ram.reader.facts.max_paddr / BS,
		.uts = f->ram.reader.facts.uts,
		.status = CODEC_ZSTD,
	};
	f->header.bitmap_blocks = (uint32_t)(2 * kdump_bitmap_blocks(f->header.max_mapnr, BS));
	f->config = (struct kdump_commit_config){
		.sink = &f->sink,
		.header = &f->header,
		.ram = &f->ram.reader,
		.zero_off = 4096,
		.start = START,
		.limit = limit,
		.chunk_blocks = CHUNK,
	};
	assert_ok(kdump_commit_create(&f->config, &f->commit));
}

static void end(struct fixture *f)
{
	disk_full = false;
	kdump_commit_destroy(f->commit);
	sink_deinit(&f->sink);
	target_destroy(f->target);
}

/* One chunk whose blocks have len bytes each (0: all zero); what it says stands in its data. */
static struct error *put(struct fixture *f, uint64_t chunk, uint32_t len)
{
	static uint64_t buf[24 / 8 + 4 + CHUNK / 2];
	struct kdump_record *record = (struct kdump_record *)buf;
	size_t size = CHUNK * (size_t)len;
	uint8_t *data = calloc(1, size + 1);
	struct error *err;

	assert_non_null(data);
	memset(data, (int)chunk, size);
	*record = (struct kdump_record){.pfn = chunk * CHUNK, .nr = CHUNK, .nr_kept = CHUNK};
	memset(record->keep, 0xff, 32);
	for (size_t i = 0; i < CHUNK; i++)
		kdump_record_entries(record)[i] = KDUMP_ENTRY(len, len ? CODEC_ZSTD : 0);
	err = kdump_commit_reserve(f->commit, size, CHUNK, &record->off);
	if (!err)
		err = sink_write(&f->sink, record->off, data, size);
	if (!err)
		err = kdump_commit_put(f->commit, f->seq++, record);
	free(data);
	return err;
}

/* Reads the index that block 0 points at, and the data of each block. */
static uint64_t check_file(struct fixture *f, uint32_t len, bool *incomplete)
{
	_cleanup_file_ struct file *file = NULL;
	_cleanup_free_ uint8_t *map = NULL;
	_cleanup_free_ uint8_t *descs = malloc(f->header.max_mapnr * KDUMP_DESC_LEN);
	uint8_t page[4096], byte;
	struct kdump_header h;
	uint64_t nr = 0;
	size_t done;

	assert_ok(file_open(f->target->working, &file));
	assert_ok(file_read_full(file, 0, page, sizeof(page)));
	h = f->header;
	h.sub_hdr_size = load_u32(page + 432, false);
	*incomplete = load_u32(page + 424, false) & KDUMP_STATUS_INCOMPLETE;
	assert_true(load_u32(page + 424, false) & CODEC_ZSTD);
	map = malloc(h.bitmap_blocks / 2 * (size_t)BS);
	assert_true(map && descs);
	assert_ok(file_read_full(file, kdump_bitmap_off(&h) + h.bitmap_blocks / 2 * (uint64_t)BS,
				 map, h.bitmap_blocks / 2 * (size_t)BS));
	assert_ok(file_read(file, kdump_desc_off(&h), descs, h.max_mapnr * KDUMP_DESC_LEN, &done));
	for (uint64_t pfn = 0; pfn < h.max_mapnr; pfn++) {
		struct kdump_desc d;

		if (!(map[pfn / 8] >> pfn % 8 & 1))
			continue;
		assert_true((nr + 1) * KDUMP_DESC_LEN <= done);
		d = kdump_desc_load(descs + nr++ * KDUMP_DESC_LEN, false);
		assert_int_equal(d.size, len ? len : BS);
		if (!len)
			assert_int_equal(d.off, 4096);
		if (!len || pfn % 5)
			continue;
		assert_ok(file_read_full(file, d.off, &byte, 1));
		assert_int_equal(byte, (uint8_t)(pfn / CHUNK));
	}
	return nr;
}

/* Commits come at points that grow, indexes that they replace stay under 5 % of the data, and leave
 * no gaps. What a killed writer leaves is whole at any time. */
static void test_growth(void **state)
{
	static const uint32_t lens[] = {4096, 1500, 700, 500};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct kdump_commit_stats *stats;
		uint64_t data = 0, last = 0, committed = 0;
		unsigned int headers = 0;
		struct fixture f;
		bool incomplete;

		begin(&f, "102400t", UINT64_MAX);
		for (uint64_t chunk = 0; chunk < 400; chunk++) {
			assert_ok(put(&f, chunk, lens[i]));
			data += lens[i] * CHUNK;
			if (nr_headers == headers && headers && chunk % 8 == 0)
				assert_int_equal(check_file(&f, lens[i], &incomplete), committed);
			if (nr_headers == headers)
				continue;
			committed = (chunk + 1) * CHUNK;
			headers = nr_headers;
			assert_int_equal(unsynced, 0);
			assert_true(data >= KDUMP_FIRST_COMMIT && data >= 2 * last);
			// not much later than it could be
			assert_true(data <
				    (lens[i] > 1000 ? 4 : 9) * (last ? last : KDUMP_FIRST_COMMIT));
			last = data;
			assert_int_equal(check_file(&f, lens[i], &incomplete), (chunk + 1) * CHUNK);
			assert_true(incomplete);
		}
		assert_in_range(headers, 2, 9);
		assert_ok(kdump_commit_finish(f.commit, false));
		stats = kdump_commit_stats(f.commit);
		assert_int_equal(check_file(&f, lens[i], &incomplete), 102400);
		assert_false(incomplete);
		assert_int_equal(stats->blocks, 102400);
		assert_int_equal(stats->data_bytes, data);
		assert_int_equal(stats->nr_commits, headers + 1);
		assert_true(stats->superseded <= data / 100 * KDUMP_SUPERSEDED_PERCENT);
		assert_true(stats->superseded > 0);
		// block 0, the zero block, data, log, index
		assert_true(stats->file_bytes <= 5 * BS + data + 102400 * 5 + 102400 * 24 +
							 4 * align_up(102400 / 8, BS));
		end(&f);
	}
}

/* Blocks that take less than their descriptors: an index is more than 5 %, but not none. */
static void test_tiny_blocks(void **state)
{
	const struct kdump_commit_stats *stats;
	struct fixture f;
	bool incomplete;

	(void)state;
	begin(&f, "512000t", UINT64_MAX);
	for (uint64_t chunk = 0; chunk < 2000; chunk++)
		assert_ok(put(&f, chunk, 40));
	assert_in_range(nr_headers, 1, 2);
	assert_ok(kdump_commit_finish(f.commit, false));
	stats = kdump_commit_stats(f.commit);
	assert_true(stats->superseded < 512000 * 24 / 2);
	assert_int_equal(check_file(&f, 40, &incomplete), 512000);
	end(&f);
}

static void test_all_zero(void **state)
{
	const struct kdump_commit_stats *stats;
	struct fixture f;
	bool incomplete;

	(void)state;
	begin(&f, "51200z", UINT64_MAX);
	for (uint64_t chunk = 0; chunk < 200; chunk++)
		assert_ok(put(&f, chunk, 0));
	assert_ok(kdump_commit_finish(f.commit, false));
	stats = kdump_commit_stats(f.commit);
	assert_int_equal(stats->zero, 51200);
	assert_int_equal(stats->blocks, 51200);
	assert_int_equal(stats->data_bytes, 0);
	assert_int_equal(stats->nr_commits, 1);
	assert_int_equal(check_file(&f, 0, &incomplete), 51200);
	end(&f);
}

static void test_nothing(void **state)
{
	struct fixture f;
	bool incomplete;

	(void)state;
	begin(&f, "1000t", UINT64_MAX);
	assert_ok(kdump_commit_finish(f.commit, true));
	assert_int_equal(check_file(&f, 1, &incomplete), 0);
	assert_true(incomplete);
	end(&f);
}

/* Passes in turn; a chunk in several of them. */
static void test_passes(void **state)
{
	struct fixture f;
	bool incomplete;

	(void)state;
	begin(&f, "102400t", UINT64_MAX);
	for (uint64_t chunk = 1; chunk < 100; chunk += 2)
		assert_ok(put(&f, chunk, 3000));
	// a commit, though not as many again have come since the last one
	nr_headers = 0;
	assert_ok(kdump_commit_end_pass(f.commit));
	assert_int_equal(nr_headers, 1);
	assert_int_equal(check_file(&f, 3000, &incomplete), 50 * CHUNK);
	f.seq = 0;
	for (uint64_t chunk = 0; chunk < 100; chunk += 2)
		assert_ok(put(&f, chunk, 3000));
	// nothing new, no commit
	assert_ok(kdump_commit_end_pass(f.commit));
	nr_headers = 0;
	assert_ok(kdump_commit_end_pass(f.commit));
	assert_int_equal(nr_headers, 0);
	assert_ok(kdump_commit_finish(f.commit, false));
	assert_int_equal(check_file(&f, 3000, &incomplete), 100 * CHUNK);
	end(&f);
}

/* Whatever the limit, the file stays within it and has what was put. */
static void test_limit(void **state)
{
	(void)state;
	for (uint64_t limit = 10000; limit < 20000000; limit = limit * 3 / 2 + 777) {
		struct error *err = NULL;
		uint64_t chunk = 0;
		struct fixture f;
		bool incomplete;

		begin(&f, "10240t", limit);
		for (; !err && chunk < 40; chunk++)
			err = put(&f, chunk, 1000);
		assert_true(err || limit > 10500000);
		if (err) {
			assert_true(limit < 12000000);
			assert_err(err, ERROR_NO_SPACE, "that it may have are used up");
			chunk--;
		}
		if (limit < 24576) { // not even an empty index
			end(&f);
			continue;
		}
		assert_ok(kdump_commit_finish(f.commit, chunk < 40));
		assert_true(kdump_commit_stats(f.commit)->file_bytes <= limit);
		assert_int_equal(check_file(&f, 1000, &incomplete), chunk * CHUNK);
		// it is used well
		assert_true(chunk == 40 || chunk * 262144 + 400000 > limit * 8 / 10);
		end(&f);
	}
}

/* Space is allocated ahead of what is written, and given back. */
static void test_allocated(void **state)
{
	_cleanup_file_ struct file *file = NULL;
	struct fixture f;

	(void)state;
	begin(&f, "102400t", UINT64_MAX);
	for (uint64_t chunk = 0; chunk < 100; chunk++)
		assert_ok(put(&f, chunk, 1000));
	assert_in_range(nr_allocated, 1, 8);
	assert_ok(kdump_commit_finish(f.commit, true));
	assert_ok(file_open(f.target->working, &file));
	assert_int_equal(file->size, kdump_commit_stats(f.commit)->file_bytes);
	end(&f);
}

/* Memory far apart: no space is allocated for bitmaps that are nearly all hole. */
static void test_holes(void **state)
{
	struct fixture f;
	bool incomplete;

	(void)state;
	begin(&f, "2560t 200000000. 256t", UINT64_MAX);
	for (uint64_t chunk = 0; chunk < 10; chunk++)
		assert_ok(put(&f, chunk, 4000));
	assert_int_equal(nr_allocated, 0);
	assert_true(nr_headers > 0);
	assert_ok(kdump_commit_finish(f.commit, true));
	assert_int_equal(check_file(&f, 4000, &incomplete), 2560);
	end(&f);
}

/* The disk is full: the last index finds the room that was kept for it. */
static void test_full(void **state)
{
	(void)state;
	for (int n = 0; n < 4; n++) {
		struct error *err = NULL;
		uint64_t chunk = 0;
		struct fixture f;
		bool incomplete;

		begin(&f, "102400t", UINT64_MAX);
		spaces_left = n;
		space_errno = n % 2 ? ENOSPC : EDQUOT;
		for (; !err && chunk < 400; chunk++)
			err = put(&f, chunk, 1000);
		assert_err(err, ERROR_NO_SPACE, "no space for");
		assert_ok(kdump_commit_finish(f.commit, true));
		assert_int_equal(check_file(&f, 1000, &incomplete), (chunk - 1) * CHUNK);
		assert_true(incomplete);
		assert_true(n == 0 || chunk > 30);
		end(&f);
	}
}

/* Where it cannot be allocated, writing fails some day; the last commit or more stands. */
static void test_full_surprise(void **state)
{
	struct fixture f;
	bool incomplete;
	uint64_t nr;

	(void)state;
	begin(&f, "102400t", UINT64_MAX);
	spaces_left = 0;
	space_errno = EOPNOTSUPP;
	for (uint64_t chunk = 0; chunk < 100; chunk++)
		assert_ok(put(&f, chunk, 1000));
	disk_full = true;
	assert_err(put(&f, 100, 1000), ERROR_NO_SPACE, "No space left");
	kdump_commit_abort(f.commit);
	assert_err(kdump_commit_finish(f.commit, false), ERROR_NO_SPACE, "No space left");
	assert_ok(kdump_commit_finish(f.commit, true));
	nr = check_file(&f, 1000, &incomplete);
	assert_true(incomplete);
	assert_in_range(nr, 100 * CHUNK / 4, 99 * CHUNK);
	assert_int_equal(kdump_commit_stats(f.commit)->blocks, nr);
	// when there is room after all, everything is there
	disk_full = false;
	assert_ok(kdump_commit_finish(f.commit, true));
	assert_int_equal(check_file(&f, 1000, &incomplete), 100 * CHUNK);
	end(&f);
}

/* What fsync could not save is not to be referred to. */
static void test_sync_fails(void **state)
{
	(void)state;
	for (int n = 0; n < 12; n++) {
		struct error *err = NULL;
		uint64_t chunk = 0, committed = 0;
		unsigned int before;
		struct fixture f;
		bool incomplete;

		begin(&f, "102400t", UINT64_MAX);
		syncs_left = n;
		for (; !err && chunk < 300; chunk++) {
			before = nr_headers;
			err = put(&f, chunk, 1000);
			if (!err && nr_headers > before)
				committed = chunk + 1;
		}
		assert_err(err, ERROR_OS, "sync");
		syncs_left = -1; // and it succeeds the next time, having lost everything
		if (!nr_headers) {
			assert_err(kdump_commit_finish(f.commit, true), ERROR_OS, "lost");
			end(&f);
			continue;
		}
		assert_ok(kdump_commit_finish(f.commit, true));
		if (n % 2 == 0)
			assert_int_equal(check_file(&f, 1000, &incomplete), committed * CHUNK);
		end(&f);
	}
}

/* Chunks behind one that never came are in the index of an incomplete file. */
static void test_gap(void **state)
{
	struct fixture f;
	bool incomplete;

	(void)state;
	begin(&f, "102400t", UINT64_MAX);
	for (uint64_t chunk = 0; chunk < 20; chunk++) {
		if (chunk == 10)
			f.seq++;
		else
			assert_ok(put(&f, chunk, 1000));
	}
	kdump_commit_abort(f.commit);
	assert_ok(kdump_commit_finish(f.commit, true));
	assert_int_equal(check_file(&f, 1000, &incomplete), 19 * CHUNK);
	end(&f);
}

static void test_no_memory(void **state)
{
	struct kdump_commit *commit = NULL;
	struct fixture f;
	int n = 0;

	(void)state;
	begin(&f, "1000t", UINT64_MAX);
	for (;; n++) {
		struct error *err;

		allocs_left = n;
		err = kdump_commit_create(&f.config, &commit);
		allocs_left = -1;
		if (!err)
			break;
		assert_ptr_equal(err, &error_nomem);
		assert_null(commit);
	}
	assert_in_range(n, 6, 9);
	kdump_commit_destroy(commit);
	kdump_commit_destroy(NULL);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),     cmocka_unit_test(test_tiny_blocks),
		cmocka_unit_test(test_all_zero),   cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_passes),     cmocka_unit_test(test_limit),
		cmocka_unit_test(test_allocated),  cmocka_unit_test(test_holes),
		cmocka_unit_test(test_full),       cmocka_unit_test(test_full_surprise),
		cmocka_unit_test(test_sync_fails), cmocka_unit_test(test_gap),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
