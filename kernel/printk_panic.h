/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a kernel died, by its log: the message of panic(), or the first line of the oops before it
 * when that message says no more than "Fatal exception". And whose fault it was, by the line "CPU:
 * 1 PID: 431 Comm: sh ..." that the same caller printed with it.
 */
#ifndef KERNEL_PRINTK_PANIC_H
#define KERNEL_PRINTK_PANIC_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/printk.h"

#define PANIC_LEN 256
#define COMM_LEN  64

/** What was found so far; a later one of these is the better answer. */
enum panic_kind {
	PANIC_NONE,
	PANIC_COMPLAINT, /**< "BUG: ...", which a kernel may survive, or a sysrq */
	PANIC_OOPS,      /**< a line with the "[#1]" of die() */
	PANIC_PANIC,     /**< "Kernel panic - not syncing: ..." */
};

/** A line and where it stood. */
struct panic_line {
	char text[PANIC_LEN]; /**< NUL-terminated, cut if need be; any bytes but newlines */
	uint64_t seq;
	uint32_t caller_id;
};

/** Begins as zeros. */
struct printk_panic {
	enum panic_kind kind;
	struct panic_line message;   /**< empty when there is none */
	struct panic_line complaint; /**< the last one: what an oops soon after it is about */
	bool task;                   /**< the fields below are known */
	bool task_after;             /**< they stood behind the message */
	uint32_t task_caller;
	uint32_t cpu, pid;
	char comm[COMM_LEN];
};

/** Takes all records in their order. */
void printk_panic_add(struct printk_panic *panic, const struct printk_record *record);

#endif
