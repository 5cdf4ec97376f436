// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything for a first look, in sections. A section whose knowledge is not to be had says why and
 * leaves the others alone. To add one: write its function and one line in the table.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/sys.h"
#include "kernel/kernel.h"
#include "kernel/modules.h"
#include "kernel/panic_task.h"
#include "kernel/percpu.h"
#include "kernel/printk_text.h"
#include "kernel/system.h"
#include "kernel/tasks.h"
#include "util/rows.h"
#include "util/utf8.h"

#define LOG_RECORDS 20U
#define MAX_FAULTS  16
#define FAULT_LEN   200

struct report {
	struct analysis *analysis;
	struct rows rows;
	char faults[MAX_FAULTS][FAULT_LEN];
	size_t nr_faults;
	int code;
};

static void add_fault(struct report *r, const char *section, struct error *err)
{
	if (!err)
		return;
	if (r->nr_faults < MAX_FAULTS)
		snprintf(r->faults[r->nr_faults++], FAULT_LEN, "%s: %s", section, err->message);
	r->code = CLI_DAMAGED;
	error_destroy(err);
}

static struct error *report_sys(struct report *r)
{
	struct system_info info;
	struct error *err = system_info_read(r->analysis->kernel, &info);

	sys_rows(&r->rows, r->analysis, &info);
	sys_taint_row(&r->rows, r->analysis);
	return err;
}

static const struct rows_column task_columns[] = {
	{"cpu", "  CPU", 5},   {"pid", "      PID", 9}, {"task", "  TASK            ", -16},
	{"state", "  ST", -2}, {"comm", "  COMM", -1},  {"not_run_for_ns", "", 0},
	{"panicked", "", 0},
};

#define NR_TASK_COLUMNS (sizeof(task_columns) / sizeof(task_columns[0]))

/* A task, and how long it has not run if now is known. */
static void task_row(struct report *r, const struct task *task, unsigned int cpu, uint64_t now,
		     bool panicked)
{
	char comm[TASK_COMM_LEN + 16];

	snprintf(comm, sizeof(comm), "%s%s", task->comm,
		 panicked && !r->rows.as_json ? "  (PANIC)" : "");
	rows_begin_row(&r->rows);
	rows_cell_number(&r->rows, cpu);
	rows_cell_number(&r->rows, task->pid);
	rows_cell_hex(&r->rows, task->addr, 0);
	rows_cell_text(&r->rows, task_state_letters(task->state));
	rows_cell_text(&r->rows, comm);
	if (now > task->last_arrival)
		rows_cell_number(&r->rows, (int64_t)(now - task->last_arrival));
	else
		rows_cell_none(&r->rows);
	rows_cell_bool(&r->rows, panicked, "");
	rows_end_row(&r->rows);
}

static struct error *report_cpus(struct report *r)
{
	const struct panic_task *panic;
	const struct tasks *tasks;
	struct error *err;

	if ((err = analysis_tasks(r->analysis, &tasks)) ||
	    (err = analysis_panic(r->analysis, &panic)))
		return err;
	rows_begin_table(&r->rows, "running", task_columns, NR_TASK_COLUMNS, true);
	for (unsigned int cpu = 0; cpu < tasks->percpu->nr; cpu++) {
		const struct task *task = tasks_on_cpu(tasks, cpu);

		if (task)
			task_row(r, task, cpu, 0, task == panic->task);
	}
	rows_end_table(&r->rows);
	return NULL;
}

static bool is_blocked(const struct task *task)
{
	return !strcmp(task_state_letters(task->state), "UN");
}

static struct error *report_blocked(struct report *r)
{
	const struct tasks *tasks;
	struct error *err = analysis_tasks(r->analysis, &tasks);
	size_t nr = 0;

	if (err)
		return err;
	for (size_t i = 0; i < tasks->nr; i++)
		nr += is_blocked(&tasks->tasks[i]);
	rows_begin_table(&r->rows, "blocked", task_columns, NR_TASK_COLUMNS, nr);
	for (size_t i = 0; i < tasks->nr; i++) {
		const struct task *task = &tasks->tasks[i];

		if (is_blocked(task))
			task_row(r, task, (unsigned int)task->cpu, tasks_clock(tasks, task), false);
	}
	rows_end_table(&r->rows);
	if (!nr && !r->rows.as_json)
		puts("  (none)");
	return NULL;
}

static const struct rows_column module_columns[] = {
	{"name", "", -24}, {"taints", "", -8}, {"size", "", 0}};

/* Names in lines, as in an oops; those that taint the kernel have their letters behind them. */
static struct error *report_modules(struct report *r)
{
	const struct modules *modules;
	struct error *err = analysis_modules(r->analysis, &modules);
	size_t column = 0;

