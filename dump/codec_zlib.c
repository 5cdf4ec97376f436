// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"

#ifdef HAVE_ZLIB
#define ZLIB_CONST
#include <zlib.h>

#include "util/noise.h"
#include "util/sys.h"

/* Both streams are set up once and reset for each block: their set-up costs as much as a page. */
struct zlib {
	z_stream deflate, inflate;
};

static void zlib_destroy(void *state)
{
	struct zlib *z = state;

	deflateEnd(&z->deflate);
	inflateEnd(&z->inflate);
	free(z);
}
DEFINE_CLEANUP(struct zlib *, zlib_destroy)

static struct error *zlib_create(int level, size_t block_size, void **ret)
{
	_cleanup_(cleanup_zlib_destroy) struct zlib *z = sys_calloc(1, sizeof(*z));

	if (!z)
		return &error_nomem;
	if (deflateInit(&z->deflate, level) != Z_OK || inflateInit(&z->inflate) != Z_OK)
		return &error_nomem;
	*ret = TAKE_PTR(z);
	return NULL;
}

static size_t zlib_encode(void *state, const void *in, size_t len, void *out, size_t cap)
{
	struct zlib *z = state;

	if (is_noise(in, len))
		return 0;
	deflateReset(&z->deflate);
	z->deflate.next_in = in;
	z->deflate.avail_in = (uInt)len;
	z->deflate.next_out = out;
	z->deflate.avail_out = (uInt)(cap < len ? cap : len - 1);
	return deflate(&z->deflate, Z_FINISH) == Z_STREAM_END ? z->deflate.total_out : 0;
}

static bool zlib_decode(void *state, const void *in, size_t len, void *out, size_t out_len)
{
	struct zlib *z = state;

	inflateReset(&z->inflate);
	z->inflate.next_in = in;
	z->inflate.avail_in = (uInt)len;
	z->inflate.next_out = out;
	z->inflate.avail_out = (uInt)out_len;
	return inflate(&z->inflate, Z_FINISH) == Z_STREAM_END && !z->inflate.avail_out;
}
#endif

const struct codec codec_zlib = {
	.name = "zlib",
	.id = CODEC_ZLIB,
	.default_level = 1,
	.min_level = 1,
	.max_level = 9,
#ifdef HAVE_ZLIB
	.create = zlib_create,
	.destroy = zlib_destroy,
	.encode = zlib_encode,
	.decode = zlib_decode,
#endif
};
