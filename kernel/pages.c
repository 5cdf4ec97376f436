// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/pages.h"

#include <string.h>

#include "dump/reader.h"
#include "kernel/census.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/page_types.h"
#include "kernel/pcp.h"
#include "kernel/zones.h"
#include "util/file.h"
#include "util/json.h"
#include "util/sys.h"

#define LEARNED (1U << PAGE_ZSMALLOC | 1U << PAGE_TABLE | 1U << PAGE_PCP_FREE)

void pages_destroy(struct pages *pages)
{
	if (!pages)
		return;
	zones_destroy(pages->zones);
	sparsebits_deinit(&pages->keep);
	sparsebits_deinit(&pages->pcp_free);
	error_destroy(pages->no_zones);
	error_destroy(pages->torn);
	free(pages);
}

static struct error *find_zones(struct pages *pages, bool thorough, const struct btf *btf)
{
	struct error *err = zones_create(pages->kernel, thorough, btf, &pages->zones);

	if (btf && err && err->code != ERROR_NOMEM) {
		error_destroy(err);
		err = zones_create(pages->kernel, thorough, NULL, &pages->zones);
	}
	if (err && err->code == ERROR_NOMEM)
		return err;
	pages->no_zones = err;
	return NULL;
}

static struct error *find_pcp(struct pages *pages, const struct btf *btf)
{
	struct error *err;

	if (!btf || !pages->zones || !pages->zones->percpu) {
		pages->unknown |= 1U << PAGE_PCP_FREE;
		return NULL;
	}
	err = pcp_find(pages->kernel, btf, &pages->rules.memmap, pages->zones, &pages->pcp_free,
		       &pages->torn);
	if (err && err->code == ERROR_NOMEM)
		return err;
	if (error_ignore(err))
		pages->unknown |= 1U << PAGE_PCP_FREE;
	else
		pages->rules.pcp_free = &pages->pcp_free;
	return NULL;
}

static struct error *find_kept(struct pages *pages, const struct pages_options *options)
{
	struct error *err = keep_page_tables(pages->kernel, &pages->keep);

	if (!err && options->thorough)
		err = keep_essentials(pages->kernel, &pages->keep);
	if (!err && options->keep)
		err = keep_wanted(pages->kernel, options->keep, &pages->keep);
	return err;
}

static struct error *prepare(struct pages *pages, const struct pages_options *options)
{
	const struct btf *btf = NULL;
	struct error *err = judge_rules_init(&pages->rules, pages->kernel);

	if (err)
		return err;
	if (options->thorough && (err = kernel_btf(pages->kernel, &btf))) {
		if (err->code == ERROR_NOMEM)
			return err;
		error_destroy(err);
	}
	if (options->classes & LEARNED &&
	    (err = page_types_learn(&pages->rules.layout, pages->kernel)))
		return err;
	pages->unknown = pages->rules.layout.unknown_classes & (~LEARNED | options->classes);
	if ((err = find_zones(pages, options->thorough, btf)))
		return err;
	if (options->classes & 1U << PAGE_PCP_FREE && (err = find_pcp(pages, btf)))
		return err;
	return find_kept(pages, options);
}

struct error *pages_create(struct kernel *kernel, const struct pages_options *options,
			   struct pages **ret)
{
	_cleanup_pages_ struct pages *pages = sys_calloc(1, sizeof(*pages));
	struct error *err;

	if (!pages)
		return &error_nomem;
	pages->kernel = kernel;
	err = prepare(pages, options);
	if (!err)
		*ret = TAKE_PTR(pages);
	return err;
}

bool pages_live(const struct pages *pages)
{
	const struct file *file = pages->kernel->dump->file;
	const char *slash = strrchr(file->path, '/');

	return file->proc && !strcmp(slash ? slash + 1 : file->path, "kcore");
}

struct check pages_check_count(const struct pages *pages, uint64_t counted)
{
	if (pages->zones)
		return check_free_pages(pages->zones, counted, pages_live(pages));
	return check_none(pages->no_zones ? error_create(pages->no_zones->code, "%s",
							 pages->no_zones->message)
					  : NULL);
}

struct check pages_check(const struct pages *pages, const struct select_stats *stats)
{
	uint64_t counted = stats->classes[PAGE_FREE] + stats->classes[PAGE_UNACCEPTED];
	const struct kernel *kernel = pages->kernel;

	if (kernel->dump->facts.block_size > kernel->page_size)
		return check_none(error_create(ERROR_NOT_FOUND,
					       "the dump has blocks of %u bytes, and pages are %u",
					       kernel->dump->facts.block_size, kernel->page_size));
	return pages_check_count(pages,
				 counted / (kernel->page_size / kernel->dump->facts.block_size));
}

struct check pages_check_all(const struct pages *pages, unsigned int nr_threads)
{
	const struct census_options how = {.nr_threads = nr_threads};
	_cleanup_census_ struct census *census = NULL;
	struct error *err;

	if (!pages->zones)
		return pages_check_count(pages, 0);
	if ((err = census_take(&pages->rules, &how, &census)))
		return check_none(err);
	return pages_check_count(pages,
				 census->sum.pages[PAGE_FREE] + census->sum.pages[PAGE_UNACCEPTED]);
}

void pages_json(const struct pages *pages, struct json *json)
{
	json_begin_array(json, "unknown_classes");
	for (unsigned int i = 0; i < PAGE_NR_CLASSES; i++)
		if (pages->unknown >> i & 1)
			json_string(json, NULL, page_class_names[i]);
	json_end_array(json);
}
