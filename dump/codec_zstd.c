// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"

#ifdef HAVE_ZSTD
#include <zstd.h>

#include "util/noise.h"
#include "util/sys.h"

struct zstd {
	ZSTD_CCtx *compressor;
	ZSTD_DCtx *decompressor;
	int level;
};

static void zstd_destroy(void *state)
{
	struct zstd *z = state;

	ZSTD_freeCCtx(z->compressor);
	ZSTD_freeDCtx(z->decompressor);
	free(z);
}
DEFINE_CLEANUP(struct zstd *, zstd_destroy)

static struct error *zstd_create(int level, size_t block_size, void **ret)
{
	_cleanup_(cleanup_zstd_destroy) struct zstd *z = sys_calloc(1, sizeof(*z));

	if (!z)
		return &error_nomem;
	z->compressor = ZSTD_createCCtx();
	z->decompressor = ZSTD_createDCtx();
	z->level = level;
	if (!z->compressor || !z->decompressor)
		return &error_nomem;
	*ret = TAKE_PTR(z);
	return NULL;
}

static size_t zstd_encode(void *state, const void *in, size_t len, void *out, size_t cap)
{
	struct zstd *z = state;
	size_t n;

	if (is_noise(in, len))
		return 0;
	n = ZSTD_compressCCtx(z->compressor, out, cap < len ? cap : len - 1, in, len, z->level);
	return ZSTD_isError(n) ? 0 : n;
}

/* In one pass from buffer to buffer: the output is the window, whatever size the frame asks for. */
static bool zstd_decode(void *state, const void *in, size_t len, void *out, size_t out_len)
{
	struct zstd *z = state;

	return ZSTD_decompressDCtx(z->decompressor, out, out_len, in, len) == out_len;
}
#endif

const struct codec codec_zstd = {
	.name = "zstd",
	.id = CODEC_ZSTD,
	.default_level = 1,
	.min_level = -7,
	.max_level = 19,
#ifdef HAVE_ZSTD
	.create = zstd_create,
	.destroy = zstd_destroy,
	.encode = zstd_encode,
	.decode = zstd_decode,
#endif
};
