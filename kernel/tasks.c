// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tasks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/list.h"
#include "kernel/member.h"
#include "kernel/percpu.h"
#include "util/checked.h"
#include "util/numset.h"
#include "util/sys.h"

#define MIN_STACK 4096U
#define MAX_STACK (1U << 20)

static const struct member_path task_paths[TASK_NR_FIELDS] = {
	// Linux commit 2f064a59a11f ("sched: Change task_struct::state", 5.14)
	[TASK_F_STATE] = {"task_struct.__state", "task_struct.state"},
	[TASK_F_EXIT_STATE] = {"task_struct.exit_state", NULL, true},
	[TASK_F_FLAGS] = {"task_struct.flags"},
	[TASK_F_PID] = {"task_struct.pid"},
	[TASK_F_TGID] = {"task_struct.tgid"},
	[TASK_F_PARENT] = {"task_struct.real_parent", NULL, true},
	[TASK_F_COMM] = {"task_struct.comm"},
	[TASK_F_MM] = {"task_struct.mm"},
	[TASK_F_ACTIVE_MM] = {"task_struct.active_mm", NULL, true},
	[TASK_F_STACK] = {"task_struct.stack"},
	// Linux commit bcf9033e5449 ("sched: move CPU field back into thread_info", 5.16)
	[TASK_F_CPU] = {"task_struct.thread_info.cpu", "task_struct.cpu", true},
	[TASK_F_SIGNAL] = {"task_struct.signal", NULL, true},
	[TASK_F_TASKS] = {"task_struct.tasks"},
	[TASK_F_THREAD_NODE] = {"task_struct.thread_node", NULL, true},
	[TASK_F_START_TIME] = {"task_struct.start_time", NULL, true},
	[TASK_F_UTIME] = {"task_struct.utime", NULL, true},
	[TASK_F_STIME] = {"task_struct.stime", NULL, true},
	[TASK_F_LAST_ARRIVAL] = {"task_struct.sched_info.last_arrival", NULL, true},
	[TASK_F_POLICY] = {"task_struct.policy", NULL, true},
	[TASK_F_PRIO] = {"task_struct.prio", NULL, true},
	[TASK_F_ON_RQ] = {"task_struct.on_rq", NULL, true},
	[TASK_F_THREAD_INFO] = {"task_struct.thread_info", NULL, true},
};

enum other_member { RQ_CURR, RQ_IDLE, RQ_CLOCK, THREAD_HEAD, NR_OTHERS };

static const struct member_path other_paths[NR_OTHERS] = {
	[RQ_CURR] = {"rq.curr", NULL, true},
	[RQ_IDLE] = {"rq.idle", NULL, true},
	[RQ_CLOCK] = {"rq.clock", NULL, true},
	[THREAD_HEAD] = {"signal_struct.thread_head", NULL, true},
};

/* What the collecting of tasks needs besides. */
struct collector {
	struct kernel *kernel;
	struct tasks *tasks;
	size_t capacity;
	struct numset seen;
	struct btf_member others[NR_OTHERS];
};

static void __attribute__((format(printf, 2, 3)))
complain(struct tasks *tasks, const char *fmt, ...)
{
	va_list args;

	if (tasks->nr_complaints == sizeof(tasks->complaints) / sizeof(tasks->complaints[0]))
		return;
	va_start(args, fmt);
	vsnprintf(tasks->complaints[tasks->nr_complaints++], TASKS_MAX_COMPLAINT, fmt, args);
	va_end(args);
}

bool task_read(struct kernel *kernel, const struct tasks *tasks, uint64_t task,
	       enum task_field field, uint64_t *ret)
{
	return member_read(kernel, &tasks->fields[field], task, ret);
}

/* A number of a task that is being looked at; 0 and a torn task when it cannot be read. */
static uint64_t get(struct collector *c, struct task *task, enum task_field field)
{
	uint64_t value = 0;

	if (member_known(&c->tasks->fields[field]) &&
	    !task_read(c->kernel, c->tasks, task->addr, field, &value))
		task->torn = true;
	return value;
}

static void read_task(struct collector *c, uint64_t addr, struct task *task)
{
	struct tasks *tasks = c->tasks;
	uint64_t value;

	*task = (struct task){.addr = addr, .cpu = -1};
	task->state = (uint32_t)get(c, task, TASK_F_STATE);
	task->state |= (uint32_t)get(c, task, TASK_F_EXIT_STATE);
	task->flags = (uint32_t)get(c, task, TASK_F_FLAGS);
	task->pid = (int32_t)get(c, task, TASK_F_PID);
	task->tgid = (int32_t)get(c, task, TASK_F_TGID);
	task->parent = get(c, task, TASK_F_PARENT);
	task->mm = get(c, task, TASK_F_MM);
	task->stack = get(c, task, TASK_F_STACK);
	task->last_arrival = get(c, task, TASK_F_LAST_ARRIVAL);
	if (task_read(c->kernel, tasks, addr, TASK_F_CPU, &value))
		task->cpu = (int32_t)value;
	if (task->parent && task_read(c->kernel, tasks, task->parent, TASK_F_TGID, &value))
		task->ppid = (int32_t)value;
	if (!member_read_text(c->kernel, &tasks->fields[TASK_F_COMM], addr, task->comm,
			      sizeof(task->comm)))
		task->torn = true;
}

