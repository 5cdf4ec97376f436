/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What capture, filter and convert have in common: an open dump, options and a target path in, a
 * finished dump out. Who knows the kernel is injected (select), so that nothing here needs one.
 */
#ifndef DUMP_JOB_H
#define DUMP_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/copy.h"
#include "dump/facts.h"
#include "dump/job_options.h"
#include "dump/writer.h"
#include "util/error.h"
#include "util/sparsebits.h"

struct dump_reader;
struct target;

#define DUMP_JOB_MAX_PHASES 4

struct dump_job {
	/* What is asked for; set by the tool, everything has to outlive the job. */
	const struct dump_job_options *options;
	const struct dump_reader *source;
	const char *target_path; /**< "-" is standard output */
	bool keep_incomplete;    /**< as in struct target_options */
	const atomic_bool *stop; /**< NULL for none */
	/** The selector for a dump level, valid until the next call; *level becomes the level that
	 * it really has. NULL: everything that is stored goes into the dump. */
	struct error *(*select)(void *arg, unsigned int *level, const struct dump_selector **ret);
	void *select_arg;

	/* From dump_job_prepare() on. The tool may improve the facts before dump_job_run(). */
	struct dump_facts facts;
	const struct codec *codec; /**< NULL for none */
	int codec_level;
	struct target *target; /**< owned */

	/* What came of it. */
	unsigned int level;       /**< of this run, without what the source lacked before */
	unsigned int nr_attempts; /**< levels tried */
	bool usable;              /**< a dump stands in the target, whole or not */
	bool incomplete;          /**< and is marked so */
	struct dump_copy_stats copied;
	struct sparsebits lost; /**< with options->salvage: blocks that could not be read */
	struct dump_writer_stats written;
	uint64_t source_blocks; /**< that the source has */
	bool source_excluded;   /**< and it says that there are more, which were left out */
	bool doubtful; /**< set by the tool: the input is damaged in a way that it knows of */

	/* Where the time went. */
	struct {
		const char *name;
		uint64_t nsec;
	} phases[DUMP_JOB_MAX_PHASES];
	size_t nr_phases;
	uint64_t phase_start;
};

/** Begins with everything zero and the first phase. */
void dump_job_init(struct dump_job *job, const struct dump_job_options *options);
void dump_job_deinit(struct dump_job *job);
#define _cleanup_job_ _cleanup_(dump_job_deinit)

/** Ends a phase and begins the next. name is a constant. */
void dump_job_phase(struct dump_job *job, const char *name);

/** Refuses a target that is the source, opens it, completes the facts from VMCOREINFO and settles
 * the codec: where the user chose none, that of the source's pages. */
struct error *dump_job_prepare(struct dump_job *job);

/** Writes the dump; where the target is a file or device and space runs out, the next level of the
 * options is tried. The results in *job count even on failure. */
struct error *dump_job_run(struct dump_job *job);

/** The exit code that err (may be NULL; stays the caller's) and the results amount to. */
enum cli_exit dump_job_exit(const struct dump_job *job, const struct error *err);

/** The name under which the dump stands now. */
const char *dump_job_target_name(const struct dump_job *job);

#endif
