/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several files that read as one. */
#ifndef UTIL_JOIN_H
#define UTIL_JOIN_H

#include <stddef.h>

#include "util/error.h"

struct file;

/** A file of nr (at least one) files, one behind the other. Takes ownership of the members, but not
 * of the array, on success. */
struct error *join_create(struct file *const *members, size_t nr, struct file **ret);

#endif
