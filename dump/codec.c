// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"

#include <assert.h>
#include <string.h>

#ifdef HAVE_LIBDEFLATE
#define ZLIB codec_libdeflate
#else
#define ZLIB codec_zlib
#endif

const struct codec *const codecs[] = {&ZLIB, &codec_lzo, &codec_snappy, &codec_zstd};
const size_t nr_codecs = sizeof(codecs) / sizeof(codecs[0]);

static_assert(sizeof(codecs) / sizeof(codecs[0]) <=
		      sizeof(((struct codec_set *)NULL)->state) / sizeof(void *),
	      "struct codec_set has a state for each codec");

static size_t find(enum codec_id id)
{
	size_t i = 0;

	while (i < nr_codecs && codecs[i]->id != id)
		i++;
	return i;
}

const struct codec *codec_find(enum codec_id id)
{
	size_t i = find(id);

	return i < nr_codecs ? codecs[i] : NULL;
}

const struct codec *codec_find_name(const char *name)
{
	for (size_t i = 0; i < nr_codecs; i++) {
		if (!strcmp(codecs[i]->name, name))
			return codecs[i];
	}
	return NULL;
}

bool codec_available(const struct codec *codec)
{
	return codec->create != NULL;
}

void codec_set_init(struct codec_set *set, size_t block_size)
{
	*set = (struct codec_set){.block_size = block_size};
}

void codec_set_deinit(struct codec_set *set)
{
	for (size_t i = 0; i < nr_codecs; i++) {
		if (set->state[i])
			codecs[i]->destroy(set->state[i]);
	}
}

bool codec_set_decode(struct codec_set *set, enum codec_id id, const void *in, size_t len,
		      void *out, const char **why)
{
	size_t i = find(id);

	if (id == CODEC_NONE && len == set->block_size) {
		memcpy(out, in, len);
		return true;
	}
	if (i == nr_codecs) {
		*why = id == CODEC_NONE ? "uncompressed block of the wrong length"
					: "unknown compression";
		return false;
	}
	if (!codec_available(codecs[i])) {
		*why = "compressed by a library that this build lacks";
		return false;
	}
	if (!set->state[i] && error_ignore(codecs[i]->create(codecs[i]->default_level,
							     set->block_size, &set->state[i]))) {
		*why = "no memory for the decoder";
		return false;
	}
	*why = "compressed data are damaged";
	return codecs[i]->decode(set->state[i], in, len, out, set->block_size);
}
