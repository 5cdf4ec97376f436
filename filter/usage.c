// SPDX-License-Identifier: GPL-2.0-or-later
/* --mem-usage: what the memory of a machine holds, and what a dump of it would take. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "arch/arch.h"
#include "dump/reader.h"
#include "filter/estimate.h"
#include "filter/filter.h"
#include "kernel/census.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/pages.h"
#include "kernel/zones.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/json.h"
#include "util/progress.h"
#include "util/workers.h"

#define NR_RESERVATIONS 2

struct usage {
	struct filter *filter;
	const struct kernel *kernel;
	struct pages *pages;
	struct census *census;
	struct check check;
	struct estimate estimate;
	struct range reserved[NR_RESERVATIONS]; /* for the capture kernel, on a live machine */
	size_t nr_reserved;
	uint64_t nsec; /* that the census took */
};

static void usage_deinit(struct usage *u)
{
	census_destroy(u->census);
	pages_destroy(u->pages);
	check_deinit(&u->check);
}

/* What a dump would not have, since a capture kernel runs there: struct resource begins with the
 * first and the last address. */
static void find_reservations(struct usage *u)
{
	static const char *const names[NR_RESERVATIONS] = {"crashk_low_res", "crashk_res"};
	struct kernel *kernel = u->filter->opened.kernel;
	uint64_t at, start, last;

	for (size_t i = 0; i < NR_RESERVATIONS; i++) {
		if (!kernel_lookup(kernel, names[i], &at) || !kernel_read_u64(kernel, at, &start) ||
		    !kernel_read_u64(kernel, at + 8, &last) || last <= start ||
		    last > kernel->dump->facts.max_paddr)
			continue;
		// the one for low addresses comes first
		if (!u->nr_reserved || u->reserved[0].end <= start)
			u->reserved[u->nr_reserved++] = (struct range){.start = start,
								       .end = last + 1};
	}
}

static uint64_t now_nsec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static struct error *take_census(struct usage *u)
{
	struct progress progress;
	const struct census_options how = {
		.nr_threads = u->filter->options.nr_threads,
		.zones = u->filter->per_node ? u->pages->zones : NULL,
		.skip = u->reserved,
		.nr_skip = u->nr_reserved,
		.read = ~select_classes(DUMP_LEVEL_MAX) & ((1U << NR_VERDICTS) - 1),
		.sample = true,
		.progress = &progress,
	};
	uint64_t start = now_nsec();
	struct error *err;

	progress_begin(&progress, u->filter->options.progress, "counting",
		       u->kernel->dump->facts.max_paddr);
	err = census_take(&u->pages->rules, &how, &u->census);
	progress_end(&progress);
	u->nsec = now_nsec() - start;
	return err;
}

static struct error *count(struct usage *u)
{
	const struct pages_options how = {
		.classes = 1U << PAGE_ZSMALLOC | 1U << PAGE_TABLE | 1U << PAGE_PCP_FREE,
		.thorough = true,
	};
	unsigned int threads = u->filter->options.nr_threads;
	struct error *err = pages_create(u->filter->opened.kernel, &how, &u->pages);
	const uint64_t *pages;

	if (err)
		return error_prefix(err, "%s", u->filter->source);
	if (pages_live(u->pages))
		find_reservations(u);
	if (u->filter->per_node && !u->pages->zones)
		return error_create(ERROR_NOT_FOUND, "%s: the nodes are not known: %s",
				    u->filter->source, u->pages->no_zones->message);
	if ((err = take_census(u)))
		return err;
	pages = u->census->sum.pages;
	u->check = pages_check_count(u->pages, pages[PAGE_FREE] + pages[PAGE_UNACCEPTED]);
	return estimate_make(u->kernel->dump, u->kernel->page_shift, u->census, u->nsec,
			     threads ? threads : workers_available(), &u->estimate);
}

struct totals {
	uint64_t all, zero, cache, private, user, free, kernel;
};

/* makedumpfile's rows. */
static struct totals add_up(const struct census_count *count)
{
	const uint64_t *pages = count->pages;
	struct totals t = {
		.cache = pages[PAGE_CACHE],
		.private = pages[PAGE_CACHE_PRIVATE],
		.user = pages[PAGE_USER] + pages[PAGE_HUGETLB],
		.free = pages[PAGE_FREE] + pages[PAGE_UNACCEPTED],
	};

	for (unsigned int i = 0; i < NR_VERDICTS; i++) {
		t.all += pages[i];
		t.zero += count->zero[i];
	}
	t.kernel = t.all - t.zero - t.cache - t.private - t.user - t.free - pages[PAGE_HWPOISON] -
		   pages[PAGE_OFFLINE];
	return t;
}

static void print_table(const struct census_count *count)
{
	const struct totals t = add_up(count);
	const struct {
		const char *type, *description;
		uint64_t pages;
		bool excludable;
	} rows[] = {
		{"ZERO\t", "Pages filled with zero", t.zero, true},
		{"NON_PRI_CACHE", "Cache pages without private flag", t.cache, true},
		{"PRI_CACHE", "Cache pages with private flag", t.private, true},
		{"USER\t", "User process pages", t.user, true},
		{"FREE\t", "Free pages", t.free, true},
		{"KERN_DATA", "Dumpable kernel data ", t.kernel, false},
	};

	printf("TYPE\t\tPAGES\t\t\tEXCLUDABLE\tDESCRIPTION\n"
	       "----------------------------------------------------------------------\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		printf("%s\t%-16" PRIu64 "\t%s\t\t%s\n", rows[i].type, rows[i].pages,
		       rows[i].excludable ? "yes" : "no", rows[i].description);
}

