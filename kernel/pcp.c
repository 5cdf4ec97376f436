// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/pcp.h"

#include "dump/facts.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/list.h"
#include "kernel/member.h"
#include "kernel/memmap.h"
#include "kernel/page.h"
#include "kernel/percpu.h"
#include "kernel/zones.h"
#include "util/checked.h"
#include "util/sparsebits.h"
#include "util/sys.h"

#define COSTLY_ORDER 3U // PAGE_ALLOC_COSTLY_ORDER: lists of each order up to it, then of huge pages
#define MAX_LISTS    64U
#define MAX_RUNS     (1U << 18)

enum member {
	ZONE_LISTS, /* percpu pointer */
	LISTS_INNER,
	LISTS,
	COUNT,
	PAGE_LINK,
	NR_MEMBERS,
};

static const struct member_path paths[NR_MEMBERS] = {
	// Linux commit 28f836b6777b ("mm/page_alloc: split per cpu page lists and zone stats",
	// 5.14)
	[ZONE_LISTS] = {"zone.per_cpu_pageset", "zone.pageset"},
	[LISTS_INNER] = {"per_cpu_pageset.pcp", NULL, true},
	[LISTS] = {"per_cpu_pages.lists"},
	[COUNT] = {"per_cpu_pages.count"},
	[PAGE_LINK] = {"page.lru"},
};

struct head {
	uint64_t pfn;
	unsigned int order;
};

struct finder {
	struct kernel *kernel;
	const struct memmap *map;
	const struct zones *zones;
	struct btf_member members[NR_MEMBERS];
	uint64_t nr_lists, per_order;
	unsigned int huge_order;
	uint64_t near; /* pfn found last */

	struct head *heads; /* of one CPU in one zone */
	size_t nr, capacity;
	uint64_t pages;
};

/* The pfn of a struct page; mostly its array is that of the one before. */
static bool find_pfn(struct finder *f, uint64_t page, uint64_t *ret)
{
	uint64_t end = f->kernel->dump->facts.max_paddr >> f->kernel->page_shift;
	struct memmap_run run = {0};

	if (memmap_pfn(f->map, f->kernel, page, f->near, ret))
		return true;
	for (unsigned int i = 0; i < MAX_RUNS && run.end < end; i++) {
		memmap_run(f->map, f->kernel, run.end, &run);
		if (run.vaddr && memmap_pfn(f->map, f->kernel, page, run.pfn, ret))
			return true;
	}
	return false;
}

static struct error *add_head(struct finder *f, uint64_t pfn, unsigned int order)
{
	if (f->nr == f->capacity) {
		size_t capacity = f->capacity ? 2 * f->capacity : 256;
		struct head *grown = sys_realloc(f->heads, capacity * sizeof(*grown));

		if (!grown)
			return &error_nomem;
		f->heads = grown;
		f->capacity = capacity;
	}
	f->heads[f->nr++] = (struct head){pfn, order};
	f->pages += 1ULL << order;
	return NULL;
}

/* Lists of the lower orders stand by order, then by migrate type. */
static unsigned int order_of(const struct finder *f, uint64_t list)
{
	uint64_t order = list / f->per_order;

	return order > COSTLY_ORDER ? f->huge_order : (unsigned int)order;
}

/* An error of code ERROR_FORMAT: the list is torn. */
static struct error *walk_list(struct finder *f, uint64_t head, unsigned int order)
{
	_cleanup_list_ struct list_walk walk;
	struct error *err = NULL;
	uint64_t link, pfn;

	list_init_head(&walk, f->kernel, head, false);
	while (!err && list_next(&walk, &link)) {
		uint64_t page = link - f->members[PAGE_LINK].offset;

		if (!find_pfn(f, page, &pfn))
			return error_create(ERROR_FORMAT, "0x%llx is no struct page",
					    (unsigned long long)page);
		f->near = pfn;
		err = add_head(f, pfn, order);
	}
	if (!err && walk.end == LIST_NOMEM)
		return &error_nomem;
	return err ? err : error_prefix(list_error(&walk), "a list of order %u", order);
}

static struct error *walk_lists(struct finder *f, uint64_t pcp)
{
	uint64_t word = f->kernel->dump->facts.word, count;
	struct error *err = NULL;

	f->nr = 0;
	f->pages = 0;
	if (!member_read(f->kernel, &f->members[COUNT], pcp, &count))
		return error_create(ERROR_FORMAT, "0x%llx cannot be read", (unsigned long long)pcp);
	for (uint64_t i = 0; !err && i < f->nr_lists; i++)
		err = walk_list(f, pcp + f->members[LISTS].offset + i * 2 * word, order_of(f, i));
	if (!err && f->pages != count)
		err = error_create(ERROR_FORMAT, "%llu pages are on the lists, and %llu counted",
				   (unsigned long long)f->pages, (unsigned long long)count);
	return err;
}

/* The lists of one CPU in one zone, all or none of them. */
static struct error *add_cpu(struct finder *f, uint64_t pcp, unsigned int cpu,
			     struct sparsebits *set, struct error **torn)
{
	struct error *err = walk_lists(f, pcp);

	if (err && err->code != ERROR_NOMEM) {
		err = error_prefix(err, "free pages of CPU %u", cpu);
		if (*torn)
			error_destroy(err);
		else
			*torn = err;
		return NULL;
	}
	for (size_t i = 0; !err && i < f->nr; i++)
		err = sparsebits_add(set, f->heads[i].pfn,
				     f->heads[i].pfn + (1ULL << f->heads[i].order));
	return err;
}

static struct error *init(struct finder *f, const struct btf *btf)
{
	const struct paging *paging = &f->kernel->as.paging;
	struct error *err = members_find(btf, paths, NR_MEMBERS, f->members);
	int64_t types;

	if (err)
		return err;
	f->nr_lists = f->members[LISTS].size / (2U * f->kernel->dump->facts.word);
	if (!btf_find_enumerator(btf, "MIGRATE_PCPTYPES", &types) || types < 1 ||
	    f->nr_lists > MAX_LISTS || f->nr_lists < (uint64_t)types)
		return error_create(ERROR_NOT_FOUND,
				    "the kernel's types do not tell the lists of free pages");
	f->per_order = (uint64_t)types;
	// HPAGE_PMD_ORDER
	if (paging->nr_levels > 1 && paging->bits[0] <= PAGE_MAX_ORDER)
		f->huge_order = paging->bits[0];
	return NULL;
}

struct error *pcp_find(struct kernel *kernel, const struct btf *btf, const struct memmap *map,
		       const struct zones *zones, struct sparsebits *set, struct error **torn)
{
	struct finder f = {.kernel = kernel, .map = map, .zones = zones};
	struct error *err = init(&f, btf);
	uint64_t lists, pcp;

	*torn = NULL;
	for (size_t i = 0; !err && i < zones->nr_zones; i++) {
		if (!member_read(kernel, &f.members[ZONE_LISTS], zones->zones[i].addr, &lists))
			continue;
		for (unsigned int cpu = 0; !err && cpu < zones->percpu->nr; cpu++)
			if (percpu_address(zones->percpu, lists, cpu, &pcp))
				err = add_cpu(&f, pcp + f.members[LISTS_INNER].offset, cpu, set,
					      torn);
	}
	free(f.heads);
	return err;
}
