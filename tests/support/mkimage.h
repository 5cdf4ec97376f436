/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image of an x86_64 kernel in memory, with everything that makes it recognisable: symbols,
 * types, banner, objects that point at each other, page tables, VMCOREINFO. One piece of physical
 * memory; addresses below are offsets from its beginning, _text.
 */
#ifndef TESTS_SUPPORT_MKIMAGE_H
#define TESTS_SUPPORT_MKIMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/support/mem.h"
#include "tests/support/mkkallsyms.h"

#define MKIMAGE_LINK        0x1000000ULL /* CONFIG_PHYSICAL_START */
#define MKIMAGE_BANNER      0x100100ULL
#define MKIMAGE_KALLSYMS    0x102000ULL
#define MKIMAGE_BTF         0x130ae4ULL
#define MKIMAGE_NOTES       0x13f000ULL
#define MKIMAGE_INIT_TASK   0x200000ULL
#define MKIMAGE_VARIABLES   0x203000ULL
#define MKIMAGE_UTS         0x205000ULL
#define MKIMAGE_ROOT        0x210000ULL
#define MKIMAGE_BOOT_PARAMS 0x220000ULL
#define MKIMAGE_END         0x240000ULL

#define MKIMAGE_PAGE_OFFSET 0xffff9a0000000000ULL
#define MKIMAGE_VMALLOC     0xffffb00040000000ULL
#define MKIMAGE_VMEMMAP     0xffffe6a840000000ULL
#define MKIMAGE_RELEASE     "5.4.3-test"
#define MKIMAGE_BUILD_ID    "0123456789abcdef"

struct mkimage_options {
	const struct mklayout *layout; /**< NULL: that of 5.10 */
	uint64_t phys, virt;           /**< of _text; 0: 0x6000000 and 0xffffffff8a000000 */
	uint64_t note;       /**< physical address of the page with the note; 0: there is none */
	bool crashed;        /**< CRASHTIME */
	bool never_ran;      /**< variables are as they come from the file, no page tables */
	const char *cmdline; /**< NULL: "quiet" */
};

struct mkimage {
	uint64_t phys, virt, voffset;
	struct kallsyms_tables tables;
	uint64_t digits; /**< physical address of the mark */
	char info[2048]; /**< what the note says */
	uint64_t info_len;
};

/** Puts it into mem. Direct map is of the first GiB; what else is needed stands at 0x100000 in
 * front of phys. */
void mkimage(struct mkimage *image, struct mem *mem, const struct mkimage_options *options);

/** Physical address of an offset in the image. */
static inline uint64_t mkimage_at(const struct mkimage *image, uint64_t off)
{
	return image->phys + off;
}

/** Copies data into memory, page by page. */
void mkimage_put(struct mem *mem, uint64_t paddr, const void *data, size_t len);

/** Makes a page zeros. */
void mkimage_wipe(struct mem *mem, uint64_t paddr);

#endif
