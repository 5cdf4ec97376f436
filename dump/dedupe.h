/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Equal blocks of a kdump file that share one copy. Encoded blocks are compared, since equal ones
 * are encoded alike: a table of bounded size remembers the hash and place of those that are in the
 * file, and whether a block with the same hash is the same is decided by its bytes, which are read
 * back.
 */
#ifndef DUMP_DEDUPE_H
#define DUMP_DEDUPE_H

#include <stddef.h>

#include "util/error.h"

struct dedupe;
struct kdump_encoder;
struct target;

#define DEDUPE_MIN_BYTES     (1U << 20)
#define DEDUPE_DEFAULT_BYTES (64U << 20)

/** The table takes up to max_bytes, at least DEDUPE_MIN_BYTES; target is no stream. */
struct error *dedupe_create(struct target *target, size_t max_bytes, struct dedupe **ret);
/** NULL does nothing. */
void dedupe_destroy(struct dedupe *dedupe);

/** Takes the blocks out of a chunk that stand in the file already, or earlier in the chunk, and
 * makes their entries shared. Offsets within the chunk become absolute in dedupe_add(). */
void dedupe_find(struct dedupe *dedupe, struct kdump_encoder *encoder);

/** The chunk has its place (record->off) and is written: from now on its blocks can be shared. */
void dedupe_add(struct dedupe *dedupe, const struct kdump_encoder *encoder);

#endif
