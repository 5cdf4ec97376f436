/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `sys` says: the machine, its kernel, why it died. Every field may be unknown. */
#ifndef KERNEL_SYSTEM_H
#define KERNEL_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "dump/facts.h"
#include "kernel/printk_panic.h"
#include "util/error.h"

struct kernel;

struct system_info {
	struct dump_utsname uts; /**< from init_uts_ns, else the header; release also OSRELEASE */
	char panic[PANIC_LEN];   /**< message of panic() or of the oops; empty when none is found */
	int64_t crash_time;      /**< seconds since 1970: CRASHTIME, else the time of the log's last
				  * record, else the header's; 0 unknown */
	int64_t uptime_nsec;     /**< time stamp of the last record of the log; -1 unknown */
	uint32_t nr_cpus;        /**< those with registers in the dump (online ones); 0 unknown */
	uint64_t memory;         /**< bytes of RAM in the dump's memory map */
	int64_t panic_pid;       /**< of the task that panicked, by the log; -1 unknown */
	int64_t panic_cpu;       /**< -1 unknown */
	char panic_comm[COMM_LEN]; /**< empty unknown */
};

/** Fills *ret always, with what there is. An error says why the log has told nothing (as
 * printk_walk(), or no memory). */
struct error *system_info_read(struct kernel *kernel, struct system_info *ret);

#endif
