// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_encode.h"

#include <string.h>

#include "dump/reader.h"
#include "dump/writer.h"
#include "util/bits.h"
#include "util/sys.h"
#include "util/zero.h"

struct error *kdump_encoder_create(const struct dump_writer_options *options, size_t block_size,
				   size_t chunk_blocks, struct kdump_encoder **ret)
{
	_cleanup_(cleanup_kdump_encoder_destroy) struct kdump_encoder *encoder = sys_calloc(
		1, sizeof(*encoder));
	struct error *err;

	if (!encoder)
		return &error_nomem;
	encoder->codec = options->codec;
	encoder->share_zero = options->share_zero;
	encoder->block_size = block_size;
	codec_set_init(&encoder->decoders, block_size);
	encoder->block = sys_malloc(block_size);
	encoder->out = sys_malloc(chunk_blocks * block_size);
	encoder->record = sys_calloc(1, kdump_record_max(chunk_blocks));
	encoder->hashes = options->dedupe ? sys_calloc(chunk_blocks, sizeof(uint64_t)) : NULL;
	if (options->dedupe && !encoder->hashes)
		return &error_nomem;
	if (!encoder->block || !encoder->out || !encoder->record)
		return &error_nomem;
	if (encoder->codec) {
		err = encoder->codec->create(options->codec_level, block_size, &encoder->state);
		if (err)
			return err;
	}
	*ret = TAKE_PTR(encoder);
	return NULL;
}

void kdump_encoder_destroy(struct kdump_encoder *encoder)
{
	if (encoder->state)
		encoder->codec->destroy(encoder->state);
	codec_set_deinit(&encoder->decoders);
	free(encoder->block);
	free(encoder->out);
	free(encoder->record);
	free(encoder->hashes);
	free(encoder);
}

/* An encoded block of zeros is short with every codec: at worst snappy's, 3 bytes for 64. */
static bool may_be_zero(const struct kdump_encoder *encoder, size_t len)
{
	return len < encoder->block_size / 16 + 64;
}

static bool decodes_to_zero(struct kdump_encoder *encoder, const struct dump_block *block)
{
	const char *why;

	return may_be_zero(encoder, block->len) &&
	       codec_set_decode(&encoder->decoders, block->codec, block->data, block->len,
				encoder->block, &why) &&
	       is_zero(encoder->block, encoder->block_size);
}

static uint32_t put(struct kdump_encoder *encoder, const void *data, size_t len,
		    enum codec_id codec)
{
	memcpy(encoder->out + encoder->len, data, len);
	encoder->len += len;
	return KDUMP_ENTRY(len, codec);
}

static uint32_t encode_raw(struct kdump_encoder *encoder, const uint8_t *data)
{
	size_t size = encoder->block_size, len = 0;

	if (encoder->codec)
		len = encoder->codec->encode(encoder->state, data, size,
					     encoder->out + encoder->len, size);
	if (!len)
		return put(encoder, data, size, CODEC_NONE);
	encoder->len += len;
	return KDUMP_ENTRY(len, encoder->codec->id);
}

/* Memory that is filled with a pattern makes whole runs of equal blocks. */
static uint32_t encode_block(struct kdump_encoder *encoder, const uint8_t *data)
{
	uint32_t entry = encoder->last_entry;

	if (encoder->share_zero && is_zero(data, encoder->block_size))
		return KDUMP_ENTRY_ZERO;
	if (encoder->last && !memcmp(encoder->last, data, encoder->block_size))
		return put(encoder, encoder->last_out, KDUMP_ENTRY_LEN(entry),
			   KDUMP_ENTRY_CODEC(entry));
	encoder->last = data;
	encoder->last_out = encoder->out + encoder->len;
	return encoder->last_entry = encode_raw(encoder, data);
}

static void gather(struct kdump_encoder *encoder)
{
	if (encoder->data == encoder->out)
		return;
	memcpy(encoder->out, encoder->data, encoder->len);
	encoder->data = encoder->out;
}

/* Encoded blocks that stand one behind the other already stay where they are, if they are all. */
static uint32_t take_block(struct kdump_encoder *encoder, const struct dump_block *block)
{
	if (block->codec == CODEC_NONE) {
		gather(encoder);
		return encode_block(encoder, block->data);
	}
	if (encoder->share_zero && decodes_to_zero(encoder, block))
		return KDUMP_ENTRY_ZERO;
	if (!encoder->len)
		encoder->data = block->data;
	if (block->data == encoder->data + encoder->len) {
		encoder->len += block->len;
		return KDUMP_ENTRY(block->len, block->codec);
	}
	gather(encoder);
	return put(encoder, block->data, block->len, block->codec);
}

static uint32_t encode(struct kdump_encoder *encoder, const struct dump_chunk *chunk, size_t i)
{
	if (chunk->blocks)
		return take_block(encoder, &chunk->blocks[i]);
	if (chunk->skip && bits_test(chunk->skip, i))
		return KDUMP_ENTRY_ZERO;
	return encode_block(encoder, chunk->data + i * encoder->block_size);
}

void kdump_encode(struct kdump_encoder *encoder, const struct dump_chunk *chunk)
{
	struct kdump_record *record = encoder->record;
	uint32_t *entries;

	encoder->data = encoder->out;
	encoder->len = 0;
	encoder->last = NULL;
	record->pfn = chunk->pfn;
	record->nr = (uint32_t)chunk->nr;
	record->nr_kept = 0;
	memcpy(record->keep, chunk->keep, kdump_record_words(chunk->nr) * sizeof(*chunk->keep));
	entries = kdump_record_entries(record);
	for (size_t w = 0; w < kdump_record_words(chunk->nr); w++) {
		for (uint64_t bits = chunk->keep[w]; bits; bits &= bits - 1) {
			size_t i = w * 64 + (size_t)__builtin_ctzll(bits);

			entries[record->nr_kept++] = encode(encoder, chunk, i);
		}
	}
}
