// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkzones.h"

#include "tests/support/mkbtf.h"
#include "tests/support/test.h"

// Physical addresses; virtual ones are in the direct map, where nothing else is said.
#define NODE_DATA  0x2000000ULL
#define ONLINE     0x2001000ULL
#define NODES      0x2010000ULL // 64 KiB each
#define CPU_OFFSET 0x2002000ULL
#define NR_CPUS    0x2003000ULL
#define POSSIBLE   0x2003100ULL
#define CPU_AREAS  0x2100000ULL // 64 KiB each
#define SECTIONS   0x2200000ULL
#define PAGES      0x4000000ULL // the struct pages, by way of MKZONES_VMEMMAP

// struct pglist_data: two zones, then these
#define ZONE_SIZE     256
#define NR_ZONES      1000
#define START_PFN     1008
#define SPANNED_PAGES 1016
#define NODE_ID       1024

// struct zone
#define ZONE_STATS_PTR 8
#define ZONE_LISTS_PTR 16
#define ZONE_SPANNED   24
#define ZONE_ISOLATED  32
#define ZONE_VM_STAT   64

// What a CPU has for a zone, at this per-CPU address for zone 0
#define PERCPU       0x1000ULL
#define PERCPU_STEP  0x400
#define STATS_OFFSET 0x300 // struct per_cpu_zonestat, or the tail of struct per_cpu_pageset
#define DIFF_OFFSET  16
#define LISTS_OFFSET 16

#define NR_FREE_PAGES 1 // 0 in real kernels, which hides mistakes

uint64_t mkzones_paddr(uint64_t vaddr)
{
	return vaddr - MEM_DIRECT_MAP;
}

uint64_t mkzones_node(unsigned int node)
{
	return MEM_DIRECT_MAP + NODES + node * 0x10000ULL;
}

uint64_t mkzones_zone(unsigned int i)
{
	return mkzones_node(i / 2) + i % 2 * ZONE_SIZE;
}

static uint64_t percpu(unsigned int zone, unsigned int cpu)
{
	return MEM_DIRECT_MAP + CPU_AREAS + cpu * 0x10000ULL + zone * PERCPU_STEP;
}

uint64_t mkzones_stats(const struct mkzones *mk, unsigned int zone, unsigned int cpu)
{
	return percpu(zone, cpu) + STATS_OFFSET;
}

uint64_t mkzones_lists(const struct mkzones *mk, unsigned int zone, unsigned int cpu)
{
	return percpu(zone, cpu);
}

uint64_t mkzones_page(uint64_t pfn)
{
	return MKZONES_VMEMMAP + pfn * 64;
}

static void put(struct mkzones *mk, uint64_t vaddr, uint64_t value)
{
	mem_write_u64(mk->mem, mkzones_paddr(vaddr), value);
}

static void make_zone(struct mkzones *mk, unsigned int i, uint64_t spanned, uint64_t nr_free)
{
	uint64_t zone = mkzones_zone(i), at = PERCPU + i * PERCPU_STEP;

	put(mk, zone + ZONE_STATS_PTR, mk->old ? at : at + STATS_OFFSET);
	put(mk, zone + ZONE_LISTS_PTR, at);
	put(mk, zone + ZONE_SPANNED, spanned);
	put(mk, zone + ZONE_VM_STAT + 8 * NR_FREE_PAGES, nr_free);
	for (unsigned int cpu = 0; cpu < MKZONES_CPUS; cpu++) {
		put(mk, mkzones_stats(mk, i, cpu), 0);
		mem_at(mk->mem, mkzones_paddr(mkzones_stats(mk, i, cpu)))[0] = MKZONES_LIMIT;
		for (unsigned int list = 0; list < MKZONES_LISTS; list++) {
			uint64_t head = mkzones_lists(mk, i, cpu) + LISTS_OFFSET + list * 16ULL;

			put(mk, head, head);
			put(mk, head + 8, head);
		}
	}
}

