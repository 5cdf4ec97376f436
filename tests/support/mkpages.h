/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine in the memory of tests/support/mem.h whose kernel has struct pages: what each page is
 * can be set. All are the kernel's at first.
 */
#ifndef TESTS_SUPPORT_MKPAGES_H
#define TESTS_SUPPORT_MKPAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "tests/support/mem.h"

#define MKPAGES_VMEMMAP 0xffffea0000000000ULL
#define MKPAGES_STRUCTS 0x4000000ULL // physical, of the struct pages; 2 MiB map them
#define MKPAGES_NR      2048         // pages that have one
#define MKPAGES_SECTION 0x2000000ULL

/** Where a struct page has its members. */
struct offsets {
	unsigned int flags, mapping, mapcount, private, compound_head;
	unsigned int head_bit, lru_bit, private_bit;
	uint32_t buddy;
};

/** Of 4.18 and later, and those before 4.4, which know no compound_head. */
extern const struct offsets new_offsets, old_offsets;

struct machine {
	struct mem *mem;
	struct kernel *kernel; /**< NULL until a test opens it; owned */
	const struct offsets *at;
};

struct machine mkpages(const struct offsets *at);
void mkpages_deinit(struct machine *m);
/** The sections alone, in memory that has nothing else. */
void mkpages_sections(struct mem *mem);
/** Opens the kernel unless it is open. */
struct kernel *mkpages_open(struct machine *m);

uint8_t *struct_page(struct machine *m, uint64_t pfn);
void put64(struct machine *m, uint64_t pfn, unsigned int offset, uint64_t value);
/** Sets _mapcount. */
void put_type(struct machine *m, uint64_t pfn, uint32_t value);
void set_cache(struct machine *m, uint64_t pfn, uint64_t nr, bool is_private);
void set_user(struct machine *m, uint64_t pfn, uint64_t nr);
void set_free(struct machine *m, uint64_t pfn, unsigned int order);
void set_compound(struct machine *m, uint64_t pfn, unsigned int order, bool hugetlb);

#endif
