// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "kernel/percpu.h"
#include "kernel/symbols.h"
#include "kernel/tasks.h"
#include "util/rows.h"
#include "util/utf8.h"

static const struct cli_option options[] = {
	{'l', NULL, NULL, "all symbols"},
	{'M', NULL, NULL, "all symbols of modules"},
	{'m', NULL, "MODULE", "all symbols of one module"},
	{'n', NULL, NULL, "the next symbol too"},
	{'p', NULL, NULL, "the symbol before it too"},
	{'q', NULL, "TEXT", "the symbols that have this text in their names"},
};

static const struct rows_column columns[] = {
	{"address", "", 0}, {"type", "", 0},   {"name", "", 0},
	{"offset", "", 0},  {"module", "", 0}, {"size", "", 0},
};

struct sym {
	const struct analysis *analysis;
	struct rows rows;
	const struct symbols *symbols;
	const char *text, *module;
	bool list, modules, next, previous;
	size_t found;
};

/* Given the address that was asked for, or the symbol's own. */
static void print(struct sym *sym, const struct symbol *symbol, uint64_t addr)
{
	uint64_t offset = addr - symbol->addr;
	struct rows *rows = &sym->rows;
	char type[2] = {symbol->type, '\0'};

	sym->found++;
	if (!rows->as_json) {
		printf("%" PRIx64 " (", addr);
		utf8_put_safe(stdout, type);
		fputs(") ", stdout);
		utf8_put_safe(stdout, symbol->name);
		if (offset)
			printf("+%" PRIu64, offset);
		if (symbol->module[0]) {
			fputs(" [", stdout);
			utf8_put_safe(stdout, symbol->module);
			putchar(']');
		}
		putchar('\n');
		return;
	}
	rows_begin_row(rows);
	rows_cell_hex(rows, addr, 0);
	rows_cell_text(rows, type);
	rows_cell_text(rows, symbol->name);
	rows_cell_number(rows, (int64_t)offset);
	if (symbol->module[0])
		rows_cell_text(rows, symbol->module);
	else
		rows_cell_none(rows);
	rows_cell_number(rows, (int64_t)symbol->size);
	rows_end_row(rows);
}

static bool take(void *arg, const struct symbol *symbol)
{
	struct sym *sym = arg;

	if ((!sym->text || strstr(symbol->name, sym->text)) &&
	    (!sym->modules || symbol->module[0]) &&
	    (!sym->module || !strcmp(symbol->module, sym->module)))
		print(sym, symbol, symbol->addr);
	return !analysis_stopped(sym->analysis);
}

/* Symbols that are named alike, and those beside one. */
struct beside {
	struct sym *sym;
	uint64_t addr;
	struct symbol last, behind;
	bool has_last, has_behind;
};

static bool look(void *arg, const struct symbol *symbol)
{
	struct beside *beside = arg;

	if (symbol->addr < beside->addr &&
	    (!beside->has_last || symbol->addr > beside->last.addr)) {
		beside->last = *symbol;
		beside->has_last = true;
	}
	if (symbol->addr > beside->addr &&
	    (!beside->has_behind || symbol->addr < beside->behind.addr)) {
		beside->behind = *symbol;
		beside->has_behind = true;
	}
	return true;
}

static void print_at(struct sym *sym, const struct symbol *symbol, uint64_t addr)
{
	struct beside beside = {.sym = sym, .addr = symbol->addr};

	if (sym->next || sym->previous)
		symbols_each(sym->symbols, look, &beside);
	if (sym->previous && beside.has_last)
		print(sym, &beside.last, beside.last.addr);
	print(sym, symbol, addr);
	if (sym->next && beside.has_behind)
		print(sym, &beside.behind, beside.behind.addr);
}

struct named {
	struct sym *sym;
	const char *name;
};

static bool take_named(void *arg, const struct symbol *symbol)
{
	const struct named *named = arg;

	if (!strcmp(symbol->name, named->name))
		print_at(named->sym, symbol, symbol->addr);
	return true;
}

