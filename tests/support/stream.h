/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Targets of tests: files in a directory of their own, and standard output in such a file. */
#ifndef TESTS_SUPPORT_STREAM_H
#define TESTS_SUPPORT_STREAM_H

#include <stddef.h>
#include <stdint.h>

struct target;

/** Makes a directory, below TMPDIR, for group_setup and group_teardown of a test. */
int workdir_setup(void **state);
int workdir_teardown(void **state);

/** A path in it; lives until the next call but three. */
const char *workdir_path(const char *name);

/** A target of a new file PATH.incomplete, or a stream into a new file PATH. */
struct target *file_target(const char *path);
struct target *stream_target(const char *path);

/** Puts a flattened file together, as makedumpfile -R does. Returns the number of records; damage
 * fails the test. */
size_t unflatten(const char *path, const char *to);

#endif
