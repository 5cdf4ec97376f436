// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How compound order and hugetlb pages are told apart, by what the kernel exports:
 *
 *   3.10 - 4.3   free_huge_page, or no PG_head_mask   page[1].lru.prev and lru.next
 *   4.4  - 4.5   PG_head_mask alone                   not exported, Linux commit f1e61557f023
 *   4.6  - 6.2   page.compound_order, compound_dtor   8639a847b0e1
 *   6.3  - 6.5   folio._folio_order, _folio_dtor      in page[1], one byte each
 *   6.6  - 6.8   PG_hugetlb                           page[1].flags: order and a bit of it
 *   6.9  -       PAGE_HUGETLB_MAPCOUNT_VALUE          page[1].flags: order; type of the head
 */
#include "kernel/page.h"

#include "dump/vmcoreinfo.h"
#include "kernel/memmap.h"
#include "util/bytes.h"

// include/linux/page-flags.h
#define PG_HEAD_OLD    14        // on 64-bit before Linux commit b3acc56bfe1 (3.17) exported it
#define PG_LRU_OLD     5         // the flags that this PG_head goes with
#define PG_PRIVATE_OLD 11        //
#define PG_HEAD_FLAGS  (1U << 6) // PG_head where page[1].flags holds the order, from 6.6 on
#define ORDER_MASK     0xff
#define MAPPING_ANON   1
#define MAPPING_MASK   3 // with 2 alone it is a page of a driver that can move it

#define FREE_ORDERS     11 // MAX_ORDER, where LENGTH(zone.free_area) makes no sense
#define FREE_ORDERS_MAX 32

const char *const page_class_names[PAGE_NR_CLASSES] = {
	[PAGE_KEEP] = "kernel",
	[PAGE_CACHE] = "cache",
	[PAGE_CACHE_PRIVATE] = "cache-private",
	[PAGE_USER] = "user",
	[PAGE_HUGETLB] = "hugetlb",
	[PAGE_FREE] = "free",
	[PAGE_UNACCEPTED] = "unaccepted",
	[PAGE_HWPOISON] = "hwpoison",
	[PAGE_OFFLINE] = "offline",
	[PAGE_ZSMALLOC] = "zsmalloc",
	[PAGE_TABLE] = "pagetable",
	[PAGE_PCP_FREE] = "pcp-free",
	[PAGE_TAIL] = "tail",
};

/** An offset of struct page at which width bytes can be read. */
static bool page_offset(const struct page_layout *layout, const struct vmcoreinfo *info,
			const char *member, unsigned int width, uint32_t *ret)
{
	uint64_t offset;

	if (!vmcoreinfo_offset(info, member, &offset) || offset > layout->size - width)
		return false;
	*ret = (uint32_t)offset;
	return true;
}

/** The mask of a flag whose number is exported, else 0. */
static uint64_t flag_mask(const struct page_layout *layout, const struct vmcoreinfo *info,
			  const char *name)
{
	int64_t bit;

	if (!vmcoreinfo_number(info, name, &bit) || bit < 0 || bit >= layout->word * 8)
		return 0;
	return 1ULL << bit;
}

static void init_flags(struct page_layout *layout, const struct vmcoreinfo *info)
{
	uint64_t swapcache = flag_mask(layout, info, "PG_swapcache");
	int64_t head = 0;

	layout->lru_mask = flag_mask(layout, info, "PG_lru");
	layout->private_mask = flag_mask(layout, info, "PG_private");
	layout->reserved_mask = layout->private_mask >> 1;
	// Not exported from Linux commit 46df8e73a4a3 (6.10) on, where slab is a page type. No
	// default: bit 7 has other meanings since.
	layout->slab_mask = flag_mask(layout, info, "PG_slab");
	layout->hwpoison_mask = flag_mask(layout, info, "PG_hwpoison");
	// From Linux commit 6326fec1122c (4.10) on the bit counts only with PG_swapbacked.
	layout->swapcache_mask = swapcache ? swapcache | flag_mask(layout, info, "PG_swapbacked")
					   : UINT64_MAX;
	if (vmcoreinfo_number(info, "PG_head_mask", &head))
		layout->head_mask = (uint64_t)head;
	else if (layout->word == 8 && layout->lru_mask == 1U << PG_LRU_OLD &&
		 layout->private_mask == 1U << PG_PRIVATE_OLD)
		layout->head_mask = 1U << PG_HEAD_OLD;
}

