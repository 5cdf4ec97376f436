// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/writer.h"

#include <string.h>

#include "dump/flattened.h"
#include "dump/kdump_commit.h"
#include "dump/kdump_encode.h"
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

/* The sub header stands in block 1, the notes right behind it. */
static struct error *write_front(struct kdump_writer *w)
{
	uint8_t main[KDUMP_MAIN_LEN], sub[KDUMP_SUB_LEN];
	uint64_t off = w->header.block_size;
	struct error *err;

	kdump_header_encode(&w->header, main, sub);
	err = sink_write(&w->sink, off, sub, sizeof(sub));
	return err ? err : sink_write(&w->sink, off + sizeof(sub), w->notes.data, w->notes.len);
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
	if ((err = wipe_header(w)) || (err = write_front(w)) ||
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
	if ((err = sink_begin(&w->sink)) || (err = write_front(w)))
		return err;
	return kdump_stream_create(&config, &w->stream);
}

static struct error *begin(struct dump_writer *writer)
{
	struct kdump_writer *w = to_kdump(writer);
	uint64_t end = w->header.block_size + KDUMP_SUB_LEN + w->notes.len;

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

	err = w->stream ? kdump_stream_reserve(w->stream, encoder->out_len, record->nr_kept,
					       &record->off)
			: kdump_commit_reserve(w->commit, encoder->out_len, record->nr_kept,
					       &record->off);
	if (!err)
		err = sink_write(&w->sink, record->off, encoder->out, encoder->out_len);
	if (err)
		return err;
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
	struct error *err = kdump_commit_finish(w->commit, incomplete);

	if (!err)
		err = incomplete ? target_sync(w->target) : target_commit(w->target);
	w->base.stats = (struct dump_writer_stats){
		.written = stats->blocks,
		.zero = stats->zero,
		.data_bytes = stats->data_bytes,
		.file_bytes = stats->file_bytes,
	};
	return err;
}

static struct error *finish(struct dump_writer *writer, bool incomplete)
{
	struct kdump_writer *w = to_kdump(writer);

	if (w->stream)
		return kdump_stream_finish(w->stream, incomplete, &w->base.stats);
	if (w->commit)
		return finish_file(w, incomplete);
	return error_create(ERROR_NOT_FOUND, "%s: nothing was written", w->target->path);
}

static void destroy(struct dump_writer *writer)
{
	struct kdump_writer *w = to_kdump(writer);

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

static struct error *set_header(struct kdump_writer *w, const struct dump_facts *facts)
{
	uint64_t note = facts->block_size + (uint64_t)KDUMP_SUB_LEN;
	struct kdump_header *header = &w->header;
	uint64_t nr;

	if (!is_power_of_two(facts->block_size) || facts->block_size < KDUMP_MIN_BLOCK ||
	    facts->block_size > KDUMP_MAX_BLOCK || facts->max_paddr >> KDUMP_MAX_PADDR_SHIFT)
		return error_create(ERROR_UNSUPPORTED,
				    "%s: no kdump file can have blocks of %u bytes up to "
				    "address %#llx",
				    w->target->path, facts->block_size,
				    (unsigned long long)facts->max_paddr);
	w->chunk_blocks = dump_chunk_blocks(facts->block_size);
	nr = div_round_up(facts->max_paddr, facts->block_size);
	*header = (struct kdump_header){
		.abi = kdump_abi_of(facts->machine, facts->word, facts->big_endian),
		.uts = facts->uts,
		.big_endian = facts->big_endian,
		.time_sec = facts->time_sec,
		.time_usec = facts->time_usec,
		.status = w->options.codec ? w->options.codec->id : CODEC_NONE,
		.block_size = facts->block_size,
		.nr_cpus = facts->nr_cpus,
		.phys_base = facts->phys_base,
		.dump_level = facts->dump_level,
		.size_vmcoreinfo = w->notes.vmcoreinfo_len,
		.size_note = w->notes.len,
		.size_eraseinfo = w->notes.eraseinfo_len,
	};
	if (facts->incomplete)
		header->status |= KDUMP_STATUS_INCOMPLETE;
	if (header->size_vmcoreinfo)
		header->off_vmcoreinfo = note + w->notes.vmcoreinfo_off;
	if (header->size_note)
		header->off_note = note;
	if (header->size_eraseinfo)
		header->off_eraseinfo = note + w->notes.eraseinfo_off;
	header->max_mapnr = nr - min_u64(nr, kdump_first_pfn(header));
	header->bitmap_blocks = (uint32_t)(2 * kdump_bitmap_blocks(header->max_mapnr,
								   header->block_size));
	return NULL;
}

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
	w->base.blocks_codec = options->codec ? options->codec->id : CODEC_NONE;
	w->target = target;
	w->ram = ram;
	w->options = *options;
	w->limit = options->limit ? options->limit : UINT64_MAX;
	sink_init(&w->sink, target);
	err = writer_notes_init(&w->notes, facts);
	if (!err)
		err = set_header(w, facts);
	if (err) {
		destroy(&w->base);
		return err;
	}
	*ret = &w->base;
	return NULL;
}
