// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/ps.h"
#include "kernel/kernel.h"
#include "kernel/tasks.h"
#include "util/rows.h"
#include "util/sys.h"

static const struct cli_option options[] = {
	{'A', NULL, NULL, "only tasks that run on a CPU"},
	{'a', NULL, NULL, "the arguments and the environment of each"},
	{'c', NULL, NULL, "the children of each"},
	{'G', NULL, NULL, "only group leaders"},
	{'g', NULL, NULL, "the threads of each group"},
	{'k', NULL, NULL, "only threads of the kernel"},
	{'l', NULL, NULL, "when each began to run last, the latest first"},
	{'m', NULL, NULL, "how long ago each began to run last, the latest first"},
	{'p', NULL, NULL, "the parents of each"},
	{'S', NULL, NULL, "how many there are in each state"},
	{'t', NULL, NULL, "the times that each took"},
	{'u', NULL, NULL, "only threads of processes"},
	{'y', NULL, "POLICY",
	 "only tasks of this scheduling policy: NORMAL, FIFO, RR, BATCH,\n"
	 "IDLE, DEADLINE, EXT, or its number"},
};

static struct error *parse_policy(struct task_filter *filter, const char *text)
{
	// SCHED_ of include/uapi/linux/sched.h; 4 was never used
	static const char *const names[] = {"NORMAL", "FIFO", "RR",       "BATCH",
					    "",       "IDLE", "DEADLINE", "EXT"};
	uint64_t number;
	struct error *err;

	filter->by_policy = true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (*text && !strcmp(names[i], text)) {
			filter->policy = (int64_t)i;
			return NULL;
		}
	if (!(err = cli_parse_number("-y", text, 0, UINT32_MAX, &number)))
		filter->policy = (int64_t)number;
	return err;
}

static struct error *parse(struct ps *ps, struct cli *cli)
{
	struct error *err = NULL;
	const char *word;
	int value;

	while (!err && (value = cli_next(cli)) != -1) {
		switch (value) {
		case 'A': ps->filter.active = true; break;
		case 'G': ps->filter.leaders = true; break;
		case 'k': ps->filter.kernel = true; break;
		case 'u': ps->filter.user = true; break;
		case 'y': err = parse_policy(&ps->filter, cli->arg); break;
		default:
			if (ps->form && ps->form != (char)value)
				return error_create(ERROR_USAGE, "-%c and -%c cannot go together",
						    ps->form, value);
			ps->form = (char)value;
			break;
		}
	}
	while (!err && (word = cli_operand(cli)))
		err = task_filter_add_name(&ps->filter, word);
	return err;
}

static int later(const void *a, const void *b)
{
	const struct task *left = *(const struct task *const *)a;
	const struct task *right = *(const struct task *const *)b;

	if (left->last_arrival != right->last_arrival)
		return left->last_arrival > right->last_arrival ? -1 : 1;
	return left->pid < right->pid ? -1 : left->pid > right->pid;
}

static bool is_chosen(const struct ps *ps, const struct task *task)
{
	const struct task_filter *filter = ps->analysis->filter;
	struct kernel *kernel = ps->analysis->kernel;

	return task_filter_match(&ps->filter, kernel, ps->tasks, task) &&
	       (!filter || task_filter_match(filter, kernel, ps->tasks, task));
}

static struct error *choose(struct ps *ps)
{
	const struct tasks *tasks = ps->tasks;
	struct error *err = task_filter_check(&ps->filter, tasks);

	if (err)
		return err;
	ps->chosen = sys_calloc(tasks->nr + 1, sizeof(ps->chosen[0]));
	if (!ps->chosen)
		return &error_nomem;
	for (size_t i = 0; i < tasks->nr; i++)
		if (is_chosen(ps, &tasks->tasks[i]))
			ps->chosen[ps->nr++] = &tasks->tasks[i];
	if (ps->form == 'l' || ps->form == 'm')
		qsort(ps->chosen, ps->nr, sizeof(ps->chosen[0]), later);
	return NULL;
}

void ps_deinit(struct ps *ps)
{
	free(ps->chosen);
	ps_free_memory(ps->memory);
}

static int run(struct analysis *analysis, struct cli *cli)
{
	_cleanup_(ps_deinit) struct ps ps = {.analysis = analysis, .cli = cli};
	struct error *err = parse(&ps, cli);
	struct rows rows;

	if (err || (err = analysis_tasks(analysis, &ps.tasks)) || (err = choose(&ps)))
		return cli_fail(cli, err);
	if (ps.form && !cli->json) {
		ps_print_form(&ps);
	} else {
		if ((err = ps_load_memory(&ps)))
			return cli_fail(cli, err);
		rows_begin(&rows, stdout, cli->json, "ps");
		ps_print_table(&ps, &rows);
		rows_end(&rows);
	}
	return ps.tasks->nr_complaints ? CLI_DAMAGED : CLI_DONE;
}

const struct command command_ps = {
	.name = "ps",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP ps [options] [PID | TASK | COMMAND]...",
		 .summary = "The tasks, or those that are named.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
	.takes_choice = true,
};
