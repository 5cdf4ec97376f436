// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>

#include "dump/codec.h"
#include "dump/job.h"
#include "dump/level.h"
#include "dump/reader.h"
#include "tests/support/memreader.h"
#include "util/file.h"

struct fixture {
	char dir[32], target[64], incomplete[80];
	struct memreader mem;
	struct dump_job_options options;
	struct dump_job job;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->dir, "/tmp/vmcore-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->target, sizeof(f->target), "%s/dump", f->dir);
	snprintf(f->incomplete, sizeof(f->incomplete), "%s.incomplete", f->target);
	memreader_init(&f->mem, 4096, "1024t 16. 3x 8z 1000r");
	f->mem.file.fd = -1;
	dump_job_options_init(&f->options, 0);
	f->options.nr_threads = 1;
	f->options.progress = PROGRESS_NEVER;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dump_job_deinit(&f->job);
	unlink(f->target);
	unlink(f->incomplete);
	assert_int_equal(rmdir(f->dir), 0); // nothing else was left behind
	free(f);
	return 0;
}

static struct dump_job *begin(struct fixture *f)
{
	dump_job_deinit(&f->job);
	dump_job_init(&f->job, &f->options);
	f->job.source = &f->mem.reader;
	f->job.target_path = f->target;
	return &f->job;
}

/** The dump at path is one of the fixture's machine; returns how many blocks it has. */
static uint64_t compare(struct fixture *f, const char *path, bool partial)
{
	_cleanup_reader_ struct dump_reader *dump = NULL;
	uint64_t present = 0;

	assert_ok(dump_open(path, &dump));
	assert_int_equal(memreader_compare(&f->mem, dump, partial, &present), MEM_SAME);
	assert_int_equal(dump->facts.incomplete, partial);
	return present;
}

static void everything_into_a_file(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job = begin(f);

	assert_ok(dump_job_prepare(job));
	assert_string_equal(dump_job_target_name(job), job->target->working);
	assert_int_equal(job->source_blocks, 2032);
	assert_ok(dump_job_run(job));
	assert_string_equal(dump_job_target_name(job), f->target);
	assert_true(job->usable);
	assert_false(job->incomplete);
	assert_int_equal(job->nr_attempts, 1);
	assert_int_equal(job->written.written, 2032);
	assert_int_equal(job->written.zero, 8); // shared, since nobody asked to keep them apart
	assert_int_equal(dump_job_exit(job, NULL), CLI_DONE);
	assert_int_equal(compare(f, f->target, false), 2032);
}

static void an_elf_core(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job;
	_cleanup_reader_ struct dump_reader *dump = NULL;

	f->options.output = DUMP_OUTPUT_ELF;
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	assert_ok(dump_job_run(job));
	assert_ok(dump_open(f->target, &dump));
	assert_string_equal(dump->format->name, "elf");
	assert_int_equal(compare(f, f->target, false), 2032);
}

static void a_dry_run_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job;

	f->options.dry_run = true;
	f->options.report = true;
	job = begin(f);
	job->target_path = "-"; // which a report would share, were it written
	assert_ok(dump_job_prepare(job));
	assert_ok(dump_job_run(job));
	assert_int_equal(job->written.written, 2032);
	assert_true(job->written.file_bytes > 1000 * 4096);
	assert_int_equal(access(f->target, F_OK), -1);
}

static void standard_output_is_for_one(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job;

	f->options.report = true;
	job = begin(f);
	job->target_path = "-";
	assert_err(dump_job_prepare(job), ERROR_USAGE, "taken by the dump");
}

static void existing_files_and_force(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job = begin(f);
	struct error *err;

	close(creat(f->target, 0600));
	err = dump_job_prepare(job);
	assert_int_equal(dump_job_exit(job, err), CLI_USAGE);
	assert_err(err, ERROR_USAGE, "exists already");
	f->options.force = true;
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	assert_ok(dump_job_run(job));
	assert_int_equal(compare(f, f->target, false), 2032);
}

static void the_source_is_no_target(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job = begin(f);
	int fd = creat(f->target, 0600);

	f->options.force = true;
	f->mem.file.fd = fd;
	assert_err(dump_job_prepare(job), ERROR_USAGE, "source and target are the same file");
	close(fd);
}

static void limits(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job;
	struct error *err;

	f->options.limit = 3 << 20;
	f->options.codec = NULL;
	f->options.codec_given = true;
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	err = dump_job_run(job);
	assert_int_equal(dump_job_exit(job, err), CLI_FAILED);
	assert_err(err, ERROR_NO_SPACE, "3145728");
	assert_false(job->usable); // a temporary file goes away

	job = begin(f);
	job->keep_incomplete = true;
	assert_ok(dump_job_prepare(job));
	err = dump_job_run(job);
	assert_int_equal(dump_job_exit(job, err), CLI_INCOMPLETE);
	assert_true(job->usable);
	assert_true(job->incomplete);
	assert_string_equal(dump_job_target_name(job), f->incomplete);
	f->options.usable = true;
	assert_int_equal(dump_job_exit(job, err), CLI_DONE);
	error_destroy(err);
	assert_true(compare(f, f->incomplete, true) >= 256);
}

