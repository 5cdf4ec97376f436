// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/copy.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "dump/reader.h"
#include "dump/writer.h"
#include "util/bits.h"
#include "util/checked.h"
#include "util/progress.h"
#include "util/sys.h"
#include "util/workers.h"

/* Chunks that go without asking for undecoded blocks, after one that had some of no use. */
#define BLOCKS_PAUSE 128

/* Of what file systems share; the largest block that they commonly have. */
#define CLONE_ALIGN 4096

struct pump {
	const struct dump_reader *reader;
	const struct dump_selector *selector;
	struct dump_writer *writer;
	const struct dump_copy_options *options;
	uint64_t block_size;
	size_t chunk_blocks;
	uint64_t end_pfn;
	unsigned int pass, nr_passes; /* of the selector that are one pass here */
	bool plan;
	atomic_bool failed;   /* somebody did: nothing more is begun */
	atomic_bool no_clone; /* nothing can be shared with the source */

	pthread_mutex_t lock; /* of what stands below it */
	struct dump_scratch *scratch;
	uint64_t next_pfn, next_seq;
	struct dump_copy_stats *stats;
};

/* One thread, with its buffers for one chunk. */
struct worker {
	struct pump *pump;
	struct dump_scratch *scratch;
	void *selector;
	void *writer;
	uint64_t pfn; /* of the chunk */
	size_t nr, words;
	uint64_t *stored;                    /* bits of what the source has */
	uint64_t *keep, *lost, *pass, *zero; /* zero: known to be, without reading */
	bool any_zero;
	uint8_t *data;
	struct dump_block *blocks;
	unsigned int pause; /* chunks, see BLOCKS_PAUSE */
};

static void worker_destroy(struct worker *w)
{
	struct pump *pump = w->pump;

	if (w->selector) {
		pthread_mutex_lock(&pump->lock);
		pump->selector->worker_destroy(pump->selector, w->selector);
		pthread_mutex_unlock(&pump->lock);
	}
	if (w->writer)
		pump->writer->ops->worker_destroy(w->writer);
	dump_scratch_destroy(w->scratch);
	free(w->stored);
	free(w->data);
	free(w->blocks);
	free(w);
}
DEFINE_CLEANUP(struct worker *, worker_destroy)
#define _cleanup_worker_ _cleanup_(cleanup_worker_destroy)

/* Buffers of a plan stay small: nothing is read. */
static struct error *worker_buffers(struct worker *w)
{
	const struct pump *pump = w->pump;

	w->words = bits_words(pump->chunk_blocks);
	w->stored = sys_calloc(5 * w->words, sizeof(*w->stored));
	if (!w->stored)
		return &error_nomem;
	w->keep = w->stored + w->words;
	w->lost = w->keep + w->words;
	w->pass = w->lost + w->words;
	w->zero = w->pass + w->words;
	if (pump->plan)
		return NULL;
	w->data = sys_malloc(pump->chunk_blocks * pump->block_size);
	w->blocks = sys_calloc(pump->chunk_blocks, sizeof(*w->blocks));
	return w->data && w->blocks ? NULL : &error_nomem;
}

static struct error *worker_create(struct pump *pump, struct worker **ret)
{
	_cleanup_worker_ struct worker *w = sys_calloc(1, sizeof(*w));
	const struct dump_writer_ops *ops = pump->writer->ops;
	struct error *err;

	if (!w)
		return &error_nomem;
	w->pump = pump;
	if ((err = worker_buffers(w)) || (err = dump_scratch_create(pump->reader, &w->scratch)))
		return err;
	if (pump->selector && (err = pump->selector->worker_create(pump->selector, &w->selector)))
		return err;
	if (!pump->plan && ops->worker_create &&
	    (err = ops->worker_create(pump->writer, &w->writer)))
		return err;
	*ret = TAKE_PTR(w);
	return NULL;
}

/* Takes the next chunk in which the source has anything. Chunks that it has nothing of, perhaps
 * terabytes of them, cost one run. */
