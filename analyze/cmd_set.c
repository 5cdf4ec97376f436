// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "kernel/panic_task.h"
#include "kernel/tasks.h"
#include "util/rows.h"
#include "util/utf8.h"

static const struct cli_option options[] = {
	{'c', NULL, "CPU", "the task that runs on this CPU"},
	{'p', NULL, NULL, "the task that panicked"},
};

static const char *note(const struct task *task, const struct panic_task *panic)
{
	return panic && panic->task == task ? " (PANIC)" : task->running ? " (ACTIVE)" : "";
}

static void print(const struct analysis *analysis, const struct task *task,
		  const struct panic_task *panic, bool as_json)
{
	char text[TASK_STATE_TEXT];
	struct rows rows;

	task_state_text(task->state, text);
	if (!as_json) {
		printf("    PID: %d\nCOMMAND: \"", task->pid);
		utf8_put_safe(stdout, task->comm);
		printf("\"\n   TASK: %" PRIx64, task->addr);
		if (analysis->tasks->fields[TASK_F_THREAD_INFO].name)
			printf("  [THREAD_INFO: %" PRIx64 "]",
			       task->addr + analysis->tasks->fields[TASK_F_THREAD_INFO].offset);
		printf("\n    CPU: %d\n  STATE: %s%s\n", task->cpu, text, note(task, panic));
		return;
	}
	rows_begin(&rows, stdout, true, "set");
	rows_number(&rows, "pid", "", (uint64_t)task->pid);
	rows_text(&rows, "comm", "", task->comm);
	rows_hex(&rows, "task", "", task->addr);
	if (task->cpu >= 0)
		rows_number(&rows, "cpu", "", (uint64_t)task->cpu);
	rows_text(&rows, "state", "", text);
	rows_bool(&rows, "running", "", task->running);
	rows_bool(&rows, "panic", "", panic && panic->task == task);
	rows_end(&rows);
}

static struct error *choose(struct analysis *analysis, struct cli *cli, bool panicked,
			    const char *cpu_text, const char *word)
{
	const struct task *task = NULL;
	const struct panic_task *panic;
	const struct tasks *tasks;
	struct error *err = NULL;
	uint64_t cpu;

	if (word)
		err = parse_task(analysis, word, &task);
	if (!err && cpu_text) {
		if ((err = cli_parse_number("-c", cpu_text, 0, UINT32_MAX, &cpu)) ||
		    (err = analysis_tasks(analysis, &tasks)))
			return err;
		task = tasks_on_cpu(tasks, (unsigned int)cpu);
		if (!task)
			return error_create(ERROR_NOT_FOUND, "what runs on CPU %s is not known",
					    cpu_text);
	}
	if (!err && panicked) {
		if ((err = analysis_panic(analysis, &panic)))
			return err;
		task = panic->task;
		if (!task)
			return error_create(ERROR_NOT_FOUND, "no task is known to have panicked");
	}
	if (!err && task)
		analysis->task = task->addr;
	return err;
}

static int run(struct analysis *analysis, struct cli *cli)
{
	const char *cpu = NULL, *word;
	bool panicked = false;
	const struct panic_task *panic = NULL;
	const struct task *task;
	struct error *err;
	int value;

	while ((value = cli_next(cli)) != -1) {
		if (value == 'c')
			cpu = cli->arg;
		else
			panicked = true;
	}
	word = cli_operand(cli);
	if ((word != NULL) + (cpu != NULL) + panicked > 1 || cli_operand(cli))
		return cli_fail(cli, error_create(ERROR_USAGE, "set chooses one task"));
	if ((err = choose(analysis, cli, panicked, cpu, word)) ||
	    (err = analysis_task(analysis, &task)) || (err = analysis_panic(analysis, &panic)))
		return cli_fail(cli, err);
	print(analysis, task, panic, cli->json);
	return CLI_DONE;
}

const struct command command_set = {
	.name = "set",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP set [-p | -c CPU | PID | TASK]",
		 .summary = "Shows or chooses the task that other commands are about.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
