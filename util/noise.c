// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/noise.h"

#include <stdint.h>

#define SAMPLE  512U // bytes
#define STRETCH 16U  // of them stand together

/*
 * Counts pairs of equal bytes among those seen: n random ones make about n * n / 512. The margin is
 * beyond five standard deviations of that, and under what data with 7.5 bits of entropy in a byte
 * have. Most memory is found out in the first stretch.
 */
bool is_noise(const void *buf, size_t len)
{
	const uint8_t *p = buf;
	uint8_t seen[256] = {0};
	size_t pairs = 0, n = 0;

	if (len < SAMPLE)
		return false;
	for (; n < SAMPLE && pairs <= n * n / 512 + n / 4; n += STRETCH) {
		for (size_t i = 0; i < STRETCH; i++)
			pairs += seen[p[i]]++;
		p += len / (SAMPLE / STRETCH);
	}
	return pairs <= n * n / 512 + n / 4;
}
