// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_write sys_calloc sys_malloc
#include "dump/kdump_stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/codec.h"
#include "dump/flattened.h"
#include "dump/kdump_header.h"
#include "dump/writer.h"
#include "tests/support/memreader.h"
#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/file.h"
#include "util/sys.h"

#define BS    4096U
#define CHUNK 256U

static int writes_left = -1, allocs_left = -1;

ssize_t __real_sys_write(int fd, const void *buf, size_t len);
ssize_t __wrap_sys_write(int fd, const void *buf, size_t len);
void *__real_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);
void *__real_sys_malloc(size_t size);
void *__wrap_sys_malloc(size_t size);

ssize_t __wrap_sys_write(int fd, const void *buf, size_t len)
{
	if (!writes_left) {
		errno = EPIPE;
		return -1;
	}
	writes_left--;
	return __real_sys_write(fd, buf, len);
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
	struct kdump_stream_config config;
	struct kdump_stream *stream;
	char flat[300], path[300];
};

static struct error *begin(struct fixture *f, uint64_t nr_planned, uint64_t limit)
{
	struct error *err;

	memset(f, 0, sizeof(*f));
	memreader_init(&f->ram, BS, "30000t");
	snprintf(f->flat, sizeof(f->flat), "%s", workdir_path("flat"));
	snprintf(f->path, sizeof(f->path), "%s", workdir_path("file"));
	f->target = stream_target(f->flat);
	sink_init(&f->sink, f->target);
	f->header = (struct kdump_header){
		.block_size = BS,
		.sub_hdr_size = 1,
		.max_mapnr = 30000,
		.uts = f->ram.reader.facts.uts,
		.status = CODEC_LZO,
	};
	f->header.bitmap_blocks = (uint32_t)(2 * kdump_bitmap_blocks(f->header.max_mapnr, BS));
	f->config = (struct kdump_stream_config){
		.sink = &f->sink,
		.header = &f->header,
		.ram = &f->ram.reader,
		.nr_planned = nr_planned,
		.limit = limit,
		.chunk_blocks = CHUNK,
	};
	err = sink_begin(&f->sink);
	return err ? err : kdump_stream_create(&f->config, &f->stream);
}

static void end(struct fixture *f)
{
	kdump_stream_destroy(f->stream);
	sink_deinit(&f->sink);
	target_destroy(f->target);
}

/* A chunk that keeps every step-th block, each of 100 bytes. */
static struct error *put(struct fixture *f, uint64_t seq, uint64_t chunk, size_t step)
{
	static uint64_t buf[24 / 8 + 4 + CHUNK / 2];
	struct kdump_record *record = (struct kdump_record *)buf;
	uint8_t data[100 * CHUNK];
	struct error *err;

	memset(buf, 0, sizeof(buf));
	*record = (struct kdump_record){.pfn = chunk * CHUNK, .nr = CHUNK};
	for (size_t i = 0; i < CHUNK; i += step) {
		record->keep[i / 64] |= 1ULL << i % 64;
		kdump_record_entries(record)[record->nr_kept++] = KDUMP_ENTRY(100, CODEC_LZO);
	}
	memset(data, (int)chunk, sizeof(data));
	err = kdump_stream_reserve(f->stream, 100 * record->nr_kept, record->nr_kept, &record->off);
	if (!err)
		err = sink_write(&f->sink, record->off, data, 100 * record->nr_kept);
	return err ? err : kdump_stream_put(f->stream, seq, record);
}

/* Everything stands in one place, bitmaps and descriptors in front of the data. */
static uint64_t check_file(struct fixture *f, size_t step, bool *incomplete)
{
	_cleanup_file_ struct file *file = NULL;
	uint64_t map_off = kdump_bitmap_off(&f->header) +
			   f->header.bitmap_blocks / 2 * (uint64_t)BS;
	uint64_t nr = 0;
	uint8_t map[BS], desc[KDUMP_DESC_LEN], page[4096], byte;

	assert_ok(file_open(f->path, &file));
	assert_ok(file_read_full(file, 0, page, sizeof(page)));
	assert_memory_equal(page, "KDUMP   ", 8);
	assert_int_equal(load_u32(page + 432, false), 1);
	*incomplete = load_u32(page + 424, false) & KDUMP_STATUS_INCOMPLETE;
	assert_ok(file_read_full(file, map_off, map, sizeof(map)));
	for (uint64_t pfn = 0; pfn < f->header.max_mapnr; pfn++) {
		uint64_t off = kdump_desc_off(&f->header) + nr * KDUMP_DESC_LEN;
		struct kdump_desc d;

		if (!(map[pfn / 8] >> pfn % 8 & 1))
			continue;
		nr++;
		assert_int_equal(pfn % CHUNK % step, 0);
		assert_ok(file_read_full(file, off, desc, sizeof(desc)));
		d = kdump_desc_load(desc, false);
		assert_int_equal(d.size, 100);
		assert_true(d.off >=
			    kdump_desc_off(&f->header) + f->config.nr_planned * KDUMP_DESC_LEN);
		assert_ok(file_read_full(file, d.off, &byte, 1));
		assert_int_equal(byte, (uint8_t)(pfn / CHUNK));
	}
	return nr;
}

