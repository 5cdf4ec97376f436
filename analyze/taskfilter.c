// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/taskfilter.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/tasks.h"

static struct error *push(const char **list, size_t *nr, const char *word)
{
	if (*nr == TASKFILTER_MAX)
		return error_create(ERROR_USAGE, "more than %d tasks are named", TASKFILTER_MAX);
	list[(*nr)++] = word;
	return NULL;
}

static bool is_state(const char *word)
{
	static const char *const states[] = {"RU", "IN", "UN", "ID", "ZO", "ST",
					     "TR", "DE", "PA", "WA", "NE"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(states[i], word))
			return true;
	return false;
}

struct error *task_filter_add_name(struct task_filter *filter, const char *word)
{
	return push(filter->names, &filter->nr_names, word);
}

struct error *task_filter_add(struct task_filter *filter, const char *word)
{
	if (!strcmp(word, "kernel"))
		filter->kernel = true;
	else if (!strcmp(word, "user"))
		filter->user = true;
	else if (!strcmp(word, "gleader"))
		filter->leaders = true;
	else if (!strcmp(word, "active"))
		filter->active = true;
	else if (is_state(word))
		return push(filter->states, &filter->nr_states, word);
	else
		return task_filter_add_name(filter, word);
	return NULL;
}

static bool is_named(const struct task *task, const char *word)
{
	char *end;
	unsigned long long number;

	if (*word == '\\')
		return !strcmp(task->comm, word + 1);
	if (isdigit((unsigned char)*word)) {
		number = strtoull(word, &end, 10);
		if (!*end && number == (unsigned long long)task->pid)
			return true;
	}
	number = strtoull(word, &end, 16);
	return (!*end && end != word && number == task->addr) || !strcmp(task->comm, word);
}

static bool has_state(const struct task_filter *filter, const struct task *task)
{
	for (size_t i = 0; i < filter->nr_states; i++)
		if (!strcmp(filter->states[i], task_state_letters(task->state)))
			return true;
	return !filter->nr_states;
}

static bool has_name(const struct task_filter *filter, const struct task *task)
{
	for (size_t i = 0; i < filter->nr_names; i++)
		if (is_named(task, filter->names[i]))
			return true;
	return !filter->nr_names;
}

bool task_filter_match(const struct task_filter *filter, struct kernel *kernel,
		       const struct tasks *tasks, const struct task *task)
{
	bool is_kernel = task->flags & TASK_PF_KTHREAD;
	uint64_t policy;

	if ((filter->kernel || filter->user) &&
	    !((filter->kernel && is_kernel) || (filter->user && !is_kernel)))
		return false;
	if ((filter->leaders && task->pid != task->tgid) || (filter->active && !task->running))
		return false;
	if (filter->by_policy && (!task_read(kernel, tasks, task->addr, TASK_F_POLICY, &policy) ||
				  (int64_t)policy != filter->policy))
		return false;
	return has_state(filter, task) && has_name(filter, task);
}

struct error *task_filter_check(const struct task_filter *filter, const struct tasks *tasks)
{
	for (size_t i = 0; i < filter->nr_names; i++) {
		bool found = false;

		for (size_t k = 0; k < tasks->nr && !found; k++)
			found = is_named(&tasks->tasks[k], filter->names[i]);
		if (!found)
			return error_create(ERROR_USAGE, "there is no task '%s'", filter->names[i]);
	}
	return NULL;
}
