// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "kernel/cdecl.h"
#include "kernel/kernel.h"
#include "kernel/percpu.h"
#include "kernel/symbols.h"
#include "kernel/tasks.h"
#include "util/rows.h"
#include "util/sys.h"
#include "util/utf8.h"

static const struct cli_option options[] = {
	{'d', NULL, NULL, "numbers in decimal"},
	{'x', NULL, NULL, "numbers in hexadecimal"},
};

struct request {
	struct analysis *analysis;
	struct expr_env env;
	struct cvalue_format format;
	struct rows rows;
	const char *text;
	bool is_symbol; /* the text is the name of one and nothing else */
};

/* "(struct list_head *) " before a pointer that is a value by itself. */
static void put_cast(const struct cvalue *value)
{
	struct ctype_view view;
	char type[CDECL_LEN];

	if (!value->typed)
		return;
	ctype_look(&value->type, &view);
	if (view.shape == CTYPE_FUNCTION) {
		struct ctype proto = {.btf = value->type.btf, .id = view.type.type};

		cdecl_text(view.type.kind == BTF_FUNC ? &proto : &value->type, "", type);
		printf("{%s} ", type);
	} else if (view.shape == CTYPE_POINTER && !ctype_is_char(&view.target)) {
		cdecl_text(&value->type, "", type);
		printf("(%s) ", type);
	}
}

static struct error *show(struct request *r, const char *label)
{
	struct cvalue value;
	struct error *err = expr_evaluate(&r->env, r->text, &value);

	if (err)
		return err;
	if (value.stored && !value.typed)
		return error_create(
			ERROR_NOT_FOUND,
			"the type of %s is not known: (TYPE)%s tells it; it is at 0x%llx", r->text,
			r->text, (unsigned long long)value.addr);
	if (r->format.json) {
		json_begin_object(r->format.json, NULL);
		json_string(r->format.json, "expression", label);
		if (value.stored)
			json_hex(r->format.json, "address", value.addr);
		cvalue_print(r->analysis->kernel, &value, &r->format, 0, "value");
		json_end_object(r->format.json);
		return NULL;
	}
	utf8_put_safe(stdout, label);
	fputs(*label ? " = " : "", stdout);
	put_cast(&value);
	cvalue_print(r->analysis->kernel, &value, &r->format, 0, NULL);
	putchar('\n');
	return NULL;
}

static struct error *show_copies(struct request *r, const struct cpu_list *cpus)
{
	struct error *err = NULL;
	char label[300];

	r->env.percpu = r->analysis->tasks->percpu;
	for (r->env.cpu = 0; r->env.cpu < cpus->nr && !err; r->env.cpu++) {
		if (!cpus->wanted[r->env.cpu])
			continue;
		snprintf(label, sizeof(label), "per_cpu(%s, %u)", r->text, r->env.cpu);
		err = show(r, label);
	}
	return err;
}

/* What a per-CPU variable is, and where its copies are. */
static struct error *list_copies(struct request *r, uint64_t vaddr)
{
	const struct tasks *tasks;
	struct cvalue value;
	struct error *err;
	uint64_t copy;

	if ((err = analysis_tasks(r->analysis, &tasks)) ||
	    (err = expr_evaluate(&r->env, r->text, &value)))
		return err;
	if (r->format.json) {
		struct cpu_list cpus = {.nr = tasks->percpu->nr};

		cpus.wanted = sys_calloc(cpus.nr, sizeof(cpus.wanted[0]));
		if (!cpus.wanted)
			return &error_nomem;
		for (unsigned int cpu = 0; cpu < cpus.nr; cpu++)
			cpus.wanted[cpu] = tasks->percpu->cpus[cpu].present;
		err = show_copies(r, &cpus);
		cpu_list_deinit(&cpus);
		return err;
	}
	puts("PER-CPU DATA TYPE:");
	fputs("  ", stdout);
	if (value.typed)
		cdecl_print(stdout, &value.type, r->text);
	else
		fputs("(not known)", stdout);
	puts(";\nPER-CPU ADDRESSES:");
	for (unsigned int cpu = 0; cpu < tasks->percpu->nr; cpu++)
		if (tasks->percpu->cpus[cpu].present &&
		    percpu_address(tasks->percpu, vaddr, cpu, &copy))
			printf("  [%u]: %" PRIx64 "\n", cpu, copy);
	return NULL;
}

static struct error *p(struct request *r)
{
	_cleanup_cpus_ struct cpu_list cpus = {0};
	struct error *err;
	uint64_t vaddr;

	if ((err = parse_cpus(r->analysis, r->text, &cpus)))
		return err;
	r->text = cpus.name;
	if (cpus.nr)
		return show_copies(r, &cpus);
	r->is_symbol = r->env.symbols && symbols_lookup(r->env.symbols, r->text, &vaddr);
	if (r->is_symbol && expr_is_percpu(&r->env, vaddr))
		return list_copies(r, vaddr);
	return show(r, r->is_symbol || r->format.json ? r->text : "");
}

static int run(struct analysis *analysis, struct cli *cli)
{
	struct request r = {.analysis = analysis};
	_cleanup_free_ char *text = NULL;
	struct error *err;
	bool hex = false;
	int value;

	while ((value = cli_next(cli)) != -1)
		hex = value == 'x';
	hex = hex || (analysis->slash && strchr(analysis->slash, 'x'));
	r.text = text = command_rest(cli);
	if (!text)
		return cli_fail(cli, &error_nomem);
	if (!*text)
		return cli_fail(cli, error_create(ERROR_USAGE, "p needs an expression"));
	if ((err = analysis_expr(analysis, true, &r.env)))
		return cli_fail(cli, err);
	r.format = analysis_format(analysis, hex);
	rows_begin(&r.rows, stdout, cli->json, "p");
	rows_begin_list(&r.rows, "values", "");
	if (cli->json)
		r.format.json = &r.rows.json;
	err = p(&r);
	rows_end_list(&r.rows);
	rows_end(&r.rows);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

const struct command command_p = {
	.name = "p",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP p [-x] EXPRESSION[:CPUS]",
		 .summary = "The value of an expression of C.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
	.takes_format = true,
};
