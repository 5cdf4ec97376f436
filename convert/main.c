// SPDX-License-Identifier: GPL-2.0-or-later
/* vmcore-convert: any dump format -> any other, knowing nothing of the kernel in it. See
 * man/vmcore-convert.8. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dump/codec.h"
#include "dump/dedupe.h"
#include "dump/info.h"
#include "dump/job.h"
#include "dump/job_report.h"
#include "dump/machine.h"
#include "dump/board.h"
#include "dump/reader.h"
#include "dump/verify.h"
#include "util/checked.h"
#include "util/cli.h"
#include "util/json.h"
#include "util/progress.h"
#include "util/rows.h"
#include "util/stop.h"
#include "util/sys.h"

#define MIN_BLOCK (4U << 10)
#define MAX_BLOCK (1U << 20)

enum {
	OPT_INFO = JOB_OPT_TOOL,
	OPT_LIST,
	OPT_MACHINE,
	OPT_BASE,
	OPT_BLOCK_SIZE,
	OPT_SPLIT,
	OPT_DEDUPE,
	OPT_SALVAGE,
	OPT_VERIFY,
};

static const struct cli_option options[] = {
	{'O', "output", "FORMAT",
	 "kdump (default), elf, flattened (kdump, or with -E elf,\nas a stream), raw or lime"},
	DUMP_JOB_OPTIONS,
	{OPT_MACHINE, "machine", "TYPE[,max-ram-below-4g=SIZE]",
	 "the SOURCE is memory of a virtual machine: where it\nstands; TYPE as --list names them"},
	{OPT_BASE, "base", "ADDRESS",
	 "of the first byte of raw output; default: that of all memory"},
	{OPT_BLOCK_SIZE, "block-size", "SIZE", "of the blocks that are written, 4K to 1M"},
	{OPT_SPLIT, "split", "N|SIZE", "write TARGET.1, TARGET.2...: N files, or files up to SIZE"},
	{OPT_DEDUPE, "dedupe", "[=SIZE]",
	 "equal pages share one copy, found in a table of SIZE\n(default 64M) bytes of memory"},
	{OPT_SALVAGE, "salvage", NULL,
	 "take what is sound of a file that cannot be opened as it is"},
	{OPT_VERIFY, "verify", NULL, "write nothing, say whether the dumps are the same"},
	{OPT_INFO, "info", "FILE", "say what FILE is and what it lacks, and nothing else"},
	{OPT_LIST, "list", NULL, "list formats, machine types and codecs, and nothing else"},
};

static const struct cli_tool tool = {
	.name = "vmcore-convert",
	.synopsis = "[options] SOURCE... TARGET\n-F [options] SOURCE... >FILE\n"
		    "--verify SOURCE... DUMP\n--info FILE...\n--list",
	.summary = "Turns a dump of one format into another; pages and notes stay as they are.",
	.options = options,
	.nr_options = sizeof(options) / sizeof(options[0]),
};

struct convert {
	struct cli cli;
	struct dump_job_options options;
	struct dump_open_options open;
	const char *const *sources;
	size_t nr_sources;
	const char **info_sources; /* owned */
	const char *target, *info;
	char *spool; /* owned */
	bool list, verify;

	struct dump_reader *dump, *other; /* other: to verify against */
	struct dump_job job;
};

static void convert_deinit(struct convert *c)
{
	dump_job_deinit(&c->job);
	if (c->dump)
		dump_close(c->dump);
	if (c->other)
		dump_close(c->other);
	free(c->spool);
	free(c->info_sources);
	cli_deinit(&c->cli);
}

static struct error *parse_output(struct convert *c)
{
	static const enum dump_output outputs[] = {DUMP_OUTPUT_KDUMP, DUMP_OUTPUT_ELF,
						   DUMP_OUTPUT_RAW, DUMP_OUTPUT_LIME};

	c->options.flattened_file = !strcmp(c->cli.arg, "flattened");
	if (c->options.flattened_file)
		return NULL;
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		if (!strcmp(c->cli.arg, dump_output_name(outputs[i]))) {
			c->options.output = outputs[i];
			return NULL;
		}
	}
	return error_create(ERROR_USAGE,
			    "cannot write format '%s' (kdump, elf, flattened, raw or lime)",
			    c->cli.arg);
}

