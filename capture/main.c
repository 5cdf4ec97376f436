// SPDX-License-Identifier: GPL-2.0-or-later
/* vmcore-capture: memory of a crashed machine -> dump, the kernel's log first. See
 * man/vmcore-capture.8. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/job.h"
#include "dump/level.h"
#include "dump/reader.h"
#include "kernel/job.h"
#include "kernel/printk_save.h"
#include "util/cli.h"
#include "util/file.h"
#include "util/json.h"
#include "util/stop.h"

enum { OPT_LOG = JOB_OPT_TOOL, OPT_NO_LOG, OPT_DUMP_DMESG, OPT_PARTIAL };

static const struct cli_option options[] = {
	DUMP_JOB_LEVEL_OPTIONS,
	DUMP_JOB_OPTIONS,
	{OPT_LOG, "log", "FILE", "save the kernel log there (default: TARGET.dmesg.txt)"},
	{OPT_NO_LOG, "no-log", NULL, "do not save the kernel log"},
	{OPT_DUMP_DMESG, "dump-dmesg", NULL, "write only the kernel log, to TARGET"},
	{OPT_PARTIAL, "partial-dmesg", NULL, "with it: only what came after the last dmesg -c"},
};

static const struct cli_tool tool = {
	.name = "vmcore-capture",
	.synopsis = "[options] [SOURCE] TARGET\n-F [options] [SOURCE] >FILE",
	.summary = "Saves the memory of a crashed machine: the kernel log first, then the dump.\n"
		   "SOURCE is /proc/vmcore or any dump; TARGET a file, a block device or -.",
	.options = options,
	.nr_options = sizeof(options) / sizeof(options[0]),
};

struct capture {
	struct cli cli;
	struct dump_job_options options;
	const char *source, *target;
	const char *log; /**< NULL: beside the target */
	bool no_log;
	bool log_only, partial;

	struct dump_reader *dump;
	struct dump_job job;
	struct kernel_job kernel_job;
	char *log_path; /**< where the log was saved, or NULL */
	struct printk_summary log_summary;
};

static void capture_deinit(struct capture *c)
{
	dump_job_deinit(&c->job);
	kernel_job_deinit(&c->kernel_job);
	if (c->dump)
		dump_close(c->dump);
	free(c->log_path);
	cli_deinit(&c->cli);
}

/* The defaults of makedumpfile when we stand in for it, so that scripts get what they know. */
static void set_defaults(struct capture *c, const char *program)
{
	const char *slash = strrchr(program, '/');
	bool stand_in = !strcmp(slash ? slash + 1 : program, "makedumpfile");

	dump_job_options_init(&c->options, stand_in ? 0 : DUMP_LEVEL_MAX);
	if (!stand_in)
		return;
	c->options.codec = NULL;
	c->options.codec_given = true;
	c->options.usable = true;
	c->no_log = true;
}

static struct error *parse(struct capture *c, int argc, char **argv)
{
	struct error *err = NULL;
	int value;

	set_defaults(c, argv[0]);
	cli_init(&c->cli, &tool, argc, argv);
	while (!err && (value = cli_next(&c->cli)) != -1) {
		switch (value) {
		case OPT_LOG:
			c->log = c->cli.arg;
			c->no_log = false;
			break;
		case OPT_NO_LOG: c->no_log = true; break;
		case OPT_DUMP_DMESG: c->log_only = true; break;
		case OPT_PARTIAL: c->partial = true; break;
		default: err = dump_job_option(&c->options, value, c->cli.arg); break;
		}
	}
	if (err || (err = dump_job_options_finish(&c->options, &c->cli)))
		return err;
	if (c->log && !strcmp(c->log, "-"))
		c->options.report = true;
	c->source = "/proc/vmcore";
	return dump_job_operands(&c->options, &c->cli, &c->source, &c->target);
}

static void log_path(struct capture *c, bool beside)
{
	if (c->log)
		c->log_path = strdup(c->log);
	else if (beside && asprintf(&c->log_path, "%s.dmesg.txt", c->target) < 0)
		c->log_path = NULL;
}

/* Nothing about the log stops the dump. */
static void save_log(struct capture *c)
{
	const struct printk_save_options how = {.force = c->options.force};
	struct error *err;

	if (c->no_log || c->options.dry_run)
		return;
	log_path(c, c->job.target && c->job.target->kind == TARGET_FILE);
	if (!c->log_path)
		return;
	err = printk_save(c->kernel_job.kernel, c->log_path, &how, &c->log_summary);
	if (err) {
		cli_say(&c->cli, "kernel log: %s", err->message);
		error_destroy(err);
		if (!c->log_summary.records)
			free(TAKE_PTR(c->log_path));
	}
	if (c->log_summary.dropped)
		cli_say(&c->cli, "kernel log: %" PRIu64 " records are damaged",
			c->log_summary.dropped);
	dump_job_phase(&c->job, "log");
}

static int only_log(struct capture *c)
{
	const struct printk_save_options how = {
		.force = c->options.force,
		.partial = c->partial,
	};
	struct error *err = printk_save(c->kernel_job.kernel, c->target, &how, &c->log_summary);

	if (err)
		return cli_fail(&c->cli, err);
	return cli_close_stdout(&c->cli, c->log_summary.dropped && !c->options.usable ? CLI_DAMAGED
										      : CLI_DONE);
}

static struct error *open_source(struct capture *c)
{
	struct error *err;

	if ((err = dump_open(c->source, &c->dump)) ||
	    (err = kernel_job_open(&c->kernel_job, c->dump)))
		return err;
	dump_job_phase(&c->job, "open");
	return NULL;
}

static struct error *write_dump(struct capture *c)
{
	struct error *err = kernel_job_prepare(&c->kernel_job);

	if (err && err->code == ERROR_USAGE)
		return err;
	save_log(c); // even when the target cannot be opened: another place may do
	return err ? err : dump_job_run(&c->job);
}

static void report_log(void *arg, struct json *json)
{
	const struct capture *c = arg;

	if (!c->log_path) {
		json_null(json, "log");
		return;
	}
	json_begin_object(json, "log");
	json_string(json, "path", c->log_path);
	json_u64(json, "records", c->log_summary.records);
	json_u64(json, "dropped", c->log_summary.dropped);
	json_end_object(json);
}

int main(int argc, char **argv)
{
	_cleanup_(capture_deinit) struct capture c = {0};
	struct error *err = parse(&c, argc, argv);

	if (err)
		return cli_fail(&c.cli, err);
	dump_job_init(&c.job, &c.options);
	c.job.target_path = c.target;
	c.job.keep_incomplete = true;
	c.job.stop = stop_install();
	c.kernel_job = (struct kernel_job){
		.job = &c.job,
		.keep_going = true, // a dump that is too large beats none
		.valuable_first = true,
		.report = report_log,
		.report_arg = &c,
	};
	err = open_source(&c);
	if (!err && c.log_only)
		return only_log(&c);
	if (!err)
		err = write_dump(&c);
	return kernel_job_end(&c.kernel_job, &c.cli, "capture", err);
}
