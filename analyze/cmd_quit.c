// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/command.h"

static int quit(struct analysis *analysis, struct cli *cli)
{
	while (cli_next(cli) != -1)
		;
	analysis->done = true;
	return CLI_DONE;
}

#define QUIT(word)                                     \
	{                                              \
		.name = (word), .run = quit, .tool = { \
			.name = COMMAND_TOOL,          \
			.synopsis = word,              \
			.summary = "Ends the prompt."  \
		}                                      \
	}

const struct command command_quit = QUIT("quit"), command_q = QUIT("q"),
		     command_exit = QUIT("exit");
