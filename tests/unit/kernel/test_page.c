// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <stdio.h>

#include "dump/vmcoreinfo.h"
#include "kernel/page.h"
#include "util/bytes.h"

/* What kernels exported, each line of keys once. The numbers are those of Debian's configurations
 * where there are some, else of the upstream headers. */

#define BASE_3_10                                                                  \
	"SIZE(page)=64\nOFFSET(page.flags)=0\nOFFSET(page._count)=28\n"            \
	"OFFSET(page.mapping)=8\nOFFSET(page.lru)=32\nOFFSET(page._mapcount)=24\n" \
	"OFFSET(page.private)=48\nLENGTH(zone.free_area)=11\nNUMBER(PG_lru)=5\n"   \
	"NUMBER(PG_private)=11\nNUMBER(PG_swapcache)=16\nNUMBER(PG_slab)=7\n"      \
	"NUMBER(PG_hwpoison)=23\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128\n"
#define BASE_4_6                                                                    \
	BASE_3_10 "NUMBER(PG_head_mask)=16384\nNUMBER(HUGETLB_PAGE_DTOR)=2\n"       \
		  "OFFSET(page.compound_dtor)=40\nOFFSET(page.compound_order)=44\n" \
		  "OFFSET(page.compound_head)=32\n"
#define BASE_4_18                                                                  \
	"SIZE(page)=64\nOFFSET(page.flags)=0\nOFFSET(page._refcount)=52\n"         \
	"OFFSET(page.mapping)=24\nOFFSET(page.lru)=8\nOFFSET(page._mapcount)=48\n" \
	"OFFSET(page.private)=40\nLENGTH(zone.free_area)=11\n"
#define COMPOUND_4_18                                                     \
	"OFFSET(page.compound_dtor)=16\nOFFSET(page.compound_order)=17\n" \
	"OFFSET(page.compound_head)=8\nNUMBER(HUGETLB_PAGE_DTOR)=2\n"
#define FLAGS_5                                                                 \
	"NUMBER(PG_lru)=4\nNUMBER(PG_private)=13\nNUMBER(PG_swapcache)=10\n"    \
	"NUMBER(PG_swapbacked)=19\nNUMBER(PG_slab)=9\nNUMBER(PG_hwpoison)=23\n" \
	"NUMBER(PG_head_mask)=65536\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"
#define FLAGS_6_6                                                                     \
	"OFFSET(page.compound_head)=8\nNUMBER(PG_lru)=5\nNUMBER(PG_private)=15\n"     \
	"NUMBER(PG_swapcache)=12\nNUMBER(PG_swapbacked)=18\nNUMBER(PG_hwpoison)=22\n" \
	"NUMBER(PG_head_mask)=64\n"
#define TYPES_5_0 \
	"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\nNUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"
#define FLAGS_6_12                                                           \
	"NUMBER(PG_lru)=5\nNUMBER(PG_private)=14\nNUMBER(PG_swapcache)=10\n" \
	"NUMBER(PG_swapbacked)=17\nNUMBER(PG_hwpoison)=20\nNUMBER(PG_head_mask)=64\n"
#define TYPES_6_12                                         \
	"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n"   \
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240\n" \
	"NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592\n" \
	"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376\n"

enum order_kind { ORDER_NONE, ORDER_LRU, ORDER_DTOR, ORDER_FOLIO, ORDER_FLAGS };