static bool take_chunk(struct worker *w, uint64_t *seq)
{
	struct pump *pump = w->pump;
	uint64_t bs = pump->block_size, end = pump->end_pfn * bs, pos;
	struct dump_run run;

	pthread_mutex_lock(&pump->lock);
	for (pos = pump->next_pfn * bs; pos < end; pos = run.end) {
		dump_next_run(pump->reader, pump->scratch, pos, &run);
		if (run.status == DUMP_OK)
			break;
	}
	if (pos < end) {
		w->pfn = pos / bs / pump->chunk_blocks * pump->chunk_blocks;
		w->nr = min_u64(pump->chunk_blocks, pump->end_pfn - w->pfn);
		pump->next_pfn = w->pfn + w->nr;
		*seq = pump->next_seq++;
	}
	pthread_mutex_unlock(&pump->lock);
	return pos < end;
}

/* Blocks that are in the run from pos to end as a whole. */
static void mark_zero(struct worker *w, uint64_t pos, uint64_t end)
{
	uint64_t bs = w->pump->block_size;

	for (uint64_t pfn = div_round_up(pos, bs); pfn < end / bs; pfn++)
		bits_set(w->zero, pfn - w->pfn);
	w->any_zero = true;
}

/* A block is stored when any part of it is. */
static void find_stored(struct worker *w)
{
	uint64_t bs = w->pump->block_size;
	uint64_t pos = w->pfn * bs, end = (w->pfn + w->nr) * bs;

	memset(w->stored, 0, w->words * sizeof(*w->stored));
	memset(w->zero, 0, w->words * sizeof(*w->zero));
	w->any_zero = false;
	while (pos < end) {
		struct dump_run run;
		uint64_t stop;

		dump_next_run(w->pump->reader, w->scratch, pos, &run);
		stop = min_u64(run.end, end);
		if (run.status == DUMP_OK) {
			for (uint64_t pfn = pos / bs; pfn < div_round_up(stop, bs); pfn++)
				bits_set(w->stored, pfn - w->pfn);
		}
		if (run.zero)
			mark_zero(w, pos, stop);
		pos = stop;
	}
}

static void select_blocks(struct worker *w)
{
	const struct dump_selector *selector = w->pump->selector;
	const struct pump *pump = w->pump;

	memset(w->lost, 0, w->words * sizeof(*w->lost));
	if (!selector) {
		memcpy(w->keep, w->stored, w->words * sizeof(*w->keep));
		return;
	}
	memset(w->keep, 0, w->words * sizeof(*w->keep));
	for (unsigned int i = 0; i < pump->nr_passes; i++) {
		memcpy(w->pass, w->stored, w->words * sizeof(*w->pass));
		selector->select(selector, w->selector, pump->pass + i, pump->plan, w->pfn, w->nr,
				 w->pass);
		for (size_t j = 0; j < w->words; j++)
			w->keep[j] |= w->pass[j] & w->stored[j];
	}
}

/* Damage comes in runs, so the neighbour of a known range extends it. */
static void record_damage(struct dump_copy_stats *stats, uint64_t start, uint64_t end,
			  const char *why)
{
	size_t i;

	stats->unreadable++;
	for (i = 0; i < stats->nr_damage; i++) {
		if (stats->damage[i].end == start) {
			stats->damage[i].end = end;
			return;
		}
		if (stats->damage[i].start == end) {
			stats->damage[i].start = start;
			return;
		}
	}
	if (i == COPY_MAX_DAMAGE)
		return;
	stats->damage[i].start = start;
	stats->damage[i].end = end;
	snprintf(stats->damage[i].why, sizeof(stats->damage[i].why), "%s", why);
	stats->nr_damage++;
}

static void lose_block(struct worker *w, size_t i)
{
	uint64_t bs = w->pump->block_size, start = (w->pfn + i) * bs;

	bits_clear(w->keep, i);
	bits_set(w->lost, i);
	memset(w->data + i * bs, 0, bs);
	pthread_mutex_lock(&w->pump->lock);
	record_damage(w->pump->stats, start, start + bs, w->scratch->why);
	if (w->pump->options->lost)
		w->pump->options->lost(w->pump->options->lost_arg, start, start + bs);
	pthread_mutex_unlock(&w->pump->lock);
}

/* Bytes of a kept block that the source has not, since its blocks are smaller. */
static uint64_t fill_gap(struct worker *w, uint64_t pos, uint64_t end)
{
	uint64_t first = w->pfn * w->pump->block_size;
	struct dump_run run;

	dump_next_run(w->pump->reader, w->scratch, pos, &run);
	end = min_u64(end, run.end);
	memset(w->data + (pos - first), 0, end - pos);
	return end;
}

