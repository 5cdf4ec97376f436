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
	PAGE_TAIL,          /**< part of a compound page: its head decides */
	PAGE_NR_CLASSES,
};

/** How compound order and hugetlb are found (capture-filter rules 3.10 to 7.x). */
enum page_order_source {
	ORDER_UNKNOWN,  /**< not exported (4.4, 4.5): every page by itself */
	ORDER_LRU_PREV, /**< page[1].lru.prev, before 4.4 */
	ORDER_COMPOUND, /**< page[1].compound_order, 4.6 to 6.2; or the folio offsets, 6.3 to 6.5 */
	ORDER_FLAGS,    /**< page[1].flags & 0xff, from 6.6 on */
};

enum page_hugetlb_source {
	HUGETLB_UNKNOWN,
	HUGETLB_LRU_NEXT, /**< page[1].lru.next is free_huge_page */
	HUGETLB_DTOR,     /**< page[1].compound_dtor is HUGETLB_PAGE_DTOR */
	HUGETLB_FLAG,     /**< PG_hugetlb in page[1].flags, 6.6 to 6.8 */
	HUGETLB_TYPE,     /**< page_type of the head, from 6.9 on */
};

struct page_type {
	bool known;
	uint32_t value; /**< NUMBER(PAGE_x_MAPCOUNT_VALUE) */
	uint32_t mask;  /**< bits that count: the top byte from 6.12 on, all before */
};

struct page_layout {
	bool big_endian;
	uint8_t word;
	uint32_t size; /**< SIZE(page) */
	uint32_t flags, refcount, mapping, mapcount, private_, compound_head, lru; /**< offsets */
	uint32_t order_offset, dtor_offset; /**< in page[1] */
	uint8_t order_bytes;                /**< 1 or 2 */
	bool has_compound_head;
	enum page_order_source order;
	enum page_hugetlb_source hugetlb;
	uint64_t hugetlb_value; /**< dtor, flag mask or function address */
	uint64_t head_mask;     /**< NUMBER(PG_head_mask), 0 when unknown */
	uint64_t lru_mask, private_mask, swapcache_mask, swapbacked_mask, slab_mask, hwpoison_mask;
	bool swapbacked_known;
	struct page_type buddy, offline, unaccepted, hugetlb_type, slab_type;
	unsigned int nr_free_orders; /**< LENGTH(zone.free_area) */
	unsigned int max_order;      /**< highest compound order believed */
	/** Classes that cannot be told on this kernel: bit per enum page_class. They are kept. */
	uint32_t unknown_classes;
};

/** Fills the layout from VMCOREINFO. False, with *missing a constant key name, when not even the
 * basic offsets are there. */
bool page_layout_init(struct page_layout *layout, const struct vmcoreinfo *info, bool big_endian,
		      uint8_t word, const char **missing);

/** Class of a page, and in *order how many pages it speaks for (1 << *order, 0 for one). next is
 * the struct page behind it, needed for heads of compound pages, or NULL. pfn is for the check that
 * an order fits its alignment; what does not make sense counts as order 0, and *damaged is set. */
enum page_class page_classify(const struct page_layout *layout, const uint8_t *page,
			      const uint8_t *next, uint64_t pfn, unsigned int *order,
			      bool *damaged);

/** Short names for messages and --json, "cache-private". */
extern const char *const page_class_names[PAGE_NR_CLASSES];

#endif
