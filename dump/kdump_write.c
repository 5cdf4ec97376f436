// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/writer.h"

#include <string.h>

#include "dump/dedupe.h"
#include "dump/flattened.h"
#include "dump/kdump_commit.h"
#include "dump/kdump_encode.h"
#include "dump/kdump_front.h"
#include "dump/kdump_header.h"
#include "dump/kdump_stream.h"
#include "util/bits.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

struct kdump_writer {
	struct dump_writer base;
	struct target *target;
	const struct dump_reader *ram;
	struct dump_writer_options options;
	struct sink sink;
	struct kdump_header header;
	struct writer_notes notes;
	size_t chunk_blocks;
	uint64_t limit;              /* bytes of the file */
	uint64_t nr_planned;         /* blocks; streams only */
	struct dedupe *dedupe;       /* NULL: equal blocks are stored as often as they come */
	struct kdump_commit *commit; /* one of the two, from begin() on */
	struct kdump_stream *stream;
};

static struct kdump_writer *to_kdump(struct dump_writer *writer)
{
	return (struct kdump_writer *)writer;
}

static bool is_stream(const struct kdump_writer *w)
{
	return w->target->kind == TARGET_STREAM;
}

static struct error *plan(struct dump_writer *writer, const struct dump_chunk *chunk)
{
	struct kdump_writer *w = to_kdump(writer);

	w->nr_planned += bits_count(chunk->keep, bits_words(chunk->nr));
	return NULL;
}

/* A device may hold an older dump, which must not be taken for this one. In a file block 0 gets its
 * space before others do. */
static struct error *wipe_header(struct kdump_writer *w)
{
	static const uint8_t zero[KDUMP_MIN_BLOCK];
	struct error *err = target_write(w->target, 0, zero, sizeof(zero));

	return err || w->target->kind != TARGET_BLOCK ? err : target_sync(w->target);
}

static struct error *begin_file(struct kdump_writer *w, uint64_t end)
{
	_cleanup_free_ void *zero = sys_calloc(1, w->header.block_size);
	struct kdump_commit_config config = {
		.sink = &w->sink,
		.header = &w->header,
		.ram = w->ram,
		.zero_off = end,
		.start = end + w->header.block_size,
		.limit = w->limit,
		.chunk_blocks = w->chunk_blocks,
	};
	struct error *err;

	if (!zero)
		return &error_nomem;
	if ((err = wipe_header(w)) || (err = kdump_front_write(&w->sink, &w->header, &w->notes)) ||
	    (err = target_write(w->target, end, zero, w->header.block_size)))
		return err;
	return kdump_commit_create(&config, &w->commit);
}

static struct error *begin_stream(struct kdump_writer *w, uint64_t end)
{
	struct kdump_stream_config config = {
		.sink = &w->sink,
		.header = &w->header,
		.ram = w->ram,
		.nr_planned = w->nr_planned,
		.limit = w->limit,
		.chunk_blocks = w->chunk_blocks,
	};
	struct error *err;

	w->header.sub_hdr_size = (uint32_t)(div_round_up(end, w->header.block_size) - 1);
	if ((err = sink_begin(&w->sink)) ||
	    (err = kdump_front_write(&w->sink, &w->header, &w->notes)))
		return err;
	return kdump_stream_create(&config, &w->stream);
}

static struct error *begin(struct dump_writer *writer)
{
	struct kdump_writer *w = to_kdump(writer);
	uint64_t end = kdump_front_end(&w->header, &w->notes);

	return is_stream(w) ? begin_stream(w, end) : begin_file(w, end);
}

static struct error *worker_create(struct dump_writer *writer, void **ret)
{
	struct kdump_writer *w = to_kdump(writer);
	struct kdump_encoder *encoder = NULL;
	struct error *err = kdump_encoder_create(&w->options, w->header.block_size, w->chunk_blocks,
						 &encoder);

	*ret = encoder;
	return err;
}

static void worker_destroy(void *worker)
{
	kdump_encoder_destroy(worker);
}

