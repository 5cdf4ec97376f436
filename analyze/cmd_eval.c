// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "util/rows.h"
#include "util/sys.h"

static const struct cli_option options[] = {
	{'b', NULL, NULL, "also the numbers of the bits that are set"},
	{'l', NULL, NULL, "as 64 bits, which it always is"},
};

/* "(128MB)" for what is a round number of them. */
static void size_text(uint64_t value, char buf[static 32])
{
	static const char *const units[] = {"KB", "MB", "GB"};

	buf[0] = '\0';
	for (unsigned int i = 0; i < 3; i++) {
		unsigned int shift = 10 * (i + 1);

		// GB only when it is nothing but that
		if (value && !(value & ((1ULL << shift) - 1)) && (i < 2 || value >> shift < 1024))
			snprintf(buf, 32, "  (%" PRIu64 "%s)", value >> shift, units[i]);
	}
}

static void print(uint64_t value, bool bits)
{
	char size[32];

	size_text(value, size);
	printf("hexadecimal: %" PRIx64 "%s\n    decimal: %" PRIu64, value, size, value);
	if ((int64_t)value < 0)
		printf("  (%" PRId64 ")", (int64_t)value);
	printf("\n      octal: %" PRIo64 "\n     binary: ", value);
	for (unsigned int bit = 64; bit-- > 0;)
		putchar(value >> bit & 1 ? '1' : '0');
	putchar('\n');
	if (!bits)
		return;
	printf("   bits set:");
	for (unsigned int bit = 64; bit-- > 0;)
		if (value >> bit & 1)
			printf(" %u", bit);
	putchar('\n');
}

/* Numbers alone need no dump. */
static struct error *evaluate(struct analysis *analysis, const char *text, uint64_t *ret)
{
	struct expr_env env = {0};
	struct error *err = expr_number(&env, text, ret);

	if (!err || err->code != ERROR_NOT_FOUND)
		return err;
	error_destroy(err);
	if ((err = analysis_expr(analysis, false, &env)))
		return err;
	return expr_number(&env, text, ret);
}

static int run(struct analysis *analysis, struct cli *cli)
{
	_cleanup_free_ char *text = NULL;
	struct error *err;
	struct rows rows;
	bool bits = false;
	uint64_t value;
	int option;

	while ((option = cli_next(cli)) != -1)
		bits = bits || option == 'b';
	text = command_rest(cli);
	if (!text)
		return cli_fail(cli, &error_nomem);
	if (!*text)
		return cli_fail(cli, error_create(ERROR_USAGE, "eval needs an expression"));
	if ((err = evaluate(analysis, text, &value)))
		return cli_fail(cli, err);
	if (!cli->json) {
		print(value, bits);
		return CLI_DONE;
	}
	rows_begin(&rows, stdout, true, "eval");
	rows_hex(&rows, "hexadecimal", "", value);
	rows_number(&rows, "decimal", "", value);
	rows_end(&rows);
	return CLI_DONE;
}

const struct command command_eval = {
	.name = "eval",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP eval [-b] EXPRESSION",
		 .summary = "The value of an expression of numbers and symbols, in every notation.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
};
