// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "dump/level.h"
#include "kernel/select.h"
#include "tests/support/mkpages.h"
#include "util/bits.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sparsebits.h"

#define VMEMMAP MKPAGES_VMEMMAP
#define STRUCTS MKPAGES_STRUCTS
#define NR      MKPAGES_NR
#define SECTION MKPAGES_SECTION

static struct page_selector *open_selector(struct machine *m, unsigned int level,
					   bool valuable_first)
{
	const struct select_options options = {.level = level, .valuable_first = valuable_first};
	struct page_selector *selector = NULL;

	assert_ok(page_selector_create(mkpages_open(m), &options, &selector));
	return selector;
}

enum walk { FORWARD, BACKWARD, JUMPING };

/** Sets the bits of what is kept, of nr blocks, chunk of them at a time. */
static struct select_stats select_all(struct machine *m, unsigned int level, enum walk walk,
				      size_t chunk, size_t nr, uint64_t *keep)
{
	struct page_selector *selector = open_selector(m, level, false);
	size_t nr_chunks = div_round_up(nr, chunk);
	struct select_stats stats;
	void *worker = NULL;

	assert_int_equal(selector->base.nr_passes, 1);
	assert_ok(selector->base.worker_create(&selector->base, &worker));
	memset(keep, 0, bits_words(nr) * 8);
	for (size_t i = 0; i < nr_chunks; i++) {
		size_t at = walk == FORWARD    ? i
			    : walk == BACKWARD ? nr_chunks - 1 - i
					       : i * 5 % nr_chunks;
		size_t n = min_u64(chunk, nr - at * chunk);
		uint64_t bits[NR / 64 + 1];

		memset(bits, 0xff, sizeof(bits));
		selector->base.select(&selector->base, worker, 0, false, at * chunk, n, bits);
		for (size_t k = 0; k < n; k++)
			if (bits_test(bits, k))
				bits_set(keep, at * chunk + k);
	}
	selector->base.worker_destroy(&selector->base, worker);
	stats = selector->stats;
	page_selector_destroy(selector);
	return stats;
}

/** The same for one chunk by a worker that has seen nothing before. */
static struct select_stats select_one(struct machine *m, unsigned int level, uint64_t pfn,
				      size_t nr, uint64_t *keep)
{
	struct page_selector *selector = open_selector(m, level, false);
	struct select_stats stats;
	void *worker = NULL;

	assert_ok(selector->base.worker_create(&selector->base, &worker));
	memset(keep, 0xff, bits_words(nr) * 8);
	selector->base.select(&selector->base, worker, 0, false, pfn, nr, keep);
	selector->base.worker_destroy(&selector->base, worker);
	stats = selector->stats;
	page_selector_destroy(selector);
	return stats;
}

static void expect_kept(const uint64_t *keep, uint64_t from, uint64_t nr, bool kept)
{
	for (uint64_t pfn = from; pfn < from + nr; pfn++)
		if (bits_test(keep, pfn) != kept)
			fail_msg("page 0x%llx is %s", (unsigned long long)pfn,
				 kept ? "not kept" : "kept");
}

/** What stands where, and the levels that leave it out. */
static const struct area {
	uint64_t pfn, nr;
	unsigned int levels;
	enum page_class class;
} areas[] = {
	{0, 16, 0, PAGE_KEEP},
	{16, 16, DUMP_LEVEL_CACHE | DUMP_LEVEL_CACHE_PRIVATE, PAGE_CACHE},
	{32, 16, DUMP_LEVEL_CACHE_PRIVATE, PAGE_CACHE_PRIVATE},
	{48, 80, DUMP_LEVEL_USER, PAGE_USER},
	{128, 128, 0, PAGE_KEEP},
	{256, 1, 32, PAGE_HWPOISON}, // at any level
	{257, 1, 32, PAGE_OFFLINE},
	{258, 254, 0, PAGE_KEEP},
	{512, 512, DUMP_LEVEL_USER, PAGE_HUGETLB},
	{1024, 1024, DUMP_LEVEL_FREE, PAGE_FREE},
};

