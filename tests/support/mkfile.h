/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file under construction: bytes that a test puts together, damages, and opens by a path. No
 * memory for it ends the test program. */
#ifndef TESTS_SUPPORT_MKFILE_H
#define TESTS_SUPPORT_MKFILE_H

#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

/** Starts as {0}. */
struct mkfile {
	uint8_t *data;
	size_t len;
	int fd; /**< plus one */
	char path[40];
};

/** Writes at off; the file grows, gaps are zero. */
void mkfile_put(struct mkfile *file, size_t off, const void *data, size_t len);

/** Cuts or lengthens the file. */
void mkfile_resize(struct mkfile *file, size_t len);

/** Makes a file of what is there now, and gives its name. */
const char *mkfile_path(struct mkfile *file);

void mkfile_deinit(struct mkfile *file);
#define _cleanup_mkfile_ _cleanup_(mkfile_deinit)

/** What memory at paddr holds in dumps made by mkelf and mkkdump: 64 equal bytes each, so that it
 * can be compressed, no two pages close to each other alike. */
static inline uint8_t mkfile_byte(uint64_t paddr)
{
	return (uint8_t)((paddr >> 12) * 7 + (paddr >> 6) + 1);
}

void mkfile_memory(uint8_t *buf, uint64_t paddr, size_t len);

#endif
