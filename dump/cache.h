/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small reads at random places (page tables, list walks, log records) through a bounded cache of
 * decoded blocks. One thread at a time; each thread that wants one makes its own.
 */
#ifndef DUMP_CACHE_H
#define DUMP_CACHE_H

#include "dump/reader.h"

struct dump_cache;

/** Holds up to max_bytes of blocks (at least four blocks). The reader has to outlive it. */
struct error *dump_cache_create(const struct dump_reader *reader, size_t max_bytes,
				struct dump_cache **ret);
void dump_cache_destroy(struct dump_cache *cache);
DEFINE_CLEANUP(struct dump_cache *, dump_cache_destroy)
#define _cleanup_cache_ _cleanup_(cleanup_dump_cache_destroy)

/** As dump_read(). Reads of more than a quarter of the cache go past it. */
enum dump_status dump_cache_read(struct dump_cache *cache, uint64_t paddr, void *buf, size_t len,
				 size_t *done);

/** Why the last read was DUMP_UNREADABLE. */
const char *dump_cache_why(const struct dump_cache *cache);

#endif
