// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/zones.h"

#include "dump/facts.h"
#include "dump/reader.h"
#include "dump/vmcoreinfo.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/member.h"
#include "kernel/percpu.h"
#include "util/checked.h"
#include "util/sys.h"

#define MAX_NODES      4096U // CONFIG_NODES_SHIFT goes to 10
#define MAX_ZONES      16U   // of one node; enum zone_type has up to 6
#define MAX_ORDERS     32U
#define MAX_THRESHOLD  125U // calculate_normal_threshold() in mm/vmstat.c
#define DEFAULT_ORDERS 11U

/* Offsets that VMCOREINFO has told since 2.6. */
struct offsets {
	uint64_t zone_size, node_zones, nr_zones, start_pfn, spanned_pages, node_id;
	uint64_t vm_stat, zone_spanned;
};

enum member {
	ZONE_STATS, /* percpu pointer */
	STATS_DIFF, /* in what it points at */
	STATS_LIMIT,
	ZONE_ISOLATED,
	NR_MEMBERS,
};

/* Linux commit 28f836b6777b ("mm/page_alloc: split per cpu page lists and zone stats", 5.14) */
static const struct member_path paths[NR_MEMBERS] = {
	[ZONE_STATS] = {"zone.per_cpu_zonestats", "zone.pageset", true},
	[STATS_DIFF] = {"per_cpu_zonestat.vm_stat_diff", "per_cpu_pageset.vm_stat_diff", true},
	[STATS_LIMIT] = {"per_cpu_zonestat.stat_threshold", "per_cpu_pageset.stat_threshold", true},
	[ZONE_ISOLATED] = {"zone.nr_isolate_pageblock", NULL, true},
};

struct finder {
	struct kernel *kernel;
	struct zones *zones;
	struct offsets off;
	struct btf_member members[NR_MEMBERS];
	bool symbols, typed;
	int64_t nr_free_pages; /* number of the counter */
	uint64_t free_area;    /* pages of the largest block */
	int64_t free;          /* so far */
};

static struct error *get_offsets(struct finder *f)
{
	const struct vmcoreinfo *info = kernel_vmcoreinfo(f->kernel);
	struct offsets *o = &f->off;
	const struct {
		const char *member;
		uint64_t *ret;
	} wanted[] = {
		{"pglist_data.node_zones", &o->node_zones},
		{"pglist_data.nr_zones", &o->nr_zones},
		{"pglist_data.node_start_pfn", &o->start_pfn},
		{"pglist_data.node_spanned_pages", &o->spanned_pages},
		{"pglist_data.node_id", &o->node_id},
		{"zone.vm_stat", &o->vm_stat},
		{"zone.spanned_pages", &o->zone_spanned},
	};
	uint64_t orders = DEFAULT_ORDERS;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!vmcoreinfo_offset(info, wanted[i].member, wanted[i].ret))
			return error_create(ERROR_NOT_FOUND, "no OFFSET(%s) in vmcoreinfo",
					    wanted[i].member);
	if (!vmcoreinfo_size(info, "zone", &o->zone_size))
		return error_create(ERROR_NOT_FOUND, "no SIZE(zone) in vmcoreinfo");
	if (!vmcoreinfo_number(info, "NR_FREE_PAGES", &f->nr_free_pages) || f->nr_free_pages < 0 ||
	    f->nr_free_pages > 256)
		return error_create(ERROR_NOT_FOUND, "no usable NUMBER(NR_FREE_PAGES) in "
						     "vmcoreinfo");
	(void)vmcoreinfo_length(info, "zone.free_area", &orders);
	f->free_area = 1ULL << (min_u64(max_u64(orders, 1), MAX_ORDERS) - 1);
	return NULL;
}