static struct machine machine_of_areas(void)
{
	struct machine m = mkpages(&new_offsets);

	set_cache(&m, 16, 16, false);
	set_cache(&m, 32, 16, true);
	set_user(&m, 48, 16);
	set_compound(&m, 64, 6, false); // a huge page, of which only the head tells what it is
	set_user(&m, 64, 1);
	put64(&m, 256, m.at->flags, 1 << 23);
	put_type(&m, 257, -257);
	set_compound(&m, 512, 9, true);
	set_free(&m, 1024, 10);
	set_compound(&m, 128, 3, false); // of the kernel
	return m;
}

static void every_level_from_every_side(void **state)
{
	static const size_t chunks[] = {256, 64, 16, 100, 1};
	struct machine m = machine_of_areas();
	uint64_t keep[NR / 64];

	for (unsigned int level = 0; level <= DUMP_LEVEL_MAX; level++) {
		for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
			for (enum walk walk = FORWARD; walk <= JUMPING; walk++) {
				struct select_stats stats = select_all(&m, level, walk, chunks[i],
								       NR, keep);
				uint64_t excluded[PAGE_NR_CLASSES] = {0};

				for (size_t a = 0; a < sizeof(areas) / sizeof(areas[0]); a++) {
					bool out = areas[a].levels & (level | 32);

					expect_kept(keep, areas[a].pfn, areas[a].nr, !out);
					excluded[areas[a].class] += out ? areas[a].nr : 0;
				}
				assert_int_equal(stats.total, NR);
				assert_memory_equal(stats.excluded, excluded, sizeof(excluded));
				assert_int_equal(stats.damaged + stats.unreadable + stats.no_page,
						 0);
			}
		}
	}
	mkpages_deinit(&m);
}

/* Before 4.6 tails say nothing: the head is looked for at all places where it can be. */
static void looks_back_without_compound_head(void **state)
{
	struct machine m = mkpages(&old_offsets);
	uint64_t keep[NR / 64];

	set_compound(&m, 1024, 10, true);
	set_compound(&m, 256, 8, false);
	set_cache(&m, 256, 1, false);
	put64(&m, 256, m.at->flags, 1 << 5 | 1 << 14);
	set_free(&m, 512, 9);
	for (enum walk walk = FORWARD; walk <= JUMPING; walk++) {
		select_all(&m, DUMP_LEVEL_MAX, walk, 64, NR, keep);
		expect_kept(keep, 0, 256, true);
		expect_kept(keep, 256, 1792, false);
		select_all(&m, DUMP_LEVEL_FREE, walk, 64, NR, keep);
		expect_kept(keep, 0, 512, true);
		expect_kept(keep, 512, 512, false);
		expect_kept(keep, 1024, 1024, true);
	}
	mkpages_deinit(&m);
}

/* HVO: the struct pages of a hugetlb page from the 64th on are those of its first page again. */
static void looks_back_from_a_fake_head(void **state)
{
	struct machine m = mkpages(&new_offsets);
	uint64_t keep[NR / 64];

	set_compound(&m, 512, 9, true);
	for (uint64_t pfn = 576; pfn < 1024; pfn++)
		memcpy(struct_page(&m, pfn), struct_page(&m, 512 + pfn % 64), 64);
	for (size_t chunk = 64; chunk <= 256; chunk *= 2) {
		struct select_stats stats = select_all(&m, DUMP_LEVEL_USER, BACKWARD, chunk, NR,
						       keep);

		expect_kept(keep, 0, 512, true);
		expect_kept(keep, 512, 512, false);
		expect_kept(keep, 1024, 1024, true);
		assert_int_equal(stats.excluded[PAGE_HUGETLB], 512);
		assert_int_equal(stats.damaged, 0);
	}
	mkpages_deinit(&m);
}

