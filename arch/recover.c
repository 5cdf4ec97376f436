// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/recover.h"

#include "util/bytes.h"

bool arch_image_variable(const struct arch_image *image, const char *symbol, size_t size,
			 uint64_t *ret)
{
	uint64_t vaddr;
	uint8_t raw[8];

	if (!image->symbol(image->arg, symbol, &vaddr) ||
	    !image->read(image->arg, vaddr, raw, size))
		return false;
	*ret = size == 8 ? load_u64(raw, image->big_endian) : load_u32(raw, image->big_endian);
	return true;
}
