// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_stream.h"

#include <pthread.h>
#include <string.h>

#include "dump/flattened.h"
#include "dump/kdump_header.h"
#include "dump/kdump_table.h"
#include "dump/writer.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"
#include "util/workers.h"

#define ORDER_WINDOW 64 // chunks that workers may be apart

struct kdump_stream {
	struct kdump_stream_config config;
	pthread_mutex_t lock; /* of what stands below it */
	uint64_t tail;        /* first byte behind the page data */
	uint64_t blocks;      /* that room was given for */

	/* Touched in order only. */
	struct inorder *order;
	struct kdump_table table;
	struct dump_writer_stats stats;
};

static struct error *deliver(void *arg, const void *piece, size_t len)
{
	const struct kdump_record *record = piece;
	const uint32_t *entries = kdump_record_entries_const(record);
	struct kdump_stream *stream = arg;

	for (uint32_t i = 0; i < record->nr_kept; i++) {
		stream->stats.data_bytes += KDUMP_ENTRY_OWN(entries[i]);
		stream->stats.zero += entries[i] == KDUMP_ENTRY_ZERO;
		stream->stats.shared += (entries[i] & KDUMP_ENTRY_SHARED) != 0;
	}
	stream->stats.written += record->nr_kept;
	return kdump_table_add(&stream->table, &record, 1);
}

static struct error *write_zero_block(struct kdump_stream *stream)
{
	size_t len = stream->config.header->block_size;
	_cleanup_free_ void *zero = sys_calloc(1, len);
	struct error *err;

	if (!zero)
		return &error_nomem;
	err = sink_write(stream->config.sink, stream->tail, zero, len);
	stream->tail += len;
	return err;
}

static struct error *start(struct kdump_stream *stream)
{
	const struct kdump_stream_config *config = &stream->config;
	size_t max_record = kdump_record_max(config->chunk_blocks);
	struct error *err;

	stream->tail = kdump_desc_off(config->header) + config->nr_planned * KDUMP_DESC_LEN;
	if ((err = inorder_create(ORDER_WINDOW, max_record, deliver, stream, &stream->order)) ||
	    (err = kdump_table_init(&stream->table, config->sink, config->header, stream->tail,
				    true)) ||
	    (err = kdump_table_ram(&stream->table, config->ram)))
		return err;
	return write_zero_block(stream);
}

struct error *kdump_stream_create(const struct kdump_stream_config *config,
				  struct kdump_stream **ret)
{
	struct kdump_stream *stream = sys_calloc(1, sizeof(*stream));
	struct error *err;

	if (!stream)
		return &error_nomem;
	stream->config = *config;
	pthread_mutex_init(&stream->lock, NULL);
	if ((err = start(stream))) {
		kdump_stream_destroy(stream);
		return err;
	}
	*ret = stream;
	return NULL;
}

void kdump_stream_destroy(struct kdump_stream *stream)
{
	if (!stream)
		return;
	if (stream->order)
		inorder_destroy(stream->order);
	kdump_table_deinit(&stream->table);
	pthread_mutex_destroy(&stream->lock);
	free(stream);
}

struct error *kdump_stream_reserve(struct kdump_stream *stream, size_t len, size_t nr_blocks,
				   uint64_t *ret)
{
	const struct kdump_stream_config *config = &stream->config;
	const char *path = config->sink->target->path;
	struct error *err = NULL;

	pthread_mutex_lock(&stream->lock);
	if (stream->tail > config->limit || len > config->limit - stream->tail) {
		err = error_create(ERROR_NO_SPACE,
				   "%s: the %llu bytes that it may have are used up", path,
				   (unsigned long long)config->limit);
	} else if (nr_blocks > config->nr_planned - stream->blocks) {
		err = error_create(ERROR_FORMAT,
				   "%s: memory changes: more than the %llu blocks found at first",
				   path, (unsigned long long)config->nr_planned);
	} else {
		*ret = stream->tail;
		stream->tail += len;
		stream->blocks += nr_blocks;
	}
	pthread_mutex_unlock(&stream->lock);
	return err;
}

struct error *kdump_stream_put(struct kdump_stream *stream, uint64_t seq,
			       const struct kdump_record *record)
{
	return inorder_put(stream->order, seq, record, kdump_record_size(record));
}

void kdump_stream_abort(struct kdump_stream *stream)
{
	inorder_abort(stream->order);
}

struct error *kdump_stream_finish(struct kdump_stream *stream, bool incomplete,
				  struct dump_writer_stats *stats)
{
	uint8_t page[KDUMP_MIN_BLOCK] = {0}, sub[KDUMP_SUB_LEN];
	struct kdump_header header = *stream->config.header;
	struct sink *sink = stream->config.sink;
	struct error *err;

	if (incomplete)
		header.status |= KDUMP_STATUS_INCOMPLETE;
	kdump_header_encode(&header, page, sub);
	if ((err = inorder_drain(stream->order)) || (err = kdump_table_end(&stream->table)) ||
	    (err = sink_write(sink, 0, page, sizeof(page))) || (err = sink_end(sink, stream->tail)))
		return err;
	*stats = stream->stats;
	stats->file_bytes = sink->stream_len;
	return NULL;
}
