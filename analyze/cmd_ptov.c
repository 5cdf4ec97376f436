// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "arch/arch.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "util/rows.h"

static const struct rows_column columns[] = {
	{"virtual", "VIRTUAL         ", -16},
	{"physical", "  PHYSICAL", -1},
};

/* The direct map, by the architecture or by what is known of it. */
static bool to_virtual(const struct addrspace *as, uint64_t paddr, uint64_t *ret)
{
	const struct linear_map *map = addrspace_linear(as, LINEAR_DIRECT_MAP);

	if (as->arch && as->arch->phys_to_virt)
		return as->arch->phys_to_virt(as, paddr, ret);
	if (!map || paddr - map->paddr > map->last - map->start)
		return false;
	*ret = map->start + (paddr - map->paddr);
	return true;
}

static struct error *ptov(struct analysis *analysis, struct rows *rows, const char *word)
{
	uint64_t paddr, vaddr;
	struct error *err = parse_address(analysis, word, &paddr);

	if (err)
		return err;
	if (!to_virtual(&analysis->kernel->as, paddr, &vaddr))
		return error_create(ERROR_NOT_FOUND, "%llx is not in the kernel's direct map",
				    (unsigned long long)paddr);
	rows_begin_row(rows);
	rows_cell_hex(rows, vaddr, 0);
	rows_cell_hex(rows, paddr, 0);
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
		return cli_fail(cli, error_create(ERROR_USAGE, "ptov needs an address"));
	if ((err = analysis_open(analysis)))
		return cli_fail(cli, err);
	rows_begin(&rows, stdout, cli->json, "ptov");
	rows_begin_table(&rows, "addresses", columns, 2, true);
	while (!err && (word = cli_operand(cli)))
		err = ptov(analysis, &rows, word);
	rows_end_table(&rows);
	rows_end(&rows);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

const struct command command_ptov = {
	.name = "ptov",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP ptov ADDRESS...",
		 .summary = "From physical to virtual addresses, in the kernel's direct map."},
	.run = run,
};
