/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a piece of code prints and how it ends, tried in a child process. */
#ifndef TESTS_SUPPORT_OUTPUT_H
#define TESTS_SUPPORT_OUTPUT_H

struct output {
	char out[16384], err[16384]; /**< NUL-terminated, the beginning of what was longer */
	int code;                    /**< exit code, or -signal */
};

/** Runs fn(arg) in a child whose exit code is what it returns. */
void output_of(int (*fn)(void *arg), void *arg, struct output *ret);

#endif
