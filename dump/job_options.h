/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options that capture, filter and convert share. The letters are makedumpfile's; a tool puts
 * DUMP_JOB_OPTIONS (and DUMP_JOB_LEVEL_OPTIONS) into its own table and hands each value that it
 * does not know itself to dump_job_option().
 */
#ifndef DUMP_JOB_OPTIONS_H
#define DUMP_JOB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/writer.h"
#include "util/cli.h"
#include "util/error.h"
#include "util/progress.h"

struct codec;

enum dump_output { DUMP_OUTPUT_KDUMP, DUMP_OUTPUT_ELF, DUMP_OUTPUT_RAW, DUMP_OUTPUT_LIME };

#define DUMP_JOB_MAX_LEVELS  8
#define DUMP_JOB_MAX_THREADS 256

/** Bits of --message-level, as makedumpfile has them; errors (4) are always said. */
enum dump_job_message {
	JOB_MESSAGE_PROGRESS = 1,
	JOB_MESSAGE_SUMMARY = 2,
	JOB_MESSAGE_DEBUG = 8,
	JOB_MESSAGE_REPORT = 16,
	JOB_MESSAGE_DEFAULT = 7,
	JOB_MESSAGE_MAX = 31,
};

struct dump_job_options {
	enum dump_output output;
	bool codec_given;          /**< the user chose; else the tool does */
	const struct codec *codec; /**< NULL: pages are stored as they are */
	int codec_level;
	bool codec_level_given;  /**< pages of the same codec are encoded anew too */
	bool flattened;          /**< -F: TARGET is standard output */
	bool flattened_file;     /**< TARGET gets a flattened stream, whatever it is */
	bool salvage;            /**< list all that is left out for damage, and mark the dump */
	struct dump_split split; /**< all zero: one file */
	size_t dedupe;   /**< bytes of the table for equal pages; 0: they are not looked for */
	bool base_given; /**< raw: base is the address of the first byte */
	uint64_t base;
	uint32_t block_size; /**< of the dump that is written; 0: that of the source */
	bool force;
	bool dry_run;
	bool usable;    /**< exit code 0 whenever a usable dump exists */
	uint64_t limit; /**< bytes, 0 for none */
	unsigned int nr_threads;
	unsigned int levels[DUMP_JOB_MAX_LEVELS]; /**< the first, and what to try without space */
	size_t nr_levels;                         /**< at least 1 */
	bool progress_given;
	enum progress_mode progress;
	unsigned int messages; /**< enum dump_job_message */
	bool debug, show_stats;
	bool report; /**< something else goes to standard output */
};

enum {
	JOB_OPT_COMPRESS = CLI_LONG,
	JOB_OPT_THREADS,
	JOB_OPT_DRY_RUN,
	JOB_OPT_PROGRESS,
	JOB_OPT_MESSAGES,
	JOB_OPT_EXIT_CODE,
	JOB_OPT_SHOW_STATS,
	JOB_OPT_TOOL, /**< a tool's own begin here */
};

// clang-format off
#define DUMP_JOB_LEVEL_OPTIONS \
	{'d', NULL, "LEVEL[,LEVEL...]", \
	 "leave out, as a sum: 1 zero pages, 2 page cache, 4 also\n" \
	 "page cache with private data, 8 user, 16 free pages;\n" \
	 "further levels are tried when space runs out"}, \
	{JOB_OPT_SHOW_STATS, "show-stats", NULL, "report how many pages of each type were left out"}

#define DUMP_JOB_OPTIONS \
	{'c', NULL, NULL, "compress pages with zlib"}, \
	{'l', NULL, NULL, "compress pages with lzo"}, \
	{'p', NULL, NULL, "compress pages with snappy"}, \
	{'z', NULL, NULL, "compress pages with zstd"}, \
	{JOB_OPT_COMPRESS, "compress", "CODEC[:LEVEL]", "zlib, lzo, snappy, zstd or none"}, \
	{'E', NULL, NULL, "write an ELF core instead of kdump-compressed"}, \
	{'F', NULL, NULL, "write a flattened stream to standard output"}, \
	{'L', NULL, "SIZE", "write at most SIZE bytes (K, M, G, T)"}, \
	{'f', "force", NULL, "overwrite the target"}, \
	{JOB_OPT_THREADS, "num-threads", "N", "workers; 0, the default, is one for each CPU"}, \
	{JOB_OPT_DRY_RUN, "dry-run", NULL, "write nothing, say what would be written"}, \
	{JOB_OPT_PROGRESS, "progress", "WHEN", "auto (on a terminal), always or never"}, \
	{JOB_OPT_MESSAGES, "message-level", "N", \
	 "sum of 1 progress, 2 summary, 4 errors, 8 debugging,\n16 report; default 7"}, \
	{'D', NULL, NULL, "debugging messages, as -v -v"}, \
	{JOB_OPT_EXIT_CODE, "exit-code", "HOW", \
	 "exact; or usable: 0 whenever a usable dump was written"}
// clang-format on

/** What holds without any option: level, kdump-compressed, the best codec of this build. */
void dump_job_options_init(struct dump_job_options *options, unsigned int level);

/** zstd where it is built in, else lzo, snappy, zlib, else NULL. */
const struct codec *dump_job_default_codec(void);

/** Takes one option (value and argument as cli_next() gives them). */
struct error *dump_job_option(struct dump_job_options *options, int value, const char *arg);

/** What the letters say together with cli's -v: resolves progress, report and debugging; refuses
 * combinations that make no sense. Call it when all options are in. */
struct error *dump_job_options_finish(struct dump_job_options *options, struct cli *cli);

/** "kdump", "elf", "raw", "lime". */
const char *dump_output_name(enum dump_output output);

/** The operands SOURCE TARGET; with -F only SOURCE, and *target becomes "-". Where *source has a
 * value already SOURCE may be missing. */
struct error *dump_job_operands(const struct dump_job_options *options, const struct cli *cli,
				const char **source, const char **target);

/** The operands SOURCE... TARGET, likewise; nr of them are sources. */
struct error *dump_job_inputs(const struct dump_job_options *options, const struct cli *cli,
			      const char *const **sources, size_t *nr, const char **target);

#endif
