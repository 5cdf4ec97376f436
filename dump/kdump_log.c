// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_log.h"

#include <string.h>

#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

/* Records that still find room when no extent can be written any more. */
#define SPARE_RECORDS 64

struct extent {
	uint64_t off;
	size_t len;
};

struct pass {
	struct extent *extents;
	size_t nr, cap;
};

struct kdump_log {
	struct target *target;
	struct error *(*alloc)(void *arg, size_t len, uint64_t *ret);
	void *arg;
	struct pass passes[KDUMP_LOG_PASSES];
	size_t pass;  /* the current one, to which buf belongs */
	uint8_t *buf; /* records behind its last extent */
	size_t used, cap;
	uint64_t end;
};

size_t kdump_record_size(const struct kdump_record *record)
{
	const uint32_t *entries = kdump_record_entries_const(record);
	size_t nr = 0;

	for (uint32_t i = 0; i < record->nr_kept; i++)
		nr += (entries[i] & KDUMP_ENTRY_SHARED) != 0;
	return kdump_record_len(record->nr, record->nr_kept) + nr * 8;
}

struct error *kdump_log_create(struct target *target, size_t max_record,
			       struct error *(*alloc)(void *arg, size_t len, uint64_t *ret),
			       void *arg, struct kdump_log **ret)
{
	_cleanup_(cleanup_kdump_log_destroy) struct kdump_log *log = sys_calloc(1, sizeof(*log));

	if (!log)
		return &error_nomem;
	log->target = target;
	log->alloc = alloc;
	log->arg = arg;
	log->cap = KDUMP_LOG_EXTENT + SPARE_RECORDS * max_record;
	log->buf = sys_malloc(log->cap);
	if (!log->buf)
		return &error_nomem;
	*ret = TAKE_PTR(log);
	return NULL;
}

void kdump_log_destroy(struct kdump_log *log)
{
	for (size_t i = 0; i < KDUMP_LOG_PASSES; i++)
		free(log->passes[i].extents);
	free(log->buf);
	free(log);
}

static struct error *grow(struct pass *pass)
{
	size_t cap = pass->cap ? 2 * pass->cap : 64;
	struct extent *extents;

	if (pass->nr < pass->cap)
		return NULL;
	extents = sys_realloc(pass->extents, cap * sizeof(*extents));
	if (!extents)
		return &error_nomem;
	pass->extents = extents;
	pass->cap = cap;
	return NULL;
}

static struct error *flush(struct kdump_log *log)
{
	struct pass *pass = &log->passes[log->pass];
	struct error *err;
	uint64_t off;

	if (!log->used)
		return NULL;
	if ((err = grow(pass)) || (err = log->alloc(log->arg, log->used, &off)) ||
	    (err = target_write(log->target, off, log->buf, log->used)))
		return err;
	pass->extents[pass->nr++] = (struct extent){.off = off, .len = log->used};
	log->end = max_u64(log->end, off + log->used);
	log->used = 0;
	return NULL;
}

struct error *kdump_log_add(struct kdump_log *log, const struct kdump_record *record)
{
	size_t len = kdump_record_size(record);

	if (len > log->cap - log->used)
		return error_create(ERROR_NO_SPACE, "%s: no room for the index", log->target->path);
	memcpy(log->buf + log->used, record, len);
	log->used += len;
	return NULL;
}

struct error *kdump_log_spill(struct kdump_log *log)
{
	return log->used < KDUMP_LOG_EXTENT ? NULL : flush(log);
}

struct error *kdump_log_end_pass(struct kdump_log *log)
{
	struct error *err = flush(log);

	if (err)
		return err;
	if (log->pass + 1 == KDUMP_LOG_PASSES)
		return error_create(ERROR_USAGE, "%s: more than %u passes over memory",
				    log->target->path, KDUMP_LOG_PASSES);
	log->pass++;
	return NULL;
}

uint64_t kdump_log_end(const struct kdump_log *log)
{
	return log->end;
}

/* Where the reading of one pass stands. */
struct cursor {
	const struct pass *pass;
	size_t next;  /* extent */
	uint8_t *buf; /* owned, for extents */
	size_t cap;
	const uint8_t *data; /* buf, or the log's own */
	size_t pos, len;
};

/* The record at the cursor, or NULL at the end of what is loaded. Records never cross extents. */
static const struct kdump_record *current(const struct cursor *cursor)
{
	const struct kdump_record *record = (const void *)(cursor->data + cursor->pos);

	return cursor->pos < cursor->len ? record : NULL;
}

/* Makes current() valid unless the pass is at its end. Extents come first, then what log holds. */
static struct error *load(const struct kdump_log *log, struct cursor *cursor)
{
	const struct pass *pass = cursor->pass;

	if (cursor->pos < cursor->len)
		return NULL;
	if (cursor->next < pass->nr) {
		const struct extent *extent = &pass->extents[cursor->next++];

		if (extent->len > cursor->cap) {
			free(cursor->buf);
			cursor->cap = log->cap;
			cursor->buf = sys_malloc(cursor->cap);
		}
		if (!cursor->buf)
			return &error_nomem;
		cursor->data = cursor->buf;
		cursor->pos = 0;
		cursor->len = extent->len;
		return target_read(log->target, extent->off, cursor->buf, extent->len);
	}
	if (cursor->next == pass->nr && pass == &log->passes[log->pass]) {
		cursor->next++;
		cursor->data = log->buf;
		cursor->pos = 0;
		cursor->len = log->used;
	}
	return NULL;
}

/* The records of the lowest chunk that any cursor stands at; the cursors move behind it. */
static size_t take_lowest(struct cursor *cursors, size_t nr, const struct kdump_record **records)
{
	uint64_t lowest = UINT64_MAX;
	size_t found = 0;

	for (size_t i = 0; i < nr; i++) {
		const struct kdump_record *record = current(&cursors[i]);

		if (record)
			lowest = min_u64(lowest, record->pfn);
	}
	for (size_t i = 0; i < nr; i++) {
		const struct kdump_record *record = current(&cursors[i]);

		if (!record || record->pfn != lowest)
			continue;
		records[found++] = record;
		cursors[i].pos += kdump_record_size(record);
	}
	return found;
}

struct error *kdump_log_walk(const struct kdump_log *log,
			     struct error *(*fn)(void *arg,
						 const struct kdump_record *const *records,
						 size_t nr),
			     void *arg)
{
	const struct kdump_record *records[KDUMP_LOG_PASSES];
	struct cursor cursors[KDUMP_LOG_PASSES] = {0};
	size_t nr_passes = log->pass + 1, nr = 1;
	struct error *err = NULL;

	for (size_t i = 0; i < nr_passes; i++)
		cursors[i].pass = &log->passes[i];
	while (!err && nr) {
		for (size_t i = 0; !err && i < nr_passes; i++)
			err = load(log, &cursors[i]);
		nr = err ? 0 : take_lowest(cursors, nr_passes, records);
		if (nr)
			err = fn(arg, records, nr);
	}
	for (size_t i = 0; i < nr_passes; i++)
		free(cursors[i].buf);
	return err;
}
