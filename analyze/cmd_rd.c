// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/dump.h"
#include "analyze/values.h"
#include "arch/addrspace.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/percpu.h"
#include "kernel/tasks.h"
#include "util/checked.h"
#include "util/rows.h"

#define MAX_TEXT 4096U /* of -a without a count */

enum { OPT_8 = CLI_LONG, OPT_16, OPT_32, OPT_64 };

static const struct cli_option options[] = {
	{OPT_8, "8", NULL, "numbers of 8 bits"},
	{OPT_16, "16", NULL, "numbers of 16 bits"},
	{OPT_32, "32", NULL, "numbers of 32 bits"},
	{OPT_64, "64", NULL, "numbers of 64 bits"},
	{'a', NULL, NULL, "only the text; without a count up to its end"},
	{'d', NULL, NULL, "in decimal, with a sign"},
	{'D', NULL, NULL, "in decimal, without a sign"},
	{'e', NULL, "ADDRESS", "up to here, exclusive, instead of a count"},
	{'o', NULL, "OFFSET", "begin so many bytes behind the address"},
	{'p', NULL, NULL, "physical memory"},
	{'s', NULL, NULL, "addresses of symbols as their names"},
	{'S', NULL, NULL, "the same"},
	{'u', NULL, NULL, "memory of the process that commands are about"},
	{'x', NULL, NULL, "only the numbers, no text"},
};

struct request {
	struct dump_view view;
	struct rows rows;
	const char *end, *offset, *count;
	bool symbols;
};

static struct error *parse(struct request *r, struct cli *cli)
{
	int value;

	while ((value = cli_next(cli)) != -1) {
		switch (value) {
		case OPT_8: r->view.size = 1; break;
		case OPT_16: r->view.size = 2; break;
		case OPT_32: r->view.size = 4; break;
		case OPT_64: r->view.size = 8; break;
		case 'a': r->view.text_only = true; break;
		case 'd': r->view.is_signed = r->view.decimal = true; break;
		case 'D': r->view.decimal = true; break;
		case 'e': r->end = cli->arg; break;
		case 'o': r->offset = cli->arg; break;
		case 'p': r->view.space = DUMP_PHYSICAL; break;
		case 's':
		case 'S': r->symbols = true; break;
		case 'u': r->view.space = DUMP_USER; break;
		case 'x': r->view.no_text = true; break;
		default: break;
		}
	}
	return cli->next == cli->argc ? error_create(ERROR_USAGE, "rd needs an address") : NULL;
}

/* Bytes before the NUL of a text. */
static uint64_t text_length(const struct dump_view *view, uint64_t addr)
{
	uint8_t bytes[MAX_TEXT];
	size_t got = dump_read_space(view->analysis, view->space, view->user, addr, bytes,
				     sizeof(bytes));
	const uint8_t *end = memchr(bytes, '\0', got);

	return end ? (uint64_t)(end - bytes) : got;
}

static struct error *find_length(struct request *r, uint64_t addr, uint64_t *ret)
{
	uint64_t count = 1, end;
	struct error *err;

	if (r->count && (err = parse_count("count", r->count, &count)))
		return err;
	if (r->end) {
		if ((err = parse_address(r->view.analysis, r->end, &end)))
			return err;
		if (end <= addr)
			return error_create(ERROR_USAGE, "-e %s is not behind the address", r->end);
		*ret = end - addr;
	} else if (r->view.text_only && !r->count) {
		*ret = max_u64(text_length(&r->view, addr), 1);
	} else if (!checked_mul(count, r->view.size, ret)) {
		return error_create(ERROR_USAGE, "count '%s' is too large", r->count);
	}
	return NULL;
}

static struct error *show(struct request *r, uint64_t addr, bool *whole)
{
	uint64_t len = 0, offset = 0;
	struct error *err;

	if ((r->offset && (err = parse_offset(r->view.analysis, r->offset, &offset))) ||
	    (err = find_length(r, addr + offset, &len)))
		return err;
	return dump_view_print(&r->view, addr + offset, len, whole);
}

static struct error *show_copies(struct request *r, uint64_t addr, const struct cpu_list *cpus,
				 bool *whole)
{
	struct error *err = NULL;
	bool one;

	*whole = true;
	for (unsigned int cpu = 0; cpu < cpus->nr && !err; cpu++) {
		uint64_t copy;

		if (!cpus->wanted[cpu] ||
		    !percpu_address(r->view.analysis->tasks->percpu, addr, cpu, &copy))
			continue;
		if (!r->view.rows)
			printf("[%u]: %llx\n", cpu, (unsigned long long)copy);
		err = show(r, copy, &one);
		*whole = *whole && one;
	}
	return err;
}

static struct error *rd(struct request *r, const char *text, bool *whole)
{
	struct analysis *analysis = r->view.analysis;
	_cleanup_cpus_ struct cpu_list cpus = {0};
	struct addrspace user;
	struct symbols *symbols;
	struct error *err;
	uint64_t addr;

	if ((err = analysis_open(analysis)))
		return err;
	if (!r->view.size)
		r->view.size = r->view.text_only ? 1 : analysis->dump->facts.word;
	if (r->view.space == DUMP_USER) {
		if ((err = analysis_user(analysis, &user)))
			return err;
		r->view.user = &user;
	}
	if (r->symbols) {
		if ((err = analysis_symbols(analysis, true, &symbols)))
			return err;
		r->view.symbols = symbols;
	}
	if ((err = parse_cpus(analysis, text, &cpus)) ||
	    (err = parse_address(analysis, cpus.name, &addr)))
		return err;
	return cpus.nr ? show_copies(r, addr, &cpus, whole) : show(r, addr, whole);
}

static const struct rows_column columns[] = {
	{"address", "", 0}, {"value", "", 0}, {"symbol", "", 0}};

static int run(struct analysis *analysis, struct cli *cli)
{
	struct request r = {.view = {.analysis = analysis}};
	struct error *err = parse(&r, cli);
	bool whole = true;
	const char *text;

	if (err)
		return cli_fail(cli, err);
	text = cli_operand(cli);
	r.count = cli_operand(cli);
	if (cli_operand(cli))
		return cli_fail(cli, error_create(ERROR_USAGE, "an address and a count are all"));
	rows_begin(&r.rows, stdout, cli->json, "rd");
	rows_begin_table(&r.rows, "memory", columns, sizeof(columns) / sizeof(columns[0]), false);
	r.view.rows = cli->json ? &r.rows : NULL;
	err = rd(&r, text, &whole);
	rows_end_table(&r.rows);
	rows_end(&r.rows);
	if (err)
		return cli_fail(cli, err);
	return whole ? CLI_DONE : CLI_DAMAGED;
}

const struct command command_rd = {
	.name = "rd",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP rd [options] ADDRESS[:CPUS] [COUNT]",
		 .summary = "Memory, as numbers and text.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0]),
		 .one_dash = true},
	.run = run,
};
