// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "kernel/kernel.h"
#include "kernel/printk_clock.h"
#include "kernel/printk_text.h"
#include "util/json.h"

#define ALL_LEVELS   0xffU
#define NSEC_PER_SEC UINT64_C(1000000000)

static const struct cli_option options[] = {
	{'T', "ctime", NULL, "time of day in place of seconds since boot"},
	{'t', "notime", NULL, "no times"},
	{'m', "show-level", NULL, "the level of each line in front, <6>"},
	{'c', "caller", NULL, "the task (T) or CPU (C) that each line is from"},
	{'l', "level", "LEVEL[,LEVEL...]",
	 "only these: emerg, alert, crit, err, warn, notice, info, debug\n"
	 "or 0 to 7; err+ is err and what is worse, +err err and the rest"},
	{'n', "last", "N", "only the last N records"},
};

struct log {
	const struct analysis *analysis;
	struct cli *cli;
	struct printk_format format;
	unsigned int levels; /**< a bit for each */
	bool only_last;
	uint64_t last; /**< -n */
	uint64_t skip; /**< records of these levels that are not wanted */
	bool counting; /**< the first of two walks */
};

/* One word of a list: a name or number, perhaps with a + in front or behind. */
static struct error *parse_level(const char *word, size_t len, unsigned int *levels)
{
	static const char *const names[] = {"emerg", "alert",  "crit", "err",
					    "warn",  "notice", "info", "debug"};
	bool below = len && *word == '+', above = len > 1 && word[len - 1] == '+';
	const char *name = word + below;
	size_t name_len = len - below - above;

	for (unsigned int i = 0; i < 8; i++) {
		bool is_number = name_len == 1 && *name == (char)('0' + i);

		if (!is_number &&
		    (strlen(names[i]) != name_len || memcmp(names[i], name, name_len) != 0))
			continue;
		*levels |= above ? (2U << i) - 1 : below ? ALL_LEVELS & ~((1U << i) - 1) : 1U << i;
		return NULL;
	}
	return error_create(ERROR_USAGE,
			    "'%.*s' is no level: emerg, alert, crit, err, warn, notice, info, "
			    "debug or 0 to 7",
			    (int)len, word);
}

static struct error *parse_levels(const char *list, unsigned int *levels)
{
	struct error *err = NULL;

	for (const char *next; list && !err; list = next) {
		size_t len = strcspn(list, ",");

		next = list[len] ? list + len + 1 : NULL;
		err = parse_level(list, len, levels);
	}
	return err;
}

static struct error *parse(struct log *log)
{
	struct cli *cli = log->cli;
	struct error *err = NULL;
	int value;

	while (!err && (value = cli_next(cli)) != -1) {
		switch (value) {
		case 'T': log->format.stamp = PRINTK_STAMP_WALL; break;
		case 't': log->format.stamp = PRINTK_STAMP_NONE; break;
		case 'm': log->format.level = true; break;
		case 'c': log->format.caller = true; break;
		case 'l': err = parse_levels(cli->arg, &log->levels); break;
		case 'n':
			log->only_last = true;
			err = cli_parse_number("--last", cli->arg, 0, UINT64_MAX, &log->last);
			break;
		default: break;
		}
	}
	if (!err && cli_operand(cli))
		err = error_create(ERROR_USAGE, "log takes no operands");
	if (!log->levels)
		log->levels = ALL_LEVELS;
	return err;
}

/* One line for each record, so that a reader need not hold them all. */
static void print_json(const struct log *log, const struct printk_record *record)
{
	char caller[PRINTK_CALLER_LEN];
	struct json json;

	json_init(&json, stdout, false);
	json_begin_object(&json, NULL);
	json_u64(&json, "seq", record->seq);
	json_fixed(&json, "ts", record->ts_nsec, 9);
	if (log->format.stamp == PRINTK_STAMP_WALL)
		json_fixed(&json, "time", (uint64_t)log->format.boot_nsec + record->ts_nsec, 9);
	json_u64(&json, "level", record->level);
	json_u64(&json, "facility", record->facility);
	json_string(&json, "caller", printk_caller(record, caller));
	json_bytes(&json, "text", record->text, record->len);
	if (*record->subsystem || *record->device) {
		json_begin_object(&json, "dev_info");
		json_string(&json, "subsystem", record->subsystem);
		json_string(&json, "device", record->device);
		json_end_object(&json);
	}
	json_end_object(&json);
}

static bool take(void *arg, const struct printk_record *record)
{
	struct log *log = arg;

	if (!(log->levels & 1U << record->level))
		return true;
	if (log->counting) {
		log->skip++;
	} else if (log->skip) {
		log->skip--;
	} else if (log->cli->json) {
		print_json(log, record);
	} else {
		printk_print(&log->format, record, stdout);
	}
	return !analysis_stopped(log->analysis);
}

static struct error *find_last(struct log *log, struct kernel *kernel)
{
	struct printk_summary summary;
	struct error *err;

	log->counting = true;
	err = printk_walk(kernel, take, log, &summary);
	log->counting = false;
	log->skip -= log->skip < log->last ? log->skip : log->last;
	return err;
}

static struct error *find_time(struct log *log, struct kernel *kernel)
{
	struct printk_clock clock;
	struct error *err = printk_clock_read(kernel, &clock);

	if (err)
		return err;
	log->format.boot_nsec = clock.boot_nsec;
	if (log->cli->verbose)
		cli_say(log->cli, "times are from %s", clock.witness);
	return NULL;
}

static int print(struct log *log, struct kernel *kernel)
{
	struct printk_summary summary;
	struct error *err = NULL;

	if (log->format.stamp == PRINTK_STAMP_WALL)
		err = find_time(log, kernel);
	if (!err && log->only_last)
		err = find_last(log, kernel);
	if (!err)
		err = printk_walk(kernel, take, log, &summary);
	if (err)
		return cli_fail(log->cli, err);
	if (log->cli->verbose)
		cli_say(log->cli, "%" PRIu64 " records, dmesg -c has been at %" PRIu64,
			summary.records, summary.clear_seq);
	if (!summary.dropped)
		return CLI_DONE;
	cli_say(log->cli, "%" PRIu64 " records of the log are damaged or cannot be read",
		summary.dropped);
	return CLI_DAMAGED;
}

static int run(struct analysis *analysis, struct cli *cli)
{
	struct log log = {.analysis = analysis, .cli = cli};
	struct error *err = parse(&log);

	if (err || (err = analysis_open(analysis)))
		return cli_fail(cli, err);
	log.format.safe = analysis->safe;
	return print(&log, analysis->kernel);
}

const struct command command_log = {
	.name = "log",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP log [options]",
		 .summary = "The kernel's log, as dmesg prints it.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
