// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/memstat.h"

#include <string.h>

#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/list.h"
#include "kernel/member.h"
#include "kernel/percpu.h"
#include "util/checked.h"

#define MAX_HSTATES 16U
#define MAX_PAGES   (INT64_C(1) << 52) /* more than any machine has: the number is damaged */
#define MAX_ORDER   40U

enum {
	S_INODES,
	I_SB_LIST,
	I_MAPPING,
	M_NRPAGES,
	H_ORDER,
	H_NR,
	H_FREE,
	PC_COUNT,
	PC_COUNTERS,
	NR_PATHS,
};

static const struct member_path paths[NR_PATHS] = {
	[S_INODES] = {"super_block.s_inodes", NULL, true},
	[I_SB_LIST] = {"inode.i_sb_list", NULL, true},
	[I_MAPPING] = {"inode.i_mapping", NULL, true},
	[M_NRPAGES] = {"address_space.nrpages", NULL, true},
	[H_ORDER] = {"hstate.order", NULL, true},
	[H_NR] = {"hstate.nr_huge_pages", NULL, true},
	[H_FREE] = {"hstate.free_huge_pages", NULL, true},
	[PC_COUNT] = {"percpu_counter.count", NULL, true},
	[PC_COUNTERS] = {"percpu_counter.counters", NULL, true},
};

struct reading {
	struct kernel *kernel;
	const struct btf *btf;
	const struct percpu *percpu;
	struct btf_member members[NR_PATHS];
};

static int64_t sane(int64_t pages)
{
	return pages > -MAX_PAGES && pages < MAX_PAGES ? pages : MEMSTAT_UNKNOWN;
}

/* A long of this name. */
static int64_t get_long(const struct reading *r, const char *name)
{
	uint64_t value;

	if (!kernel_variable(r->kernel, name, r->kernel->dump->facts.word, &value))
		return MEMSTAT_UNKNOWN;
	return sane(r->kernel->dump->facts.word == 4 ? (int32_t)value : (int64_t)value);
}

/* The element of an array of longs that an enumerator names. */
static int64_t get_counter(const struct reading *r, const char *array, const char *enumeration,
			   const char *item)
{
	uint32_t id = btf_find(r->btf, BTF_ENUM, enumeration);
	uint64_t vaddr, value;
	struct btf_type type;
	const char *name;
	int64_t index;

	if (!id || !btf_get(r->btf, id, &type) || !kernel_lookup(r->kernel, array, &vaddr))
		return MEMSTAT_UNKNOWN;
	for (uint32_t i = 0; btf_enumerator(&type, i, &name, &index); i++) {
		if (strcmp(name, item) != 0)
			continue;
		vaddr += (uint64_t)index * r->kernel->dump->facts.word;
		if (!kernel_read_word(r->kernel, vaddr, &value))
			return MEMSTAT_UNKNOWN;
		// what the CPUs have not added up yet can make it negative
		return (int64_t)value < 0 ? 0 : sane((int64_t)value);
	}
	return MEMSTAT_UNKNOWN;
}

static int64_t get_node(const struct reading *r, const char *item)
{
	return get_counter(r, "vm_node_stat", "node_stat_item", item);
}

static int64_t get_zone(const struct reading *r, const char *item)
{
	return get_counter(r, "vm_zone_stat", "zone_stat_item", item);
}

static int64_t add(int64_t a, int64_t b)
{
	return a == MEMSTAT_UNKNOWN || b == MEMSTAT_UNKNOWN ? MEMSTAT_UNKNOWN : a + b;
}

static int64_t subtract(int64_t a, int64_t b)
{
	return a == MEMSTAT_UNKNOWN || b == MEMSTAT_UNKNOWN ? MEMSTAT_UNKNOWN : a - b;
}

struct pages {
	const struct reading *r;
	uint64_t sum;
};

static struct error *add_inode(void *arg, uint64_t link)
{
	struct pages *pages = arg;
	const struct reading *r = pages->r;
	uint64_t mapping, nr;

	if (member_read(r->kernel, &r->members[I_MAPPING], link - r->members[I_SB_LIST].offset,
			&mapping) &&
	    member_read(r->kernel, &r->members[M_NRPAGES], mapping, &nr))
		pages->sum += nr;
	return NULL;
}

/* nr_blockdev_pages(): the inodes of all block devices, Linux commit 1008fe6dc36d (5.8). */
static struct error *read_buffers(const struct reading *r, int64_t *ret)
{
	struct pages pages = {.r = r};
	struct error *torn = NULL, *err;
	uint64_t super;

