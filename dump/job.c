// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/job.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dump/codec.h"
#include "dump/level.h"
#include "dump/machine.h"
#include "dump/reader.h"
#include "dump/vmcoreinfo.h"
#include "util/checked.h"
#include "util/file.h"

static uint64_t now_nsec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void dump_job_init(struct dump_job *job, const struct dump_job_options *options)
{
	*job = (struct dump_job){.options = options, .phase_start = now_nsec()};
}

void dump_job_deinit(struct dump_job *job)
{
	sparsebits_deinit(&job->lost);
	if (!job->target)
		return;
	if (!job->usable)
		job->target->options.keep_incomplete = false; // nothing in it that opens
	target_destroy(TAKE_PTR(job->target));
}

void dump_job_phase(struct dump_job *job, const char *name)
{
	uint64_t now = now_nsec();

	if (job->nr_phases < DUMP_JOB_MAX_PHASES) {
		job->phases[job->nr_phases].name = name;
		job->phases[job->nr_phases++].nsec = now - job->phase_start;
	}
	job->phase_start = now;
}

static struct error *refuse_source(const struct dump_job *job)
{
	bool stream = !strcmp(job->target_path, "-"), same;
	struct stat from, to;

	if (fstat(job->source->file->fd, &from) ||
	    (stream ? fstat(STDOUT_FILENO, &to) : stat(job->target_path, &to)))
		return NULL; // opening says what is wrong, if anything is
	same = S_ISBLK(from.st_mode) && S_ISBLK(to.st_mode)
		       ? from.st_rdev == to.st_rdev
		       : from.st_dev == to.st_dev && from.st_ino == to.st_ino;
	if (same)
		return error_create(ERROR_USAGE, "%s: source and target are the same file",
				    stream ? "standard output" : job->target_path);
	return NULL;
}

static void set_text(char field[static DUMP_UTS_LEN], const char *text)
{
	if (!*field && text)
		strncat(field, text, DUMP_UTS_LEN - 1);
}

/* ELF cores have no utsname, and QEMU's kdump files a wrong phys_base (facts of VMCOREINFO come
 * from the kernel itself, so they win). */
static struct error *complete_facts(struct dump_facts *facts)
{
	const struct machine *machine = machine_find(facts->machine, facts->word,
						     facts->big_endian);
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	struct error *err;
	int64_t phys_base;

	if (machine)
		set_text(facts->uts.machine, machine->name);
	if (!facts->vmcoreinfo)
		return NULL;
	if ((err = vmcoreinfo_create(facts->vmcoreinfo, facts->vmcoreinfo_len, &info)))
		return err;
	set_text(facts->uts.sysname, "Linux");
	set_text(facts->uts.release, vmcoreinfo_text(info, "OSRELEASE"));
	if (vmcoreinfo_number(info, "phys_base", &phys_base))
		facts->phys_base = (uint64_t)phys_base;
	if (!facts->time_sec)
		vmcoreinfo_dec(info, "CRASHTIME", &facts->time_sec);
	return NULL;
}

/* The codec of the first compressed page among the first few; NULL when there is none. */
static const struct codec *source_codec(const struct dump_reader *source,
					struct dump_scratch *scratch)
{
	const uint64_t block = source->facts.block_size;
	struct dump_block blocks[32];
	struct dump_run run;

	if (!source->ops->blocks)
		return NULL;
	for (uint64_t paddr = 0, tries = 0; tries < 256 && paddr < source->facts.max_paddr;
	     tries++) {
		size_t done = 0;

		dump_next_run(source, scratch, paddr, &run);
		if (run.status != DUMP_OK) {
			paddr = run.end;
			continue;
		}
		source->ops->blocks(source, scratch, paddr / block,
				    min_u64(32, div_round_up(run.end - paddr, block)), blocks,
				    &done);
		for (size_t i = 0; i < done; i++)
			if (blocks[i].status == DUMP_OK && blocks[i].codec != CODEC_NONE)
				return codec_find((enum codec_id)blocks[i].codec);
		paddr += done * block;
	}
	return NULL;
}

/* Blocks of the size that is written; one that is there in part counts. */
static void count_blocks(struct dump_job *job, struct dump_scratch *scratch)
{
	const struct dump_facts *facts = &job->source->facts;
	struct dump_run run;
	uint64_t bytes = 0;

	for (uint64_t paddr = 0; paddr < facts->max_paddr; paddr = run.end) {
		dump_next_run(job->source, scratch, paddr, &run);
		if (run.status == DUMP_OK)
			bytes += run.end - paddr;
		job->source_excluded |= run.status == DUMP_EXCLUDED;
	}
	job->source_blocks = div_round_up(bytes, job->facts.block_size);
}

static struct error *look_at_source(struct dump_job *job)
{
	const struct dump_job_options *options = job->options;
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	struct error *err = dump_scratch_create(job->source, &scratch);
	const struct codec *codec;

	if (err)
		return err;
	count_blocks(job, scratch);
	job->codec = options->codec;
	job->codec_level = options->codec_level;
	if (options->codec_given || options->output != DUMP_OUTPUT_KDUMP)
		return NULL;
	codec = source_codec(job->source, scratch);
	if (codec && codec_available(codec)) {
		job->codec = codec;
		job->codec_level = codec->default_level;
	}
	return NULL;
}

/* The writer makes the files of a split set by itself. */
static bool is_split(const struct dump_job *job)
{
	return (job->options->split.nr || job->options->split.max_size) && !job->options->dry_run;
}

