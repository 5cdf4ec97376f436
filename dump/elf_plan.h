/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The segments of an ELF core that is written: stretches of RAM of which the first part stands in
 * the file and the rest (p_filesz < p_memsz) is left out. Found in one pass over memory in pfn
 * order, in bounded memory: where there would be too many segments the shortest gaps between kept
 * blocks are bridged, which makes holes in the file that read as zero.
 */
#ifndef DUMP_ELF_PLAN_H
#define DUMP_ELF_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct dump_reader;
struct dump_scratch;

/** In blocks, but for off. */
struct elf_segment {
	uint64_t pfn;
	uint64_t nr_file; /**< blocks in the file, 0 when all of it is left out */
	uint64_t nr_mem;  /**< blocks of RAM, at least nr_file */
	uint64_t off;     /**< of the first one in the file; set by elf_plan_end() */
};

struct elf_plan {
	const struct dump_reader *ram;
	struct dump_scratch *scratch;
	uint64_t block_size, end_pfn;
	uint64_t ram_pfn; /* RAM below is in the segments */
	uint64_t bridge;  /* gaps of fewer blocks are bridged */
	size_t cap;
	size_t max; /* segments; grows only when there are as many ranges of RAM */
	struct elf_segment *segments; /**< sorted, disjoint */
	size_t nr;
	uint64_t end_off; /**< end of the data in the file, from elf_plan_end() on */
};

/** ram tells what RAM there is; max_segments is at least 8. */
struct error *elf_plan_init(struct elf_plan *plan, const struct dump_reader *ram,
			    uint64_t block_size, size_t max_segments);
void elf_plan_deinit(struct elf_plan *plan);

/** Blocks start to end are kept; called with rising numbers. */
struct error *elf_plan_add(struct elf_plan *plan, uint64_t start, uint64_t end);

/** That was all; the data begin at data_off. */
struct error *elf_plan_end(struct elf_plan *plan, uint64_t data_off);

/** Index of the first segment that ends above pfn; plan->nr when there is none. */
size_t elf_plan_find(const struct elf_plan *plan, uint64_t pfn);

/** After elf_plan_end(): blocks start to end are not in the file after all. Takes at most one more
 * segment. */
struct error *elf_plan_lose(struct elf_plan *plan, uint64_t start, uint64_t end);

#endif
