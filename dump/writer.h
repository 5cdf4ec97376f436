/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of the pump (dump/copy.h): something that takes chunks of memory and makes a file
 * of them. Chunks are aligned stretches of chunk_pages blocks; workers hand them over in any order
 * and at the same time.
 *
 * To add a format: dump/x_write.c with its ops and a creating function declared here, and its name
 * where the tools choose one.
 */
#ifndef DUMP_WRITER_H
#define DUMP_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/codec.h"
#include "dump/facts.h"
#include "util/error.h"

struct dump_reader;
struct dump_block;
struct dump_writer;
struct target;
struct target_options;

/** Memory in one chunk, or one block where that is larger. As much as stays in a CPU's own cache,
 * together with what it is encoded to, from being read until it is written. */
#define DUMP_CHUNK_BYTES (256U << 10)

/** Blocks in a chunk. */
static inline size_t dump_chunk_blocks(uint32_t block_size)
{
	return block_size < DUMP_CHUNK_BYTES ? DUMP_CHUNK_BYTES / block_size : 1;
}

/** A chunk on its way from reader to writer. */
struct dump_chunk {
	uint64_t pfn;         /**< first block; a multiple of the blocks in a chunk */
	size_t nr;            /**< blocks, fewer only at the end of memory */
	const uint64_t *keep; /**< bit i (word i/64, bit i%64): block pfn+i goes into the dump */
	const uint64_t *lost; /**< likewise: was chosen, but cannot be read; NULL while planning */
	const uint64_t *skip; /**< likewise, some of keep: known to be zero, or in the file already
			       * by clone(); their data are not defined. NULL when there are none,
			       * and always where the writer does not take it */
	const uint8_t *data;  /**< nr blocks; defined where keep is set, zero where lost is; NULL
			       * when blocks are given */
	const struct dump_block *blocks; /**< nr blocks, defined where keep is set, each raw or of
					  * the writer's blocks_codec; or NULL */
};

/** What came of it, for messages and --json; counts are blocks, sizes bytes. */
struct dump_writer_stats {
	uint64_t written;    /**< blocks that the file has, zero ones included */
	uint64_t zero;       /**< of these, blocks that share the one zero page */
	uint64_t shared;     /**< and blocks that share the copy of an equal one */
	uint64_t data_bytes; /**< encoded page data */
	uint64_t file_bytes; /**< length of the file, or of the stream */
	uint64_t base;       /**< raw: physical address of the first byte */
	size_t nr_files;     /**< of a split set; else 0 */
};

struct dump_writer_ops {
	/** Called in pfn order for every chunk of memory before the first chunk(), by one thread,
	 * with chunk->data and blocks NULL; a writer that has no use for it leaves NULL, which
	 * saves a pass. A writer that plans gets all that is selected in one pass. */
	struct error *(*plan)(struct dump_writer *writer, const struct dump_chunk *chunk);
	struct error *(*begin)(struct dump_writer *writer);
	/** What one worker needs to encode; may be NULL in ops. */
	struct error *(*worker_create)(struct dump_writer *writer, void **ret);
	void (*worker_destroy)(void *worker);
	/** Encodes and writes one chunk. seq counts the chunks of a pass from 0 in pfn order and
	 * without gaps (chunks with nothing to keep are handed over too), so that an index can be
	 * kept in pfn order. After a failure no more chunks are begun. */
	struct error *(*chunk)(struct dump_writer *writer, void *worker, uint64_t seq,
			       const struct dump_chunk *chunk);
	/** Before chunk(): makes nr blocks from pfn on share the space that they have in another
	 * file, and returns true; they come again with chunk->skip set. False: that cannot be, and
	 * will not be tried again. May be NULL. */
	bool (*clone)(struct dump_writer *writer, uint64_t pfn, size_t nr, int fd, uint64_t off);
	/** Between two passes over memory: all chunks of the pass are in. May be NULL. */
	struct error *(*end_pass)(struct dump_writer *writer);
	/** Index, headers, sync, final name. incomplete: not all chunks came, or finish(false)
	 * failed; the file says so and keeps its working name (a tool that wants it nevertheless
	 * calls target_commit()), and success means that a readable file stands, maybe with less
	 * in it than was written. */
	struct error *(*finish)(struct dump_writer *writer, bool incomplete);
	void (*destroy)(struct dump_writer *writer);
};

