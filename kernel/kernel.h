/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One Linux kernel inside a dump: where its facts come from, its address space and its memory.
 * A struct kernel is used by one thread at a time; threads that read in parallel (page selection)
 * make their own reading state from it with kernel_clone().
 */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/addrspace.h"
#include "dump/vmcoreinfo.h"
#include "util/error.h"

struct dump_cache;
struct dump_reader;
struct dump_scratch;
struct knowledge;

struct kernel_options {
	const char *vmcoreinfo; /**< text that replaces the dump's own (-i), or NULL */
	size_t vmcoreinfo_len;
	size_t cache_bytes; /**< for small reads; 0 for the default of 1 MiB */
};

struct kernel {
	const struct dump_reader *dump;
	struct vmcoreinfo *vmcoreinfo; /**< owned, or NULL in a clone */
	struct addrspace as;
	bool translates;      /**< as.arch->learn succeeded */
	struct error *reason; /**< why it did not; owned */
	uint32_t page_size;   /**< the kernel's, which may differ from the dump's block size */
	uint8_t page_shift;
	struct dump_cache *cache;     /**< for small reads and page tables */
	struct dump_scratch *scratch; /**< for large reads */
	const struct kernel *parent;  /**< of a clone */
	struct knowledge *knowledge;  /**< see kernel/knowledge.h; owned, NULL until it is needed */
};

/**
 * Opens the kernel of a dump, which has to outlive it. Without vmcoreinfo, with an unknown machine
 * or unusable facts this still succeeds: translates is false and reason says what is missing.
 */
struct error *kernel_open(const struct dump_reader *dump, const struct kernel_options *options,
			  struct kernel **ret);

/** A second reading state over the same facts, for another thread; parent has to outlive it. */
struct error *kernel_clone(const struct kernel *parent, struct kernel **ret);

void kernel_close(struct kernel *kernel);
DEFINE_CLEANUP(struct kernel *, kernel_close)
#define _cleanup_kernel_ _cleanup_(cleanup_kernel_close)

/** Parsed vmcoreinfo, of the parent in a clone. Never NULL, perhaps empty. */
const struct vmcoreinfo *kernel_vmcoreinfo(const struct kernel *kernel);

/** Run-time address of a symbol, from whatever knows it. */
bool kernel_symbol(const struct kernel *kernel, const char *name, uint64_t *ret);

/** Reads virtual memory until len bytes are there or one is not to be had; returns how many came.
 * Pointers may carry a tag or an authentication code (arch->strip). */
size_t kernel_read_some(struct kernel *kernel, uint64_t vaddr, void *buf, size_t len);

/** The same in another address space: that of a process, kernel/user.h. */
size_t kernel_read_as(struct kernel *kernel, const struct addrspace *as, uint64_t vaddr, void *buf,
		      size_t len);

/** Reads exactly len bytes of virtual memory, or false. */
bool kernel_read(struct kernel *kernel, uint64_t vaddr, void *buf, size_t len);

/** Numbers in the kernel's byte order. The first: of 1, 2, 4 or 8 bytes, zero-extended. */
bool kernel_read_number(struct kernel *kernel, uint64_t vaddr, uint64_t size, uint64_t *ret);
bool kernel_read_u32(struct kernel *kernel, uint64_t vaddr, uint32_t *ret);
bool kernel_read_u64(struct kernel *kernel, uint64_t vaddr, uint64_t *ret);
/** A long or pointer: 4 or 8 bytes, zero-extended. */
bool kernel_read_word(struct kernel *kernel, uint64_t vaddr, uint64_t *ret);

/** Physical memory through the same cache. */
bool kernel_read_phys(struct kernel *kernel, uint64_t paddr, void *buf, size_t len);

#endif