static struct error *parse_base(struct convert *c)
{
	c->options.base_given = true;
	return cli_parse_size(c->cli.arg, &c->options.base);
}

static struct error *parse_block_size(struct convert *c)
{
	uint64_t size = 0;
	struct error *err = cli_parse_size(c->cli.arg, &size);

	if (!err && (!is_power_of_two(size) || size < MIN_BLOCK || size > MAX_BLOCK))
		err = error_create(ERROR_USAGE,
				   "--block-size is a power of two from 4K to 1M, not '%s'",
				   c->cli.arg);
	c->options.block_size = (uint32_t)size;
	return err;
}

/* A plain number is one of files. */
static struct error *parse_split(struct convert *c)
{
	const char *arg = c->cli.arg;
	uint64_t value = 0;
	struct error *err = cli_parse_size(arg, &value);

	if (err)
		return err;
	if (!value)
		return error_create(ERROR_USAGE, "--split=0: no files");
	c->options.split = (struct dump_split){0};
	if (arg[strspn(arg, "0123456789")] || value > DUMP_SPLIT_MAX_FILES)
		c->options.split.max_size = value;
	else
		c->options.split.nr = (unsigned int)value;
	return NULL;
}

static struct error *parse_dedupe(struct convert *c)
{
	uint64_t size = DEDUPE_DEFAULT_BYTES;
	struct error *err = c->cli.arg ? cli_parse_size(c->cli.arg, &size) : NULL;

	if (!err && (size < DEDUPE_MIN_BYTES || size > SIZE_MAX / 2))
		err = error_create(ERROR_USAGE, "--dedupe needs a table of at least 1M, not '%s'",
				   c->cli.arg);
	c->options.dedupe = (size_t)size;
	return err;
}

static struct error *parse_option(struct convert *c, int value)
{
	switch (value) {
	case 'O': return parse_output(c);
	case OPT_MACHINE: c->open.machine = c->cli.arg; return NULL;
	case OPT_BASE: return parse_base(c);
	case OPT_BLOCK_SIZE: return parse_block_size(c);
	case OPT_SPLIT: return parse_split(c);
	case OPT_DEDUPE: return parse_dedupe(c);
	case OPT_SALVAGE: c->open.salvage = c->options.salvage = true; return NULL;
	case OPT_VERIFY: c->verify = true; return NULL;
	case OPT_INFO: c->info = c->cli.arg; return NULL;
	case OPT_LIST: c->list = true; return NULL;
	default: return dump_job_option(&c->options, value, c->cli.arg);
	}
}

/* What has to be unpacked goes where the dump goes, since there is room, else where the user keeps
 * large temporary files. */
static struct error *find_spool(struct convert *c)
{
	const char *slash = c->target ? strrchr(c->target, '/') : NULL, *folder = getenv("TMPDIR");
	struct stat st;

	if (c->target && strcmp(c->target, "-") != 0 && !c->verify &&
	    (stat(c->target, &st) || S_ISREG(st.st_mode))) {
		c->spool = slash ? strndup(c->target, (size_t)(slash - c->target + 1))
				 : strdup(".");
		if (!c->spool)
			return &error_nomem;
		folder = c->spool;
	}
	c->open.spool = folder;
	return NULL;
}

/* The rest of a split set stands among the operands. */
static struct error *add_operands(struct convert *c)
{
	const char *operand = c->info;

	c->info_sources = sys_calloc((size_t)c->cli.argc + 1, sizeof(*c->info_sources));
	if (!c->info_sources)
		return &error_nomem;
	for (; operand; operand = cli_operand(&c->cli))
		c->info_sources[c->nr_sources++] = operand;
	c->sources = c->info_sources;
	return find_spool(c);
}

static struct error *parse(struct convert *c, int argc, char **argv)
{
	struct error *err = NULL;
	int value;

