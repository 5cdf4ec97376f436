// SPDX-License-Identifier: GPL-2.0-or-later
/* Several kdump files of one split set, read as the dump that they are together: each has the
 * headers and bitmaps of all of it, and the pages of its own part of memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/format.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

#define ULL(x) ((unsigned long long)(x))

struct split_reader {
	struct dump_reader base;
	struct dump_reader **members; /* by address */
	size_t nr;
};

struct split_scratch {
	struct dump_scratch base;
	struct dump_scratch *members[]; /* one for each */
};

static const struct split_reader *to_split(const struct dump_reader *reader)
{
	return (const struct split_reader *)reader;
}

/* The member that knows of paddr: the last that begins there or below. What stands between two
 * parts is in neither, and says so itself. *end is where the next one begins. */
static size_t find(const struct split_reader *r, uint64_t paddr, uint64_t *end)
{
	size_t i = r->nr - 1;

	while (i && r->members[i]->facts.part_start > paddr)
		i--;
	*end = i + 1 < r->nr ? r->members[i + 1]->facts.part_start : UINT64_MAX;
	return i;
}

static enum dump_status split_read(const struct dump_reader *reader, struct dump_scratch *scratch,
				   uint64_t paddr, void *buf, size_t len, size_t *done)
{
	const struct split_reader *r = to_split(reader);
	struct split_scratch *s = (struct split_scratch *)scratch;
	enum dump_status status = DUMP_OK;

	while (status == DUMP_OK && *done < len) {
		uint64_t pos = paddr + *done, end;
		size_t i = find(r, pos, &end), n = 0;

		status = dump_read(r->members[i], s->members[i], pos, (uint8_t *)buf + *done,
				   min_u64(len - *done, end - pos), &n);
		*done += n;
		if (status == DUMP_UNREADABLE)
			memcpy(scratch->why, s->members[i]->why, sizeof(scratch->why));
	}
	return status;
}

static void split_run(const struct dump_reader *reader, struct dump_scratch *scratch,
		      uint64_t paddr, struct dump_run *ret)
{
	const struct split_reader *r = to_split(reader);
	struct split_scratch *s = (struct split_scratch *)scratch;
	uint64_t end;
	size_t i = find(r, paddr, &end);

	dump_next_run(r->members[i], s->members[i], paddr, ret);
	ret->start = max_u64(ret->start, i ? r->members[i]->facts.part_start : 0);
	ret->end = min_u64(ret->end, end);
}

static void split_blocks(const struct dump_reader *reader, struct dump_scratch *scratch,
			 uint64_t pfn, size_t nr, struct dump_block *blocks, size_t *done)
{
	const struct split_reader *r = to_split(reader);
	struct split_scratch *s = (struct split_scratch *)scratch;
	uint64_t block = reader->facts.block_size, end;
	size_t i = find(r, pfn * block, &end);

	nr = min_u64(nr, div_round_up(end - pfn * block, block));
	r->members[i]->ops->blocks(r->members[i], s->members[i], pfn, nr, blocks, done);
	memcpy(scratch->why, s->members[i]->why, sizeof(scratch->why));
}

static void split_scratch_destroy(struct dump_scratch *scratch)
{
	struct split_scratch *s = (struct split_scratch *)scratch;

	for (size_t i = 0; i < to_split(scratch->reader)->nr; i++)
		dump_scratch_destroy(s->members[i]);
	free(s);
}

static struct error *split_scratch_create(const struct dump_reader *reader,
					  struct dump_scratch **ret)
{
	const struct split_reader *r = to_split(reader);
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	struct split_scratch *s = sys_calloc(1, sizeof(*s) + r->nr * sizeof(s->members[0]));
	struct error *err = NULL;

	if (!s)
		return &error_nomem;
	scratch = &s->base;
	scratch->reader = reader;
	for (size_t i = 0; !err && i < r->nr; i++)
		err = dump_scratch_create(r->members[i], &s->members[i]);
	if (err)
		return err;
	*ret = TAKE_PTR(scratch);
	return NULL;
}