	*ret = MEMSTAT_UNKNOWN;
	if (!member_known(&r->members[S_INODES]) || !member_known(&r->members[I_SB_LIST]) ||
	    !kernel_variable(r->kernel, "blockdev_superblock", r->kernel->dump->facts.word, &super))
		return NULL;
	err = list_each(r->kernel, super + r->members[S_INODES].offset, add_inode, &pages, &torn);
	if (!err && !error_ignore(torn))
		*ret = sane((int64_t)pages.sum);
	return err;
}

static void read_huge(const struct reading *r, struct memstat *ret)
{
	uint64_t hstates, nr, size, order, total, available;

	if (!kernel_lookup(r->kernel, "hstates", &hstates) ||
	    !kernel_variable(r->kernel, "hugetlb_max_hstate", 4, &nr) ||
	    !btf_find_size(r->btf, "hstate", &size))
		return;
	ret->huge_total = ret->huge_free = 0;
	for (uint64_t i = 0; i < min_u64(nr, MAX_HSTATES); i++, hstates += size) {
		if (!member_read(r->kernel, &r->members[H_ORDER], hstates, &order) ||
		    !member_read(r->kernel, &r->members[H_NR], hstates, &total) ||
		    !member_read(r->kernel, &r->members[H_FREE], hstates, &available) ||
		    order > MAX_ORDER || sane((int64_t)(total << order)) < 0 ||
		    sane((int64_t)(available << order)) < 0)
			continue;
		ret->huge_total += (int64_t)(total << order);
		ret->huge_free += (int64_t)(available << order);
	}
}

static void read_commit(const struct reading *r, struct memstat *ret)
{
	struct kernel *kernel = r->kernel;
	uint64_t ratio, counter, count, counters, at, part;
	int64_t kbytes = get_long(r, "sysctl_overcommit_kbytes");
	int64_t huge = ret->huge_total == MEMSTAT_UNKNOWN ? 0 : ret->huge_total;

	// vm_commit_limit()
	if (kbytes > 0)
		ret->commit_limit = kbytes >> (kernel->page_shift - 10);
	else if (kernel_variable(kernel, "sysctl_overcommit_ratio", 4, &ratio) && ratio <= 10000 &&
		 ret->total != MEMSTAT_UNKNOWN)
		ret->commit_limit = (ret->total - huge) * (int64_t)ratio / 100;
	ret->commit_limit = add(ret->commit_limit, ret->swap_total);
	if (!kernel_lookup(kernel, "vm_committed_as", &counter) ||
	    !member_read(kernel, &r->members[PC_COUNT], counter, &count))
		return;
	if (!member_read(kernel, &r->members[PC_COUNTERS], counter, &counters))
		counters = 0;
	for (unsigned int cpu = 0; counters && cpu < r->percpu->nr; cpu++)
		if (percpu_address(r->percpu, counters, cpu, &at) &&
		    kernel_read_number(kernel, at, 4, &part))
			count += (uint64_t)(int64_t)(int32_t)part;
	ret->committed = sane((int64_t)count);
}

struct error *memstat_read(struct kernel *kernel, const struct percpu *percpu, struct memstat *ret)
{
	struct reading r = {.kernel = kernel, .percpu = percpu};
	struct memstat m = {.huge_total = MEMSTAT_UNKNOWN,
			    .huge_free = MEMSTAT_UNKNOWN,
			    .commit_limit = MEMSTAT_UNKNOWN,
			    .committed = MEMSTAT_UNKNOWN};
	struct error *err;
	int64_t swapcache;

	if ((err = kernel_btf(kernel, &r.btf)) ||
	    (err = members_find(r.btf, paths, NR_PATHS, r.members)) ||
	    (err = read_buffers(&r, &m.buffers)))
		return err;
	// Linux commit ca79b0c211af ("mm: convert totalram_pages and totalhigh_pages variables to
	// atomic", 5.0)
	m.total = get_long(&r, "_totalram_pages");
	m.free = get_zone(&r, "NR_FREE_PAGES");
	m.shmem = get_node(&r, "NR_SHMEM");
	// Linux commit d42f3245c7e2 ("mm: memcg: convert vmstat slab counters to bytes", 5.9)
	m.slab = add(get_node(&r, "NR_SLAB_RECLAIMABLE_B"),
		     get_node(&r, "NR_SLAB_UNRECLAIMABLE_B"));
	// Linux commit b6038942480e ("mm: memcg: add swapcache stat for memcg v2", 5.12)
	swapcache = get_node(&r, "NR_SWAPCACHE");
	m.cached = subtract(get_node(&r, "NR_FILE_PAGES"), m.buffers);
	if (swapcache != MEMSTAT_UNKNOWN)
		m.cached = subtract(m.cached, swapcache);
	m.swap_total = get_long(&r, "total_swap_pages");
	m.swap_free = get_long(&r, "nr_swap_pages");
	read_huge(&r, &m);
	read_commit(&r, &m);
	*ret = m;
	return NULL;
}
