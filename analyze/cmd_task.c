// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/values.h"
#include "kernel/cvalue.h"
#include "kernel/tasks.h"
#include "util/rows.h"

static const struct cli_option options[] = {
	{'d', NULL, NULL, "numbers in decimal"},
	{'R', NULL, "MEMBER[,MEMBER...]", "only these members"},
	{'x', NULL, NULL, "numbers in hexadecimal"},
};

struct request {
	struct selection selection;
	struct cvalue_format format;
	struct rows rows;
	struct analysis *analysis;
};

static struct error *show(struct request *request, const struct task *task)
{
	struct error *err;

	if (!request->format.json)
		print_task(stdout, task);
	err = selection_print(request->analysis, &request->selection, task->addr, &request->format);
	if (!request->format.json)
		putchar('\n');
	return err;
}

static struct error *show_all(struct request *request, struct cli *cli)
{
	const char *word = cli_operand(cli);
	const struct task *task;
	struct error *err = NULL;

	if (!word && !(err = analysis_task(request->analysis, &task)))
		return show(request, task);
	for (; word && !err; word = cli_operand(cli))
		if (!(err = parse_task(request->analysis, word, &task)))
			err = show(request, task);
	return err;
}

static int run(struct analysis *analysis, struct cli *cli)
{
	struct request request = {.analysis = analysis};
	const char *members = NULL;
	bool hex = false;
	struct error *err;
	char text[1024];
	int value;

	while ((value = cli_next(cli)) != -1) {
		if (value == 'R')
			members = cli->arg;
		else
			hex = value == 'x';
	}
	snprintf(text, sizeof(text), "task_struct%s%s", members ? "." : "", members ? members : "");
	if ((err = selection_parse(analysis, "struct", text, &request.selection)))
		return cli_fail(cli, err);
	request.format = analysis_format(analysis, hex);
	rows_begin(&request.rows, stdout, cli->json, "task");
	rows_begin_list(&request.rows, "objects", "");
	if (cli->json)
		request.format.json = &request.rows.json;
	err = show_all(&request, cli);
	rows_end_list(&request.rows);
	rows_end(&request.rows);
	selection_deinit(&request.selection);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

const struct command command_task = {
	.name = "task",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP task [-x] [-R MEMBER,...] [PID | TASK]...",
		 .summary = "The task_struct of a task.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
	.names_task = true,
};
