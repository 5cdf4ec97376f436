// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/member.h"
#include "kernel/percpu.h"
#include "kernel/tasks.h"
#include "util/rows.h"
#include "util/utf8.h"

#define MAX_RT_PRIO 100 /* priorities below are real time, include/linux/sched/prio.h */

static const struct cli_option options[] = {
	{'c', NULL, "CPUS", "only these CPUs: 0,2-4"},
};

enum { RQ_RT, RQ_CFS, NR_PATHS };

static const struct member_path paths[NR_PATHS] = {
	[RQ_RT] = {"rq.rt.active", NULL, true},
	[RQ_CFS] = {"rq.cfs.tasks_timeline", NULL, true},
};

static const struct rows_column columns[] = {
	{"cpu", "", 0},     {"pid", "", 0},  {"task", "", 0},      {"comm", "", 0},
	{"current", "", 0}, {"prio", "", 0}, {"run_queue", "", 0},
};

struct request {
	struct analysis *analysis;
	const struct tasks *tasks;
	struct rows rows;
	struct btf_member members[NR_PATHS];
};

static void print_name(const struct task *task)
{
	printf("PID: %-5d  TASK: %" PRIx64 "  COMMAND: \"", task->pid, task->addr);
	utf8_put_safe(stdout, task->comm);
	puts("\"");
}

static int32_t prio_of(const struct request *r, const struct task *task)
{
	uint64_t prio = 0;

	task_read(r->analysis->kernel, r->tasks, task->addr, TASK_F_PRIO, &prio);
	return (int32_t)prio;
}

/* A task that waits for the CPU: TASK_ON_RQ_QUEUED is 1. */
static bool is_queued(const struct request *r, const struct task *task, unsigned int cpu)
{
	uint64_t on_rq = 0;

	return task->cpu == (int32_t)cpu && !task->idle && !task->running &&
	       task_read(r->analysis->kernel, r->tasks, task->addr, TASK_F_ON_RQ, &on_rq) &&
	       on_rq == 1;
}

static void print_json_task(struct request *r, const struct task *task, unsigned int cpu,
			    bool current)
{
	rows_begin_row(&r->rows);
	rows_cell_number(&r->rows, cpu);
	rows_cell_number(&r->rows, task->pid);
	rows_cell_hex(&r->rows, task->addr, 0);
	rows_cell_text(&r->rows, task->comm);
	rows_cell_bool(&r->rows, current, "");
	rows_cell_number(&r->rows, prio_of(r, task));
	rows_cell_hex(&r->rows, r->tasks->run_queue[cpu], 0);
	rows_end_row(&r->rows);
}

static void print_queue(const struct request *r, unsigned int cpu, const char *label, int member,
			bool real_time)
{
	bool any = false;

	printf("  %s: %" PRIx64 "\n", label, r->tasks->run_queue[cpu] + r->members[member].offset);
	for (size_t i = 0; i < r->tasks->nr; i++) {
		const struct task *task = &r->tasks->tasks[i];

		if (!is_queued(r, task, cpu) || (prio_of(r, task) < MAX_RT_PRIO) != real_time)
			continue;
		printf("     [%3d] ", prio_of(r, task));
		print_name(task);
		any = true;
	}
	if (!any)
		puts("     [no tasks queued]");
}

static void print_cpu(struct request *r, unsigned int cpu)
{
	const struct task *current = tasks_on_cpu(r->tasks, cpu);

	if (r->rows.as_json) {
		if (current)
			print_json_task(r, current, cpu, true);
		for (size_t i = 0; i < r->tasks->nr; i++)
			if (is_queued(r, &r->tasks->tasks[i], cpu))
				print_json_task(r, &r->tasks->tasks[i], cpu, false);
		return;
	}
	printf("CPU %u RUNQUEUE: %" PRIx64 "\n  CURRENT: ", cpu, r->tasks->run_queue[cpu]);
	if (current)
		print_name(current);
	else
		puts("(unknown)");
	print_queue(r, cpu, "RT PRIO_ARRAY", RQ_RT, true);
	print_queue(r, cpu, "CFS RB_ROOT", RQ_CFS, false);
	putchar('\n');
}

static int run(struct analysis *analysis, struct cli *cli)
{
	_cleanup_cpus_ struct cpu_list cpus = {0};
	struct request r = {.analysis = analysis};
	char list[128] = ":a";
	const struct btf *btf;
	struct error *err;

	while (cli_next(cli) != -1)
		snprintf(list, sizeof(list), ":%s", cli->arg);
	if (cli_operand(cli))
		return cli_fail(cli, error_create(ERROR_USAGE, "runq takes no operands"));
	if ((err = analysis_tasks(analysis, &r.tasks)) ||
	    (err = parse_cpus(analysis, list, &cpus)) ||
	    (err = kernel_btf(analysis->kernel, &btf)) ||
	    (err = members_find(btf, paths, NR_PATHS, r.members)))
		return cli_fail(cli, err);
	rows_begin(&r.rows, stdout, cli->json, "runq");
	rows_begin_table(&r.rows, "tasks", columns, sizeof(columns) / sizeof(columns[0]), false);
	for (unsigned int cpu = 0; cpu < cpus.nr; cpu++)
		if (cpus.wanted[cpu] && r.tasks->run_queue[cpu])
			print_cpu(&r, cpu);
	rows_end_table(&r.rows);
	rows_end(&r.rows);
	return r.tasks->nr_complaints ? CLI_DAMAGED : CLI_DONE;
}

const struct command command_runq = {
	.name = "runq",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP runq [-c CPUS]",
		 .summary = "What runs on each CPU, and what waits for it.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