	if (err)
		return err;
	rows_begin_table(&r->rows, "modules", module_columns, 3, false);
	for (size_t i = 0; i < modules->nr; i++) {
		const struct module *module = &modules->modules[i];
		char taints[65], text[MODULE_NAME_LEN + 80];
		size_t len = 0;

		for (unsigned int bit = 0; bit < 64; bit++)
			if (module->taints >> bit & 1)
				taints[len++] = taint_letter(bit);
		taints[len] = '\0';
		if (r->rows.as_json) {
			rows_begin_row(&r->rows);
			rows_cell_text(&r->rows, module->name);
			rows_cell_text(&r->rows, taints);
			rows_cell_number(&r->rows, (int64_t)module->size);
			rows_end_row(&r->rows);
			continue;
		}
		snprintf(text, sizeof(text), len ? "%s(%s)" : "%s", module->name, taints);
		len = utf8_safe_length(text, strlen(text)) + 1;
		if (column && column + len > 78) {
			putchar('\n');
			column = 0;
		}
		fputs(column ? " " : "  ", stdout);
		utf8_put_safe(stdout, text);
		column += len + !column;
	}
	rows_end_table(&r->rows);
	if (!r->rows.as_json)
		puts(modules->nr ? "" : "  (none)");
	return NULL;
}

struct log {
	struct report *report;
	uint64_t skip; /* records before those that are shown */
	bool counting;
	struct printk_format format;
};

static const struct rows_column log_columns[] = {
	{"ts", "", 0}, {"level", "", 0}, {"caller", "", 0}, {"text", "", 0}};

static bool take_record(void *arg, const struct printk_record *record)
{
	struct log *log = arg;
	struct rows *rows = &log->report->rows;
	char caller[PRINTK_CALLER_LEN];

	if (log->counting) {
		log->skip++;
	} else if (log->skip) {
		log->skip--;
	} else if (rows->as_json) {
		json_begin_object(&rows->json, NULL);
		json_fixed(&rows->json, "ts", record->ts_nsec, 9);
		json_u64(&rows->json, "level", record->level);
		json_string(&rows->json, "caller", printk_caller(record, caller));
		json_bytes(&rows->json, "text", record->text, record->len);
		json_end_object(&rows->json);
	} else {
		printk_print(&log->format, record, stdout);
	}
	return !analysis_stopped(log->report->analysis);
}

static struct error *report_log(struct report *r)
{
	struct log log = {.report = r, .counting = true, .format = {.safe = r->analysis->safe}};
	struct printk_summary summary;
	struct error *err = printk_walk(r->analysis->kernel, take_record, &log, &summary);

	rows_begin_table(&r->rows, "log", log_columns, 4, false);
	log.counting = false;
	log.skip -= log.skip < LOG_RECORDS ? log.skip : LOG_RECORDS;
	if (!err)
		err = printk_walk(r->analysis->kernel, take_record, &log, &summary);
	rows_end_table(&r->rows);
	return err;
}

static const struct {
	const char *title; /* NULL: it begins the report */
	struct error *(*print)(struct report *r);
} sections[] = {
	{NULL, report_sys},
	{"RUNNING", report_cpus},
	{"BLOCKED (uninterruptible)", report_blocked},
	{"MODULES", report_modules},
	{"LOG", report_log},
};

static void print_sections(struct report *r)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		const char *title = sections[i].title;
		struct error *err;

		if (title && !r->rows.as_json)
			printf("\n%s\n", title);
		err = sections[i].print(r);
		if (err && !r->rows.as_json)
			printf("  (%s)\n", err->message);
		add_fault(r, title ? title : "SYSTEM", err);
	}
	if (!r->rows.as_json)
		return;
	rows_begin_list(&r->rows, "faults", "");
	for (size_t i = 0; i < r->nr_faults; i++)
		rows_item(&r->rows, r->faults[i]);
	rows_end_list(&r->rows);
}

static int run(struct analysis *analysis, struct cli *cli)
{
	struct report report = {.analysis = analysis};
	struct error *err;

	while (cli_next(cli) != -1)
		;
	if (cli_operand(cli))
		return cli_fail(cli, error_create(ERROR_USAGE, "report takes no operands"));
	if ((err = analysis_open(analysis)))
		return cli_fail(cli, err);
	rows_begin(&report.rows, stdout, cli->json, "report");
	print_sections(&report);
	rows_end(&report.rows);
	return report.code;
}

const struct command command_report = {
	.name = "report",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP report",
		 .summary = "All for a first look: the system, what ran, what was stuck, modules, "
			    "log."},
	.run = run,
};