static void make_node(struct mkzones *mk, unsigned int id, uint64_t start, uint64_t spanned)
{
	uint64_t node = mkzones_node(id);

	put(mk, MEM_DIRECT_MAP + NODE_DATA + id * 8ULL, node);
	put(mk, node + NR_ZONES, 2);
	put(mk, node + START_PFN, start);
	put(mk, node + SPANNED_PAGES, spanned);
	put(mk, node + NODE_ID, id);
}

static void make_cpus(struct mkzones *mk)
{
	for (unsigned int cpu = 0; cpu < MKZONES_CPUS; cpu++)
		mem_write_u64(mk->mem, CPU_OFFSET + cpu * 8ULL,
			      MEM_DIRECT_MAP + CPU_AREAS + cpu * 0x10000ULL - PERCPU);
	mem_write_u64(mk->mem, NR_CPUS, MKZONES_CPUS);
	mem_write_u64(mk->mem, POSSIBLE, 3);
	mem_info(mk->mem, "SYMBOL(__per_cpu_offset)=%llx\nSYMBOL(nr_cpu_ids)=%llx",
		 MEM_DIRECT_MAP + CPU_OFFSET, MEM_DIRECT_MAP + NR_CPUS);
	mem_info(mk->mem, "SYMBOL(__cpu_possible_mask)=%llx", MEM_DIRECT_MAP + POSSIBLE);
}

static void make_sections(struct mkzones *mk)
{
	for (uint64_t off = 0; off < 4096 * 8; off += MEM_PAGE)
		mem_at(mk->mem, SECTIONS + off);
	mem_write_u64(mk->mem, SECTIONS, MEM_DIRECT_MAP + SECTIONS + 0x10000);
	mem_write_u64(mk->mem, SECTIONS + 0x10000, MKZONES_VMEMMAP | 3);
	mem_map(mk->mem, MKZONES_VMEMMAP, PAGES, 1, MEM_PTE_RW | MEM_PTE_NX);
	mem_info(mk->mem, "SYMBOL(mem_section)=%llx", MEM_DIRECT_MAP + SECTIONS);
	mem_info(mk->mem, "LENGTH(mem_section)=4096\nSIZE(mem_section)=32");
	mem_info(mk->mem, "OFFSET(mem_section.section_mem_map)=0");
	mem_info(mk->mem, "NUMBER(SECTION_SIZE_BITS)=27\nNUMBER(MAX_PHYSMEM_BITS)=46");
}

void mkzones_init(struct mkzones *mk, bool old)
{
	*mk = (struct mkzones){.mem = mem_create(), .old = old};
	mem_kernel(mk->mem, 4);
	mk->mem->reader.facts.max_paddr = 0x8000000;
	mk->mem->reader.facts.nr_cpus = 2;
	make_cpus(mk);
	make_sections(mk);
	make_node(mk, 0, 1, 0x7fff);
	make_node(mk, 1, 0x4000, 0x1000);
	make_node(mk, 2, 0x10000, 0x1000);
	make_zone(mk, 0, 0x1000, MKZONES_FREE);
	make_zone(mk, 1, 0x7000, 100);
	make_zone(mk, 2, 0x1000, 10);
	mem_write_u64(mk->mem, ONLINE, 3);
	mem_info(mk->mem, "SYMBOL(node_data)=%llx\nSYMBOL(node_online_map)=%llx",
		 MEM_DIRECT_MAP + NODE_DATA, MEM_DIRECT_MAP + ONLINE);
	mem_info(mk->mem, "SIZE(nodemask_t)=8\nSIZE(zone)=%d\nSIZE(page)=64", ZONE_SIZE);
	mem_info(mk->mem, "OFFSET(pglist_data.node_zones)=0\nOFFSET(pglist_data.nr_zones)=%d",
		 NR_ZONES);
	mem_info(mk->mem,
		 "OFFSET(pglist_data.node_start_pfn)=%d\n"
		 "OFFSET(pglist_data.node_spanned_pages)=%d\nOFFSET(pglist_data.node_id)=%d",
		 START_PFN, SPANNED_PAGES, NODE_ID);
	mem_info(mk->mem, "OFFSET(zone.vm_stat)=%d\nOFFSET(zone.spanned_pages)=%d", ZONE_VM_STAT,
		 ZONE_SPANNED);
	mem_info(mk->mem, "NUMBER(NR_FREE_PAGES)=%d\nLENGTH(zone.free_area)=11", NR_FREE_PAGES);
}

