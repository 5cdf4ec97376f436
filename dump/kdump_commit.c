// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_commit.h"

#include <pthread.h>
#include <string.h>

#include "dump/flattened.h"
#include "dump/kdump_header.h"
#include "dump/kdump_table.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"
#include "util/workers.h"

#define ORDER_WINDOW 64            // chunks that workers may be apart
#define AHEAD        (16ULL << 20) // bytes of disk space that are allocated at once
#define MAX_HOLES    (16ULL << 20) // in bitmaps, for which it does not matter that they get space

struct kdump_commit {
	struct kdump_commit_config config;
	struct kdump_header header;
	struct target *target;
	bool sparse;         /* what was never written reads as zero */
	uint64_t bitmap_len; /* bytes of one bitmap */
	uint64_t ram_len;    /* of these, what the 1st one takes on the disk */

	pthread_mutex_t lock; /* of the space */
	uint64_t tail;        /* first free byte */
	uint64_t limit;
	uint64_t blocks;    /* that room was given for */
	uint64_t allocated; /* end of the disk space that we have for sure */
	bool allocates;     /* the file system can do it */

	/* Touched in order only: by whoever delivers, or when all workers have ended. */
	struct inorder *order;
	struct kdump_log *log;
	uint64_t used_end; /* end of all that is referred to */
	uint64_t last_pfn;
	uint64_t committed_data; /* bytes of data at the last commit */
	uint64_t committed_len;  /* bytes of all indexes so far */
	bool finishing;
	bool sync_failed; /* what was written since the last commit may be lost */
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
	size_t max_record = kdump_record_len(config->chunk_blocks, config->chunk_blocks);
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
		.tail = config->start,
		.used_end = config->start,
	};
	pthread_mutex_init(&commit->lock, NULL);
	// sub_hdr_size is signed
	commit->limit = min_u64(min_u64(config->limit, target->capacity),
				(uint64_t)INT32_MAX * commit->header.block_size);
	commit->allocated = config->start;
	err = inorder_create(ORDER_WINDOW, max_record, deliver, commit, &commit->order);
	if (!err)
		err = kdump_log_create(target, max_record, alloc_extent, commit, &commit->log);
	if (!err)
		err = measure_ram(commit);
	commit->allocates = commit->bitmap_len - commit->ram_len < MAX_HOLES;
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
	pthread_mutex_destroy(&commit->lock);
	free(commit);
}

/* How long an index of so many blocks makes the file, at most. */
static uint64_t index_need(const struct kdump_commit *commit, uint64_t blocks)
{
	return commit->header.block_size + 2 * commit->bitmap_len + blocks * KDUMP_DESC_LEN;
}

static struct error *no_room(const struct kdump_commit *commit)
{
	return error_create(ERROR_NO_SPACE, "%s: the %llu bytes that it may have are used up",
			    commit->target->path, (unsigned long long)commit->limit);
}

/* Disk space is allocated ahead, so that a disk which gets full does not do so before the index of
 * what is there is written. */
static struct error *allocate(struct kdump_commit *commit, uint64_t end)
{
	uint64_t ahead = AHEAD;
	struct error *err;

	while (commit->allocates && end > commit->allocated) {
		err = target_reserve(commit->target, commit->allocated,
				     end + ahead - commit->allocated, &commit->allocates);
		if (!err)
			commit->allocated = end + ahead;
		else if (!ahead)
			return err;
		else
			error_destroy(err);
		ahead /= 16;
	}
	return NULL;
}

/* Takes len bytes at off, the tail or a little behind, if they fit together with the index of so
 * many blocks that must have room behind them. Called with the lock held. */
static struct error *take(struct kdump_commit *commit, uint64_t off, uint64_t len, uint64_t blocks)
{
	uint64_t need = len + index_need(commit, blocks);
	struct error *err;

	if (off > commit->limit || need > commit->limit - off)
		return no_room(commit);
	if ((err = allocate(commit, off + need)))
		return err;
	commit->tail = off + len;
	return NULL;
}

struct error *kdump_commit_reserve(struct kdump_commit *commit, size_t len, size_t nr_blocks,
				   uint64_t *ret)
{
	uint64_t off;
	struct error *err;

	pthread_mutex_lock(&commit->lock);
	off = commit->tail;
	err = take(commit, off, len, commit->blocks + nr_blocks);
	if (!err)
		commit->blocks += nr_blocks;
	pthread_mutex_unlock(&commit->lock);
	if (!err)
		*ret = off;
	return err;
}

static struct error *alloc_extent(void *arg, size_t len, uint64_t *ret)
{
	return kdump_commit_reserve(arg, len, 0, ret);
}

static struct error *add_chunk(void *arg, const struct kdump_record *const *records, size_t nr)
{
	return kdump_table_add(arg, records, nr);
}

static struct error *write_table(struct kdump_commit *commit, struct kdump_table *table)
{
	struct error *err;

