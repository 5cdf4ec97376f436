/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the RAM of a virtual machine stands that an image has from its first byte to its last:
 * QEMU's machine types, by --machine. Each source of a number is named in the table.
 */
#ifndef DUMP_BOARD_H
#define DUMP_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

/** A machine type, as a line of the table. */
struct board {
	const char *name;      /**< of --machine */
	const char *qemu_name; /**< of its machine in QEMU, without the version */
	const char *qemu_ram;  /**< and of its RAM */
	uint16_t e_machine;
	uint8_t word;
	bool big_endian;
	uint64_t base; /**< of the first byte */
	/** An image that reaches most_low is cut at low, and the rest stands at high; 0: never. */
	uint64_t most_low, low, high;
	bool option_is_most_low; /**< max-ram-below-4g replaces most_low; it always limits low */
};

extern const struct board boards[];
extern const size_t nr_boards;

/** For one image. */
struct board_layout {
	const struct board *board;
	uint64_t low; /**< bytes of the image that stand at board->base; the rest at board->high */
};

/** text is NAME[,max-ram-below-4g=SIZE]; size the bytes of the image. */
struct error *board_parse(const char *text, uint64_t size, struct board_layout *ret);

/** By the name that QEMU has for the machine ("pc-q35-10.0") and for its RAM block; false when
 * they say nothing. */
bool board_guess(const char *qemu_name, const char *qemu_ram, uint64_t size,
		 struct board_layout *ret);

/** Physical address of byte off of the image; *len, the bytes from there on, becomes the number of
 * those that follow it. */
uint64_t board_paddr(const struct board_layout *layout, uint64_t off, uint64_t *len);

#endif
