// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "dump/reader.h"
#include "kernel/modules.h"
#include "util/rows.h"

static const struct cli_option options[] = {
	{'t', NULL, NULL, "only modules that taint the kernel, and how"},
};

static const struct rows_column columns[] = {
	{"module", "     MODULE     ", 16},
	{"name", "  NAME                 ", -21},
	{"base", "        BASE      ", 18},
	{"size", "    SIZE", 8},
	{"state", "", 0},
	{"users", "", 0},
	{"taints", "", 0},
};

static const struct rows_column taint_columns[] = {
	{"module", "", 0},
	{"name", "NAME", -19},
	{"base", "", 0},
	{"size", "", 0},
	{"state", "", 0},
	{"users", "", 0},
	{"taints", "  TAINTS", -1},
};

#define NR_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void taint_text(uint64_t taints, char text[static 65])
{
	size_t len = 0;

	for (unsigned int bit = 0; bit < 64; bit++)
		if (taints >> bit & 1)
			text[len++] = taint_letter(bit);
	text[len] = '\0';
}

static void print_row(struct rows *rows, const struct module *module, int digits)
{
	static const char *const states[] = {"live", "coming", "going", "unformed"};
	char taints[65];

	taint_text(module->taints, taints);
	rows_begin_row(rows);
	rows_cell_hex(rows, module->addr, digits);
	rows_cell_text(rows, module->name);
	rows_cell_hex(rows, module->base, digits);
	rows_cell_number(rows, (int64_t)module->size);
	rows_cell_text(rows, module->state <= MODULE_UNFORMED ? states[module->state] : "?");
	if (module->refs < 0)
		rows_cell_none(rows);
	else
		rows_cell_number(rows, module->refs);
	rows_cell_text(rows, taints);
	rows_end_row(rows);
}

static void print(const struct analysis *analysis, const struct modules *modules,
		  const struct cli *cli, bool tainted)
{
	int digits = analysis->dump->facts.word == 8 ? 16 : 8;
	struct rows rows;
	bool any = false;

	for (size_t i = 0; i < modules->nr; i++)
		any = any || !tainted || modules->modules[i].taints;
	if (!any && !cli->json) {
		puts(tainted ? "no tainted modules" : "no modules");
		return;
	}
	rows_begin(&rows, stdout, cli->json, "mod");
	rows_begin_table(&rows, "modules", tainted ? taint_columns : columns, NR_COLUMNS, true);
	for (size_t i = 0; i < modules->nr; i++)
		if (!tainted || modules->modules[i].taints)
			print_row(&rows, &modules->modules[i], digits);
	rows_end_table(&rows);
	rows_end(&rows);
}

static int run(struct analysis *analysis, struct cli *cli)
{
	const struct modules *modules;
	bool tainted = false;
	struct error *err;

	while (cli_next(cli) != -1)
		tainted = true;
	if (cli_operand(cli))
		return cli_fail(cli, error_create(ERROR_USAGE, "mod takes no operands"));
	if ((err = analysis_modules(analysis, &modules)))
		return cli_fail(cli, err);
	print(analysis, modules, cli, tainted);
	return modules->torn ? CLI_DAMAGED : CLI_DONE;
}

const struct command command_mod = {
	.name = "mod",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP mod [-t]",
		 .summary = "The modules, where they are and how large.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