/* The copies of a per-CPU symbol. */
static void print_copies(struct analysis *analysis, struct sym *sym, const struct symbol *symbol,
			 const struct cpu_list *cpus)
{
	struct symbol copy = *symbol;

	for (unsigned int cpu = 0; cpu < cpus->nr; cpu++) {
		uint64_t addr;

		if (!cpus->wanted[cpu] ||
		    !percpu_address(analysis->tasks->percpu, symbol->addr, cpu, &addr))
			continue;
		copy.addr = addr;
		if (!sym->rows.as_json)
			printf("[%u]: ", cpu);
		print(sym, &copy, addr);
	}
}

static struct error *find(struct analysis *analysis, struct sym *sym, const char *text)
{
	_cleanup_cpus_ struct cpu_list cpus = {0};
	struct error *err = parse_cpus(analysis, text, &cpus);
	struct named named = {sym, cpus.name};
	struct symbol symbol;
	size_t before = sym->found;
	uint64_t addr;

	if (err)
		return err;
	// a name first: "add" is a symbol sooner than a number
	if (!symbols_lookup(sym->symbols, cpus.name, &addr)) {
		if ((err = parse_address(analysis, cpus.name, &addr)))
			return err;
		if (!symbols_at(sym->symbols, addr, &symbol))
			return error_create(ERROR_NOT_FOUND, "no symbol at 0x%llx",
					    (unsigned long long)addr);
		print_at(sym, &symbol, addr);
		return NULL;
	}
	if (cpus.nr) {
		if (symbols_at(sym->symbols, addr, &symbol))
			print_copies(analysis, sym, &symbol, &cpus);
		return NULL;
	}
	symbols_each(sym->symbols, take_named, &named);
	return sym->found == before ? error_create(ERROR_NOT_FOUND, "no symbol %s", text) : NULL;
}

/* The image alone, when that has it: modules need types. */
static struct error *load(struct analysis *analysis, struct sym *sym, const struct cli *cli)
{
	bool all = sym->text || sym->module || sym->list || sym->modules;
	struct symbols *symbols;
	struct error *err = analysis_symbols(analysis, all, &symbols);
	uint64_t addr;

	for (int i = cli->next; !err && !all && i < cli->argc; i++)
		if (!symbols_lookup(symbols, cli->argv[i], &addr))
			err = analysis_symbols(analysis, true, &symbols);
	sym->symbols = symbols;
	return err;
}

static int run(struct analysis *analysis, struct cli *cli)
{
	struct sym sym = {.analysis = analysis};
	struct error *err;
	const char *word;
	int value;

	while ((value = cli_next(cli)) != -1) {
		switch (value) {
		case 'l': sym.list = true; break;
		case 'M': sym.modules = true; break;
		case 'm': sym.module = cli->arg; break;
		case 'n': sym.next = true; break;
		case 'p': sym.previous = true; break;
		case 'q': sym.text = cli->arg; break;
		default: break;
		}
	}
	if (!sym.text && !sym.module && !sym.list && !sym.modules && cli->next == cli->argc)
		return cli_fail(cli, error_create(ERROR_USAGE, "sym needs a name or an address"));
	if ((err = load(analysis, &sym, cli)))
		return cli_fail(cli, err);
	rows_begin(&sym.rows, stdout, cli->json, "sym");
	rows_begin_table(&sym.rows, "symbols", columns, sizeof(columns) / sizeof(columns[0]),
			 false);
	if (sym.text || sym.module || sym.list || sym.modules)
		symbols_each(sym.symbols, take, &sym);
	while (!err && (word = cli_operand(cli)))
		err = find(analysis, &sym, word);
	rows_end_table(&sym.rows);
	rows_end(&sym.rows);
	if (!err && !sym.found)
		err = error_create(ERROR_NOT_FOUND, "no such symbol");
	return err ? cli_fail(cli, err) : CLI_DONE;
}

const struct command command_sym = {
	.name = "sym",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP sym [-n] [-p] SYMBOL[:CPUS] | ADDRESS ...\n"
			     "DUMP sym -l | -M | -m MODULE | -q TEXT",
		 .summary = "The address of a symbol, or the symbol at an address.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
