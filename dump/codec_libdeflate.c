// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"

#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>

#include "util/noise.h"
#include "util/sys.h"

struct deflate {
	struct libdeflate_compressor *compressor;
	struct libdeflate_decompressor *decompressor;
};

static void deflate_destroy(void *state)
{
	struct deflate *d = state;

	libdeflate_free_compressor(d->compressor);
	libdeflate_free_decompressor(d->decompressor);
	free(d);
}
DEFINE_CLEANUP(struct deflate *, deflate_destroy)

static struct error *deflate_create(int level, size_t block_size, void **ret)
{
	_cleanup_(cleanup_deflate_destroy) struct deflate *d = sys_calloc(1, sizeof(*d));

	if (!d)
		return &error_nomem;
	d->compressor = libdeflate_alloc_compressor(level);
	d->decompressor = libdeflate_alloc_decompressor();
	if (!d->compressor || !d->decompressor)
		return &error_nomem;
	*ret = TAKE_PTR(d);
	return NULL;
}

static size_t deflate_encode(void *state, const void *in, size_t len, void *out, size_t cap)
{
	struct deflate *d = state;

	if (is_noise(in, len))
		return 0;
	return libdeflate_zlib_compress(d->compressor, in, len, out, cap < len ? cap : len - 1);
}

static bool deflate_decode(void *state, const void *in, size_t len, void *out, size_t out_len)
{
	struct deflate *d = state;

	return libdeflate_zlib_decompress(d->decompressor, in, len, out, out_len, NULL) ==
	       LIBDEFLATE_SUCCESS;
}
#endif

const struct codec codec_libdeflate = {
	.name = "zlib",
	.id = CODEC_ZLIB,
	.default_level = 1,
	.min_level = 1,
	.max_level = 12,
#ifdef HAVE_LIBDEFLATE
	.create = deflate_create,
	.destroy = deflate_destroy,
	.encode = deflate_encode,
	.decode = deflate_decode,
#endif
};
