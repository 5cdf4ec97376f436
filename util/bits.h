/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits in arrays of 64-bit words: bit i is bit i%64 of word i/64. */
#ifndef UTIL_BITS_H
#define UTIL_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t bits_words(size_t nr)
{
	return (nr + 63) / 64;
}

static inline void bits_set(uint64_t *bits, size_t i)
{
	bits[i / 64] |= 1ULL << i % 64;
}

static inline void bits_clear(uint64_t *bits, size_t i)
{
	bits[i / 64] &= ~(1ULL << i % 64);
}

static inline bool bits_test(const uint64_t *bits, size_t i)
{
	return bits[i / 64] >> i % 64 & 1;
}

/** Set bits in whole words. */
uint64_t bits_count(const uint64_t *bits, size_t words);

/** The first run of set bits at or after *start, within nr bits. False when there is none. A loop
 * over all of them: for (start = 0; bits_next_run(bits, nr, &start, &end); start = end). */
bool bits_next_run(const uint64_t *bits, size_t nr, size_t *start, size_t *end);

#endif
