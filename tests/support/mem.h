/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical memory made by a test: the pages that were written exist, all others do not. It is a
 * dump reader too, so kernels can be opened on it. mem_kernel() lays out the least that makes one:
 * page tables of x86_64, an image mapping, a direct map, VMCOREINFO.
 */
#ifndef TESTS_SUPPORT_MEM_H
#define TESTS_SUPPORT_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/reader.h"

#define MEM_PAGE 4096

// Where mem_kernel() puts things.
#define MEM_PHYS_BASE    0x1000000ULL
#define MEM_IMAGE        0xffffffff80000000ULL
#define MEM_IMAGE_SIZE   0x400000ULL
#define MEM_ROOT         (MEM_IMAGE + 0x2000) // 4 levels; the tables below follow it
#define MEM_DIRECT_MAP   0xffff888000000000ULL
#define MEM_DIRECT_MAP_5 0xff11000000000000ULL
#define MEM_TABLES       0x1100000ULL // page tables are taken from here on

// Bits of an entry that tests put together, and what mem_map() takes for a level.
#define MEM_PTE_PRESENT 1ULL
#define MEM_PTE_RW      2ULL
#define MEM_PTE_USER    4ULL
#define MEM_PTE_PSE     0x80ULL
#define MEM_PTE_NX      (1ULL << 63)

struct mem {
	struct dump_reader reader; // facts as the test wants them
	struct {
		uint64_t paddr;
		uint8_t *data;
	} * pages;
	size_t nr_pages;
	uint64_t root, next_table;
	unsigned int nr_levels;
	char *info; // VMCOREINFO
};

/** Empty memory of an x86_64 machine. */
struct mem *mem_create(void);
void mem_destroy(struct mem *mem);

/** The bytes from paddr to the end of its page, which exists from now on. */
uint8_t *mem_at(struct mem *mem, uint64_t paddr);
void mem_write_u32(struct mem *mem, uint64_t paddr, uint32_t value);
void mem_write_u64(struct mem *mem, uint64_t paddr, uint64_t value);

/** Takes the page away again. */
void mem_drop(struct mem *mem, uint64_t paddr);

/** A phys_read_fn. */
bool mem_read(void *mem, uint64_t paddr, void *buf, size_t len);

/** Maps one page of a level (0: 4 KiB, 1: 2 MiB, 2: 1 GiB) with these bits besides present. */
void mem_map(struct mem *mem, uint64_t vaddr, uint64_t paddr, unsigned int level, uint64_t bits);

/** Physical address of the entry for vaddr in the table of a level. */
uint64_t mem_entry(struct mem *mem, uint64_t vaddr, unsigned int level);

/** Appends to the VMCOREINFO text. */
void mem_info(struct mem *mem, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Makes it a kernel with 4 or 5 levels of page tables. */
void mem_kernel(struct mem *mem, unsigned int nr_levels);

#endif
