// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/unpack.h"

#ifdef HAVE_ZSTD

#include <zstd.h>

/* The decoder refuses windows of more than 128 MiB by itself, as zstd -d does. */
static struct error *create(void **ret)
{
	*ret = ZSTD_createDStream();
	return *ret ? NULL : &error_nomem;
}

static void destroy(void *state)
{
	ZSTD_freeDStream(state);
}

static bool run(void *state, const uint8_t *in, size_t *in_len, uint8_t *out, size_t *out_len)
{
	ZSTD_inBuffer from = {in, *in_len, 0};
	ZSTD_outBuffer to = {out, *out_len, 0};
	size_t status = ZSTD_decompressStream(state, &to, &from);

	*in_len = from.pos;
	*out_len = to.pos;
	return !ZSTD_isError(status);
}

const struct unpack_method unpack_zstd = {
	.name = "zstd",
	.create = create,
	.destroy = destroy,
	.run = run,
};

#else

const struct unpack_method unpack_zstd = {.name = "zstd"};

#endif