static const struct kernel_case {
	const char *name, *info;
	enum order_kind order;
	bool tails;             // tail pages can be told
	bool huge;              // hugetlb pages can be told
	int dtor_bytes;         // of compound_dtor and compound_order
	int head_bit, huge_bit; // flags; huge_bit of the second struct page
	int slab_bit;           // flag, or
	uint32_t slab_type;     // type
	uint32_t buddy, offline, unaccepted, huge_type;
	uint32_t owner; // bits of a type that its owner may use
} kernels[] = {
	{.name = "3.10",
	 .info = BASE_3_10,
	 .order = ORDER_LRU,
	 .head_bit = 14,
	 .slab_bit = 7,
	 .buddy = -128},
	{.name = "3.17",
	 .info = BASE_3_10 "NUMBER(PG_head_mask)=16384\n"
			   "SYMBOL(free_huge_page)=ffffffff81190000\n",
	 .order = ORDER_LRU,
	 .huge = true,
	 .head_bit = 14,
	 .slab_bit = 7,
	 .buddy = -128},
	{.name = "4.4",
	 .info = BASE_3_10 "NUMBER(PG_head_mask)=16384\n"
			   "NUMBER(HUGETLB_PAGE_DTOR)=2\n",
	 .order = ORDER_NONE,
	 .head_bit = 14,
	 .slab_bit = 7,
	 .buddy = -128},
	{.name = "4.6",
	 .info = BASE_4_6,
	 .order = ORDER_DTOR,
	 .tails = true,
	 .huge = true,
	 .dtor_bytes = 4,
	 .head_bit = 14,
	 .slab_bit = 7,
	 .buddy = -128},
	{.name = "4.18",
	 .info = BASE_4_18 COMPOUND_4_18 FLAGS_5,
	 .order = ORDER_DTOR,
	 .tails = true,
	 .huge = true,
	 .dtor_bytes = 1,
	 .head_bit = 16,
	 .slab_bit = 9,
	 .buddy = -129},
	{.name = "5.10, 6.1",
	 .info = BASE_4_18 COMPOUND_4_18 FLAGS_5 "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n",
	 .order = ORDER_DTOR,
	 .tails = true,
	 .huge = true,
	 .dtor_bytes = 1,
	 .head_bit = 16,
	 .slab_bit = 9,
	 .buddy = -129,
	 .offline = -257},
	{.name = "6.3",
	 .info = BASE_4_18 FLAGS_5
	 "OFFSET(page.compound_head)=8\n"
	 "OFFSET(folio._folio_dtor)=80\nOFFSET(folio._folio_order)=81\n"
	 "NUMBER(HUGETLB_PAGE_DTOR)=2\nNUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n",
	 .order = ORDER_FOLIO,
	 .tails = true,
	 .huge = true,
	 .dtor_bytes = 1,
	 .head_bit = 16,
	 .slab_bit = 9,
	 .buddy = -129,
	 .offline = -257},
	{.name = "6.6",
	 .info = BASE_4_18 FLAGS_6_6 TYPES_5_0 "NUMBER(PG_slab)=11\nNUMBER(PG_hugetlb)=8\n",
	 .order = ORDER_FLAGS,
	 .tails = true,
	 .huge = true,
	 .head_bit = 6,
	 .huge_bit = 8,
	 .slab_bit = 11,
	 .buddy = -129,
	 .offline = -257},
	{.name = "6.6 without hugetlb",
	 .info = BASE_4_18 FLAGS_6_6 TYPES_5_0 "NUMBER(PG_slab)=11\n",
	 .order = ORDER_FLAGS,
	 .tails = true,
	 .head_bit = 6,
	 .slab_bit = 11,
	 .buddy = -129,
	 .offline = -257},
	{.name = "6.9",
	 .info = BASE_4_18 FLAGS_6_6 TYPES_5_0
	 "NUMBER(PG_slab)=11\nNUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-2049\n",
	 .order = ORDER_FLAGS,
	 .tails = true,
	 .huge = true,
	 .head_bit = 6,
	 .slab_bit = 11,
	 .buddy = -129,
	 .offline = -257,
	 .huge_type = -2049},
	{.name = "6.10",
	 .info = BASE_4_18 FLAGS_6_6 TYPES_5_0 "NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-2049\n"
					       "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-4097\n",
	 .order = ORDER_FLAGS,
	 .tails = true,
	 .huge = true,
	 .head_bit = 6,
	 .slab_type = -4097,
	 .buddy = -129,
	 .offline = -257,
	 .huge_type = -2049},
	{.name = "6.11",
	 .info = BASE_4_18 FLAGS_6_6 "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-1073741825\n"
				     "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-536870913\n"
				     "NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-67141633\n"
				     "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-33554433\n",
	 .order = ORDER_FLAGS,
	 .tails = true,
	 .huge = true,
	 .head_bit = 6,
	 .slab_type = ~0x02000000U,
	 .buddy = ~0x40000000U,
	 .offline = ~0x20000000U,
	 .huge_type = ~0x04008000U},
	{.name = "6.12",
	 .info = BASE_4_18 "OFFSET(page.compound_head)=8\n" FLAGS_6_12 TYPES_6_12,
	 .order = ORDER_FLAGS,
	 .tails = true,
	 .huge = true,
	 .head_bit = 6,
	 .slab_type = 0xf5000000,
	 .buddy = 0xf0000000,
	 .offline = 0xf1000000,
	 .huge_type = 0xf4000000,
	 .owner = 0xabcdef},
	{.name = "6.16",
	 .info = BASE_4_18 "OFFSET(page.compound_head)=8\n" FLAGS_6_12 TYPES_6_12
			   "NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944\n",
	 .order = ORDER_FLAGS,
	 .tails = true,
	 .huge = true,
	 .head_bit = 6,
	 .slab_type = 0xf5000000,
	 .buddy = 0xf0000000,
	 .offline = 0xf1000000,
	 .unaccepted = 0xf7000000,
	 .huge_type = 0xf4000000,
	 .owner = 0x123456},
	{.name = "7.1",
	 .info = BASE_4_18 "OFFSET(page.compound_info)=8\n" FLAGS_6_12 TYPES_6_12
			   "NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944\n",
	 .order = ORDER_FLAGS,
	 .tails = true,
	 .huge = true,
	 .head_bit = 6,
	 .slab_type = 0xf5000000,
	 .buddy = 0xf0000000,
	 .offline = 0xf1000000,
	 .unaccepted = 0xf7000000,
	 .huge_type = 0xf4000000,
	 .owner = 1},
};

