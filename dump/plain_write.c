// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Raw images and LiME: memory as it is. Neither knows of memory that is left out, which reads as
 * zero, so what stands where follows from the RAM of the source alone:
 *
 *   raw   one stretch from the base to the end of RAM; the offset of a byte is its address less
 *         the base
 *   LiME  each stretch of RAM behind a header
 *
 * Zero blocks become holes of a file. On a device or stream they are written, in order.
 */
#include "dump/writer.h"

#include <pthread.h>
#include <string.h>

#include "dump/lime.h"
#include "dump/reader.h"
#include "util/bits.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"
#include "util/workers.h"
#include "util/zero.h"

#define ORDER_WINDOW 8 // chunks in memory while they wait for their turn
#define ULL(x)       ((unsigned long long)(x))

/* A stretch of memory in the file. */
struct stretch {
	uint64_t paddr, len;
	uint64_t off; /* of its first byte in the file */
};

struct plain_writer {
	struct dump_writer base;
	struct target *target;
	size_t header_len;         /* in front of each stretch */
	struct stretch *stretches; /* sorted, disjoint */
	size_t nr, cap;
	uint64_t size; /* of the file */

	/* Where the bytes leave in order. */
	struct inorder *order;
	uint64_t pos; /* bytes that are out */
	size_t next;  /* stretch whose header is not */

	pthread_mutex_t lock; /* of base.stats */
};

/* A chunk on its way through order. */
struct piece {
	uint64_t pfn, nr;
	uint64_t bits[]; /* of blocks that are not zero; behind them the data of all blocks */
};

static struct plain_writer *to_plain(struct dump_writer *writer)
{
	return (struct plain_writer *)writer;
}

static bool is_ordered(const struct plain_writer *w)
{
	return w->target->kind != TARGET_FILE;
}

static uint64_t stretch_end(const struct stretch *stretch)
{
	return stretch->paddr + stretch->len;
}

