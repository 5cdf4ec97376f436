/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a struct page says about its page. Pure: bytes and a layout in, a class out, so that every
 * encoding from 3.10 on is tested without a dump. All offsets and numbers come from VMCOREINFO;
 * which encoding is in force is decided by the presence and value of exported keys.
 */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vmcoreinfo;

enum page_class {
	PAGE_KEEP,          /**< kernel memory, or anything that no rule names */
	PAGE_CACHE,         /**< page cache, not private */
	PAGE_CACHE_PRIVATE, /**< page cache with PG_private */
	PAGE_USER,          /**< anonymous */
	PAGE_HUGETLB,       /**< user memory too, in its own class for the statistics */
	PAGE_FREE,          /**< in the buddy allocator */
	PAGE_UNACCEPTED,    /**< TDX or SEV-SNP memory that was never accepted; free */
	PAGE_HWPOISON,      /**< never to be touched, at any level */
	PAGE_OFFLINE,       /**< ballooned or unplugged, at any level */
	PAGE_ZSMALLOC,      /**< compressed memory of zram and zswap */
	PAGE_TABLE,         /**< page tables of processes, since 6.16 the kernel's too */
	PAGE_PCP_FREE,      /**< free, on the list of a CPU; no struct page tells (kernel/pcp.h) */
	PAGE_TAIL,          /**< part of a compound page: its head decides */
	PAGE_NR_CLASSES,
};

#define PAGE_MAX_ORDER 22 /**< 16 GiB of 4 KiB pages, the largest huge page there is (ppc64) */

/** A number inside a struct page. */
struct page_field {
	uint32_t offset;
	uint8_t bytes; /**< 1, 2, 4 or 8; 0: this kernel does not tell */
	uint64_t mask;
};

/** A value of _mapcount that is a page type (enum pagetype of include/linux/page-flags.h). All of
 * them are negative. Not exported: value 1, mask 0, which nothing equals. */
struct page_type {
	uint32_t value; /**< NUMBER(PAGE_x_MAPCOUNT_VALUE) */
	uint32_t mask;  /**< bits that count: the top byte from 6.12 on, all before */
};

struct page_layout {
	bool big_endian;
	uint8_t word;
	uint32_t size;                                              /**< SIZE(page) */
	uint32_t flags, mapping, mapcount, private_, compound_head; /**< offsets */
	uint64_t tail_mask;        /**< of compound_head, set in tail pages; 0: not exported */
	struct page_field order;   /**< of a compound page, in the struct page behind its head */
	struct page_field hugetlb; /**< there too: equal to hugetlb_value in hugetlb pages */
	uint64_t hugetlb_value;
	struct page_type buddy, offline, unaccepted, hugetlb_type, slab_type;
	/* Not in VMCOREINFO, but learned by kernel/page_types.h. */
	struct page_type table_type, zsmalloc_type;
	uint64_t
		zsmalloc_mapping; /**< page.mapping of its pages before it was a type; 0: unknown */
	uint64_t head_mask, lru_mask, private_mask, slab_mask, hwpoison_mask; /**< 0: unknown */
	uint64_t reserved_mask;  /**< not exported, but PG_private has always been the bit behind it
				  */
	uint64_t swapcache_mask; /**< in the swap cache all of these are set; all ones: unknown */
	unsigned int nr_free_orders; /**< LENGTH(zone.free_area) */
	/** Classes that cannot be told on this kernel: bit per enum page_class. They are kept. */
	uint32_t unknown_classes;
};

/** Fills the layout from VMCOREINFO. False, with *missing a constant key name, when not even the
 * basic offsets are there. */
bool page_layout_init(struct page_layout *layout, const struct vmcoreinfo *info, bool big_endian,
		      uint8_t word, const char **missing);

/** What page_classify() finds. */
struct page_verdict {
	enum page_class class;
	unsigned int order; /**< it speaks for 1 << order pages from pfn on */
	bool damaged;       /**< it contradicts itself; the class is PAGE_KEEP, the order 0 */
	bool reserved;      /**< PG_reserved: the kernel's since boot, whatever else is set */
};

/** Judges the page pfn by its struct page. next is the struct page behind it, which heads of
 * compound pages need, or NULL when there is none. */
struct page_verdict page_classify(const struct page_layout *layout, const uint8_t *page,
				  const uint8_t *next, uint64_t pfn);

/** What page->compound_head makes of a struct page at vaddr: the address of its head, which is
 * itself in all but tail pages. */
uint64_t page_head(const struct page_layout *layout, const uint8_t *page, uint64_t vaddr);

/** page->flags. */
uint64_t page_flags(const struct page_layout *layout, const uint8_t *page);

/** Short names for messages and --json, "cache-private". */
extern const char *const page_class_names[PAGE_NR_CLASSES];

#endif
