// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/codec_check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dump/codec.h"
#include "tests/support/mkfile.h"

#define MAX_BLOCK (64U << 10)
#define GUARD     64

struct buffers {
	uint8_t in[MAX_BLOCK], coded[MAX_BLOCK + GUARD], out[MAX_BLOCK + GUARD];
};

/* The same numbers in each run. */
static void fill_random(uint8_t *buf, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		buf[i] = (uint8_t)(seed >> 24);
	}
}

static bool guarded(const uint8_t *guard)
{
	for (size_t i = 0; i < GUARD; i++) {
		if (guard[i] != 0xa5)
			return false;
	}
	return true;
}

static const char *there_and_back(const struct codec *encoder, void *from,
				  const struct codec *decoder, void *to, struct buffers *b,
				  size_t size)
{
	size_t n;

	memset(b->coded, 0xa5, sizeof(b->coded));
	memset(b->out, 0xa5, sizeof(b->out));
	n = encoder->encode(from, b->in, size, b->coded, size);
	if (!n || n >= size || !guarded(b->coded + size))
		return "a compressible block was not made smaller within its limit";
	if (!decoder->decode(to, b->coded, n, b->out, size) || memcmp(b->in, b->out, size) != 0 ||
	    !guarded(b->out + size))
		return "a block did not come back";
	if (decoder->decode(to, b->coded, n, b->out, size / 2) || !guarded(b->out + size))
		return "decoded a block of more than the length asked for";
	if (size < MAX_BLOCK && decoder->decode(to, b->coded, n, b->out, 2 * size))
		return "decoded a block of less than the length asked for";
	if (encoder->encode(from, b->in, size, b->coded, n - 1))
		return "encoded a block beyond its limit";
	return NULL;
}

static const char *refuses_noise(const struct codec *codec, void *state, struct buffers *b,
				 size_t size)
{
	fill_random(b->in, size, 1);
	if (codec->encode(state, b->in, size, b->coded, size))
		return "claims that noise becomes smaller";
	for (uint32_t seed = 2; seed < 200; seed++) {
		memset(b->out, 0xa5, sizeof(b->out));
		fill_random(b->in, size, seed);
		// what it makes of noise is its own affair, where it writes is not
		codec->decode(state, b->in, 1 + seed % size, b->out, size);
		if (!guarded(b->out + size))
			return "wrote behind the block while decoding noise";
	}
	return NULL;
}

static const char *survives_damage(const struct codec *codec, void *state, struct buffers *b,
				   size_t size)
{
	size_t n;

	mkfile_memory(b->in, 0x5000, size);
	n = codec->encode(state, b->in, size, b->coded, size);
	for (size_t i = 0; i < n; i++) {
		memset(b->out, 0xa5, sizeof(b->out));
		if (codec->decode(state, b->coded, i, b->out, size) &&
		    memcmp(b->in, b->out, size) != 0)
			return "a cut block came out wrong and was called good";
		b->coded[i] ^= 0x55;
		codec->decode(state, b->coded, n, b->out, size);
		b->coded[i] ^= 0x55;
		if (!guarded(b->out + size))
			return "wrote behind the block while decoding a damaged one";
	}
	if (!codec->decode(state, b->coded, n, b->out, size) || memcmp(b->in, b->out, size) != 0)
		return "does not recover after damage";
	return NULL;
}

static const char *check_level(const struct codec *codec, int level, struct buffers *b)
{
	static const size_t sizes[] = {4096, 16384, MAX_BLOCK};
	const char *bad = NULL;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && !bad; i++) {
		void *state;

		if (error_ignore(codec->create(level, sizes[i], &state)))
			return "cannot be created";
		memset(b->in, 0, sizes[i]);
		bad = there_and_back(codec, state, codec, state, b, sizes[i]);
		mkfile_memory(b->in, 0x123000, sizes[i]);
		if (!bad)
			bad = there_and_back(codec, state, codec, state, b, sizes[i]);
		if (!bad)
			bad = refuses_noise(codec, state, b, sizes[i]);
		if (!bad && level == codec->default_level && sizes[i] == 4096)
			bad = survives_damage(codec, state, b, sizes[i]);
		codec->destroy(state);
	}
	return bad;
}

const char *codec_check(const struct codec *codec)
{
	struct buffers *b = malloc(sizeof(*b));
	const char *bad = b ? NULL : "out of memory";

	for (int level = codec->min_level; level <= codec->max_level && !bad; level++)
		bad = check_level(codec, level, b);
	free(b);
	return bad;
}

const char *codec_check_pair(const struct codec *encoder, const struct codec *decoder)
{
	struct buffers *b = malloc(sizeof(*b));
	const char *bad = "cannot be created";
	void *from = NULL, *to = NULL;

	if (!b || error_ignore(encoder->create(encoder->default_level, 4096, &from)))
		abort();
	if (!error_ignore(decoder->create(decoder->default_level, 4096, &to))) {
		mkfile_memory(b->in, 0x7000, 4096);
		bad = there_and_back(encoder, from, decoder, to, b, 4096);
		decoder->destroy(to);
	}
	encoder->destroy(from);
	free(b);
	return bad;
}
