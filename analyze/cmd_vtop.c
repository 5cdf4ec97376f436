// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/page.h"
#include "arch/arch.h"
#include "arch/pte_flags.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/tasks.h"
#include "kernel/user.h"
#include "util/rows.h"

static const struct cli_option options[] = {
	{'c', NULL, "PID", "the memory of this task"},
	{'k', NULL, NULL, "the address is the kernel's"},
	{'u', NULL, NULL, "the address is the process's that commands are about"},
};

struct vtop {
	struct analysis *analysis;
	struct rows rows;
	struct addrspace as;
};

static const struct rows_column step_columns[] = {
	{"level", "", 0}, {"entry_at", "", 0}, {"entry", "", 0}};

static const char *level_name(const struct paging *paging, unsigned int level)
{
	static const char *const names[PAGING_MAX_LEVELS][PAGING_MAX_LEVELS] = {
		{"PGD"},
		{"PTE", "PGD"},
		{"PTE", "PMD", "PGD"},
		{"PTE", "PMD", "PUD", "PGD"},
		{"PTE", "PMD", "PUD", "P4D", "PGD"},
	};

	return names[paging->nr_levels - 1][level];
}

static void print_steps(struct vtop *v, const struct pgtable_step *steps, size_t nr)
{
	const struct paging *paging = &v->as.paging;

	if (v->rows.as_json)
		rows_begin_table(&v->rows, "steps", step_columns, 3, false);
	for (size_t i = 0; i < nr; i++) {
		const char *name = level_name(paging, steps[i].level);

		if (!v->rows.as_json) {
			printf("   %s: %" PRIx64, name, steps[i].table);
			if (steps[i].readable)
				printf(" => %" PRIx64 "\n", steps[i].entry);
			else
				puts("  (unreadable)");
			continue;
		}
		rows_begin_row(&v->rows);
		rows_cell_text(&v->rows, name);
		rows_cell_hex(&v->rows, steps[i].table, 0);
		if (steps[i].readable)
			rows_cell_hex(&v->rows, steps[i].entry, 0);
		else
			rows_cell_none(&v->rows);
		rows_end_row(&v->rows);
	}
	if (v->rows.as_json)
		rows_end_table(&v->rows);
}

/* The page that the last step leads to, and what its entry says. */
static void print_leaf(struct vtop *v, const struct pgtable_step *leaf)
{
	const struct arch *arch = v->as.arch;
	unsigned int shift = v->as.paging.shift[leaf->level], flags = 0;
	uint64_t page = 0;
	char text[PTE_FLAGS_LEN];

	if (!leaf->readable ||
	    arch->pte(&v->as.paging, leaf->level, leaf->entry, &page, &flags) != PTE_LEAF)
		return;
	if (arch->leaf_shift)
		shift = arch->leaf_shift(&v->as.paging, leaf->level, leaf->entry);
	pte_flags_text(arch, leaf->entry, text);
	if (v->rows.as_json) {
		rows_hex(&v->rows, "page_at", "", page);
		rows_number(&v->rows, "page_bytes", "", 1ULL << shift);
		rows_text(&v->rows, "flags", "", text);
		return;
	}
	printf("  PAGE: %" PRIx64, page);
	if (shift != v->analysis->kernel->page_shift)
		printf("  (%u%s)", 1U << shift % 10,
		       shift >= 30   ? "GB"
		       : shift >= 20 ? "MB"
				     : "KB");
	printf("\n\n%*s  %*s  FLAGS\n%16" PRIx64 "  %9" PRIx64 "  (%s)\n", 16, "PTE      ", 9,
	       "PHYSICAL", leaf->entry, page, text);
}

static void vtop(struct vtop *v, uint64_t vaddr)
{
	struct pgtable_step steps[PAGING_MAX_LEVELS];
	size_t nr = pgtable_steps(&v->as, vaddr, steps);
	struct mapping map;
	char paddr[32];

	addrspace_translate(&v->as, vaddr, &map);
	snprintf(paddr, sizeof(paddr), "%" PRIx64, map.paddr);
	if (v->rows.as_json) {
		json_begin_object(&v->rows.json, NULL);
		rows_hex(&v->rows, "virtual", "", vaddr);
		if (map.status == MAP_OK)
			rows_hex(&v->rows, "physical", "", map.paddr);
	} else {
		printf("%-16s  PHYSICAL\n%-16" PRIx64 "  %s\n\n", "VIRTUAL", vaddr,
		       map.status == MAP_OK         ? paddr
		       : map.status == MAP_UNMAPPED ? "(not mapped)"
						    : "(page table unreadable)");
	}
	print_steps(v, steps, nr);
	if (nr)
		print_leaf(v, &steps[nr - 1]);
	if (map.status == MAP_OK) {
		if (!v->rows.as_json && nr)
			putchar('\n');
		error_ignore(page_print(v->analysis, &v->rows, map.paddr));
	}
	if (v->rows.as_json)
		json_end_object(&v->rows.json);
	else
		putchar('\n');
}

/* Addresses of processes are in the half that the kernel does not have. */
static bool is_kernel(const struct vtop *v, uint64_t vaddr)
{
	struct mapping map;

	addrspace_translate(&v->analysis->kernel->as, vaddr, &map);
	return map.status == MAP_OK || vaddr >> (8 * v->analysis->dump->facts.word - 1);
}

static struct error *set_space(struct vtop *v, bool user, const char *pid, uint64_t vaddr)
{
	const struct task *task;
	struct error *err;

	v->as = v->analysis->kernel->as;
	if (pid) {
		if ((err = parse_task(v->analysis, pid, &task)))
			return err;
		if (!task->mm)
			return NULL;
		return is_kernel(v, vaddr) ? NULL
					   : user_addrspace(v->analysis->kernel, task->mm, &v->as);
	}
	return user ? analysis_user(v->analysis, &v->as) : NULL;
}

static struct error *run_all(struct vtop *v, struct cli *cli, bool kernel, bool user,
			     const char *pid)
{
	struct error *err = NULL;
	const char *word;
	uint64_t vaddr;

	while (!err && (word = cli_operand(cli))) {
		if ((err = parse_address(v->analysis, word, &vaddr)))
			break;
		err = set_space(v, user || (!kernel && !is_kernel(v, vaddr)), kernel ? NULL : pid,
				vaddr);
		if (!err)
			vtop(v, vaddr);
	}
	return err;
}

static int run(struct analysis *analysis, struct cli *cli)
{
	struct vtop v = {.analysis = analysis};
	bool kernel = false, user = false;
	const char *pid = NULL;
	struct error *err;
	int value;

	while ((value = cli_next(cli)) != -1) {
		switch (value) {
		case 'c': pid = cli->arg; break;
		case 'k': kernel = true; break;
		case 'u': user = true; break;
		default: break;
		}
	}
	if (cli->next == cli->argc)
		return cli_fail(cli, error_create(ERROR_USAGE, "vtop needs an address"));
	if ((err = analysis_open(analysis)))
		return cli_fail(cli, err);
	if (!analysis->kernel->translates)
		return cli_fail(cli, error_create(ERROR_NOT_FOUND, "%s",
						  analysis->kernel->reason->message));
	rows_begin(&v.rows, stdout, cli->json, "vtop");
	rows_begin_list(&v.rows, "addresses", "");
	err = run_all(&v, cli, kernel, user, pid);
	rows_end_list(&v.rows);
	rows_end(&v.rows);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

const struct command command_vtop = {
	.name = "vtop",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP vtop [-k | -u | -c PID] ADDRESS...",
		 .summary = "From virtual to physical addresses, step by step.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
