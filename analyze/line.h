/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command as it is typed: words, of which those in quotes keep their blanks, and behind them
 * perhaps "| shell command", "> file" or ">> file". Inside quotes and round brackets these are
 * ordinary characters, as are ; and #.
 */
#ifndef ANALYZE_LINE_H
#define ANALYZE_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

#define LINE_MAX_WORDS 64

struct line {
	char *text; /**< owned; the words are in it */
	char *words[LINE_MAX_WORDS + 1];
	int nr;           /**< 0: there is nothing to do */
	const char *pipe; /**< the shell command, perhaps empty; or NULL */
	const char *file; /**< or NULL */
	bool append;      /**< >> */
};

/** Length of the first command of a script: up to ; or a newline. */
size_t line_length(const char *script);

/** ERROR_USAGE says what is wrong: too many words, a quote without its end. */
struct error *line_parse(const char *text, size_t len, struct line *ret);
void line_deinit(struct line *line);
#define _cleanup_line_ _cleanup_(line_deinit)

#endif
