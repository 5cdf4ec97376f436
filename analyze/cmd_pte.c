// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "arch/arch.h"
#include "arch/pte_flags.h"
#include "kernel/kernel.h"
#include "util/rows.h"

static const struct rows_column columns[] = {
	{"pte", "      PTE       ", 16},
	{"physical", "  PHYSICAL", 10},
	{"flags", "  FLAGS", -1},
};

static struct error *pte(struct analysis *analysis, struct rows *rows, const char *word)
{
	const struct addrspace *as = &analysis->kernel->as;
	char text[PTE_FLAGS_LEN + 2], names[PTE_FLAGS_LEN];
	uint64_t entry, paddr = 0;
	unsigned int flags;
	bool mapped;
	struct error *err = parse_address(analysis, word, &entry);

	if (err)
		return err;
	mapped = as->arch->pte(&as->paging, 0, entry, &paddr, &flags) == PTE_LEAF;
	pte_flags_text(as->arch, entry, names);
	snprintf(text, sizeof(text), rows->as_json ? "%s" : "(%s)",
		 mapped || rows->as_json ? names : "no mapping");
	rows_begin_row(rows);
	rows_cell_hex(rows, entry, 0);
	if (mapped)
		rows_cell_hex(rows, paddr, 0);
	else
		rows_cell_none(rows);
	rows_cell_text(rows, text);
	rows_end_row(rows);
	return NULL;
}

static int run(struct analysis *analysis, struct cli *cli)
{
	struct error *err;
	const char *word;
	struct rows rows;

	while (cli_next(cli) != -1)
		;
	if (cli->next == cli->argc)
		return cli_fail(cli, error_create(ERROR_USAGE, "pte needs the value of an entry"));
	if ((err = analysis_open(analysis)))
		return cli_fail(cli, err);
	if (!analysis->kernel->as.paging.nr_levels)
		return cli_fail(cli, error_create(ERROR_UNSUPPORTED,
						  "nothing is known of page tables here"));
	rows_begin(&rows, stdout, cli->json, "pte");
	rows_begin_table(&rows, "entries", columns, 3, true);
	while (!err && (word = cli_operand(cli)))
		err = pte(analysis, &rows, word);
	rows_end_table(&rows);
	rows_end(&rows);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

const struct command command_pte = {
	.name = "pte",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP pte ENTRY...",
		 .summary = "What an entry of a page table says."},
	.run = run,
};