static void init_type(struct page_type *type, const struct vmcoreinfo *info, const char *name)
{
	int64_t value;

	*type = (struct page_type){.value = 1};
	if (!vmcoreinfo_number(info, name, &value))
		return;
	type->value = (uint32_t)value;
	type->mask = UINT32_MAX;
	// Linux commit 4ffca5a96678 (6.12): the type is the top byte, the rest is its owner's.
	if (type->value >= 0xf0000000 && !(type->value & 0xffffff))
		type->mask = 0xff000000;
}

/** Order and destructor where their offsets are exported; base is what these count from. */
static bool init_compound_offsets(struct page_layout *layout, const struct vmcoreinfo *info,
				  const char *order, const char *dtor, uint64_t base)
{
	uint64_t order_offset, dtor_offset, distance;
	int64_t hugetlb;
	uint8_t bytes = 1;

	if (!vmcoreinfo_offset(info, order, &order_offset) || order_offset < base ||
	    order_offset - base > layout->size - sizeof(uint32_t))
		return false;
	layout->order = (struct page_field){(uint32_t)(order_offset - base), 1, 0xff};
	if (!vmcoreinfo_offset(info, dtor, &dtor_offset) || dtor_offset < base ||
	    dtor_offset - base > layout->size - sizeof(uint32_t))
		return true;
	// The two are neighbours, so their distance is their width: 4 bytes, or 2 on 32-bit, before
	// they became unsigned char in 4.16.
	distance = order_offset - dtor_offset;
	if (distance == 2 || distance == 4)
		bytes = (uint8_t)distance;
	layout->order.bytes = bytes;
	layout->order.mask = UINT32_MAX >> (32 - 8 * bytes);
	if (vmcoreinfo_number(info, "HUGETLB_PAGE_DTOR", &hugetlb)) {
		layout->hugetlb = layout->order;
		layout->hugetlb.offset = (uint32_t)(dtor_offset - base);
		layout->hugetlb_value = (uint64_t)hugetlb;
	}
	return true;
}

static void init_compound(struct page_layout *layout, const struct vmcoreinfo *info)
{
	uint64_t hugetlb = flag_mask(layout, info, "PG_hugetlb"), destructor;
	uint8_t word = layout->word;
	int64_t head;
	uint32_t lru;

	init_type(&layout->hugetlb_type, info, "PAGE_HUGETLB_MAPCOUNT_VALUE");
	if (init_compound_offsets(layout, info, "folio._folio_order", "folio._folio_dtor",
				  layout->size) ||
	    init_compound_offsets(layout, info, "page.compound_order", "page.compound_dtor", 0))
		return;
	if (hugetlb || layout->hugetlb_type.mask || layout->head_mask == PG_HEAD_FLAGS) {
		layout->order = (struct page_field){layout->flags, word, ORDER_MASK};
		if (hugetlb)
			layout->hugetlb = (struct page_field){layout->flags, word, hugetlb};
		layout->hugetlb_value = hugetlb;
		return;
	}
	// struct list_head lru: the destructor was in next, the order in prev
	if (!page_offset(layout, info, "page.lru", 2 * word, &lru))
		return;
	if (vmcoreinfo_symbol(info, "free_huge_page", &destructor)) {
		layout->hugetlb = (struct page_field){lru, word, UINT64_MAX};
		layout->hugetlb_value = destructor;
	} else if (vmcoreinfo_number(info, "PG_head_mask", &head)) {
		return;
	}
	layout->order = (struct page_field){lru + word, word, UINT64_MAX};
}

