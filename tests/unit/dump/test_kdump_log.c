// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pwrite sys_pread sys_malloc sys_calloc sys_realloc
#include "dump/kdump_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/file.h"
#include "util/sys.h"

#define BLOCKS     256
#define MAX_RECORD (24 + 32 + 4 * BLOCKS)

static bool full;
static int allocs_left = -1;
static unsigned int nr_reads;

ssize_t __real_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __real_sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off);
void *__real_sys_malloc(size_t size);
void *__wrap_sys_malloc(size_t size);
void *__real_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);
void *__real_sys_realloc(void *old, size_t size);
void *__wrap_sys_realloc(void *old, size_t size);

ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	if (full) {
		errno = ENOSPC;
		return -1;
	}
	return __real_sys_pwrite(fd, buf, len, off);
}

ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off)
{
	nr_reads++;
	return __real_sys_pread(fd, buf, len, off);
}

void *__wrap_sys_malloc(size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_malloc(size) : NULL;
}

void *__wrap_sys_calloc(size_t nr, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_calloc(nr, size) : NULL;
}

void *__wrap_sys_realloc(void *old, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_realloc(old, size) : NULL;
}

/* A log in a file, with what has been put into it. */
struct fixture {
	struct target *target;
	struct kdump_log *log;
	uint64_t tail;
	uint64_t walked, blocks; /* chunks and blocks */
	uint64_t last_pfn;
	size_t max_records;
};

static struct error *alloc(void *arg, size_t len, uint64_t *ret)
{
	struct fixture *f = arg;

	*ret = f->tail;
	f->tail += len + 1000; // page data stand between extents
	return NULL;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	full = false;
	allocs_left = -1;
	nr_reads = 0;
	f->target = file_target(workdir_path("log"));
	f->tail = 5000;
	f->last_pfn = UINT64_MAX;
	assert_ok(kdump_log_create(f->target, MAX_RECORD, alloc, f, &f->log));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	kdump_log_destroy(f->log);
	target_destroy(f->target);
	free(f);
	return 0;
}

/* Block i of chunk n belongs to a pass by its number, has a length by both. */
static uint32_t entry_of(uint64_t chunk, size_t i)
{
	return KDUMP_ENTRY((chunk * 31 + i) % 4096 + 1, 0x20);
}

static const struct kdump_record *make(uint64_t chunk, size_t pass, size_t nr_passes)
{
	static uint64_t buf[MAX_RECORD / 8];
	struct kdump_record *record = (struct kdump_record *)buf;
	uint32_t *entries;

	memset(buf, 0, sizeof(buf));
	*record = (struct kdump_record){.pfn = chunk * BLOCKS, .off = chunk << 20, .nr = BLOCKS};
	entries = kdump_record_entries(record);
	for (size_t i = 0; i < BLOCKS; i++) {
		if (i % nr_passes != pass)
			continue;
		record->keep[i / 64] |= 1ULL << i % 64;
		entries[record->nr_kept++] = entry_of(chunk, i);
	}
	return record;
}

static struct error *check(void *arg, const struct kdump_record *const *records, size_t nr)
{
	struct fixture *f = arg;
	uint64_t chunk = records[0]->pfn / BLOCKS, seen[BLOCKS / 64] = {0};

	assert_true(f->last_pfn == UINT64_MAX || records[0]->pfn > f->last_pfn);
	f->last_pfn = records[0]->pfn;
	f->walked++;
	f->max_records = nr > f->max_records ? nr : f->max_records;
	for (size_t n = 0; n < nr; n++) {
		const uint32_t *entry = kdump_record_entries_const(records[n]);

		assert_int_equal(records[n]->pfn, chunk * BLOCKS);
		assert_int_equal(records[n]->off, chunk << 20);
		assert_int_equal(records[n]->nr, BLOCKS);
		for (size_t i = 0; i < BLOCKS; i++) {
			if (!(records[n]->keep[i / 64] >> i % 64 & 1))
				continue;
			assert_false(seen[i / 64] >> i % 64 & 1);
			seen[i / 64] |= 1ULL << i % 64;
			assert_int_equal(*entry++, entry_of(chunk, i));
			f->blocks++;
		}
		assert_int_equal(entry - kdump_record_entries_const(records[n]),
				 records[n]->nr_kept);
	}
	return NULL;
}

static void walk(struct fixture *f)
{
	f->walked = f->blocks = f->max_records = 0;
	f->last_pfn = UINT64_MAX;
	assert_ok(kdump_log_walk(f->log, check, f));
}

static void add(struct fixture *f, uint64_t chunk, size_t pass, size_t nr_passes)
{
	assert_ok(kdump_log_add(f->log, make(chunk, pass, nr_passes)));
	assert_ok(kdump_log_spill(f->log));
}

