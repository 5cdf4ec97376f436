// SPDX-License-Identifier: GPL-2.0-or-later
/* What single pages are; compound pages and free blocks from every side are in test_select.c. */
#include "kernel/judge.h"

#include "tests/support/mkpages.h"
#include "tests/support/test.h"
#include "util/sparsebits.h"

#define RESERVED (1ULL << (13 - 1)) // the bit below PG_private

struct bench {
	struct machine m;
	struct judge_rules rules;
	struct judge *judge;
};

static void open_judge(struct bench *b)
{
	struct kernel *kernel = mkpages_open(&b->m);

	assert_ok(judge_rules_init(&b->rules, kernel));
	assert_ok(judge_create(&b->rules, 256, &b->judge));
}

static void deinit(struct bench *b)
{
	judge_destroy(b->judge);
	mkpages_deinit(&b->m);
}

static uint8_t one(struct bench *b, uint64_t pfn)
{
	return *judge_pages(b->judge, pfn, pfn + 1);
}

static void add_flags(struct bench *b, uint64_t pfn, uint64_t flags)
{
	uint64_t now;

	memcpy(&now, struct_page(&b->m, pfn), 8);
	put64(&b->m, pfn, 0, le64toh(now) | flags);
}

static void classes(void **state)
{
	struct bench b = {.m = mkpages(&new_offsets)};
	const uint8_t *verdicts;

	set_cache(&b.m, 1, 1, false);
	set_cache(&b.m, 2, 1, true);
	set_user(&b.m, 3, 1);
	set_free(&b.m, 4, 2);
	put_type(&b.m, 8, (uint32_t)-257);
	put64(&b.m, 9, 0, 1 << 23);
	set_free(&b.m, 11, 2); // not aligned
	open_judge(&b);
	verdicts = judge_pages(b.judge, 0, 16);
	assert_int_equal(verdicts[0], PAGE_KEEP);
	assert_int_equal(verdicts[1], PAGE_CACHE);
	assert_int_equal(verdicts[2], PAGE_CACHE_PRIVATE);
	assert_int_equal(verdicts[3], PAGE_USER);
	for (int i = 4; i < 8; i++)
		assert_int_equal(verdicts[i], PAGE_FREE);
	assert_int_equal(verdicts[8], PAGE_OFFLINE);
	assert_int_equal(verdicts[9], PAGE_HWPOISON);
	assert_int_equal(verdicts[10], PAGE_KEEP);
	assert_int_equal(verdicts[11], VERDICT_DAMAGED);
	assert_int_equal(one(&b, 0x8000 * 5), VERDICT_NO_PAGE);
	assert_int_equal(one(&b, 0x7f00), VERDICT_UNREADABLE);
	assert_false(judge_is_poisoned(b.judge, 8));
	assert_true(judge_is_poisoned(b.judge, 9));
	assert_false(judge_is_poisoned(b.judge, 0x7f00));
	deinit(&b);
}

/* What was reserved at boot is the kernel's, whatever else its struct page says; only memory errors
 * and balloons come first. */
static void reserved(void **state)
{
	struct bench b = {.m = mkpages(&new_offsets)};
	const uint8_t *verdicts;

	set_cache(&b.m, 1, 1, false);
	set_user(&b.m, 2, 1);
	set_free(&b.m, 4, 2);
	put64(&b.m, 3, 0, 1 << 23);
	set_compound(&b.m, 512, 9, true);
	for (uint64_t pfn = 0; pfn < 5; pfn++)
		add_flags(&b, pfn, RESERVED);
	add_flags(&b, 512, RESERVED);
	open_judge(&b);
	verdicts = judge_pages(b.judge, 0, 8);
	assert_int_equal(verdicts[0], VERDICT_RESERVED);
	assert_int_equal(verdicts[1], VERDICT_RESERVED);
	assert_int_equal(verdicts[2], VERDICT_RESERVED);
	assert_int_equal(verdicts[3], PAGE_HWPOISON);
	assert_int_equal(verdicts[4], VERDICT_RESERVED);
	assert_int_equal(verdicts[5], PAGE_KEEP); // is no part of a free block
	assert_int_equal(one(&b, 512), VERDICT_RESERVED);
	assert_int_equal(one(&b, 600), PAGE_TAIL);
	deinit(&b);
}

/* Pages on the lists of a CPU; those that their struct page calls something else stay that. */
static void free_on_a_list(void **state)
{
	struct bench b = {.m = mkpages(&new_offsets)};
	_cleanup_sparsebits_ struct sparsebits set = {0};
	const uint8_t *verdicts;

	assert_ok(sparsebits_add(&set, 3, 7));
	assert_ok(sparsebits_add(&set, 300, 301));
	set_user(&b.m, 5, 1);
	add_flags(&b, 6, RESERVED);
	open_judge(&b);
	b.rules.pcp_free = &set;
	verdicts = judge_pages(b.judge, 0, 16);
	for (int i = 0; i < 16; i++)
		assert_int_equal(verdicts[i], i == 3 || i == 4 ? PAGE_PCP_FREE
					      : i == 5         ? PAGE_USER
					      : i == 6         ? VERDICT_RESERVED
							       : PAGE_KEEP);
	assert_int_equal(judge_pages(b.judge, 299, 302)[1], PAGE_PCP_FREE);
	deinit(&b);
}

static void learned_types(void **state)
{
	struct bench b = {.m = mkpages(&new_offsets)};

	put_type(&b.m, 1, 0xfffffdff);
	put64(&b.m, 2, 24, 0xffffffffc0001002);
	put64(&b.m, 3, 24, 0xffffffffc0002002);
	open_judge(&b);
	assert_int_equal(one(&b, 1), PAGE_KEEP);
	assert_int_equal(one(&b, 2), PAGE_KEEP);
	b.rules.layout.table_type = (struct page_type){.value = 0xf0000000, .mask = 0xf0000200};
	b.rules.layout.zsmalloc_mapping = 0xffffffffc0001002;
	assert_int_equal(one(&b, 1), PAGE_TABLE);
	assert_int_equal(one(&b, 2), PAGE_ZSMALLOC);
	assert_int_equal(one(&b, 3), PAGE_KEEP);
	b.rules.layout.table_type = (struct page_type){.value = 0xf2000000, .mask = 0xff000000};
	b.rules.layout.zsmalloc_type = (struct page_type){.value = 0xf6000000, .mask = 0xff000000};
	put_type(&b.m, 3, 0xf6123456);
	assert_int_equal(one(&b, 3), PAGE_ZSMALLOC);
	set_user(&b.m, 3, 1); // which says more
	assert_int_equal(one(&b, 3), PAGE_USER);
	deinit(&b);
}

static void missing_facts(void **state)
{
	struct machine m = mkpages(&new_offsets);
	struct judge_rules rules;

	*strstr(m.mem->info, "NUMBER(PG_lru)") = '#';
	assert_err(judge_rules_init(&rules, mkpages_open(&m)), ERROR_NOT_FOUND, "PG_lru");
	mkpages_deinit(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes),        cmocka_unit_test(reserved),
		cmocka_unit_test(free_on_a_list), cmocka_unit_test(learned_types),
		cmocka_unit_test(missing_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
