/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All tasks of a kernel: those on the list that begins at init_task, the threads of each, the idle
 * task of each CPU, and what the run queues say is running. Where the sources do not agree, or a
 * list is torn, what can be had is there and the rest is complained of.
 */
#ifndef KERNEL_TASKS_H
#define KERNEL_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/btf.h"
#include "util/error.h"

struct kernel;
struct percpu;

#define TASK_COMM_LEN       64 /**< with NUL; 16 bytes until now */
#define TASKS_MAX_COMPLAINT 160

/** Bits of task_struct.__state and exit_state, include/linux/sched.h. They stand so since 4.14, and
 * no kernel before had BTF. */
enum task_state {
	TASK_RUNNING = 0,
	TASK_INTERRUPTIBLE = 0x1,
	TASK_UNINTERRUPTIBLE = 0x2,
	TASK_STOPPED = 0x4,
	TASK_TRACED = 0x8,
	TASK_EXIT_DEAD = 0x10,
	TASK_EXIT_ZOMBIE = 0x20,
	TASK_PARKED = 0x40,
	TASK_DEAD = 0x80,
	TASK_WAKEKILL = 0x100,
	TASK_WAKING = 0x200,
	TASK_NOLOAD = 0x400,
	TASK_NEW = 0x800,
	TASK_RTLOCK_WAIT = 0x1000,
	TASK_FREEZABLE = 0x2000,
	TASK_FROZEN = 0x8000,
};

#define TASK_PF_KTHREAD 0x200000U /**< in task_struct.flags */

/** Members of task_struct that can be read from any task with task_read(). */
enum task_field {
	TASK_F_STATE,
	TASK_F_EXIT_STATE,
	TASK_F_FLAGS,
	TASK_F_PID,
	TASK_F_TGID,
	TASK_F_PARENT, /**< real_parent */
	TASK_F_COMM,
	TASK_F_MM,
	TASK_F_ACTIVE_MM,
	TASK_F_STACK,
	TASK_F_CPU,
	TASK_F_SIGNAL,
	TASK_F_TASKS,
	TASK_F_THREAD_NODE,
	TASK_F_START_TIME, /**< ns since boot */
	TASK_F_UTIME,      /**< ns, where the kernel counts exactly */
	TASK_F_STIME,
	TASK_F_LAST_ARRIVAL, /**< ns on the clock of its CPU */
	TASK_F_POLICY,
	TASK_F_PRIO,
	TASK_F_ON_RQ,
	TASK_F_THREAD_INFO, /**< where it is part of the task */
	TASK_NR_FIELDS,
};

struct task {
	uint64_t addr;   /**< of its task_struct */
	uint64_t parent; /**< its task_struct; 0 unknown */
	uint64_t mm;     /**< 0: none */
	uint64_t stack;  /**< lowest address of its kernel stack */
	uint64_t last_arrival;
	uint32_t state; /**< bits of enum task_state, those of exit_state among them */
	uint32_t flags;
	int32_t pid, tgid, ppid;
	int32_t cpu;  /**< that it runs on, or ran on last; -1 unknown */
	bool running; /**< what rq.curr of its CPU points at */
	bool idle;    /**< rq.idle */
	bool torn;    /**< parts of it cannot be read, and are 0 or empty here */
	char comm[TASK_COMM_LEN];
};

struct tasks {
	struct task *tasks; /**< by pid, then by CPU, then by address */
	size_t nr;
	struct percpu *percpu;
	uint64_t *current_on; /**< for each CPU its rq.curr, 0 unknown */
	uint64_t *run_queue;  /**< and its struct rq, 0 unknown */
	uint64_t *clock;      /**< and the clock of that, ns since boot */
	uint64_t now;         /**< the latest clock of a run queue, ns since boot; 0 unknown */
	uint64_t stack_size;  /**< THREAD_SIZE: bytes of a task's kernel stack */
	struct btf_member fields[TASK_NR_FIELDS];
	char complaints[8][TASKS_MAX_COMPLAINT]; /**< for people */
	size_t nr_complaints;
};

/** ERROR_NOT_FOUND when the kernel's symbols or types do not tell where tasks are. */
struct error *tasks_create(struct kernel *kernel, struct tasks **ret);
void tasks_destroy(struct tasks *tasks);
DEFINE_CLEANUP(struct tasks *, tasks_destroy)
#define _cleanup_tasks_ _cleanup_(cleanup_tasks_destroy)

/** A number of a task, or of any other task_struct. */
bool task_read(struct kernel *kernel, const struct tasks *tasks, uint64_t task,
	       enum task_field field, uint64_t *ret);

/** NULL when there is none. tasks_by_pid() gives of the idle tasks that of the first CPU. */
const struct task *tasks_by_addr(const struct tasks *tasks, uint64_t addr);
const struct task *tasks_by_pid(const struct tasks *tasks, int32_t pid);
/** What runs on a CPU. */
const struct task *tasks_on_cpu(const struct tasks *tasks, unsigned int cpu);

/** What the clock said by which its last_arrival counts; 0 unknown. */
uint64_t tasks_clock(const struct tasks *tasks, const struct task *task);

/** "RU", "IN", "UN" and so on, as crash and ps of old say; "??" for what no kernel has. */
const char *task_state_letters(uint32_t state);
/** "TASK_UNINTERRUPTIBLE|TASK_NOLOAD" */
#define TASK_STATE_TEXT 160
const char *task_state_text(uint32_t state, char buf[static TASK_STATE_TEXT]);

#endif