static void nothing_usable_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job;

	f->options.limit = 4096;
	job = begin(f);
	job->keep_incomplete = true;
	assert_ok(dump_job_prepare(job));
	assert_err(dump_job_run(job), ERROR_NO_SPACE, "");
	assert_false(job->usable);
	dump_job_deinit(job);
	assert_int_equal(access(f->incomplete, F_OK), -1);
}

static void stopping(void **state)
{
	struct fixture *f = *state;
	const atomic_bool stop = true;
	struct dump_job *job = begin(f);
	struct error *err;

	job->keep_incomplete = true;
	job->stop = &stop;
	assert_ok(dump_job_prepare(job));
	err = dump_job_run(job);
	assert_int_equal(err->code, ERROR_INTERRUPTED);
	error_destroy(err);
}

/* A selector that leaves out what does not compress, at level 31, and nothing below. */
struct picky {
	struct dump_selector base;
	struct fixture *fixture;
	unsigned int level, calls;
	bool lower; /**< settles for less than asked */
};

static struct error *no_worker(const struct dump_selector *selector, void **ret)
{
	*ret = NULL;
	return NULL;
}

static void free_worker(const struct dump_selector *selector, void *worker)
{
}

static void pick(const struct dump_selector *selector, void *worker, unsigned int pass, bool plan,
		 uint64_t pfn, size_t nr, uint64_t *keep)
{
	const struct picky *picky = (const struct picky *)selector;

	for (size_t i = 0; i < nr; i++)
		if (picky->level == DUMP_LEVEL_MAX &&
		    memreader_kind(&picky->fixture->mem, pfn + i) == MEM_RANDOM)
			keep[i / 64] &= ~(1ULL << i % 64);
}

static struct error *select_picky(void *arg, unsigned int *level, const struct dump_selector **ret)
{
	struct picky *picky = arg;

	picky->calls++;
	if (picky->lower)
		*level &= 1;
	picky->level = *level;
	*ret = &picky->base;
	return NULL;
}

static struct picky make_picky(struct fixture *f)
{
	return (struct picky){
		.base = {.nr_passes = 1,
			 .worker_create = no_worker,
			 .worker_destroy = free_worker,
			 .select = pick},
		.fixture = f,
	};
}

static void further_levels_when_space_runs_out(void **state)
{
	struct fixture *f = *state;
	struct picky picky = make_picky(f);
	struct dump_job *job;

	f->options.levels[0] = 0;
	f->options.levels[1] = 1;
	f->options.levels[2] = 31;
	f->options.nr_levels = 3;
	f->options.limit = 2 << 20;
	job = begin(f);
	job->select = select_picky;
	job->select_arg = &picky;
	assert_ok(dump_job_prepare(job));
	assert_ok(dump_job_run(job));
	assert_int_equal(picky.calls, 3);
	assert_int_equal(job->nr_attempts, 3);
	assert_int_equal(job->level, 31);
	assert_int_equal(job->written.written, 1032);
	assert_int_equal(job->copied.kept, 1032); // of the last attempt only
	assert_int_equal(dump_job_exit(job, NULL), CLI_DONE);
}

static void the_header_has_the_bits_of_both_levels(void **state)
{
	struct fixture *f = *state;
	struct picky picky = make_picky(f);
	_cleanup_reader_ struct dump_reader *dump = NULL;
	struct dump_job *job;

	picky.lower = true;
	f->mem.reader.facts.dump_level = DUMP_LEVEL_FREE;
	f->options.levels[0] = 3;
	job = begin(f);
	job->select = select_picky;
	job->select_arg = &picky;
	assert_ok(dump_job_prepare(job));
	assert_ok(dump_job_run(job));
	assert_int_equal(job->level, 1);
	assert_ok(dump_open(f->target, &dump));
	assert_int_equal(dump->facts.dump_level, 17);
}

static struct error *select_nothing(void *arg, unsigned int *level,
				    const struct dump_selector **ret)
{
	return error_create(ERROR_NOT_FOUND, "unknown kernel");
}

static void a_level_that_is_not_possible(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job = begin(f);
	struct error *err;

	job->select = select_nothing;
	job->keep_incomplete = true;
	assert_ok(dump_job_prepare(job));
	err = dump_job_run(job);
	assert_int_equal(dump_job_exit(job, err), CLI_FAILED);
	assert_err(err, ERROR_NOT_FOUND, "unknown kernel");
}