bool page_layout_init(struct page_layout *layout, const struct vmcoreinfo *info, bool big_endian,
		      uint8_t word, const char **missing)
{
	const struct {
		const char *member, *key;
		unsigned int width;
		uint32_t *offset;
	} members[] = {
		{"page.flags", "OFFSET(page.flags)", word, &layout->flags},
		{"page.mapping", "OFFSET(page.mapping)", word, &layout->mapping},
		{"page._mapcount", "OFFSET(page._mapcount)", 4, &layout->mapcount},
		{"page.private", "OFFSET(page.private)", word, &layout->private_},
	};
	uint64_t size, orders = 0;

	*layout = (struct page_layout){.big_endian = big_endian, .word = word};
	*missing = "SIZE(page)";
	if (!vmcoreinfo_size(info, "page", &size) || size < MEMMAP_MIN_PAGE_STRUCT ||
	    size > MEMMAP_MAX_PAGE_STRUCT)
		return false;
	layout->size = (uint32_t)size;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		*missing = members[i].key;
		if (!page_offset(layout, info, members[i].member, members[i].width,
				 members[i].offset))
			return false;
	}
	init_flags(layout, info);
	*missing = "NUMBER(PG_lru)";
	if (!layout->lru_mask)
		return false;
	// renamed by "mm: rename the 'compound_head' field in the 'struct page'" (7.1)
	if (page_offset(layout, info, "page.compound_info", word, &layout->compound_head) ||
	    page_offset(layout, info, "page.compound_head", word, &layout->compound_head))
		layout->tail_mask = 1;
	init_compound(layout, info);
	init_type(&layout->buddy, info, "PAGE_BUDDY_MAPCOUNT_VALUE");
	init_type(&layout->offline, info, "PAGE_OFFLINE_MAPCOUNT_VALUE");
	init_type(&layout->unaccepted, info, "PAGE_UNACCEPTED_MAPCOUNT_VALUE");
	init_type(&layout->slab_type, info, "PAGE_SLAB_MAPCOUNT_VALUE");
	if (!vmcoreinfo_length(info, "zone.free_area", &orders) || !orders ||
	    orders > FREE_ORDERS_MAX)
		orders = FREE_ORDERS;
	layout->nr_free_orders = (unsigned int)orders;
	layout->table_type = layout->zsmalloc_type = (struct page_type){.value = 1};
	layout->unknown_classes = 1U << PAGE_TABLE | 1U << PAGE_ZSMALLOC |
				  (layout->buddy.mask ? 0 : 1U << PAGE_FREE) |
				  (layout->offline.mask ? 0 : 1U << PAGE_OFFLINE) |
				  (layout->unaccepted.mask ? 0 : 1U << PAGE_UNACCEPTED) |
				  (layout->hwpoison_mask ? 0 : 1U << PAGE_HWPOISON) |
				  (layout->hugetlb.bytes || layout->hugetlb_type.mask
					   ? 0
					   : 1U << PAGE_HUGETLB);
	return true;
}

static inline uint64_t load_number(const uint8_t *p, uint8_t bytes, bool big_endian)
{
	switch (bytes) {
	case 1: return *p;
	case 2: return load_u16(p, big_endian);
	case 4: return load_u32(p, big_endian);
	default: return load_u64(p, big_endian);
	}
}

static uint64_t load_field(const struct page_layout *layout, const struct page_field *field,
			   const uint8_t *page)
{
	return load_number(page + field->offset, field->bytes, layout->big_endian) & field->mask;
}

static inline bool is_type(const struct page_type *type, uint32_t mapcount)
{
	return (mapcount & type->mask) == type->value;
}

/** Can so many pages begin here? */
static bool order_fits(uint64_t order, uint64_t pfn)
{
	return order <= PAGE_MAX_ORDER && !(pfn & ((1ULL << order) - 1));
}

uint64_t page_head(const struct page_layout *layout, const uint8_t *page, uint64_t vaddr)
{
	uint64_t ones = UINT64_MAX >> (64 - 8 * layout->word), info, rest;

	info = load_number(page + layout->compound_head, layout->word, layout->big_endian);
	if (!(info & layout->tail_mask))
		return vaddr;
	info -= layout->tail_mask;
	// "mm: rework compound_head() for power-of-2 sizeof(struct page)" (7.1): with HVO tail
	// pages hold a mask instead of a pointer, which is ones down to some bit
	rest = ~info & ones;
	return rest & (rest + 1) ? info : vaddr & info;
}

uint64_t page_flags(const struct page_layout *layout, const uint8_t *page)
{
	return load_number(page + layout->flags, layout->word, layout->big_endian);
}

static struct page_verdict classify_free(const struct page_layout *layout, bool buddy,
					 uint64_t private, uint64_t pfn)
{
	// unaccepted memory comes in blocks of the largest order, accept_page() in mm/page_alloc.c
	uint64_t order = buddy ? private : layout->nr_free_orders - 1;

	if (order >= layout->nr_free_orders || !order_fits(order, pfn))
		return (struct page_verdict){.damaged = true};
	return (struct page_verdict){.class = buddy ? PAGE_FREE : PAGE_UNACCEPTED,
				     .order = (unsigned int)order};
}

