/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the standard output of one command goes: a shell command, a file, or where it went before.
 */
#ifndef ANALYZE_OUTPUT_H
#define ANALYZE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "util/error.h"

struct analysis;
struct line;

struct output {
	struct analysis *analysis;
	FILE *pipe;      /**< to the shell command, or NULL */
	const char *why; /**< name of the target, for messages; NULL: there is none */
	int saved;       /**< the file descriptor that stdout had; -1: it has it still */
	bool was_safe;
};

/** Sends stdout where the line says. Without a command behind | that is a pager. */
struct error *output_begin(struct output *output, struct analysis *analysis,
			   const struct line *line);

/** Waits for the shell command, and turns stdout back. Returns code, or CLI_FAILED when not
 * everything could be written. */
int output_end(struct output *output, int code);

#endif