/* Index of the stretch that holds paddr, or of the first one behind it. */
static size_t find(const struct plain_writer *w, uint64_t paddr)
{
	size_t low = 0, high = w->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (stretch_end(&w->stretches[mid]) <= paddr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Bytes that follow all that is out. */
static struct error *put(struct plain_writer *w, const void *buf, size_t len)
{
	struct error *err = w->target->kind == TARGET_STREAM
				    ? target_append(w->target, buf, len)
				    : target_write(w->target, w->pos, buf, len);

	w->pos += len;
	return err;
}

static struct error *fill(struct plain_writer *w, uint64_t off)
{
	static const uint8_t zero[64U << 10];
	struct error *err = NULL;

	while (!err && w->pos < off)
		err = put(w, zero, min_u64(sizeof(zero), off - w->pos));
	return err;
}

/* The headers of the next stretches, up to but without that number. */
static struct error *put_headers(struct plain_writer *w, size_t end)
{
	struct error *err = NULL;

	for (; !err && w->header_len && w->next < end; w->next++) {
		const struct stretch *stretch = &w->stretches[w->next];
		uint8_t header[LIME_HEADER_LEN] = {0};

		store_u32(header, LIME_MAGIC, false);
		store_u32(header + 4, LIME_VERSION, false);
		store_u64(header + 8, stretch->paddr, false);
		store_u64(header + 16, stretch_end(stretch) - 1, false);
		if (is_ordered(w))
			err = fill(w, stretch->off - w->header_len);
		else
			w->pos = stretch->off - w->header_len;
		if (!err)
			err = put(w, header, sizeof(header));
	}
	return err;
}

static struct error *deliver(void *arg, const void *data, size_t len)
{
	const struct piece *piece = data;
	struct plain_writer *w = arg;
	size_t bs = w->base.block_size, start = 0, end;
	const uint8_t *blocks = (const uint8_t *)(piece->bits + bits_words(piece->nr));
	struct error *err = NULL;

	(void)len;
	for (; !err && bits_next_run(piece->bits, piece->nr, &start, &end); start = end) {
		uint64_t paddr = (piece->pfn + start) * bs;
		size_t i = find(w, paddr);
		const struct stretch *stretch = &w->stretches[i];

		err = put_headers(w, i + 1);
		if (!err)
			err = fill(w, stretch->off + (paddr - stretch->paddr));
		if (!err)
			err = put(w, blocks + start * bs, (end - start) * bs);
	}
	return err;
}

static struct error *begin(struct dump_writer *writer)
{
	struct plain_writer *w = to_plain(writer);
	size_t bs = w->base.block_size, nr = dump_chunk_blocks(w->base.block_size);
	size_t max = sizeof(struct piece) + bits_words(nr) * 8 + nr * bs;

	if (is_ordered(w))
		return inorder_create(ORDER_WINDOW, max, deliver, w, &w->order);
	return put_headers(w, w->nr);
}

/* What has to be written of a chunk: blocks that are neither known nor found to be zero. */
static void find_data(const struct plain_writer *w, const struct dump_chunk *chunk, uint64_t *bits)
{
	size_t bs = w->base.block_size, start = 0, end;

	for (size_t i = 0; i < bits_words(chunk->nr); i++)
		bits[i] = chunk->keep[i] & ~(chunk->skip ? chunk->skip[i] : 0);
	for (; bits_next_run(bits, chunk->nr, &start, &end); start = end) {
		for (size_t i = start; i < end; i++) {
			if (is_zero(chunk->data + i * bs, bs))
				bits_clear(bits, i);
		}
	}
}

/* Of one worker: a piece with room for a chunk. */
static struct error *worker_create(struct dump_writer *writer, void **ret)
{
	size_t bs = writer->block_size, nr = dump_chunk_blocks(writer->block_size);
	size_t data = is_ordered(to_plain(writer)) ? nr * bs : 0;

	*ret = sys_calloc(1, sizeof(struct piece) + bits_words(nr) * 8 + data);
	return *ret ? NULL : &error_nomem;
}

static struct error *write_blocks(struct plain_writer *w, const struct dump_chunk *chunk,
				  const uint64_t *bits)
{
	size_t bs = w->base.block_size, start = 0, end;
	struct error *err = NULL;

	for (; !err && bits_next_run(bits, chunk->nr, &start, &end); start = end) {
		uint64_t paddr = (chunk->pfn + start) * bs;
		const struct stretch *stretch = &w->stretches[find(w, paddr)];

		err = target_write(w->target, stretch->off + (paddr - stretch->paddr),
				   chunk->data + start * bs, (end - start) * bs);
	}
	return err;
}

static bool clone_blocks(struct dump_writer *writer, uint64_t pfn, size_t nr, int fd, uint64_t off)
{
	struct plain_writer *w = to_plain(writer);
	uint64_t bs = w->base.block_size, paddr = pfn * bs;
	const struct stretch *stretch = &w->stretches[find(w, paddr)];

	if (!target_clone(w->target, stretch->off + (paddr - stretch->paddr), fd, off, nr * bs))
		return false;
	pthread_mutex_lock(&w->lock);
	w->base.stats.zero -= nr; // which chunk() takes them for
	w->base.stats.data_bytes += nr * bs;
	pthread_mutex_unlock(&w->lock);
	return true;
}

static struct error *write_piece(struct plain_writer *w, struct piece *piece, uint64_t seq,
				 const struct dump_chunk *chunk)
{
	size_t bs = w->base.block_size, words = bits_words(chunk->nr), start = 0, end;
	uint8_t *blocks = (uint8_t *)(piece->bits + words);

	piece->pfn = chunk->pfn;
	piece->nr = chunk->nr;
	for (; bits_next_run(piece->bits, chunk->nr, &start, &end); start = end)
		memcpy(blocks + start * bs, chunk->data + start * bs, (end - start) * bs);
	return inorder_put(w->order, seq, piece, sizeof(*piece) + words * 8 + chunk->nr * bs);
}

static struct error *chunk(struct dump_writer *writer, void *worker, uint64_t seq,
			   const struct dump_chunk *chunk)
{
	struct plain_writer *w = to_plain(writer);
	size_t words = bits_words(chunk->nr);
	struct piece *piece = worker;
	uint64_t kept, data;
	struct error *err;

	find_data(w, chunk, piece->bits);
	kept = bits_count(chunk->keep, words);
	data = bits_count(piece->bits, words);
	err = is_ordered(w) ? write_piece(w, piece, seq, chunk)
			    : write_blocks(w, chunk, piece->bits);
	if (err) {
		if (w->order)
			inorder_abort(w->order);
		return err;
	}
	pthread_mutex_lock(&w->lock);
	w->base.stats.written += kept;
	w->base.stats.zero += kept - data;
	w->base.stats.data_bytes += data * w->base.block_size;
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* There is no way to say that something is missing, so an incomplete image is none. */
static struct error *finish(struct dump_writer *writer, bool incomplete)
{
	struct plain_writer *w = to_plain(writer);
	struct error *err;

	if (incomplete)
		return error_create(ERROR_UNSUPPORTED, "%s: the format has no mark for incomplete",
				    w->target->path);
	if (is_ordered(w)) {
		if ((err = inorder_drain(w->order)) || (err = put_headers(w, w->nr)) ||
		    (err = fill(w, w->size)))
			return err;
	}
	w->base.stats.file_bytes = w->size;
	if ((err = target_resize(w->target, w->size)))
		return err;
	return target_commit(w->target);
}

static void destroy(struct dump_writer *writer)
{
	struct plain_writer *w = to_plain(writer);

	if (w->order)
		inorder_destroy(w->order);
	pthread_mutex_destroy(&w->lock);
	free(w->stretches);
	free(w);
}
DEFINE_CLEANUP(struct dump_writer *, destroy)

static const struct dump_writer_ops plain_ops = {
	.begin = begin,
	.worker_create = worker_create,
	.worker_destroy = free,
	.chunk = chunk,
	.clone = clone_blocks,
	.finish = finish,
	.destroy = destroy,
};

static struct error *add_stretch(struct plain_writer *w, uint64_t start, uint64_t end)
{
	struct stretch *stretches = w->stretches, *last = w->nr ? &stretches[w->nr - 1] : NULL;

	if (last && start <= stretch_end(last)) {
		last->len = max_u64(last->len, end - last->paddr);
		return NULL;
	}
	if (w->nr == w->cap) {
		w->cap = w->cap ? 2 * w->cap : 16;
		stretches = sys_realloc(stretches, w->cap * sizeof(*stretches));
		if (!stretches)
			return &error_nomem;
		w->stretches = stretches;
	}
	stretches[w->nr++] = (struct stretch){.paddr = start, .len = end - start};
	return NULL;
}

/* All RAM of the source, in whole blocks. */
static struct error *find_ram(struct plain_writer *w, const struct dump_reader *ram)
{
	uint64_t bs = w->base.block_size;
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	struct error *err = dump_scratch_create(ram, &scratch);
	struct dump_run run;

	for (uint64_t paddr = 0; !err && paddr < ram->facts.max_paddr; paddr = run.end) {
		dump_next_run(ram, scratch, paddr, &run);
		if (run.status != DUMP_ABSENT)
			err = add_stretch(w, align_down(paddr, bs), align_up(run.end, bs));
	}
	if (!err && !w->nr)
		err = error_create(ERROR_NOT_FOUND, "%s: there is no memory to write",
				   w->target->path);
	return err;
}

static struct error *check_size(const struct plain_writer *w, uint64_t limit)
{
	limit = min_u64(limit ? limit : UINT64_MAX, w->target->capacity);
	if (w->size <= limit)
		return NULL;
	return error_create(ERROR_NO_SPACE, "%s: needs %llu bytes, and may have %llu",
			    w->target->path, ULL(w->size), ULL(limit));
}

static struct error *create(struct target *target, const struct dump_reader *ram,
			    uint32_t block_size, struct plain_writer **ret)
{
	struct plain_writer *w = sys_calloc(1, sizeof(*w));
	struct error *err;

	if (!w)
		return &error_nomem;
	w->base.ops = &plain_ops;
	w->base.block_size = block_size;
	w->base.takes_skip = true;
	w->target = target;
	pthread_mutex_init(&w->lock, NULL);
	if ((err = find_ram(w, ram))) {
		destroy(&w->base);
		return err;
	}
	*ret = w;
	return NULL;
}

struct error *raw_writer_create(struct target *target, const struct dump_facts *facts,
				const struct dump_reader *ram,
				const struct dump_writer_options *options, struct dump_writer **ret)
{
	_cleanup_(cleanup_destroy) struct dump_writer *writer = NULL;
	struct plain_writer *w;
	struct error *err = create(target, ram, facts->block_size, &w);
	uint64_t base;

	if (err)
		return err;
	writer = &w->base;
	base = options->base_given ? options->base : w->stretches[0].paddr;
	if (base > w->stretches[0].paddr)
		return error_create(ERROR_USAGE, "%s: memory begins at %#llx, below the base %#llx",
				    target->path, ULL(w->stretches[0].paddr), ULL(base));
	w->size = stretch_end(&w->stretches[w->nr - 1]) - base;
	w->stretches[0] = (struct stretch){.paddr = base, .len = w->size};
	w->nr = 1;
	writer->stats.base = base;
	if ((err = check_size(w, options->limit)))
		return err;
	*ret = TAKE_PTR(writer);
	return NULL;
}

struct error *lime_writer_create(struct target *target, const struct dump_facts *facts,
				 const struct dump_reader *ram,
				 const struct dump_writer_options *options,
				 struct dump_writer **ret)
{
	_cleanup_(cleanup_destroy) struct dump_writer *writer = NULL;
	struct plain_writer *w;
	struct error *err = create(target, ram, facts->block_size, &w);

	if (err)
		return err;
	writer = &w->base;
	w->header_len = LIME_HEADER_LEN;
	for (size_t i = 0; i < w->nr; i++) {
		w->stretches[i].off = w->size + w->header_len;
		w->size = w->stretches[i].off + w->stretches[i].len;
	}
	if ((err = check_size(w, options->limit)))
		return err;
	*ret = TAKE_PTR(writer);
	return NULL;
}
