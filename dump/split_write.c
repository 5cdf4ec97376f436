// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Split sets. Their main headers must be the same byte for byte (crash compares them), so bitmaps
 * and descriptors stand at the same place in all files, in front of the data:
 *
 *   block 0 | sub header, notes | 1st bitmap | 2nd bitmap | descriptors, some spare | data
 *
 * Chunks are encoded by many workers and arrive in order; when a file has its share the next one
 * begins. Each file's 2nd bitmap has the bits of its own pages at first. When all are written it
 * becomes that of all pages, and block 0 makes the files valid.
 */
#include "dump/writer.h"

#include <stdio.h>
#include <string.h>

#include "dump/flattened.h"
#include "dump/kdump_encode.h"
#include "dump/kdump_front.h"
#include "dump/kdump_table.h"
#include "dump/reader.h"
#include "util/bits.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"
#include "util/workers.h"

#define ORDER_WINDOW 8           // chunks in memory while they wait for their turn
#define WINDOW       (64U << 10) // of bitmaps that are merged
#define DESCS_SHARE  8U          // one part in so many of a file is for descriptors

struct member {
	struct target *target;
	struct sink sink;
	struct kdump_table table;
	uint64_t start, end; /* bits of the bitmaps */
	uint64_t room;       /* descriptors that fit in front of the data */
	uint64_t tail;       /* first free byte */
};

struct split_writer {
	struct dump_writer base;
	char *path;
	struct target_options files;
	struct dump_split split;
	const struct dump_reader *ram;
	struct dump_writer_options options;
	struct kdump_header header;
	struct writer_notes notes;
	size_t chunk_blocks;
	uint64_t nr_planned; /* blocks of all files */
	struct inorder *order;

	/* Touched in order only. */
	struct member *members[DUMP_SPLIT_MAX_FILES];
	size_t nr;
};

/* An encoded chunk on its way: a record, and behind it the data. */
struct piece {
	uint64_t data_len;
	struct kdump_record record;
};

static struct split_writer *to_split(struct dump_writer *writer)
{
	return (struct split_writer *)writer;
}

static struct error *plan(struct dump_writer *writer, const struct dump_chunk *chunk)
{
	to_split(writer)->nr_planned += bits_count(chunk->keep, bits_words(chunk->nr));
	return NULL;
}

static void member_destroy(struct member *member)
{
	kdump_table_deinit(&member->table);
	sink_deinit(&member->sink);
	if (member->target)
		target_destroy(member->target);
	free(member);
}
DEFINE_CLEANUP(struct member *, member_destroy)

/* How many descriptors the next file has room for. When they are used up it ends, though it may be
 * short; what is not used is a hole. */
static uint64_t find_room(const struct split_writer *w)
{
	uint64_t left = w->nr_planned - w->base.stats.written;
	uint64_t room = w->split.nr ? div_round_up(w->nr_planned, w->split.nr)
				    : w->split.max_size / DESCS_SHARE / KDUMP_DESC_LEN;

	return min_u64(left, room + w->chunk_blocks);
}

static struct error *begin_file(struct split_writer *w, struct member *member)
{
	_cleanup_free_ void *zero = sys_calloc(1, w->header.block_size);
	struct error *err;

	if (!zero)
		return &error_nomem;
	member->room = find_room(w);
	member->tail = kdump_desc_off(&w->header) + member->room * KDUMP_DESC_LEN;
	if ((err = kdump_table_init(&member->table, &member->sink, &w->header, member->tail,
				    true)) ||
	    (err = kdump_table_ram(&member->table, w->ram)) ||
	    (err = sink_write(&member->sink, member->tail, zero, w->header.block_size)))
		return err;
	member->tail += w->header.block_size;
	return NULL;
}

/* No more pages for this file: it gets the rest of its descriptors. */
static struct error *end_file(struct split_writer *w, struct member *member, uint64_t end)
{
	struct error *err = kdump_table_end(&member->table);

	kdump_table_deinit(&member->table);
	member->table = (struct kdump_table){0};
	member->end = end;
	w->base.stats.file_bytes += member->tail;
	return err ? err : target_resize(member->target, member->tail);
}

/* The next file; its memory begins where the last one's ends. */
static struct error *add_member(struct split_writer *w, uint64_t start)
{
	_cleanup_(cleanup_member_destroy) struct member *member = sys_calloc(1, sizeof(*member));
	_cleanup_free_ char *path = NULL;
	struct error *err;

	if (!member)
		return &error_nomem;
	sink_init(&member->sink, NULL);
	if (w->nr == DUMP_SPLIT_MAX_FILES)
		return error_create(ERROR_USAGE, "%s: needs more than %d files of %llu bytes",
				    w->path, DUMP_SPLIT_MAX_FILES,
				    (unsigned long long)w->split.max_size);
	if (w->nr && (err = end_file(w, w->members[w->nr - 1], start)))
		return err;
	if (asprintf(&path, "%s.%zu", w->path, w->nr + 1) < 0) {
		path = NULL;
		return &error_nomem;
	}
	if ((err = target_create(path, &w->files, &member->target)))
		return err;
	if (member->target->kind != TARGET_FILE)
		return error_create(ERROR_USAGE, "%s: only regular files can be a split set", path);
	member->sink.target = member->target;
	if ((err = begin_file(w, member)))
		return err;
	member->start = start;
	w->members[w->nr++] = TAKE_PTR(member);
	return NULL;
}

