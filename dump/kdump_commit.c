// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_commit.h"

#include <string.h>

#include "dump/flattened.h"
#include "dump/kdump_header.h"
#include "dump/kdump_space.h"
#include "dump/kdump_table.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"
#include "util/workers.h"

#define ORDER_WINDOW 256U          // chunks that workers may be apart
#define MAX_HOLES    (16ULL << 20) // in bitmaps, for which it does not matter that they get space
#define IN_FLIGHT    (4ULL << 20)  // bytes that come while an index is written

struct kdump_commit {
	struct kdump_commit_config config;
	struct kdump_header header;
	struct target *target;
	bool sparse;         /* what was never written reads as zero */
	uint64_t bitmap_len; /* bytes of one bitmap */
	uint64_t ram_len;    /* of these, what the 1st one takes on the disk */
	struct kdump_space space;

	/* Touched in order only: by whoever delivers, or when all workers have ended. */
	struct inorder *order;
	struct kdump_log *log;
	uint64_t used_end; /* end of all data and log that were put */
	uint64_t last_pfn;
	uint64_t committed_data; /* bytes of data at the last commit */
	uint64_t committed_len;  /* bytes of all indexes so far */
	uint64_t due;            /* bytes of data at which the next commit is */
	bool finishing;
	struct kdump_commit_stats now, last; /* in the log; at the last commit */
};

static struct error *deliver(void *arg, const void *piece, size_t len);
static struct error *alloc_extent(void *arg, size_t len, uint64_t *ret);

static struct error *measure_ram(struct kdump_commit *commit)
{
	_cleanup_table_ struct kdump_table table = {0};
	struct error *err = kdump_table_init(&table, NULL, &commit->header, 0, commit->sparse);

	if (!err)
		err = kdump_table_ram(&table, commit->config.ram);
	commit->ram_len = table.written;
	return err;
}

struct error *kdump_commit_create(const struct kdump_commit_config *config,
				  struct kdump_commit **ret)
{
	size_t max_record = kdump_record_max(config->chunk_blocks);
	struct kdump_commit *commit = sys_calloc(1, sizeof(*commit));
	struct target *target = config->sink->target;
	struct error *err;

	if (!commit)
		return &error_nomem;
	*commit = (struct kdump_commit){
		.config = *config,
		.header = *config->header,
		.target = target,
		.sparse = target->kind == TARGET_FILE,
		.bitmap_len = config->header->bitmap_blocks / 2 *
			      (uint64_t)config->header->block_size,
		.used_end = config->start,
	};
	err = inorder_create(ORDER_WINDOW, max_record, deliver, commit, &commit->order);
	if (!err)
		err = kdump_log_create(target, max_record, alloc_extent, commit, &commit->log);
	if (!err)
		err = measure_ram(commit);
	kdump_space_init(&commit->space, target, config->header, config->start, config->limit,
			 commit->bitmap_len - commit->ram_len >= MAX_HOLES);
	if (err) {
		kdump_commit_destroy(commit);
		return err;
	}
	*ret = commit;
	return NULL;
}

void kdump_commit_destroy(struct kdump_commit *commit)
{
	if (!commit)
		return;
	if (commit->order)
		inorder_destroy(commit->order);
	if (commit->log)
		kdump_log_destroy(commit->log);
	kdump_space_deinit(&commit->space);
	free(commit);
}

struct error *kdump_commit_reserve(struct kdump_commit *commit, size_t len, size_t nr_blocks,
				   uint64_t *ret)
{
	return kdump_space_take(&commit->space, len, nr_blocks, ret);
}

static struct error *alloc_extent(void *arg, size_t len, uint64_t *ret)
{
	return kdump_commit_reserve(arg, len, 0, ret);
}

static struct error *add_chunk(void *arg, const struct kdump_record *const *records, size_t nr)
{
	return kdump_table_add(arg, records, nr);
}

