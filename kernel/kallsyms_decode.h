/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of kallsyms: symbols by number, before all of struct kallsyms is there. */
#ifndef KERNEL_KALLSYMS_DECODE_H
#define KERNEL_KALLSYMS_DECODE_H

#include "kernel/kallsyms.h"

/** Bytes that may be read behind the tokens. */
#define KALLSYMS_SLACK 8

/** Reads the packed name at off from tables.names: its codes and their number, and in *end the
 * offset of the next. False in a hole, past the end, or for an empty name. */
bool kallsyms_packed(const struct kallsyms_tables *tables, const struct piece *packed, uint64_t off,
		     const uint8_t **codes, size_t *len, uint64_t *end);

/** The codes of symbol i; NULL when its name is lost. */
const uint8_t *kallsyms_codes(const struct kallsyms *ks, size_t i, size_t *len);

/** Decodes name i, NUL-terminated, and returns its length; 0 when it is lost. */
size_t kallsyms_expand(const struct kallsyms *ks, size_t i, char name[KALLSYMS_NAME_MAX],
		       char *type);

/** Fills ks->index, once all names are known. */
struct error *kallsyms_build_index(struct kallsyms *ks);

/** Number of the symbol of a name, SIZE_MAX when there is none. */
size_t kallsyms_index_of(const struct kallsyms *ks, const char *name);

/** Fills ks->names from ks->packed, going on at the kernel's markers behind holes. */
struct error *kallsyms_decode_names(struct kallsyms *ks, phys_read_fn *read, void *arg);

/** Finds out where and how the addresses are kept unless tables.kind says so, and fills ks->addrs
 * and ks->lost. */
struct error *kallsyms_decode_addrs(struct kallsyms *ks, phys_read_fn *read, void *arg);

#endif
