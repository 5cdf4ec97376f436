/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nodes, zones and CPUs of a kernel in the memory of tests/support/mem.h, with the VMCOREINFO and
 * the types that tell of them. Node 1 lies within node 0, as some firmware has it; node 2 is
 * possible, and not there.
 */
#ifndef TESTS_SUPPORT_MKZONES_H
#define TESTS_SUPPORT_MKZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/btf.h"
#include "tests/support/mem.h"

#define MKZONES_CPUS    3    // the last one is not possible
#define MKZONES_ZONES   3    // with pages: two of node 0, one of node 1
#define MKZONES_FREE    1000 // of the first zone; 100 of the second, 10 of the third
#define MKZONES_LIMIT   20   // stat_threshold
#define MKZONES_LISTS   14   // of a CPU in a zone
#define MKZONES_VMEMMAP 0xffffea0000000000ULL
#define MKZONES_LRU     8 // OFFSET(page.lru)

struct mkzones {
	struct mem *mem;
	bool old; /**< as before 5.14: one struct per_cpu_pageset */
};

/** Makes the kernel; more may be added to mem before it is opened. */
void mkzones_init(struct mkzones *mk, bool old);

/** The types; the caller destroys them. */
struct btf *mkzones_btf(const struct mkzones *mk);

/** Virtual addresses: of a node, of zone i (in the order of MKZONES_ZONES), of what a CPU has for
 * it, and of the struct page of pfn. */
uint64_t mkzones_node(unsigned int node);
uint64_t mkzones_zone(unsigned int i);
uint64_t mkzones_stats(const struct mkzones *mk, unsigned int zone, unsigned int cpu);
uint64_t mkzones_lists(const struct mkzones *mk, unsigned int zone, unsigned int cpu);
uint64_t mkzones_page(uint64_t pfn);

/** Physical address of a virtual one in the direct map. */
uint64_t mkzones_paddr(uint64_t vaddr);

/** Sets a CPU's difference for NR_FREE_PAGES. */
void mkzones_delta(struct mkzones *mk, unsigned int zone, unsigned int cpu, int8_t delta);

/** Puts pages on a list of a CPU, which counts as many pages more. */
void mkzones_fill(struct mkzones *mk, unsigned int zone, unsigned int cpu, unsigned int list,
		  const uint64_t *pfns, size_t nr, uint32_t pages);

#endif