static bool is_full(const struct split_writer *w, const struct piece *piece)
{
	const struct member *last = w->members[w->nr - 1];
	uint64_t have = last->table.nr_descs;

	if (!have)
		return false;
	if (w->split.nr)
		return w->nr < w->split.nr &&
		       w->base.stats.written >= w->nr_planned / w->split.nr * w->nr +
							min_u64(w->nr_planned % w->split.nr, w->nr);
	return have + piece->record.nr_kept > last->room ||
	       last->tail + piece->data_len > w->split.max_size;
}

static void count(struct split_writer *w, const struct kdump_record *record, uint64_t len)
{
	const uint32_t *entries = kdump_record_entries_const(record);

	for (uint32_t i = 0; i < record->nr_kept; i++)
		w->base.stats.zero += entries[i] == KDUMP_ENTRY_ZERO;
	w->base.stats.written += record->nr_kept;
	w->base.stats.data_bytes += len;
}

static struct error *deliver(void *arg, const void *data, size_t len)
{
	struct split_writer *w = arg;
	const struct piece *piece = data;
	/* the record is changed: it gets its place */
	struct kdump_record *record = (struct kdump_record *)&piece->record;
	const uint8_t *blocks = (const uint8_t *)record + kdump_record_size(record);
	struct error *err = NULL;
	struct member *last;

	(void)len;
	if (is_full(w, piece))
		err = add_member(w, record->pfn - kdump_first_pfn(&w->header));
	if (err)
		return err;
	last = w->members[w->nr - 1];
	if (last->table.nr_descs + record->nr_kept > last->room ||
	    last->tail + piece->data_len > w->split.max_size)
		return error_create(ERROR_NO_SPACE,
				    "%s: a file of %llu bytes has no room for pages", w->path,
				    (unsigned long long)w->split.max_size);
	record->off = last->tail;
	last->tail += piece->data_len;
	if ((err = sink_write(&last->sink, record->off, blocks, piece->data_len)))
		return err;
	count(w, record, piece->data_len);
	return kdump_table_add(&last->table, (const struct kdump_record *const *)&record, 1);
}

static struct error *begin(struct dump_writer *writer)
{
	struct split_writer *w = to_split(writer);
	uint64_t end = kdump_front_end(&w->header, &w->notes);
	size_t max = sizeof(struct piece) + kdump_record_max(w->chunk_blocks) +
		     w->chunk_blocks * w->header.block_size;
	struct error *err;

	w->header.sub_hdr_size = (uint32_t)(div_round_up(end, w->header.block_size) - 1);
	if ((err = inorder_create(ORDER_WINDOW, align_up(max, 16), deliver, w, &w->order)))
		return err;
	return add_member(w, 0);
}

/* One worker, with room for a piece. */
struct worker {
	struct kdump_encoder *encoder;
	struct piece *piece;
};

static void worker_destroy(void *arg)
{
	struct worker *worker = arg;

	if (worker->encoder)
		kdump_encoder_destroy(worker->encoder);
	free(worker->piece);
	free(worker);
}
DEFINE_CLEANUP(struct worker *, worker_destroy)

static struct error *worker_create(struct dump_writer *writer, void **ret)
{
	_cleanup_(cleanup_worker_destroy) struct worker *worker = sys_calloc(1, sizeof(*worker));
	struct split_writer *w = to_split(writer);
	struct error *err;

	if (!worker)
		return &error_nomem;
	worker->piece = sys_malloc(sizeof(struct piece) + kdump_record_max(w->chunk_blocks) +
				   w->chunk_blocks * w->header.block_size);
	if (!worker->piece)
		return &error_nomem;
	if ((err = kdump_encoder_create(&w->options, w->header.block_size, w->chunk_blocks,
					&worker->encoder)))
		return err;
	*ret = TAKE_PTR(worker);
	return NULL;
}

static struct error *chunk(struct dump_writer *writer, void *arg, uint64_t seq,
			   const struct dump_chunk *chunk)
{
	struct split_writer *w = to_split(writer);
	struct worker *worker = arg;
	struct kdump_encoder *encoder = worker->encoder;
	struct piece *piece = worker->piece;
	size_t len;
	struct error *err;

	kdump_encode(encoder, chunk);
	len = kdump_record_size(encoder->record);
	piece->data_len = encoder->len;
	memcpy(&piece->record, encoder->record, len);
	memcpy((uint8_t *)&piece->record + len, encoder->data, encoder->len);
	err = inorder_put(w->order, seq, piece,
			  offsetof(struct piece, record) + len + encoder->len);
	if (err)
		inorder_abort(w->order);
	return err;
}

