// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/bytes.h"

const uint8_t *bytes_take(struct bytes *b, size_t n)
{
	const uint8_t *p = b->data + b->pos;

	if (b->bad || n > b->len - b->pos) {
		b->bad = true;
		return NULL;
	}
	b->pos += n;
	return p;
}

void bytes_seek(struct bytes *b, uint64_t pos)
{
	if (pos > b->len)
		b->bad = true;
	else
		b->pos = pos;
}

void bytes_align(struct bytes *b, size_t align)
{
	size_t past = b->pos & (align - 1);

	if (past)
		bytes_take(b, align - past);
}

uint8_t bytes_u8(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 1);

	return p ? *p : 0;
}

uint16_t bytes_u16(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 2);

	return p ? load_u16(p, b->big_endian) : 0;
}

uint32_t bytes_u32(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 4);

	return p ? load_u32(p, b->big_endian) : 0;
}

uint64_t bytes_u64(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 8);

	return p ? load_u64(p, b->big_endian) : 0;
}

uint64_t bytes_word(struct bytes *b)
{
	return b->word == 4 ? bytes_u32(b) : bytes_u64(b);
}
