// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/reader.h"
#include "dump/vmcoreinfo.h"
#include "kernel/find_kernel.h"
#include "kernel/find_note.h"
#include "kernel/kallsyms.h"
#include "util/sys.h"

/* Marks that have the tokens of a symbol table; finding out where its names are takes a while. */
#define MAX_TABLES 64

const char *const found_role_names[] = {
	[FOUND_CRASHED] = "crashed",
	[FOUND_RUNNING] = "running",
	[FOUND_CAPTURE] = "capture",
	[FOUND_REMAINS] = "remains",
};

const char *const found_source_names[] = {
	[FOUND_NO_INFO] = "none",
	[FOUND_INFO_FILE] = "file",
	[FOUND_INFO_NOTE] = "memory",
	[FOUND_INFO_IMAGE] = "image",
};

void find_result_destroy(struct find_result *result)
{
	if (!result)
		return;
	for (size_t i = 0; i < result->nr; i++)
		found_kernel_destroy(result->kernels[i]);
	find_memory_deinit(&result->memory);
	free(result);
}

/* Takes the kernel, or throws it away when there are too many. */
static void add_kernel(struct find_result *result, struct found_kernel *kernel)
{
	if (result->nr == FIND_MAX_KERNELS)
		found_kernel_destroy(kernel);
	else
		result->kernels[result->nr++] = kernel;
}

/* The kernel that the file's VMCOREINFO describes; it is one, whether that is usable or not. */
static struct error *find_by_file(struct find_result *result, const struct find_options *options)
{
	const struct dump_facts *facts = &result->memory.reader->facts;
	_cleanup_found_kernel_ struct found_kernel *kernel = NULL;
	struct error *err;
	bool attached;

	if (options->blind || !facts->vmcoreinfo)
		return NULL;
	if ((err = found_kernel_create(&result->memory, options, &kernel)) ||
	    (err = found_kernel_attach(kernel, facts->vmcoreinfo, facts->vmcoreinfo_len,
				       FOUND_INFO_FILE, 0, &attached)))
		return err;
	if (attached)
		add_kernel(result, TAKE_PTR(kernel));
	return NULL;
}

/* One kernel for each symbol table in memory. */
static struct error *find_by_symbols(struct find_result *result, const struct find_options *options,
				     const struct scan_hits *hits)
{
	for (size_t i = 0; i < hits->nr; i++) {
		_cleanup_found_kernel_ struct found_kernel *kernel = NULL;
		struct kallsyms_tables tables;
		struct error *err;

		if (hits->hits[i].kind != SCAN_TOKENS ||
		    !kallsyms_find(find_memory_read, &result->memory, hits->hits[i].paddr, &tables))
			continue;
		if ((err = found_kernel_create(&result->memory, options, &kernel)))
			return err;
		err = found_kernel_load(kernel, &tables, options->unplaced);
		if (err == &error_nomem)
			return err;
		if (err)
			snprintf(result->trouble, sizeof(result->trouble), "%s", err->message);
		if (!error_ignore(err))
			add_kernel(result, TAKE_PTR(kernel));
	}
	return NULL;
}

/* Whether a kernel has this VMCOREINFO already, perhaps another copy of it. */
static bool has_info(const struct found_kernel *kernel, const struct vmcoreinfo *info)
{
	const char *left = vmcoreinfo_text(kernel->info, "OSRELEASE");
	const char *right = vmcoreinfo_text(info, "OSRELEASE");
	uint64_t stext, other;

	return left && right && !strcmp(left, right) &&
	       vmcoreinfo_symbol(kernel->info, "_stext", &stext) &&
	       vmcoreinfo_symbol(info, "_stext", &other) && stext == other;
}

/* Gives a VMCOREINFO to the first kernel that it describes and that has none yet; or it is the
 * only trace of a kernel. */
static struct error *place_info(struct find_result *result, const struct find_options *options,
				const char *text, size_t len, enum found_source source,
				uint64_t paddr)
{
	_cleanup_found_kernel_ struct found_kernel *kernel = NULL;
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	bool attached = false;
	struct error *err;

	if ((err = vmcoreinfo_create(text, len, &info)))
		return err;
	for (size_t i = 0; i < result->nr; i++) {
		if (has_info(result->kernels[i], info)) {
			result->kernels[i]->vmcoreinfo_paddr = paddr;
			return NULL;
		}
	}

	for (size_t i = 0; !attached && i < result->nr; i++) {
		if (!result->kernels[i]->vmcoreinfo &&
		    (err = found_kernel_attach(result->kernels[i], text, len, source, paddr,
					       &attached)))
			return err;
	}
	if (attached)
		return NULL;
	if ((err = found_kernel_create(&result->memory, options, &kernel)) ||
	    (err = found_kernel_attach(kernel, text, len, source, paddr, &attached)))
		return err;
	if (attached)
		add_kernel(result, TAKE_PTR(kernel));
	return NULL;
}

