/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nodes of a machine and their zones: which pages belong where, and how many of them the kernel
 * itself counts as free. Addresses and the most important offsets come from VMCOREINFO; types add
 * what each CPU has counted by itself and not yet told its zone.
 */
#ifndef KERNEL_ZONES_H
#define KERNEL_ZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct btf;
struct kernel;
struct percpu;

struct node {
	unsigned int id;
	uint64_t start, end; /**< pfns; nodes may lie within one another */
};

struct zone {
	uint64_t addr;     /**< of its struct zone */
	unsigned int node; /**< index in nodes */
};

struct zones {
	struct node *nodes;
	size_t nr_nodes;
	struct zone *zones; /**< those that have pages */
	size_t nr_zones;
	struct percpu *percpu; /**< NULL without types */
	unsigned int nr_cpus;
	uint64_t free_pages; /**< NR_FREE_PAGES of all zones */
	uint64_t slack;      /**< the count of free pages may differ by so much from free_pages:
			      * CPUs x zones x stat_threshold, a block of the largest order for each
			      * CPU in case it was about to move one, and isolated blocks, which are
			      * in the buddy allocator and not counted */
	bool deltas;         /**< free_pages has what the CPUs counted by themselves */
};

/** symbols: those of the kernel itself may be read, not only VMCOREINFO's; btf: its types, or NULL.
 * ERROR_NOT_FOUND names what is missing. */
struct error *zones_create(struct kernel *kernel, bool symbols, const struct btf *btf,
			   struct zones **ret);
void zones_destroy(struct zones *zones);
DEFINE_CLEANUP(struct zones *, zones_destroy)
#define _cleanup_zones_ _cleanup_(cleanup_zones_destroy)

/** Index of the node that the page pfn belongs to, nr_nodes when it is none's, and the pfn up to
 * which that holds: of nodes that contain it the smallest. */
size_t zones_node_at(const struct zones *zones, uint64_t pfn, uint64_t *end);

#endif
