/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel for tests: a piece of memory of any byte order and word size, mapped in one stretch. */
#ifndef TESTS_SUPPORT_FAKEKERNEL_H
#define TESTS_SUPPORT_FAKEKERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump/reader.h"
#include "kernel/kernel.h"
#include "util/file.h"

#define FAKE_BLOCK 4096U

struct fakekernel {
	struct dump_reader reader; /**< memory at physical 0; path "fake" */
	struct file file;
	uint8_t *memory;
	size_t len;
	uint64_t base;        /**< virtual address of memory[0] */
	uint64_t hole[2];     /**< physical addresses without RAM: from, to */
	uint64_t left_out[2]; /**< and of RAM that the dump does not have */
	struct kernel *kernel;
};

/** len bytes of zeros. Nothing but the memory, word, byte order and path is known of the dump. */
void fakekernel_init(struct fakekernel *fake, uint8_t word, bool big_endian, size_t len);
/** Opens fake->kernel with this VMCOREINFO (NULL: none). */
void fakekernel_open(struct fakekernel *fake, const char *vmcoreinfo);
void fakekernel_deinit(struct fakekernel *fake);

/** Numbers at a virtual address, in the byte order of the kernel. */
void fake_u16(struct fakekernel *fake, uint64_t vaddr, uint16_t value);
void fake_u32(struct fakekernel *fake, uint64_t vaddr, uint32_t value);
void fake_u64(struct fakekernel *fake, uint64_t vaddr, uint64_t value);
void fake_word(struct fakekernel *fake, uint64_t vaddr, uint64_t value);
uint64_t fake_get_word(const struct fakekernel *fake, uint64_t vaddr);
/** The memory at a virtual address, len bytes of it. */
uint8_t *fake_at(const struct fakekernel *fake, uint64_t vaddr, size_t len);

#endif
