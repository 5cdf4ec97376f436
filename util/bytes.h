/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bounded cursor through which all foreign bytes are read, in the dump's byte order and word
 * size. A read past the end returns zero and turns the cursor bad; once bad it stays bad, so one
 * check after a group of reads is enough. The load_ and store_ functions are for hot loops over
 * buffers whose length has been checked already.
 */
#ifndef UTIL_BYTES_H
#define UTIL_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t load_u16(const void *p, bool big_endian)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return big_endian ? be16toh(v) : le16toh(v);
}

static inline uint32_t load_u32(const void *p, bool big_endian)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return big_endian ? be32toh(v) : le32toh(v);
}

static inline uint64_t load_u64(const void *p, bool big_endian)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return big_endian ? be64toh(v) : le64toh(v);
}

static inline void store_u16(void *p, uint16_t v, bool big_endian)
{
	v = big_endian ? htobe16(v) : htole16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void store_u32(void *p, uint32_t v, bool big_endian)
{
	v = big_endian ? htobe32(v) : htole32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void store_u64(void *p, uint64_t v, bool big_endian)
{
	v = big_endian ? htobe64(v) : htole64(v);
	memcpy(p, &v, sizeof(v));
}

/** A view of somebody else's memory; owns nothing. */
struct bytes {
	const uint8_t *data;
	size_t len;
	size_t pos;      /**< of the next read, never above len */
	bool big_endian; /**< of everything read through it */
	uint8_t word;    /**< size of a long in bytes, 4 or 8, for bytes_word() */
	bool bad;        /**< something was read past the end */
};

static inline struct bytes bytes_make(const void *data, size_t len, bool big_endian, uint8_t word)
{
	return (struct bytes){.data = data, .len = len, .big_endian = big_endian, .word = word};
}

/** The next n bytes, or NULL (and bad) when fewer are left. */
const uint8_t *bytes_take(struct bytes *b, size_t n);

/** Moves to an absolute position; past the end is bad. */
void bytes_seek(struct bytes *b, uint64_t pos);

/** Moves to the next multiple of a power of two, counted from the start of the view. */
void bytes_align(struct bytes *b, size_t align);

uint8_t bytes_u8(struct bytes *b);
uint16_t bytes_u16(struct bytes *b);
uint32_t bytes_u32(struct bytes *b);
uint64_t bytes_u64(struct bytes *b);

/** A long of the dump's machine: 4 or 8 bytes, zero-extended. */
uint64_t bytes_word(struct bytes *b);

static inline size_t bytes_left(const struct bytes *b)
{
	return b->len - b->pos;
}

#endif
