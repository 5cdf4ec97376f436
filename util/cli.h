/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every command line of the suite shares. A tool declares its options once, in a const table,
 * from which come parsing, usage text and, by lint, the check against man page and completion.
 */
#ifndef UTIL_CLI_H
#define UTIL_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

/** Exit codes are part of the interface: vmcore-tools(7). */
enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1, /**< nothing usable was written */
	CLI_USAGE = 2,
	CLI_INCOMPLETE = 3, /**< usable output that lacks something, marked so in the file */
	CLI_DAMAGED = 4,    /**< done, but parts of the input were damaged and left out */
};

/** Values of long options without a letter begin here. */
#define CLI_LONG 256

struct cli_option {
	int value;        /**< the letter, or CLI_LONG + n */
	const char *name; /**< without dashes; NULL when there is only a letter */
	const char *arg;  /**< "FILE"; NULL when there is none; "[=MODE]" when it is optional */
	const char *help; /**< one line; further lines after \n are indented alike */
};

struct cli_tool {
	const char *name;     /**< "vmcore-filter" */
	const char *synopsis; /**< lines after the name, separated by \n */
	const char *summary;  /**< one sentence */
	const struct cli_option *options;
	size_t nr_options;
	bool in_order; /**< options end at the first operand, which cli_operand() takes */
	bool one_dash; /**< long options may begin with one dash too: -64 */
};

struct cli {
	const struct cli_tool *tool;
	int argc;
	char **argv;
	void *getopt; /**< built from the table */
	char *letters;
	const char *arg; /**< of the option that cli_next() returned, or NULL */
	int next;        /**< after cli_next() returned -1: index of the first operand */
	int verbose;     /**< how many -v */
	bool json;       /**< --json */
};

/** Prepares parsing. The common options (--help, --version, -v, --json) need no line in the table:
 * they are handled here; --help and --version print and exit(0). */
void cli_init(struct cli *cli, const struct cli_tool *tool, int argc, char **argv);

/** The value of the next option, or -1 when operands begin. A wrong option prints one line and
 * exits with CLI_USAGE. */
int cli_next(struct cli *cli);

/** Goes through all options beforehand, for those who must not exit: returns -1 when the command
 * line is good, else the exit code of what a wrong option or --help has printed. Then cli_init() is
 * due again. */
int cli_check(struct cli *cli);

/** The next operand, or NULL, after cli_next() returned -1. Where a tool parses in order more
 * options may follow it. */
const char *cli_operand(struct cli *cli);

void cli_deinit(struct cli *cli);

/** One line on stderr, "vmcore-x: message"; takes the error. Returns CLI_USAGE for ERROR_USAGE,
 * else CLI_FAILED. */
int cli_fail(const struct cli *cli, struct error *err);

/** One line on stderr, "vmcore-x: text". */
void cli_say(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** A byte count with an optional K, M, G, T (powers of 1024; an i and B may follow). */
struct error *cli_parse_size(const char *text, uint64_t *ret);

/** A number in [min, max], decimal or 0x. what names it in the message. */
struct error *cli_parse_number(const char *what, const char *text, uint64_t min, uint64_t max,
			       uint64_t *ret);

/** "1.4 GiB", "812 KiB", "17 bytes", in a buffer of the caller. */
const char *cli_format_size(uint64_t bytes, char buf[static 32]);

/** Flushes stdout; a full disk or a closed pipe is a failure for output tools too. Returns code, or
 * CLI_FAILED. */
int cli_close_stdout(const struct cli *cli, int code);

#endif
