// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"

#ifdef HAVE_LZO
#include <lzo/lzo1x.h>
#include <string.h>

#include "util/sys.h"

/* LZO writes without a limit, so it gets room for its worst case. Of the compressors of one format
 * the one with a dictionary of 12 bits suits pages best: it fits into the first cache and is
 * quickly cleared; lzo1x_1, with 14 bits, takes a seventh longer to save 0.1 %. */
struct lzo {
	uint8_t *out;
	uint8_t work[LZO1X_1_12_MEM_COMPRESS] __attribute__((aligned(16)));
};

static void lzo_destroy(void *state)
{
	struct lzo *l = state;

	free(l->out);
	free(l);
}
DEFINE_CLEANUP(struct lzo *, lzo_destroy)

static struct error *lzo_create(int level, size_t block_size, void **ret)
{
	_cleanup_(cleanup_lzo_destroy) struct lzo *l = sys_malloc(sizeof(*l));

	if (!l)
		return &error_nomem;
	l->out = sys_malloc(block_size + block_size / 16 + 64 + 3); // LZO.FAQ
	if (!l->out)
		return &error_nomem;
	if (lzo_init() != LZO_E_OK)
		return error_create(ERROR_UNSUPPORTED, "lzo: library and header do not match");
	*ret = TAKE_PTR(l);
	return NULL;
}

static size_t lzo_encode(void *state, const void *in, size_t len, void *out, size_t cap)
{
	struct lzo *l = state;
	lzo_uint out_len = 0;

	if (lzo1x_1_12_compress(in, len, l->out, &out_len, l->work) != LZO_E_OK || out_len >= len ||
	    out_len > cap)
		return 0;
	memcpy(out, l->out, out_len);
	return out_len;
}

static bool lzo_decode(void *state, const void *in, size_t len, void *out, size_t out_len)
{
	lzo_uint got = out_len;

	return lzo1x_decompress_safe(in, len, out, &got, NULL) == LZO_E_OK && got == out_len;
}
#endif

const struct codec codec_lzo = {
	.name = "lzo",
	.id = CODEC_LZO,
#ifdef HAVE_LZO
	.create = lzo_create,
	.destroy = lzo_destroy,
	.encode = lzo_encode,
	.decode = lzo_decode,
#endif
};