/* A block that ends before, or that the page cannot belong to, is not taken for one that covers. */
static void looks_back_with_care(void **state)
{
	struct machine m = mkpages(&new_offsets);
	uint64_t keep[NR / 64];

	set_free(&m, 256, 5);
	set_compound(&m, 512, 8, false); // of the kernel; its second half seems to be free, too
	set_free(&m, 640, 7);
	set_compound(&m, 1024, 9, true);
	select_all(&m, DUMP_LEVEL_FREE | DUMP_LEVEL_USER, BACKWARD, 64, NR, keep);
	expect_kept(keep, 256, 32, false);
	expect_kept(keep, 288, 736, true);
	expect_kept(keep, 1024, 512, false);
	expect_kept(keep, 1536, 512, true);
	// whose tail says that it belongs to something that is no struct page
	put64(&m, 1024 + 320, 8, 0x1235);
	select_one(&m, DUMP_LEVEL_USER, 1024 + 320, 64, keep);
	expect_kept(keep, 0, 64, true);
	select_one(&m, DUMP_LEVEL_USER, 1024 + 384, 64, keep);
	expect_kept(keep, 0, 64, false);
	// and which has pages that say that they are no tails
	put64(&m, 1024 + 192, 8, 0);
	put64(&m, 1024 + 193, 8, 0);
	select_one(&m, DUMP_LEVEL_USER, 1024 + 192, 64, keep);
	expect_kept(keep, 0, 64, true);
	mkpages_deinit(&m);
}

/* Poisoned pages go at any level, wherever they are: as head or inside of a free block, which they
 * are until 5.10, and as part of a compound page. */
static void poisoned_pages_of_what_is_kept(void **state)
{
	static const uint64_t poisoned[] = {3, 257, 300, 512, 700, 1024, 1300};
	struct machine m = mkpages(&new_offsets);
	uint64_t keep[NR / 64];

	set_free(&m, 3, 0);
	set_free(&m, 256, 8);
	set_free(&m, 512, 9);
	set_compound(&m, 1024, 9, true); // whose head is poisoned: all of it
	for (size_t i = 0; i < sizeof(poisoned) / sizeof(poisoned[0]); i++)
		put64(&m, poisoned[i], m.at->flags,
		      1 << 23 | (poisoned[i] == 1024 ? 1U << m.at->head_bit : 0));
	for (enum walk walk = FORWARD; walk <= JUMPING; walk++) {
		struct select_stats stats = select_all(&m, 0, walk, 64, NR, keep);

		for (uint64_t pfn = 0; pfn < 1024; pfn++) {
			bool is = false;

			for (size_t i = 0; i < sizeof(poisoned) / sizeof(poisoned[0]); i++)
				is |= poisoned[i] == pfn;
			expect_kept(keep, pfn, 1, !is);
		}
		expect_kept(keep, 1024, 512, false);
		assert_int_equal(stats.excluded[PAGE_HWPOISON], 5 + 512);
		stats = select_all(&m, DUMP_LEVEL_FREE, walk, 64, NR, keep);
		expect_kept(keep, 256, 1280, false);
		assert_int_equal(stats.excluded[PAGE_FREE], 1 + 256 + 512);
	}
	put64(&m, 1024, m.at->flags, 1U << m.at->head_bit);
	select_all(&m, 0, FORWARD, 256, NR, keep);
	expect_kept(keep, 1024, 276, true);
	expect_kept(keep, 1300, 1, false);
	expect_kept(keep, 1301, 235, true);
	mkpages_deinit(&m);
}

