/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM in QEMU's migration streams (migration/savevm.c, migration/ram.c of QEMU), which is what
 * "migrate" to a file and libvirt's save write. Numbers are big-endian:
 *
 *   "QEVM" version 3
 *   CONFIGURATION  machine, page size
 *   START ram      list of RAM blocks; with mapped-ram each has its place in the file, and the
 *                  stream goes on behind it; a bitmap tells which pages are there, others are zero
 *   PART ram       pages: address in the block and flags, the block's name unless it is the last
 *                  one's, the bytes
 *   END ram        the same; here we stop: what follows is the state of devices
 */
#ifndef DUMP_QEMU_SAVE_H
#define DUMP_QEMU_SAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/reader.h"
#include "util/error.h"

struct file;
struct unpack_method;

#define QEMU_NAME_LEN   256
#define QEMU_MAX_BLOCKS 1024

struct qemu_block {
	char name[QEMU_NAME_LEN];
	uint64_t len;
	uint64_t
		image_off; /**< in the image of all main memory; UINT64_MAX when it is none of it */
	uint64_t off_bitmap, off_pages; /**< in the file; 0 without mapped-ram */
};

struct qemu_save {
	char board[QEMU_NAME_LEN]; /**< "pc-q35-10.0" */
	uint32_t page_size;
	bool mapped;
	struct qemu_block *blocks; /**< owned */
	size_t nr_blocks;
	size_t main;        /**< the first block of main memory */
	size_t nr_main;     /**< blocks of it */
	uint64_t image_len; /**< bytes of main memory */
};

void qemu_save_deinit(struct qemu_save *save);

/** Reads a stream that begins at off of the file and is compressed by method (NULL: not). Without
 * mapped-ram *image becomes an unlinked file with the main memory. *why says what is wrong with a
 * stream that ends early, if options->salvage lets it pass. */
struct error *qemu_save_read(struct qemu_save *save, const struct file *file, uint64_t off,
			     const struct unpack_method *method,
			     const struct dump_open_options *options, struct file **image,
			     char why[static 160]);

/** Opens what qemu_save_read() reads; takes ownership of the file on success. */
struct error *qemu_open(struct file *file, uint64_t off, const struct unpack_method *method,
			const struct dump_open_options *options, struct dump_reader **ret);

#endif
