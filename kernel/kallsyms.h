/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The symbol table that a kernel carries with it (scripts/kallsyms.c, kernel/kallsyms.c): all names
 * and addresses of the image, modules not included.
 *
 * The layouts, told apart by what is found and never by version:
 *   addresses as pointers (until 4.5), or 32-bit offsets with a relative base (Linux commit
 *   2213e9a66bb8, in 4.6); offsets that are not negative are absolute, for per-CPU symbols of
 *   x86_64, until 6.14; no base, but offsets from the place of each one (a081b5789255, in 7.0);
 *   addresses before the names, or behind the token index (404bad70fcf7, in 6.4);
 *   markers and number of symbols as pointers, or 32 bits wide (80ffbaa5b1bd, in 4.20);
 *   names longer than 127 bytes (73bbb94466fd, in 6.1).
 *
 * Damage: pages that are missing, or zero from end to end, are holes. Symbols whose name or address
 * lies in a hole are lost, and only those: the names go on at the next marker, and before it as far
 * back as there is only one way to read them.
 */
#ifndef KERNEL_KALLSYMS_H
#define KERNEL_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/addrspace.h"
#include "kernel/piece.h"
#include "util/error.h"

struct vmcoreinfo;

#define KALLSYMS_MIN      512U     /**< symbols of the smallest table that is believed */
#define KALLSYMS_MAX      2000000U /**< and of the largest; 7.2 has 200,000 */
#define KALLSYMS_NAME_MAX 1024U    /**< buffer for a name; the kernel's limit is 512 */

enum kallsyms_kind {
	KALLSYMS_UNKNOWN,
	KALLSYMS_POINTERS, /**< each address as a pointer */
	KALLSYMS_RELATIVE, /**< base + offset */
	KALLSYMS_PERCPU,   /**< base - 1 - offset for negative offsets, others are absolute */
	KALLSYMS_PLACE,    /**< place of the offset + offset */
};

/** Where the tables are, in the address space that the reads go by: physical, virtual or offsets of
 * an image; it has to be one piece for all of them. */
struct kallsyms_tables {
	bool big_endian;
	uint8_t word; /**< bytes of a pointer; 0: not known yet (of place-relative tables it is then
		       * taken to be 8) */
	uint32_t nr_syms;
	uint64_t num_syms, names, markers, token_table, token_index; /**< markers 0: not known */
	uint8_t marker_size;                                         /**< 4 or 8 */
	enum kallsyms_kind kind; /**< UNKNOWN: offsets and base are still to be found */
	uint64_t offsets;        /**< of the table of offsets or pointers */
	uint64_t base;           /**< value of kallsyms_relative_base */
	uint64_t base_place;     /**< where it is; 0 when there is none */
};

/**
 * Finds the tables around a mark that scan_marks() found at addr: the single-digit tokens. All but
 * the addresses; false when there is no such table there.
 */
bool kallsyms_find(phys_read_fn *read, void *arg, uint64_t addr, struct kallsyms_tables *ret);

/** The two steps of it: tokens and their index, which is quick; then names and markers. */
bool kallsyms_find_tokens(phys_read_fn *read, void *arg, uint64_t addr,
			  struct kallsyms_tables *ret);
bool kallsyms_find_names(phys_read_fn *read, void *arg, struct kallsyms_tables *tables);

/** Takes the tables from the symbols that VMCOREINFO exports (Linux commit 5fd8fea935a1, in 6.0).
 * Reads go by virtual addresses. False when they are not all there. */
bool kallsyms_exported(const struct vmcoreinfo *info, phys_read_fn *read, void *arg,
		       bool big_endian, uint8_t word, struct kallsyms_tables *ret);

/** Adds delta to all that is known of where the tables are. */
void kallsyms_tables_shift(struct kallsyms_tables *tables, uint64_t delta);

/** Everything is set by kallsyms_create() and not changed afterwards, so threads may share it. */
struct kallsyms {
	struct kallsyms_tables tables; /**< complete */
	size_t nr;                     /**< symbols, lost ones included */
	size_t nr_lost;                /**< whose name or address is lost */
	uint64_t *addrs;               /**< ascending; of a lost one, that of the one before */
	uint32_t *names;               /**< offset of each from tables.names, or KALLSYMS_LOST */
	uint8_t *lost;                 /**< one byte for each: its address is lost */
	struct piece packed;           /**< the names as the kernel has them */
	char *tokens;
	uint16_t token_off[256], token_len[256]; /**< into tokens; a length of 0: cannot be used */
	uint32_t *index; /**< hash table of names: symbol number + 1 and a tag */
	size_t index_mask;
};

#define KALLSYMS_LOST UINT32_MAX

struct kallsyms_symbol {
	uint64_t addr;
	uint64_t size; /**< up to the next address that has a symbol; 0 when that is not known */
	char type;     /**< as in nm; since 7.0 not to be relied on */
	char name[KALLSYMS_NAME_MAX];
};

/** Reads and decodes the tables. ERROR_FORMAT says which of them makes no sense. */
struct error *kallsyms_create(const struct kallsyms_tables *tables, phys_read_fn *read, void *arg,
			      struct kallsyms **ret);
void kallsyms_destroy(struct kallsyms *ks);
DEFINE_CLEANUP(struct kallsyms *, kallsyms_destroy)
#define _cleanup_kallsyms_ _cleanup_(cleanup_kallsyms_destroy)

/** Adds delta to all addresses: place-relative tables that were read by physical address know only
 * physical addresses. Before ks is shared. */
void kallsyms_shift(struct kallsyms *ks, uint64_t delta);

/** Address of a name; of several the lowest. */
bool kallsyms_lookup(const struct kallsyms *ks, const char *name, uint64_t *ret);

/** The symbol that contains addr, of several at one address the first. False below and behind all
 * of them, and where a symbol that is lost might be the right one. */
bool kallsyms_at(const struct kallsyms *ks, uint64_t addr, struct kallsyms_symbol *ret);

/** Symbol number i in order of addresses; false when it is lost. */
bool kallsyms_get(const struct kallsyms *ks, size_t i, struct kallsyms_symbol *ret);

#endif