static void what_cannot_be_judged_is_kept(void **state)
{
	struct machine m = machine_of_areas();
	struct select_stats stats;
	uint64_t keep[NR / 64];

	set_free(&m, 4, 3);   // not aligned
	set_free(&m, 300, 2); // fine
	mem_drop(m.mem, STRUCTS + 64 * 192);
	mem_drop(m.mem, STRUCTS + 64 * 704); // inside of the huge page
	stats = select_all(&m, DUMP_LEVEL_MAX, FORWARD, 256, NR, keep);
	assert_int_equal(stats.damaged, 1);
	assert_int_equal(stats.unreadable, 64);
	expect_kept(keep, 0, 16, true);
	expect_kept(keep, 192, 64, true);
	expect_kept(keep, 300, 4, false);
	expect_kept(keep, 512, 512, false);
	// nowhere in the map, and where the struct pages are not mapped
	assert_int_equal(select_one(&m, DUMP_LEVEL_MAX, 0x8000 * 5, 256, keep).no_page, 256);
	assert_int_equal(select_one(&m, DUMP_LEVEL_MAX, 1ULL << 40, 256, keep).no_page, 256);
	assert_int_equal(select_one(&m, DUMP_LEVEL_MAX, 0x7f00, 256, keep).unreadable, 256);
	expect_kept(keep, 0, 256, true);
	// whose section cannot be read
	mem_write_u64(m.mem, SECTION + 20 * 8, 0x1234);
	assert_int_equal(select_one(&m, DUMP_LEVEL_MAX, 20 * 128 * 0x8000, 256, keep).unreadable,
			 256);
	expect_kept(keep, 0, 256, true);
	mkpages_deinit(&m);
}

static void struct_pages_in_pieces(void **state)
{
	struct machine m = machine_of_areas();
	uint64_t keep[NR / 64], whole[NR / 64];

	select_all(&m, DUMP_LEVEL_MAX, FORWARD, 256, NR, whole);
	kernel_close(m.kernel);
	m.kernel = NULL;
	// the same by pages in descending order
	mem_write_u64(m.mem, mem_entry(m.mem, VMEMMAP, 1), 0);
	for (uint64_t i = 0; i < NR / 64; i++) {
		uint64_t paddr = STRUCTS + 0x100000 + (NR / 64 - i) * MEM_PAGE;

		memcpy(mem_at(m.mem, paddr), struct_page(&m, i * 64), MEM_PAGE);
		mem_drop(m.mem, STRUCTS + i * MEM_PAGE);
		mem_map(m.mem, VMEMMAP + i * MEM_PAGE, paddr, 0, MEM_PTE_RW);
	}
	for (enum walk walk = FORWARD; walk <= JUMPING; walk++) {
		struct select_stats stats = select_all(&m, DUMP_LEVEL_MAX, walk, 256, NR, keep);

		assert_memory_equal(keep, whole, sizeof(whole));
		assert_int_equal(stats.unreadable, 0);
	}
	mkpages_deinit(&m);
}

static void larger_blocks_go_only_as_a_whole(void **state)
{
	struct machine m = machine_of_areas();
	struct select_stats stats;
	uint64_t keep[2];

	// 64 KiB: block 1 is cache, 2 private cache; 3 to 7 user, of which one page is the kernel's
	put64(&m, 56, m.at->mapping, 0);
	m.mem->reader.facts.block_size = 65536;
	stats = select_all(&m, DUMP_LEVEL_MAX, FORWARD, 16, NR / 16, keep);
	for (size_t block = 0; block < NR / 16; block++) {
		bool user = block >= 4 && block < 8, cache = block == 1 || block == 2;

		assert_int_equal(bits_test(keep, block), !(user || cache || block >= 32));
	}
	assert_int_equal(stats.total, NR / 16);
	assert_int_equal(stats.excluded[PAGE_USER], 4);
	assert_int_equal(stats.excluded[PAGE_CACHE], 1);
	assert_int_equal(stats.excluded[PAGE_FREE], 64);
	assert_int_equal(stats.excluded[PAGE_OFFLINE], 0);
	mkpages_deinit(&m);
}

