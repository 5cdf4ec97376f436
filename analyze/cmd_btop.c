// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "kernel/kernel.h"
#include "util/checked.h"
#include "util/rows.h"

static const struct rows_column columns[] = {{"value", "", 0}, {"result", "", 0}};

static int convert(struct analysis *analysis, struct cli *cli, const char *name, bool to_page)
{
	struct error *err;
	const char *word;
	struct rows rows;

	while (cli_next(cli) != -1)
		;
	if (cli->next == cli->argc)
		return cli_fail(cli, error_create(ERROR_USAGE, "%s needs a number", name));
	if ((err = analysis_open(analysis)))
		return cli_fail(cli, err);
	rows_begin(&rows, stdout, cli->json, name);
	rows_begin_table(&rows, "values", columns, 2, false);
	while (!err && (word = cli_operand(cli))) {
		unsigned int shift = analysis->kernel->page_shift;
		uint64_t value, result;

		if ((err = parse_address(analysis, word, &value)))
			break;
		result = value >> shift;
		if (!to_page && !checked_shl(value, shift, &result)) {
			err = error_create(ERROR_USAGE, "there is no page %s", word);
			break;
		}
		if (!cli->json) {
			printf("%" PRIx64 ": %" PRIx64 "\n", value, result);
			continue;
		}
		rows_begin_row(&rows);
		rows_cell_hex(&rows, value, 0);
		rows_cell_hex(&rows, result, 0);
		rows_end_row(&rows);
	}
	rows_end_table(&rows);
	rows_end(&rows);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

static int run_btop(struct analysis *analysis, struct cli *cli)
{
	return convert(analysis, cli, "btop", true);
}

static int run_ptob(struct analysis *analysis, struct cli *cli)
{
	return convert(analysis, cli, "ptob", false);
}

const struct command command_btop = {
	.name = "btop",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP btop ADDRESS...",
		 .summary = "From addresses to page numbers."},
	.run = run_btop,
};

const struct command command_ptob = {
	.name = "ptob",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP ptob PAGE...",
		 .summary = "From page numbers to addresses."},
	.run = run_ptob,
};
