// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "dump/codec.h"
#include "dump/job_options.h"

static void without_options(void **state)
{
	struct dump_job_options options;

	dump_job_options_init(&options, 31);
	assert_int_equal(options.output, DUMP_OUTPUT_KDUMP);
	assert_int_equal(options.nr_levels, 1);
	assert_int_equal(options.levels[0], 31);
	assert_false(options.codec_given);
	assert_ptr_equal(options.codec, dump_job_default_codec());
	assert_int_equal(options.codec_level, options.codec->default_level);
	assert_int_equal(options.messages, 7);
	assert_int_equal(options.progress, PROGRESS_AUTO);
	assert_int_equal(options.nr_threads, 0);
	assert_int_equal(options.limit, 0);
}

static void the_default_is_the_best_that_there_is(void **state)
{
	static const enum codec_id best_first[] = {CODEC_ZSTD, CODEC_LZO, CODEC_SNAPPY, CODEC_ZLIB};
	size_t i = 0;

	while (i < 4 && !codec_available(codec_find(best_first[i])))
		i++;
	assert_ptr_equal(dump_job_default_codec(), i < 4 ? codec_find(best_first[i]) : NULL);
}

static void letters_and_names_of_codecs(void **state)
{
	static const struct {
		int letter;
		const char *name;
	} cases[] = {{'c', "zlib"}, {'l', "lzo"}, {'p', "snappy"}, {'z', "zstd"}};
	struct dump_job_options options;

	for (size_t i = 0; i < 4; i++) {
		const struct codec *codec = codec_find_name(cases[i].name);
		bool have = codec_available(codec);
		struct error *err;

		dump_job_options_init(&options, 0);
		err = dump_job_option(&options, cases[i].letter, NULL);
		if (!have) {
			assert_err(err, ERROR_USAGE, "this build has no");
			continue;
		}
		assert_ok(err);
		assert_true(options.codec_given);
		assert_ptr_equal(options.codec, codec);
		dump_job_options_init(&options, 0);
		assert_ok(dump_job_option(&options, JOB_OPT_COMPRESS, cases[i].name));
		assert_ptr_equal(options.codec, codec);
		assert_int_equal(options.codec_level, codec->default_level);
		assert_false(options.codec_level_given);
	}
	assert_ok(dump_job_option(&options, JOB_OPT_COMPRESS, "none"));
	assert_null(options.codec);
	assert_true(options.codec_given);
}

static void levels_of_codecs(void **state)
{
	const struct codec *zlib = codec_find(CODEC_ZLIB);
	struct dump_job_options options;

	dump_job_options_init(&options, 0);
	if (!codec_available(zlib))
		skip();
	assert_ok(dump_job_option(&options, JOB_OPT_COMPRESS, "zlib:9"));
	assert_int_equal(options.codec_level, 9);
	assert_true(options.codec_level_given);
	for (const char *const *bad = (const char *const[]){"zlib:", "zlib:0x", "zlib:99",
							    "zlib:-99", "none:1", "gzip", "", NULL};
	     *bad; bad++)
		assert_err(dump_job_option(&options, JOB_OPT_COMPRESS, *bad), ERROR_USAGE, "");
	assert_ok(dump_job_option(&options, 'c', NULL));
	assert_int_equal(options.codec_level, zlib->default_level);
}

static void dump_levels(void **state)
{
	struct dump_job_options options;

	dump_job_options_init(&options, 31);
	assert_ok(dump_job_option(&options, 'd', "1,17,31"));
	assert_int_equal(options.nr_levels, 3);
	assert_int_equal(options.levels[0], 1);
	assert_int_equal(options.levels[1], 17);
	assert_int_equal(options.levels[2], 31);
	assert_ok(dump_job_option(&options, 'd', "0,1,2,3,4,5,6,7"));
	assert_int_equal(options.nr_levels, DUMP_JOB_MAX_LEVELS);
	assert_err(dump_job_option(&options, 'd', "0,1,2,3,4,5,6,7,8"), ERROR_USAGE,
		   "more than 8 dump levels");
	assert_err(dump_job_option(&options, 'd', "32"), ERROR_USAGE, "'32'");
	assert_err(dump_job_option(&options, 'd', "1,"), ERROR_USAGE, "''");
	assert_err(dump_job_option(&options, 'd', ""), ERROR_USAGE, "''");
}

static void the_other_options(void **state)
{
	struct dump_job_options options;

	dump_job_options_init(&options, 31);
	assert_ok(dump_job_option(&options, 'E', NULL));
	assert_int_equal(options.output, DUMP_OUTPUT_ELF);
	assert_ok(dump_job_option(&options, 'F', NULL));
	assert_true(options.flattened);
	assert_ok(dump_job_option(&options, 'f', NULL));
	assert_true(options.force);
	assert_ok(dump_job_option(&options, 'L', "3M"));
	assert_int_equal(options.limit, 3 << 20);
	assert_err(dump_job_option(&options, 'L', "3Q"), ERROR_USAGE, "'3Q'");
	assert_ok(dump_job_option(&options, JOB_OPT_THREADS, "4"));
	assert_int_equal(options.nr_threads, 4);
	assert_err(dump_job_option(&options, JOB_OPT_THREADS, "257"), ERROR_USAGE, "'257'");
	assert_ok(dump_job_option(&options, JOB_OPT_DRY_RUN, NULL));
	assert_true(options.dry_run);
	assert_ok(dump_job_option(&options, JOB_OPT_EXIT_CODE, "usable"));
	assert_true(options.usable);
	assert_ok(dump_job_option(&options, JOB_OPT_EXIT_CODE, "exact"));
	assert_false(options.usable);
	assert_err(dump_job_option(&options, JOB_OPT_EXIT_CODE, "0"), ERROR_USAGE, "--exit-code");
	assert_err(dump_job_option(&options, JOB_OPT_TOOL, NULL), ERROR_USAGE, "unknown");
}

