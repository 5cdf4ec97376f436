// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/bits.h"

uint64_t bits_count(const uint64_t *bits, size_t words)
{
	uint64_t count = 0;

	for (size_t i = 0; i < words; i++)
		count += (uint64_t)__builtin_popcountll(bits[i]);
	return count;
}

/* The first bit at or after i of which word ^ flip has a 1, or nr. */
static size_t find(const uint64_t *bits, size_t nr, size_t i, uint64_t flip)
{
	while (i < nr) {
		uint64_t word = (bits[i / 64] ^ flip) >> i % 64;

		if (word) {
			i += (size_t)__builtin_ctzll(word);
			break;
		}
		i = (i / 64 + 1) * 64;
	}
	return i < nr ? i : nr;
}

bool bits_next_run(const uint64_t *bits, size_t nr, size_t *start, size_t *end)
{
	*start = find(bits, nr, *start, 0);
	*end = find(bits, nr, *start, ~0ULL);
	return *start < nr;
}