enum { CHAR = 1, INT, LONG, LIST_HEAD, LISTS, DIFFS, PCP };

static void add_zone_type(struct mkbtf *mk, bool old)
{
	mkbtf_type(mk, BTF_STRUCT, "zone", ZONE_SIZE);
	if (old) {
		mkbtf_member(mk, "pageset", LONG, ZONE_LISTS_PTR * 8);
	} else {
		mkbtf_member(mk, "per_cpu_zonestats", LONG, ZONE_STATS_PTR * 8);
		mkbtf_member(mk, "per_cpu_pageset", LONG, ZONE_LISTS_PTR * 8);
	}
	mkbtf_member(mk, "nr_isolate_pageblock", LONG, ZONE_ISOLATED * 8);
	mkbtf_type(mk, BTF_STRUCT, old ? "per_cpu_pageset" : "per_cpu_zonestat", 0x320);
	if (old)
		mkbtf_member(mk, "pcp", PCP, 0);
	mkbtf_member(mk, "stat_threshold", CHAR, old ? STATS_OFFSET * 8 : 0);
	mkbtf_member(mk, "vm_stat_diff", DIFFS, (old ? STATS_OFFSET * 8 : 0) + DIFF_OFFSET * 8);
	mkbtf_type(mk, BTF_STRUCT, "page", 64);
	mkbtf_member(mk, "lru", LIST_HEAD, MKZONES_LRU * 8);
	mkbtf_type(mk, BTF_ENUM, "migratetype", 4);
	mkbtf_enumerator(mk, "MIGRATE_MOVABLE", 1);
	mkbtf_enumerator(mk, "MIGRATE_PCPTYPES", 3);
}

struct btf *mkzones_btf(const struct mkzones *mk)
{
	struct mkbtf *types = mkbtf_create(false);
	struct btf *btf;

	mkbtf_int(types, "char", 1, 8);
	mkbtf_int(types, "int", 4, 32);
	mkbtf_int(types, "long", 8, 64);
	mkbtf_type(types, BTF_STRUCT, "list_head", 16);
	mkbtf_member(types, "next", LONG, 0);
	mkbtf_member(types, "prev", LONG, 64);
	mkbtf_array(types, LIST_HEAD, MKZONES_LISTS);
	mkbtf_array(types, CHAR, 12);
	mkbtf_type(types, BTF_STRUCT, "per_cpu_pages", 0x200);
	mkbtf_member(types, "count", INT, 0);
	mkbtf_member(types, "lists", LISTS, LISTS_OFFSET * 8);
	add_zone_type(types, mk->old);
	btf = mkbtf_load(types, 8);
	mkbtf_destroy(types);
	return btf;
}

void mkzones_delta(struct mkzones *mk, unsigned int zone, unsigned int cpu, int8_t delta)
{
	uint64_t at = mkzones_stats(mk, zone, cpu) + DIFF_OFFSET + NR_FREE_PAGES;

	mem_at(mk->mem, mkzones_paddr(at))[0] = (uint8_t)delta;
}

void mkzones_fill(struct mkzones *mk, unsigned int zone, unsigned int cpu, unsigned int list,
		  const uint64_t *pfns, size_t nr, uint32_t pages)
{
	uint64_t pcp = mkzones_lists(mk, zone, cpu), head = pcp + LISTS_OFFSET + list * 16ULL;
	uint64_t last = mkzones_paddr(head);
	uint32_t count;

	for (size_t i = 0; i < nr; i++) {
		mem_write_u64(mk->mem, last, mkzones_page(pfns[i]) + MKZONES_LRU);
		last = PAGES + pfns[i] * 64 + MKZONES_LRU;
	}
	mem_write_u64(mk->mem, last, head);
	count = load_u32(mem_at(mk->mem, mkzones_paddr(pcp)), false);
	mem_write_u32(mk->mem, mkzones_paddr(pcp), count + pages);
}
