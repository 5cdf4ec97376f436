// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/ps.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/percpu.h"
#include "kernel/tasks.h"
#include "kernel/user.h"
#include "util/rows.h"
#include "util/sys.h"

#define MAX_PAGES (1ULL << 44) /* more than any process can have */

struct process {
	uint64_t mm;
	uint64_t vsz, rss; /* pages */
};

struct ps_memory {
	struct process *processes; /* by mm */
	size_t nr;
	uint64_t total; /* pages of the machine */
};

static int compare(const void *a, const void *b)
{
	const struct process *left = a, *right = b;

	return left->mm < right->mm ? -1 : left->mm > right->mm;
}

/* Counters that are damaged, or below 0 because they were caught in the act, count as nothing. */
static uint64_t sane(uint64_t pages)
{
	return pages < MAX_PAGES ? pages : 0;
}

/* One entry for each mm: what its tasks hold back is added up first. */
static void merge(struct ps_memory *memory, struct kernel *kernel, const struct mm_layout *layout,
		  const struct percpu *percpu)
{
	size_t nr = 0;

	if (memory->nr)
		qsort(memory->processes, memory->nr, sizeof(struct process), compare);
	for (size_t i = 0; i < memory->nr; i++) {
		if (nr && memory->processes[nr - 1].mm == memory->processes[i].mm)
			memory->processes[nr - 1].rss += memory->processes[i].rss;
		else
			memory->processes[nr++] = memory->processes[i];
	}
	memory->nr = nr;
	for (size_t i = 0; i < nr; i++) {
		struct process *process = &memory->processes[i];
		struct mm_usage usage = mm_usage(kernel, layout, percpu, process->mm);

		process->vsz = sane(usage.vsz);
		process->rss = sane(process->rss + usage.rss);
	}
}

struct error *ps_load_memory(struct ps *ps)
{
	struct kernel *kernel = ps->analysis->kernel;
	const struct tasks *tasks = ps->tasks;
	struct mm_layout layout;
	struct error *err = mm_layout_init(kernel, &layout);

	if (err)
		return err;
	ps->memory = sys_calloc(1, sizeof(*ps->memory));
	if (!ps->memory)
		return &error_nomem;
	ps->memory->processes = sys_calloc(tasks->nr, sizeof(struct process));
	if (!ps->memory->processes)
		return &error_nomem;
	for (size_t i = 0; i < tasks->nr; i++) {
		const struct task *task = &tasks->tasks[i];

		if (task->mm)
			ps->memory->processes[ps->memory->nr++] = (struct process){
				.mm = task->mm,
				.rss = (uint64_t)mm_usage_of_task(kernel, &layout, task->addr),
			};
	}
	merge(ps->memory, kernel, &layout, tasks->percpu);
	kernel_variable(kernel, "_totalram_pages", kernel->dump->facts.word, &ps->memory->total);
	return NULL;
}

void ps_free_memory(struct ps_memory *memory)
{
	if (!memory)
		return;
	free(memory->processes);
	free(memory);
}

static struct process memory_of(const struct ps_memory *memory, const struct task *task)
{
	const struct process key = {.mm = task->mm}, *found = NULL;

	if (memory->nr)
		found = bsearch(&key, memory->processes, memory->nr, sizeof(key), compare);
	return found ? *found : key;
}

enum { COLUMN_TASK = 4 };

static const struct rows_column columns[] = {
	{"running", " ", 1},
	{"pid", "     PID", 8},
	{"ppid", "    PPID", 8},
	{"cpu", "  CPU", 4},
	{"task", "       TASK      ", 18},
	{"state", "  ST", 4},
	{"mem_percent", "  %MEM", 6},
	{"vsz_kib", "      VSZ", 9},
	{"rss_kib", "      RSS", 9},
	{"comm", "  COMM", -1},
	{"tgid", "", 0},
	{"kernel_thread", "", 0},
	{"state_name", "", 0},
	{"start_time_ns", "", 0},
	{"utime_ns", "", 0},
	{"stime_ns", "", 0},
	{"last_run_ns", "", 0},
};

#define NR_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void cell_field(const struct ps *ps, struct rows *rows, const struct task *task,
		       enum task_field field)
{
	uint64_t value;

	if (task_read(ps->analysis->kernel, ps->tasks, task->addr, field, &value))
		rows_cell_number(rows, (int64_t)value);
	else
		rows_cell_none(rows);
}

static void cell_comm(struct rows *rows, const struct task *task)
{
	bool brackets = !rows->as_json && task->flags & TASK_PF_KTHREAD;
	char text[TASK_COMM_LEN + 2];

	snprintf(text, sizeof(text), brackets ? "[%s]" : "%s", task->comm);
	rows_cell_text(rows, text);
}

static void print_row(const struct ps *ps, struct rows *rows, const struct task *task, int digits)
{
	const struct ps_memory *memory = ps->memory;
	struct process process = memory_of(memory, task);
	unsigned int kib_shift = ps->analysis->kernel->page_shift - 10;
	char state[TASK_STATE_TEXT];

	rows_begin_row(rows);
	rows_cell_bool(rows, task->running, ">");
	rows_cell_number(rows, task->pid);
	rows_cell_number(rows, task->ppid);
	if (task->cpu < 0)
		rows_cell_none(rows);
	else
		rows_cell_number(rows, task->cpu);
	rows_cell_hex(rows, task->addr, digits);
	rows_cell_text(rows, task_state_letters(task->state));
	rows_cell_fixed(rows, memory->total ? process.rss * 1000 / memory->total : 0, 1);
	rows_cell_number(rows, (int64_t)(process.vsz << kib_shift));
	rows_cell_number(rows, (int64_t)(process.rss << kib_shift));
	cell_comm(rows, task);
	rows_cell_number(rows, task->tgid);
	rows_cell_bool(rows, task->flags & TASK_PF_KTHREAD, "");
	rows_cell_text(rows, task_state_text(task->state, state));
	cell_field(ps, rows, task, TASK_F_START_TIME);
	cell_field(ps, rows, task, TASK_F_UTIME);
	cell_field(ps, rows, task, TASK_F_STIME);
	cell_field(ps, rows, task, TASK_F_LAST_ARRIVAL);
	rows_end_row(rows);
}

void ps_print_table(const struct ps *ps, struct rows *rows)
{
	bool wide = ps->analysis->kernel->dump->facts.word == 8;
	struct rows_column fitting[NR_COLUMNS];

	memcpy(fitting, columns, sizeof(fitting));
	if (!wide) {
		fitting[COLUMN_TASK].title = "   TASK  ";
		fitting[COLUMN_TASK].width = 10;
	}
	rows_begin_table(rows, "tasks", fitting, NR_COLUMNS, true);
	for (size_t i = 0; i < ps->nr; i++)
		print_row(ps, rows, ps->chosen[i], wide ? 16 : 8);
	rows_end_table(rows);
}