static void split_destroy(struct dump_reader *reader)
{
	struct split_reader *r = (struct split_reader *)reader;

	for (size_t i = 0; i < r->nr; i++)
		dump_close(r->members[i]);
	free(r->members);
	free(r);
}

static const struct dump_reader_ops split_ops = {
	.read = split_read,
	.run = split_run,
	.blocks = split_blocks,
	.scratch_create = split_scratch_create,
	.scratch_destroy = split_scratch_destroy,
	.destroy = split_destroy,
};

static int compare_start(const void *a, const void *b)
{
	uint64_t left = (*(struct dump_reader *const *)a)->facts.part_start;
	uint64_t right = (*(struct dump_reader *const *)b)->facts.part_start;

	return (left > right) - (left < right);
}

static struct error *check_member(const struct dump_reader *first, const struct dump_reader *member)
{
	const struct dump_facts *a = &first->facts, *b = &member->facts;

	if (!b->part_end)
		return error_create(ERROR_USAGE, "%s: is not one file of a split set",
				    member->file->path);
	if (a->block_size != b->block_size || a->max_paddr != b->max_paddr ||
	    a->time_sec != b->time_sec || a->time_usec != b->time_usec ||
	    a->big_endian != b->big_endian || memcmp(&a->uts, &b->uts, sizeof(a->uts)) != 0)
		return error_create(ERROR_FORMAT, "%s: belongs to another dump than %s",
				    member->file->path, first->file->path);
	return NULL;
}

/* Each part has to begin where the one before it ends. */
static struct error *check_parts(struct split_reader *r)
{
	uint64_t end = 0, max = r->base.facts.max_paddr;
	struct error *err = NULL;

	for (size_t i = 0; !err && i <= r->nr; i++) {
		uint64_t start = i < r->nr ? r->members[i]->facts.part_start : max;

		if (start < end)
			return error_create(ERROR_FORMAT,
					    "%s: has memory from %#llx on, which %s has up to "
					    "%#llx",
					    r->members[i < r->nr ? i : i - 1]->file->path,
					    ULL(start), r->members[i ? i - 1 : 0]->file->path,
					    ULL(end));
		if (start > end) {
			r->base.facts.incomplete = true;
			dump_warn(&r->base,
				  "a file of the split set is missing, that with memory from "
				  "%#llx to %#llx",
				  ULL(end), ULL(start));
		}
		if (i < r->nr)
			end = max_u64(end, min_u64(r->members[i]->facts.part_end, max));
	}
	return err;
}

static struct error *join(struct split_reader *r)
{
	struct dump_reader *base = &r->base, *first = r->members[0];
	struct error *err = NULL;

	for (size_t i = 0; !err && i < r->nr; i++)
		err = check_member(first, r->members[i]);
	if (err)
		return err;
	qsort(r->members, r->nr, sizeof(struct dump_reader *), compare_start);
	base->file = r->members[0]->file;
	base->format = first->format;
	base->facts = r->members[0]->facts;
	base->facts.part_start = base->facts.part_end = 0;
	snprintf(base->variant, sizeof(base->variant), "%.40s of %zu files", first->variant, r->nr);
	for (size_t i = 0; i < r->nr; i++) {
		const struct dump_reader *member = r->members[i];

		base->facts.truncated |= member->facts.truncated;
		base->facts.incomplete |= member->facts.incomplete;
		if ((member->facts.truncated || member->facts.incomplete) && !base->warning[0])
			memcpy(base->warning, member->warning, sizeof(base->warning));
	}
	return check_parts(r);
}

struct error *split_join(struct dump_reader *const *members, size_t nr, struct dump_reader **ret)
{
	struct split_reader *r = sys_calloc(1, sizeof(*r));
	struct error *err;

	if (!r)
		return &error_nomem;
	r->base.ops = &split_ops;
	r->members = sys_calloc(nr, sizeof(struct dump_reader *));
	if (!r->members) {
		free(r);
		return &error_nomem;
	}
	memcpy(r->members, members, nr * sizeof(struct dump_reader *));
	r->nr = nr;
	if ((err = join(r))) {
		free(r->members);
		free(r);
		return err;
	}
	*ret = &r->base;
	return NULL;
}