/** What struct pages of order 0 and no type hold in common with all others. */
static inline enum page_class classify_plain(const struct page_layout *l, uint64_t flags,
					     uint64_t mapping, bool slab)
{
	bool cache = flags & l->lru_mask || (flags & l->swapcache_mask) == l->swapcache_mask;
	enum page_class class = flags & l->private_mask ? PAGE_CACHE_PRIVATE : PAGE_CACHE;

	class = cache ? class : PAGE_KEEP;
	return mapping & MAPPING_ANON && !slab ? PAGE_USER : class;
}

/** Kernel pages of which more can be told: drivers set the mapping of pages that can be moved. */
static enum page_class classify_kernel(const struct page_layout *l, uint32_t mapcount,
				       uint64_t mapping)
{
	if (is_type(&l->offline, mapcount))
		return PAGE_OFFLINE;
	if (is_type(&l->table_type, mapcount))
		return PAGE_TABLE;
	if (is_type(&l->zsmalloc_type, mapcount) ||
	    (l->zsmalloc_mapping && mapping == l->zsmalloc_mapping))
		return PAGE_ZSMALLOC;
	return PAGE_KEEP;
}

/** Heads, tails, poisoned pages and those that have a type. */
static struct page_verdict classify_special(const struct page_layout *l, const uint8_t *page,
					    const uint8_t *next, uint64_t pfn)
{
	uint64_t flags = page_flags(l, page);
	uint64_t mapping = load_number(page + l->mapping, l->word, l->big_endian);
	uint32_t mapcount = load_u32(page + l->mapcount, l->big_endian);
	bool hugetlb = is_type(&l->hugetlb_type, mapcount);
	bool slab = flags & l->slab_mask || is_type(&l->slab_type, mapcount);
	bool buddy = is_type(&l->buddy, mapcount);
	struct page_verdict verdict = {.class = PAGE_TAIL};
	uint64_t order = 0;

	if (page_head(l, page, 0) != 0)
		return verdict;
	if ((buddy || is_type(&l->unaccepted, mapcount)) && !slab) {
		uint64_t private = load_number(page + l->private_, l->word, l->big_endian);

		verdict = classify_free(l, buddy, private, pfn);
		verdict.reserved = flags & l->reserved_mask;
		return verdict;
	}
	if (flags & l->head_mask && l->order.bytes && next) {
		order = load_field(l, &l->order, next);
		if (!order_fits(order, pfn))
			return (struct page_verdict){.damaged = true};
		if (l->hugetlb.bytes && load_field(l, &l->hugetlb, next) == l->hugetlb_value)
			hugetlb = true;
	}
	verdict.order = (unsigned int)order;
	verdict.reserved = flags & l->reserved_mask;
	verdict.class = classify_plain(l, flags, mapping, slab);
	if (flags & l->hwpoison_mask)
		verdict.class = PAGE_HWPOISON;
	else if (hugetlb)
		verdict.class = PAGE_HUGETLB;
	else if (verdict.class == PAGE_KEEP && !slab)
		verdict.class = classify_kernel(l, mapcount, mapping);
	return verdict;
}

/** Most pages are plain ones. With word and big_endian as constants this has few branches. */
static inline __attribute__((always_inline)) struct page_verdict classify(
	const struct page_layout *l, const uint8_t *page, const uint8_t *next, uint64_t pfn,
	uint8_t word, bool big_endian)
{
	uint64_t flags = load_number(page + l->flags, word, big_endian);
	uint64_t mapping = load_number(page + l->mapping, word, big_endian);
	uint64_t compound = load_number(page + l->compound_head, word, big_endian);
	int32_t mapcount = (int32_t)load_u32(page + l->mapcount, big_endian);

	// types are negative, and -1 is the count of a page that nobody maps
	if (compound & l->tail_mask || flags & (l->head_mask | l->hwpoison_mask) || mapcount < -1 ||
	    (mapping & MAPPING_MASK) == MAPPING_MASK - MAPPING_ANON)
		return classify_special(l, page, next, pfn);
	return (struct page_verdict){
		.class = classify_plain(l, flags, mapping, flags & l->slab_mask),
		.reserved = flags & l->reserved_mask,
	};
}

struct page_verdict page_classify(const struct page_layout *layout, const uint8_t *page,
				  const uint8_t *next, uint64_t pfn)
{
	if (layout->word == 8 && !layout->big_endian)
		return classify(layout, page, next, pfn, 8, false);
	return classify(layout, page, next, pfn, layout->word, layout->big_endian);
}
