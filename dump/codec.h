/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page codecs of kdump-compressed files, one file and one optional library each.
 *
 * To add one: dump/codec_x.c with its const struct codec, a line in the table of dump/codec.c, one
 * in the Makefile. A codec without its library stays in the table with NULL functions, so that
 * files which use it are named properly.
 */
#ifndef DUMP_CODEC_H
#define DUMP_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

/** Bits of page_desc.flags and of the header's status, so that they can be used as they are
 * (diskdump_mod.h of makedumpfile and crash; facts of include/linux/ none: a user-space format). */
enum codec_id {
	CODEC_NONE = 0,
	CODEC_ZLIB = 0x1,
	CODEC_LZO = 0x2,
	CODEC_SNAPPY = 0x4,
	CODEC_ZSTD = 0x20,
	CODEC_MASK = 0x27,
};

struct codec {
	const char *name; /**< "zlib" */
	enum codec_id id;
	int default_level, min_level, max_level; /**< equal where the codec has no levels */
	/** State for one thread, for blocks up to block_size bytes. */
	struct error *(*create)(int level, size_t block_size, void **ret);
	void (*destroy)(void *state);
	/** Encodes len bytes into out, which has room for cap. Returns the encoded length, or 0
	 * when it would not be smaller than len or does not fit cap. Slow codecs do not try noise
	 * (util/noise.h). Never fails otherwise. */
	size_t (*encode)(void *state, const void *in, size_t len, void *out, size_t cap);
	/** Decodes exactly out_len bytes into out, bounded by it whatever the stream claims.
	 * False when the stream is damaged or yields another length. */
	bool (*decode)(void *state, const void *in, size_t len, void *out, size_t out_len);
};

/** By id (CODEC_NONE gives NULL) or by name; NULL when there is none. */
const struct codec *codec_find(enum codec_id id);
const struct codec *codec_find_name(const char *name);
bool codec_available(const struct codec *codec);
extern const struct codec *const codecs[];
extern const size_t nr_codecs;

/** Both are CODEC_ZLIB; the table has the first one where its library is there. */
extern const struct codec codec_libdeflate, codec_zlib;
extern const struct codec codec_lzo, codec_snappy, codec_zstd;

/** Decoders for one thread, each created when it is first needed. */
struct codec_set {
	size_t block_size;
	void *state[8];
};

void codec_set_init(struct codec_set *set, size_t block_size);
void codec_set_deinit(struct codec_set *set);

/** Decodes one block of set->block_size bytes; on failure *why is a constant string for people. */
bool codec_set_decode(struct codec_set *set, enum codec_id id, const void *in, size_t len,
		      void *out, const char **why);

#endif
