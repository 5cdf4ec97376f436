/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel's virtual address space: linear maps (offset arithmetic) and page tables (one walker,
 * arch/pgtable.c, driven by a geometry that is data). The const description of an architecture is
 * in arch/arch.h; this is the state for one dump. Nothing here reads files: physical memory comes
 * through the callback.
 */
#ifndef ARCH_ADDRSPACE_H
#define ARCH_ADDRSPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arch;

#define ADDRSPACE_MAX_LINEAR 256 /* many for the vmemmap of a hash-MMU ppc64, else a few */
#define PAGING_MAX_LEVELS    5

/** Reads len bytes of physical memory; false when any of them is not to be had. */
typedef bool phys_read_fn(void *arg, uint64_t paddr, void *buf, size_t len);

enum linear_kind { LINEAR_DIRECT_MAP, LINEAR_KERNEL_IMAGE, LINEAR_VMEMMAP };

/** Virtual [start, last] is physical vaddr - start + paddr (mod 2^64). */
struct linear_map {
	uint64_t start, last;
	uint64_t paddr;
	enum linear_kind kind;
	bool fallback; /**< the page tables map it too and know better where they can be read */
};

/** Page-table geometry. Level 0 is the leaf table; level nr_levels-1 is the root. */
struct paging {
	uint8_t page_shift;
	uint8_t nr_levels;                /**< 0: no page tables are known */
	uint8_t bits[PAGING_MAX_LEVELS];  /**< index bits of the table at each level */
	uint8_t shift[PAGING_MAX_LEVELS]; /**< lowest address bit of the index at each level */
	uint64_t first, last; /**< addresses that root translates, all else is unmapped; last below
			       * first: through 2^64, as sign-extended addresses are (x86_64) */
	uint8_t entry_size;   /**< bytes: 8 or 4 */
	bool big_endian;      /**< byte order of the entries (big on little-endian ppc64 too) */
	uint64_t root;        /**< physical address of the root table */
	uint64_t addr_mask;   /**< bits of an entry that hold a physical address */
	uint64_t enc_mask;    /**< bits to clear in it (SME/SEV C-bit), 0 for none */
};

struct addrspace {
	const struct arch *arch;
	bool big_endian;
	struct linear_map linear[ADDRSPACE_MAX_LINEAR];
	size_t nr_linear;
	struct paging paging;
	phys_read_fn *read;
	void *read_arg;
};

enum map_status {
	MAP_OK,
	MAP_UNMAPPED, /**< hole, or not canonical */
	MAP_NO_TABLE, /**< the page table that would tell is not in the dump */
};

enum map_flags {
	MAP_WRITE = 1,
	MAP_USER = 2,
	MAP_EXEC = 4,
};

/** A stretch of virtual addresses that starts at the one asked for. */
struct mapping {
	enum map_status status;
	uint64_t paddr; /**< of the first address, when MAP_OK */
	uint64_t len;   /**< bytes that are contiguous (MAP_OK) or of that same status from here on;
			 * at least to the end of one leaf or hole of the table, never past 2^64; 0
			 * only for "everything up to 2^64" from address 0 */
	unsigned int flags; /**< MAP_ of the leaf; 0 for linear maps */
	unsigned int level; /**< of the leaf entry, or where the walk ended */
};

/** Linear maps first, then the page tables, and where a table is missing the fallback maps: a dump
 * whose tables are gone can still be read where the kernel's layout is fixed. */
void addrspace_translate(const struct addrspace *as, uint64_t vaddr, struct mapping *ret);

/** The page tables alone. */
void pgtable_walk(const struct addrspace *as, uint64_t vaddr, struct mapping *ret);

/** One step of a walk, for vtop. */
struct pgtable_step {
	uint64_t table; /**< physical address of the entry */
	uint64_t entry; /**< its value */
	unsigned int level;
	bool readable;
};

/** Records the steps to vaddr (at most PAGING_MAX_LEVELS) and returns their number. */
size_t pgtable_steps(const struct addrspace *as, uint64_t vaddr,
		     struct pgtable_step steps[PAGING_MAX_LEVELS]);

/** Adds a linear map; false when the table is full or the map ends before it starts. */
bool addrspace_add_linear(struct addrspace *as, const struct linear_map *map);

/** The first map of a kind, or NULL. */
const struct linear_map *addrspace_linear(const struct addrspace *as, enum linear_kind kind);

#endif