/** Two struct pages, and the kernel that they are of. */
struct bench {
	const struct kernel_case *kernel;
	struct vmcoreinfo *info;
	struct page_layout layout;
	uint8_t pages[128];
};

static void parse(struct bench *b, const char *text, bool big_endian, uint8_t word)
{
	const char *missing = NULL;

	assert_ok(vmcoreinfo_create(text, strlen(text), &b->info));
	if (!page_layout_init(&b->layout, b->info, big_endian, word, &missing))
		fail_msg("%s is missing", missing);
}

/** The page as it is when nothing is special about it. */
static void clear(struct bench *b)
{
	memset(b->pages, 0, sizeof(b->pages));
	store_u32(b->pages + b->layout.mapcount, UINT32_MAX, false);
}

static uint64_t offset(const struct bench *b, const char *member)
{
	uint64_t ret = 0;

	assert_true(vmcoreinfo_offset(b->info, member, &ret));
	return ret;
}

static uint64_t bit(const struct bench *b, const char *name)
{
	int64_t number = 0;

	assert_true(vmcoreinfo_number(b->info, name, &number));
	return 1ULL << number;
}

static void set_flags(struct bench *b, uint64_t flags)
{
	store_u64(b->pages + offset(b, "page.flags"), flags, false);
}

static void set_mapping(struct bench *b, uint64_t mapping)
{
	store_u64(b->pages + offset(b, "page.mapping"), mapping, false);
}

static void set_type(struct bench *b, uint32_t type)
{
	store_u32(b->pages + offset(b, "page._mapcount"), type, false);
}

static void set_private(struct bench *b, uint64_t private)
{
	store_u64(b->pages + offset(b, "page.private"), private, false);
}