static void damage_is_left_out_and_told(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job;

	memreader_init(&f->mem, 4096, "100t 2! 100t");
	f->mem.file.fd = -1;
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	assert_ok(dump_job_run(job));
	assert_int_equal(job->copied.unreadable, 2);
	assert_int_equal(job->written.written, 200);
	assert_int_equal(dump_job_exit(job, NULL), CLI_DAMAGED);
	f->options.usable = true;
	assert_int_equal(dump_job_exit(job, NULL), CLI_DONE);
	assert_int_equal(compare(f, f->target, false), 200);
}

static void a_truncated_or_incomplete_source(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job;

	f->mem.reader.facts.truncated = true;
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	assert_ok(dump_job_run(job));
	assert_int_equal(dump_job_exit(job, NULL), CLI_DAMAGED);
	f->mem.reader.facts.incomplete = true;
	f->options.force = true;
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	assert_ok(dump_job_run(job));
	assert_int_equal(dump_job_exit(job, NULL), CLI_INCOMPLETE);
	assert_int_equal(compare(f, f->target, true), 2032);
}

static void the_codec_of_the_source_is_kept(void **state)
{
	struct fixture *f = *state;
	const struct codec *lzo = codec_find(CODEC_LZO), *zlib = codec_find(CODEC_ZLIB);
	struct dump_job *job;

	if (!codec_available(lzo) || !codec_available(zlib))
		skip();
	memreader_encode(&f->mem, lzo);
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	assert_ptr_equal(job->codec, lzo);
	assert_ok(dump_job_run(job));
	assert_true(atomic_load(&f->mem.nr_block_calls) > 1);
	assert_int_equal(compare(f, f->target, false), 2032);

	f->options.force = true;
	assert_ok(dump_job_option(&f->options, 'c', NULL));
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	assert_ptr_equal(job->codec, zlib);
	f->options.codec_given = false;
	f->options.output = DUMP_OUTPUT_ELF;
	f->options.codec = NULL;
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	assert_null(job->codec);
}

static void facts_of_vmcoreinfo(void **state)
{
	static const char text[] =
		"OSRELEASE=6.1.0-9\nNUMBER(phys_base)=-4096\nCRASHTIME=1700000000\n";
	struct fixture *f = *state;
	struct dump_facts *from = &f->mem.reader.facts;
	struct dump_job *job = begin(f);

	memset(&from->uts, 0, sizeof(from->uts));
	from->time_sec = 0;
	from->phys_base = 0x123;
	assert_ok(dump_job_prepare(job));
	assert_string_equal(job->facts.uts.machine, "x86_64");
	assert_string_equal(job->facts.uts.release, "");
	assert_int_equal(job->facts.phys_base, 0x123);

	from->vmcoreinfo = text;
	from->vmcoreinfo_len = strlen(text);
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	assert_string_equal(job->facts.uts.sysname, "Linux");
	assert_string_equal(job->facts.uts.release, "6.1.0-9");
	assert_true(job->facts.phys_base == 0 - 4096ULL);
	assert_int_equal(job->facts.time_sec, 1700000000);

	strcpy(from->uts.release, "5.0");
	from->time_sec = 77;
	job = begin(f);
	assert_ok(dump_job_prepare(job));
	assert_string_equal(job->facts.uts.release, "5.0"); // the header knows
	assert_int_equal(job->facts.time_sec, 77);
}

static void phases(void **state)
{
	struct fixture *f = *state;
	struct dump_job *job = begin(f);

	usleep(2000);
	dump_job_phase(job, "one");
	for (int i = 0; i < 10; i++)
		dump_job_phase(job, "more");
	assert_int_equal(job->nr_phases, DUMP_JOB_MAX_PHASES);
	assert_string_equal(job->phases[0].name, "one");
	assert_true(job->phases[0].nsec >= 2000000);
	assert_string_equal(job->phases[3].name, "more");
}

#define JOB_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(everything_into_a_file),
		JOB_TEST(an_elf_core),
		JOB_TEST(a_dry_run_writes_nothing),
		JOB_TEST(standard_output_is_for_one),
		JOB_TEST(existing_files_and_force),
		JOB_TEST(the_source_is_no_target),
		JOB_TEST(limits),
		JOB_TEST(nothing_usable_leaves_nothing),
		JOB_TEST(stopping),
		JOB_TEST(further_levels_when_space_runs_out),
		JOB_TEST(the_header_has_the_bits_of_both_levels),
		JOB_TEST(a_level_that_is_not_possible),
		JOB_TEST(damage_is_left_out_and_told),
		JOB_TEST(a_truncated_or_incomplete_source),
		JOB_TEST(the_codec_of_the_source_is_kept),
		JOB_TEST(facts_of_vmcoreinfo),
		JOB_TEST(phases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
