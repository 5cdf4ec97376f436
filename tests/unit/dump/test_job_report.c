// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <stdlib.h>

#include "dump/codec.h"
#include "dump/job_report.h"
#include "dump/reader.h"
#include "tests/support/memreader.h"
#include "tests/support/output.h"
#include "util/file.h"

static const struct cli_tool tool = {.name = "vmcore-test"};

/* A job that is over, made by hand. */
struct fixture {
	struct memreader mem;
	struct dump_job_options options;
	struct target target;
	struct dump_job job;
	struct cli cli;
	struct error *err;
	bool more;
	char own[8];
};

static struct error *select_something(void *arg, unsigned int *level,
				      const struct dump_selector **ret)
{
	return NULL;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	static const struct codec zstd = {.name = "zstd", .id = CODEC_ZSTD};
	static const struct dump_format format = {.name = "mem"};
	static char path[] = "vmcore", working[] = "vmcore.incomplete";

	assert_non_null(f);
	memreader_init(&f->mem, 4096, "1000t");
	f->mem.reader.format = &format;
	dump_job_options_init(&f->options, 31);
	f->target.path = path;
	f->target.working = working;
	f->cli.tool = &tool;
	f->job = (struct dump_job){
		.options = &f->options,
		.source = &f->mem.reader,
		.target_path = path,
		.keep_incomplete = true,
		.select = select_something,
		.facts = f->mem.reader.facts,
		.codec = &zstd,
		.codec_level = 3,
		.target = &f->target,
		.level = 31,
		.nr_attempts = 1,
		.usable = true,
		.source_blocks = 1000,
		.written = {.written = 300,
			    .zero = 100,
			    .data_bytes = 500000,
			    .file_bytes = 600000},
		.phases = {{"open", 5000000}, {"copy", 2000000000}},
		.nr_phases = 2,
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	error_destroy(f->err);
	free(f);
	return 0;
}

static void add_member(void *arg, struct json *json)
{
	json_string(json, "own", arg);
}

static int end_job(void *arg)
{
	struct fixture *f = arg;

	return dump_job_end(&f->job, &f->cli, "test", TAKE_PTR(f->err), f->more ? add_member : NULL,
			    f->own);
}

static void a_whole_dump_is_one_line(void **state)
{
	struct fixture *f = *state;
	struct output got;

	f->target.working = NULL;
	output_of(end_job, f, &got);
	assert_int_equal(got.code, CLI_DONE);
	assert_string_equal(got.err, "vmcore-test: vmcore: 586 KiB, 300 of 1000 pages, "
				     "dump level 31, kdump zstd, 2.0 s\n");
	assert_string_equal(got.out, "");

	f->options.messages = 5;
	output_of(end_job, f, &got);
	assert_string_equal(got.err, "");

	f->options.messages = 2;
	f->options.output = DUMP_OUTPUT_ELF;
	f->job.codec = NULL;
	f->job.select = NULL;
	f->job.target_path = "-";
	output_of(end_job, f, &got);
	assert_string_equal(got.err, "vmcore-test: standard output: 586 KiB, 300 of 1000 pages, "
				     "elf, 2.0 s\n");

	f->options.dry_run = true;
	output_of(end_job, f, &got);
	assert_memory_equal(got.err, "vmcore-test: dry run: 586 KiB", 29);
}

static void verbose_says_where_time_and_memory_went(void **state)
{
	struct fixture *f = *state;
	struct output got;

	f->cli.verbose = 1;
	output_of(end_job, f, &got);
	assert_non_null(strstr(got.err, "vmcore-test: open: 0.005 s\n"));
	assert_non_null(strstr(got.err, "vmcore-test: copy: 2.000 s\n"));
	assert_non_null(strstr(got.err, "vmcore-test: page data 488 KiB, source 3.9 MiB, 2 MiB/s, "
					"peak memory "));
}

static void an_incomplete_dump_is_always_told(void **state)
{
	struct fixture *f = *state;
	struct output got;

	f->job.incomplete = true;
	f->options.messages = 0;
	f->err = error_create(ERROR_NO_SPACE, "vmcore.incomplete: full");
	output_of(end_job, f, &got);
	assert_int_equal(got.code, CLI_INCOMPLETE);
	assert_string_equal(got.err,
			    "vmcore-test: vmcore.incomplete: full\n"
			    "vmcore-test: vmcore.incomplete: 586 KiB incomplete, 300 of 1000 "
			    "pages, dump level 31, kdump zstd, 2.0 s\n");
	f->options.usable = true;
	f->job.nr_attempts = 2;
	output_of(end_job, f, &got);
	assert_int_equal(got.code, CLI_DONE);
	assert_non_null(strstr(got.err, "space ran out, went on with dump level 31\n"));
}

static void a_failure_is_one_line(void **state)
{
	struct fixture *f = *state;
	struct output got;

	f->job.usable = false;
	f->err = error_create(ERROR_OS, "vmcore: no");
	output_of(end_job, f, &got);
	assert_int_equal(got.code, CLI_FAILED);
	assert_string_equal(got.err, "vmcore-test: vmcore: no\n");
}

static void damage_is_named_and_counted(void **state)
{
	struct fixture *f = *state;
	struct output got;

	strcpy(f->mem.reader.warning, "source: odd");
	f->options.messages = 0;
	f->job.copied = (struct dump_copy_stats){
		.unreadable = 3,
		.damage = {{0x1000, 0x2000, "source: page at 7 does not decode"}},
		.nr_damage = 1,
	};
	output_of(end_job, f, &got);
	assert_int_equal(got.code, CLI_DAMAGED);
	assert_string_equal(got.err, "vmcore-test: source: odd\n"
				     "vmcore-test: source: page at 7 does not decode (memory "
				     "0x1000 to 0x2000 is left out)\n"
				     "vmcore-test: mem: 3 of 1000 pages could not be read\n");
}

static void the_object_has_everything(void **state)
{
	static const char begin[] =
		"{\n  \"vmcore_tools\": 1,\n  \"command\": \"test\",\n  \"exit_code\": 4,\n"
		"  \"error\": null,\n  \"source\": {\n";
	static const char damage[] =
		"\"damage\": [\n      {\n        \"start\": \"0x1000\",\n"
		"        \"end\": \"0x2000\",\n        \"why\": \"bad \\udcff\"\n      }\n    ]";
	static const char *const wanted[] = {
		begin,
		"\"format\": \"mem\"",
		"\"machine\": \"x86_64\"",
		"\"release\": \"6.1\"",
		"\"page_size\": 4096",
		"\"pages\": 1000",
		"\"pages_unreadable\": 3",
		"\"truncated\": false",
		"\"incomplete\": true",
		damage,
		"\"target\": {\n    \"path\": \"vmcore.incomplete\"",
		"\"format\": \"kdump\"",
		"\"codec\": \"zstd\",\n    \"codec_level\": 3",
		"\"usable\": true",
		"\"dry_run\": false",
		"\"dump_level\": 17",
		"\"pages\": 300",
		"\"pages_zero\": 100",
		"\"data_bytes\": 500000",
		"\"file_bytes\": 600000",
		"\"seconds\": {\n    \"open\": 0.005,\n    \"copy\": 2.000\n  }",
		"\"peak_rss\": ",
		"\"own\": \"member\"\n}\n",
	};
	struct fixture *f = *state;
	struct output got;

	f->cli.json = true;
	f->more = true;
	strcpy(f->own, "member");
	f->mem.reader.facts.incomplete = true;
	strcpy(f->job.facts.uts.release, "6.1");
	f->job.facts.dump_level = 17;
	f->job.copied.unreadable = 3;
	f->job.copied.damage[0].start = 0x1000;
	f->job.copied.damage[0].end = 0x2000;
	strcpy(f->job.copied.damage[0].why, "bad \xff");
	f->job.copied.nr_damage = 1;
	output_of(end_job, f, &got);
	assert_int_equal(got.code, CLI_DAMAGED);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strstr(got.out, wanted[i]))
			fail_msg("no %s in %s", wanted[i], got.out);
}

static void the_object_of_a_failure(void **state)
{
	struct fixture *f = *state;
	struct output got;

	f->cli.json = true;
	f->job.source = NULL;
	f->job.usable = false;
	f->err = error_create(ERROR_FORMAT, "file: no \"dump\"");
	output_of(end_job, f, &got);
	assert_int_equal(got.code, CLI_FAILED);
	assert_string_equal(got.out, "{\n  \"vmcore_tools\": 1,\n  \"command\": \"test\",\n"
				     "  \"exit_code\": 1,\n"
				     "  \"error\": \"file: no \\\"dump\\\"\"\n}\n");
	error_destroy(f->err);
	f->err = error_create(ERROR_USAGE, "no");
	output_of(end_job, f, &got);
	assert_int_equal(got.code, CLI_USAGE);
	assert_string_equal(got.out, "");
}

#define REPORT_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REPORT_TEST(a_whole_dump_is_one_line),
		REPORT_TEST(verbose_says_where_time_and_memory_went),
		REPORT_TEST(an_incomplete_dump_is_always_told),
		REPORT_TEST(a_failure_is_one_line),
		REPORT_TEST(damage_is_named_and_counted),
		REPORT_TEST(the_object_has_everything),
		REPORT_TEST(the_object_of_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
