// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/values.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/list.h"
#include "util/rows.h"

#define MAX_SELECTIONS 8

static const struct cli_option options[] = {
	{'d', NULL, NULL, "numbers in decimal"},
	{'e', NULL, "ADDRESS", "ends with this link"},
	{'H', NULL, NULL,
	 "the address is that of the list_head or hlist_head, which is no element"},
	{'h', NULL, NULL, "the address is that of an element, in which the list_head is at OFFSET"},
	{'o', NULL, "OFFSET", "of the link in each element: a number, or STRUCT.MEMBER"},
	{'r', NULL, NULL, "the other way round, along prev"},
	{'s', NULL, "STRUCT[.MEMBER,...]", "show each element, or these members"},
	{'x', NULL, NULL, "numbers in hexadecimal"},
};

struct request {
	struct analysis *analysis;
	struct rows rows;
	struct cvalue_format format;
	const char *end, *offset, *shown[MAX_SELECTIONS];
	struct selection selections[MAX_SELECTIONS];
	size_t nr;
	bool head, element, backwards, hex;
};

static struct error *parse(struct request *r, struct cli *cli)
{
	int value;

	while ((value = cli_next(cli)) != -1) {
		switch (value) {
		case 'd': r->hex = false; break;
		case 'e': r->end = cli->arg; break;
		case 'H': r->head = true; break;
		case 'h': r->element = true; break;
		case 'o': r->offset = cli->arg; break;
		case 'r': r->backwards = true; break;
		case 's':
			if (r->nr == MAX_SELECTIONS)
				return error_create(ERROR_USAGE, "more than %d -s", MAX_SELECTIONS);
			r->shown[r->nr++] = cli->arg;
			break;
		case 'x': r->hex = true; break;
		default: break;
		}
	}
	return NULL;
}

static struct error *show(struct request *r, uint64_t element)
{
	struct error *err = NULL;

	if (r->format.json) {
		if (!r->nr)
			json_hex(r->format.json, NULL, element);
	} else {
		printf("%" PRIx64 "\n", element);
	}
	for (size_t i = 0; i < r->nr; i++) {
		err = selection_print(r->analysis, &r->selections[i], element, &r->format);
		// one that cannot be read does not end the list
		if (err && err->code == ERROR_FORMAT && !r->format.json)
			printf("  (%s)\n", err->message);
		if (err && err->code != ERROR_FORMAT)
			return err;
		error_destroy(err);
	}
	return NULL;
}

/* Where the walk begins and what ends it: links, of which elements are offset away. */
static struct error *begin(struct request *r, uint64_t start, uint64_t offset,
			   struct list_walk *walk, uint64_t *before)
{
	uint64_t word = r->analysis->dump->facts.word, end = 0, first;
	uint64_t next = r->backwards ? word : 0;
	struct error *err;

	if (r->end && (err = parse_address(r->analysis, r->end, &end)))
		return err;
	*before = 0;
	if (r->head) {
		if (!kernel_read_word(r->analysis->kernel, start + next, &first))
			return error_create(ERROR_FORMAT, "unreadable at %llx",
					    (unsigned long long)start);
		*before = offset;
		list_init(walk, r->analysis->kernel, first, next, start);
		walk->started = true;
	} else if (r->element) {
		*before = offset;
		list_init(walk, r->analysis->kernel, start + offset, next, start + offset);
	} else {
		// the next pointer itself is at the offset, and leads to an element
		list_init(walk, r->analysis->kernel, start, offset + next, start);
	}
	if (r->end)
		walk->stop = end;
	return NULL;
}

static struct error *list(struct request *r, uint64_t start, uint64_t offset)
{
	_cleanup_list_ struct list_walk walk = {0};
	struct error *err;
	uint64_t link, before;

	for (size_t i = 0; i < r->nr; i++)
		if ((err = selection_parse(r->analysis, NULL, r->shown[i], &r->selections[i])))
			return err;
	if ((err = begin(r, start, offset, &walk, &before)))
		return err;
	while (!err && !analysis_stopped(r->analysis) && list_next(&walk, &link))
		err = show(r, link - before);
	return err ? err : list_error(&walk);
}

/* "-h ADDRESS", "STRUCT.MEMBER ADDRESS", in any order, as crash has them. */
static struct error *parse_operands(struct request *r, struct cli *cli, uint64_t *start,
				    uint64_t *offset)
{
	const char *word, *address = NULL;
	struct error *err = NULL;

	while (!err && (word = cli_operand(cli))) {
		if (!r->offset && strchr(word, '.') && !isdigit((unsigned char)*word))
			r->offset = word;
		else if (!address)
			address = word;
		else
			err = error_create(ERROR_USAGE, "list begins with one address");
	}
	if (!err && !address)
		err = error_create(ERROR_USAGE, "list needs an address");
	*offset = 0;
	if (!err && r->offset)
		err = parse_offset(r->analysis, r->offset, offset);
	return err ? err : parse_address(r->analysis, address, start);
}

static int run(struct analysis *analysis, struct cli *cli)
{
	struct request r = {.analysis = analysis};
	struct error *err = parse(&r, cli);
	uint64_t start, offset;
	int code = CLI_DONE;

	if (err || (err = parse_operands(&r, cli, &start, &offset)) ||
	    (err = analysis_open(analysis)))
		return cli_fail(cli, err);
	if (r.nr)
		r.format = analysis_format(analysis, r.hex);
	rows_begin(&r.rows, stdout, cli->json, "list");
	rows_begin_list(&r.rows, "elements", "");
	r.format.json = cli->json ? &r.rows.json : NULL;
	err = list(&r, start, offset);
	rows_end_list(&r.rows);
	rows_end(&r.rows);
	if (err)
		code = err->code == ERROR_FORMAT ? (cli_fail(cli, err), CLI_DAMAGED)
						 : cli_fail(cli, err);
	for (size_t i = 0; i < r.nr; i++)
		selection_deinit(&r.selections[i]);
	return code;
}

const struct command command_list = {
	.name = "list",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP list [-r] [-o OFFSET] [-e ADDRESS] [-s STRUCT[.MEMBER,...]] "
			     "ADDRESS\n"
			     "DUMP list -h [...] ADDRESS\n"
			     "DUMP list -H [...] ADDRESS",
		 .summary = "The elements of a linked list.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