static void note_seen(struct find_result *result, const struct scan_hits *hits,
		      const struct found_notes *notes)
{
	snprintf(result->seen, sizeof(result->seen),
		 "%llu MiB read: %llu places look like symbol names, %zu texts of VMCOREINFO "
		 "(%zu more are none), %llu banners of Linux, %llu BTF headers",
		 (unsigned long long)(result->stats.bytes >> 20),
		 (unsigned long long)hits->nr_kind[SCAN_TOKENS], notes->nr, notes->nr_rejected,
		 (unsigned long long)hits->nr_kind[SCAN_BANNER],
		 (unsigned long long)(hits->nr_kind[SCAN_BTF_LE] + hits->nr_kind[SCAN_BTF_BE]));
}

static struct error *find_by_scan(struct find_result *result, const struct find_options *options)
{
	const struct scan_options scan = {.nr_threads = options->nr_threads};
	const struct scan_matcher matcher = {.match = scan_marks};
	const struct dump_facts *facts = &result->memory.reader->facts;
	struct found_notes notes = {0};
	struct scan_hits hits;
	struct error *err;

	if ((err = scan_memory(result->memory.reader, &scan, &matcher, 1, &hits, &result->stats)))
		return err;
	result->scanned = true;
	err = find_notes(&hits, find_memory_read, &result->memory, &notes);
	if (!err)
		err = find_by_symbols(result, options, &hits);
	if (!err && facts->vmcoreinfo && !options->blind)
		err = place_info(result, options, facts->vmcoreinfo, facts->vmcoreinfo_len,
				 FOUND_INFO_FILE, 0);
	for (size_t i = 0; !err && i < notes.nr; i++)
		err = place_info(result, options, notes.notes[i].text, notes.notes[i].len,
				 FOUND_INFO_NOTE, notes.notes[i].paddr);
	note_seen(result, &hits, &notes);
	found_notes_deinit(&notes);
	scan_hits_deinit(&hits);
	return err;
}

/* Symbols that nobody could place at first may be those of another kernel, whose note told. */
static bool is_double(const struct find_result *result, const struct found_kernel *kernel)
{
	for (size_t i = 0; i < result->nr && kernel->kallsyms && !kernel->has_image; i++) {
		const struct found_kernel *other = result->kernels[i];

		if (other->has_image &&
		    other->kallsyms->tables.names == kernel->kallsyms->tables.names)
			return true;
	}
	return false;
}

static void drop_doubles(struct find_result *result)
{
	for (size_t i = result->nr; i-- > 0;) {
		struct found_kernel *kernel = result->kernels[i];

		if (!is_double(result, kernel))
			continue;
		result->kernels[i] = result->kernels[--result->nr];
		found_kernel_destroy(kernel);
	}
}

static int compare_kernels(const void *a, const void *b)
{
	const struct found_kernel *left = *(struct found_kernel *const *)a;
	const struct found_kernel *right = *(struct found_kernel *const *)b;

	if (left->role != right->role)
		return left->role < right->role ? -1 : 1;
	if (left->cpus != right->cpus)
		return left->cpus > right->cpus ? -1 : 1;
	// what has a note in its place was up, FOUND_INFO_FILE and _NOTE come before _IMAGE
	return (int)(left->source ? left->source : FOUND_INFO_IMAGE + 1) -
	       (int)(right->source ? right->source : FOUND_INFO_IMAGE + 1);
}

struct error *kernel_find(const struct dump_reader *reader, const struct find_options *options,
			  struct find_result **ret)
{
	_cleanup_found_ struct find_result *result = sys_calloc(1, sizeof(*result));
	struct error *err;

	if (!result)
		return &error_nomem;
	if ((err = find_memory_init(&result->memory, reader)))
		return err;
	if (!options->scan && (err = find_by_file(result, options)))
		return err;
	if (!result->nr && (err = find_by_scan(result, options)))
		return err;
	for (size_t i = 0; i < result->nr; i++) {
		if ((err = found_kernel_finish(result->kernels[i])))
			return err;
	}
	drop_doubles(result);
	if (result->nr)
		qsort(result->kernels, result->nr, sizeof(struct found_kernel *), compare_kernels);
	*ret = TAKE_PTR(result);
	return NULL;
}
