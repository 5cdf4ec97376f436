/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump built by mkelf or mkkdump, open for reading, and what tests expect of it. */
#ifndef TESTS_SUPPORT_DUMP_H
#define TESTS_SUPPORT_DUMP_H

#include "dump/reader.h"
#include "tests/support/mkfile.h"
#include "tests/support/test.h"

struct dump {
	struct mkfile file;
	struct dump_reader *reader;
	struct dump_scratch *scratch;
};

static inline void dump_deinit(struct dump *d)
{
	dump_scratch_destroy(d->scratch);
	dump_close(d->reader);
	mkfile_deinit(&d->file);
}
#define _cleanup_dump_ _cleanup_(dump_deinit)

static inline void open_file(struct dump *d)
{
	assert_ok(dump_open(mkfile_path(&d->file), &d->reader));
	assert_ok(dump_scratch_create(d->reader, &d->scratch));
}

/** Memory from paddr on is what mkfile_memory() gives for len bytes, and then comes this status. */
static inline void expect(struct dump *d, uint64_t paddr, size_t len, enum dump_status then)
{
	_cleanup_free_ uint8_t *got = calloc(1, len + 1);
	_cleanup_free_ uint8_t *want = calloc(1, len + 1);
	size_t done = 4711;
	enum dump_status status;

	assert_true(got && want);
	mkfile_memory(want, paddr, len);
	status = dump_read(d->reader, d->scratch, paddr, got, len + (then != DUMP_OK), &done);
	assert_int_equal(status, then);
	assert_int_equal(done, len);
	assert_memory_equal(got, want, len);
}

static inline void expect_run(struct dump *d, uint64_t paddr, uint64_t start, uint64_t end,
			      enum dump_status status)
{
	struct dump_run run;

	dump_next_run(d->reader, d->scratch, paddr, &run);
	assert_int_equal(run.start, start);
	assert_int_equal(run.end, end);
	assert_int_equal(run.status, status);
}

#endif
