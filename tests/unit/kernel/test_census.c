// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/census.h"

#include <stdlib.h>

#include "dump/reader.h"
#include "kernel/zones.h"
#include "tests/support/mkpages.h"
#include "tests/support/test.h"

/* Memory for the pages that have a struct page, and what the machine needs elsewhere. */
static struct machine make(void)
{
	struct machine m = mkpages(&new_offsets);

	for (uint64_t pfn = 0; pfn < MKPAGES_NR; pfn++)
		*mem_at(m.mem, pfn * MEM_PAGE) = pfn % 3 ? 1 : 0; // each third is zero
	set_cache(&m, 16, 16, false);
	set_user(&m, 48, 16);
	set_free(&m, 1024, 10);
	m.mem->reader.facts.max_paddr = MKPAGES_NR * MEM_PAGE;
	return m;
}

static struct census *take(struct machine *m, const struct census_options *options)
{
	struct judge_rules rules;
	struct census *census = NULL;

	assert_ok(judge_rules_init(&rules, mkpages_open(m)));
	assert_ok(census_take(&rules, options, &census));
	return census;
}

static void counts(void **state)
{
	for (unsigned int threads = 1; threads <= 4; threads++) {
		const struct census_options how = {.nr_threads = threads, .read = 1U << PAGE_KEEP};
		struct machine m = make();
		struct census *census;

		mem_drop(m.mem, 5 * MEM_PAGE); // no memory there
		census = take(&m, &how);
		assert_int_equal(census->total, MKPAGES_NR - 1);
		assert_int_equal(census->sum.pages[PAGE_CACHE], 16);
		assert_int_equal(census->sum.pages[PAGE_USER], 16);
		assert_int_equal(census->sum.pages[PAGE_FREE], 1024);
		assert_int_equal(census->sum.pages[PAGE_KEEP], 1024 - 32 - 1);
		// of 0 to 1023, without 18, 21, 24, 27, 30 and 48, 51, 54, 57, 60, 63
		assert_int_equal(census->sum.zero[PAGE_KEEP], 342 - 5 - 6);
		assert_int_equal(census->sum.zero[PAGE_FREE], 0); // was not read
		assert_int_equal(census->absent, 0);
		assert_int_equal(census->unreadable, 0);
		assert_null(census->nodes);
		assert_null(census->samples);
		census_destroy(census);
		mkpages_deinit(&m);
	}
}

static void by_node_and_without(void **state)
{
	struct node nodes[] = {{.id = 3, .start = 10, .end = 50},
			       {.id = 7, .start = 50, .end = 1100}};
	struct zones zones = {.nodes = nodes, .nr_nodes = 2};
	const struct range skip[] = {{.start = 0, .end = 12 * MEM_PAGE},
				     {.start = 1200 * MEM_PAGE, .end = 1ULL << 40}};
	const struct census_options how = {
		.nr_threads = 1, .zones = &zones, .skip = skip, .nr_skip = 2};
	struct machine m = make();
	struct census *census = take(&m, &how);

	assert_int_equal(census->total, 1200 - 12);
	assert_int_equal(census->nr_nodes, 3);
	assert_int_equal(census->nodes[0].pages[PAGE_CACHE], 16);
	assert_int_equal(census->nodes[0].pages[PAGE_USER], 2);
	assert_int_equal(census->nodes[1].pages[PAGE_USER], 14);
	assert_int_equal(census->nodes[1].pages[PAGE_FREE], 1100 - 1024);
	assert_int_equal(census->nodes[2].pages[PAGE_FREE], 100);
	assert_int_equal(census->nodes[0].pages[PAGE_KEEP], 50 - 12 - 16 - 2);
	census_destroy(census);
	mkpages_deinit(&m);
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* The sample does not depend on who counted what, and is spread over all pages. */
static void samples(void **state)
{
	uint64_t first[CENSUS_SAMPLE], low = 0;

	for (unsigned int threads = 1; threads <= 3; threads++) {
		const struct census_options how = {.nr_threads = threads, .sample = true};
		struct machine m = make();
		struct census *census = take(&m, &how);
		struct census_sample *sample = &census->samples[PAGE_FREE];

		assert_int_equal(census->samples[PAGE_CACHE].nr, 16);
		assert_int_equal(census->samples[PAGE_HUGETLB].nr, 0);
		assert_int_equal(sample->nr, CENSUS_SAMPLE);
		qsort(sample->pfn, sample->nr, sizeof(uint64_t), compare);
		for (size_t i = 0; i < sample->nr; i++) {
			assert_in_range(sample->pfn[i], 1024, 2047);
			assert_true(!i || sample->pfn[i] != sample->pfn[i - 1]);
			low += threads == 1 && sample->pfn[i] < 1536;
		}
		if (threads == 1)
			memcpy(first, sample->pfn, sizeof(first));
		assert_memory_equal(sample->pfn, first, sizeof(first));
		census_destroy(census);
		mkpages_deinit(&m);
	}
	assert_in_range(low, CENSUS_SAMPLE / 3, CENSUS_SAMPLE * 2 / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(by_node_and_without),
		cmocka_unit_test(samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
