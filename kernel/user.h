/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of a process: its address space, and how much of it there is. */
#ifndef KERNEL_USER_H
#define KERNEL_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/addrspace.h"
#include "kernel/btf.h"
#include "util/error.h"

struct kernel;
struct percpu;

/** Makes the address space of the process whose mm_struct is at mm, with page tables as the
 * kernel's own. ERROR_NOT_FOUND, ERROR_FORMAT when its page tables are not to be had. Reads go
 * through the kernel: kernel_read_as(). */
struct error *user_addrspace(struct kernel *kernel, uint64_t mm, struct addrspace *ret);

/** What mm_usage() reads, found once. Members that a kernel lacks make numbers unknown. */
enum mm_member {
	MM_TOTAL_VM,
	MM_RSS_STAT,
	MM_COUNTS,
	MM_COUNTER,
	MM_COUNTER_PERCPU,
	MM_TASK_COUNTS,
	MM_NR_MEMBERS,
};

struct mm_layout {
	struct btf_member members[MM_NR_MEMBERS];
	uint64_t counter_size; /**< of a struct percpu_counter */
};

struct mm_usage {
	uint64_t vsz; /**< pages */
	uint64_t rss; /**< pages in memory: of files, anonymous, shared; mod 2^64, as before all
		       * tasks are added it may be below 0 */
};

struct error *mm_layout_init(struct kernel *kernel, struct mm_layout *ret);

/** Numbers that cannot be read count as nothing. */
struct mm_usage mm_usage(struct kernel *kernel, const struct mm_layout *layout,
			 const struct percpu *percpu, uint64_t mm);

/** Pages that a task has taken and not yet added to its mm's: kernels before Linux commit
 * f1a7941243c1 ("mm: convert mm's rss stats into percpu_counter", 6.2). */
int64_t mm_usage_of_task(struct kernel *kernel, const struct mm_layout *layout, uint64_t task);

#endif
