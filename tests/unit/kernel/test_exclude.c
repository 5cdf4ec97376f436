// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/exclude.h"

#include "dump/level.h"
#include "kernel/page.h"
#include "tests/support/test.h"

static void test_names(void **state)
{
	unsigned int level = DUMP_LEVEL_FREE;
	uint32_t classes = 0;

	assert_ok(exclude_parse("zero,private-cache", &level, &classes));
	assert_int_equal(level, DUMP_LEVEL_FREE | DUMP_LEVEL_ZERO | DUMP_LEVEL_CACHE_PRIVATE);
	assert_int_equal(classes, 0);
	assert_ok(exclude_parse("pcp-free", &level, &classes));
	assert_ok(exclude_parse("zsmalloc,cache,pagetable-user,user,free,zsmalloc", &level,
				&classes));
	assert_int_equal(level, DUMP_LEVEL_MAX);
	assert_int_equal(classes, 1U << PAGE_PCP_FREE | 1U << PAGE_ZSMALLOC | 1U << PAGE_TABLE);
}

static void test_unknown(void **state)
{
	static const char *const bad[] = {"", "user,", ",user", "User", "hugetlb", "user free"};
	unsigned int level = 0;
	uint32_t classes = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(exclude_parse(bad[i], &level, &classes), ERROR_USAGE,
			   "zero, cache, private-cache, user, free, zsmalloc, pagetable-user, "
			   "pcp-free");
	assert_err(exclude_parse("tea", &level, &classes), ERROR_USAGE, "'tea'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
