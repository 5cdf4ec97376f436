// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/job_report.h"

#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include "dump/codec.h"
#include "dump/machine.h"
#include "dump/reader.h"
#include "util/file.h"

static uint64_t peak_rss(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? 0 : (uint64_t)usage.ru_maxrss * 1024;
}

static uint64_t total_nsec(const struct dump_job *job)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < job->nr_phases; i++)
		sum += job->phases[i].nsec;
	return sum;
}

static void say_damage(const struct dump_job *job, const struct cli *cli)
{
	const struct dump_copy_stats *copied = &job->copied;

	if (job->source->warning[0])
		cli_say(cli, "%s", job->source->warning);
	for (size_t i = 0; i < copied->nr_damage; i++)
		cli_say(cli, "%s (memory %#" PRIx64 " to %#" PRIx64 " is left out)",
			copied->damage[i].why, copied->damage[i].start, copied->damage[i].end);
	if (copied->unreadable)
		cli_say(cli, "%s: %" PRIu64 " of %" PRIu64 " pages could not be read",
			job->source->file->path, copied->unreadable, job->source_blocks);
}

/* All of it, in order. */
static void say_lost(const struct dump_job *job, const struct cli *cli)
{
	uint64_t block = job->facts.block_size, start = 0, end;

	for (; sparsebits_next_run(&job->lost, SPARSEBITS_END, &start, &end); start = end)
		cli_say(cli, "left out: memory 0x%" PRIx64 " to 0x%" PRIx64, start * block,
			end * block);
}

static void say_written(const struct dump_job *job, const struct cli *cli)
{
	char size[32], level[32] = "", base[64] = "";

	if (job->select)
		snprintf(level, sizeof(level), ", dump level %u", job->level);
	if (job->options->output == DUMP_OUTPUT_RAW)
		snprintf(base, sizeof(base), " from address 0x%" PRIx64, job->written.base);
	if (job->written.shared)
		snprintf(base, sizeof(base), ", %" PRIu64 " share a copy,", job->written.shared);
	if (job->written.nr_files)
		snprintf(base, sizeof(base), " in %zu files", job->written.nr_files);
	cli_say(cli, "%s: %s%s, %" PRIu64 " of %" PRIu64 " pages%s, %s%s%s%s, %.1f s",
		job->options->dry_run ? "dry run" : dump_job_target_name(job),
		cli_format_size(job->written.file_bytes, size),
		job->incomplete ? " incomplete" : "", job->written.written, job->source_blocks,
		level, dump_output_name(job->options->output), base, job->codec ? " " : "",
		job->codec ? job->codec->name : "", (double)total_nsec(job) / 1e9);
}

static void say_phases(const struct dump_job *job, const struct cli *cli)
{
	uint64_t bytes = job->source_blocks * job->facts.block_size;
	char size[32], data[32];

	for (size_t i = 0; i < job->nr_phases; i++)
		cli_say(cli, "%s: %.3f s", job->phases[i].name, (double)job->phases[i].nsec / 1e9);
	cli_say(cli, "page data %s, source %s, %.0f MiB/s, peak memory %s",
		cli_format_size(job->written.data_bytes, data), cli_format_size(bytes, size),
		total_nsec(job) ? (double)bytes / 1048576 / ((double)total_nsec(job) / 1e9) : 0,
		cli_format_size(peak_rss(), (char[32]){0}));
}

static void say(const struct dump_job *job, const struct cli *cli)
{
	say_damage(job, cli);
	say_lost(job, cli);
	if (job->nr_attempts > 1)
		cli_say(cli, "%s: space ran out, went on with dump level %u",
			dump_job_target_name(job), job->level);
	if (job->usable && (job->incomplete || job->options->messages & JOB_MESSAGE_SUMMARY))
		say_written(job, cli);
	if (cli->verbose)
		say_phases(job, cli);
}

