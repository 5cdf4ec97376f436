// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/job_options.h"

#include <stdlib.h>
#include <string.h>

#include "dump/codec.h"
#include "dump/level.h"
#include "util/cleanup.h"

const struct codec *dump_job_default_codec(void)
{
	static const enum codec_id order[] = {CODEC_ZSTD, CODEC_LZO, CODEC_SNAPPY, CODEC_ZLIB};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const struct codec *codec = codec_find(order[i]);

		if (codec && codec_available(codec))
			return codec;
	}
	return NULL;
}

static void use_codec(struct dump_job_options *options, const struct codec *codec)
{
	options->codec = codec;
	options->codec_level = codec ? codec->default_level : 0;
}

void dump_job_options_init(struct dump_job_options *options, unsigned int level)
{
	*options = (struct dump_job_options){
		.output = DUMP_OUTPUT_KDUMP,
		.levels = {level},
		.nr_levels = 1,
		.messages = JOB_MESSAGE_DEFAULT,
	};
	use_codec(options, dump_job_default_codec());
}

static struct error *choose_codec(struct dump_job_options *options, const char *name)
{
	const struct codec *codec = codec_find_name(name);

	if (!codec)
		return error_create(ERROR_USAGE, "no codec '%s' (zlib, lzo, snappy, zstd or none)",
				    name);
	if (!codec_available(codec))
		return error_create(ERROR_USAGE, "this build has no %s", codec->name);
	use_codec(options, codec);
	options->codec_given = true;
	return NULL;
}

/* CODEC[:LEVEL]; a level may be negative (zstd). */
static struct error *parse_compress(struct dump_job_options *options, const char *arg)
{
	_cleanup_free_ char *name = strdup(arg);
	char *colon, *end;
	struct error *err;
	long level;

	if (!name)
		return &error_nomem;
	colon = strchr(name, ':');
	if (colon)
		*colon = '\0';
	if (!strcmp(name, "none") && !colon) {
		use_codec(options, NULL);
		options->codec_given = true;
		return NULL;
	}
	if ((err = choose_codec(options, name)) || !colon)
		return err;
	level = strtol(colon + 1, &end, 10);
	if (end == colon + 1 || *end || level < options->codec->min_level ||
	    level > options->codec->max_level)
		return error_create(ERROR_USAGE, "%s level '%s' is no number from %d to %d", name,
				    colon + 1, options->codec->min_level,
				    options->codec->max_level);
	options->codec_level = (int)level;
	options->codec_level_given = true;
	return NULL;
}

static struct error *parse_levels(struct dump_job_options *options, const char *arg)
{
	_cleanup_free_ char *copy = strdup(arg);
	char *next = copy, *item;

	if (!copy)
		return &error_nomem;
	options->nr_levels = 0;
	while ((item = strsep(&next, ","))) {
		uint64_t level = 0;
		struct error *err = cli_parse_number("dump level", item, 0, DUMP_LEVEL_MAX, &level);

		if (err)
			return err;
		if (options->nr_levels == DUMP_JOB_MAX_LEVELS)
			return error_create(ERROR_USAGE, "more than %d dump levels in '%s'",
					    DUMP_JOB_MAX_LEVELS, arg);
		options->levels[options->nr_levels++] = (unsigned int)level;
	}
	return NULL;
}

static struct error *parse_threads(struct dump_job_options *options, const char *arg)
{
	uint64_t nr = 0;
	struct error *err = cli_parse_number("number of threads", arg, 0, DUMP_JOB_MAX_THREADS,
					     &nr);

	options->nr_threads = (unsigned int)nr;
	return err;
}

static struct error *parse_messages(struct dump_job_options *options, const char *arg)
{
	uint64_t bits = options->messages;
	struct error *err = cli_parse_number("message level", arg, 0, JOB_MESSAGE_MAX, &bits);

	options->messages = (unsigned int)bits;
	return err;
}

static struct error *parse_progress(struct dump_job_options *options, const char *arg)
{
	options->progress_given = true;
	if (progress_mode_parse(arg, &options->progress))
		return NULL;
	return error_create(ERROR_USAGE, "--progress is auto, always or never, not '%s'", arg);
}

static struct error *parse_exit_code(struct dump_job_options *options, const char *arg)
{
	options->usable = !strcmp(arg, "usable");
	if (options->usable || !strcmp(arg, "exact"))
		return NULL;
	return error_create(ERROR_USAGE, "--exit-code is exact or usable, not '%s'", arg);
}

