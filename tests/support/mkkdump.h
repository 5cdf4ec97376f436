/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kdump-compressed files from a description, right or wrong. */
#ifndef TESTS_SUPPORT_MKKDUMP_H
#define TESTS_SUPPORT_MKKDUMP_H

#include <stdbool.h>

#include "dump/kdump_header.h"
#include "tests/support/mkfile.h"

struct mkkdump {
	/** Layout, names, block_size (0: 4096), version (0: 6) and the like; sizes and offsets are
	 * filled in where they are 0. */
	struct kdump_header header;
	/** A letter for each block: '.' no RAM, 'x' excluded, 'r' raw, 'z' zlib, 'l' lzo, 's'
	 * snappy, 'd' zstd, '0' the shared page of zeros, '!' lost when the target was full. */
	const char *blocks;
	bool data_first; /**< bitmaps and descriptors behind the data */
	bool backwards;  /**< data of later blocks first */
	const void *notes;
	size_t notes_len;
};

/** Where things are in the file, for damage. */
struct mkkdump_map {
	size_t bitmap1, bitmap2, descs, data;
};

void mkkdump(const struct mkkdump *kdump, struct mkfile *ret, struct mkkdump_map *map);

#endif
