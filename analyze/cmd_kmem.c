// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "kernel/kernel.h"
#include "kernel/memstat.h"
#include "kernel/tasks.h"
#include "util/rows.h"

static const struct cli_option options[] = {
	{'i', NULL, NULL, "how the memory of the machine is used"},
};

struct line {
	const char *key, *label;
	int64_t pages;
	const char *of; /* the label of the total that it is a part of, or NULL */
	int64_t total;
};

/* "591.6 MB", and 8 MB for what is that exactly, as crash has it. */
static void size_text(uint64_t kib, char buf[static 32])
{
	static const char *const units[] = {"KB", "MB", "GB", "TB"};
	uint64_t tenths = kib * 10;
	unsigned int unit = 0;

	while (tenths >= 10240 && unit < 3) {
		tenths = (tenths + 512) / 1024;
		unit++;
	}
	if (tenths % 10 && unit)
		snprintf(buf, 32, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
			 units[unit]);
	else
		snprintf(buf, 32, "%" PRIu64 " %s", tenths / 10, units[unit]);
}

static void print_line(struct rows *rows, const struct line *line, unsigned int page_shift)
{
	uint64_t pages = (uint64_t)line->pages;
	char size[32];

	if (line->pages == MEMSTAT_UNKNOWN)
		return;
	if (rows->as_json) {
		rows_number(rows, line->key, "", pages << page_shift);
		return;
	}
	size_text(pages << (page_shift - 10), size);
	printf("%13s  %7" PRIu64 "  %11s  ", line->label, pages, size);
	if (line->of && line->total > 0)
		printf("%3" PRId64 "%% of %s\n", line->pages * 100 / line->total, line->of);
	else
		puts("       ----");
}

static void print(struct rows *rows, const struct memstat *m, unsigned int page_shift)
{
	int64_t used = m->total == MEMSTAT_UNKNOWN || m->free == MEMSTAT_UNKNOWN
			       ? MEMSTAT_UNKNOWN
			       : m->total - m->free;
	int64_t swap_used = m->swap_total == MEMSTAT_UNKNOWN || m->swap_free == MEMSTAT_UNKNOWN
				    ? MEMSTAT_UNKNOWN
				    : m->swap_total - m->swap_free;
	const char *mem = "TOTAL MEM", *huge = "TOTAL HUGE", *swap = "TOTAL SWAP";
	const struct line lines[] = {
		{"total", mem, m->total, NULL, 0},
		{"free", "FREE", m->free, mem, m->total},
		{"used", "USED", used, mem, m->total},
		{"shared", "SHARED", m->shmem, mem, m->total},
		{"buffers", "BUFFERS", m->buffers, mem, m->total},
		{"cached", "CACHED", m->cached, mem, m->total},
		{"slab", "SLAB", m->slab, mem, m->total},
		{NULL, NULL, 0, NULL, 0},
		{"huge_total", huge, m->huge_total, NULL, 0},
		{"huge_free", "HUGE FREE", m->huge_free, huge, m->huge_total},
		{NULL, NULL, 0, NULL, 0},
		{"swap_total", swap, m->swap_total, NULL, 0},
		{"swap_used", "SWAP USED", swap_used, swap, m->swap_total},
		{"swap_free", "SWAP FREE", m->swap_free, swap, m->swap_total},
		{NULL, NULL, 0, NULL, 0},
		{"commit_limit", "COMMIT LIMIT", m->commit_limit, NULL, 0},
		{"committed", "COMMITTED", m->committed, "TOTAL LIMIT", m->commit_limit},
	};

	if (!rows->as_json)
		puts("                 PAGES        TOTAL      PERCENTAGE");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (lines[i].key)
			print_line(rows, &lines[i], page_shift);
		else if (!rows->as_json)
			putchar('\n');
	}
}

static int run(struct analysis *analysis, struct cli *cli)
{
	const struct tasks *tasks;
	struct memstat stat;
	struct error *err;
	struct rows rows;
	bool usage = false;

	while (cli_next(cli) != -1)
		usage = true;
	if (!usage || cli_operand(cli))
		return cli_fail(cli, error_create(ERROR_USAGE, "kmem knows -i"));
	if ((err = analysis_tasks(analysis, &tasks)) ||
	    (err = memstat_read(analysis->kernel, tasks->percpu, &stat)))
		return cli_fail(cli, err);
	rows_begin(&rows, stdout, cli->json, "kmem");
	print(&rows, &stat, analysis->kernel->page_shift);
	rows_end(&rows);
	return CLI_DONE;
}

const struct command command_kmem = {
	.name = "kmem",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP kmem -i",
		 .summary = "How the memory of the machine is used, as the kernel counts it.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