	if ((err = kdump_table_init(table, commit->config.sink, &commit->header,
				    commit->config.zero_off, commit->sparse)) ||
	    (err = kdump_table_ram(table, commit->config.ram)) ||
	    (err = kdump_log_walk(commit->log, add_chunk, table)))
		return err;
	return kdump_table_end(table);
}

/* The system tells of lost data once, so it is remembered. */
static struct error *sync_data(struct kdump_commit *commit)
{
	struct error *err = target_sync(commit->target);

	commit->sync_failed |= err != NULL;
	return err;
}

/* Block 0 makes the index valid, so that has to be on the disk before. One page of it says all. */
static struct error *write_header(struct kdump_commit *commit, bool incomplete)
{
	uint8_t page[KDUMP_MIN_BLOCK] = {0}, sub[KDUMP_SUB_LEN];
	struct kdump_header header = commit->header;
	struct error *err = sync_data(commit);

	if (err)
		return err;
	if (incomplete)
		header.status |= KDUMP_STATUS_INCOMPLETE;
	kdump_header_encode(&header, page, sub);
	return target_write(commit->target, 0, page, sizeof(page));
}

/* Writes an index at off, which is free up to its end, and makes it the valid one. */
static struct error *commit_at(struct kdump_commit *commit, uint64_t off, bool incomplete)
{
	_cleanup_table_ struct kdump_table table = {0};
	struct error *err;

	commit->header.sub_hdr_size = (uint32_t)(off / commit->header.block_size - 1);
	if ((err = write_table(commit, &table)) || (err = write_header(commit, incomplete)))
		return err;
	commit->now.superseded = commit->committed_len;
	commit->now.file_bytes = kdump_table_end_off(&table);
	commit->now.nr_commits++;
	commit->last = commit->now;
	commit->committed_len += table.written;
	commit->committed_data = commit->now.data_bytes;
	commit->used_end = max_u64(commit->used_end, commit->now.file_bytes);
	return NULL;
}

/* Bytes that an index written now would take. In the first pass the 2nd bitmap is short. */
static uint64_t index_len(const struct kdump_commit *commit)
{
	uint64_t map = commit->sparse ? min_u64(commit->ram_len, commit->last_pfn / 8)
				      : commit->bitmap_len;

	return commit->ram_len + map + commit->now.blocks * KDUMP_DESC_LEN;
}

static bool commit_is_due(const struct kdump_commit *commit)
{
	uint64_t data = commit->now.data_bytes;
	uint64_t first = max_u64(commit->committed_data, KDUMP_FIRST_COMMIT / 2);
	uint64_t budget = data / 100 * KDUMP_SUPERSEDED_PERCENT;

	if (data < 2 * first)
		return false;
	return commit->committed_len + index_len(commit) <= budget || data >= 8 * first;
}

/* One that finds no room beside the one that will be needed at the end is left out. */
static struct error *commit_between(struct kdump_commit *commit)
{
	struct error *err;
	uint64_t off;

	pthread_mutex_lock(&commit->lock);
	off = align_up(commit->tail, commit->header.block_size);
	err = take(commit, off, index_need(commit, commit->now.blocks), commit->blocks);
	pthread_mutex_unlock(&commit->lock);
	if (error_ignore(err))
		return NULL;
	if ((err = commit_at(commit, off, true)))
		return err;
	return sync_data(commit);
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
		data += KDUMP_ENTRY_LEN(entries[i]);
		commit->now.zero += entries[i] == KDUMP_ENTRY_ZERO;
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
	return inorder_put(commit->order, seq, record,
			   kdump_record_len(record->nr, record->nr_kept));
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
	return err;
}

/* Where space was not allocated a write may have failed: what it took is given back. ext4 has it
 * free again only when that is on the disk. */
static struct error *give_back(struct kdump_commit *commit)
{
	struct error *err = target_resize(commit->target, commit->used_end);

	commit->tail = commit->used_end;
	return err ? err : sync_data(commit);
}

static struct error *commit_last(struct kdump_commit *commit, bool incomplete)
{
	struct error *err = commit->allocates ? NULL : give_back(commit);

	if (!err)
		err = commit_at(commit,
				align_up(max_u64(commit->tail, commit->used_end),
					 commit->header.block_size),
				incomplete);
	// what it has written is in the way of another try
	if (err)
		commit->allocates = false;
	return err;
}

struct error *kdump_commit_finish(struct kdump_commit *commit, bool incomplete)
{
	struct error *err, *again;

	commit->finishing = true;
	err = inorder_drain(commit->order);
	if (err && incomplete)
		error_destroy(TAKE_PTR(err));
	if (!err && commit->sync_failed)
		err = error_create(ERROR_OS, "%s: written data were lost", commit->target->path);
	if (!err)
		err = commit_last(commit, incomplete);
	if (err && incomplete && commit->last.nr_commits)
		error_destroy(TAKE_PTR(err));
	again = target_resize(commit->target, commit->used_end);
	if (err)
		error_destroy(again);
	return err ? err : again;
}

const struct kdump_commit_stats *kdump_commit_stats(const struct kdump_commit *commit)
{
	return &commit->last;
}
