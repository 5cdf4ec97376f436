// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/command.h"

#include <stdio.h>
#include <string.h>

#include "analyze/context.h"
#include "analyze/line.h"
#include "analyze/output.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/open.h"
#include "util/sys.h"

const struct command *const commands[] = {
	&command_ascii,  &command_bt,     &command_btop,   &command_eval, &command_foreach,
	&command_help,   &command_kmem,   &command_list,   &command_log,  &command_mach,
	&command_mod,    &command_p,      &command_ps,     &command_pte,  &command_ptob,
	&command_ptov,   &command_q,      &command_quit,   &command_exit, &command_rd,
	&command_report, &command_runq,   &command_search, &command_set,  &command_star,
	&command_struct, &command_sym,    &command_sys,    &command_task, &command_union,
	&command_vtop,   &command_whatis, &command_x,
};

const size_t nr_commands = sizeof(commands) / sizeof(commands[0]);

const struct command *command_find(const char *name)
{
	size_t len = strcspn(name, "/");

	for (size_t i = 0; i < nr_commands; i++)
		if (!strncmp(commands[i]->name, name, len) && !commands[i]->name[len] &&
		    (!name[len] || commands[i]->takes_format))
			return commands[i];
	return NULL;
}

int command_unknown(const struct cli *cli, const char *name)
{
	cli_say(cli, "no command '%s'; help lists them", name);
	return CLI_USAGE;
}

/* The name of a type is a command too, once there is a kernel: that of * with this operand. */
static int run_type(struct analysis *analysis, int argc, char **argv)
{
	char *words[LINE_MAX_WORDS + 2] = {NULL}, star[] = "*";
	struct types *types;
	char name[64];
	struct ctype type;
	struct error *err;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(argv[0], "."), argv[0]);
	if (!analysis->kernel || argc > LINE_MAX_WORDS ||
	    error_ignore(analysis_types(analysis, &types)))
		return command_unknown(analysis->cli, argv[0]);
	if ((err = types_parse(types, name, &type))) {
		error_destroy(err);
		return command_unknown(analysis->cli, argv[0]);
	}
	words[0] = star;
	memcpy(words + 1, argv, (size_t)argc * sizeof(argv[0]));
	return command_run(analysis, argc + 1, words);
}

int command_run(struct analysis *analysis, int argc, char **argv)
{
	const struct command *command = command_find(argv[0]);
	struct cli cli;
	int code;

	if (!command)
		return run_type(analysis, argc, argv);
	analysis->slash = strchr(argv[0], '/');
	// a wrong option must not end the prompt
	cli_init(&cli, &command->tool, argc, argv);
	code = cli_check(&cli);
	cli_deinit(&cli);
	if (code >= 0)
		return code;
	cli_init(&cli, &command->tool, argc, argv);
	cli.json = analysis->cli->json;
	cli.verbose = analysis->cli->verbose;
	code = command->run(analysis, &cli);
	cli_deinit(&cli);
	return code;
}

int command_worse(int a, int b)
{
	static const int order[] = {CLI_USAGE, CLI_FAILED, CLI_INCOMPLETE, CLI_DAMAGED};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return CLI_DONE;
}

int command_run_line(struct analysis *analysis, const char *text, size_t *len)
{
	_cleanup_line_ struct line line = {0};
	struct output output;
	struct error *err;
	int code;

	*len = line_length(text);
	if ((err = line_parse(text, *len, &line)))
		return cli_fail(analysis->cli, err);
	if (!line.nr)
		return CLI_DONE;
	if ((err = output_begin(&output, analysis, &line)))
		return cli_fail(analysis->cli, err);
	code = command_run(analysis, line.nr, line.words);
	return output_end(&output, code);
}

static int is_known(const struct analysis *analysis, const char *text, size_t len)
{
	_cleanup_line_ struct line line = {0};
	struct error *err = line_parse(text, len, &line);

	if (err)
		return cli_fail(analysis->cli, err);
	if (line.nr && !command_find(line.words[0]))
		return command_unknown(analysis->cli, line.words[0]);
	return CLI_DONE;
}

int command_run_script(struct analysis *analysis, const char *script)
{
	int code = CLI_DONE;
	size_t len;

	for (const char *line = script; *line; line += len + (line[len] != '\0')) {
		len = line_length(line);
		if ((code = is_known(analysis, line, len)))
			return code;
	}
	for (const char *line = script; *line && !analysis->done && !analysis_stopped(analysis);
	     line += len + (line[len] != '\0'))
		code = command_worse(code, command_run_line(analysis, line, &len));
	return code;
}

char *command_rest(struct cli *cli)
{
	size_t len = 1;
	char *text;

	for (int i = cli->next; i < cli->argc; i++)
		len += strlen(cli->argv[i]) + 1;
	text = sys_calloc(1, len);
	for (const char *word; text && (word = cli_operand(cli));) {
		if (*text)
			strcat(text, " ");
		strcat(text, word);
	}
	return text;
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
	struct kernel_opened opened;
	size_t len = 0;
	struct error *err;

	if (analysis->kernel)
		return NULL;
	if (analysis->vmcoreinfo && (err = vmcoreinfo_load(analysis->vmcoreinfo, &text, &len)))
		return err;
	if (!analysis->dump) {
		if ((err = dump_open(analysis->path, &analysis->dump)))
			return err;
		say_faults(analysis);
	}
	if ((err = kernel_open_best(analysis->dump, text, len, &opened)))
		return err;
	analysis->kernel = TAKE_PTR(opened.kernel);
	if (opened.vmcoreinfo && !text && analysis->cli->verbose)
		cli_say(analysis->cli, "%s: VMCOREINFO is from %s", analysis->path, opened.source);
	kernel_opened_deinit(&opened);
	return NULL;
}

bool analysis_stopped(const struct analysis *analysis)
{
	return ferror(stdout) || (analysis->stop && *analysis->stop);
}

void analysis_deinit(struct analysis *analysis)
{
	analysis_forget(analysis);
	kernel_close(analysis->kernel);
	dump_close(analysis->dump);
}
