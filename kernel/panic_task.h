/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which CPU and which task brought the kernel down: by the kernel's variables, by what the run
 * queues say, by the registers that were saved, and by the log. Each is a witness.
 */
#ifndef KERNEL_PANIC_TASK_H
#define KERNEL_PANIC_TASK_H

#include <stdint.h>

#include "kernel/evidence.h"
#include "util/error.h"

struct kernel;
struct system_info;
struct task;
struct tasks;

#define PANIC_FACT_CPU "CPU that panicked"
#define PANIC_FACT_PID "task that panicked"

struct panic_task {
	int64_t cpu;             /**< -1 unknown */
	const struct task *task; /**< NULL unknown */
	struct evidence evidence;
};

/** What is not known stays so; info is what system_info_read() found, or NULL. */
struct error *panic_task_create(struct kernel *kernel, const struct tasks *tasks,
				const struct system_info *info, struct panic_task **ret);
void panic_task_destroy(struct panic_task *panic);
DEFINE_CLEANUP(struct panic_task *, panic_task_destroy)
#define _cleanup_panic_task_ _cleanup_(cleanup_panic_task_destroy)

#endif