/* What one CPU has counted and not told the zone yet; and the threshold for telling it. */
static bool read_delta(const struct finder *f, uint64_t stats, unsigned int cpu, int64_t *delta,
		       uint64_t *limit)
{
	const struct btf_member *diff = &f->members[STATS_DIFF];
	uint64_t at, value;

	if (!percpu_address(f->zones->percpu, stats, cpu, &at) ||
	    (uint64_t)f->nr_free_pages >= diff->size ||
	    !kernel_read_number(f->kernel, at + diff->offset + (uint64_t)f->nr_free_pages, 1,
				&value) ||
	    !member_read(f->kernel, &f->members[STATS_LIMIT], at, limit))
		return false;
	*delta = (int8_t)value;
	return true;
}

static void count_deltas(struct finder *f, uint64_t zone)
{
	struct zones *zones = f->zones;
	uint64_t stats, limit, most = 0;
	int64_t delta, sum = 0;

	if (!f->typed || !member_read(f->kernel, &f->members[ZONE_STATS], zone, &stats)) {
		zones->deltas = false;
		zones->slack += (uint64_t)zones->nr_cpus * MAX_THRESHOLD;
		return;
	}
	for (unsigned int cpu = 0; cpu < zones->percpu->nr; cpu++) {
		if (!zones->percpu->cpus[cpu].possible)
			continue;
		if (!read_delta(f, stats, cpu, &delta, &limit)) {
			zones->deltas = false;
			continue;
		}
		sum += delta;
		most = max_u64(most, limit);
	}
	f->free += sum;
	zones->slack += zones->nr_cpus * min_u64(most ? most : MAX_THRESHOLD, MAX_THRESHOLD);
}

static struct error *add_zone(struct finder *f, uint64_t zone, unsigned int node)
{
	struct zones *zones = f->zones;
	uint8_t word = f->kernel->dump->facts.word;
	uint64_t spanned, free, isolated;
	struct zone *grown;

	if (!kernel_read_word(f->kernel, zone + f->off.zone_spanned, &spanned) ||
	    !kernel_read_word(f->kernel, zone + f->off.vm_stat + word * (uint64_t)f->nr_free_pages,
			      &free))
		return error_create(ERROR_NOT_FOUND, "the zone at 0x%llx is not in the dump",
				    (unsigned long long)zone);
	if (!spanned)
		return NULL;
	grown = sys_realloc(zones->zones, (zones->nr_zones + 1) * sizeof(*grown));
	if (!grown)
		return &error_nomem;
	zones->zones = grown;
	zones->zones[zones->nr_zones++] = (struct zone){.addr = zone, .node = node};
	f->free += word == 4 ? (int32_t)free : (int64_t)free;
	count_deltas(f, zone);
	if (f->typed && member_read(f->kernel, &f->members[ZONE_ISOLATED], zone, &isolated))
		zones->slack += min_u64(isolated, spanned / f->free_area) * f->free_area;
	return NULL;
}

static struct error *add_node(struct finder *f, uint64_t addr)
{
	struct zones *zones = f->zones;
	struct node *grown, node;
	uint64_t spanned, nr_zones, id;
	struct error *err = NULL;

	if (!kernel_read_word(f->kernel, addr + f->off.start_pfn, &node.start) ||
	    !kernel_read_word(f->kernel, addr + f->off.spanned_pages, &spanned) ||
	    !kernel_read_number(f->kernel, addr + f->off.nr_zones, 4, &nr_zones) ||
	    !kernel_read_number(f->kernel, addr + f->off.node_id, 4, &id))
		return error_create(ERROR_NOT_FOUND, "the node at 0x%llx is not in the dump",
				    (unsigned long long)addr);
	if (!checked_add(node.start, spanned, &node.end))
		node.end = UINT64_MAX;
	node.id = (unsigned int)id;
	grown = sys_realloc(zones->nodes, (zones->nr_nodes + 1) * sizeof(*grown));
	if (!grown)
		return &error_nomem;
	zones->nodes = grown;
	zones->nodes[zones->nr_nodes++] = node;
	for (uint64_t i = 0; !err && i < min_u64(nr_zones, MAX_ZONES); i++)
		err = add_zone(f, addr + f->off.node_zones + i * f->off.zone_size,
			       (unsigned int)zones->nr_nodes - 1);
	return err;
}

