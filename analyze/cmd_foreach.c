// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/taskfilter.h"
#include "kernel/kernel.h"
#include "kernel/tasks.h"
#include "util/sys.h"

#define MAX_ARGS 64

struct foreach {
	struct task_filter filter;
	const struct command *command;
	char **argv; /* of the command, its name first */
	int argc;
};

/* The words up to the first that is a command choose the tasks. */
static struct error *parse(struct foreach *f, struct cli *cli)
{
	const char *word;
	struct error *err = NULL;

	while (!err && (word = cli_operand(cli))) {
		f->command = command_find(word);
		if (f->command)
			break;
		err = task_filter_add(&f->filter, word);
	}
	if (err)
		return err;
	if (!f->command)
		return error_create(ERROR_USAGE, "foreach needs a command");
	if (f->command == &command_foreach)
		return error_create(ERROR_USAGE, "foreach does not run itself");
	f->argv = cli->argv + cli->next - 1;
	f->argc = cli->argc - cli->next + 1;
	return f->argc > MAX_ARGS ? error_create(ERROR_USAGE, "more than %d words", MAX_ARGS)
				  : NULL;
}

/* Commands write to their argument list. */
static int run_one(struct analysis *analysis, const struct foreach *f, const struct task *task)
{
	char *argv[MAX_ARGS + 1] = {NULL};
	int code;

	memcpy(argv, f->argv, (size_t)f->argc * sizeof(argv[0]));
	argv[0] = (char *)(uintptr_t)f->command->name;
	if (!f->command->names_task && !analysis->cli->json)
		print_task(stdout, task);
	analysis->task = task->addr;
	code = command_run(analysis, f->argc, argv);
	if (!f->command->names_task && !analysis->cli->json)
		putchar('\n');
	return code;
}

static int run(struct analysis *analysis, struct cli *cli)
{
	uint64_t chosen = analysis->task;
	struct foreach f = {0};
	const struct tasks *tasks;
	struct error *err;
	int code = CLI_DONE;

	while (cli_next(cli) != -1)
		;
	if ((err = parse(&f, cli)) || (err = analysis_tasks(analysis, &tasks)) ||
	    (err = task_filter_check(&f.filter, tasks)))
		return cli_fail(cli, err);
	if (f.command->takes_choice) {
		analysis->filter = &f.filter;
		code = command_run(analysis, f.argc, f.argv);
		analysis->filter = NULL;
		return code;
	}
	for (size_t i = 0; i < tasks->nr && code != CLI_USAGE && !analysis_stopped(analysis); i++)
		if (task_filter_match(&f.filter, analysis->kernel, tasks, &tasks->tasks[i]))
			code = command_worse(code, run_one(analysis, &f, &tasks->tasks[i]));
	analysis->task = chosen;
	return code;
}

const struct command command_foreach = {
	.name = "foreach",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP foreach [PID | TASK | NAME | STATE | kernel | user | gleader | "
			     "active]...\n"
			     "COMMAND [ARGUMENTS]",
		 .summary = "Runs a command for each task, or each that is chosen.",
		 .in_order = true},
	.run = run,
	.names_task = true,
};
