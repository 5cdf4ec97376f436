// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/dump.h"
#include "analyze/values.h"
#include "kernel/cdecl.h"
#include "kernel/kernel.h"
#include "kernel/percpu.h"
#include "kernel/tasks.h"
#include "util/rows.h"

#define MAX_OBJECTS 65536U

static const struct cli_option options[] = {
	{'c', NULL, "N", "so many objects, one behind the other"},
	{'d', NULL, NULL, "numbers in decimal"},
	{'l', NULL, "OFFSET", "the address is that of this member: a number, or STRUCT.MEMBER"},
	{'o', NULL, NULL, "the offsets of members, or with an address theirs"},
	{'r', NULL, NULL, "the bytes of it"},
	{'x', NULL, NULL, "numbers in hexadecimal"},
};

struct request {
	struct analysis *analysis;
	struct selection selection;
	struct cvalue_format format;
	struct rows rows;
	const char *offset; /* -l */
	uint64_t before, count;
	bool offsets, raw, hex;
};

/* One object, the number'th. */
static struct error *show(struct request *r, uint64_t addr, uint64_t number)
{
	const struct cdecl_format declared = {.offsets = true, .hex = r->hex, .base = addr};
	const struct selection *s = &r->selection;

	if (r->raw && s->nr == 1)
		return dump_memory(r->analysis, addr + s->members[0].offset, s->members[0].size);
	if (r->raw)
		return dump_memory(r->analysis, addr, s->size);
	if (r->offsets && s->nr) {
		char name[CDECL_LEN];

		cdecl_text(&s->type, "", name);
		printf("%s {\n", name);
		for (size_t i = 0; i < s->nr; i++)
			cdecl_print_member(stdout, &s->plain, &s->members[i], &declared);
		puts("}");
		return NULL;
	}
	if (r->offsets) {
		cdecl_print_struct(stdout, &s->type, &declared);
		putchar('\n');
		return NULL;
	}
	if (number && !s->nr && !r->format.json)
		putchar('\n');
	return selection_print(r->analysis, s, addr, &r->format);
}

static struct error *show_all(struct request *r, uint64_t addr)
{
	struct error *err = NULL;

	addr -= r->before;
	for (uint64_t i = 0; i < r->count && !err && !analysis_stopped(r->analysis); i++)
		err = show(r, addr + i * r->selection.size, i);
	return err;
}

/* The members of the type, without an object. */
static void declare(const struct request *r)
{
	const struct selection *s = &r->selection;
	const struct cdecl_format format = {.offsets = r->offsets || s->nr, .hex = r->hex};

	if (s->nr) {
		char name[CDECL_LEN];

		cdecl_text(&s->type, "", name);
		printf("%s {\n", name);
		for (size_t i = 0; i < s->nr; i++)
			cdecl_print_member(stdout, &s->plain, &s->members[i], &format);
		puts("}");
		return;
	}
	cdecl_print_struct(stdout, &s->type, &format);
	printf("\nSIZE: %" PRIu64 "\n", s->size);
}

static void declare_json(struct request *r)
{
	const struct selection *s = &r->selection;
	struct json *json = &r->rows.json;
	struct btf_member member;
	char text[CDECL_LEN];

	for (uint32_t i = 0; s->nr ? i < s->nr : btf_member(&s->plain, i, &member); i++) {
		struct ctype type = {.btf = s->type.btf};

		if (s->nr)
			member = s->members[i];
		type.id = member.type;
		cdecl_text(&type, "", text);
		json_begin_object(json, NULL);
		json_string(json, "name", s->nr ? s->names[i] : member.name);
		json_string(json, "type", text);
		json_u64(json, "offset", member.offset);
		json_u64(json, "size", member.size);
		if (member.bit_size) {
			json_u64(json, "bit_offset", member.bit - 8 * member.offset);
			json_u64(json, "bit_size", member.bit_size);
		}
		json_end_object(json);
	}
}

/* The copies that a per-CPU variable has. */
static struct error *show_copies(struct request *r, uint64_t addr, const struct cpu_list *cpus)
{
	struct error *err = NULL;

	for (unsigned int cpu = 0; cpu < cpus->nr && !err; cpu++) {
		uint64_t copy;

		if (!cpus->wanted[cpu] ||
		    !percpu_address(r->analysis->tasks->percpu, addr, cpu, &copy))
			continue;
		if (!r->format.json)
			printf("[%u]: %" PRIx64 "\n", cpu, copy);
		err = show_all(r, copy);
	}
	return err;
}

