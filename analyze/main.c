// SPDX-License-Identifier: GPL-2.0-or-later
/* vmcore-analyze: what a dump says of its kernel and of the crash. See man/vmcore-analyze.8. */
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "dump/reader.h"
#include "kernel/info.h"
#include "kernel/kernel.h"
#include "util/cli.h"
#include "util/rows.h"

enum { OPT_INFO = CLI_LONG, OPT_VMCOREINFO };

static const struct cli_option options[] = {
	{'c', NULL, "COMMANDS", "run these commands, separated by ;"},
	{OPT_INFO, "info", "[=DUMP]", "say what the dump is and what it lacks, and nothing else"},
	{OPT_VMCOREINFO, "vmcoreinfo", "FILE", "take VMCOREINFO from this text"},
};

static const struct cli_tool tool = {
	.name = COMMAND_TOOL,
	.synopsis = "[options] DUMP [COMMAND [ARGUMENTS]]\n"
		    "[options] -c 'COMMAND; ...' DUMP\n"
		    "--info DUMP\n"
		    "help [COMMAND]",
	.summary = "Shows what is in a kernel dump, with nothing needed beside it. Without a\n"
		   "command: sys and the end of the log. Commands are listed by help.",
	.options = options,
	.nr_options = sizeof(options) / sizeof(options[0]),
	.in_order = true,
};

static int info(struct analysis *analysis)
{
	const struct cli *cli = analysis->cli;
	struct error *err = analysis_open(analysis);
	struct rows rows;

	if (err)
		return cli_fail(cli, err);
	rows_begin(&rows, stdout, cli->json, "info");
	err = kernel_info(&rows, analysis->kernel);
	rows_end(&rows);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

static int overview(struct analysis *analysis)
{
	int code = command_run_script(analysis, "sys; log --last=20");

	if (!analysis->cli->json)
		cli_say(analysis->cli, "more commands: %s help", COMMAND_TOOL);
	return code;
}

struct request {
	const char *script; /**< -c */
	bool info;
};

static void parse_options(struct cli *cli, struct analysis *analysis, struct request *request)
{
	for (int value; (value = cli_next(cli)) != -1;) {
		switch (value) {
		case 'c': request->script = cli->arg; break;
		case OPT_INFO:
			request->info = true;
			analysis->path = cli->arg ? cli->arg : analysis->path;
			break;
		case OPT_VMCOREINFO: analysis->vmcoreinfo = cli->arg; break;
		default: break;
		}
	}
}

static int run(struct cli *cli, struct analysis *analysis)
{
	struct request request = {0};

	parse_options(cli, analysis, &request);
	if (cli->next < cli->argc && !strcmp(cli->argv[cli->next], command_help.name))
		return command_run(analysis, cli->argc - cli->next, cli->argv + cli->next);
	if (!analysis->path && !(analysis->path = cli_operand(cli)))
		return cli_fail(cli, error_create(ERROR_USAGE, "no dump given (see --help)"));
	parse_options(cli, analysis, &request);
	if ((request.info || request.script) && cli->next < cli->argc)
		return cli_fail(cli, error_create(ERROR_USAGE, "%s takes no command besides",
						  request.info ? "--info" : "-c"));
	if (request.info)
		return info(analysis);
	if (request.script)
		return command_run_script(analysis, request.script);
	if (cli->next < cli->argc)
		return command_run(analysis, cli->argc - cli->next, cli->argv + cli->next);
	return overview(analysis);
}

int main(int argc, char **argv)
{
	struct cli cli;
	struct analysis analysis = {.cli = &cli};
	int code;

	cli_init(&cli, &tool, argc, argv);
	code = run(&cli, &analysis);
	analysis_deinit(&analysis);
	code = cli_close_stdout(&cli, code);
	cli_deinit(&cli);
	return code;
}