static bool find_symbol(const struct finder *f, const char *name, uint64_t *ret)
{
	return f->typed ? kernel_lookup(f->kernel, name, ret) : kernel_symbol(f->kernel, name, ret);
}

/* Nodes that are possible and not there have a structure too since 5.18, which is mostly empty. */
static struct error *add_nodes(struct finder *f)
{
	uint8_t word = f->kernel->dump->facts.word;
	uint64_t array, online = 0, nr = 0, addr, mask;
	struct error *err = NULL;

	if (!find_symbol(f, "node_data", &array))
		return find_symbol(f, "contig_page_data", &addr)
			       ? add_node(f, addr)
			       : error_create(ERROR_NOT_FOUND, "no SYMBOL(node_data) in "
							       "vmcoreinfo");
	(void)find_symbol(f, "node_online_map", &online);
	(void)vmcoreinfo_size(kernel_vmcoreinfo(f->kernel), "nodemask_t", &nr);
	for (uint64_t i = 0; !err && i < min_u64(8 * nr, MAX_NODES); i++) {
		uint64_t at = online + i / (8U * word) * word;

		if (online && kernel_read_word(f->kernel, at, &mask) &&
		    !(mask >> i % (8U * word) & 1))
			continue;
		if (!kernel_read_word(f->kernel, array + i * word, &addr))
			err = error_create(ERROR_NOT_FOUND,
					   "node_data at 0x%llx is not in the "
					   "dump",
					   (unsigned long long)array);
		else if (addr)
			err = add_node(f, addr);
	}
	return err;
}

static struct error *find(struct finder *f, const struct btf *btf)
{
	struct zones *zones = f->zones;
	struct error *err = get_offsets(f);

	if (err)
		return err;
	zones->nr_cpus = f->kernel->dump->facts.nr_cpus;
	if (btf) {
		if ((err = members_find(btf, paths, NR_MEMBERS, f->members)) ||
		    (err = percpu_create(f->kernel, &zones->percpu)))
			return err;
		f->typed = true;
		zones->nr_cpus = zones->percpu->nr;
	}
	zones->nr_cpus = zones->nr_cpus ? zones->nr_cpus : 1;
	zones->deltas = f->typed;
	zones->slack = zones->nr_cpus * f->free_area;
	if ((err = add_nodes(f)))
		return err;
	if (!zones->nr_zones)
		return error_create(ERROR_NOT_FOUND, "no zone has any pages");
	zones->free_pages = f->free > 0 ? (uint64_t)f->free : 0;
	return NULL;
}

struct error *zones_create(struct kernel *kernel, bool symbols, const struct btf *btf,
			   struct zones **ret)
{
	_cleanup_zones_ struct zones *zones = sys_calloc(1, sizeof(*zones));
	struct finder f = {.kernel = kernel, .zones = zones, .symbols = symbols};
	struct error *err;

	if (!zones)
		return &error_nomem;
	err = find(&f, btf);
	if (!err)
		*ret = TAKE_PTR(zones);
	return err;
}

void zones_destroy(struct zones *zones)
{
	if (!zones)
		return;
	percpu_destroy(zones->percpu);
	free(zones->nodes);
	free(zones->zones);
	free(zones);
}

size_t zones_node_at(const struct zones *zones, uint64_t pfn, uint64_t *end)
{
	size_t best = zones->nr_nodes;

	*end = UINT64_MAX;
	for (size_t i = 0; i < zones->nr_nodes; i++) {
		const struct node *node = &zones->nodes[i], *smallest = &zones->nodes[best];

		if (node->start > pfn)
			*end = min_u64(*end, node->start);
		if (pfn < node->start || pfn >= node->end)
			continue;
		*end = min_u64(*end, node->end);
		if (best == zones->nr_nodes ||
		    node->end - node->start < smallest->end - smallest->start)
			best = i;
	}
	return best;
}