/** Makes it the head of a compound page. */
static void set_order(struct bench *b, uint64_t flags, unsigned int order, bool huge)
{
	const struct kernel_case *k = b->kernel;
	uint8_t *next = b->pages + 64;

	set_flags(b, flags | 1ULL << k->head_bit);
	switch (k->order) {
	case ORDER_NONE:
		store_u64(next + 40, (uint64_t)order << 32 | 1, false); // but nobody says where
		break;
	case ORDER_LRU:
		store_u64(next + 32, huge ? 0xffffffff81190000 : 0, false);
		store_u64(next + 40, order, false);
		break;
	case ORDER_DTOR:
	case ORDER_FOLIO:
		// neighbours of the same width
		if (k->dtor_bytes == 4) {
			store_u32(next + 40, huge ? 2 : 1, false);
			store_u32(next + 44, order, false);
		} else {
			next[16] = huge ? 2 : 1;
			next[17] = (uint8_t)order;
			next[18] = 0x77; // somebody else's
		}
		break;
	case ORDER_FLAGS:
		store_u64(next, 0x17ffffc0000000 | order | (huge ? 1ULL << k->huge_bit : 0), false);
		if (!k->huge_bit)
			store_u64(next, 0x17ffffc0000000 | order, false);
		if (huge && k->huge_type)
			set_type(b, k->huge_type);
		break;
	}
	if (k->tails)
		store_u64(next + b->layout.compound_head, 0xffffea0000000001, false);
}

static void expect(const struct bench *b, const char *what, uint64_t pfn, enum page_class class,
		   unsigned int order, bool damaged)
{
	struct page_verdict v = page_classify(&b->layout, b->pages, b->pages + b->layout.size, pfn);

	if (v.class != class || v.order != order || v.damaged != damaged)
		fail_msg("%s, %s: %s order %u damaged %d instead of %s order %u damaged %d",
			 b->kernel->name, what, page_class_names[v.class], v.order, v.damaged,
			 page_class_names[class], order, damaged);
}

static void check_cache_and_user(struct bench *b)
{
	uint64_t lru = bit(b, "PG_lru"), private = bit(b, "PG_private"), swapbacked = 0;
	uint64_t swapcache = bit(b, "PG_swapcache");
	int64_t number;
	bool knows = vmcoreinfo_number(b->info, "PG_swapbacked", &number);

	clear(b);
	expect(b, "nothing", 5, PAGE_KEEP, 0, false);
	set_mapping(b, 0xffff888000000000);
	expect(b, "a mapping", 5, PAGE_KEEP, 0, false);
	set_flags(b, lru);
	expect(b, "cache", 5, PAGE_CACHE, 0, false);
	set_type(b, 3);
	expect(b, "mapped cache", 5, PAGE_CACHE, 0, false);
	set_flags(b, lru | private);
	expect(b, "private cache", 5, PAGE_CACHE_PRIVATE, 0, false);
	set_mapping(b, 0xffff888000000001);
	expect(b, "anonymous", 5, PAGE_USER, 0, false);
	set_flags(b, 0);
	expect(b, "anonymous off the lists", 5, PAGE_USER, 0, false);
	set_mapping(b, 0xffff888000000003);
	expect(b, "KSM", 5, PAGE_USER, 0, false);
	set_mapping(b, 0xffff888000000002);
	expect(b, "movable", 5, PAGE_KEEP, 0, false);
	clear(b);
	set_flags(b, swapcache);
	expect(b, "swap cache, or an owner's bit", 5, knows ? PAGE_KEEP : PAGE_CACHE, 0, false);
	if (knows)
		swapbacked = bit(b, "PG_swapbacked");
	set_flags(b, swapcache | swapbacked);
	expect(b, "swap cache", 5, PAGE_CACHE, 0, false);
	set_flags(b, swapbacked);
	expect(b, "swapbacked alone", 5, PAGE_KEEP, 0, false);
}