/* Classes that makedumpfile does not show, or does not know. */
static void print_more(const struct usage *u)
{
	static const struct {
		enum page_class class;
		const char *type, *excludable, *description;
	} rows[] = {
		{PAGE_OFFLINE, "OFFLINE\t", "always", "Ballooned and unplugged pages"},
		{PAGE_HWPOISON, "HWPOISON", "always", "Pages with memory errors"},
		{PAGE_HUGETLB, "HUGETLB\t", "as USER", "Pages of hugetlbfs, in USER too"},
		{PAGE_UNACCEPTED, "UNACCEPTED", "as FREE", "Never accepted pages, in FREE too"},
		{PAGE_PCP_FREE, "PCP_FREE", "by name", "Free pages of the CPUs, in KERN_DATA too"},
		{PAGE_ZSMALLOC, "ZSMALLOC", "by name", "Compressed memory, in KERN_DATA too"},
		{PAGE_TABLE, "PAGETABLE", "by name", "Page tables, in KERN_DATA too"},
	};

	printf("\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char pages[24] = "unknown";

		if (!(u->pages->unknown >> rows[i].class & 1))
			snprintf(pages, sizeof(pages), "%" PRIu64,
				 u->census->sum.pages[rows[i].class]);
		printf("%s\t%-16s\t%s\t\t%s\n", rows[i].type, pages, rows[i].excludable,
		       rows[i].description);
	}
}

static void print(const struct usage *u)
{
	char text[256];

	printf("\n");
	print_table(&u->census->sum);
	printf("\npage size:\t\t%-16u\nTotal pages on system:\t%-16" PRIu64
	       "\nTotal size on system:\t%-16" PRIu64 " Byte\n",
	       u->kernel->page_size, u->census->total, u->census->total << u->kernel->page_shift);
	print_more(u);
	for (size_t i = 0; u->census->nodes && i < u->census->nr_nodes; i++) {
		if (i + 1 < u->census->nr_nodes)
			printf("\nnode %u:\n", u->pages->zones->nodes[i].id);
		else if (add_up(&u->census->nodes[i]).all)
			printf("\nof no node:\n");
		else
			continue;
		print_table(&u->census->nodes[i]);
	}
	printf("\n");
	estimate_print(&u->estimate);
	printf("\nSelf-check: %s\n", check_text(&u->check, text));
}

static void json_count(const struct census_count *count, struct json *json)
{
	const struct totals t = add_up(count);

	json_u64(json, "pages", t.all);
	json_u64(json, "zero", t.zero);
	for (unsigned int i = 0; i < PAGE_NR_CLASSES; i++)
		if (i != PAGE_KEEP && i != PAGE_TAIL)
			json_u64(json, page_class_names[i], count->pages[i]);
	json_u64(json, "kernel", t.kernel);
}

static void json_nodes(const struct usage *u, struct json *json)
{
	json_begin_array(json, "nodes");
	for (size_t i = 0; i + 1 < u->census->nr_nodes; i++) {
		json_begin_object(json, NULL);
		json_u64(json, "node", u->pages->zones->nodes[i].id);
		json_count(&u->census->nodes[i], json);
		json_end_object(json);
	}
	json_end_array(json);
}

static void print_json(const struct usage *u, int code)
{
	const struct dump_facts *facts = &u->kernel->dump->facts;
	const struct census *census = u->census;
	struct json json;

	json_init(&json, stdout, true);
	json_begin_object(&json, NULL);
	json_u64(&json, "vmcore_tools", 1);
	json_string(&json, "command", "mem-usage");
	json_u64(&json, "exit_code", (uint64_t)code);
	json_string(&json, "path", u->filter->source);
	json_string(&json, "format", u->kernel->dump->format->name);
	json_string(&json, "machine", u->kernel->as.arch->name);
	if (facts->uts.release[0])
		json_string(&json, "release", facts->uts.release);
	json_u64(&json, "page_size", u->kernel->page_size);
	json_u64(&json, "pages_absent", census->absent);
	json_begin_object(&json, "usage");
	json_count(&census->sum, &json);
	json_end_object(&json);
	if (census->nodes)
		json_nodes(u, &json);
	pages_json(u->pages, &json);
	json_begin_object(&json, "doubtful");
	json_u64(&json, "damaged_struct_page", census->sum.pages[VERDICT_DAMAGED]);
	json_u64(&json, "unreadable_struct_page", census->sum.pages[VERDICT_UNREADABLE]);
	json_u64(&json, "no_struct_page", census->sum.pages[VERDICT_NO_PAGE]);
	json_end_object(&json);
	check_json(&u->check, &json);
	estimate_json(&u->estimate, &json);
	json_end_object(&json);
}

int mem_usage(struct filter *f)
{
	_cleanup_(usage_deinit) struct usage u = {.filter = f, .kernel = f->opened.kernel};
	const struct cli *cli = &f->cli;
	struct error *err = count(&u);
	const uint64_t *pages;
	int code = CLI_DONE;

	if (err)
		return cli_fail(cli, err);
	pages = u.census->sum.pages;
	if (u.census->absent)
		cli_say(cli,
			"%s: %" PRIu64 " pages are not in the dump, they are counted by their "
			"struct pages",
			f->source, u.census->absent);
	if (u.pages->torn)
		cli_say(cli, "%s: %s", f->source, u.pages->torn->message);
	if (u.check.state == CHECK_DIFFERS || pages[VERDICT_DAMAGED] || pages[VERDICT_UNREADABLE] ||
	    u.census->unreadable)
		code = f->options.usable ? CLI_DONE : CLI_DAMAGED;
	if (cli->json)
		print_json(&u, code);
	else
		print(&u);
	return cli_close_stdout(cli, code);
}
