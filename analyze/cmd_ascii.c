// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "util/rows.h"

static void print_chart(void)
{
	static const char *const controls[] = {
		"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS",  "HT",  "LF",
		"VT",  "FF",  "CR",  "SO",  "SI",  "DLE", "DC1", "DC2", "DC3", "DC4", "NAK",
		"SYN", "ETB", "CAN", "EM",  "SUB", "ESC", "FS",  "GS",  "RS",  "US",  "SP",
	};

	puts("\n      0    1   2   3   4   5   6   7\n    +-------------------------------");
	for (unsigned int low = 0; low < 16; low++) {
		printf("  %X |", low);
		for (unsigned int high = 0; high < 8; high++) {
			unsigned int c = high << 4 | low;

			if (c < sizeof(controls) / sizeof(controls[0]))
				printf(" %3s", controls[c]);
			else if (c == 0x7f)
				printf(" DEL");
			else
				printf("  %c ", c);
		}
		putchar('\n');
	}
	putchar('\n');
}

/* The bytes of a number as they stand in memory. */
static void print_text(const struct analysis *analysis, struct rows *rows, uint64_t value)
{
	bool big_endian = analysis->kernel && analysis->kernel->as.big_endian;
	char text[9] = "";

	for (unsigned int i = 0, left = 8; i < 8; i++) {
		unsigned int shift = 8 * (big_endian ? 7 - i : i);
		uint8_t c = (uint8_t)(value >> shift);

		// leading zeros of a big-endian number are none of its bytes
		if (big_endian && !(value >> shift))
			continue;
		text[8 - left--] = c >= 0x20 && c < 0x7f ? (char)c : '.';
		if (!big_endian && !(value >> shift >> 8))
			break;
	}
	if (rows->as_json) {
		rows_begin_row(rows);
		rows_cell_hex(rows, value, 0);
		rows_cell_text(rows, text);
		rows_end_row(rows);
	} else {
		printf("%016" PRIx64 ": %s\n", value, text);
	}
}

static const struct rows_column columns[] = {{"value", "", 0}, {"text", "", 0}};

static int run(struct analysis *analysis, struct cli *cli)
{
	struct error *err = NULL;
	const char *word;
	struct rows rows;
	uint64_t value;

	while (cli_next(cli) != -1)
		;
	if (cli->next == cli->argc) {
		print_chart();
		return CLI_DONE;
	}
	if ((err = analysis_open(analysis)))
		return cli_fail(cli, err);
	rows_begin(&rows, stdout, cli->json, "ascii");
	rows_begin_table(&rows, "values", columns, 2, false);
	while (!err && (word = cli_operand(cli)))
		if (!(err = parse_address(analysis, word, &value)))
			print_text(analysis, &rows, value);
	rows_end_table(&rows);
	rows_end(&rows);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

const struct command command_ascii = {
	.name = "ascii",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP ascii [NUMBER...]",
		 .summary = "The text that a number is in memory; without one all characters."},
	.run = run,
};
