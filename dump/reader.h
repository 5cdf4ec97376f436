/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of a dump by physical address, whatever the file looks like.
 *
 * A reader is immutable once it is open, so threads share it; what a read needs besides lives in a
 * struct dump_scratch, one for each thread. Absent, excluded and unreadable memory are normal
 * outcomes and cost no allocation.
 *
 * To add a format: write dump/x_read.c with a const struct dump_format and a struct whose first
 * member is struct dump_reader; add one line to the table in dump/reader.c, one builder in
 * tests/support/, one seed in tests/fuzz/corpus/.
 */
#ifndef DUMP_READER_H
#define DUMP_READER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/facts.h"
#include "util/bytes.h"
#include "util/error.h"

struct file;
struct stat;
struct dump_reader;
struct dump_scratch;

enum dump_status {
	DUMP_OK,
	DUMP_ABSENT,     /**< the machine has no RAM there, as far as the dump knows */
	DUMP_EXCLUDED,   /**< RAM, but left out of this dump */
	DUMP_UNREADABLE, /**< should be there, but the file is cut, damaged or returned an error */
};

/** A stretch of memory of one state, containing the address asked for. */
struct dump_run {
	uint64_t start, end;     /**< physical, end exclusive */
	enum dump_status status; /**< never DUMP_UNREADABLE: runs tell what the index promises */
	bool zero;               /**< all of it is zero, and reading it takes nothing from a file */
};

/** One block as it stands in the file. */
struct dump_block {
	const uint8_t *data; /**< lives until the next call with the same scratch */
	uint32_t len;        /**< bytes; the block size when codec is CODEC_NONE */
	uint8_t codec;       /**< enum codec_id of dump/codec.h */
	uint8_t status;      /**< enum dump_status; data is NULL unless DUMP_OK */
};

/** Memory as it stands in a file. */
struct dump_extent {
	int fd;
	uint64_t off, len;
};

struct dump_reader_ops {
	/** Bytes from paddr on; see dump_read(). */
	enum dump_status (*read)(const struct dump_reader *reader, struct dump_scratch *scratch,
				 uint64_t paddr, void *buf, size_t len, size_t *done);
	/** See dump_next_run(). */
	void (*run)(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t paddr,
		    struct dump_run *ret);
	/** Up to nr blocks from block number pfn on, undecoded; *done says how many of blocks[] are
	 * filled (at least one). NULL where blocks are not stored one by one. */
	void (*blocks)(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t pfn,
		       size_t nr, struct dump_block *blocks, size_t *done);
	/** Where the bytes from paddr on stand in a file, one behind the other and as they are;
	 * false when they do not. NULL where they never do. */
	bool (*extent)(const struct dump_reader *reader, uint64_t paddr, struct dump_extent *ret);
	struct error *(*scratch_create)(const struct dump_reader *reader,
					struct dump_scratch **ret);
	void (*scratch_destroy)(struct dump_scratch *scratch);
	void (*destroy)(struct dump_reader *reader);
};

/** The first member of each format's own scratch. */
struct dump_scratch {
	const struct dump_reader *reader;
	char why[192]; /**< for people, after DUMP_UNREADABLE: file, offset, value */
};

struct dump_reader {
	const struct dump_reader_ops *ops;
	const struct dump_format *format;
	struct dump_facts facts;
	struct file *file; /**< owned */
	char variant[64];  /**< for --info, e.g. "version 6, zlib" */
	char warning[192]; /**< what is wrong with the file though it opens; empty when nothing is
			    */
};

/** What may have to be said of a dump beside its name. All zero says nothing. */
struct dump_open_options {
	const char *machine;     /**< where the RAM of a virtual machine stands, and what machine
				  * it is: see dump/board.h */
	const char *spool;       /**< folder for what has to be unpacked; NULL: /var/tmp */
	const atomic_bool *stop; /**< ends long unpacking with ERROR_INTERRUPTED */
	bool salvage;            /**< open what can be of a file whose structure is damaged */
};

/** A dump format. probe looks at the first bytes only; open takes ownership of the file on success.
 */
struct dump_format {
	const char *name; /**< as in --info and on the command line: "elf", "kdump" */
	const char *description;
	bool plain; /**< knows no memory that is left out, which reads as zero, and no notes */
	bool (*probe)(const struct bytes *head);
	/** NULL: recognised, but not readable. */
	struct error *(*open)(struct file *file, const struct dump_open_options *options,
			      struct dump_reader **ret);
};

#define DUMP_PROBE_LEN 4096 /**< bytes that probe gets, fewer in a shorter file */

/** Opens path, whatever it is. An unknown format is ERROR_FORMAT and says how the file begins. What
 * the headers leave open (release, machine's name, time) is taken from the notes. */
struct error *dump_open(const char *path, struct dump_reader **ret);

/**
 * Opens what the user named: a dump; all files of a split set; a folder of phone ramdumps; raw
 * memory, when options->machine says where it stands, or FILE@ADDRESS[,LENGTH] does (a file that is
 * named again goes on where its last part ended). "-" is standard input. options may be NULL.
 */
struct error *dump_open_inputs(const char *const *paths, size_t nr,
			       const struct dump_open_options *options, struct dump_reader **ret);
void dump_close(struct dump_reader *reader);
DEFINE_CLEANUP(struct dump_reader *, dump_close)
#define _cleanup_reader_ _cleanup_(cleanup_dump_close)

struct error *dump_scratch_create(const struct dump_reader *reader, struct dump_scratch **ret);
void dump_scratch_destroy(struct dump_scratch *scratch);
DEFINE_CLEANUP(struct dump_scratch *, dump_scratch_destroy)
#define _cleanup_scratch_ _cleanup_(cleanup_dump_scratch_destroy)

/**
 * Reads memory at paddr into buf until len bytes are there or one is not to be had. *done is what
 * came; the status tells why it stopped (DUMP_OK: len came). Where segments overlap the first wins;
 * a block that is backed in part reads as zero in the rest. Large reads are the fast ones.
 */
enum dump_status dump_read(const struct dump_reader *reader, struct dump_scratch *scratch,
			   uint64_t paddr, void *buf, size_t len, size_t *done);

/** Reads exactly len bytes, or says with false that it could not. */
bool dump_read_full(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t paddr,
		    void *buf, size_t len);

/** The run that contains paddr. Runs may be cut shorter than they are, but never empty; from
 * facts.max_paddr on all is one absent run up to UINT64_MAX. */
void dump_next_run(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t paddr,
		   struct dump_run *ret);

/** Whether an input of this name reads from the file that st is of. */
bool dump_input_is(const char *path, const struct stat *st);

/** Every format there is, for --list and --info. */
extern const struct dump_format *const dump_formats[];
extern const size_t dump_nr_formats;

#endif