/* Writes the index at off, which may have been written before: then it does not read as zero. */
static struct error *write_table(struct kdump_commit *commit, struct kdump_table *table,
				 uint64_t off)
{
	bool sparse = commit->sparse && off >= commit->space.written_end;
	struct error *err;

	commit->header.sub_hdr_size = (uint32_t)(off / commit->header.block_size - 1);
	if ((err = kdump_table_init(table, commit->config.sink, &commit->header,
				    commit->config.zero_off, sparse)) ||
	    (err = kdump_table_ram(table, commit->config.ram)) ||
	    (err = kdump_log_walk(commit->log, add_chunk, table)))
		return err;
	return kdump_table_end(table);
}

/* Block 0 makes the index valid. One page of it says all. */
static struct error *write_header(struct kdump_commit *commit, bool incomplete)
{
	uint8_t page[KDUMP_MIN_BLOCK] = {0}, sub[KDUMP_SUB_LEN];
	struct kdump_header header = commit->header;

	if (incomplete)
		header.status |= KDUMP_STATUS_INCOMPLETE;
	kdump_header_encode(&header, page, sub);
	return target_write(commit->target, 0, page, sizeof(page));
}

/* Writes an index into the room that was taken for it at off, and makes it the valid one. */
static struct error *commit_at(struct kdump_commit *commit, uint64_t off, bool incomplete)
{
	_cleanup_table_ struct kdump_table table = {0};
	struct error *err;

	// what a header points at has to be on the disk before
	if ((err = write_table(commit, &table, off)) || (err = target_sync(commit->target))) {
		kdump_space_drop_index(&commit->space);
		return err;
	}
	if ((err = write_header(commit, incomplete)))
		return err;
	commit->now.superseded = commit->committed_len;
	commit->now.file_bytes = kdump_table_end_off(&table);
	commit->now.nr_commits++;
	commit->last = commit->now;
	commit->committed_len += table.written;
	commit->committed_data = commit->now.data_bytes;
	if ((err = target_sync(commit->target)))
		return err;
	kdump_space_keep_index(&commit->space);
	return NULL;
}

/* Bytes that an index written now would take. In the first pass the 2nd bitmap is short. */
static uint64_t index_len(const struct kdump_commit *commit)
{
	uint64_t map = commit->sparse ? min_u64(commit->ram_len, commit->last_pfn / 8)
				      : commit->bitmap_len;

	return commit->ram_len + map + commit->now.blocks * KDUMP_DESC_LEN;
}

static bool within_budget(const struct kdump_commit *commit)
{
	uint64_t budget = commit->now.data_bytes / 100 * KDUMP_SUPERSEDED_PERCENT;

	return commit->committed_len + index_len(commit) <= budget;
}

static bool commit_is_due(const struct kdump_commit *commit)
{
	uint64_t data = commit->now.data_bytes;

	if (commit->now.nr_commits)
		return data >= commit->due;
	return data >= KDUMP_FIRST_COMMIT &&
	       (within_budget(commit) || data >= 4 * KDUMP_FIRST_COMMIT);
}

/* Bytes of data at which the commit after one that is made now should be: twice as many, or as many
 * as bring all indexes back into the budget if they go on growing as the data do. */
static uint64_t next_due(const struct kdump_commit *commit, uint64_t index)
{
	uint64_t data = max_u64(commit->now.data_bytes, 1);
	uint64_t fixed = commit->committed_len + index + commit->ram_len;
	uint64_t share = data / 100 * KDUMP_SUPERSEDED_PERCENT, varies = index - commit->ram_len;
	uint64_t due = varies < share ? data / (share - varies) * fixed : UINT64_MAX;

	return min_u64(max_u64(due, 2 * data), 8 * data);
}

/* The index goes so far ahead that the data of the next one, and that itself, should end before it.
 * One that finds no room beside the one that will be needed at the end is left out. */
