/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `sys` says: the machine, its kernel, why it died. Every field may be unknown. */
#ifndef KERNEL_SYSTEM_H
#define KERNEL_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "dump/facts.h"
#include "util/error.h"

struct kernel;

#define SYSTEM_PANIC_LEN 256

struct system_info {
	struct dump_utsname uts;      /**< from init_uts_ns, else the header, else OSRELEASE */
	char panic[SYSTEM_PANIC_LEN]; /**< message of panic() or of the oops; empty when none is
					 found */
	int64_t crash_time;           /**< seconds since 1970; 0 unknown */
	int64_t uptime_nsec;          /**< time stamp of the last record of the log; -1 unknown */
	uint32_t nr_cpus;             /**< online, 0 unknown */
	uint64_t memory;              /**< bytes of RAM in the dump's memory map */
	uint64_t nr_tasks;            /**< 0 unknown */
	uint32_t panic_pid;           /**< of the task that panicked, by the log */
	int32_t panic_cpu;            /**< -1 unknown */
	char panic_comm[64];          /**< empty unknown */
};

struct error *system_info_read(struct kernel *kernel, struct system_info *ret);

#endif