static void json_lost(const struct dump_job *job, struct json *json)
{
	uint64_t block = job->facts.block_size, start = 0, end;

	if (!job->options->salvage)
		return;
	json_begin_array(json, "lost");
	for (; sparsebits_next_run(&job->lost, SPARSEBITS_END, &start, &end); start = end) {
		json_begin_object(json, NULL);
		json_hex(json, "start", start * block);
		json_hex(json, "end", end * block);
		json_end_object(json);
	}
	json_end_array(json);
}

static void json_source(const struct dump_job *job, struct json *json)
{
	const struct dump_facts *facts = &job->facts;
	const struct machine *machine = machine_find(facts->machine, facts->word,
						     facts->big_endian);

	json_begin_object(json, "source");
	json_string(json, "path", job->source->file->path);
	json_string(json, "format", job->source->format->name);
	if (machine)
		json_string(json, "machine", machine->name);
	if (facts->uts.release[0])
		json_string(json, "release", facts->uts.release);
	json_u64(json, "page_size", facts->block_size);
	json_u64(json, "pages", job->source_blocks);
	json_u64(json, "pages_unreadable", job->copied.unreadable);
	json_bool(json, "truncated", facts->truncated);
	json_bool(json, "incomplete", job->source->facts.incomplete);
	json_begin_array(json, "damage");
	for (size_t i = 0; i < job->copied.nr_damage; i++) {
		json_begin_object(json, NULL);
		json_hex(json, "start", job->copied.damage[i].start);
		json_hex(json, "end", job->copied.damage[i].end);
		json_string(json, "why", job->copied.damage[i].why);
		json_end_object(json);
	}
	json_end_array(json);
	json_lost(job, json);
	json_end_object(json);
}

static void json_target(const struct dump_job *job, struct json *json)
{
	json_begin_object(json, "target");
	json_string(json, "path", dump_job_target_name(job));
	json_string(json, "format", dump_output_name(job->options->output));
	json_bool(json, "flattened",
		  job->target && job->target->kind == TARGET_STREAM &&
			  job->options->output <= DUMP_OUTPUT_ELF);
	if (job->options->output == DUMP_OUTPUT_RAW)
		json_hex(json, "base", job->written.base);
	if (job->codec) {
		json_string(json, "codec", job->codec->name);
		json_i64(json, "codec_level", job->codec_level);
	} else {
		json_null(json, "codec");
	}
	json_bool(json, "usable", job->usable);
	json_bool(json, "incomplete", job->incomplete);
	json_bool(json, "dry_run", job->options->dry_run);
	json_u64(json, "dump_level", job->facts.dump_level);
	json_u64(json, "pages", job->written.written);
	json_u64(json, "pages_zero", job->written.zero);
	json_u64(json, "pages_shared", job->written.shared);
	json_u64(json, "files", job->written.nr_files ? job->written.nr_files : 1);
	json_u64(json, "data_bytes", job->written.data_bytes);
	json_u64(json, "file_bytes", job->written.file_bytes);
	json_end_object(json);
}

static void json_job(const struct dump_job *job, struct json *json)
{
	json_source(job, json);
	json_target(job, json);
	json_begin_object(json, "seconds");
	for (size_t i = 0; i < job->nr_phases; i++)
		json_fixed(json, job->phases[i].name, job->phases[i].nsec / 1000000, 3);
	json_end_object(json);
	json_u64(json, "peak_rss", peak_rss());
}

int dump_job_end(const struct dump_job *job, const struct cli *cli, const char *command,
		 struct error *err, void (*more)(void *arg, struct json *json), void *arg)
{
	enum cli_exit code = dump_job_exit(job, err);
	struct json json;

	if (err)
		cli_say(cli, "%s", err->message);
	if (job->source)
		say(job, cli);
	if (cli->json && code != CLI_USAGE) {
		json_init(&json, stdout, true);
		json_begin_object(&json, NULL);
		json_u64(&json, "vmcore_tools", 1);
		json_string(&json, "command", command);
		json_u64(&json, "exit_code", code);
		if (err)
			json_string(&json, "error", err->message);
		else
			json_null(&json, "error");
		if (job->source)
			json_job(job, &json);
		if (more)
			more(arg, &json);
		json_end_object(&json);
	}
	error_destroy(err);
	return cli_close_stdout(cli, (int)code);
}
