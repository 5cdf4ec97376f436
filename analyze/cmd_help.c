// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"

static int help(struct analysis *analysis, struct cli *cli)
{
	char option[] = "--help", *argv[] = {option, option, NULL};
	const char *name;
	struct cli of;
	int code;

	while (cli_next(cli) != -1)
		;
	name = cli_operand(cli);
	if (name && !command_find(name))
		return command_unknown(cli, name);
	if (name) {
		cli_init(&of, &command_find(name)->tool, 2, argv);
		code = cli_check(&of);
		cli_deinit(&of);
		return code;
	}
	for (size_t i = 0; i < nr_commands; i++) {
		const char *summary = commands[i]->tool.summary;

		printf("%-8s%.*s\n", commands[i]->name, (int)strcspn(summary, "\n"), summary);
	}
	return CLI_DONE;
}

const struct command command_help = {
	.name = "help",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "help [COMMAND]",
		 .summary = "Lists the commands, or the options of one."},
	.run = help,
};
