/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two headers of a kdump-compressed file (makedumpfile's diskdump_mod.h; IMPLEMENTATION file of
 * makedumpfile), in every layout that compilers gave them:
 *
 *   block 0                 main header
 *   blocks 1..sub_hdr_size  sub header, then whatever its offsets point at (notes, page data)
 *   then                    1st bitmap: a bit for each block of RAM, bit p%8 of byte p/8
 *                           2nd bitmap: a bit for each block that is stored; both bitmap_blocks
 *   then                    a page_desc of 24 bytes for each bit of the 2nd bitmap, in order
 *
 * Offsets in descriptors are absolute, so data may stand anywhere and be shared.
 */
#ifndef DUMP_KDUMP_HEADER_H
#define DUMP_KDUMP_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "dump/facts.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/error.h"

struct file;

#define KDUMP_MAIN_LEN 464U /**< main header, zero-padded to this in the shorter layouts */
#define KDUMP_SUB_LEN  104U /**< sub header in its longest layout */
#define KDUMP_DESC_LEN 24U

#define KDUMP_VERSION         6
#define KDUMP_MIN_BLOCK       4096U
#define KDUMP_MAX_BLOCK       (1U << 20)
#define KDUMP_MAX_PADDR_SHIFT 56 /**< RISC-V has the widest physical addresses */

/** Bits of status above enum codec_id. */
#define KDUMP_STATUS_INCOMPLETE       0x8U
#define KDUMP_STATUS_EXCLUDED_VMEMMAP 0x10U

/** How the producer's compiler laid the headers out. */
enum kdump_abi {
	KDUMP_ABI_64,
	KDUMP_ABI_32_PACKED, /**< u64 aligned to 4: i386, and QEMU for any 32-bit guest */
	KDUMP_ABI_32_PADDED, /**< u64 aligned to 8: ARM, MIPS, PowerPC */
	KDUMP_ABI_32_TIME64, /**< as PADDED, but 64-bit time_t makes the main header ABI_64's */
};

struct kdump_header {
	enum kdump_abi abi;
	bool big_endian;
	bool diskdump; /**< signature "DISKDUMP": the ancestor, no sub header */
	uint32_t version;
	struct dump_utsname uts;
	uint64_t time_sec, time_usec;
	uint32_t status; /**< enum codec_id and KDUMP_STATUS_ */
	uint32_t block_size;
	uint32_t sub_hdr_size;  /**< blocks between block 0 and the 1st bitmap */
	uint32_t bitmap_blocks; /**< blocks of both bitmaps together */
	uint32_t total_ram_blocks, device_blocks, written_blocks, current_cpu;
	uint32_t nr_cpus;

	/* The sub header. Files below version 6 have 32-bit or long members instead of the 64-bit
	 * ones; what a version has not is 0 here. */
	uint64_t phys_base;
	uint32_t dump_level;
	bool split;
	uint64_t start_pfn, end_pfn; /**< split: the descriptors cover this range only */
	uint64_t off_vmcoreinfo, size_vmcoreinfo;
	uint64_t off_note, size_note;
	uint64_t off_eraseinfo, size_eraseinfo;
	uint64_t max_mapnr; /**< bits of a bitmap that count */
};

/** Reads and checks both headers: signature, version, block size, bitmaps large enough for
 * max_mapnr. The machine's name decides on the layout; where it says nothing the first layout that
 * makes sense does. Offsets in the sub header are not checked against the file. */
struct error *kdump_header_read(const struct file *file, struct kdump_header *ret);

/** The same for a file in which that fails: what cannot be is replaced by what may be. Fails where
 * nothing tells how large blocks are, or where bitmaps stand. */
struct error *kdump_header_salvage(const struct file *file, struct kdump_header *ret);

/** Encodes both headers as version 6 in the layout and byte order of header->abi and big_endian;
 * signature, version and lengths are set here. main goes to offset 0, sub to offset block_size. */
void kdump_header_encode(const struct kdump_header *header, uint8_t main[static KDUMP_MAIN_LEN],
			 uint8_t sub[static KDUMP_SUB_LEN]);

/** The layout that makedumpfile built for this machine has. */
enum kdump_abi kdump_abi_of(uint16_t e_machine, uint8_t word, bool big_endian);

/** Physical address of block 0, in blocks: phys_base on 32-bit ARM, where makedumpfile and crash
 * count from there (ARCH_PFN_OFFSET), else 0. QEMU counts from 0 even on ARM, and names the machine
 * "Unknown". */
uint64_t kdump_first_pfn(const struct kdump_header *header);

/** Blocks that one bitmap of max_mapnr bits takes. */
static inline uint64_t kdump_bitmap_blocks(uint64_t max_mapnr, uint32_t block_size)
{
	return div_round_up(max_mapnr, 8ULL * block_size);
}

static inline uint64_t kdump_bitmap_off(const struct kdump_header *header)
{
	return (1ULL + header->sub_hdr_size) * header->block_size;
}

static inline uint64_t kdump_desc_off(const struct kdump_header *header)
{
	return kdump_bitmap_off(header) + (uint64_t)header->bitmap_blocks * header->block_size;
}

/** page_desc, without its page_flags, which is always 0. */
struct kdump_desc {
	uint64_t off;   /**< in the file; 0: the page was lost when the target was full */
	uint32_t size;  /**< bytes there */
	uint32_t flags; /**< enum codec_id */
};

static inline struct kdump_desc kdump_desc_load(const void *p, bool big_endian)
{
	return (struct kdump_desc){
		.off = load_u64(p, big_endian),
		.size = load_u32((const uint8_t *)p + 8, big_endian),
		.flags = load_u32((const uint8_t *)p + 12, big_endian),
	};
}

static inline void kdump_desc_store(void *p, const struct kdump_desc *desc, bool big_endian)
{
	store_u64(p, desc->off, big_endian);
	store_u32((uint8_t *)p + 8, desc->size, big_endian);
	store_u32((uint8_t *)p + 12, desc->flags, big_endian);
	store_u64((uint8_t *)p + 16, 0, big_endian);
}

#endif
