/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of vmcore-analyze. To add one: write analyze/cmd_x.c with its const struct command,
 * declare it here, put it into the table in analyze/command.c, and describe it in
 * man/vmcore-analyze.8 and analyze/vmcore-analyze.bash.
 */
#ifndef ANALYZE_COMMAND_H
#define ANALYZE_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cli.h"
#include "util/error.h"

struct dump_reader;
struct kernel;
struct modules;
struct panic_task;
struct task_filter;
struct tasks;
struct types;
struct unwinder;

/** What all commands of one run work on. */
struct analysis {
	const struct cli *cli;
	const char *path;         /**< of the dump */
	const char *vmcoreinfo;   /**< path of a text that replaces the dump's own, or NULL */
	struct dump_reader *dump; /**< NULL until analysis_open() */
	struct kernel *kernel;    /**< the same */
	bool safe; /**< what is printed reaches a terminal: log escapes what could command it */
	bool done; /**< the prompt ends */
	const volatile sig_atomic_t *stop; /**< somebody pressed ^C; NULL without a prompt */
	const char *slash; /**< what a command that takes it was written with: "/x"; or NULL */
	const struct task_filter *filter; /**< of foreach, for those that take it; else NULL */
	uint64_t task; /**< address of the task that commands are about; 0: nobody chose one */

	// what analyze/context.h knows; owned, NULL until a command asks for it
	struct modules *modules;
	struct types *types;
	struct tasks *tasks;
	struct panic_task *panic;
	struct unwinder *unwinder;
	bool asked_module_symbols;
};

/** Opens the dump and its kernel if that was not done yet, and says on stderr what is wrong with
 * the file though it opens. */
struct error *analysis_open(struct analysis *analysis);
void analysis_deinit(struct analysis *analysis);

/** Whether a long output shall end: nobody reads it, or ^C. */
bool analysis_stopped(const struct analysis *analysis);

struct command {
	const char *name;
	struct cli_tool tool; /**< for its --help; tool.name is that of the program */
	/** Parses its options and operands with cli and does its work; returns an exit code. Usage
	 * errors come before the dump is opened. */
	int (*run)(struct analysis *analysis, struct cli *cli);
	bool takes_format; /**< may be written as gdb's: p/x, x/4gx */
	bool takes_choice; /**< does by itself what foreach chose: analysis->filter */
	bool names_task;   /**< says itself which task it is about, so that foreach need not */
};

#define COMMAND_TOOL "vmcore-analyze"

extern const struct command command_ascii, command_bt, command_btop, command_eval, command_foreach,
	command_help, command_kmem, command_list, command_log, command_mach, command_mod, command_p,
	command_ps, command_pte, command_ptob, command_ptov, command_q, command_quit, command_exit,
	command_rd, command_report, command_runq, command_search, command_set, command_star,
	command_struct, command_sym, command_sys, command_task, command_union, command_vtop,
	command_whatis, command_x;

extern const struct command *const commands[];
extern const size_t nr_commands;

/** NULL when there is none of this name; what stands behind a / does not count. */
const struct command *command_find(const char *name);

/** One line on stderr that says so; returns CLI_USAGE. */
int command_unknown(const struct cli *cli, const char *name);

/** Runs one command line, the command's name in argv[0]; argv is written to. */
int command_run(struct analysis *analysis, int argc, char **argv);

/** Runs one line as it is typed, analyze/line.h, up to its end or the first ; in it. Returns its
 * exit code; *len becomes the length of what it was. */
int command_run_line(struct analysis *analysis, const char *line, size_t *len);

/** Runs "command; command", or lines. A command that is not known is found before the first one
 * runs. Returns the worst exit code. */
int command_run_script(struct analysis *analysis, const char *script);

/** The worse of two exit codes. */
int command_worse(int a, int b);

/** The operands that are left, as one text with a blank between them; NULL without memory. */
char *command_rest(struct cli *cli);

#endif
