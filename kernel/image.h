/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image of a kernel in memory. It is one piece in physical memory, so that one distance leads
 * from the virtual address of each of its symbols to where it stands, without any page table.
 */
#ifndef KERNEL_IMAGE_H
#define KERNEL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/addrspace.h"

struct kallsyms;

struct image {
	const struct kallsyms *symbols;
	uint64_t voffset;   /**< virtual address minus the address that read goes by (mod 2^64) */
	unsigned int texts; /**< well-known texts that stand where their symbols say */
	unsigned int pointers; /**< pairs of well-known objects where one points at the other */
	phys_read_fn *read;
	void *arg;
};

/**
 * Finds out where the image is whose tables are those of symbols, read by the same read. Tables
 * of place-relative addresses (kallsyms_create() by physical addresses) are shifted to virtual ones
 * here. False when it cannot be told; texts and pointers then say what was found.
 */
bool image_locate(struct kallsyms *symbols, phys_read_fn *read, void *arg, struct image *ret);

/** The image at a distance that is known otherwise; texts and pointers say whether it is there. */
void image_at(const struct kallsyms *symbols, uint64_t voffset, phys_read_fn *read, void *arg,
	      struct image *ret);

/** Reads at a virtual address inside the image. */
bool image_read(const struct image *image, uint64_t vaddr, void *buf, size_t len);

/** The same, but not from pages that are zero from end to end. */
bool image_read_sound(const struct image *image, uint64_t vaddr, void *buf, size_t len);

/** A variable of 1, 2, 4 or 8 bytes, by its symbol, zero-extended. False also when the page that it
 * is in is zero from end to end: that is damage, not a value. */
bool image_variable(const struct image *image, const char *symbol, size_t size, uint64_t *ret);

/** What init_uts_ns says: the release into buf of 65 bytes. */
bool image_release(const struct image *image, char release[static 65]);

#endif
