// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "analyze/command.h"
#include "kernel/kernel.h"
#include "kernel/system.h"
#include "util/rows.h"

static void add_text(struct rows *rows, const char *key, const char *label, const char *text)
{
	if (*text)
		rows_text(rows, key, label, text);
}

/* The labels and their order are those of crash. */
static void print(const struct analysis *analysis, const struct system_info *info, bool as_json)
{
	struct rows rows;

	rows_begin(&rows, stdout, as_json, "sys");
	rows_text(&rows, "path", "DUMPFILE", analysis->path);
	if (info->nr_cpus)
		rows_number(&rows, "cpus", "CPUS", info->nr_cpus);
	if (info->crash_time)
		rows_time(&rows, "crash_time", "DATE", info->crash_time);
	if (info->uptime_nsec >= 0)
		rows_duration(&rows, "uptime", "UPTIME", (uint64_t)info->uptime_nsec);
	add_text(&rows, "nodename", "NODENAME", info->uts.nodename);
	add_text(&rows, "release", "RELEASE", info->uts.release);
	add_text(&rows, "version", "VERSION", info->uts.version);
	add_text(&rows, "machine", "MACHINE", info->uts.machine);
	rows_size(&rows, "memory", "MEMORY", info->memory);
	add_text(&rows, "panic", "PANIC", info->panic);
	if (info->panic_pid >= 0)
		rows_number(&rows, "panic_pid", "PID", (uint64_t)info->panic_pid);
	add_text(&rows, "panic_command", "COMMAND", info->panic_comm);
	if (info->panic_cpu >= 0)
		rows_number(&rows, "panic_cpu", "CPU", (uint64_t)info->panic_cpu);
	rows_end(&rows);
}

static int sys(struct analysis *analysis, struct cli *cli)
{
	struct system_info info;
	struct error *err;

	while (cli_next(cli) != -1)
		;
	if (cli_operand(cli))
		return cli_fail(cli, error_create(ERROR_USAGE, "sys takes no operands"));
	if ((err = analysis_open(analysis)))
		return cli_fail(cli, err);
	err = system_info_read(analysis->kernel, &info);
	print(analysis, &info, cli->json);
	if (!err)
		return CLI_DONE;
	cli_fail(cli, err);
	return CLI_DAMAGED;
}

const struct command command_sys = {
	.name = "sys",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP sys",
		 .summary = "The machine, its kernel, when and why it died."},
	.run = sys,
};
