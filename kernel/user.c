// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/user.h"

#include "arch/arch.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/member.h"
#include "kernel/percpu.h"

/* Of enum mm_counter, since Linux commit eca56ff906bd (4.5). */
static const unsigned int resident[] = {0 /* files */, 1 /* anonymous */, 3 /* shmem */};

#define NR_RESIDENT (sizeof(resident) / sizeof(resident[0]))

enum { PGD, ASCE, NR_PATHS };

static const struct member_path pgd_paths[NR_PATHS] = {
	[PGD] = {"mm_struct.pgd", NULL, true},
	// s390x: what the control register gets; its processes choose how many levels they have
	[ASCE] = {"mm_struct.context.asce", NULL, true},
};

#define ASCE_ORIGIN       (~0xfffULL)
#define ASCE_LEVELS(asce) (((asce) >> 2 & 3) + 2)

/* Tables that have a half of their own for processes begin at 0 with it. */
static void set_lower_half(struct paging *paging)
{
	unsigned int top = paging->nr_levels - 1U;
	unsigned int bits = paging->shift[top] + paging->bits[top];

	if (paging->last < paging->first || !paging->first)
		return;
	paging->first = 0;
	paging->last = bits < 64 ? (1ULL << bits) - 1 : UINT64_MAX;
}

struct error *user_addrspace(struct kernel *kernel, uint64_t mm, struct addrspace *ret)
{
	struct btf_member members[NR_PATHS];
	const struct btf *btf;
	struct mapping map;
	uint64_t root;
	struct error *err;

	if ((err = kernel_btf(kernel, &btf)) ||
	    (err = members_find(btf, pgd_paths, NR_PATHS, members)))
		return err;
	*ret = kernel->as;
	ret->nr_linear = 0;
	if (member_read(kernel, &members[ASCE], mm, &root)) {
		ret->paging.nr_levels = (uint8_t)ASCE_LEVELS(root);
		ret->paging.root = root & ASCE_ORIGIN;
		ret->paging.first = 1; // whatever the kernel's are
		ret->paging.last = UINT64_MAX;
	} else if (member_read(kernel, &members[PGD], mm, &root)) {
		addrspace_translate(&kernel->as, root, &map);
		if (map.status != MAP_OK)
			return error_create(ERROR_FORMAT,
					    "the page table 0x%llx of the process is unreadable",
					    (unsigned long long)root);
		ret->paging.root = map.paddr;
	} else {
		return error_create(ERROR_FORMAT,
				    "no page table can be read from the mm_struct 0x%llx",
				    (unsigned long long)mm);
	}
	if (!ret->paging.nr_levels)
		return error_create(ERROR_UNSUPPORTED,
				    "the page tables of processes are not known");
	set_lower_half(&ret->paging);
	return NULL;
}

static const struct member_path mm_paths[MM_NR_MEMBERS] = {
	[MM_TOTAL_VM] = {"mm_struct.total_vm", NULL, true},
	[MM_RSS_STAT] = {"mm_struct.rss_stat", NULL, true},
	[MM_COUNTS] = {"mm_struct.rss_stat.count", NULL, true},
	[MM_COUNTER] = {"percpu_counter.count", NULL, true},
	[MM_COUNTER_PERCPU] = {"percpu_counter.counters", NULL, true},
	[MM_TASK_COUNTS] = {"task_struct.rss_stat.count", NULL, true},
};

struct error *mm_layout_init(struct kernel *kernel, struct mm_layout *ret)
{
	const struct btf *btf;
	struct error *err = kernel_btf(kernel, &btf);

	if (err || (err = members_find(btf, mm_paths, MM_NR_MEMBERS, ret->members)))
		return err;
	if (!btf_find_size(btf, "percpu_counter", &ret->counter_size))
		ret->counter_size = 0;
	return NULL;
}

/* A struct percpu_counter: a sum, and what each CPU has not added to it yet. */
static uint64_t sum_counter(struct kernel *kernel, const struct mm_layout *layout,
			    const struct percpu *percpu, uint64_t counter)
{
	uint64_t sum = 0, counters = 0, at, part;

	member_read(kernel, &layout->members[MM_COUNTER], counter, &sum);
	member_read(kernel, &layout->members[MM_COUNTER_PERCPU], counter, &counters);
	for (unsigned int cpu = 0; counters && cpu < percpu->nr; cpu++)
		if (percpu_address(percpu, counters, cpu, &at) &&
		    kernel_read_number(kernel, at, 4, &part))
			sum += (uint64_t)(int64_t)(int32_t)part;
	return sum;
}

struct mm_usage mm_usage(struct kernel *kernel, const struct mm_layout *layout,
			 const struct percpu *percpu, uint64_t mm)
{
	const struct btf_member *counts = &layout->members[MM_COUNTS];
	const struct btf_member *stat = &layout->members[MM_RSS_STAT];
	uint8_t word = kernel->dump->facts.word;
	struct mm_usage usage = {0};
	uint64_t part;

	member_read(kernel, &layout->members[MM_TOTAL_VM], mm, &usage.vsz);
	for (size_t i = 0; i < NR_RESIDENT; i++) {
		if (member_known(counts)) {
			if (kernel_read_word(kernel, mm + counts->offset + word * resident[i],
					     &part))
				usage.rss += part;
		} else if (member_known(stat)) {
			usage.rss += sum_counter(kernel, layout, percpu,
						 mm + stat->offset +
							 layout->counter_size * resident[i]);
		}
	}
	return usage;
}

int64_t mm_usage_of_task(struct kernel *kernel, const struct mm_layout *layout, uint64_t task)
{
	const struct btf_member *counts = &layout->members[MM_TASK_COUNTS];
	int64_t rss = 0;
	uint64_t part;

	for (size_t i = 0; i < NR_RESIDENT && member_known(counts); i++)
		if (kernel_read_number(kernel, task + counts->offset + 4 * resident[i], 4, &part))
			rss += (int32_t)part;
	return rss;
}
