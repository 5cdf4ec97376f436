// SPDX-License-Identifier: GPL-2.0-or-later
/* vmcore-filter: leaves page types out of a dump. See man/vmcore-filter.8. */
#include <stdio.h>
#include <string.h>

#include "dump/job.h"
#include "dump/reader.h"
#include "kernel/info.h"
#include "kernel/job.h"
#include "util/cli.h"
#include "util/rows.h"
#include "util/stop.h"

enum { OPT_KEEP_GOING = JOB_OPT_TOOL, OPT_INFO };

static const struct cli_option options[] = {
	DUMP_JOB_LEVEL_OPTIONS,
	{OPT_KEEP_GOING, "keep-going", NULL,
	 "keep every page when the kernel is not understood\nwell enough for the level"},
	DUMP_JOB_OPTIONS,
	{OPT_INFO, "info", "FILE", "say what FILE is and what it lacks, and nothing else"},
};

static const struct cli_tool tool = {
	.name = "vmcore-filter",
	.synopsis = "[options] SOURCE TARGET\n-F [options] SOURCE >FILE\n--info FILE",
	.summary =
		"Leaves page types out of a dump. SOURCE is any dump that vmcore-convert --list\n"
		"calls readable; TARGET a file, a block device or -.",
	.options = options,
	.nr_options = sizeof(options) / sizeof(options[0]),
};

struct filter {
	struct cli cli;
	struct dump_job_options options;
	const char *source, *target, *info;

	struct dump_reader *dump;
	struct dump_job job;
	struct kernel_job kernel_job;
};

static void filter_deinit(struct filter *f)
{
	dump_job_deinit(&f->job);
	kernel_job_deinit(&f->kernel_job);
	if (f->dump)
		dump_close(f->dump);
	cli_deinit(&f->cli);
}

static struct error *parse(struct filter *f, int argc, char **argv)
{
	struct error *err = NULL;
	int value;

	dump_job_options_init(&f->options, 0);
	cli_init(&f->cli, &tool, argc, argv);
	while (!err && (value = cli_next(&f->cli)) != -1) {
		switch (value) {
		case OPT_KEEP_GOING: f->kernel_job.keep_going = true; break;
		case OPT_INFO: f->info = f->cli.arg; break;
		default: err = dump_job_option(&f->options, value, f->cli.arg); break;
		}
	}
	if (err || (err = dump_job_options_finish(&f->options, &f->cli)))
		return err;
	if (f->info) {
		f->source = f->info;
		return cli_operand(&f->cli) ? error_create(ERROR_USAGE, "--info takes one FILE")
					    : NULL;
	}
	return dump_job_operands(&f->options, &f->cli, &f->source, &f->target);
}

static struct error *open_source(struct filter *f)
{
	struct error *err = dump_open(f->source, &f->dump);

	return err ? err : kernel_job_open(&f->kernel_job, f->dump);
}

static int print_info(struct filter *f)
{
	struct error *err = open_source(f);
	struct rows rows;

	if (!err) {
		rows_begin(&rows, stdout, f->cli.json, "info");
		err = kernel_info(&rows, f->kernel_job.kernel);
		rows_end(&rows);
	}
	return err ? cli_fail(&f->cli, err) : cli_close_stdout(&f->cli, CLI_DONE);
}

static struct error *run(struct filter *f)
{
	struct error *err = open_source(f);

	if (err)
		return err;
	dump_job_phase(&f->job, "open");
	err = kernel_job_prepare(&f->kernel_job);
	return err ? err : dump_job_run(&f->job);
}

int main(int argc, char **argv)
{
	_cleanup_(filter_deinit) struct filter f = {0};
	struct error *err = parse(&f, argc, argv);

	if (err)
		return cli_fail(&f.cli, err);
	dump_job_init(&f.job, &f.options);
	f.kernel_job.job = &f.job;
	if (f.info)
		return print_info(&f);
	f.job.target_path = f.target;
	f.job.stop = stop_install();
	err = run(&f);
	return kernel_job_end(&f.kernel_job, &f.cli, "filter", err);
}
