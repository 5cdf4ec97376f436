// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/list.h"

#include "dump/reader.h"
#include "kernel/kernel.h"

void list_init(struct list_walk *walk, struct kernel *kernel, uint64_t first, uint64_t offset,
	       uint64_t stop)
{
	*walk = (struct list_walk){.kernel = kernel, .offset = offset, .stop = stop, .at = first};
}

void list_init_head(struct list_walk *walk, struct kernel *kernel, uint64_t head, bool backwards)
{
	list_init(walk, kernel, head, backwards ? kernel->dump->facts.word : 0, head);
	walk->started = true;
	if (kernel_read_word(kernel, head + walk->offset, &walk->at))
		return;
	walk->ended = true;
	walk->end = LIST_UNREADABLE;
}

void list_deinit(struct list_walk *walk)
{
	numset_deinit(&walk->seen);
}

static bool finish(struct list_walk *walk, enum list_end end)
{
	walk->ended = true;
	walk->end = end;
	return false;
}

bool list_next(struct list_walk *walk, uint64_t *link)
{
	enum numset_result seen;
	uint64_t next;

	if (walk->ended)
		return false;
	// an odd pointer ends a list of hlist_nulls
	if (!walk->at || walk->at & 1 || (walk->started && walk->at == walk->stop))
		return finish(walk, LIST_DONE);
	if (walk->nr == LIST_MAX)
		return finish(walk, LIST_TOO_LONG);
	seen = numset_add(&walk->seen, walk->at);
	if (seen != NUMSET_NEW)
		return finish(walk, seen == NUMSET_SEEN ? LIST_LOOP : LIST_NOMEM);
	if (!kernel_read_word(walk->kernel, walk->at + walk->offset, &next))
		return finish(walk, LIST_UNREADABLE);
	*link = walk->at;
	walk->at = next;
	walk->started = true;
	walk->nr++;
	return true;
}

struct error *list_error(const struct list_walk *walk)
{
	unsigned long long at = walk->at;

	switch (walk->end) {
	case LIST_UNREADABLE:
		return error_create(ERROR_FORMAT, "it breaks off at 0x%llx, unreadable", at);
	case LIST_LOOP:
		return error_create(ERROR_FORMAT, "it comes back to 0x%llx, and never to its end",
				    at);
	case LIST_TOO_LONG:
		return error_create(ERROR_FORMAT, "it goes on after %u links, at 0x%llx", LIST_MAX,
				    at);
	case LIST_NOMEM: return &error_nomem;
	default: return NULL;
	}
}

static struct error *walk_each(struct list_walk *walk,
			       struct error *(*fn)(void *arg, uint64_t link), void *arg)
{
	struct error *err = NULL;
	uint64_t link;

	while (!err && list_next(walk, &link))
		err = fn(arg, link);
	return !err && walk->end == LIST_NOMEM ? &error_nomem : err;
}

struct error *list_each(struct kernel *kernel, uint64_t head,
			struct error *(*fn)(void *arg, uint64_t link), void *arg,
			struct error **torn)
{
	_cleanup_list_ struct list_walk front = {0}, back = {0};
	struct error *err;

	list_init_head(&front, kernel, head, false);
	if ((err = walk_each(&front, fn, arg)))
		return err;
	*torn = NULL;
	if (front.end == LIST_DONE)
		return NULL;
	list_init_head(&back, kernel, head, true);
	back.seen = front.seen; // where the two meet the second one ends
	front.seen = (struct numset){0};
	if ((err = walk_each(&back, fn, arg)))
		return err;
	*torn = error_prefix(list_error(&front),
			     "list at 0x%llx, %u links from its front, %u from its back",
			     (unsigned long long)head, front.nr, back.nr);
	return NULL;
}
