/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reader over a machine that is told by a text, for tests of what stands behind readers. */
#ifndef TESTS_SUPPORT_MEMREADER_H
#define TESTS_SUPPORT_MEMREADER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/reader.h"
#include "util/file.h"

struct codec;

/** What a stretch of blocks is; each has its own contents, made of its number. */
enum mem_kind {
	MEM_ABSENT = '.',
	MEM_EXCLUDED = 'x',
	MEM_UNREADABLE = '!',
	MEM_ZERO = 'z',
	MEM_HOLE = 'h',   /**< zero, and known to be without reading */
	MEM_TEXT = 't',   /**< compresses well */
	MEM_RANDOM = 'r', /**< does not compress */
};

struct mem_run {
	uint64_t start, end; /* blocks */
	enum mem_kind kind;
};

struct memreader {
	struct dump_reader reader;
	struct dump_reader_ops ops;
	struct file file;
	struct mem_run runs[64];
	size_t nr_runs;
	const struct codec *codec; /**< of memreader_encode() */
	size_t at_once;            /**< blocks that blocks() gives in one call */
	atomic_uint nr_reads, nr_run_calls, nr_block_calls;
};

/** map is a list of numbers of blocks with their kind: "256t 16. 3x 1! 8z". Machine is x86_64. */
void memreader_init(struct memreader *m, uint32_t block_size, const char *map);

/** From now on the machine is a dump of encoded blocks, which can be had undecoded. */
void memreader_encode(struct memreader *m, const struct codec *codec);

enum mem_kind memreader_kind(const struct memreader *m, uint64_t pfn);

/** Contents of one block. */
void memreader_fill(const struct memreader *m, uint64_t pfn, uint8_t *block);

#define MEM_SAME UINT64_MAX

/**
 * The first block that copy does not have as a dump of m should: all that can be read is there with
 * its contents, all other RAM is left out, the rest is absent. partial: anything may be left out.
 * MEM_SAME when there is none. *present is the number of blocks that copy has.
 */
uint64_t memreader_compare(const struct memreader *m, const struct dump_reader *copy, bool partial,
			   uint64_t *present);

#endif
