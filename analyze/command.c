// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/command.h"

#include <stdio.h>
#include <string.h>

#include "dump/notes.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "util/file.h"
#include "util/sys.h"

#define MAX_WORDS 64
#define BLANKS    " \t\n"

const struct command *const commands[] = {
	&command_help,
	&command_log,
	&command_sys,
};

const size_t nr_commands = sizeof(commands) / sizeof(commands[0]);

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < nr_commands; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

int command_unknown(const struct cli *cli, const char *name)
{
	char list[512] = "";

	for (size_t i = 0; i < nr_commands; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 commands[i]->name);
	cli_say(cli, "no command '%s'; there are: %s", name, list);
	return CLI_USAGE;
}

int command_run(struct analysis *analysis, int argc, char **argv)
{
	const struct command *command = command_find(argv[0]);
	struct cli cli;
	int code;

	if (!command)
		return command_unknown(analysis->cli, argv[0]);
	cli_init(&cli, &command->tool, argc, argv);
	cli.json = analysis->cli->json;
	cli.verbose = analysis->cli->verbose;
	code = command->run(analysis, &cli);
	cli_deinit(&cli);
	return code;
}

static int worse(int a, int b)
{
	static const int order[] = {CLI_USAGE, CLI_FAILED, CLI_INCOMPLETE, CLI_DAMAGED};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return CLI_DONE;
}

static bool is_known(const struct analysis *analysis, const char *line)
{
	char name[32];
	size_t len;

	line += strspn(line, BLANKS);
	len = strcspn(line, BLANKS ";");
	snprintf(name, sizeof(name), "%.*s", (int)len, line);
	if (!len || command_find(name))
		return true;
	command_unknown(analysis->cli, name);
	return false;
}

static int run_line(struct analysis *analysis, char *line)
{
	char *words[MAX_WORDS + 1] = {NULL}, *word, *save;
	int nr = 0;

	for (word = strtok_r(line, BLANKS, &save); word && nr < MAX_WORDS;
	     word = strtok_r(NULL, BLANKS, &save))
		words[nr++] = word;
	if (word)
		return cli_fail(analysis->cli, error_create(ERROR_USAGE, "%s: more than %d words",
							    words[0], MAX_WORDS));
	return nr ? command_run(analysis, nr, words) : CLI_DONE;
}

int command_run_script(struct analysis *analysis, const char *script)
{
	size_t size = strlen(script) + 1;
	_cleanup_free_ char *copy = sys_malloc(size);
	int code = CLI_DONE;

	if (!copy)
		return cli_fail(analysis->cli, &error_nomem);
	memcpy(copy, script, size);
	for (const char *line = script; line; line = (line = strchr(line, ';')) ? line + 1 : NULL)
		if (!is_known(analysis, line))
			return CLI_USAGE;
	for (char *line, *rest = copy; (line = strsep(&rest, ";"));)
		code = worse(code, run_line(analysis, line));
	return code;
}

static struct error *read_text(const char *path, char **text, size_t *len)
{
	_cleanup_file_ struct file *file = NULL;
	_cleanup_free_ char *buf = sys_malloc(VMCOREINFO_MAX_LEN);
	struct error *err;

	if (!buf)
		return &error_nomem;
	if ((err = file_open(path, &file)) ||
	    (err = file_read(file, 0, buf, VMCOREINFO_MAX_LEN, len)))
		return err;
	*text = TAKE_PTR(buf);
	return NULL;
}

static void say_faults(const struct analysis *analysis)
{
	const struct dump_reader *dump = analysis->dump;

	if (dump->warning[0])
		cli_say(analysis->cli, "%s", dump->warning);
	else if (dump->facts.incomplete)
		cli_say(analysis->cli, "%s: the dump is incomplete", analysis->path);
}

struct error *analysis_open(struct analysis *analysis)
{
	_cleanup_free_ char *text = NULL;
	struct kernel_options options = {0};
	struct error *err;

	if (analysis->kernel)
		return NULL;
	if (analysis->vmcoreinfo) {
		if ((err = read_text(analysis->vmcoreinfo, &text, &options.vmcoreinfo_len)))
			return err;
		options.vmcoreinfo = text;
	}
	if (!analysis->dump) {
		if ((err = dump_open(analysis->path, &analysis->dump)))
			return err;
		say_faults(analysis);
	}
	return kernel_open(analysis->dump, &options, &analysis->kernel);
}

void analysis_deinit(struct analysis *analysis)
{
	kernel_close(analysis->kernel);
	dump_close(analysis->dump);
}