static void check_types(struct bench *b)
{
	const struct kernel_case *k = b->kernel;

	clear(b);
	set_type(b, k->buddy | k->owner);
	set_private(b, 3);
	expect(b, "free", 8, PAGE_FREE, 3, false);
	expect(b, "free, not aligned", 4, PAGE_KEEP, 0, true);
	set_private(b, 0);
	expect(b, "one free page", 7, PAGE_FREE, 0, false);
	set_private(b, 10);
	expect(b, "largest block", 1024, PAGE_FREE, 10, false);
	set_private(b, 11);
	expect(b, "larger than that", 0, PAGE_KEEP, 0, true);
	set_private(b, 0xffffffffffffffff);
	expect(b, "garbage", 0, PAGE_KEEP, 0, true);
	set_private(b, 2);
	set_flags(b, bit(b, "PG_hwpoison"));
	expect(b, "free and poisoned", 8, PAGE_FREE, 2, false);

	clear(b);
	set_type(b, (k->offline ? k->offline : (uint32_t)-257) | k->owner);
	expect(b, "offline", 8, k->offline ? PAGE_OFFLINE : PAGE_KEEP, 0, false);
	clear(b);
	set_type(b, 0xf7000000);
	expect(b, "unaccepted", 1024, k->unaccepted ? PAGE_UNACCEPTED : PAGE_KEEP,
	       k->unaccepted ? 10 : 0, false);
	expect(b, "unaccepted, not aligned", 512, PAGE_KEEP, 0, k->unaccepted != 0);
	clear(b);
	set_type(b, 0xffffff00); // an underflow of the count, no type of any kernel
	expect(b, "negative count", 8, PAGE_KEEP, 0, false);
}

static void check_slab(struct bench *b)
{
	const struct kernel_case *k = b->kernel;
	uint64_t slab = k->slab_bit ? 1ULL << k->slab_bit : 0;

	clear(b);
	if (k->slab_type)
		set_type(b, k->slab_type | k->owner);
	set_flags(b, slab);
	set_mapping(b, 0xffff888000000001); // what slab keeps there may be odd
	expect(b, "slab", 8, PAGE_KEEP, 0, false);
	set_order(b, slab, 3, false);
	expect(b, "slab of 8 pages", 8, PAGE_KEEP, k->order == ORDER_NONE ? 0 : 3, false);
	if (k->slab_bit) {
		clear(b);
		set_flags(b, slab);
		set_type(b, k->buddy); // an object count in these days
		expect(b, "slab that looks free", 8, PAGE_KEEP, 0, false);
	}
	// Bit 7 is PG_waiters from 6.6 on and says nothing about slabs.
	if (k->slab_bit != 7) {
		clear(b);
		set_flags(b, 1 << 7);
		set_mapping(b, 1);
		expect(b, "anonymous with waiters", 8, PAGE_USER, 0, false);
	}
}

static void check_compound(struct bench *b)
{
	const struct kernel_case *k = b->kernel;
	unsigned int order = k->order == ORDER_NONE ? 0 : 9;
	uint64_t lru = bit(b, "PG_lru");

	clear(b);
	set_order(b, lru, 9, false);
	set_mapping(b, 0xffff888000000001);
	expect(b, "transparent huge page", 512, PAGE_USER, order, false);
	expect(b, "head at an odd place", 256, order ? PAGE_KEEP : PAGE_USER, 0, order);
	assert_int_equal(page_classify(&b->layout, b->pages, NULL, 512).order, 0);
	set_mapping(b, 0xffff888000000000);
	expect(b, "huge page of the cache", 1024, PAGE_CACHE, order, false);
	clear(b);
	set_order(b, 0, 9, true);
	expect(b, "hugetlb page", 512, k->huge ? PAGE_HUGETLB : PAGE_KEEP, order, false);
	set_order(b, bit(b, "PG_hwpoison"), 9, true);
	expect(b, "poisoned hugetlb page", 512, PAGE_HWPOISON, order, false);
	clear(b);
	set_order(b, 0, 18, true);
	expect(b, "gigantic page", 1 << 18, k->huge ? PAGE_HUGETLB : PAGE_KEEP, order ? 18 : 0,
	       false);
	clear(b);
	set_order(b, 0, 60, false);
	expect(b, "no such order", 0, PAGE_KEEP, 0, order);
	clear(b);
	set_order(b, 0, 1, false);
	expect(b, "pair", 2, PAGE_KEEP, order ? 1 : 0, false);

	clear(b);
	set_flags(b, lru);
	store_u64(b->pages + (k->tails ? b->layout.compound_head : 32), 0xffffea0000001001, false);
	expect(b, "tail", 5, k->tails ? PAGE_TAIL : PAGE_CACHE, 0, false);
}

