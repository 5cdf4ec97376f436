// SPDX-License-Identifier: GPL-2.0-or-later
/* vmcore-convert: any dump format -> any other, knowing nothing of the kernel in it. See
 * man/vmcore-convert.8. */
#include <stdio.h>
#include <string.h>

#include "dump/codec.h"
#include "dump/info.h"
#include "dump/job.h"
#include "dump/job_report.h"
#include "dump/reader.h"
#include "util/cli.h"
#include "util/json.h"
#include "util/rows.h"
#include "util/stop.h"

enum { OPT_INFO = JOB_OPT_TOOL, OPT_LIST };

static const struct cli_option options[] = {
	{'O', "output", "FORMAT", "kdump (default) or elf, as -E"},
	DUMP_JOB_OPTIONS,
	{OPT_INFO, "info", "FILE", "say what FILE is and what it lacks, and nothing else"},
	{OPT_LIST, "list", NULL, "list formats and codecs, and nothing else"},
};

static const struct cli_tool tool = {
	.name = "vmcore-convert",
	.synopsis = "[options] SOURCE TARGET\n-F [options] SOURCE >FILE\n--info FILE\n--list",
	.summary = "Turns a dump of one format into another; pages and notes stay as they are.",
	.options = options,
	.nr_options = sizeof(options) / sizeof(options[0]),
};

struct convert {
	struct cli cli;
	struct dump_job_options options;
	const char *source, *target, *info;
	bool list;

	struct dump_reader *dump;
	struct dump_job job;
};

static void convert_deinit(struct convert *c)
{
	dump_job_deinit(&c->job);
	if (c->dump)
		dump_close(c->dump);
	cli_deinit(&c->cli);
}

static struct error *parse_output(struct convert *c)
{
	bool elf = !strcmp(c->cli.arg, "elf");

	if (!elf && strcmp(c->cli.arg, "kdump") != 0)
		return error_create(ERROR_USAGE, "cannot write format '%s' (kdump or elf)",
				    c->cli.arg);
	c->options.output = elf ? DUMP_OUTPUT_ELF : DUMP_OUTPUT_KDUMP;
	return NULL;
}

static struct error *parse(struct convert *c, int argc, char **argv)
{
	struct error *err = NULL;
	int value;

	dump_job_options_init(&c->options, 0);
	cli_init(&c->cli, &tool, argc, argv);
	while (!err && (value = cli_next(&c->cli)) != -1) {
		switch (value) {
		case 'O': err = parse_output(c); break;
		case OPT_INFO: c->info = c->cli.arg; break;
		case OPT_LIST: c->list = true; break;
		default: err = dump_job_option(&c->options, value, c->cli.arg); break;
		}
	}
	if (err || (err = dump_job_options_finish(&c->options, &c->cli)))
		return err;
	if (c->info || c->list)
		return cli_operand(&c->cli)
			       ? error_create(ERROR_USAGE, "--info takes one FILE, --list none")
			       : NULL;
	return dump_job_operands(&c->options, &c->cli, &c->source, &c->target);
}

static bool writes(const struct dump_format *format)
{
	return !strcmp(format->name, "kdump") || !strcmp(format->name, "elf");
}

static void list_text(void)
{
	printf("%-12s %-5s %-6s %s\n", "FORMAT", "READ", "WRITE", "DESCRIPTION");
	for (size_t i = 0; i < dump_nr_formats; i++)
		printf("%-12s %-5s %-6s %s\n", dump_formats[i]->name,
		       dump_formats[i]->open ? "yes" : "no", writes(dump_formats[i]) ? "yes" : "no",
		       dump_formats[i]->description);
	printf("\n%-12s %-5s %s\n", "CODEC", "HERE", "LEVELS");
	for (size_t i = 0; i < nr_codecs; i++) {
		printf("%-12s %-5s", codecs[i]->name, codec_available(codecs[i]) ? "yes" : "no");
		if (codecs[i]->min_level < codecs[i]->max_level)
			printf(" %d to %d, default %d", codecs[i]->min_level, codecs[i]->max_level,
			       codecs[i]->default_level);
		putchar('\n');
	}
}

static void list_json(void)
{
	struct json json;

	json_init(&json, stdout, true);
	json_begin_object(&json, NULL);
	json_u64(&json, "vmcore_tools", 1);
	json_string(&json, "command", "list");
	json_begin_array(&json, "formats");
	for (size_t i = 0; i < dump_nr_formats; i++) {
		json_begin_object(&json, NULL);
		json_string(&json, "name", dump_formats[i]->name);
		json_string(&json, "description", dump_formats[i]->description);
		json_bool(&json, "read", dump_formats[i]->open != NULL);
		json_bool(&json, "write", writes(dump_formats[i]));
		json_end_object(&json);
	}
	json_end_array(&json);
	json_begin_array(&json, "codecs");
	for (size_t i = 0; i < nr_codecs; i++) {
		json_begin_object(&json, NULL);
		json_string(&json, "name", codecs[i]->name);
		json_bool(&json, "available", codec_available(codecs[i]));
		json_i64(&json, "min_level", codecs[i]->min_level);
		json_i64(&json, "max_level", codecs[i]->max_level);
		json_i64(&json, "default_level", codecs[i]->default_level);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_end_object(&json);
}

static int list(const struct convert *c)
{
	if (c->cli.json)
		list_json();
	else
		list_text();
	return cli_close_stdout(&c->cli, CLI_DONE);
}

static int print_info(struct convert *c)
{
	struct error *err = dump_open(c->info, &c->dump);
	struct rows rows;

	if (!err) {
		rows_begin(&rows, stdout, c->cli.json, "info");
		err = dump_info(&rows, c->dump);
		rows_end(&rows);
	}
	return err ? cli_fail(&c->cli, err) : cli_close_stdout(&c->cli, CLI_DONE);
}

static struct error *run(struct convert *c)
{
	struct error *err = dump_open(c->source, &c->dump);

	if (err)
		return err;
	c->job.source = c->dump;
	c->job.target_path = c->target;
	dump_job_phase(&c->job, "open");
	if ((err = dump_job_prepare(&c->job)))
		return err;
	return dump_job_run(&c->job);
}

int main(int argc, char **argv)
{
	_cleanup_(convert_deinit) struct convert c = {0};
	struct error *err = parse(&c, argc, argv);

	if (err)
		return cli_fail(&c.cli, err);
	if (c.list)
		return list(&c);
	if (c.info)
		return print_info(&c);
	dump_job_init(&c.job, &c.options);
	c.job.stop = stop_install();
	err = run(&c);
	return dump_job_end(&c.job, &c.cli, "convert", err, NULL, NULL);
}
