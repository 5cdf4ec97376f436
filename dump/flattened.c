// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/flattened.h"

#include <string.h>

#include "util/bytes.h"
#include "util/checked.h"
#include "util/file.h"

void sink_init(struct sink *sink, struct target *target)
{
	*sink = (struct sink){.target = target};
	pthread_mutex_init(&sink->lock, NULL);
}

void sink_deinit(struct sink *sink)
{
	pthread_mutex_destroy(&sink->lock);
}

static struct error *append(struct sink *sink, const void *buf, size_t len)
{
	struct error *err = target_append(sink->target, buf, len);

	if (!err)
		sink->stream_len += len;
	return err;
}

struct error *sink_begin(struct sink *sink)
{
	uint8_t header[FLATTENED_HEADER_LEN] = FLATTENED_SIGNATURE;

	if (sink->target->kind != TARGET_STREAM)
		return NULL;
	store_u64(header + FLATTENED_SIGNATURE_LEN, FLATTENED_TYPE, true);
	store_u64(header + FLATTENED_SIGNATURE_LEN + 8, FLATTENED_VERSION, true);
	return append(sink, header, sizeof(header));
}

static struct error *append_record(struct sink *sink, uint64_t off, const void *buf, size_t len)
{
	uint8_t record[FLATTENED_RECORD_LEN];
	struct error *err;

	store_u64(record, off, true);
	store_u64(record + 8, len, true);
	err = append(sink, record, sizeof(record));
	if (!err)
		err = append(sink, buf, len);
	sink->end = max_u64(sink->end, off + len);
	return err;
}

struct error *sink_write(struct sink *sink, uint64_t off, const void *buf, size_t len)
{
	struct error *err;

	// a record of no bytes is damage to readers
	if (!len)
		return NULL;
	if (sink->target->kind != TARGET_STREAM)
		return target_write(sink->target, off, buf, len);
	pthread_mutex_lock(&sink->lock);
	err = append_record(sink, off, buf, len);
	pthread_mutex_unlock(&sink->lock);
	return err;
}

struct error *sink_end(struct sink *sink, uint64_t size)
{
	uint8_t terminator[FLATTENED_RECORD_LEN];
	struct error *err = NULL;

	if (sink->target->kind != TARGET_STREAM)
		return target_resize(sink->target, size);
	if (sink->end < size)
		err = append_record(sink, size - 1, "", 1);
	memset(terminator, 0xff, sizeof(terminator));
	return err ? err : append(sink, terminator, sizeof(terminator));
}