/* Adds a task unless it is there already. */
static struct error *add(struct collector *c, uint64_t addr)
{
	struct tasks *tasks = c->tasks;
	enum numset_result seen = numset_add(&c->seen, addr);

	if (seen == NUMSET_NOMEM)
		return &error_nomem;
	if (seen == NUMSET_SEEN || tasks->nr == LIST_MAX)
		return NULL;
	if (tasks->nr == c->capacity) {
		size_t capacity = c->capacity ? 2 * c->capacity : 256;
		struct task *grown = sys_realloc(tasks->tasks, capacity * sizeof(*grown));

		if (!grown)
			return &error_nomem;
		tasks->tasks = grown;
		c->capacity = capacity;
	}
	read_task(c, addr, &tasks->tasks[tasks->nr++]);
	return NULL;
}

/* Links of a list of tasks. */
struct links {
	struct collector *c;
	uint64_t offset; /* in task_struct */
};

static struct error *add_link(void *arg, uint64_t link)
{
	const struct links *links = arg;

	return add(links->c, link - links->offset);
}

static struct error *walk(struct collector *c, uint64_t head, enum task_field link,
			  const char *what)
{
	struct links links = {c, c->tasks->fields[link].offset};
	_cleanup_error_ struct error *torn = NULL;
	struct error *err = list_each(c->kernel, head, add_link, &links, &torn);

	if (torn)
		complain(c->tasks, "%s: %s", what, torn->message);
	return err;
}

static struct error *walk_threads(struct collector *c)
{
	const struct btf_member *head = &c->others[THREAD_HEAD];
	size_t leaders = c->tasks->nr;
	struct error *err = NULL;
	uint64_t signal;

	if (!member_known(head) || !member_known(&c->tasks->fields[TASK_F_THREAD_NODE]))
		return NULL;
	for (size_t i = 0; i < leaders && !err; i++) {
		const struct task *leader = &c->tasks->tasks[i];
		char what[48];

		snprintf(what, sizeof(what), "threads of %d", leader->pid);
		if (task_read(c->kernel, c->tasks, leader->addr, TASK_F_SIGNAL, &signal) && signal)
			err = walk(c, signal + head->offset, TASK_F_THREAD_NODE, what);
	}
	return err;
}

static struct task *find(struct tasks *tasks, uint64_t addr)
{
	for (size_t i = 0; i < tasks->nr; i++)
		if (tasks->tasks[i].addr == addr)
			return &tasks->tasks[i];
	return NULL;
}

/* What a run queue points at is a task too, whether it is on a list or not. */
static struct error *add_pointed(struct collector *c, enum other_member member, uint64_t rq,
				 struct task **ret)
{
	uint64_t addr = 0;
	struct error *err = NULL;

	if (member_read(c->kernel, &c->others[member], rq, &addr) && addr)
		err = add(c, addr);
	*ret = addr && !err ? find(c->tasks, addr) : NULL;
	return err;
}

static struct error *add_cpu(struct collector *c, unsigned int cpu, uint64_t rq)
{
	struct tasks *tasks = c->tasks;
	size_t before;
	struct task *task;
	struct error *err = add_pointed(c, RQ_IDLE, rq, &task);

	if (err)
		return err;
	if (member_read(c->kernel, &c->others[RQ_CLOCK], rq, &tasks->clock[cpu]))
		tasks->now = max_u64(tasks->now, tasks->clock[cpu]);
	if (task) {
		task->idle = true;
		task->ppid = 0; // its parent is whoever brought the CPU up
	}
	tasks->run_queue[cpu] = rq;
	before = tasks->nr;
	if ((err = add_pointed(c, RQ_CURR, rq, &task)))
		return err;
	if (!task) {
		complain(tasks,
			 "what runs on CPU %u is unknown, its run queue at 0x%llx does not tell",
			 cpu, (unsigned long long)rq);
		return NULL;
	}
	if (before != tasks->nr)
		complain(tasks, "the task 0x%llx runs on CPU %u and is on no list of tasks",
			 (unsigned long long)task->addr, cpu);
	tasks->current_on[cpu] = task->addr;
	task->running = true;
	return NULL;
}

static struct error *add_cpus(struct collector *c)
{
	struct tasks *tasks = c->tasks;
	struct error *err = percpu_create(c->kernel, &tasks->percpu);
	uint64_t runqueues, rq;