	dump_job_options_init(&c->options, 0);
	cli_init(&c->cli, &tool, argc, argv);
	while (!err && (value = cli_next(&c->cli)) != -1)
		err = parse_option(c, value);
	if (err || (err = dump_job_options_finish(&c->options, &c->cli)))
		return err;
	if (c->list)
		return cli_operand(&c->cli) ? error_create(ERROR_USAGE, "--list takes no operand")
					    : NULL;
	if (c->info)
		return add_operands(c);
	err = dump_job_inputs(&c->options, &c->cli, &c->sources, &c->nr_sources, &c->target);
	return err ? err : find_spool(c);
}

static bool writes(const struct dump_format *format)
{
	static const char *const names[] = {"kdump", "elf", "flattened", "raw", "lime"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(format->name, names[i]))
			return true;
	}
	return false;
}

static const char *machine_name(const struct board *board)
{
	return machine_find(board->e_machine, board->word, board->big_endian)->name;
}

static void list_text(void)
{
	printf("%-12s %-5s %-6s %s\n", "FORMAT", "READ", "WRITE", "DESCRIPTION");
	for (size_t i = 0; i < dump_nr_formats; i++)
		printf("%-12s %-5s %-6s %s\n", dump_formats[i]->name,
		       dump_formats[i]->open ? "yes" : "no", writes(dump_formats[i]) ? "yes" : "no",
		       dump_formats[i]->description);
	printf("\n%-16s %s\n", "MACHINE", "ARCHITECTURE");
	for (size_t i = 0; i < nr_boards; i++)
		printf("%-16s %s\n", boards[i].name, machine_name(&boards[i]));
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
	json_begin_array(&json, "machines");
	for (size_t i = 0; i < nr_boards; i++) {
		json_begin_object(&json, NULL);
		json_string(&json, "name", boards[i].name);
		json_string(&json, "machine", machine_name(&boards[i]));
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

static struct error *open_sources(struct convert *c)
{
	return dump_open_inputs(c->sources, c->nr_sources, &c->open, &c->dump);
}

static int print_info(struct convert *c)
{
	struct error *err = open_sources(c);
	struct rows rows;

	if (!err) {
		rows_begin(&rows, stdout, c->cli.json, "info");
		err = dump_info(&rows, c->dump);
		rows_end(&rows);
	}
	return err ? cli_fail(&c->cli, err) : cli_close_stdout(&c->cli, CLI_DONE);
}

static int verify(struct convert *c)
{
	struct progress progress;
	const struct dump_copy_options how = {
		.nr_threads = c->options.nr_threads,
		.stop = c->open.stop,
		.progress = &progress,
	};
	struct dump_verify result;
	struct error *err = open_sources(c);
	struct rows rows;

	if (!err)
		err = dump_open_inputs(&c->target, 1, &c->open, &c->other);
	if (err)
		return cli_fail(&c->cli, err);
	progress_begin(&progress, c->options.progress, "comparing", 0);
	err = dump_verify(c->dump, c->other, &how, &result);
	progress_end(&progress);
	if (err)
		return cli_fail(&c->cli, err);
	rows_begin(&rows, stdout, c->cli.json, "verify");
	dump_verify_report(&rows, &result);
	rows_end(&rows);
	return cli_close_stdout(&c->cli, dump_verify_clean(&result) ? CLI_DONE : CLI_FAILED);
}

/* The job looks at the first one only. */
static struct error *refuse_sources(const struct convert *c)
{
	struct stat to;

	if (!strcmp(c->target, "-") || stat(c->target, &to))
		return NULL;
	for (size_t i = 1; i < c->nr_sources; i++) {
		if (dump_input_is(c->sources[i], &to))
			return error_create(ERROR_USAGE, "%s: source and target are the same file",
					    c->target);
	}
	return NULL;
}

static struct error *run(struct convert *c)
{
	struct error *err;

	if ((err = refuse_sources(c)) || (err = open_sources(c)))
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
	dump_job_init(&c.job, &c.options);
	c.job.stop = c.open.stop = stop_install();
	if (c.info)
		return print_info(&c);
	if (c.verify)
		return verify(&c);
	err = run(&c);
	return dump_job_end(&c.job, &c.cli, "convert", err, NULL, NULL);
}
