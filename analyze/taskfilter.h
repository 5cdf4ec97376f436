/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which tasks a command is about: what ps and foreach understand. */
#ifndef ANALYZE_TASKFILTER_H
#define ANALYZE_TASKFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct task;
struct tasks;

#define TASKFILTER_MAX 64

/** Begins as zeros, which all tasks pass. Of different kinds of conditions a task has to meet one
 * of each, of the same kind any. */
struct task_filter {
	bool kernel, user; /**< threads of the kernel, or of processes */
	bool leaders;      /**< only group leaders */
	bool active;       /**< only what runs on a CPU */
	int64_t policy;    /**< with by_policy: a SCHED_ number */
	bool by_policy;
	const char *states[TASKFILTER_MAX]; /**< "UN" */
	size_t nr_states;
	const char *names[TASKFILTER_MAX]; /**< PID, address of a task_struct, or command */
	size_t nr_names;
};

/** Takes a word of foreach: kernel, user, gleader, active, a state like UN, a PID, an address or a
 * command (\NAME for one that looks like something else). ERROR_USAGE when there are too many. */
struct error *task_filter_add(struct task_filter *filter, const char *word);

/** Takes a word that names tasks. */
struct error *task_filter_add_name(struct task_filter *filter, const char *word);

struct kernel;
bool task_filter_match(const struct task_filter *filter, struct kernel *kernel,
		       const struct tasks *tasks, const struct task *task);

/** ERROR_USAGE names the first word that no task has. */
struct error *task_filter_check(const struct task_filter *filter, const struct tasks *tasks);

#endif