	if (err)
		return err;
	tasks->current_on = sys_calloc(tasks->percpu->nr, sizeof(uint64_t));
	tasks->run_queue = sys_calloc(tasks->percpu->nr, sizeof(uint64_t));
	tasks->clock = sys_calloc(tasks->percpu->nr, sizeof(uint64_t));
	if (!tasks->current_on || !tasks->run_queue || !tasks->clock)
		return &error_nomem;
	if (!member_known(&c->others[RQ_CURR]) ||
	    !kernel_lookup(c->kernel, "runqueues", &runqueues)) {
		complain(tasks, "the kernel does not tell where its run queues are");
		return NULL;
	}
	for (unsigned int cpu = 0; cpu < tasks->percpu->nr && !err; cpu++)
		if (tasks->percpu->cpus[cpu].present &&
		    percpu_address(tasks->percpu, runqueues, cpu, &rq))
			err = add_cpu(c, cpu, rq);
	return err;
}

/* The stack of init_task, which the linker lays out. */
static uint64_t find_stack_size(struct kernel *kernel)
{
	// renamed by Linux commit 8f69cba096b5 (6.10)
	static const char *const names[][2] = {
		{"__start_init_stack", "__end_init_stack"},
		{"__start_init_task", "__end_init_task"},
	};
	uint64_t start, end;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (kernel_lookup(kernel, names[i][0], &start) &&
		    kernel_lookup(kernel, names[i][1], &end) && is_power_of_two(end - start) &&
		    end - start >= MIN_STACK && end - start <= MAX_STACK)
			return end - start;
	return kernel->dump->facts.word == 8 ? 16384 : 8192;
}

static int compare(const void *a, const void *b)
{
	const struct task *left = a, *right = b;

	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	if (left->cpu != right->cpu)
		return left->cpu < right->cpu ? -1 : 1;
	return left->addr < right->addr ? -1 : left->addr > right->addr;
}

static struct error *collect(struct collector *c)
{
	const struct btf *btf;
	struct error *err = kernel_btf(c->kernel, &btf);
	uint64_t init_task, nr_threads;
	size_t listed, torn = 0;

	if (err || (err = members_find(btf, task_paths, TASK_NR_FIELDS, c->tasks->fields)) ||
	    (err = members_find(btf, other_paths, NR_OTHERS, c->others)))
		return err;
	if (!kernel_lookup(c->kernel, "init_task", &init_task))
		return error_create(ERROR_NOT_FOUND, "the kernel's symbols have no init_task");
	if ((err = add(c, init_task)) ||
	    (err = walk(c, init_task + c->tasks->fields[TASK_F_TASKS].offset, TASK_F_TASKS,
			"tasks")) ||
	    (err = walk_threads(c)))
		return err;
	c->tasks->stack_size = find_stack_size(c->kernel);
	listed = c->tasks->nr - 1;
	// idle tasks are not counted
	if (kernel_variable(c->kernel, "nr_threads", 4, &nr_threads) && nr_threads != listed)
		complain(c->tasks, "%zu tasks are on the lists, and the kernel counted %u", listed,
			 (uint32_t)nr_threads);
	if ((err = add_cpus(c)))
		return err;
	for (size_t i = 0; i < c->tasks->nr; i++)
		torn += c->tasks->tasks[i].torn;
	if (torn)
		complain(c->tasks, "%zu tasks cannot be read, or not all of them", torn);
	qsort(c->tasks->tasks, c->tasks->nr, sizeof(struct task), compare);
	return NULL;
}

struct error *tasks_create(struct kernel *kernel, struct tasks **ret)
{
	_cleanup_tasks_ struct tasks *tasks = sys_calloc(1, sizeof(*tasks));
	struct collector c = {.kernel = kernel, .tasks = tasks};
	struct error *err;

	if (!tasks)
		return &error_nomem;
	err = collect(&c);
	numset_deinit(&c.seen);
	if (!err)
		*ret = TAKE_PTR(tasks);
	return err;
}

void tasks_destroy(struct tasks *tasks)
{
	if (!tasks)
		return;
	percpu_destroy(tasks->percpu);
	free(tasks->current_on);
	free(tasks->run_queue);
	free(tasks->clock);
	free(tasks->tasks);
	free(tasks);
}

const struct task *tasks_by_addr(const struct tasks *tasks, uint64_t addr)
{
	return find((struct tasks *)(uintptr_t)tasks, addr);
}

const struct task *tasks_by_pid(const struct tasks *tasks, int32_t pid)
{
	for (size_t i = 0; i < tasks->nr; i++)
		if (tasks->tasks[i].pid == pid)
			return &tasks->tasks[i];
	return NULL;
}

uint64_t tasks_clock(const struct tasks *tasks, const struct task *task)
{
	bool known = task->cpu >= 0 && (unsigned int)task->cpu < tasks->percpu->nr;

	return known && tasks->clock[task->cpu] ? tasks->clock[task->cpu] : tasks->now;
}

const struct task *tasks_on_cpu(const struct tasks *tasks, unsigned int cpu)
{
	if (cpu >= tasks->percpu->nr || !tasks->current_on[cpu])
		return NULL;
	return tasks_by_addr(tasks, tasks->current_on[cpu]);
}
