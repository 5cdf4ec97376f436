// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/job.h"

#include <inttypes.h>

#include "dump/job_report.h"
#include "dump/level.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/pages.h"
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
	struct select_options options = {
		.level = *level,
		.classes = kj->classes,
		.valuable_first = kj->valuable_first,
		.keep = kj->pages ? &kj->pages->keep : NULL,
		.rules = kj->pages ? &kj->pages->rules : NULL,
	};
	struct error *err;

	forget_selector(kj);
	err = page_selector_create(kj->kernel, &options, &kj->selector);
	if (err && err->code == ERROR_NOT_FOUND && kj->keep_going) {
		kj->lacking = TAKE_PTR(err);
		options.level &= DUMP_LEVEL_ZERO; // the one bit that needs no kernel
		options.classes = 0;
		err = page_selector_create(kj->kernel, &options, &kj->selector);
	}
	if (err)
		return error_prefix(err, "%s: dump level %u is not possible",
				    kj->job->source->file->path, *level);
	*level = options.level;
	*ret = &kj->selector->base;
	return NULL;
}

void kernel_job_attach(struct kernel_job *kj, struct kernel *kernel)
{
	kj->kernel = kernel;
	kj->job->source = kernel->dump;
	kj->job->select = select_level;
	kj->job->select_arg = kj;
	error_ignore(system_info_read(kernel, &kj->system));
}

struct error *kernel_job_open(struct kernel_job *kj, const struct dump_reader *dump)
{
	const struct kernel_options how = {0};
	struct error *err = kernel_open(dump, &how, &kj->own);

	if (!err)
		kernel_job_attach(kj, kj->own);
	return err;
}

void kernel_job_deinit(struct kernel_job *kj)
{
	forget_selector(kj);
	check_deinit(&kj->check);
	pages_destroy(kj->pages);
	kernel_close(kj->own);
}

/* A kernel that is not understood is for select_level() to complain of. */
static struct error *look_at_pages(struct kernel_job *kj)
{
	const struct pages_options how = {
		.classes = kj->classes,
		.thorough = kj->thorough,
		.keep = kj->keep,
	};
	struct error *err = pages_create(kj->kernel, &how, &kj->pages);

	if (err && err->code == ERROR_NOT_FOUND && !kj->keep) {
		error_destroy(err);
		return NULL;
	}
	return error_prefix(err, "%s", kj->job->source->file->path);
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
	return look_at_pages(kj);
}

/* A run that was cut short has not seen all memory; what the dump lacks needs a count of its own.
 */
static void check(struct kernel_job *kj, const struct error *err)
{
	const struct dump_job *job = kj->job;

	if (!kj->pages || !kj->selector || !kj->selector->judges)
		kj->check = check_none(NULL);
	else if (err)
		kj->check = check_none(error_create(ERROR_INTERRUPTED, "the run has no end"));
	else if (job->source_excluded)
		kj->check = pages_check_all(kj->pages, job->options->nr_threads);
	else
		kj->check = pages_check(kj->pages, &kj->selector->stats);
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
	json_u64(json, "kept_by_list", stats->kept);
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
	if (kj->pages)
		pages_json(kj->pages, json);
	check_json(&kj->check, json);
	if (kj->report)
		kj->report(kj->report_arg, json);
}

static void say_doubts(const struct kernel_job *kj, const struct cli *cli)
{
	const struct select_stats *stats = &kj->selector->stats;
	const char *path = kj->job->source->file->path;

	if (stats->damaged)
		cli_say(cli, "%s: %" PRIu64 " pages are kept, their struct pages make no sense",
			path, stats->damaged);
	if (stats->unreadable)
		cli_say(cli, "%s: %" PRIu64 " pages are kept, their struct pages cannot be read",
			path, stats->unreadable);
}

/* Of classes that no kernel of this age has nobody needs to hear. */
static void say_unknown(const struct kernel_job *kj, const struct cli *cli)
{
	const uint32_t rare = 1U << PAGE_UNACCEPTED | 1U << PAGE_OFFLINE | 1U << PAGE_HWPOISON;
	uint32_t dropped = kj->selector->rules.dropped & kj->pages->unknown;

	for (unsigned int i = 0; i < PAGE_NR_CLASSES; i++)
		if (dropped >> i & 1 && (cli->verbose || !(rare >> i & 1)))
			cli_say(cli,
				"%s: pages of class %s cannot be told on this kernel, and are "
				"kept",
				kj->job->source->file->path, page_class_names[i]);
	if (kj->pages->torn)
		cli_say(cli, "%s: %s", kj->job->source->file->path, kj->pages->torn->message);
}

static void say_check(const struct kernel_job *kj, const struct cli *cli)
{
	char text[256];

	if (kj->check.state == CHECK_DIFFERS || cli->verbose)
		cli_say(cli, "%s: %s", kj->job->source->file->path, check_text(&kj->check, text));
}

int kernel_job_end(struct kernel_job *kj, const struct cli *cli, const char *command,
		   struct error *err)
{
	if (kj->lacking)
		cli_say(cli, "%s: every page is kept: %s", kj->job->source->file->path,
			kj->lacking->message);
	check(kj, err);
	if (kj->selector && kj->pages) {
		say_doubts(kj, cli);
		say_unknown(kj, cli);
		say_check(kj, cli);
		kj->job->doubtful = kj->check.state == CHECK_DIFFERS ||
				    kj->selector->stats.damaged || kj->selector->stats.unreadable;
	}
	if (kj->selector && kj->job->options->show_stats)
		print_stats(&kj->selector->stats, kj->job, stdout);
	return dump_job_end(kj->job, cli, command, err, report, kj);
}
