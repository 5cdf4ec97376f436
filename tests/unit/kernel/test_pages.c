// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/pages.h"

#include "dump/reader.h"
#include "kernel/zones.h"
#include "tests/support/mkpages.h"
#include "tests/support/test.h"
#include "util/file.h"

static struct pages *create(struct machine *m, const struct pages_options *options)
{
	struct pages *pages = NULL;

	assert_ok(pages_create(mkpages_open(m), options, &pages));
	return pages;
}

static void what_is_unknown(void **state)
{
	struct pages_options how = {0};
	struct machine m = mkpages(&new_offsets);
	struct pages *pages = create(&m, &how);

	assert_int_equal(pages->unknown, 1U << PAGE_UNACCEPTED);
	assert_null(pages->zones);
	assert_non_null(strstr(pages->no_zones->message, "pglist_data"));
	assert_null(pages->rules.pcp_free);
	pages_destroy(pages);
	// of what nobody asked for nothing is said
	how.classes = 1U << PAGE_ZSMALLOC | 1U << PAGE_PCP_FREE;
	how.thorough = true;
	pages = create(&m, &how);
	assert_int_equal(pages->unknown, 1U << PAGE_UNACCEPTED | how.classes);
	pages_destroy(pages);
	mkpages_deinit(&m);
}

static void what_is_kept(void **state)
{
	const struct range range = {.start = 0x123000, .end = 0x125000};
	const struct keep_options keep = {.ranges = &range, .nr_ranges = 1};
	const struct pages_options how = {.keep = &keep};
	struct machine m = mkpages(&new_offsets);
	struct pages *pages = create(&m, &how);

	assert_true(sparsebits_test(&pages->keep, 0x124));
	assert_true(sparsebits_test(&pages->keep, mem_entry(m.mem, MKPAGES_VMEMMAP, 1) >> 12));
	pages_destroy(pages);
	mkpages_deinit(&m);
}

static void what_cannot_be_kept(void **state)
{
	const struct keep_options keep = {.user_stacks = true};
	const struct pages_options how = {.keep = &keep};
	struct machine m = mkpages(&new_offsets);
	struct pages *pages = NULL;

	assert_err(pages_create(mkpages_open(&m), &how, &pages), ERROR_NOT_FOUND, "");
	mkpages_deinit(&m);
	m = mkpages(&new_offsets);
	*strstr(m.mem->info, "SIZE(page)") = '#';
	assert_err(pages_create(mkpages_open(&m), &(struct pages_options){0}, &pages),
		   ERROR_NOT_FOUND, "SIZE(page)");
	mkpages_deinit(&m);
}

static const struct zones sound = {.free_pages = 1024 + 8, .slack = 10};

/* The same count, whether the run has seen it or not. */
static void checks(void **state)
{
	struct machine m = mkpages(&new_offsets);
	struct select_stats stats = {0};
	static char path[] = "dump";
	struct file file = {.path = path};
	struct pages *pages;
	struct zones zones = sound;

	for (uint64_t pfn = 0; pfn < MKPAGES_NR; pfn++)
		mem_at(m.mem, pfn * MEM_PAGE);
	m.mem->reader.facts.max_paddr = MKPAGES_NR * MEM_PAGE;
	m.mem->reader.facts.block_size = 1024;
	m.mem->reader.file = &file;
	set_free(&m, 1024, 10);
	pages = create(&m, &(struct pages_options){0});
	assert_int_equal(pages_check_all(pages, 1).state, CHECK_NONE);
	pages->zones = &zones;
	assert_int_equal(pages_check_all(pages, 1).state, CHECK_AGREES);
	assert_int_equal(pages_check_all(pages, 1).counted, 1024);
	stats.classes[PAGE_FREE] = 4 * 1000;
	stats.classes[PAGE_UNACCEPTED] = 4 * 30;
	assert_int_equal(pages_check(pages, &stats).counted, 1030);
	assert_int_equal(pages_check(pages, &stats).state, CHECK_AGREES);
	zones.free_pages = 2000;
	assert_int_equal(pages_check(pages, &stats).state, CHECK_DIFFERS);
	// blocks of several pages do not tell
	m.mem->reader.facts.block_size = 8192;
	{
		struct check check = pages_check(pages, &stats);

		assert_int_equal(check.state, CHECK_NONE);
		assert_non_null(strstr(check.why->message, "8192"));
		check_deinit(&check);
	}
	pages->zones = NULL;
	pages_destroy(pages);
	mkpages_deinit(&m);
}

static void live_sources(void **state)
{
	static char kcore[] = "/proc/kcore", vmcore[] = "/proc/vmcore";
	struct machine m = mkpages(&new_offsets);
	struct pages *pages = create(&m, &(struct pages_options){0});
	struct file file = {.path = kcore, .proc = true};

	m.mem->reader.file = &file;
	assert_true(pages_live(pages));
	file.path = vmcore;
	assert_false(pages_live(pages));
	file = (struct file){.path = kcore}; // a copy
	assert_false(pages_live(pages));
	pages_destroy(pages);
	mkpages_deinit(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_unknown),     cmocka_unit_test(what_is_kept),
		cmocka_unit_test(what_cannot_be_kept), cmocka_unit_test(checks),
		cmocka_unit_test(live_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