static void every_kernel(void **state)
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		const struct kernel_case *k = &kernels[i];
		struct bench b = {.kernel = k};
		uint32_t unknown = (k->offline ? 0 : 1U << PAGE_OFFLINE) |
				   (k->unaccepted ? 0 : 1U << PAGE_UNACCEPTED) |
				   (k->huge ? 0 : 1U << PAGE_HUGETLB) | 1U << PAGE_TABLE |
				   1U << PAGE_ZSMALLOC;

		parse(&b, k->info, false, 8);
		if (b.layout.unknown_classes != unknown)
			fail_msg("%s: unknown classes %x", k->name, b.layout.unknown_classes);
		check_cache_and_user(&b);
		check_types(&b);
		check_slab(&b);
		check_compound(&b);
		clear(&b);
		set_flags(&b, bit(&b, "PG_private") >> 1);
		assert_int_equal(page_flags(&b.layout, b.pages), b.layout.reserved_mask);
		vmcoreinfo_destroy(b.info);
	}
}

static void head_of_a_tail(void **state)
{
	static const struct {
		uint64_t compound_head, vaddr, head;
	} cases[] = {
		{0xffffea0000000040, 0xffffea0000001000, 0xffffea0000001000}, // no tail
		{0xffffea0000000001, 0xffffea0000001000, 0xffffea0000000000},
		// with HVO from 7.1 on: a mask for 512 pages of 64 bytes
		{0xffffffffffff8001, 0xffffea0000009fc0, 0xffffea0000008000},
		{0xffffffffffffff81, 0xffffea0000000040, 0xffffea0000000000},
		// never initialised (PAGE_POISON_PATTERN)
		{UINT64_MAX, 0xffffea0000000040, 0xffffea0000000040},
	};
	struct bench b = {.kernel = &kernels[sizeof(kernels) / sizeof(kernels[0]) - 1]};

	parse(&b, b.kernel->info, false, 8);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		store_u64(b.pages + 8, cases[i].compound_head, false);
		assert_int_equal(page_head(&b.layout, b.pages, cases[i].vaddr), cases[i].head);
	}
	vmcoreinfo_destroy(b.info);
	// a kernel without the member
	b.kernel = &kernels[0];
	parse(&b, b.kernel->info, false, 8);
	memset(b.pages, 0xff, sizeof(b.pages));
	assert_int_equal(page_head(&b.layout, b.pages, 0x1000), 0x1000);
	vmcoreinfo_destroy(b.info);
}

