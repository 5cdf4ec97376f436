/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the forms of ps share: the tasks that were asked for, and their memory. */
#ifndef ANALYZE_PS_H
#define ANALYZE_PS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/taskfilter.h"
#include "util/error.h"

struct analysis;
struct cli;
struct rows;
struct task;
struct tasks;

struct ps_memory; /* VSZ and RSS of all processes, each read once */

struct ps {
	struct analysis *analysis;
	const struct cli *cli;
	const struct tasks *tasks;
	struct task_filter filter;
	char form;                  /**< the letter of the option; '\0': the table */
	const struct task **chosen; /**< owned; in the order in which they are shown */
	size_t nr;
	struct ps_memory *memory; /**< owned */
};

void ps_deinit(struct ps *ps);

/** ps_table.c: PID PPID CPU TASK ST %MEM VSZ RSS COMM. */
struct error *ps_load_memory(struct ps *ps);
void ps_free_memory(struct ps_memory *memory);
void ps_print_table(const struct ps *ps, struct rows *rows);

/** ps_forms.c: what the letters p, c, g, t, l, m, a and S make of the same tasks, as text. */
void ps_print_form(const struct ps *ps);

#endif
