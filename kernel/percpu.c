// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/percpu.h"

#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "util/checked.h"
#include "util/sys.h"

/* struct cpumask: longs, the lowest CPU in the lowest bit of the first. False without that mask. */
static bool is_in(struct kernel *kernel, uint64_t mask, unsigned int cpu, bool *ret)
{
	unsigned int word = kernel->dump->facts.word, bits = 8 * word;
	uint64_t value;

	if (!kernel_read_word(kernel, mask + (uint64_t)word * (cpu / bits), &value))
		return false;
	*ret = value >> cpu % bits & 1;
	return true;
}

/* Without a mask every CPU is in it. */
static bool masked(struct kernel *kernel, const char *name, unsigned int cpu)
{
	uint64_t mask;
	bool in = true;

	return !kernel_lookup(kernel, name, &mask) || (is_in(kernel, mask, cpu, &in) && in);
}

static void read_cpu(struct kernel *kernel, uint64_t offsets, unsigned int nr, struct cpu *cpu)
{
	unsigned int word = kernel->dump->facts.word;

	cpu->possible = masked(kernel, "__cpu_possible_mask", nr) &&
			(!offsets ||
			 kernel_read_word(kernel, offsets + (uint64_t)word * nr, &cpu->offset));
	cpu->present = cpu->possible && masked(kernel, "__cpu_present_mask", nr);
	cpu->online = cpu->present && masked(kernel, "__cpu_online_mask", nr);
}

struct error *percpu_create(struct kernel *kernel, struct percpu **ret)
{
	_cleanup_percpu_ struct percpu *percpu = sys_calloc(1, sizeof(*percpu));
	uint64_t offsets = 0, nr = 1;

	if (!percpu)
		return &error_nomem;
	if (kernel_lookup(kernel, "__per_cpu_offset", &offsets) &&
	    !kernel_variable(kernel, "nr_cpu_ids", 4, &nr))
		return error_create(ERROR_NOT_FOUND, "the number of CPUs (nr_cpu_ids) is unknown");
	percpu->nr = (unsigned int)min_u64(max_u64(nr, 1), PERCPU_MAX);
	percpu->cpus = sys_calloc(percpu->nr, sizeof(percpu->cpus[0]));
	if (!percpu->cpus)
		return &error_nomem;
	for (unsigned int i = 0; i < percpu->nr; i++)
		read_cpu(kernel, offsets, i, &percpu->cpus[i]);
	*ret = TAKE_PTR(percpu);
	return NULL;
}

void percpu_destroy(struct percpu *percpu)
{
	if (!percpu)
		return;
	free(percpu->cpus);
	free(percpu);
}

bool percpu_address(const struct percpu *percpu, uint64_t vaddr, unsigned int cpu, uint64_t *ret)
{
	if (cpu >= percpu->nr || !percpu->cpus[cpu].possible)
		return false;
	*ret = vaddr + percpu->cpus[cpu].offset;
	return true;
}
