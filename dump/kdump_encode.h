/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one worker of the kdump writer does to a chunk: find zero blocks, encode the others. */
#ifndef DUMP_KDUMP_ENCODE_H
#define DUMP_KDUMP_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/codec.h"
#include "dump/kdump_log.h"
#include "util/error.h"

struct dump_chunk;
struct dump_writer_options;

struct kdump_encoder {
	const struct codec *codec; /* NULL: raw */
	void *state;
	bool share_zero;
	size_t block_size;
	struct codec_set decoders; /* for the zero test of encoded blocks */
	uint8_t *block;            /* one decoded block */
	uint8_t *out;              /**< the encoded blocks of the chunk, one after another */
	size_t out_len;
	struct kdump_record *record; /**< of the chunk, but for off */
};

/** For chunks of up to chunk_blocks blocks. */
struct error *kdump_encoder_create(const struct dump_writer_options *options, size_t block_size,
				   size_t chunk_blocks, struct kdump_encoder **ret);
void kdump_encoder_destroy(struct kdump_encoder *encoder);
DEFINE_CLEANUP(struct kdump_encoder *, kdump_encoder_destroy)

/** Fills out and record with what chunk keeps. */
void kdump_encode(struct kdump_encoder *encoder, const struct dump_chunk *chunk);

#endif