static struct error *write_chunk(struct kdump_writer *w, struct kdump_encoder *encoder,
				 uint64_t seq)
{
	struct kdump_record *record = encoder->record;
	struct error *err;

	if (w->dedupe)
		dedupe_find(w->dedupe, encoder);
	err = w->stream
		      ? kdump_stream_reserve(w->stream, encoder->len, record->nr_kept, &record->off)
		      : kdump_commit_reserve(w->commit, encoder->len, record->nr_kept,
					     &record->off);
	if (!err)
		err = sink_write(&w->sink, record->off, encoder->data, encoder->len);
	if (err)
		return err;
	if (w->dedupe)
		dedupe_add(w->dedupe, encoder);
	return w->stream ? kdump_stream_put(w->stream, seq, record)
			 : kdump_commit_put(w->commit, seq, record);
}

static struct error *chunk(struct dump_writer *writer, void *worker, uint64_t seq,
			   const struct dump_chunk *chunk)
{
	struct kdump_writer *w = to_kdump(writer);
	struct error *err;

	kdump_encode(worker, chunk);
	err = write_chunk(w, worker, seq);
	if (err && w->stream)
		kdump_stream_abort(w->stream);
	else if (err)
		kdump_commit_abort(w->commit);
	return err;
}

static struct error *end_pass(struct dump_writer *writer)
{
	return kdump_commit_end_pass(to_kdump(writer)->commit);
}

static struct error *finish_file(struct kdump_writer *w, bool incomplete)
{
	const struct kdump_commit_stats *stats = kdump_commit_stats(w->commit);
	struct error *err = kdump_commit_finish(w->commit, incomplete || w->base.mark_incomplete);

	if (!err && !incomplete)
		err = target_commit(w->target);
	w->base.stats = (struct dump_writer_stats){
		.written = stats->blocks,
		.zero = stats->zero,
		.shared = stats->shared,
		.data_bytes = stats->data_bytes,
		.file_bytes = stats->file_bytes,
	};
	return err;
}

static struct error *finish(struct dump_writer *writer, bool incomplete)
{
	struct kdump_writer *w = to_kdump(writer);

	if (w->stream) {
		struct error *err = kdump_stream_finish(
			w->stream, incomplete || w->base.mark_incomplete, &w->base.stats);

		return err || incomplete ? err : target_commit(w->target);
	}
	if (w->commit)
		return finish_file(w, incomplete);
	return error_create(ERROR_NOT_FOUND, "%s: nothing was written", w->target->path);
}

static void destroy(struct dump_writer *writer)
{
	struct kdump_writer *w = to_kdump(writer);

	dedupe_destroy(w->dedupe);
	kdump_commit_destroy(w->commit);
	kdump_stream_destroy(w->stream);
	writer_notes_deinit(&w->notes);
	sink_deinit(&w->sink);
	free(w);
}

static const struct dump_writer_ops file_ops = {
	.begin = begin,
	.worker_create = worker_create,
	.worker_destroy = worker_destroy,
	.chunk = chunk,
	.end_pass = end_pass,
	.finish = finish,
	.destroy = destroy,
};

static const struct dump_writer_ops stream_ops = {
	.plan = plan,
	.begin = begin,
	.worker_create = worker_create,
	.worker_destroy = worker_destroy,
	.chunk = chunk,
	.finish = finish,
	.destroy = destroy,
};

struct error *kdump_writer_create(struct target *target, const struct dump_facts *facts,
				  const struct dump_reader *ram,
				  const struct dump_writer_options *options,
				  struct dump_writer **ret)
{
	struct kdump_writer *w = sys_calloc(1, sizeof(*w));
	struct error *err;

	if (!w)
		return &error_nomem;
	w->base.ops = target->kind == TARGET_STREAM ? &stream_ops : &file_ops;
	w->base.block_size = facts->block_size;
	w->base.takes_skip = options->share_zero;
	w->base.blocks_codec = options->codec ? options->codec->id : CODEC_NONE;
	w->target = target;
	w->ram = ram;
	w->options = *options;
	w->limit = options->limit ? options->limit : UINT64_MAX;
	sink_init(&w->sink, target);
	err = writer_notes_init(&w->notes, facts);
	if (!err)
		err = kdump_front_header(&w->header, facts, &w->notes, options, target->path);
	if (!err && options->dedupe)
		err = dedupe_create(target, options->dedupe, &w->dedupe);
	if (!err)
		w->chunk_blocks = dump_chunk_blocks(facts->block_size);
	if (err) {
		destroy(&w->base);
		return err;
	}
	*ret = &w->base;
	return NULL;
}
