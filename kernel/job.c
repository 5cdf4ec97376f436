// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/job.h"

#include <inttypes.h>

#include "dump/job_report.h"
#include "dump/level.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/select.h"
#include "util/checked.h"
#include "util/cli.h"
#include "util/file.h"
#include "util/json.h"

static void forget_selector(struct kernel_job *kj)
{
	if (kj->selector)
		page_selector_destroy(TAKE_PTR(kj->selector));
	error_destroy(TAKE_PTR(kj->lacking));
}

/* The select callback of struct dump_job. */
static struct error *select_level(void *arg, unsigned int *level, const struct dump_selector **ret)
{
	struct kernel_job *kj = arg;
	struct select_options options = {.level = *level, .valuable_first = kj->valuable_first};
	struct error *err;

	forget_selector(kj);
	err = page_selector_create(kj->kernel, &options, &kj->selector);
	if (err && err->code == ERROR_NOT_FOUND && kj->keep_going) {
		kj->lacking = TAKE_PTR(err);
		options.level &= DUMP_LEVEL_ZERO; // the one bit that needs no kernel
		err = page_selector_create(kj->kernel, &options, &kj->selector);
	}
	if (err)
		return error_prefix(err, "%s: dump level %u is not possible",
				    kj->job->source->file->path, *level);
	*level = options.level;
	*ret = &kj->selector->base;
	return NULL;
}

struct error *kernel_job_open(struct kernel_job *kj, const struct dump_reader *dump)
{
	const struct kernel_options how = {0};
	struct error *err = kernel_open(dump, &how, &kj->kernel);

	if (err)
		return err;
	kj->job->source = dump;
	kj->job->select = select_level;
	kj->job->select_arg = kj;
	error_ignore(system_info_read(kj->kernel, &kj->system));
	return NULL;
}

void kernel_job_deinit(struct kernel_job *kj)
{
	forget_selector(kj);
	if (kj->kernel)
		kernel_close(kj->kernel);
}

struct error *kernel_job_prepare(struct kernel_job *kj)
{
	struct error *err = dump_job_prepare(kj->job);
	struct dump_facts *facts = &kj->job->facts;

	if (err)
		return err;
	if (kj->system.uts.release[0])
		facts->uts = kj->system.uts;
	if (!facts->time_sec && kj->system.crash_time > 0)
		facts->time_sec = (uint64_t)kj->system.crash_time;
	return NULL;
}

/* In the words and numbers of makedumpfile's report, so that scripts find them. */
static void print_stats(const struct select_stats *stats, const struct dump_job *job, FILE *out)
{
	const uint64_t *class = stats->excluded;
	const struct {
		const char *name;
		uint64_t pages;
	} rows[] = {
		{"Pages filled with zero ", job->written.zero},
		{"Non-private cache pages", class[PAGE_CACHE]},
		{"Private cache pages    ", class[PAGE_CACHE_PRIVATE]},
		{"User process data pages", class[PAGE_USER] + class[PAGE_HUGETLB]},
		{"Free pages             ", class[PAGE_FREE] + class[PAGE_UNACCEPTED]},
		{"Hwpoison pages         ", class[PAGE_HWPOISON]},
		{"Offline pages          ", class[PAGE_OFFLINE]},
	};
	uint64_t span = div_round_up(job->facts.max_paddr, job->facts.block_size);
	uint64_t excluded = 0, remaining, holes = span - min_u64(span, stats->total);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		excluded += rows[i].pages;
	remaining = stats->total - min_u64(excluded, stats->total);
	fprintf(out, "Original pages  : 0x%016" PRIx64 "\n", stats->total);
	fprintf(out, "  Excluded pages   : 0x%016" PRIx64 "\n", excluded);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(out, "    %s : 0x%016" PRIx64 "\n", rows[i].name, rows[i].pages);
	fprintf(out, "  Remaining pages  : 0x%016" PRIx64 "\n", remaining);
	fprintf(out, "  (The number of pages is reduced to %" PRIu64 "%%.)\n",
		stats->total ? remaining * 100 / stats->total : 0);
	fprintf(out, "Memory Hole     : 0x%016" PRIx64 "\n", holes);
	fprintf(out, "--------------------------------------------------\n");
	fprintf(out, "Total pages     : 0x%016" PRIx64 "\n", stats->total + holes);
}

static void json_text(struct json *json, const char *key, const char *text)
{
	if (text && *text)
		json_string(json, key, text);
	else
		json_null(json, key);
}

static void json_stats(const struct select_stats *stats, struct json *json)
{
	json_begin_object(json, "excluded");
	for (unsigned int i = 0; i < PAGE_NR_CLASSES; i++)
		if (i != PAGE_KEEP && i != PAGE_TAIL)
			json_u64(json, page_class_names[i], stats->excluded[i]);
	json_end_object(json);
	json_begin_object(json, "doubtful"); // kept, because nobody knows better
	json_u64(json, "damaged_struct_page", stats->damaged);
	json_u64(json, "unreadable_struct_page", stats->unreadable);
	json_u64(json, "no_struct_page", stats->no_page);
	json_end_object(json);
}

static void report(void *arg, struct json *json)
{
	const struct kernel_job *kj = arg;

	json_text(json, "panic", kj->system.panic);
	json_text(json, "lacking", kj->lacking ? kj->lacking->message : NULL);
	if (kj->selector)
		json_stats(&kj->selector->stats, json);
	if (kj->report)
		kj->report(kj->report_arg, json);
}

int kernel_job_end(struct kernel_job *kj, const struct cli *cli, const char *command,
		   struct error *err)
{
	if (kj->lacking)
		cli_say(cli, "%s: every page is kept: %s", kj->job->source->file->path,
			kj->lacking->message);
	if (kj->selector && kj->job->options->show_stats)
		print_stats(&kj->selector->stats, kj->job, stdout);
	return dump_job_end(kj->job, cli, command, err, report, kj);
}
