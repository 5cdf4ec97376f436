/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file without a name, for what comes from a pipe or out of a compressed stream and has to be
 * read at any offset. The system takes its space back when it is closed, however that happens.
 */
#ifndef UTIL_SPOOL_H
#define UTIL_SPOOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct file;

/** An empty one in the folder dir; messages call it name. */
struct error *spool_create(const char *dir, const char *name, struct file **ret);

/** Writes at off; the file grows, gaps are holes. One thread, and before anybody reads. */
struct error *spool_write(struct file *spool, uint64_t off, const void *buf, size_t len);

/** Makes it size bytes long. */
struct error *spool_resize(struct file *spool, uint64_t size);

/** Standard input as a file: as it is where any offset can be read, else a copy of all of it.
 * *stop (may be NULL) ends it with ERROR_INTERRUPTED. */
struct error *spool_stdin(const char *dir, const atomic_bool *stop, struct file **ret);

#endif
