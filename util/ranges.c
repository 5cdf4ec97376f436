// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/ranges.h"

#include <stdlib.h>

#include "util/sys.h"

#define NOBODY SIZE_MAX

/* All ends of all ranges cut the addresses into slots. Each range takes the slots of its stretch
 * that nobody took before; next[] leads over taken slots, so that each slot is met about once. */
struct slots {
	uint64_t *cuts; /* sorted; slot i is cuts[i] to cuts[i + 1] */
	size_t nr;      /* of cuts */
	size_t *owner;  /* index of the range that has the slot */
	size_t *next;   /* i when free, else some slot further on */
};

static void slots_deinit(struct slots *s)
{
	free(s->cuts);
	free(s->owner);
	free(s->next);
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static struct error *slots_init(struct slots *s, const struct range *ranges, size_t nr)
{
	size_t nr_cuts = 0;

	s->cuts = sys_calloc(2 * nr + 1, sizeof(*s->cuts));
	s->owner = sys_calloc(2 * nr + 1, sizeof(*s->owner));
	s->next = sys_calloc(2 * nr + 1, sizeof(*s->next));
	if (!s->cuts || !s->owner || !s->next)
		return &error_nomem;
	for (size_t i = 0; i < nr; i++) {
		if (ranges[i].start >= ranges[i].end)
			continue;
		s->cuts[nr_cuts++] = ranges[i].start;
		s->cuts[nr_cuts++] = ranges[i].end;
	}
	qsort(s->cuts, nr_cuts, sizeof(*s->cuts), compare_u64);
	for (size_t i = 0; i < nr_cuts; i++) {
		if (!i || s->cuts[i] != s->cuts[i - 1])
			s->cuts[s->nr++] = s->cuts[i];
	}
	for (size_t i = 0; i < s->nr; i++) {
		s->owner[i] = NOBODY;
		s->next[i] = i;
	}
	return NULL;
}

static size_t next_free(struct slots *s, size_t i)
{
	while (s->next[i] != i) {
		s->next[i] = s->next[s->next[i]];
		i = s->next[i];
	}
	return i;
}

static size_t slot_at(const struct slots *s, uint64_t addr)
{
	const uint64_t *cut = bsearch(&addr, s->cuts, s->nr, sizeof(*s->cuts), compare_u64);

	return (size_t)(cut - s->cuts);
}

static void slots_take(struct slots *s, size_t owner, const struct range *range)
{
	size_t end;

	if (range->start >= range->end)
		return;
	end = slot_at(s, range->end);
	for (size_t i = next_free(s, slot_at(s, range->start)); i < end; i = next_free(s, i)) {
		s->owner[i] = owner;
		s->next[i] = i + 1;
	}
}

/* Each slot joins the range before it when it goes on where that one ends. */
static size_t collect(const struct slots *s, const struct range *ranges, struct range *out)
{
	size_t nr = 0;

	for (size_t i = 0; i + 1 < s->nr; i++) {
		struct range *last = nr ? &out[nr - 1] : NULL;
		const struct range *from;
		struct range r;

		if (s->owner[i] == NOBODY)
			continue;
		from = &ranges[s->owner[i]];
		r = (struct range){.start = s->cuts[i],
				   .end = s->cuts[i + 1],
				   .value = from->value + (s->cuts[i] - from->start),
				   .kind = from->kind};
		if (last && last->end == r.start && last->kind == r.kind &&
		    last->value + (last->end - last->start) == r.value)
			last->end = r.end;
		else
			out[nr++] = r;
	}
	return nr;
}

struct error *ranges_fold(const struct range *ranges, size_t nr, struct range **ret, size_t *ret_nr)
{
	_cleanup_(slots_deinit) struct slots s = {0};
	struct error *err = slots_init(&s, ranges, nr);
	struct range *out;

	if (err)
		return err;
	for (size_t i = 0; i < nr; i++)
		slots_take(&s, i, &ranges[i]);
	out = sys_calloc(s.nr + 1, sizeof(*out));
	if (!out)
		return &error_nomem;
	*ret_nr = collect(&s, ranges, out);
	*ret = out;
	return NULL;
}

size_t ranges_find(const struct range *ranges, size_t nr, uint64_t addr)
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ranges[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}
