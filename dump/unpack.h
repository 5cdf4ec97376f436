/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a file from some offset on, in order, decompressed on the way. Each method is an
 * optional library in a file of its own; without it it stays in the table with NULL functions.
 */
#ifndef DUMP_UNPACK_H
#define DUMP_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct file;

struct unpack_method {
	const char *name; /**< "gzip" */
	struct error *(*create)(void **ret);
	void (*destroy)(void *state);
	/** Goes on with the stream: takes from in, gives to out, and says how much of both. False
	 * when the stream is damaged, or wants too much memory. */
	bool (*run)(void *state, const uint8_t *in, size_t *in_len, uint8_t *out, size_t *out_len);
};

extern const struct unpack_method unpack_gzip, unpack_zstd;

struct unpack;

/** method NULL: the bytes as they are. The file has to outlive the result. */
struct error *unpack_create(const struct file *file, uint64_t off,
			    const struct unpack_method *method, struct unpack **ret);
void unpack_destroy(struct unpack *unpack);
DEFINE_CLEANUP(struct unpack *, unpack_destroy)
#define _cleanup_unpack_ _cleanup_(cleanup_unpack_destroy)

/** The next len bytes, at most UNPACK_PEEK, which stay the next. Fewer of them, *len, only at the
 * end. Lives until the next call. */
#define UNPACK_PEEK 4096U
struct error *unpack_peek(struct unpack *unpack, size_t *len, const uint8_t **ret);

/** The next len bytes into buf, or nowhere when that is NULL. The end before that is an error. */
struct error *unpack_read(struct unpack *unpack, void *buf, size_t len);

/** Offset of the next byte: in the unpacked stream, counted from off. */
uint64_t unpack_pos(const struct unpack *unpack);

/** Goes on at another offset of the file. Only without a method. */
void unpack_seek(struct unpack *unpack, uint64_t off);

#endif
