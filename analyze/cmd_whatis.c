// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "analyze/values.h"
#include "kernel/cdecl.h"
#include "util/rows.h"
#include "util/sys.h"

static const struct cli_option options[] = {
	{'o', NULL, NULL, "with the offsets of members"},
	{'x', NULL, NULL, "offsets in hexadecimal"},
};

static void print_size(const struct ctype *type)
{
	uint64_t size;

	if (ctype_size(type, &size))
		printf("SIZE: %" PRIu64 "\n", size);
}

/* A type as it is declared. */
static void print_type(const struct ctype *type, const char *text,
		       const struct cdecl_format *format)
{
	struct btf_type plain;
	struct ctype of = *type;

	if (!type->pointers && !type->elements && btf_get(type->btf, type->id, &plain)) {
		if (plain.kind == BTF_TYPEDEF) {
			of.id = plain.type;
			cdecl_print_typedef(stdout, &of, plain.name);
			puts(";");
			print_size(type);
			return;
		}
		if (plain.kind == BTF_ENUM || plain.kind == BTF_ENUM64) {
			cdecl_print_struct(stdout, type, format);
			puts(";");
			return;
		}
		if (plain.kind == BTF_STRUCT || plain.kind == BTF_UNION) {
			cdecl_print_struct(stdout, type, format);
			putchar('\n');
			print_size(type);
			return;
		}
	}
	cdecl_print(stdout, type, "");
	putchar('\n');
	print_size(type);
}

static void print_json(const struct ctype *type, const char *name)
{
	char text[CDECL_LEN];
	struct rows rows;
	uint64_t size;

	cdecl_text(type, name, text);
	rows_begin(&rows, stdout, true, "whatis");
	rows_text(&rows, "declaration", "", text);
	if (ctype_size(type, &size))
		rows_number(&rows, "size", "", size);
	rows_end(&rows);
}

/* A function's own type is its prototype. */
static struct ctype without_name(const struct ctype *type)
{
	struct ctype of = *type;
	struct btf_type plain;

	if (!type->pointers && btf_get(type->btf, type->id, &plain) && plain.kind == BTF_FUNC)
		of.id = plain.type;
	return of;
}

/* "struct page.flags", "page.flags"; false when it is none. */
static bool is_member(struct analysis *analysis, const char *text,
		      const struct cdecl_format *format)
{
	const struct cdecl_format with_offset = {.offsets = true, .hex = format->hex};
	_cleanup_selection_ struct selection s = {0};
	char name[CDECL_LEN];

	if (error_ignore(selection_parse(analysis, NULL, text, &s)) || !s.nr)
		return false;
	cdecl_text(&s.type, "", name);
	printf("%s {\n", name);
	for (size_t i = 0; i < s.nr; i++)
		cdecl_print_member(stdout, &s.plain, &s.members[i], &with_offset);
	puts("}");
	return true;
}

static struct error *whatis(struct analysis *analysis, const char *text,
			    const struct cdecl_format *format, bool as_json)
{
	struct expr_env env;
	struct cvalue value = {0};
	struct types *types;
	struct ctype type;
	struct error *err, *no_value;

	if ((err = analysis_types(analysis, &types)))
		return err;
	if (!as_json && is_member(analysis, text, format))
		return NULL;
	err = types_parse(types, text, &type);
	if (!err && as_json)
		print_json(&type, "");
	else if (!err)
		print_type(&type, text, format);
	if (!err || err == &error_nomem)
		return err;
	if (!(no_value = analysis_expr(analysis, true, &env)))
		no_value = expr_evaluate(&env, text, &value);
	if (!no_value && value.typed) {
		error_destroy(err);
		type = without_name(&value.type);
		if (as_json) {
			print_json(&type, text);
		} else {
			cdecl_print(stdout, &type, text);
			puts(";");
		}
		return NULL;
	}
	if (!no_value)
		no_value = error_create(ERROR_NOT_FOUND, "the type of %s is not known", text);
	error_destroy(err);
	return no_value;
}

static int run(struct analysis *analysis, struct cli *cli)
{
	_cleanup_free_ char *text = NULL;
	struct cdecl_format format = {0};
	struct error *err;
	int value;

	while ((value = cli_next(cli)) != -1) {
		if (value == 'o')
			format.offsets = true;
		else
			format.hex = true;
	}
	text = command_rest(cli);
	if (!text)
		return cli_fail(cli, &error_nomem);
	if (!*text)
		return cli_fail(cli, error_create(ERROR_USAGE, "whatis needs a name"));
	err = whatis(analysis, text, &format, cli->json);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

const struct command command_whatis = {
	.name = "whatis",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP whatis [-o] [-x] TYPE | EXPRESSION",
		 .summary = "The declaration of a type, a variable or a function.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
