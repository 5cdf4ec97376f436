// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/zero.h"

#include <stdint.h>
#include <string.h>

bool is_zero(const void *buf, size_t len)
{
	const uint8_t *p = buf;
	uint64_t w[8], rest = 0;

	// eight words at a time, which compilers turn into vector loads
	for (; len >= sizeof(w); p += sizeof(w), len -= sizeof(w)) {
		memcpy(w, p, sizeof(w));
		if (w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7])
			return false;
	}
	while (len--)
		rest |= *p++;
	return !rest;
}
