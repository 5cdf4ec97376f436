/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMCOREINFO text: lines KEY=VALUE, where the key may be SYMBOL(x), SIZE(x), OFFSET(x.y),
 * LENGTH(x) or NUMBER(x) (kernel/vmcore_info.c, formerly kernel/crash_core.c). It comes from a
 * broken machine: at most VMCOREINFO_MAX_LEN bytes, anything not a line is passed over, and of a
 * key that stands twice the first counts.
 */
#ifndef DUMP_VMCOREINFO_H
#define DUMP_VMCOREINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct vmcoreinfo;

/** Parses a copy of text. An empty text gives an empty object, not an error. */
struct error *vmcoreinfo_create(const char *text, size_t len, struct vmcoreinfo **ret);
void vmcoreinfo_destroy(struct vmcoreinfo *info);
DEFINE_CLEANUP(struct vmcoreinfo *, vmcoreinfo_destroy)
#define _cleanup_vmcoreinfo_ _cleanup_(cleanup_vmcoreinfo_destroy)

/** The value of a whole key ("OSRELEASE", "SYMBOL(prb)"), NUL-terminated, or NULL. */
const char *vmcoreinfo_text(const struct vmcoreinfo *info, const char *key);

/** Each returns false, leaving *ret alone, when the key is missing or no number. SYMBOL and
 * KERNELOFFSET are hexadecimal without 0x; SIZE, OFFSET, LENGTH and PAGESIZE decimal; NUMBER is
 * decimal, negative, or hexadecimal with 0x, and sign-extended to 64 bits. */
bool vmcoreinfo_symbol(const struct vmcoreinfo *info, const char *name, uint64_t *ret);
bool vmcoreinfo_size(const struct vmcoreinfo *info, const char *name, uint64_t *ret);
bool vmcoreinfo_offset(const struct vmcoreinfo *info, const char *member, uint64_t *ret);
bool vmcoreinfo_length(const struct vmcoreinfo *info, const char *name, uint64_t *ret);
bool vmcoreinfo_number(const struct vmcoreinfo *info, const char *name, int64_t *ret);
/** A key outside the five families: hexadecimal (KERNELOFFSET) or decimal (PAGESIZE, CRASHTIME). */
bool vmcoreinfo_hex(const struct vmcoreinfo *info, const char *key, uint64_t *ret);
bool vmcoreinfo_dec(const struct vmcoreinfo *info, const char *key, uint64_t *ret);

#endif