/* Reads blocks start to end of the chunk, as much at once as there is. */
static void read_run(struct worker *w, size_t start, size_t end)
{
	uint64_t bs = w->pump->block_size, first = w->pfn * bs;
	uint64_t pos = first + start * bs, stop = first + end * bs;

	while (pos < stop) {
		size_t done = 0;
		enum dump_status status;

		status = dump_read(w->pump->reader, w->scratch, pos, w->data + (pos - first),
				   stop - pos, &done);
		pos += done;
		if (status == DUMP_UNREADABLE) {
			lose_block(w, (pos - first) / bs);
			pos = align_down(pos, bs) + bs;
		} else if (status != DUMP_OK) {
			pos = fill_gap(w, pos, stop);
		}
	}
}

/* Whole blocks of a run that the target can share with the source. */
static void clone_run(struct worker *w, size_t start, size_t end)
{
	struct dump_writer *writer = w->pump->writer;
	uint64_t bs = w->pump->block_size;
	struct dump_extent extent;
	size_t n;

	for (; start < end && !atomic_load(&w->pump->no_clone); start += n) {
		uint64_t pfn = w->pfn + start;

		n = 1;
		if (!w->pump->reader->ops->extent(w->pump->reader, pfn * bs, &extent) ||
		    extent.len < bs || extent.off % CLONE_ALIGN)
			continue;
		n = min_u64(extent.len / bs, end - start);
		if (!writer->ops->clone(writer, pfn, n, extent.fd, extent.off)) {
			atomic_store(&w->pump->no_clone, true);
			return;
		}
		for (size_t i = start; i < start + n; i++)
			bits_set(w->zero, i);
		w->any_zero = true;
	}
}

static void clone_blocks(struct worker *w)
{
	size_t start = 0, end;

	if (atomic_load(&w->pump->no_clone))
		return;
	for (size_t i = 0; i < w->words; i++)
		w->pass[i] = w->keep[i] & ~w->zero[i];
	for (; bits_next_run(w->pass, w->nr, &start, &end); start = end)
		clone_run(w, start, end);
}

/* What is known to be zero is not read where the writer takes that for an answer. */
static void read_data(struct worker *w)
{
	bool skip = w->pump->writer->takes_skip;
	size_t start = 0, end;

	for (size_t i = 0; i < w->words; i++)
		w->pass[i] = w->keep[i] & ~(skip ? w->zero[i] : 0);
	for (; bits_next_run(w->pass, w->nr, &start, &end); start = end)
		read_run(w, start, end);
}

/* Whether a block can be copied as it is. */
static bool is_usable(const struct worker *w, const struct dump_block *block)
{
	if (block->status != DUMP_OK)
		return false;
	if (block->codec == CODEC_NONE)
		return block->len == w->pump->block_size;
	return block->codec == w->pump->writer->blocks_codec && block->len &&
	       block->len < w->pump->block_size;
}

/* Copies what the reader lent until its next call. False: there is a block that has to be decoded,
 * or one that cannot be had, which is read_data()'s to tell. */
static bool borrow_blocks(struct worker *w, size_t start, size_t end, size_t *used)
{
	const struct dump_reader *reader = w->pump->reader;

	while (start < end) {
		size_t done = 0;

		reader->ops->blocks(reader, w->scratch, w->pfn + start, end - start,
				    w->blocks + start, &done);
		if (!done)
			return false;
		for (; done; done--, start++) {
			struct dump_block *block = &w->blocks[start];

			if (!is_usable(w, block))
				return false;
			memcpy(w->data + *used, block->data, block->len);
			block->data = w->data + *used;
			*used += block->len;
		}
	}
	return true;
}

/* The kept blocks as they stand in the source, if all are raw or of the writer's codec. */
static bool take_blocks(struct worker *w)
{
	const struct dump_reader *reader = w->pump->reader;
	size_t start = 0, end, used = 0;
	bool ok = true;

	if (!reader->ops->blocks || w->pump->writer->blocks_codec == CODEC_NONE ||
	    reader->facts.block_size != w->pump->block_size)
		return false;
	if (w->pause) {
		w->pause--;
		return false;
	}
	for (; ok && bits_next_run(w->keep, w->nr, &start, &end); start = end)
		ok = borrow_blocks(w, start, end, &used);
	if (!ok)
		w->pause = BLOCKS_PAUSE;
	return ok;
}

static void add_kept(struct worker *w)
{
	uint64_t kept = bits_count(w->keep, w->words);

	pthread_mutex_lock(&w->pump->lock);
	w->pump->stats->kept += kept;
	pthread_mutex_unlock(&w->pump->lock);
}