static void smaller_blocks_share_the_page(void **state)
{
	struct machine m = machine_of_areas();
	struct select_stats stats;
	uint64_t keep[NR / 64 * 4];

	m.mem->reader.facts.block_size = 1024;
	stats = select_all(&m, DUMP_LEVEL_MAX, BACKWARD, 50, NR * 4, keep);
	for (size_t a = 0; a < sizeof(areas) / sizeof(areas[0]); a++)
		expect_kept(keep, areas[a].pfn * 4, areas[a].nr * 4, !areas[a].levels);
	assert_int_equal(stats.excluded[PAGE_FREE], 4096);
	mkpages_deinit(&m);
}

static void only_what_the_source_has_counts(void **state)
{
	struct machine m = machine_of_areas();
	struct page_selector *selector = open_selector(&m, DUMP_LEVEL_MAX, false);
	uint64_t keep[4] = {0xffff0000, 0, 1, 0};
	void *worker = NULL;

	assert_ok(selector->base.worker_create(&selector->base, &worker));
	selector->base.select(&selector->base, worker, 0, true, 0, 256, keep); // a plan
	assert_int_equal(keep[0], 0);
	assert_int_equal(keep[2], 1);
	keep[0] = 0xffff0000;
	selector->base.select(&selector->base, worker, 0, false, 0, 256, keep);
	assert_int_equal(keep[0], 0);
	selector->base.worker_destroy(&selector->base, worker);
	assert_int_equal(selector->stats.total, 17);
	assert_int_equal(selector->stats.excluded[PAGE_CACHE], 16);
	page_selector_destroy(selector);
	mkpages_deinit(&m);
}

static void passes_part_what_is_kept(void **state)
{
	struct machine m = machine_of_areas();
	struct page_selector *selector;
	uint64_t sum[NR / 64] = {0}, keep[NR / 64], all[NR / 64];
	void *worker = NULL;

	put64(&m, 3, m.at->flags, 1 << 12); // PG_reserved
	select_all(&m, DUMP_LEVEL_FREE, FORWARD, 256, NR, all);
	selector = open_selector(&m, DUMP_LEVEL_FREE, true);
	assert_int_equal(selector->base.nr_passes, VALUE_NR);
	assert_ok(selector->base.worker_create(&selector->base, &worker));
	for (unsigned int pass = 0; pass < selector->base.nr_passes; pass++) {
		memset(keep, 0xff, sizeof(keep));
		for (uint64_t pfn = 0; pfn < NR; pfn += 256)
			selector->base.select(&selector->base, worker, pass, false, pfn, 256,
					      keep + pfn / 64);
		for (size_t i = 0; i < NR / 64; i++) {
			assert_int_equal(sum[i] & keep[i], 0);
			sum[i] |= keep[i];
		}
		assert_int_equal(bits_test(keep, 3), pass == VALUE_RESERVED);
		assert_int_equal(bits_test(keep, 4), pass == VALUE_KERNEL);
		assert_int_equal(bits_test(keep, 130), pass == VALUE_KERNEL);
		assert_int_equal(bits_test(keep, 50), pass == VALUE_REST); // user
		assert_int_equal(bits_test(keep, 700), pass == VALUE_REST);
	}
	assert_memory_equal(sum, all, sizeof(all));
	selector->base.worker_destroy(&selector->base, worker);
	assert_int_equal(selector->stats.total, NR);
	assert_int_equal(selector->stats.excluded[PAGE_FREE], 1024);
	page_selector_destroy(selector);
	mkpages_deinit(&m);
}

