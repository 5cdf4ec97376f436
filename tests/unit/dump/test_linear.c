// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pread
#include "dump/linear.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/support/dump.h"
#include "util/file.h"
#include "util/sys.h"

static size_t bytes_read;

ssize_t __real_sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off);

ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off)
{
	bytes_read += len;
	return __real_sys_pread(fd, buf, len, off);
}

/* A file of len bytes, of which those in [start, end) hold memory as it is at these addresses. */
static void make(struct dump *d, size_t len, size_t start, size_t end)
{
	*d = (struct dump){0};
	mkfile_resize(&d->file, 1);
	mkfile_path(&d->file);
	assert_int_equal(ftruncate(d->file.fd - 1, (off_t)len), 0);
	for (size_t at = start; at < end; at += 4096) {
		uint8_t page[4096];

		mkfile_memory(page, at, sizeof(page));
		assert_int_equal(pwrite(d->file.fd - 1, page, sizeof(page), (off_t)at), 4096);
	}
}

static struct linear_reader *begin(struct dump *d)
{
	struct linear_reader *r = NULL;
	struct file *file = NULL;

	assert_ok(file_open(d->file.path, &file));
	assert_ok(linear_create(file, &r));
	return r;
}

static void add(struct linear_reader *r, uint64_t paddr, uint64_t memsz, uint64_t filesz,
		uint64_t off)
{
	const struct dump_segment segment = {paddr, memsz, off, filesz, 0};

	assert_ok(linear_add(r, &segment));
}

static void end(struct dump *d, struct linear_reader *r)
{
	assert_ok(linear_finish(r));
	d->reader = &r->base;
	assert_ok(dump_scratch_create(d->reader, &d->scratch));
}

static void the_first_segment_wins(void **state)
{
	_cleanup_dump_ struct dump d;
	struct linear_reader *r;
	uint8_t byte;

	(void)state;
	make(&d, 0x10000, 0, 0x10000);
	r = begin(&d);
	add(r, 0x2000, 0x2000, 0x2000, 0x2000);
	add(r, 0x0, 0x4000, 0x4000, 0x8000);
	end(&d, r);
	expect(&d, 0x2000, 0x2000, DUMP_ABSENT);
	assert_true(dump_read_full(d.reader, d.scratch, 0x1000, &byte, 1));
	assert_int_equal(byte, mkfile_byte(0x9000));
	expect_run(&d, 0x1234, 0, 0x4000, DUMP_OK);
	assert_int_equal(d.reader->facts.max_paddr, 0x4000);
}

static void holes_are_zero_without_reading(void **state)
{
	const size_t mib = 1 << 20;
	_cleanup_dump_ struct dump d;
	uint8_t *buf = malloc(4 * mib);
	struct linear_reader *r;
	struct dump_run run;
	size_t done;

	(void)state;
	assert_non_null(buf);
	make(&d, 4 * mib, mib, mib + 0x10000);
	r = begin(&d);
	add(r, 0, 4 * mib, 4 * mib, 0);
	end(&d, r);
	dump_next_run(d.reader, d.scratch, 0x5000, &run);
	assert_true(run.zero);
	assert_int_equal(run.status, DUMP_OK);
	assert_int_equal(run.end, mib);
	dump_next_run(d.reader, d.scratch, mib, &run);
	assert_false(run.zero);
	assert_int_equal(run.end, mib + 0x10000);
	dump_next_run(d.reader, d.scratch, mib + 0x10000, &run);
	assert_true(run.zero);
	assert_int_equal(run.end, 4 * mib);
	bytes_read = 0;
	memset(buf, 0xff, 4 * mib);
	assert_int_equal(dump_read(d.reader, d.scratch, 0, buf, 4 * mib, &done), DUMP_OK);
	assert_int_equal(bytes_read, 0x11000); // and the page of the first byte
	for (size_t i = 0; i < 4 * mib; i++) {
		bool data = i >= mib && i < mib + 0x10000;

		assert_int_equal(buf[i], data ? mkfile_byte(i) : 0);
	}
	free(buf);
}

/* Only whole blocks are holes: the edges are read. */
static void holes_end_at_blocks(void **state)
{
	const size_t mib = 1 << 20;
	_cleanup_dump_ struct dump d;
	struct linear_reader *r;
	struct dump_run run;

	(void)state;
	make(&d, 2 * mib, 0, 0x3000);
	r = begin(&d);
	r->base.facts.block_size = 0x10000;
	add(r, 0x800, mib, mib, 0); // not aligned to anything
	end(&d, r);
	dump_next_run(d.reader, d.scratch, 0, &run);
	assert_false(run.zero);
	assert_int_equal(run.end, 0x10000);
	dump_next_run(d.reader, d.scratch, 0x10000, &run);
	assert_true(run.zero);
	assert_int_equal(run.end, mib);
	dump_next_run(d.reader, d.scratch, mib, &run);
	assert_false(run.zero);
}

static void memory_can_be_shared_where_it_stands(void **state)
{
	_cleanup_dump_ struct dump d;
	struct dump_extent extent;
	struct linear_reader *r;

	(void)state;
	make(&d, 0x10000, 0, 0x10000);
	r = begin(&d);
	add(r, 0x100000, 0x8000, 0x4000, 0x2000);
	end(&d, r);
	assert_true(d.reader->ops->extent(d.reader, 0x101000, &extent));
	assert_int_equal(extent.fd, d.reader->file->fd);
	assert_int_equal(extent.off, 0x3000);
	assert_int_equal(extent.len, 0x3000);
	assert_false(d.reader->ops->extent(d.reader, 0x105000, &extent)); // left out
	assert_false(d.reader->ops->extent(d.reader, 0xff000, &extent));
	assert_false(d.reader->ops->extent(d.reader, 0x108000, &extent));
}

static void impossible_segments_are_passed_over(void **state)
{
	_cleanup_dump_ struct dump d;
	struct linear_reader *r;

	(void)state;
	make(&d, 0x10000, 0, 0x10000);
	r = begin(&d);
	add(r, LINEAR_MAX_PADDR, 0x1000, 0x1000, 0);
	add(r, 0, LINEAR_MAX_PADDR + 1, 0x1000, 0);
	assert_int_equal(r->nr_segments, 0);
	assert_non_null(strstr(r->base.warning, "passed over"));
	add(r, 0, 0, 0, 0);
	assert_int_equal(r->nr_segments, 0);
	add(r, 0x1000, 0x2000, 0x2000, 0xf000); // half of it is behind the end
	end(&d, r);
	assert_true(d.reader->facts.truncated);
	expect_run(&d, 0x1000, 0x1000, 0x3000, DUMP_OK);
	assert_false(dump_read_full(d.reader, d.scratch, 0x2000, (uint8_t[1]){0}, 1));
	assert_non_null(strstr(d.scratch->why, "offset 0x10000: the file ends there"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_segment_wins),
		cmocka_unit_test(holes_are_zero_without_reading),
		cmocka_unit_test(holes_end_at_blocks),
		cmocka_unit_test(memory_can_be_shared_where_it_stands),
		cmocka_unit_test(impossible_segments_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
