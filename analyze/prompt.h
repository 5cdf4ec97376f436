/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that somebody types, or that stand in a file. */
#ifndef ANALYZE_PROMPT_H
#define ANALYZE_PROMPT_H

#include <stdbool.h>

struct analysis;

/** Reads commands from the terminal and runs them, until quit or the end of input. */
int prompt_run(struct analysis *analysis);

/** Runs the commands in a file, "-" for standard input. Returns the worst exit code. */
int prompt_run_file(struct analysis *analysis, const char *path);

/** The next line, without its newline; the caller frees it. NULL at the end. With libedit it can be
 * edited, completed and called back. analyze/prompt_edit.c */
char *prompt_read_line(const char *prompt);

#endif
