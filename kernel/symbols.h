/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names and addresses of kernel symbols, from whatever source there is: the kallsyms of the dump,
 * a System.map or a copy of /proc/kallsyms, and tables that a tool fills by itself (a vmlinux,
 * modules). Sources are asked in the order in which they were added.
 */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kallsyms.h"
#include "util/error.h"

/* A table of symbols that is filled once, then sorted, then only read. */
struct symtab;

struct error *symtab_create(struct symtab **ret);
void symtab_destroy(struct symtab *tab);
DEFINE_CLEANUP(struct symtab *, symtab_destroy)
#define _cleanup_symtab_ _cleanup_(cleanup_symtab_destroy)

/** Adds a copy of one symbol. size is 0 when it is not known: it then goes up to the next one.
 * module is NULL for the kernel itself. ERROR_FORMAT for a name of KALLSYMS_NAME_MAX or more. */
struct error *symtab_add(struct symtab *tab, uint64_t addr, uint64_t size, char type,
			 const char *name, size_t name_len, const char *module, size_t module_len);

/** Sorts and indexes the table; nothing is found before, and nothing may be added afterwards. */
struct error *symtab_finish(struct symtab *tab);

/** Adds delta to all addresses from start on: the KASLR offset for addresses of a System.map, of
 * which per-CPU offsets stay what they are. Before or after symtab_finish(). */
void symtab_shift(struct symtab *tab, uint64_t start, uint64_t delta);

size_t symtab_nr(const struct symtab *tab);

/** Reads a System.map, the output of nm, or a copy of /proc/kallsyms. Lines that are none of a
 * symbol are an error that names the first one, as is a file in which all addresses are zero. */
struct error *symtab_load(const char *path, struct symtab **ret);

struct symbol {
	uint64_t addr;
	uint64_t size; /**< 0 when it is not known */
	char type;     /**< as in nm */
	char name[KALLSYMS_NAME_MAX];
	char module[64]; /**< empty for the kernel itself */
};

#define SYMBOLS_MAX_TABS 4

struct symbols {
	struct kallsyms *kallsyms; /**< owned, or NULL */
	struct symtab *tabs[SYMBOLS_MAX_TABS];
	size_t nr_tabs;
};

/** Takes ownership. False, and nothing is taken, when there are too many. */
bool symbols_add(struct symbols *symbols, struct symtab *tab);

void symbols_deinit(struct symbols *symbols);

/** Address of a name; of several in one source the lowest. */
bool symbols_lookup(const struct symbols *symbols, const char *name, uint64_t *ret);

/** The symbol that contains addr; of several the first. */
bool symbols_at(const struct symbols *symbols, uint64_t addr, struct symbol *ret);

/** Calls fn for each symbol, source by source, ascending; fn returning false ends it. */
void symbols_each(const struct symbols *symbols, bool (*fn)(void *arg, const struct symbol *symbol),
		  void *arg);

#endif
