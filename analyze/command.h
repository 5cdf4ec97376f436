/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of vmcore-analyze. To add one: write analyze/cmd_x.c with its const struct command,
 * declare it here, put it into the table in analyze/command.c, and describe it in
 * man/vmcore-analyze.8 and analyze/vmcore-analyze.bash.
 */
#ifndef ANALYZE_COMMAND_H
#define ANALYZE_COMMAND_H

#include <stddef.h>

#include "util/cli.h"
#include "util/error.h"

struct dump_reader;
struct kernel;

/** What all commands of one run work on. */
struct analysis {
	const struct cli *cli;
	const char *path;         /**< of the dump */
	const char *vmcoreinfo;   /**< path of a text that replaces the dump's own, or NULL */
	struct dump_reader *dump; /**< NULL until analysis_open() */
	struct kernel *kernel;    /**< the same */
};

/** Opens the dump and its kernel if that was not done yet, and says on stderr what is wrong with
 * the file though it opens. */
struct error *analysis_open(struct analysis *analysis);
void analysis_deinit(struct analysis *analysis);

struct command {
	const char *name;
	struct cli_tool tool; /**< for its --help; tool.name is that of the program */
	/** Parses its options and operands with cli and does its work; returns an exit code. Usage
	 * errors come before the dump is opened. */
	int (*run)(struct analysis *analysis, struct cli *cli);
};

#define COMMAND_TOOL "vmcore-analyze"

extern const struct command command_help, command_log, command_sys;

extern const struct command *const commands[];
extern const size_t nr_commands;

/** NULL when there is none of this name. */
const struct command *command_find(const char *name);

/** One line on stderr that names what there is; returns CLI_USAGE. */
int command_unknown(const struct cli *cli, const char *name);

/** Runs one command line, the command's name in argv[0]; argv is written to. */
int command_run(struct analysis *analysis, int argc, char **argv);

/** Runs "command; command". A command that is not known is found before the first one runs. Returns
 * the worst exit code. */
int command_run_script(struct analysis *analysis, const char *script);

#endif