static void big_endian_and_32_bit(void **state)
{
	static const char info[] =
		"SIZE(page)=32\nOFFSET(page.flags)=0\nOFFSET(page.mapping)=12\n"
		"OFFSET(page.lru)=4\nOFFSET(page._mapcount)=24\nOFFSET(page.private)=20\n"
		"OFFSET(page.compound_head)=4\nOFFSET(page.compound_dtor)=8\n"
		"OFFSET(page.compound_order)=10\nNUMBER(HUGETLB_PAGE_DTOR)=2\n"
		"LENGTH(zone.free_area)=12\n" FLAGS_5;
	struct bench b = {.kernel = &(struct kernel_case){.name = "32-bit"}};

	parse(&b, info, true, 4);
	store_u32(b.pages + 24, -129, true);
	store_u32(b.pages + 20, 11, true);
	expect(&b, "free", 2048, PAGE_FREE, 11, false);
	store_u32(b.pages + 24, UINT32_MAX, true);
	store_u32(b.pages + 12, 0xc0000001, true);
	expect(&b, "anonymous", 7, PAGE_USER, 0, false);
	store_u32(b.pages, 1 << 16, true);
	store_u16(b.pages + 32 + 8, 2, true);
	store_u16(b.pages + 32 + 10, 10, true);
	expect(&b, "hugetlb page", 1024, PAGE_HUGETLB, 10, false);
	store_u32(b.pages + 4, 0xc1000001, true);
	expect(&b, "tail", 1, PAGE_TAIL, 0, false);
	assert_int_equal(page_head(&b.layout, b.pages, 0xc1000080), 0xc1000000);
	store_u32(b.pages + 4, 0xfffff001, true);
	assert_int_equal(page_head(&b.layout, b.pages, 0xc1000080), 0xc1000000);
	vmcoreinfo_destroy(b.info);
}

/* No offset may lead out of the struct page, whatever the text says. */
static void keys_that_are_missing_or_lie(void **state)
{
	static const struct {
		const char *key, *value, *missing;
	} cases[] = {
		{"SIZE(page)", NULL, "SIZE(page)"},
		{"SIZE(page)", "8", "SIZE(page)"},
		{"SIZE(page)", "1000000", "SIZE(page)"},
		{"OFFSET(page.flags)", NULL, "OFFSET(page.flags)"},
		{"OFFSET(page.flags)", "57", "OFFSET(page.flags)"},
		{"OFFSET(page.mapping)", "18446744073709551615", "OFFSET(page.mapping)"},
		{"OFFSET(page._mapcount)", "61", "OFFSET(page._mapcount)"},
		{"OFFSET(page.private)", NULL, "OFFSET(page.private)"},
		{"NUMBER(PG_lru)", NULL, "NUMBER(PG_lru)"},
		{"NUMBER(PG_lru)", "64", "NUMBER(PG_lru)"},
		{"NUMBER(PG_lru)", "-1", "NUMBER(PG_lru)"},
		// these only make something unknown
		{"OFFSET(page.compound_order)", "61", NULL},
		{"OFFSET(page.compound_order)", "18446744073709551615", NULL},
		{"OFFSET(page.compound_dtor)", "4096", NULL},
		{"OFFSET(page.compound_head)", "60", NULL},
		{"LENGTH(zone.free_area)", "18446744073709551615", NULL},
		{"LENGTH(zone.free_area)", "0", NULL},
		{"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", NULL, NULL},
		{"NUMBER(PG_swapcache)", "1000", NULL},
	};
	static const char text[] = BASE_4_18 COMPOUND_4_18 FLAGS_5;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *line = strstr(text, cases[i].key), *missing = NULL;
		struct vmcoreinfo *info = NULL;
		struct page_layout layout;
		uint8_t pages[2 * 64];
		char changed[2048];
		bool ok;

		assert_non_null(line);
		snprintf(changed, sizeof(changed), "%.*s%s%s%s%s", (int)(line - text), text,
			 cases[i].value ? cases[i].key : "", cases[i].value ? "=" : "",
			 cases[i].value ? cases[i].value : "x", strchr(line, '\n'));
		assert_ok(vmcoreinfo_create(changed, strlen(changed), &info));
		ok = page_layout_init(&layout, info, false, 8, &missing);
		assert_int_equal(ok, !cases[i].missing);
		if (!ok)
			assert_string_equal(missing, cases[i].missing);
		for (unsigned int fill = 0; ok && fill < 256; fill++) {
			memset(pages, (int)fill, sizeof(pages));
			page_classify(&layout, pages, pages + 64, fill);
		}
		vmcoreinfo_destroy(info);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kernel),
		cmocka_unit_test(head_of_a_tail),
		cmocka_unit_test(big_endian_and_32_bit),
		cmocka_unit_test(keys_that_are_missing_or_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