static void workers_add_up(void **state)
{
	struct machine m = machine_of_areas();
	struct page_selector *selector = open_selector(&m, DUMP_LEVEL_MAX, false);
	void *workers[2] = {NULL, NULL};
	uint64_t keep[4];

	for (size_t i = 0; i < 2; i++)
		assert_ok(selector->base.worker_create(&selector->base, &workers[i]));
	for (uint64_t pfn = 0; pfn < NR; pfn += 256) {
		memset(keep, 0xff, sizeof(keep));
		selector->base.select(&selector->base, workers[pfn / 256 % 2], 0, false, pfn, 256,
				      keep);
		if (pfn >= 1024)
			assert_int_equal(keep[0] | keep[1] | keep[2] | keep[3], 0);
	}
	for (size_t i = 0; i < 2; i++)
		selector->base.worker_destroy(&selector->base, workers[i]);
	assert_int_equal(selector->stats.total, NR);
	assert_int_equal(selector->stats.excluded[PAGE_FREE], 1024);
	assert_int_equal(selector->stats.excluded[PAGE_HUGETLB], 512);
	page_selector_destroy(selector);
	mkpages_deinit(&m);
}

/* makedumpfile issue 21: a compound page of the image that looks like hugetlb is no user data. */
static void image_is_never_hugetlb(void **state)
{
	struct machine m = mkpages(&new_offsets);
	struct select_stats stats;
	uint64_t keep[NR / 64], image = MEM_PHYS_BASE >> 12;
	struct page_selector *selector;
	void *worker = NULL;

	// move the image to where there are struct pages
	mem_write_u64(m.mem, mem_entry(m.mem, MEM_IMAGE + 0x200000, 1), 0x400000 | 0x81);
	set_compound(&m, 0x400, 2, true);
	stats = select_all(&m, DUMP_LEVEL_MAX, FORWARD, 256, NR, keep);
	assert_int_equal(stats.excluded[PAGE_HUGETLB], 4); // that is not its place
	selector = open_selector(&m, DUMP_LEVEL_MAX, false);
	assert_int_equal(selector->rules.image_pfn, image);
	assert_int_equal(selector->rules.image_end, image + 512);
	selector->rules.image_pfn = 0x400;
	selector->rules.image_end = 0x600;
	assert_ok(selector->base.worker_create(&selector->base, &worker));
	memset(keep, 0xff, sizeof(keep));
	selector->base.select(&selector->base, worker, 0, false, 0x400, 256, keep);
	expect_kept(keep, 0, 256, true);
	selector->base.worker_destroy(&selector->base, worker);
	page_selector_destroy(selector);
	mkpages_deinit(&m);
}

/* What is on the keep list stays, unless touching it is fatal; classes go by name. */
static void keep_list_and_classes(void **state)
{
	struct machine m = machine_of_areas();
	_cleanup_sparsebits_ struct sparsebits set = {0}, pcp = {0};
	struct judge_rules rules;
	struct select_options options = {.level = DUMP_LEVEL_MAX, .keep = &set, .rules = &rules};
	struct page_selector *selector = NULL;
	uint64_t keep[NR / 64];
	void *worker = NULL;

	assert_ok(sparsebits_add(&set, 0, 20));      // of the kernel, and cache
	assert_ok(sparsebits_add(&set, 250, 260));   // a poisoned page, and one of a balloon
	assert_ok(sparsebits_add(&set, 1100, 1102)); // free
	assert_ok(sparsebits_add(&pcp, 130, 140));
	put64(&m, 1101, m.at->flags, 1 << 23); // poisoned, within a free block
	assert_ok(judge_rules_init(&rules, mkpages_open(&m)));
	rules.pcp_free = &pcp;
	for (unsigned int i = 0; i < 2; i++) {
		options.classes = i ? 1U << PAGE_PCP_FREE : 0;
		assert_ok(page_selector_create(m.kernel, &options, &selector));
		assert_ok(selector->base.worker_create(&selector->base, &worker));
		memset(keep, 0xff, sizeof(keep));
		for (uint64_t at = 0; at < NR; at += 256)
			selector->base.select(&selector->base, worker, 0, false, at, 256,
					      keep + at / 64);
		selector->base.worker_destroy(&selector->base, worker);
		expect_kept(keep, 0, 20, true);
		expect_kept(keep, 20, 108, false);
		expect_kept(keep, 130, 10, i == 0);
		expect_kept(keep, 256, 1, false);
		expect_kept(keep, 257, 1, true);
		expect_kept(keep, 1024, 76, false);
		expect_kept(keep, 1100, 1, true);
		expect_kept(keep, 1101, 947, false);
		assert_int_equal(selector->stats.kept, 4 + 1 + 1);
		assert_int_equal(selector->stats.classes[PAGE_CACHE], 16);
		assert_int_equal(selector->stats.excluded[PAGE_CACHE], 12);
		assert_int_equal(selector->stats.classes[PAGE_FREE], 1024);
		assert_int_equal(selector->stats.classes[PAGE_PCP_FREE], 10);
		assert_int_equal(selector->stats.excluded[PAGE_PCP_FREE], i * 10);
		page_selector_destroy(selector);
	}
	mkpages_deinit(&m);
}

