// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/search.h"
#include "arch/addrspace.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/tasks.h"
#include "util/checked.h"
#include "util/rows.h"

#define TEXT_SHOWN 56U /* characters behind the beginning of a text */

static const struct cli_option options[] = {
	{'c', NULL, NULL, "the operands are texts"},
	{'e', NULL, "ADDRESS", "up to here, exclusive"},
	{'h', NULL, NULL, "numbers of 16 bits"},
	{'k', NULL, NULL, "the kernel's memory, which it is without -p, -t and -u"},
	{'l', NULL, "LENGTH", "so many bytes from -s on (hexadecimal)"},
	{'m', NULL, "MASK", "bits that do not count"},
	{'p', NULL, NULL, "physical memory"},
	{'s', NULL, "ADDRESS", "from here on"},
	{'t', NULL, NULL, "the kernel stacks of all tasks"},
	{'u', NULL, NULL, "memory of the process that commands are about"},
	{'w', NULL, NULL, "numbers of 32 bits"},
	{'x', NULL, "N", "also show so many numbers before and behind"},
};

struct request {
	struct search search;
	struct rows rows;
	struct analysis *analysis;
	const char *start, *end, *len, *mask, *around;
	const struct task *task; /* whose stack it is; NULL once it was named */
	uint64_t nr_around;
	uint64_t found;
	bool texts, stacks;
};

static struct error *parse(struct request *r, struct cli *cli)
{
	int value;

	while ((value = cli_next(cli)) != -1) {
		switch (value) {
		case 'c': r->texts = true; break;
		case 'e': r->end = cli->arg; break;
		case 'h': r->search.size = 2; break;
		case 'k': r->search.space = DUMP_VIRTUAL; break;
		case 'l': r->len = cli->arg; break;
		case 'm': r->mask = cli->arg; break;
		case 'p': r->search.space = DUMP_PHYSICAL; break;
		case 's': r->start = cli->arg; break;
		case 't': r->stacks = true; break;
		case 'u': r->search.space = DUMP_USER; break;
		case 'w': r->search.size = 4; break;
		case 'x': r->around = cli->arg; break;
		default: break;
		}
	}
	if (cli->next == cli->argc)
		return error_create(ERROR_USAGE, "search needs something to look for");
	if (cli->argc - cli->next > SEARCH_MAX_VALUES)
		return error_create(ERROR_USAGE, "more than %d to look for", SEARCH_MAX_VALUES);
	return NULL;
}

static struct error *parse_values(struct request *r, struct cli *cli)
{
	struct search *s = &r->search;
	struct error *err = NULL;
	const char *word;

	if (!s->size)
		s->size = r->analysis->dump->facts.word;
	if (r->mask && (err = parse_address(r->analysis, r->mask, &s->mask)))
		return err;
	while (!err && (word = cli_operand(cli))) {
		uint64_t *value = &s->values[s->nr];

		if (r->texts && (!*word || strlen(word) > SEARCH_MAX_TEXT))
			return error_create(ERROR_USAGE, "a text of %zu bytes", strlen(word));
		s->texts[s->nr] = r->texts ? word : NULL;
		if (!r->texts && !(err = parse_address(r->analysis, word, value)) && s->size < 8 &&
		    *value >> 8 * s->size)
			err = error_create(ERROR_USAGE, "%s has more than %u bits", word,
					   8 * s->size);
		s->nr++;
	}
	return err;
}

static void put_text(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		putchar(bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '.');
}

/* The numbers beside a place, which are not searched themselves. */
static void show_around(const struct request *r, uint64_t addr, bool before)
{
	const struct dump_view view = {
		.analysis = r->analysis,
		.space = r->search.space,
		.user = r->search.user,
		.size = r->search.size,
	};
	uint64_t len = r->nr_around * r->search.size;
	bool whole;

	error_ignore(
		dump_view_print(&view, before ? addr - len : addr + r->search.size, len, &whole));
	if (!before)
		putchar('\n');
}

static uint64_t number_at(const struct request *r, const uint8_t *bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < r->search.size; i++)
		value |= (uint64_t)bytes[r->analysis->kernel->as.big_endian ? r->search.size - 1 - i
									    : i]
			 << 8 * i;
	return value;
}