struct error *dump_job_option(struct dump_job_options *options, int value, const char *arg)
{
	switch (value) {
	case 'c': return choose_codec(options, "zlib");
	case 'l': return choose_codec(options, "lzo");
	case 'p': return choose_codec(options, "snappy");
	case 'z': return choose_codec(options, "zstd");
	case 'd': return parse_levels(options, arg);
	case 'E': options->output = DUMP_OUTPUT_ELF; return NULL;
	case 'F': options->flattened = true; return NULL;
	case 'L': return cli_parse_size(arg, &options->limit);
	case 'f': options->force = true; return NULL;
	case 'D': options->debug = true; return NULL;
	case JOB_OPT_COMPRESS: return parse_compress(options, arg);
	case JOB_OPT_THREADS: return parse_threads(options, arg);
	case JOB_OPT_DRY_RUN: options->dry_run = true; return NULL;
	case JOB_OPT_PROGRESS: return parse_progress(options, arg);
	case JOB_OPT_MESSAGES: return parse_messages(options, arg);
	case JOB_OPT_EXIT_CODE: return parse_exit_code(options, arg);
	case JOB_OPT_SHOW_STATS: options->show_stats = true; return NULL;
	default: return error_create(ERROR_USAGE, "unknown option");
	}
}

struct error *dump_job_options_finish(struct dump_job_options *options, struct cli *cli)
{
	bool split = options->split.nr || options->split.max_size;

	if (options->output == DUMP_OUTPUT_ELF && options->codec_given && options->codec)
		return error_create(ERROR_USAGE, "an ELF core (-E) has no compressed pages");
	if (options->output > DUMP_OUTPUT_ELF && options->codec_given && options->codec)
		return error_create(ERROR_USAGE, "a %s image has no compressed pages",
				    dump_output_name(options->output));
	if ((options->flattened || options->flattened_file) && options->output > DUMP_OUTPUT_ELF)
		return error_create(ERROR_USAGE, "a %s image cannot be flattened",
				    dump_output_name(options->output));
	if ((split || options->dedupe) &&
	    (options->output != DUMP_OUTPUT_KDUMP || options->flattened || options->flattened_file))
		return error_create(ERROR_USAGE, "%s is for kdump-compressed files only",
				    split ? "--split" : "--dedupe");
	if (split && (options->dedupe || options->limit))
		return error_create(ERROR_USAGE, "--split cannot be combined with %s",
				    options->dedupe ? "--dedupe" : "-L");
	if (options->base_given && options->output != DUMP_OUTPUT_RAW)
		return error_create(ERROR_USAGE, "--base is for -O raw only");
	options->debug |= (options->messages & JOB_MESSAGE_DEBUG) != 0;
	options->show_stats |= (options->messages & JOB_MESSAGE_REPORT) != 0;
	if (cli->json && options->show_stats)
		return error_create(ERROR_USAGE,
				    "--json contains what --show-stats reports, choose one");
	options->report = cli->json || options->show_stats;
	if (options->output != DUMP_OUTPUT_KDUMP)
		options->codec = NULL;
	if (!options->progress_given && !(options->messages & JOB_MESSAGE_PROGRESS))
		options->progress = PROGRESS_NEVER;
	if (options->debug)
		cli->verbose += 2;
	return NULL;
}

const char *dump_output_name(enum dump_output output)
{
	static const char *const names[] = {"kdump", "elf", "raw", "lime"};

	return names[output];
}

struct error *dump_job_inputs(const struct dump_job_options *options, const struct cli *cli,
			      const char *const **sources, size_t *nr, const char **target)
{
	char **operand = cli->argv + cli->next;
	size_t nr_operands = (size_t)(cli->argc - cli->next), targets = options->flattened ? 0 : 1;

	if (nr_operands <= targets)
		return error_create(ERROR_USAGE, "%s is missing, see --help",
				    nr_operands ? "TARGET" : "SOURCE");
	*sources = (const char *const *)operand;
	*nr = nr_operands - targets;
	*target = targets ? operand[*nr] : "-";
	return NULL;
}

struct error *dump_job_operands(const struct dump_job_options *options, const struct cli *cli,
				const char **source, const char **target)
{
	char **operand = cli->argv + cli->next;
	int nr = cli->argc - cli->next, targets = options->flattened ? 0 : 1;

	if (nr < targets + (*source ? 0 : 1))
		return error_create(ERROR_USAGE, "%s is missing, see --help",
				    nr || *source ? "TARGET" : "SOURCE");
	if (nr > targets + 1)
		return error_create(ERROR_USAGE, "'%s' is one operand too many%s",
				    operand[targets + 1],
				    targets ? "" : ", -F writes to standard output");
	if (nr > targets)
		*source = operand[0];
	*target = targets ? operand[nr - 1] : "-";
	return NULL;
}
