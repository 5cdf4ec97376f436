/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors are values. A function that can fail returns struct error *, NULL meaning success; its
 * results leave through the last parameters, which stay untouched on failure. The sentence is made
 * where the fact is known (object, offset, value); callers may put context in front of it; only
 * tools print. The caller owns what it gets and ends with error_destroy(), or hands it on.
 */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

#include <stdbool.h>

#include "util/cleanup.h"

enum error_code {
	ERROR_NOMEM = 1,   /**< out of memory; the static error_nomem, nothing is allocated */
	ERROR_OS,          /**< a system call failed; errnum says how */
	ERROR_FORMAT,      /**< foreign bytes contradict their format */
	ERROR_UNSUPPORTED, /**< understood, but not something that we handle (maybe newer) */
	ERROR_NOT_FOUND,   /**< something that had to be there is not */
	ERROR_NO_SPACE,    /**< the target is full, or the limit that the user set is reached */
	ERROR_INTERRUPTED, /**< the caller asked to stop */
	ERROR_USAGE,       /**< a bad option value or combination */
};

struct error {
	enum error_code code;
	int errnum;    /**< errno for ERROR_OS, else 0 */
	char *message; /**< one line, no full stop, no newline */
};

#define ERROR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args), warn_unused_result))

/** A new error. Without memory for it, error_nomem comes back instead. */
struct error *error_create(enum error_code code, const char *fmt, ...) ERROR_PRINTF(2, 3);

/** As error_create() with ": strerror(errnum)" behind it. ENOSPC, EDQUOT and EFBIG become
 * ERROR_NO_SPACE, ENOMEM the static error_nomem. */
struct error *error_os(int errnum, const char *fmt, ...) ERROR_PRINTF(2, 3);

/** Puts "TEXT: " in front of an error's message; takes and returns ownership; NULL stays NULL. */
struct error *error_prefix(struct error *err, const char *fmt, ...) ERROR_PRINTF(2, 3);

extern struct error error_nomem;

void error_destroy(struct error *err);
DEFINE_CLEANUP(struct error *, error_destroy)
#define _cleanup_error_ _cleanup_(cleanup_error_destroy)

/** Drops an error on purpose and says whether there was one. */
bool error_ignore(struct error *err);

#endif
