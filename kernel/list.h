/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks along linked lists of a kernel that may be torn: a link that cannot be read, that was met
 * already or that is one too many ends the walk and says which one it was.
 */
#ifndef KERNEL_LIST_H
#define KERNEL_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "util/numset.h"

struct kernel;

#define LIST_MAX (1U << 22) /**< links of one walk; as many as a kernel can have tasks */

enum list_end {
	LIST_DONE,       /**< came to its end: the head, or NULL */
	LIST_UNREADABLE, /**< the link at .at cannot be read */
	LIST_LOOP,       /**< .at was there before */
	LIST_TOO_LONG,
	LIST_NOMEM,
};

struct list_walk {
	struct kernel *kernel;
	uint64_t offset; /**< of the pointer to the next link in each one */
	uint64_t stop;   /**< coming (back) here ends the walk, as do NULL and a nulls marker */
	uint64_t at;     /**< the link that is next, or that ended the walk */
	bool started;    /**< stop is an end from now on */
	bool ended;
	enum list_end end;
	uint32_t nr; /**< links given out */
	struct numset seen;
};

/** A walk that begins with the link first itself. */
void list_init(struct list_walk *walk, struct kernel *kernel, uint64_t first, uint64_t offset,
	       uint64_t stop);

/** A walk over all links behind a struct list_head, backwards for its prev. */
void list_init_head(struct list_walk *walk, struct kernel *kernel, uint64_t head, bool backwards);

void list_deinit(struct list_walk *walk);
#define _cleanup_list_ _cleanup_(list_deinit)

/** The next link; false at the end, of which walk->end tells. */
bool list_next(struct list_walk *walk, uint64_t *link);

/** NULL when the walk came to its end as it should, else what is wrong: "it breaks off at
 * 0x..., unreadable". */
struct error *list_error(const struct list_walk *walk);

/**
 * Calls fn for each link behind a struct list_head, and where the list is torn also for those that
 * can be reached from its back. *torn says what is wrong with it, NULL when nothing is; the caller
 * owns it. Fails with what fn fails with, or without memory.
 */
struct error *list_each(struct kernel *kernel, uint64_t head,
			struct error *(*fn)(void *arg, uint64_t link), void *arg,
			struct error **torn);

#endif