static bool show(void *arg, uint64_t addr, const uint8_t *bytes, size_t len)
{
	struct request *r = arg;
	uint64_t value = r->texts ? 0 : number_at(r, bytes);

	r->found++;
	if (r->rows.as_json) {
		rows_begin_row(&r->rows);
		rows_cell_hex(&r->rows, addr, 0);
		if (r->texts)
			rows_cell_none(&r->rows);
		else
			rows_cell_hex(&r->rows, value, 0);
		if (r->task)
			rows_cell_number(&r->rows, r->task->pid);
		else
			rows_cell_none(&r->rows);
		rows_end_row(&r->rows);
		return !analysis_stopped(r->analysis);
	}
	if (r->task)
		print_task(stdout, r->task);
	r->task = NULL;
	if (r->nr_around)
		show_around(r, addr, true);
	printf(r->nr_around ? "%" PRIx64 ":  " : "%" PRIx64 ": ", addr);
	if (r->texts)
		put_text(bytes, len < TEXT_SHOWN ? len : TEXT_SHOWN);
	else
		printf("%0*" PRIx64 " ", (int)(2 * r->search.size), value);
	putchar('\n');
	if (r->nr_around)
		show_around(r, addr, false);
	return !analysis_stopped(r->analysis);
}

static struct error *search_stacks(struct request *r)
{
	const struct tasks *tasks;
	struct error *err = analysis_tasks(r->analysis, &tasks);

	for (size_t i = 0; !err && i < tasks->nr; i++) {
		const struct task *task = &tasks->tasks[i];
		uint64_t before = r->found;

		if (!task->stack)
			continue;
		r->task = task;
		err = search_memory(&r->search, task->stack, task->stack + tasks->stack_size - 1);
		if (!r->rows.as_json && r->found != before)
			putchar('\n');
	}
	return err;
}

/* Where the space begins and ends in which the search goes on without -s and -e. */
static void whole_space(const struct request *r, uint64_t *start, uint64_t *last)
{
	const struct addrspace *as = r->search.user ? r->search.user : &r->analysis->kernel->as;

	*start = 0;
	*last = r->analysis->dump->facts.word == 8 ? UINT64_MAX : UINT32_MAX;
	if (r->search.space == DUMP_VIRTUAL && as->paging.last < as->paging.first)
		*start = as->paging.first; // the kernel has the upper half
	else if (r->search.space == DUMP_USER)
		*last = as->paging.last;
}

static struct error *search_range(struct request *r)
{
	struct addrspace user;
	uint64_t start, last, len;
	struct error *err;

	if (r->search.space == DUMP_USER) {
		if ((err = analysis_user(r->analysis, &user)))
			return err;
		r->search.user = &user;
	}
	whole_space(r, &start, &last);
	if (r->start && (err = parse_address(r->analysis, r->start, &start)))
		return err;
	if (r->end) {
		if ((err = parse_address(r->analysis, r->end, &last)))
			return err;
		last--;
	}
	if (r->len) {
		if ((err = parse_address(r->analysis, r->len, &len)))
			return err;
		last = start + min_u64(len - 1, UINT64_MAX - start);
	}
	if (last < start)
		return error_create(ERROR_USAGE, "the end is not behind the start");
	return search_memory(&r->search, align_down(start, r->texts ? 1 : r->search.size), last);
}

static const struct rows_column columns[] = {{"address", "", 0}, {"value", "", 0}, {"pid", "", 0}};

static int run(struct analysis *analysis, struct cli *cli)
{
	struct request r = {.analysis = analysis, .search = {.analysis = analysis}};
	struct error *err = parse(&r, cli);

	if (err || (err = analysis_open(analysis)) || (err = parse_values(&r, cli)) ||
	    (r.around && (err = cli_parse_number("-x", r.around, 1, 1024, &r.nr_around))))
		return cli_fail(cli, err);
	r.search.found = show;
	r.search.arg = &r;
	rows_begin(&r.rows, stdout, cli->json, "search");
	rows_begin_table(&r.rows, "found", columns, 3, false);
	err = r.stacks ? search_stacks(&r) : search_range(&r);
	rows_end_table(&r.rows);
	rows_end(&r.rows);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

const struct command command_search = {
	.name = "search",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP search [options] NUMBER...\n"
			     "DUMP search -c [options] TEXT...",
		 .summary = "Places in memory that hold a number or a text.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
