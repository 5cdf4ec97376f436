// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkkdump.h"

#include <stdlib.h>
#include <string.h>

#include "dump/codec.h"

#define NOTES_OFF 1024 // behind the sub header

struct builder {
	const struct mkkdump *k;
	struct kdump_header h;
	struct mkfile *file;
	size_t nr, end; /* end: where the next data go */
	struct kdump_desc *descs, zero;
};

static enum codec_id codec_of(char letter)
{
	switch (letter) {
	case 'z': return CODEC_ZLIB;
	case 'l': return CODEC_LZO;
	case 's': return CODEC_SNAPPY;
	case 'd': return CODEC_ZSTD;
	default: return CODEC_NONE;
	}
}

static struct kdump_desc put_block(struct builder *b, const uint8_t *block, enum codec_id id)
{
	const struct codec *codec = codec_find(id);
	uint32_t size = b->h.block_size;
	struct kdump_desc desc = {.off = b->end, .size = size, .flags = id};
	uint8_t *out = malloc(size);
	void *state = NULL;

	if (!out)
		abort();
	memcpy(out, block, size);
	if (codec && (error_ignore(codec->create(codec->default_level, size, &state)) ||
		      !(desc.size = (uint32_t)codec->encode(state, block, size, out, size))))
		abort();
	if (state)
		codec->destroy(state);
	mkfile_put(b->file, b->end, out, desc.size);
	free(out);
	b->end += desc.size;
	return desc;
}

static void put_data(struct builder *b)
{
	uint8_t *block = calloc(1, b->h.block_size);
	uint64_t first = kdump_first_pfn(&b->h);

	if (!block)
		abort();
	if (strchr(b->k->blocks, '0'))
		b->zero = put_block(b, block, CODEC_NONE);
	for (size_t i = 0; i < b->nr; i++) {
		size_t n = b->k->backwards ? b->nr - 1 - i : i;
		char letter = b->k->blocks[n];

		if (strchr(".x!0", letter))
			continue;
		mkfile_memory(block, (first + n) * b->h.block_size, b->h.block_size);
		b->descs[n] = put_block(b, block, codec_of(letter));
	}
	free(block);
}

static void put_index(struct builder *b, const struct mkkdump_map *map)
{
	size_t len = map->bitmap2 - map->bitmap1, pos = map->descs;

	if (map->bitmap2 + len > b->file->len)
		mkfile_resize(b->file, map->bitmap2 + len);
	for (size_t i = 0; i < b->nr; i++) {
		char letter = b->k->blocks[i];
		uint8_t bit = (uint8_t)(1U << i % 8), desc[KDUMP_DESC_LEN];

		if (letter != '.')
			b->file->data[map->bitmap1 + i / 8] |= bit;
		if (letter == '.' || letter == 'x')
			continue;
		b->file->data[map->bitmap2 + i / 8] |= bit;
		if (b->h.split && (i < b->h.start_pfn || i >= b->h.end_pfn))
			continue;
		kdump_desc_store(desc, letter == '0' ? &b->zero : &b->descs[i], b->h.big_endian);
		mkfile_put(b->file, pos, desc, sizeof(desc));
		pos += sizeof(desc);
	}
}

static void put_headers(struct builder *b)
{
	uint8_t main[KDUMP_MAIN_LEN], sub[KDUMP_SUB_LEN];

	kdump_header_encode(&b->h, main, sub);
	if (b->k->header.version)
		store_u32(main + 8, b->k->header.version, b->h.big_endian);
	mkfile_put(b->file, 0, main, sizeof(main));
	if (b->h.diskdump)
		mkfile_put(b->file, 0, "DISKDUMP", 8);
	else
		mkfile_put(b->file, b->h.block_size, sub, sizeof(sub));
}

static void fill_header(struct builder *b)
{
	struct kdump_header *h = &b->h;

	*h = b->k->header;
	if (!h->block_size)
		h->block_size = 4096;
	if (!h->max_mapnr)
		h->max_mapnr = b->nr;
	if (!h->bitmap_blocks)
		h->bitmap_blocks = (uint32_t)(2 * kdump_bitmap_blocks(b->nr, h->block_size));
	if (!h->sub_hdr_size)
		h->sub_hdr_size = 1;
	if (b->k->notes && !h->off_note) {
		h->off_note = h->block_size + NOTES_OFF;
		h->size_note = b->k->notes_len;
	}
}

void mkkdump(const struct mkkdump *kdump, struct mkfile *ret, struct mkkdump_map *map)
{
	struct builder b = {.k = kdump, .file = ret, .nr = strlen(kdump->blocks)};
	size_t nr_stored = 0;

	b.descs = calloc(b.nr + 1, sizeof(*b.descs));
	if (!b.descs)
		abort();
	fill_header(&b);
	for (size_t i = 0; i < b.nr; i++)
		nr_stored += !strchr(".x", kdump->blocks[i]);
	if (kdump->data_first) {
		b.end = map->data = 2 * (size_t)b.h.block_size;
		put_data(&b);
		b.h.sub_hdr_size = (uint32_t)div_round_up(b.end, b.h.block_size) - 1;
	}
	map->bitmap1 = kdump_bitmap_off(&b.h);
	map->bitmap2 = map->bitmap1 + (size_t)b.h.bitmap_blocks / 2 * b.h.block_size;
	map->descs = kdump_desc_off(&b.h);
	if (!kdump->data_first) {
		b.end = map->data = map->descs + nr_stored * KDUMP_DESC_LEN;
		put_data(&b);
	}
	put_headers(&b);
	if (kdump->notes)
		mkfile_put(ret, b.h.off_note, kdump->notes, kdump->notes_len);
	put_index(&b, map);
	free(b.descs);
}