static void low_levels_need_no_kernel(void **state)
{
	struct mem *mem = mem_create();
	struct kernel *kernel = NULL;
	struct page_selector *selector = NULL;
	struct select_options options = {.level = DUMP_LEVEL_ZERO, .valuable_first = true};
	uint64_t keep[4] = {0xff, 0, 0, 3};
	void *worker = NULL;

	mem_at(mem, 0);
	assert_ok(kernel_open(&mem->reader, NULL, &kernel));
	assert_ok(page_selector_create(kernel, &options, &selector));
	assert_int_equal(selector->base.nr_passes, 1);
	assert_ok(selector->base.worker_create(&selector->base, &worker));
	selector->base.select(&selector->base, worker, 0, false, 0, 256, keep);
	assert_int_equal(keep[0], 0xff);
	assert_int_equal(keep[3], 3);
	selector->base.worker_destroy(&selector->base, worker);
	assert_int_equal(selector->stats.total, 10);
	page_selector_destroy(selector);
	for (options.level = 2; options.level <= 16; options.level *= 2)
		assert_err(page_selector_create(kernel, &options, &selector), ERROR_NOT_FOUND,
			   "VMCOREINFO");
	kernel_close(kernel);
	mem_destroy(mem);
}

static void what_is_missing_is_named(void **state)
{
	struct mem *mem = mem_create();
	const struct select_options options = {.level = DUMP_LEVEL_FREE};
	struct page_selector *selector = NULL;
	struct kernel *kernel = NULL;

	mem_kernel(mem, 4);
	mkpages_sections(mem);
	mem_info(mem, "SIZE(page)=64");
	assert_ok(kernel_open(&mem->reader, NULL, &kernel));
	assert_err(page_selector_create(kernel, &options, &selector), ERROR_NOT_FOUND,
		   "no usable OFFSET(page.flags) in vmcoreinfo");
	kernel_close(kernel);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_from_every_side),
		cmocka_unit_test(looks_back_without_compound_head),
		cmocka_unit_test(looks_back_from_a_fake_head),
		cmocka_unit_test(looks_back_with_care),
		cmocka_unit_test(poisoned_pages_of_what_is_kept),
		cmocka_unit_test(what_cannot_be_judged_is_kept),
		cmocka_unit_test(struct_pages_in_pieces),
		cmocka_unit_test(larger_blocks_go_only_as_a_whole),
		cmocka_unit_test(smaller_blocks_share_the_page),
		cmocka_unit_test(only_what_the_source_has_counts),
		cmocka_unit_test(passes_part_what_is_kept),
		cmocka_unit_test(workers_add_up),
		cmocka_unit_test(image_is_never_hugetlb),
		cmocka_unit_test(keep_list_and_classes),
		cmocka_unit_test(low_levels_need_no_kernel),
		cmocka_unit_test(what_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
