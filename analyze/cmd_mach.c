// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "arch/arch.h"
#include "dump/info.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/percpu.h"
#include "kernel/tasks.h"
#include "util/rows.h"

#define LABEL_WIDTH 22 /* as in crash */

/* Facts that are a variable of the kernel, or a NUMBER or SYMBOL of VMCOREINFO. */
static const struct {
	const char *key, *label, *variable, *number;
} addresses[] = {
	{"direct_map", "KERNEL VIRTUAL BASE", "page_offset_base", "PAGE_OFFSET"},
	{"vmalloc", "KERNEL VMALLOC BASE", "vmalloc_base", "VMALLOC_START"},
	{"vmemmap", "KERNEL VMEMMAP BASE", "vmemmap_base", "VMEMMAP_START"},
	{"modules", "KERNEL MODULES BASE", NULL, "MODULES_VADDR"},
};

static void add_addresses(struct rows *rows, struct kernel *kernel)
{
	const struct vmcoreinfo *info = kernel_vmcoreinfo(kernel);
	uint8_t word = kernel->dump->facts.word;
	uint64_t value;
	int64_t number;

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		if (addresses[i].variable &&
		    kernel_variable(kernel, addresses[i].variable, word, &value))
			rows_hex(rows, addresses[i].key, addresses[i].label, value);
		else if (vmcoreinfo_number(info, addresses[i].number, &number))
			rows_hex(rows, addresses[i].key, addresses[i].label, (uint64_t)number);
	}
	if (kernel_lookup(kernel, "_stext", &value))
		rows_hex(rows, "text", "KERNEL TEXT", value);
	if (kernel->as.paging.nr_levels) {
		rows_hex(rows, "page_table", "PAGE TABLE", kernel->as.paging.root);
		rows_number(rows, "page_table_levels", "PAGE TABLE LEVELS",
			    kernel->as.paging.nr_levels);
	}
}

static void add_cpus(struct rows *rows, struct kernel *kernel)
{
	_cleanup_percpu_ struct percpu *percpu = NULL;
	uint64_t nr = 0, khz;

	if (!error_ignore(percpu_create(kernel, &percpu))) {
		for (unsigned int cpu = 0; cpu < percpu->nr; cpu++)
			nr += percpu->cpus[cpu].present;
		rows_number(rows, "cpus", "CPUS", nr);
	}
	if (kernel_variable(kernel, "cpu_khz", 4, &khz) && khz) {
		char text[32];

		snprintf(text, sizeof(text), "%u Mhz", (unsigned int)(khz / 1000));
		rows_text(rows, "processor_speed", "PROCESSOR SPEED", text);
	}
}

static int run(struct analysis *analysis, struct cli *cli)
{
	struct dump_amounts amounts = {0};
	const struct tasks *tasks;
	struct kernel *kernel;
	struct error *err;
	struct rows rows;

	while (cli_next(cli) != -1)
		;
	if (cli_operand(cli))
		return cli_fail(cli, error_create(ERROR_USAGE, "mach takes no operands"));
	if ((err = analysis_open(analysis)) || (err = dump_measure(analysis->dump, &amounts)))
		return cli_fail(cli, err);
	kernel = analysis->kernel;
	rows_begin(&rows, stdout, cli->json, "mach");
	rows.label_width = LABEL_WIDTH;
	rows_text(&rows, "machine", "MACHINE TYPE", kernel->as.arch ? kernel->as.arch->name : "?");
	rows_text(&rows, "byte_order", "BYTE ORDER", kernel->as.big_endian ? "big" : "little");
	rows_size(&rows, "memory", "MEMORY SIZE", amounts.ram);
	add_cpus(&rows, kernel);
	rows_number(&rows, "page_size", "PAGE SIZE", kernel->page_size);
	add_addresses(&rows, kernel);
	if (!error_ignore(analysis_tasks(analysis, &tasks)))
		rows_number(&rows, "stack_size", "KERNEL STACK SIZE", tasks->stack_size);
	rows_end(&rows);
	return CLI_DONE;
}

const struct command command_mach = {
	.name = "mach",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP mach",
		 .summary = "The machine: its memory, where the kernel has what."},
	.run = run,
};
