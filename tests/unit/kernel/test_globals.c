// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/types.h"
#include "tests/support/test.h"

/* The first, the last and some between: a table that is not sorted loses them. */
static void lookup(void **state)
{
	static const char *const known[][2] = {
		{"__cpu_active_mask", "struct cpumask"}, {"jiffies", "unsigned long"},
		{"init_task", "struct task_struct"},     {"modules", "struct list_head"},
		{"init_mm", "struct mm_struct"},         {"node_data", "struct pglist_data *[]"},
		{"avenrun", "unsigned long []"},         {"prb", "struct printk_ringbuffer *"},
		{"tainted_mask", "unsigned long"},       {"zero_pfn", "unsigned long"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_non_null(global_type(known[i][0]));
		assert_string_equal(global_type(known[i][0]), known[i][1]);
	}
	assert_null(global_type(""));
	assert_null(global_type("init_tas"));
	assert_null(global_type("zzz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lookup)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
