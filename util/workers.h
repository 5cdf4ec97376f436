/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads for work that comes in pieces, and a way to put finished pieces back into their order. */
#ifndef UTIL_WORKERS_H
#define UTIL_WORKERS_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

#define WORKERS_MAX 256U

/** CPUs that this process may run on, 1 to WORKERS_MAX. */
unsigned int workers_available(void);

/**
 * Runs run(arg) on nr threads (0: workers_available()) at the same time, one of them the caller's,
 * and waits for all. With 1 no thread is created; threads that the system refuses are done without.
 * Returns the first error; run has to see by itself that others failed.
 */
struct error *workers_run(unsigned int nr, struct error *(*run)(void *arg), void *arg);

/**
 * Pieces that are finished in any order go to deliver() in the order of their numbers, one at a
 * time. Whoever puts the piece that is due delivers it and those that waited for it, while others
 * only leave theirs behind. Nobody waits unless he is window pieces ahead.
 */
struct inorder;

/** Pieces have up to max_len bytes; their copies are aligned as by malloc() when max_len is. */
struct error *inorder_create(size_t window, size_t max_len,
			     struct error *(*deliver)(void *arg, const void *piece, size_t len),
			     void *arg, struct inorder **ret);
void inorder_destroy(struct inorder *order);
DEFINE_CLEANUP(struct inorder *, inorder_destroy)

/** Hands in piece number seq, counted from 0 without gaps. Returns what deliver() returned; after
 * its first failure, or inorder_abort(), nothing more is delivered and pieces are only kept. */
struct error *inorder_put(struct inorder *order, uint64_t seq, const void *piece, size_t len);

/** A piece will not come: nobody waits any more. */
void inorder_abort(struct inorder *order);

/** When all puts have returned: delivers what is still kept, passing over gaps and failures, and
 * starts again with number 0. Returns the first error of deliver(). */
struct error *inorder_drain(struct inorder *order);

#endif
