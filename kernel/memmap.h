/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the struct pages are: pfn -> virtual address of its struct page, for SPARSEMEM (static,
 * extreme, vmemmap) and FLATMEM, from the exported symbols and sizes of VMCOREINFO.
 */
#ifndef KERNEL_MEMMAP_H
#define KERNEL_MEMMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct kernel;

// SIZE(page) is 32 on 32-bit kernels without memcg, 64 to 80 on 64-bit ones.
#define MEMMAP_MIN_PAGE_STRUCT 16
#define MEMMAP_MAX_PAGE_STRUCT 512

enum memmap_model { MEMMAP_FLAT, MEMMAP_SPARSE, MEMMAP_SPARSE_EXTREME };

struct memmap {
	enum memmap_model model;
	uint32_t page_struct_size;  /**< SIZE(page), bytes */
	unsigned int section_shift; /**< pfn bits below the section number */
	uint64_t nr_sections;
	uint64_t mem_section;  /**< virtual address of the array, or of the root array (extreme) */
	uint64_t per_root;     /**< mem_sections in one root page */
	uint32_t section_size; /**< SIZE(mem_section) */
	uint32_t map_offset;   /**< OFFSET(mem_section.section_mem_map) */
	uint64_t mem_map;      /**< FLATMEM: the array, from flat_start on */
	uint64_t flat_start, flat_end; /**< FLATMEM: pfns that it covers */
};

/** ERROR_NOT_FOUND names the key that is missing. */
struct error *memmap_init(struct memmap *map, struct kernel *kernel);

/** A run of pfns whose struct pages are contiguous in virtual memory, or that have none. */
struct memmap_run {
	uint64_t pfn, end; /**< end exclusive; contains the pfn asked for */
	uint64_t vaddr;    /**< of the struct page of the first; 0 when there are none */
	bool unreadable;   /**< there should be some, but their section could not be read */
};

void memmap_run(const struct memmap *map, struct kernel *kernel, uint64_t pfn,
		struct memmap_run *ret);

/** pfn of a struct page address, by the run of a pfn near it; false when it is not in that array.
 */
bool memmap_pfn(const struct memmap *map, struct kernel *kernel, uint64_t vaddr, uint64_t near_pfn,
		uint64_t *ret);

#endif
