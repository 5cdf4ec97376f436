// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/ps.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/member.h"
#include "kernel/tasks.h"
#include "kernel/user.h"
#include "util/checked.h"
#include "util/utf8.h"

#define NSEC_PER_SEC  UINT64_C(1000000000)
#define MAX_ANCESTORS 256
#define MAX_ARGUMENTS (64U << 10) /* bytes of them that are shown */

static void print_parents(const struct ps *ps, const struct task *task)
{
	const struct task *line[MAX_ANCESTORS] = {task};
	size_t nr = 1;

	while (nr < MAX_ANCESTORS) {
		const struct task *parent = tasks_by_addr(ps->tasks, line[nr - 1]->parent);

		if (!parent || parent == line[nr - 1])
			break;
		line[nr++] = parent;
	}
	for (size_t i = 0; i < nr; i++) {
		printf("%*s", (int)i, "");
		print_task(stdout, line[nr - 1 - i]);
	}
	putchar('\n');
}

static void print_children(const struct ps *ps, const struct task *task)
{
	bool any = false;

	print_task(stdout, task);
	for (size_t i = 0; i < ps->tasks->nr; i++) {
		const struct task *child = &ps->tasks->tasks[i];

		if (child->parent != task->addr || child == task || child->pid != child->tgid)
			continue;
		fputs("  ", stdout);
		print_task(stdout, child);
		any = true;
	}
	puts(any ? "" : "  (no children)\n");
}

static void print_group(const struct ps *ps, const struct task *task)
{
	bool any = false;

	if (task->pid != task->tgid)
		return;
	print_task(stdout, task);
	for (size_t i = 0; i < ps->tasks->nr; i++) {
		const struct task *thread = &ps->tasks->tasks[i];

		if (thread->tgid != task->tgid || thread == task || thread->idle)
			continue;
		fputs("  ", stdout);
		print_task(stdout, thread);
		any = true;
	}
	puts(any ? "" : "  (no threads)\n");
}

static void print_times(const struct ps *ps, const struct task *task)
{
	struct kernel *kernel = ps->analysis->kernel;
	uint64_t start = 0, utime = 0, stime = 0, sec;

	task_read(kernel, ps->tasks, task->addr, TASK_F_START_TIME, &start);
	task_read(kernel, ps->tasks, task->addr, TASK_F_UTIME, &utime);
	task_read(kernel, ps->tasks, task->addr, TASK_F_STIME, &stime);
	sec = ps->tasks->now > start ? (ps->tasks->now - start) / NSEC_PER_SEC : 0;
	print_task(stdout, task);
	fputs("    RUN TIME: ", stdout);
	if (sec >= 86400)
		printf("%" PRIu64 " days, ", sec / 86400);
	printf("%02u:%02u:%02u\n  START TIME: %" PRIu64 "\n       UTIME: %" PRIu64
	       "\n       STIME: %" PRIu64 "\n\n",
	       (unsigned int)(sec / 3600 % 24), (unsigned int)(sec / 60 % 60),
	       (unsigned int)(sec % 60), start, utime, stime);
}

/* How long ago it ran, by the clock of its CPU; or when. */
static void print_last_run(const struct ps *ps, const struct task *task)
{
	uint64_t now = tasks_clock(ps->tasks, task);
	uint64_t ago = now > task->last_arrival ? now - task->last_arrival : 0;
	uint64_t sec = ago / NSEC_PER_SEC;

	if (ps->form == 'l')
		printf("[%11" PRIu64 "] ", task->last_arrival);
	else
		printf("[%" PRIu64 " %02u:%02u:%02u.%03u] ", sec / 86400,
		       (unsigned int)(sec / 3600 % 24), (unsigned int)(sec / 60 % 60),
		       (unsigned int)(sec % 60), (unsigned int)(ago / 1000000 % 1000));
	printf("[%s]  ", task_state_letters(task->state));
	print_task(stdout, task);
}

/* The texts between two addresses of a process, each ended by NUL. */
static void print_texts(const struct ps *ps, const struct addrspace *as, const char *label,
			uint64_t start, uint64_t end, bool in_lines)
{
	uint8_t part[1024];
	bool first = true;

	printf("%s", label);
	end = start + min_u64(end - start, MAX_ARGUMENTS);
	while (start < end) {
		size_t want = (size_t)min_u64(sizeof(part), end - start);
		size_t got = kernel_read_as(ps->analysis->kernel, as, start, part, want);

		for (size_t i = 0; i < got; i++) {
			if (part[i])
				utf8_print_safe(stdout, (const char *)part + i, 1, false);
			else if (start + i + 1 < end)
				fputs(in_lines ? "\n     " : " ", stdout);
			first = false;
		}
		start += got;
		if (got < want)
			break;
	}
	if (start < end)
		printf("%s(unreadable at %" PRIx64 ")", first ? "" : " ", start);
	putchar('\n');
}

static void print_arguments(const struct ps *ps, const struct task *task)
{
	static const struct member_path paths[] = {
		{"mm_struct.arg_start", NULL, false},
		{"mm_struct.arg_end", NULL, false},
		{"mm_struct.env_start", NULL, false},
		{"mm_struct.env_end", NULL, false},
	};
	struct kernel *kernel = ps->analysis->kernel;
	struct btf_member members[4];
	uint64_t at[4];
	struct addrspace as;
	const struct btf *btf;

	print_task(stdout, task);
	if (!task->mm) {
		puts("(no user stack)\n");
		return;
	}
	if (error_ignore(kernel_btf(kernel, &btf)) ||
	    error_ignore(members_find(btf, paths, 4, members)) ||
	    error_ignore(user_addrspace(kernel, task->mm, &as))) {
		puts("(unreadable)\n");
		return;
	}
	for (size_t i = 0; i < 4; i++)
		if (!member_read(kernel, &members[i], task->mm, &at[i]))
			at[i] = 0;
	print_texts(ps, &as, "ARG: ", at[0], max_u64(at[0], at[1]), false);
	print_texts(ps, &as, "ENV: ", at[2], max_u64(at[2], at[3]), true);
	putchar('\n');
}

static void print_summary(const struct ps *ps)
{
	static const char *const states[] = {"RU", "IN", "UN", "ID", "ST", "TR",
					     "ZO", "DE", "PA", "WA", "NE", "??"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		size_t nr = 0;

		for (size_t k = 0; k < ps->nr; k++)
			nr += !strcmp(task_state_letters(ps->chosen[k]->state), states[i]);
		if (nr)
			printf("  %s: %zu\n", states[i], nr);
	}
}

void ps_print_form(const struct ps *ps)
{
	static const struct {
		char letter;
		void (*print)(const struct ps *ps, const struct task *task);
	} forms[] = {
		{'p', print_parents},   {'c', print_children}, {'g', print_group},
		{'t', print_times},     {'l', print_last_run}, {'m', print_last_run},
		{'a', print_arguments},
	};

	if (ps->form == 'S')
		print_summary(ps);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		for (size_t k = 0; k < ps->nr && forms[i].letter == ps->form; k++)
			forms[i].print(ps, ps->chosen[k]);
}
