// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/page.h"

#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/member.h"
#include "kernel/memmap.h"
#include "util/rows.h"

enum { P_FLAGS, P_MAPPING, P_INDEX, P_COUNT, NR_PATHS };

static const struct member_path paths[NR_PATHS] = {
	// Linux commit 53fbef56e07d ("mm: introduce memdesc_flags_t", 6.18)
	[P_FLAGS] = {"page.flags.f", "page.flags", false},
	[P_MAPPING] = {"page.mapping", NULL, true},
	[P_INDEX] = {"page.index", "page.__folio_index", true},
	[P_COUNT] = {"page._refcount.counter", NULL, true},
};

static const struct rows_column columns[] = {
	{"page", "      PAGE      ", 16},
	{"physical", "   PHYSICAL", 11},
	{"mapping", "      MAPPING    ", 17},
	{"index", "   INDEX", 8},
	{"count", " CNT", 4},
	{"flags", " FLAGS", 15},
	{"flag_names", "", -1},
};

#define NR_COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* "referenced,uptodate": enum pageflags without its PG_. */
static void flag_names(const struct btf *btf, uint64_t flags, char *buf, size_t size)
{
	uint32_t id = btf_find(btf, BTF_ENUM, "pageflags");
	uint64_t seen = 0;
	struct btf_type type;
	const char *name;
	size_t len = 0;
	int64_t bit;

	buf[0] = '\0';
	if (!id || !btf_get(btf, id, &type))
		return;
	for (uint32_t i = 0; btf_enumerator(&type, i, &name, &bit) && len < size; i++) {
		// behind __NR_PAGEFLAGS come second names of the same bits
		if (strncmp(name, "PG_", 3) != 0)
			break;
		if (bit < 0 || bit > 63 || seen >> bit & 1 || !(flags >> bit & 1))
			continue;
		seen |= 1ULL << bit;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "," : "", name + 3);
	}
}

static void cell_member(struct rows *rows, struct kernel *kernel, const struct btf_member *member,
			uint64_t page, bool hex)
{
	uint64_t value;

	if (!member_read(kernel, member, page, &value))
		rows_cell_none(rows);
	else if (hex)
		rows_cell_hex(rows, value, 0);
	else
		rows_cell_number(rows, (int32_t)value);
}

struct error *page_print(struct analysis *analysis, struct rows *rows, uint64_t paddr)
{
	struct kernel *kernel = analysis->kernel;
	uint64_t pfn = paddr >> kernel->page_shift, page, flags;
	struct btf_member members[NR_PATHS];
	const struct btf *btf;
	struct memmap_run run;
	struct memmap map;
	char names[256];
	struct error *err;

	if ((err = memmap_init(&map, kernel)) || (err = kernel_btf(kernel, &btf)) ||
	    (err = members_find(btf, paths, NR_PATHS, members)))
		return err;
	memmap_run(&map, kernel, pfn, &run);
	page = run.vaddr + (pfn - run.pfn) * map.page_struct_size;
	if (!run.vaddr || !member_read(kernel, &members[P_FLAGS], page, &flags))
		return error_create(ERROR_NOT_FOUND, "there is no struct page of %llx",
				    (unsigned long long)paddr);
	rows_begin_table(rows, "page", columns, NR_COLUMNS, true);
	rows_begin_row(rows);
	rows_cell_hex(rows, page, 0);
	rows_cell_hex(rows, pfn << kernel->page_shift, 0);
	cell_member(rows, kernel, &members[P_MAPPING], page, true);
	cell_member(rows, kernel, &members[P_INDEX], page, true);
	cell_member(rows, kernel, &members[P_COUNT], page, false);
	rows_cell_hex(rows, flags, 0);
	flag_names(btf, flags, names, sizeof(names));
	rows_cell_text(rows, names);
	rows_end_row(rows);
	rows_end_table(rows);
	return NULL;
}