static struct error *copy_chunk(struct worker *w, uint64_t seq)
{
	struct pump *pump = w->pump;
	struct dump_chunk chunk = {.pfn = w->pfn, .nr = w->nr, .keep = w->keep};
	struct error *err;

	find_stored(w);
	select_blocks(w);
	if (pump->plan)
		return pump->writer->ops->plan(pump->writer, &chunk);
	chunk.lost = w->lost;
	if (take_blocks(w)) {
		chunk.blocks = w->blocks;
	} else {
		clone_blocks(w);
		read_data(w);
		chunk.data = w->data;
		chunk.skip = w->any_zero && pump->writer->takes_skip ? w->zero : NULL;
	}
	err = pump->writer->ops->chunk(pump->writer, w->writer, seq, &chunk);
	if (err)
		return err;
	add_kept(w);
	progress_add(pump->options->progress, bits_count(w->stored, w->words) * pump->block_size);
	return NULL;
}

static bool is_stopped(const struct pump *pump)
{
	return pump->options->stop && atomic_load(pump->options->stop);
}

static struct error *copy_chunks(struct worker *w)
{
	struct error *err = NULL;
	uint64_t seq;

	while (!err && !atomic_load(&w->pump->failed)) {
		if (is_stopped(w->pump))
			return error_create(ERROR_INTERRUPTED, "interrupted");
		if (!take_chunk(w, &seq))
			return NULL;
		err = copy_chunk(w, seq);
	}
	return err;
}

static struct error *run_worker(void *arg)
{
	_cleanup_worker_ struct worker *w = NULL;
	struct pump *pump = arg;
	struct error *err = worker_create(pump, &w);

	if (!err)
		err = copy_chunks(w);
	if (err)
		atomic_store(&pump->failed, true);
	return err;
}

/* One pass over memory. */
static struct error *run_pass(struct pump *pump, unsigned int nr_threads)
{
	pump->next_pfn = 0;
	pump->next_seq = 0;
	return workers_run(nr_threads, run_worker, pump);
}

static struct error *plan(struct pump *pump)
{
	struct error *err;

	pump->plan = true;
	err = run_pass(pump, 1);
	pump->plan = false;
	return err;
}

static struct error *run(struct pump *pump)
{
	const struct dump_writer_ops *ops = pump->writer->ops;
	unsigned int nr_passes = pump->selector ? pump->selector->nr_passes : 1;
	struct error *err = NULL;

	pump->nr_passes = ops->plan ? nr_passes : 1;
	if (ops->plan)
		err = plan(pump);
	if (!err)
		err = ops->begin(pump->writer);
	for (pump->pass = 0; !err && pump->pass < nr_passes; pump->pass += pump->nr_passes) {
		if (pump->pass && ops->end_pass)
			err = ops->end_pass(pump->writer);
		if (!err)
			err = run_pass(pump, pump->options->nr_threads);
	}
	return err;
}

/* What cannot be finished as a whole may still be had as an incomplete file. */
static struct error *finish(struct pump *pump, struct error *err, bool *usable)
{
	struct dump_writer *writer = pump->writer;

	*usable = false;
	writer->mark_incomplete = pump->options->lost && pump->stats->unreadable;
	if (!err)
		err = writer->ops->finish(writer, false);
	if (err)
		*usable = !error_ignore(writer->ops->finish(writer, true)) && writer->stats.written;
	return err;
}

struct error *dump_copy(const struct dump_reader *reader, const struct dump_selector *selector,
			struct dump_writer *writer, const struct dump_copy_options *options,
			struct dump_copy_stats *stats, bool *usable)
{
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	struct pump pump = {
		.reader = reader,
		.selector = selector,
		.writer = writer,
		.options = options,
		.block_size = writer->block_size,
		.chunk_blocks = dump_chunk_blocks(writer->block_size),
		.end_pfn = div_round_up(reader->facts.max_paddr, writer->block_size),
		.no_clone = !reader->ops->extent || !writer->ops->clone || !writer->takes_skip,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.stats = stats,
	};
	struct error *err;

	*stats = (struct dump_copy_stats){0};
	*usable = false;
	if ((err = dump_scratch_create(reader, &scratch)))
		return err;
	pump.scratch = scratch;
	return finish(&pump, run(&pump), usable);
}
