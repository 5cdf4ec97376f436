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
	uint8_t *out;              /* room for a chunk */
	const uint8_t *last;       /* the raw block that was encoded last, or NULL */
	const uint8_t *last_out;   /* and what it became */
	uint32_t last_entry;
	const uint8_t *data; /**< the encoded blocks of the chunk, one after another */
	size_t len;
	struct kdump_record *record; /**< of the chunk, but for off */
	uint64_t *hashes;            /**< for struct dedupe, of each entry */
};

/** For chunks of up to chunk_blocks blocks. */
struct error *kdump_encoder_create(const struct dump_writer_options *options, size_t block_size,
				   size_t chunk_blocks, struct kdump_encoder **ret);
void kdump_encoder_destroy(struct kdump_encoder *encoder);
DEFINE_CLEANUP(struct kdump_encoder *, kdump_encoder_destroy)

/** Makes data and record of what chunk keeps; data may be the chunk's own, and lives as long. */
void kdump_encode(struct kdump_encoder *encoder, const struct dump_chunk *chunk);

#endif