/* The 2nd bitmap of all files is that of all pages. */
static struct error *merge_bitmaps(struct split_writer *w)
{
	uint64_t len = w->header.bitmap_blocks / 2 * (uint64_t)w->header.block_size;
	uint64_t off = kdump_bitmap_off(&w->header) + len, n;
	_cleanup_free_ uint64_t *sum = sys_malloc(WINDOW), *part = sys_malloc(WINDOW);
	struct error *err = NULL;

	if (!sum || !part)
		return &error_nomem;
	for (uint64_t pos = 0; !err && pos < len; pos += n) {
		n = min_u64(WINDOW, len - pos);
		memset(sum, 0, WINDOW);
		for (size_t i = 0; !err && i < w->nr; i++) {
			err = target_read(w->members[i]->target, off + pos, part, n);
			for (size_t j = 0; !err && j < n / 8; j++)
				sum[j] |= part[j];
		}
		for (size_t i = 0; !err && i < w->nr; i++)
			err = target_write(w->members[i]->target, off + pos, sum, n);
	}
	return err;
}

static struct error *write_headers(struct split_writer *w)
{
	struct error *err = NULL;

	for (size_t i = 0; !err && i < w->nr; i++) {
		uint8_t page[KDUMP_MIN_BLOCK] = {0}, sub[KDUMP_SUB_LEN];
		struct member *member = w->members[i];

		w->header.split = w->nr > 1;
		if (w->base.mark_incomplete)
			w->header.status |= KDUMP_STATUS_INCOMPLETE;
		w->header.start_pfn = member->start;
		w->header.end_pfn = member->end;
		kdump_header_encode(&w->header, page, sub);
		if ((err = kdump_front_write(&member->sink, &w->header, &w->notes)) ||
		    (err = target_sync(member->target)))
			return err;
		err = target_write(member->target, 0, page, sizeof(page));
	}
	return err;
}

static struct error *finish(struct dump_writer *writer, bool incomplete)
{
	struct split_writer *w = to_split(writer);
	struct error *err;

	if (incomplete)
		return error_create(ERROR_UNSUPPORTED, "%s: only a whole dump can be split",
				    w->path);
	if ((err = inorder_drain(w->order)))
		return err;
	// as many files as were asked for, though there were too few pages
	while (!err && w->nr < w->split.nr)
		err = add_member(w, w->header.max_mapnr);
	if (err || (err = end_file(w, w->members[w->nr - 1], w->header.max_mapnr)) ||
	    (err = merge_bitmaps(w)) || (err = write_headers(w)))
		return err;
	for (size_t i = 0; !err && i < w->nr; i++)
		err = target_commit(w->members[i]->target);
	w->base.stats.nr_files = w->nr;
	return err;
}

static void destroy(struct dump_writer *writer)
{
	struct split_writer *w = to_split(writer);

	if (w->order)
		inorder_destroy(w->order);
	for (size_t i = 0; i < w->nr; i++)
		member_destroy(w->members[i]);
	writer_notes_deinit(&w->notes);
	free(w->path);
	free(w);
}
DEFINE_CLEANUP(struct dump_writer *, destroy)

static const struct dump_writer_ops split_ops = {
	.plan = plan,
	.begin = begin,
	.worker_create = worker_create,
	.worker_destroy = worker_destroy,
	.chunk = chunk,
	.finish = finish,
	.destroy = destroy,
};

/* Headers, bitmaps, and a chunk that does not shrink have to fit. */
static struct error *check_size(const struct split_writer *w)
{
	uint64_t least = kdump_front_end(&w->header, &w->notes) +
			 ((uint64_t)w->header.bitmap_blocks + 3) * w->header.block_size +
			 w->chunk_blocks * (uint64_t)(w->header.block_size + 2 * KDUMP_DESC_LEN);

	if (w->split.max_size >= least)
		return NULL;
	return error_create(ERROR_USAGE,
			    "%s: files of %llu bytes are too small, this dump needs %llu", w->path,
			    (unsigned long long)w->split.max_size, (unsigned long long)least);
}

struct error *split_writer_create(const char *path, const struct target_options *files,
				  const struct dump_split *split, const struct dump_facts *facts,
				  const struct dump_reader *ram,
				  const struct dump_writer_options *options,
				  struct dump_writer **ret)
{
	struct split_writer *w = sys_calloc(1, sizeof(*w));
	_cleanup_(cleanup_destroy) struct dump_writer *writer = w ? &w->base : NULL;
	struct error *err;

	if (!w)
		return &error_nomem;
	writer->ops = &split_ops;
	writer->block_size = facts->block_size;
	writer->takes_skip = options->share_zero;
	writer->blocks_codec = options->codec ? options->codec->id : CODEC_NONE;
	w->path = strdup(path);
	if (!w->path)
		return &error_nomem;
	w->files = *files;
	w->split = *split;
	w->ram = ram;
	w->options = *options;
	if (!w->split.max_size)
		w->split.max_size = UINT64_MAX;
	if ((err = writer_notes_init(&w->notes, facts)) ||
	    (err = kdump_front_header(&w->header, facts, &w->notes, options, path)))
		return err;
	w->chunk_blocks = dump_chunk_blocks(facts->block_size);
	if ((err = check_size(w)))
		return err;
	*ret = TAKE_PTR(writer);
	return NULL;
}