static void messages(void **state)
{
	struct dump_job_options options;
	struct cli cli = {0};

	dump_job_options_init(&options, 31);
	assert_ok(dump_job_options_finish(&options, &cli));
	assert_int_equal(options.progress, PROGRESS_AUTO);
	assert_int_equal(cli.verbose, 0);
	assert_false(options.report);

	assert_ok(dump_job_option(&options, 'D', NULL));
	assert_ok(dump_job_option(&options, JOB_OPT_MESSAGES, "0x14"));
	assert_ok(dump_job_options_finish(&options, &cli));
	assert_int_equal(options.progress, PROGRESS_NEVER);
	assert_int_equal(cli.verbose, 2);
	assert_true(options.show_stats);
	assert_true(options.report);

	dump_job_options_init(&options, 31);
	assert_ok(dump_job_option(&options, JOB_OPT_PROGRESS, "always"));
	assert_ok(dump_job_option(&options, JOB_OPT_MESSAGES, "0"));
	assert_ok(dump_job_options_finish(&options, &cli));
	assert_int_equal(options.progress, PROGRESS_ALWAYS);
	assert_err(dump_job_option(&options, JOB_OPT_PROGRESS, "on"), ERROR_USAGE, "'on'");
	assert_err(dump_job_option(&options, JOB_OPT_MESSAGES, "32"), ERROR_USAGE, "'32'");
}

static void what_does_not_go_together(void **state)
{
	struct dump_job_options options;
	struct cli cli = {.json = true};

	dump_job_options_init(&options, 31);
	assert_ok(dump_job_option(&options, JOB_OPT_SHOW_STATS, NULL));
	assert_err(dump_job_options_finish(&options, &cli), ERROR_USAGE, "--show-stats");

	dump_job_options_init(&options, 31);
	assert_ok(dump_job_option(&options, 'E', NULL));
	assert_ok(dump_job_options_finish(&options, &cli));
	assert_null(options.codec);
	assert_ok(dump_job_option(&options, JOB_OPT_COMPRESS, "none"));
	assert_ok(dump_job_options_finish(&options, &cli));
	options.codec = codec_find(CODEC_ZLIB);
	assert_err(dump_job_options_finish(&options, &cli), ERROR_USAGE, "(-E)");
}

struct operands {
	bool flattened;
	const char *preset, *args[4];
	const char *source, *target, *error;
};

static void operands(void **state)
{
	static const struct operands cases[] = {
		{false, NULL, {"s", "t"}, "s", "t", NULL},
		{false, NULL, {"s"}, NULL, NULL, "TARGET is missing"},
		{false, NULL, {NULL}, NULL, NULL, "SOURCE is missing"},
		{false, NULL, {"s", "t", "u"}, NULL, NULL, "'u' is one operand too many"},
		{false, "p", {"t"}, "p", "t", NULL},
		{false, "p", {"s", "t"}, "s", "t", NULL},
		{false, "p", {NULL}, NULL, NULL, "TARGET is missing"},
		{true, NULL, {"s"}, "s", "-", NULL},
		{true, NULL, {NULL}, NULL, NULL, "SOURCE is missing"},
		{true, NULL, {"s", "t"}, NULL, NULL, "'t' is one operand too many, -F"},
		{true, "p", {NULL}, "p", "-", NULL},
		{true, "p", {"s"}, "s", "-", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct operands *c = &cases[i];
		const char *source = c->preset, *target = NULL;
		struct dump_job_options options = {.flattened = c->flattened};
		struct cli cli = {.argv = (char **)(uintptr_t)c->args};

		while (c->args[cli.argc])
			cli.argc++;
		if (c->error) {
			assert_err(dump_job_operands(&options, &cli, &source, &target), ERROR_USAGE,
				   c->error);
			continue;
		}
		assert_ok(dump_job_operands(&options, &cli, &source, &target));
		assert_string_equal(source, c->source);
		assert_string_equal(target, c->target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options),
		cmocka_unit_test(the_default_is_the_best_that_there_is),
		cmocka_unit_test(letters_and_names_of_codecs),
		cmocka_unit_test(levels_of_codecs),
		cmocka_unit_test(dump_levels),
		cmocka_unit_test(the_other_options),
		cmocka_unit_test(messages),
		cmocka_unit_test(what_does_not_go_together),
		cmocka_unit_test(operands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