static void test_record(void **state)
{
	(void)state;
	assert_int_equal(kdump_record_len(256, 0), 24 + 32);
	assert_int_equal(kdump_record_len(256, 1), 24 + 32 + 8);
	assert_int_equal(kdump_record_len(256, 256), MAX_RECORD);
	assert_int_equal(kdump_record_len(16, 2), 24 + 8 + 8);
	assert_int_equal(kdump_record_len(1, 1), 24 + 8 + 8);
	assert_int_equal(KDUMP_ENTRY_LEN(KDUMP_ENTRY(1 << 20, 0x20)), 1 << 20);
	assert_int_equal(KDUMP_ENTRY_CODEC(KDUMP_ENTRY(1 << 20, 0x20)), 0x20);
}

static void test_empty(void **state)
{
	struct fixture *f = *state;

	walk(f);
	assert_int_equal(f->walked, 0);
	assert_int_equal(kdump_log_end(f->log), 0);
}

/* Small logs stay in memory; larger ones do not, and can be read at any time. */
static void test_one_pass(void **state)
{
	struct fixture *f = *state;

	for (uint64_t chunk = 0; chunk < 2000; chunk++) {
		add(f, chunk, 0, 1);
		if (chunk == 100) {
			walk(f);
			assert_int_equal(f->walked, 101);
			assert_int_equal(nr_reads, 0);
		}
		if (chunk % 499 == 0) {
			walk(f);
			assert_int_equal(f->walked, chunk + 1);
			assert_int_equal(f->blocks, (chunk + 1) * BLOCKS);
		}
	}
	walk(f);
	assert_int_equal(f->walked, 2000);
	assert_true(nr_reads > 8);
	assert_true(kdump_log_end(f->log) > 4 * KDUMP_LOG_EXTENT);
	assert_int_equal(kdump_log_end(f->log), f->tail - 1000);
}

/* Chunks of several passes come together, also those that not every pass has. */
static void test_passes(void **state)
{
	struct fixture *f = *state;

	for (size_t pass = 0; pass < KDUMP_LOG_PASSES; pass++) {
		for (uint64_t chunk = 0; chunk < 1500; chunk++) {
			if (pass == 0 || chunk % (pass + 1) == 0)
				add(f, chunk, pass, KDUMP_LOG_PASSES);
		}
		walk(f);
		assert_int_equal(f->walked, 1500);
		assert_int_equal(f->max_records, pass + 1);
		if (pass + 1 < KDUMP_LOG_PASSES)
			assert_ok(kdump_log_end_pass(f->log));
	}
	assert_int_equal(f->blocks, (1500 + 750 + 500 + 375) * BLOCKS / KDUMP_LOG_PASSES);
	assert_err(kdump_log_end_pass(f->log), ERROR_USAGE, "passes");
}

static void test_empty_passes(void **state)
{
	struct fixture *f = *state;

	assert_ok(kdump_log_end_pass(f->log));
	add(f, 7, 0, 1);
	assert_ok(kdump_log_end_pass(f->log));
	walk(f);
	assert_int_equal(f->walked, 1);
}

/* When the disk is full, what is in the log stays there, and some more finds room. */
static void test_full(void **state)
{
	struct fixture *f = *state;
	struct error *err = NULL;
	uint64_t chunk = 0, spilled;

	full = true;
	for (; !err; chunk++) {
		assert_ok(kdump_log_add(f->log, make(chunk, 0, 1)));
		err = kdump_log_spill(f->log);
	}
	spilled = chunk;
	assert_err(err, ERROR_NO_SPACE, "No space left");
	walk(f);
	assert_int_equal(f->walked, spilled);
	for (err = NULL; !err; chunk++)
		err = kdump_log_add(f->log, make(chunk, 0, 1));
	assert_err(err, ERROR_NO_SPACE, "no room for the index");
	assert_in_range(chunk - spilled, 40, 70);
	walk(f);
	assert_int_equal(f->walked, chunk - 1);
	// and goes on when there is space again
	full = false;
	assert_ok(kdump_log_spill(f->log));
	add(f, chunk, 0, 1);
	walk(f);
	assert_int_equal(f->walked, chunk);
}

static struct error *refuse(void *arg, const struct kdump_record *const *records, size_t nr)
{
	(void)arg;
	(void)records;
	(void)nr;
	return error_create(ERROR_NO_SPACE, "enough");
}

static void test_walk_fails(void **state)
{
	struct fixture *f = *state;

	for (uint64_t chunk = 0; chunk < 600; chunk++)
		add(f, chunk, 0, 1);
	assert_err(kdump_log_walk(f->log, refuse, f), ERROR_NO_SPACE, "enough");
	allocs_left = 0;
	assert_ptr_equal(kdump_log_walk(f->log, check, f), &error_nomem);
	allocs_left = -1;
	assert_ok(target_resize(f->target, 6000));
	assert_err(kdump_log_walk(f->log, check, f), ERROR_OS, "read back at offset");
}

static void test_no_memory(void **state)
{
	struct kdump_log *log = NULL;

	(void)state;
	for (int n = 0; n < 2; n++) {
		allocs_left = n;
		assert_ptr_equal(kdump_log_create(NULL, 100, alloc, NULL, &log), &error_nomem);
	}
	assert_null(log);
	allocs_left = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(test_passes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_passes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_fails, setup, teardown),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