struct dump_writer {
	const struct dump_writer_ops *ops;
	uint32_t block_size;            /**< of the file that is written */
	bool takes_skip;                /**< it looks at chunk->skip */
	bool mark_incomplete;           /**< the file says so even if finish() gets all of it */
	enum codec_id blocks_codec;     /**< blocks of this codec are wanted undecoded where the
					 * reader has them; a tool that wants all of them encoded
					 * anew sets CODEC_NONE */
	struct dump_writer_stats stats; /**< final after finish() */
};

struct dump_writer_options {
	const struct codec *codec; /**< kdump: NULL stores pages raw */
	int codec_level;
	bool share_zero; /**< level 1: zero pages share one copy (kdump) or become holes (ELF) */
	uint64_t limit;  /**< bytes that the file may have (-L), 0 for none */
	size_t dedupe;   /**< kdump: equal blocks share one copy, found by a table of so many bytes;
			  * 0: they do not. Not on streams. */
	bool base_given; /**< raw: base is the address of the first byte; else that of all RAM is */
	uint64_t base;
};

/**
 * kdump-compressed version 6 on a seekable target, or flattened on a stream. ram gives the 1st
 * bitmap (memory that exists); facts say the rest, facts->incomplete that the source lacked memory
 * already. All arguments have to outlive the writer; destroying the writer does not destroy the
 * target.
 *
 * On seekable targets page data come first and the index (bitmaps, descriptors) last. While it
 * grows the file gets index commits: index, fsync, then block 0 in one write, with the incomplete
 * bit set, at points that grow geometrically; all superseded indexes together stay under 5 % of the
 * data (dump/kdump_commit.h). A writer killed at any moment leaves a file that opens with the last
 * commit. A stream has its pages counted first, and its parts in the usual order.
 */
struct error *kdump_writer_create(struct target *target, const struct dump_facts *facts,
				  const struct dump_reader *ram,
				  const struct dump_writer_options *options,
				  struct dump_writer **ret);

/**
 * ELF64 core; flattened on a stream. What is left out of a stretch of RAM is the tail of its
 * segments (p_filesz < p_memsz). There are up to 65534 program headers: the shortest gaps between
 * kept blocks become holes that read as zero; PN_XNUM only where RAM itself is in more pieces.
 * facts->segments give p_vaddr: a tool that knows the direct map gives one segment of its own.
 * e_flags is 1 while the file is incomplete.
 */
struct error *elf_writer_create(struct target *target, const struct dump_facts *facts,
				const struct dump_reader *ram,
				const struct dump_writer_options *options,
				struct dump_writer **ret);

/** How a dump is split. */
struct dump_split {
	unsigned int nr;   /**< files of about as many pages each; or 0 */
	uint64_t max_size; /**< and of so many bytes at most */
};

#define DUMP_SPLIT_MAX_FILES 512

/** kdump-compressed in several files PATH.1, PATH.2 and so on, each of them with the headers and
 * bitmaps of the whole, and the pages of one stretch of memory. */
struct error *split_writer_create(const char *path, const struct target_options *files,
				  const struct dump_split *split, const struct dump_facts *facts,
				  const struct dump_reader *ram,
				  const struct dump_writer_options *options,
				  struct dump_writer **ret);

/** Raw memory and LiME images; on a stream or device in order and with all that is zero. */
struct error *raw_writer_create(struct target *target, const struct dump_facts *facts,
				const struct dump_reader *ram,
				const struct dump_writer_options *options,
				struct dump_writer **ret);
struct error *lime_writer_create(struct target *target, const struct dump_facts *facts,
				 const struct dump_reader *ram,
				 const struct dump_writer_options *options,
				 struct dump_writer **ret);

/** The notes of facts as a new file has them: as they are, with VMCOREINFO and ERASEINFO appended
 * where facts know them from elsewhere. */
struct writer_notes {
	void *data; /**< owned; NULL when there are none */
	size_t len;
	size_t vmcoreinfo_off,
		vmcoreinfo_len; /**< the text, within data; 0, 0 when there is none */
	size_t eraseinfo_off, eraseinfo_len;
};

struct error *writer_notes_init(struct writer_notes *notes, const struct dump_facts *facts);
void writer_notes_deinit(struct writer_notes *notes);

void dump_writer_destroy(struct dump_writer *writer);
DEFINE_CLEANUP(struct dump_writer *, dump_writer_destroy)
#define _cleanup_writer_ _cleanup_(cleanup_dump_writer_destroy)

#endif
