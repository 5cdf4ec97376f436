/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from a dump may be anything. */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** Bytes of the well-formed UTF-8 sequence at text (RFC 3629), 0 when it is none or does not fit.
 */
size_t utf8_length(const char *text, size_t len);

/** Writes text to out with everything that could command a terminal (C0 and C1 controls, DEL, bytes
 * that are no UTF-8) as \xNN; tab passes, and newline where newlines is set. */
void utf8_print_safe(FILE *out, const char *text, size_t len, bool newlines);

/** Characters that utf8_print_safe() writes of a text of one line. */
size_t utf8_safe_length(const char *text, size_t len);

/** utf8_print_safe() of a NUL-terminated text of one line. */
void utf8_put_safe(FILE *out, const char *text);

#endif
