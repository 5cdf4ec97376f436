// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/unpack.h"

#ifdef HAVE_ZLIB

#include <limits.h>
#include <zlib.h>

#include "util/sys.h"

#define WINDOW_BITS (15 + 16) // 32 KiB, with a gzip header

static struct error *create(void **ret)
{
	z_stream *z = sys_calloc(1, sizeof(*z));

	if (!z || inflateInit2(z, WINDOW_BITS) != Z_OK) {
		free(z);
		return &error_nomem;
	}
	*ret = z;
	return NULL;
}

static void destroy(void *state)
{
	inflateEnd(state);
	free(state);
}

/* Several streams may follow each other. */
static bool run(void *state, const uint8_t *in, size_t *in_len, uint8_t *out, size_t *out_len)
{
	z_stream *z = state;
	int status;

	z->next_in = (uint8_t *)in;
	z->avail_in = (uInt)(*in_len < UINT_MAX ? *in_len : UINT_MAX);
	z->next_out = out;
	z->avail_out = (uInt)(*out_len < UINT_MAX ? *out_len : UINT_MAX);
	status = inflate(z, Z_NO_FLUSH);
	*in_len = (size_t)(z->next_in - in);
	*out_len = (size_t)(z->next_out - out);
	if (status == Z_STREAM_END)
		status = inflateReset(z);
	return status == Z_OK || status == Z_BUF_ERROR;
}

const struct unpack_method unpack_gzip = {
	.name = "gzip",
	.create = create,
	.destroy = destroy,
	.run = run,
};

#else

const struct unpack_method unpack_gzip = {.name = "gzip"};

#endif
