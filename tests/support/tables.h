/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for tests of the arch layer: physical memory that exists in a few pages at any address,
 * VMCOREINFO and symbols. What is not written reads as absent, so that a page of zeros has to be
 * asked for.
 */
#ifndef TESTS_SUPPORT_TABLES_H
#define TESTS_SUPPORT_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"
#include "dump/facts.h"
#include "tests/support/test.h"

#define TABLES_MAX_PAGES   256
#define TABLES_MAX_SYMBOLS 16

struct tables {
	struct {
		uint64_t paddr;
		uint8_t bytes[4096];
	} * page;
	size_t nr_pages;
	struct {
		const char *name;
		uint64_t vaddr;
	} symbol[TABLES_MAX_SYMBOLS]; /**< beside those of VMCOREINFO */
	size_t nr_symbols;
	struct dump_facts facts;
	struct vmcoreinfo *vmcoreinfo;
	struct addrspace as;
	uint64_t free; /**< physical address of the next table that tables_new() makes */
};

/** Memory ends at 1 GiB unless facts.max_paddr is set before tables_learn(). */
void tables_init(struct tables *t, const struct arch *arch, bool big_endian);
void tables_deinit(struct tables *t);

/** Makes len bytes of zeros exist. */
void tables_zero(struct tables *t, uint64_t paddr, size_t len);
/** Numbers in memory, in a byte order of their own. */
void tables_u32(struct tables *t, uint64_t paddr, uint32_t value, bool big_endian);
void tables_u64(struct tables *t, uint64_t paddr, uint64_t value, bool big_endian);
/** An entry of a page table in the byte order of the machine; the table exists from then on. */
void tables_entry(struct tables *t, uint64_t table, unsigned int index, uint64_t value);
/** What stands there, 0 where nothing was written. */
uint64_t tables_get(const struct tables *t, uint64_t table, unsigned int index);
/** A table of its own, 64 KiB apart from others; nothing is in it, not even zeros. */
uint64_t tables_new(struct tables *t);
void tables_symbol(struct tables *t, const char *name, uint64_t vaddr);

/** learn() of the architecture with this VMCOREINFO, from an address space that knows nothing. */
struct error *tables_learn(struct tables *t, const char *vmcoreinfo);

/** What learn() gets. */
struct arch_env tables_env(struct tables *t);

/** The page tables alone map vaddr to paddr in a leaf of this level with these flags. */
#define assert_walk(t, vaddr, paddr, level, flags) \
	tables_check(&(t)->as, pgtable_walk, vaddr, MAP_OK, paddr, level, flags, __FILE__, __LINE__)
/** They map nothing there, as an entry of this level tells. */
#define assert_hole(t, vaddr, level) \
	tables_check(&(t)->as, pgtable_walk, vaddr, MAP_UNMAPPED, 0, level, 0, __FILE__, __LINE__)
/** Without page tables a linear map is what there is. */
#define assert_linear(t, vaddr, paddr) \
	tables_check(&(t)->as, tables_linear, vaddr, MAP_OK, paddr, 0, 0, __FILE__, __LINE__)

void tables_linear(const struct addrspace *as, uint64_t vaddr, struct mapping *ret);
void tables_check(const struct addrspace *as,
		  void (*translate)(const struct addrspace *, uint64_t, struct mapping *),
		  uint64_t vaddr, enum map_status status, uint64_t paddr, unsigned int level,
		  unsigned int flags, const char *file, int line);

#endif
