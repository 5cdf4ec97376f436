// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of a terminal, with libedit where that is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/prompt.h"

#ifdef HAVE_EDIT
#include <editline/readline.h>

/* The names of commands that begin with text, one with each call. */
static char *next_command(const char *text, int state)
{
	static size_t at; // readline's own way: state 0 begins anew

	for (at = state ? at : 0; at < nr_commands; at++)
		if (!strncmp(commands[at]->name, text, strlen(text)))
			return strdup(commands[at++]->name);
	return NULL;
}

static char **complete(const char *text, int start, int end)
{
	(void)end;
	return start ? NULL : rl_completion_matches(text, next_command);
}

char *prompt_read_line(const char *prompt)
{
	char *line;

	rl_attempted_completion_function = complete;
	line = readline(prompt);
	if (line && *line)
		add_history(line);
	if (!line)
		putchar('\n');
	return line;
}

#else

char *prompt_read_line(const char *prompt)
{
	char *line = NULL;
	size_t size = 0;

	fputs(prompt, stdout);
	fflush(stdout);
	if (getline(&line, &size, stdin) < 0) {
		free(line);
		putchar('\n');
		return NULL;
	}
	line[strcspn(line, "\n")] = '\0';
	return line;
}

#endif
