/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flattened streams, record by record, right or wrong. */
#ifndef TESTS_SUPPORT_MKFLAT_H
#define TESTS_SUPPORT_MKFLAT_H

#include <stdbool.h>

#include "tests/support/mkfile.h"

/** The header of a stream, in an empty file. */
void mkflat_begin(struct mkfile *file);

/** A record that says off and len, and size bytes of data behind it. */
void mkflat_record(struct mkfile *file, uint64_t off, uint64_t len, const void *data, size_t size);

/** The terminator. */
void mkflat_end(struct mkfile *file);

/** All of payload in records of up to step bytes: in order, or the last one first. */
void mkflat(const struct mkfile *payload, size_t step, bool backwards, struct mkfile *ret);

#endif
