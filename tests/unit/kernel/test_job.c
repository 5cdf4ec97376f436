// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <stdlib.h>

#include "dump/level.h"
#include "dump/reader.h"
#include "kernel/job.h"
#include "kernel/select.h"
#include "tests/support/mkelf.h"
#include "tests/support/mkmachine.h"
#include "tests/support/output.h"
#include "util/cli.h"
#include "util/json.h"

static const struct cli_tool tool = {.name = "vmcore-test"};

struct fixture {
	struct mkfile file;
	struct dump_reader *dump;
	struct dump_job_options options;
	struct dump_job job;
	struct kernel_job kernel_job;
	struct cli cli;
	struct error *err;
	char own[8];
};

static void open_job(struct fixture *f)
{
	assert_ok(dump_open(mkfile_path(&f->file), &f->dump));
	dump_job_options_init(&f->options, DUMP_LEVEL_MAX);
	f->options.dry_run = true;
	f->options.progress = PROGRESS_NEVER;
	dump_job_init(&f->job, &f->options);
	f->job.target_path = "unused";
	f->kernel_job.job = &f->job;
	f->cli.tool = &tool;
	assert_ok(kernel_job_open(&f->kernel_job, f->dump));
	assert_ptr_equal(f->job.source, f->dump);
	assert_ok(kernel_job_prepare(&f->kernel_job));
}

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	assert_non_null(*state);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	error_destroy(f->err);
	dump_job_deinit(&f->job);
	kernel_job_deinit(&f->kernel_job);
	dump_close(f->dump);
	mkfile_deinit(&f->file);
	free(f);
	return 0;
}

static int end_job(void *arg)
{
	struct fixture *f = arg;

	return kernel_job_end(&f->kernel_job, &f->cli, "test", TAKE_PTR(f->err));
}

static void a_level_chooses_pages(void **state)
{
	struct fixture *f = *state;
	const struct page_selector *selector;
	struct output got;

	mkmachine(MKMACHINE_SOUND, &f->file);
	open_job(f);
	f->options.levels[0] = DUMP_LEVEL_CACHE | DUMP_LEVEL_FREE;
	assert_ok(dump_job_run(&f->job));
	assert_int_equal(f->job.level, DUMP_LEVEL_CACHE | DUMP_LEVEL_FREE);
	assert_int_equal(f->job.written.written,
			 MKMACHINE_PAGES - MKMACHINE_CACHE - MKMACHINE_FREE);
	selector = f->kernel_job.selector;
	assert_int_equal(selector->stats.total, MKMACHINE_PAGES);
	assert_int_equal(selector->stats.excluded[PAGE_CACHE], MKMACHINE_CACHE);
	assert_int_equal(selector->stats.excluded[PAGE_FREE], MKMACHINE_FREE);
	assert_int_equal(selector->stats.excluded[PAGE_USER], 0);
	assert_null(f->kernel_job.lacking);

	f->options.show_stats = true;
	output_of(end_job, f, &got);
	assert_int_equal(got.code, CLI_DONE);
	assert_memory_equal(got.out,
			    "Original pages  : 0x0000000000000400\n"
			    "  Excluded pages   : 0x0000000000000140\n"
			    "    Pages filled with zero  : 0x0000000000000000\n"
			    "    Non-private cache pages : 0x0000000000000040\n",
			    168);
	assert_non_null(strstr(got.out, "  Remaining pages  : 0x00000000000002c0\n"
					"  (The number of pages is reduced to 68%.)\n"));
}

static void the_kernel_says_what_it_is(void **state)
{
	struct fixture *f = *state;

	mkmachine(MKMACHINE_SOUND, &f->file);
	open_job(f);
	assert_string_equal(f->job.facts.uts.release, "6.1.0-test");
	assert_int_equal(f->job.facts.time_sec, 1700000000);
	assert_string_equal(f->kernel_job.system.panic, MKMACHINE_PANIC);
}

static void add_member(void *arg, struct json *json)
{
	json_string(json, "own", arg);
}

static void the_report(void **state)
{
	static const char excluded[] =
		"\"excluded\": {\n    \"cache\": 64,\n    \"cache-private\": 32,\n"
		"    \"user\": 64,\n    \"hugetlb\": 0,\n    \"free\": 256,\n"
		"    \"unaccepted\": 0,\n    \"hwpoison\": 0,\n    \"offline\": 0,\n"
		"    \"zsmalloc\": 0,\n    \"pagetable\": 0,\n    \"pcp-free\": 0\n  }";
	static const char doubtful[] =
		"\"doubtful\": {\n    \"damaged_struct_page\": 0,\n"
		"    \"unreadable_struct_page\": 0,\n    \"no_struct_page\": 0\n  }";
	static const char *const wanted[] = {
		"\"panic\": \"Kernel panic - not syncing: test\"",
		"\"lacking\": null",
		excluded,
		doubtful,
		"\"own\": \"member\"\n}\n",
	};
	struct fixture *f = *state;
	struct output got;

	mkmachine(MKMACHINE_SOUND, &f->file);
	open_job(f);
	assert_ok(dump_job_run(&f->job));
	f->cli.json = true;
	f->kernel_job.report = add_member;
	f->kernel_job.report_arg = strcpy(f->own, "member");
	output_of(end_job, f, &got);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strstr(got.out, wanted[i]))
			fail_msg("no %s in %s", wanted[i], got.out);
}

static void make_nothing(struct fixture *f)
{
	const struct mkelf_segment segment = {.memsz = 65536, .filesz = 65536};
	const struct mkelf elf = {.segments = &segment, .nr_segments = 1};

	mkelf(&elf, &f->file);
	open_job(f);
}

static void an_unknown_kernel_is_an_error(void **state)
{
	struct fixture *f = *state;

	make_nothing(f);
	assert_err(dump_job_run(&f->job), ERROR_NOT_FOUND, "dump level 31 is not possible: ");
	assert_null(f->kernel_job.selector);
	f->options.levels[0] = DUMP_LEVEL_ZERO;
	assert_ok(dump_job_run(&f->job));
	assert_int_equal(f->job.written.written, 16);
}

static void but_not_for_who_keeps_going(void **state)
{
	struct fixture *f = *state;
	struct output got;

	make_nothing(f);
	f->kernel_job.keep_going = true;
	f->options.levels[0] = DUMP_LEVEL_FREE | DUMP_LEVEL_ZERO;
	assert_ok(dump_job_run(&f->job));
	assert_int_equal(f->job.level, DUMP_LEVEL_ZERO);
	assert_non_null(f->kernel_job.lacking);
	f->cli.json = true;
	output_of(end_job, f, &got);
	assert_non_null(strstr(got.err, ": every page is kept: "));
	assert_non_null(strstr(got.out, "\"lacking\": \""));
	assert_non_null(strstr(got.out, "\"panic\": null"));

	f->options.levels[0] = DUMP_LEVEL_FREE;
	assert_ok(dump_job_run(&f->job));
	assert_int_equal(f->job.level, 0);
	f->options.levels[0] = 0;
	assert_ok(dump_job_run(&f->job));
	assert_null(f->kernel_job.lacking); // nothing was asked for that could be lacking
}

#define JOB_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(a_level_chooses_pages),
		JOB_TEST(the_kernel_says_what_it_is),
		JOB_TEST(the_report),
		JOB_TEST(an_unknown_kernel_is_an_error),
		JOB_TEST(but_not_for_who_keeps_going),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