static struct error *parse(struct request *r, struct cli *cli)
{
	struct error *err = NULL;
	int value;

	r->count = 1;
	while (!err && (value = cli_next(cli)) != -1) {
		switch (value) {
		case 'c': err = cli_parse_number("-c", cli->arg, 1, MAX_OBJECTS, &r->count); break;
		case 'd': r->hex = false; break;
		case 'l': r->offset = cli->arg; break;
		case 'o': r->offsets = true; break;
		case 'r': r->raw = true; break;
		case 'x': r->hex = true; break;
		default: break;
		}
	}
	if (!err && cli->next == cli->argc)
		err = error_create(ERROR_USAGE, "the name of a type is missing");
	return err;
}

/* "struct", "task_struct.pid" or "task_struct": * leaves the tag to us, and the words may be two.
 */
static struct error *parse_type(struct request *r, const char *tag, struct cli *cli)
{
	const char *word = cli_operand(cli);

	if (!tag && cli->next < cli->argc && (!strcmp(word, "struct") || !strcmp(word, "union"))) {
		tag = word;
		word = cli_operand(cli);
	}
	return selection_parse(r->analysis, tag, word, &r->selection);
}

static struct error *show_operands(struct request *r, struct cli *cli)
{
	_cleanup_cpus_ struct cpu_list cpus = {0};
	const char *count;
	const char *text = cli_operand(cli);
	struct error *err;
	uint64_t addr;

	count = cli_operand(cli);
	if (cli_operand(cli))
		return error_create(ERROR_USAGE, "an address and a count are all");
	if ((r->offset && (err = parse_offset(r->analysis, r->offset, &r->before))) ||
	    (count && (err = cli_parse_number("count", count, 1, MAX_OBJECTS, &r->count))) ||
	    (err = parse_cpus(r->analysis, text, &cpus)) ||
	    (err = parse_address(r->analysis, cpus.name, &addr)))
		return err;
	return cpus.nr ? show_copies(r, addr, &cpus) : show_all(r, addr);
}

static int run_tag(struct analysis *analysis, struct cli *cli, const char *tag, const char *name)
{
	struct request r = {.analysis = analysis};
	struct error *err = parse(&r, cli);

	if (err || (err = parse_type(&r, tag, cli)))
		return cli_fail(cli, err);
	r.format = analysis_format(analysis, r.hex);
	rows_begin(&r.rows, stdout, cli->json, name);
	if (cli->json)
		r.format.json = &r.rows.json;
	if (cli->next == cli->argc && cli->json) {
		rows_number(&r.rows, "size", "", r.selection.size);
		rows_begin_list(&r.rows, "members", "");
		declare_json(&r);
		rows_end_list(&r.rows);
	} else if (cli->next == cli->argc) {
		declare(&r);
	} else {
		rows_begin_list(&r.rows, "objects", "");
		err = show_operands(&r, cli);
		rows_end_list(&r.rows);
	}
	rows_end(&r.rows);
	selection_deinit(&r.selection);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

static int run_struct(struct analysis *analysis, struct cli *cli)
{
	return run_tag(analysis, cli, "struct", "struct");
}

static int run_union(struct analysis *analysis, struct cli *cli)
{
	return run_tag(analysis, cli, "union", "union");
}

static int run_star(struct analysis *analysis, struct cli *cli)
{
	return run_tag(analysis, cli, NULL, "struct");
}

#define NR_OPTIONS (sizeof(options) / sizeof(options[0]))

const struct command command_struct = {
	.name = "struct",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP struct [options] NAME[.MEMBER,...] [ADDRESS[:CPUS] [COUNT]]",
		 .summary = "The members of a struct, or their values in the one at an address.",
		 .options = options,
		 .nr_options = NR_OPTIONS},
	.run = run_struct,
};

const struct command command_union = {
	.name = "union",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP union [options] NAME[.MEMBER,...] [ADDRESS[:CPUS] [COUNT]]",
		 .summary = "As struct, for unions.",
		 .options = options,
		 .nr_options = NR_OPTIONS},
	.run = run_union,
};

const struct command command_star = {
	.name = "*",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP '*' [options] NAME[.MEMBER,...] [ADDRESS[:CPUS] [COUNT]]",
		 .summary = "As struct, for whatever type has this name.",
		 .options = options,
		 .nr_options = NR_OPTIONS},
	.run = run_star,
};
