// SPDX-License-Identifier: GPL-2.0-or-later
/* vmcore-analyze: what a dump says of its kernel and of the crash. See man/vmcore-analyze.8. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyze/command.h"
#include "analyze/prompt.h"
#include "dump/reader.h"
#include "kernel/info.h"
#include "kernel/kernel.h"
#include "util/cli.h"
#include "util/rows.h"

enum { OPT_INFO = CLI_LONG, OPT_VMCOREINFO };

static const struct cli_option options[] = {
	{'c', NULL, "COMMANDS", "run these commands, separated by ;"},
	{'i', NULL, "FILE", "run the commands in this file; - is standard input"},
	{OPT_INFO, "info", "[=DUMP]", "say what the dump is and what it lacks, and nothing else"},
	{OPT_VMCOREINFO, "vmcoreinfo", "FILE", "take VMCOREINFO from this text"},
};

static const struct cli_tool tool = {
	.name = COMMAND_TOOL,
	.synopsis = "[options] DUMP [COMMAND [ARGUMENTS]]\n"
		    "[options] -c 'COMMAND; ...' DUMP\n"
		    "[options] -i FILE DUMP\n"
		    "--info DUMP\n"
		    "help [COMMAND]",
	.summary = "Shows what is in a kernel dump, with nothing needed beside it. Without a\n"
		   "command: a prompt on a terminal, else report. Commands are listed by help.",
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

struct request {
	const char *script; /**< -c */
	const char *file;   /**< -i */
	bool info;
};

static void parse_options(struct cli *cli, struct analysis *analysis, struct request *request)
{
	for (int value; (value = cli_next(cli)) != -1;) {
		switch (value) {
		case 'c': request->script = cli->arg; break;
		case 'i': request->file = cli->arg; break;
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
	if ((request.info + (request.script != NULL) + (request.file != NULL)) +
		    (cli->next < cli->argc) >
	    1)
		return cli_fail(cli,
				error_create(ERROR_USAGE, "--info, -c, -i and a command do not "
							  "go together"));
	if (request.info)
		return info(analysis);
	if (request.script)
		return command_run_script(analysis, request.script);
	if (request.file)
		return prompt_run_file(analysis, request.file);
	if (cli->next < cli->argc)
		return command_run(analysis, cli->argc - cli->next, cli->argv + cli->next);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !cli->json)
		return prompt_run(analysis);
	return command_run_script(analysis, command_report.name);
}

int main(int argc, char **argv)
{
	struct cli cli;
	struct analysis analysis = {.cli = &cli, .safe = isatty(STDOUT_FILENO)};
	int code;

	cli_init(&cli, &tool, argc, argv);
	code = run(&cli, &analysis);
	analysis_deinit(&analysis);
	code = cli_close_stdout(&cli, code);
	cli_deinit(&cli);
	return code;
}
