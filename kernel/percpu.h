/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPUs that a kernel knows, and where each has its own copy of a per-CPU variable. */
#ifndef KERNEL_PERCPU_H
#define KERNEL_PERCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

struct kernel;

#define PERCPU_MAX 8192U /**< the largest NR_CPUS of any architecture */

struct cpu {
	uint64_t offset; /**< from the address of a per-CPU symbol to its copy */
	bool possible;   /**< has a copy of its own; all below come true only with it */
	bool present;
	bool online; /**< some architectures take the others offline when one panics (arm64) */
};

struct percpu {
	struct cpu *cpus;
	unsigned int nr; /**< at least 1; numbers may have gaps, where possible is false */
};

/** From __per_cpu_offset[], nr_cpu_ids and the masks (Linux commit 5aec01b834fd, 4.5); a kernel
 * that lacks the first is one for a single CPU. */
struct error *percpu_create(struct kernel *kernel, struct percpu **ret);
void percpu_destroy(struct percpu *percpu);
DEFINE_CLEANUP(struct percpu *, percpu_destroy)
#define _cleanup_percpu_ _cleanup_(cleanup_percpu_destroy)

/** Where cpu has its copy of the variable whose symbol is at vaddr; false when there is no such
 * CPU. */
bool percpu_address(const struct percpu *percpu, uint64_t vaddr, unsigned int cpu, uint64_t *ret);

#endif
