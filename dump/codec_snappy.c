// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"

#ifdef HAVE_SNAPPY
#include <snappy-c.h>
#include <string.h>

#include "util/sys.h"

/* Snappy refuses to write into less than its worst case. */
struct snappy {
	size_t max;
	char out[];
};

static struct error *snappy_create(int level, size_t block_size, void **ret)
{
	size_t max = snappy_max_compressed_length(block_size);
	struct snappy *s = sys_malloc(sizeof(*s) + max);

	if (!s)
		return &error_nomem;
	s->max = max;
	*ret = s;
	return NULL;
}

static size_t snappy_encode(void *state, const void *in, size_t len, void *out, size_t cap)
{
	struct snappy *s = state;
	size_t out_len = s->max;

	if (snappy_compress(in, len, s->out, &out_len) != SNAPPY_OK || out_len >= len ||
	    out_len > cap)
		return 0;
	memcpy(out, s->out, out_len);
	return out_len;
}

/* snappy_uncompress() writes as many bytes as the stream claims, so the claim is checked first. */
static bool snappy_decode(void *state, const void *in, size_t len, void *out, size_t out_len)
{
	size_t got = 0;

	return snappy_uncompressed_length(in, len, &got) == SNAPPY_OK && got == out_len &&
	       snappy_uncompress(in, len, out, &got) == SNAPPY_OK && got == out_len;
}
#endif

const struct codec codec_snappy = {
	.name = "snappy",
	.id = CODEC_SNAPPY,
#ifdef HAVE_SNAPPY
	.create = snappy_create,
	.destroy = free,
	.encode = snappy_encode,
	.decode = snappy_decode,
#endif
};
