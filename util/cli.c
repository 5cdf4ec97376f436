// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/cli.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

enum { OPT_HELP = 1, OPT_VERSION = 2, OPT_JSON = 3 };

static const struct cli_option common[] = {
	{'v', "verbose", NULL, "say more; twice for still more"},
	{OPT_JSON, "json", NULL, "report on stdout as JSON, see vmcore-tools(7)"},
	{OPT_HELP, "help", NULL, "print this text"},
	{OPT_VERSION, "version", NULL, "print the version"},
};

#define NR_COMMON (sizeof(common) / sizeof(common[0]))

static void print_option(const struct cli_option *option)
{
	bool optional = option->arg && option->arg[0] == '[';
	const char *help = option->help;
	char left[64];
	int n = 0;

	if (option->value >= ' ' && option->value < CLI_LONG)
		n = snprintf(left, sizeof(left), "  -%c%s", option->value,
			     option->name ? ", " : "");
	else
		n = snprintf(left, sizeof(left), "      ");
	if (option->name)
		n += snprintf(left + n, sizeof(left) - (size_t)n, "--%s", option->name);
	if (option->arg)
		n += snprintf(left + n, sizeof(left) - (size_t)n, "%s%s",
			      optional ? "" : (option->name ? "=" : " "), option->arg);
	printf("%-28s%s", left, n > 27 ? "\n                            " : "");
	for (const char *end; (end = strchr(help, '\n')); help = end + 1)
		printf("%.*s\n                            ", (int)(end - help), help);
	printf("%s\n", help);
}

static void usage(const struct cli_tool *tool)
{
	const char *line = tool->synopsis, *lead = "Usage:";

	for (const char *end; line; line = end ? end + 1 : NULL, lead = "      ") {
		end = strchr(line, '\n');
		printf("%s %s %.*s\n", lead, tool->name,
		       end ? (int)(end - line) : (int)strlen(line), line);
	}
	printf("\n%s\n\nOptions:\n", tool->summary);
	for (size_t i = 0; i < tool->nr_options; i++)
		print_option(&tool->options[i]);
	for (size_t i = 0; i < NR_COMMON; i++)
		print_option(&common[i]);
	printf("\nManual: %s(8); exit codes and conventions: vmcore-tools(7)\n", tool->name);
}

static void add_option(struct cli *cli, const struct cli_option *option, size_t *nr, size_t *len)
{
	struct option *list = cli->getopt;
	int has = !option->arg            ? no_argument
		  : option->arg[0] == '[' ? optional_argument
					  : required_argument;

	if (option->name)
		list[(*nr)++] = (struct option){option->name, has, NULL, option->value};
	if (option->value >= ' ' && option->value < CLI_LONG) {
		cli->letters[(*len)++] = (char)option->value;
		for (int i = 0; i < has; i++)
			cli->letters[(*len)++] = ':';
	}
}

void cli_init(struct cli *cli, const struct cli_tool *tool, int argc, char **argv)
{
	size_t total = tool->nr_options + NR_COMMON, nr = 0, len = 0;

	*cli = (struct cli){.tool = tool, .argc = argc, .argv = argv};
	cli->getopt = calloc(total + 1, sizeof(struct option));
	cli->letters = calloc(total + 1, 3); // with room for the + too
	if (!cli->getopt || !cli->letters)
		exit(cli_fail(cli, &error_nomem));
	if (tool->in_order)
		cli->letters[len++] = '+';
	for (size_t i = 0; i < tool->nr_options; i++)
		add_option(cli, &tool->options[i], &nr, &len);
	for (size_t i = 0; i < NR_COMMON; i++)
		add_option(cli, &common[i], &nr, &len);
	argv[0] = (char *)(uintptr_t)tool->name; // so that getopt's own messages name the tool
	optind = 0;                              // a tool may parse several command lines
}

enum { NEXT_EXIT = -2 };

/* As cli_next(), but where that exits it returns NEXT_EXIT and the code. */
static int next(struct cli *cli, int *code)
{
	for (;;) {
		int value = cli->tool->one_dash ? getopt_long_only(cli->argc, cli->argv,
								   cli->letters, cli->getopt, NULL)
						: getopt_long(cli->argc, cli->argv, cli->letters,
							      cli->getopt, NULL);

		cli->arg = optarg;
		cli->next = optind;
		*code = CLI_DONE;
		switch (value) {
		case 'v': cli->verbose++; break;
		case OPT_JSON: cli->json = true; break;
		case OPT_HELP: usage(cli->tool); return NEXT_EXIT;
		case OPT_VERSION:
			printf("%s (vmcore-tools) %s\n", cli->tool->name, STRING(VERSION));
			return NEXT_EXIT;
		case '?': *code = CLI_USAGE; return NEXT_EXIT;
		default: return value;
		}
	}
}

int cli_next(struct cli *cli)
{
	int code, value = next(cli, &code);

	if (value == NEXT_EXIT)
		exit(code == CLI_DONE ? cli_close_stdout(cli, CLI_DONE) : code);
	return value;
}

int cli_check(struct cli *cli)
{
	int code, value;

	while ((value = next(cli, &code)) >= 0)
		;
	return value == NEXT_EXIT ? code : -1;
}

const char *cli_operand(struct cli *cli)
{
	if (cli->next >= cli->argc)
		return NULL;
	optind = cli->next + 1;
	return cli->argv[cli->next++];
}

void cli_deinit(struct cli *cli)
{
	free(cli->getopt);
	free(cli->letters);
}

void cli_say(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s: ", cli->tool->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

int cli_fail(const struct cli *cli, struct error *err)
{
	int code = err->code == ERROR_USAGE ? CLI_USAGE : CLI_FAILED;

	cli_say(cli, "%s", err->message);
	error_destroy(err);
	return code;
}

struct error *cli_parse_size(const char *text, uint64_t *ret)
{
	static const char units[] = "KMGTPE";
	const char *unit;
	char *end;
	uint64_t value;
	unsigned int shift = 0;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *text == '-')
		return error_create(ERROR_USAGE, "'%s' is no size", text);
	if (*end && (unit = strchr(units, *end & ~0x20))) {
		shift = 10 * (unsigned int)(unit - units + 1);
		end++;
		end += *end == 'i';
		end += *end == 'B';
	}
	if (*end || (shift && value >> (64 - shift)))
		return error_create(ERROR_USAGE, "'%s' is no size (a number and K, M, G or T)",
				    text);
	*ret = value << shift;
	return NULL;
}

struct error *cli_parse_number(const char *what, const char *text, uint64_t min, uint64_t max,
			       uint64_t *ret)
{
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || value < min || value > max)
		return error_create(ERROR_USAGE,
				    "%s '%s' is no number from %" PRIu64 " to %" PRIu64, what, text,
				    min, max);
	*ret = value;
	return NULL;
}

const char *cli_format_size(uint64_t bytes, char buf[static 32])
{
	static const char units[] = "KMGTPE";
	double value = (double)bytes;
	int unit = -1;

	while (value >= 1024 && unit < 5) {
		value /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(buf, 32, "%" PRIu64 " bytes", bytes);
	else
		snprintf(buf, 32, value < 10 ? "%.1f %ciB" : "%.0f %ciB", value, units[unit]);
	return buf;
}

int cli_close_stdout(const struct cli *cli, int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	if (errno != EPIPE)
		cli_say(cli, "standard output: %s", strerror(errno));
	return CLI_FAILED;
}