static struct error *commit_between(struct kdump_commit *commit)
{
	uint64_t data = max_u64(commit->now.data_bytes, 1), index = index_len(commit);
	uint64_t due = next_due(commit, index), ahead = due + due / 8 + due / data * index;
	struct error *err;
	uint64_t off;

	commit->due = due;
	err = kdump_space_take_index(&commit->space, commit->now.blocks, ahead - data + IN_FLIGHT,
				     &off);
	return error_ignore(err) ? NULL : commit_at(commit, off, true);
}

static struct error *deliver(void *arg, const void *piece, size_t len)
{
	const struct kdump_record *record = piece;
	const uint32_t *entries = kdump_record_entries_const(record);
	struct kdump_commit *commit = arg;
	uint64_t data = 0;
	struct error *err;

	if (!record->nr_kept)
		return NULL;
	if ((err = kdump_log_add(commit->log, record)))
		return err;
	for (uint32_t i = 0; i < record->nr_kept; i++) {
		data += KDUMP_ENTRY_OWN(entries[i]);
		commit->now.zero += entries[i] == KDUMP_ENTRY_ZERO;
		commit->now.shared += (entries[i] & KDUMP_ENTRY_SHARED) != 0;
	}
	commit->now.blocks += record->nr_kept;
	commit->now.data_bytes += data;
	commit->used_end = max_u64(commit->used_end, record->off + data);
	commit->last_pfn = max_u64(commit->last_pfn, record->pfn + record->nr);
	if (commit->finishing)
		return NULL;
	err = kdump_log_spill(commit->log);
	commit->used_end = max_u64(commit->used_end, kdump_log_end(commit->log));
	if (!err && commit_is_due(commit))
		err = commit_between(commit);
	return err;
}

struct error *kdump_commit_put(struct kdump_commit *commit, uint64_t seq,
			       const struct kdump_record *record)
{
	return inorder_put(commit->order, seq, record, kdump_record_size(record));
}

void kdump_commit_abort(struct kdump_commit *commit)
{
	inorder_abort(commit->order);
}

struct error *kdump_commit_end_pass(struct kdump_commit *commit)
{
	struct error *err = inorder_drain(commit->order);

	if (!err)
		err = kdump_log_end_pass(commit->log);
	commit->used_end = max_u64(commit->used_end, kdump_log_end(commit->log));
	if (!err && commit->now.data_bytes > commit->committed_data && within_budget(commit))
		err = commit_between(commit);
	return err;
}

/* Where the disk has no room after all, what came too late for the index makes some. */
static struct error *commit_last(struct kdump_commit *commit, bool incomplete)
{
	struct kdump_space *space = &commit->space;
	struct error *err = commit_at(commit, kdump_space_take_last(space, commit->now.blocks),
				      incomplete);

	if (!err || err->code != ERROR_NO_SPACE)
		return err;
	error_destroy(err);
	err = kdump_space_cut(space, commit->used_end);
	return err ? err
		   : commit_at(commit, kdump_space_take_last(space, commit->now.blocks),
			       incomplete);
}

/* What stands at the end of the file: data, or the index. */
static uint64_t file_end(const struct kdump_commit *commit)
{
	return max_u64(commit->used_end, commit->last.file_bytes);
}

struct error *kdump_commit_finish(struct kdump_commit *commit, bool incomplete)
{
	struct error *err, *again;

	commit->finishing = true;
	err = inorder_drain(commit->order);
	if (err && incomplete)
		error_destroy(TAKE_PTR(err));
	if (!err)
		err = commit_last(commit, incomplete);
	if (err && incomplete && commit->last.nr_commits)
		error_destroy(TAKE_PTR(err));
	again = target_resize(commit->target, file_end(commit));
	if (err)
		error_destroy(again);
	return err ? err : again;
}

const struct kdump_commit_stats *kdump_commit_stats(const struct kdump_commit *commit)
{
	return &commit->last;
}
