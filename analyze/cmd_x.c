// SPDX-License-Identifier: GPL-2.0-or-later
/* gdb's way to say rd: x/4gx ADDRESS. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/command.h"

struct format {
	unsigned long count;
	const char *size, *shown; /* options of rd */
};

static struct error *parse(const char *text, struct format *ret)
{
	static const char letters[] = "bhwgxduas";
	static const char *const options[] = {"-8", "-16", "-32", "-64", "-x",
					      "-d", "-D",  "-s",  "-a"};
	char *at = NULL;

	*ret = (struct format){.count = 1, .size = "-32", .shown = "-x"};
	if (!text)
		return NULL;
	ret->count = isdigit((unsigned char)text[1]) ? strtoul(text + 1, &at, 10) : 1;
	for (const char *p = at ? at : text + 1; *p; p++) {
		const char *letter = strchr(letters, *p);

		if (!letter)
			return error_create(ERROR_USAGE,
					    "'%s' is no format (/COUNT, b h w g, x d u a s)", text);
		if (letter - letters < 4)
			ret->size = options[letter - letters];
		else
			ret->shown = options[letter - letters];
	}
	return NULL;
}

static int run(struct analysis *analysis, struct cli *cli)
{
	char *argv[6], rd[] = "rd", count[32];
	struct format format;
	struct error *err = parse(analysis->slash, &format);

	while (cli_next(cli) != -1)
		;
	if (!err && cli->next + 1 != cli->argc)
		err = error_create(ERROR_USAGE, "x needs one address");
	if (err)
		return cli_fail(cli, err);
	snprintf(count, sizeof(count), "%lu", format.count);
	argv[0] = rd;
	argv[1] = (char *)(uintptr_t)format.size;
	argv[2] = (char *)(uintptr_t)format.shown;
	argv[3] = cli->argv[cli->next];
	// a text ends by itself
	argv[4] = strcmp(format.shown, "-a") || format.count > 1 ? count : NULL;
	argv[5] = NULL;
	return command_run(analysis, argv[4] ? 5 : 4, argv);
}

const struct command command_x = {
	.name = "x",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP x[/COUNT][b | h | w | g][x | d | u | a | s] ADDRESS",
		 .summary = "rd as gdb spells it: so many numbers of 1, 2, 4 or 8 bytes."},
	.run = run,
	.takes_format = true,
};