static void test_whole(void **state)
{
	struct dump_writer_stats stats = {0};
	_cleanup_file_ struct file *file = NULL;
	struct fixture f;
	bool incomplete;
	size_t records;

	(void)state;
	assert_ok(begin(&f, 117 * 128, UINT64_MAX));
	// not in order, as workers do it
	for (uint64_t chunk = 0; chunk < 117; chunk++)
		assert_ok(put(&f, chunk ^ (chunk < 116), chunk ^ (chunk < 116), 2));
	assert_ok(kdump_stream_finish(f.stream, false, &stats));
	records = unflatten(f.flat, f.path);
	// large ones: the data of each chunk, and few more
	assert_in_range(records, 117, 117 + 8);
	assert_int_equal(check_file(&f, 2, &incomplete), 117 * 128);
	assert_false(incomplete);
	assert_int_equal(stats.written, 117 * 128);
	assert_int_equal(stats.data_bytes, 117 * 128 * 100);
	assert_ok(file_open(f.flat, &file));
	assert_int_equal(stats.file_bytes, file->size);
	end(&f);
}

/* Fewer blocks than planned, and chunks that never come. */
static void test_incomplete(void **state)
{
	struct dump_writer_stats stats = {0};
	struct fixture f;
	bool incomplete;

	(void)state;
	assert_ok(begin(&f, 30000, UINT64_MAX));
	assert_ok(put(&f, 0, 0, 1));
	assert_ok(put(&f, 1, 1, 4));
	assert_ok(put(&f, 3, 3, 1));
	kdump_stream_abort(f.stream);
	assert_ok(kdump_stream_finish(f.stream, true, &stats));
	unflatten(f.flat, f.path);
	assert_int_equal(check_file(&f, 1, &incomplete), 256 + 64 + 256);
	assert_true(incomplete);
	end(&f);
}

static void test_nothing(void **state)
{
	struct dump_writer_stats stats = {0};
	struct fixture f;
	bool incomplete;

	(void)state;
	assert_ok(begin(&f, 0, UINT64_MAX));
	assert_ok(kdump_stream_finish(f.stream, false, &stats));
	unflatten(f.flat, f.path);
	assert_int_equal(check_file(&f, 1, &incomplete), 0);
	end(&f);
}

static void test_more_than_planned(void **state)
{
	struct fixture f;

	(void)state;
	assert_ok(begin(&f, 300, UINT64_MAX));
	assert_ok(put(&f, 0, 0, 1));
	assert_err(put(&f, 1, 1, 1), ERROR_FORMAT, "more than the 300 blocks");
	end(&f);
}

static void test_limit(void **state)
{
	struct fixture f;

	(void)state;
	assert_ok(begin(&f, 30000, 900000));
	// headers, bitmaps, descriptors and the zero block take 740480, a chunk 25600
	for (uint64_t chunk = 0; chunk < 6; chunk++)
		assert_ok(put(&f, chunk, chunk, 1));
	assert_err(put(&f, 6, 6, 1), ERROR_NO_SPACE, "900000 bytes");
	end(&f);
}

/* Each write of the stream in turn fails. */
static void test_write_fails(void **state)
{
	int n = 0;

	(void)state;
	for (;; n++) {
		struct dump_writer_stats stats;
		struct fixture f;
		struct error *err;

		writes_left = n;
		err = begin(&f, 30000, UINT64_MAX);
		for (uint64_t chunk = 0; !err && chunk < 50; chunk++)
			err = put(&f, chunk, chunk, 1);
		if (!err)
			err = kdump_stream_finish(f.stream, false, &stats);
		writes_left = -1;
		end(&f);
		if (!err)
			break;
		assert_err(err, ERROR_OS, "Broken pipe");
	}
	assert_true(n > 100);
}

static void test_no_memory(void **state)
{
	int n = 0;

	(void)state;
	for (;; n++) {
		struct kdump_stream *stream = NULL;
		struct fixture f;
		struct error *err;

		assert_ok(begin(&f, 100, UINT64_MAX));
		allocs_left = n;
		err = kdump_stream_create(&f.config, &stream);
		allocs_left = -1;
		kdump_stream_destroy(stream);
		end(&f);
		if (!err)
			break;
		assert_ptr_equal(err, &error_nomem);
	}
	assert_in_range(n, 6, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),     cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_nothing),   cmocka_unit_test(test_more_than_planned),
		cmocka_unit_test(test_limit),     cmocka_unit_test(test_write_fails),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