static void set_block_size(struct dump_job *job)
{
	struct dump_facts *facts = &job->facts;

	if (!job->options->block_size)
		return;
	facts->block_size = job->options->block_size;
	facts->max_paddr = align_up(facts->max_paddr, facts->block_size);
}

struct error *dump_job_prepare(struct dump_job *job)
{
	const struct target_options how = {
		.force = job->options->force,
		.keep_incomplete = job->keep_incomplete,
		.stream = job->options->flattened_file,
	};
	struct error *err;

	if (job->options->report && !job->options->dry_run && !strcmp(job->target_path, "-"))
		return error_create(ERROR_USAGE, "standard output is taken by the dump, "
						 "no report can go there");
	if (job->options->dry_run)
		job->target_path = "/dev/null";
	job->facts = job->source->facts;
	job->facts.incomplete |= job->options->salvage && job->facts.truncated;
	set_block_size(job);
	if ((err = refuse_source(job)) || (err = complete_facts(&job->facts)) ||
	    (err = look_at_source(job)))
		return err;
	if (is_split(job))
		return strcmp(job->target_path, "-")
			       ? NULL
			       : error_create(ERROR_USAGE, "standard output cannot be split");
	return target_create(job->target_path, &how, &job->target);
}

static struct error *create_writer(struct dump_job *job, struct dump_writer **ret)
{
	const struct dump_writer_options how = {
		.codec = job->codec,
		.codec_level = job->codec_level,
		.share_zero = !job->select || job->level & DUMP_LEVEL_ZERO,
		.limit = job->options->limit,
		.base_given = job->options->base_given,
		.base = job->options->base,
		.dedupe = job->target && job->target->kind != TARGET_STREAM ? job->options->dedupe
									    : 0,
	};
	const struct target_options files = {.force = job->options->force};
	const struct dump_facts *facts = &job->facts;

	if (is_split(job))
		return split_writer_create(job->target_path, &files, &job->options->split, facts,
					   job->source, &how, ret);
	switch (job->options->output) {
	case DUMP_OUTPUT_ELF: return elf_writer_create(job->target, facts, job->source, &how, ret);
	case DUMP_OUTPUT_RAW: return raw_writer_create(job->target, facts, job->source, &how, ret);
	case DUMP_OUTPUT_LIME:
		return lime_writer_create(job->target, facts, job->source, &how, ret);
	default: return kdump_writer_create(job->target, facts, job->source, &how, ret);
	}
}

/* Without memory the count of what is lost still holds. */
static void add_lost(void *arg, uint64_t start, uint64_t end)
{
	struct dump_job *job = arg;

	error_ignore(sparsebits_add(&job->lost, start / job->facts.block_size,
				    end / job->facts.block_size));
}

static struct error *attempt(struct dump_job *job, unsigned int level)
{
	const struct dump_selector *selector = NULL;
	_cleanup_writer_ struct dump_writer *writer = NULL;
	struct progress progress;
	const struct dump_copy_options how = {
		.nr_threads = job->options->nr_threads,
		.stop = job->stop,
		.lost = job->options->salvage ? add_lost : NULL,
		.lost_arg = job,
		.progress = &progress,
	};
	struct error *err;
	bool usable = false;

	job->nr_attempts++;
	job->usable = false;
	if (job->select && (err = job->select(job->select_arg, &level, &selector)))
		return err;
	job->level = level;
	job->facts.dump_level = job->source->facts.dump_level | level;
	if ((err = create_writer(job, &writer)))
		return err;
	if (job->options->codec_level_given)
		writer->blocks_codec = CODEC_NONE;
	progress_begin(&progress, job->options->progress, "copying",
		       job->source_blocks * job->facts.block_size *
			       (selector ? selector->nr_passes : 1));
	memset(&job->copied, 0, sizeof(job->copied));
	sparsebits_deinit(&job->lost);
	job->lost = (struct sparsebits){0};
	err = dump_copy(job->source, selector, writer, &how, &job->copied, &usable);
	progress_end(&progress);
	job->written = writer->stats;
	job->incomplete = err || job->facts.incomplete ||
			  (job->options->salvage && job->copied.unreadable);
	// a temporary name goes away with what it holds
	job->usable = !err ||
		      (usable && job->target && (job->keep_incomplete || !job->target->working));
	return err;
}

struct error *dump_job_run(struct dump_job *job)
{
	const struct dump_job_options *options = job->options;
	struct error *err;

	for (size_t i = 0;; i++) {
		err = attempt(job, options->levels[i]);
		if (!err || err->code != ERROR_NO_SPACE || i + 1 == options->nr_levels ||
		    !job->target || job->target->kind == TARGET_STREAM)
			break;
		error_destroy(err);
		if ((err = target_resize(job->target, 0)))
			break;
	}
	dump_job_phase(job, "copy");
	return err;
}

enum cli_exit dump_job_exit(const struct dump_job *job, const struct error *err)
{
	if (err && !job->usable)
		return err->code == ERROR_USAGE ? CLI_USAGE : CLI_FAILED;
	if (job->options->usable)
		return CLI_DONE;
	if (job->incomplete)
		return CLI_INCOMPLETE;
	return job->doubtful || job->copied.unreadable || job->source->facts.truncated ? CLI_DAMAGED
										       : CLI_DONE;
}

const char *dump_job_target_name(const struct dump_job *job)
{
	if (job->target && job->target->working)
		return job->target->working;
	return strcmp(job->target_path, "-") ? job->target_path : "standard output";
}
