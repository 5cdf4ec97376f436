// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/ranges.h"

#include "tests/support/test.h"

static void expect(const struct range *in, size_t nr, const struct range *want, size_t nr_want)
{
	_cleanup_free_ struct range *got = NULL;
	size_t nr_got = 0;

	assert_ok(ranges_fold(in, nr, &got, &nr_got));
	assert_int_equal(nr_got, nr_want);
	for (size_t i = 0; i < nr_want; i++) {
		assert_int_equal(got[i].start, want[i].start);
		assert_int_equal(got[i].end, want[i].end);
		assert_int_equal(got[i].value, want[i].value);
		assert_int_equal(got[i].kind, want[i].kind);
	}
}

static void sorts_disjoint_ranges(void **state)
{
	static const struct range in[] = {{30, 40, 5, 1}, {10, 20, 7, 2}};
	static const struct range want[] = {{10, 20, 7, 2}, {30, 40, 5, 1}};

	expect(in, 2, want, 2);
}

static void the_first_of_several_wins(void **state)
{
	static const struct range in[] = {{20, 30, 1000, 0}, {10, 40, 500, 0}, {25, 50, 90, 1}};
	static const struct range want[] = {
		{10, 20, 500, 0}, {20, 30, 1000, 0}, {30, 40, 520, 0}, {40, 50, 105, 1}};

	expect(in, 3, want, 4);
}

static void neighbours_that_continue_become_one(void **state)
{
	static const struct range in[] = {
		{20, 30, 120, 0}, {10, 20, 110, 0}, {30, 40, 130, 1}, {40, 50, 0, 1}};
	static const struct range want[] = {{10, 30, 110, 0}, {30, 40, 130, 1}, {40, 50, 0, 1}};

	expect(in, 4, want, 3);
}

static void empty_and_reversed_ranges_are_passed_over(void **state)
{
	static const struct range in[] = {{10, 10, 0, 0}, {30, 20, 0, 0}};

	expect(in, 2, NULL, 0);
	expect(NULL, 0, NULL, 0);
}

static void the_whole_address_space_fits(void **state)
{
	static const struct range in[] = {{UINT64_MAX - 1, UINT64_MAX, 0, 1},
					  {0, UINT64_MAX, 0, 0}};
	static const struct range want[] = {{0, UINT64_MAX - 1, 0, 0},
					    {UINT64_MAX - 1, UINT64_MAX, 0, 1}};

	expect(in, 2, want, 2);
}

/* Against a slow and simple way: paint each address unless it is painted. */
static void agrees_with_painting(void **state)
{
	uint32_t seed = 7;

	for (int round = 0; round < 300; round++) {
		_cleanup_free_ struct range *got = NULL;
		size_t nr_got = 0, nr = (size_t)round % 17;
		int painted[100];
		struct range in[17];

		memset(painted, -1, sizeof(painted));
		for (size_t i = 0; i < nr; i++) {
			seed = seed * 1664525 + 1013904223;
			in[i].start = (seed >> 24) % 100;
			in[i].end = (seed >> 16) % 100;
			in[i].value = i * 1000 + in[i].start;
			in[i].kind = (unsigned int)i;
			for (uint64_t a = in[i].start; a < in[i].end; a++) {
				if (painted[a] < 0)
					painted[a] = (int)i;
			}
		}
		assert_ok(ranges_fold(in, nr, &got, &nr_got));
		for (uint64_t a = 0; a < 100; a++) {
			size_t at = ranges_find(got, nr_got, a);
			int owner = at < nr_got && got[at].start <= a ? (int)got[at].kind : -1;

			assert_int_equal(owner, painted[a]);
			if (owner >= 0)
				assert_int_equal(got[at].value + (a - got[at].start),
						 (uint64_t)owner * 1000 + a);
		}
	}
}

static void finds_the_range_that_ends_behind(void **state)
{
	static const struct range ranges[] = {{10, 20, 0, 0}, {20, 30, 0, 1}, {40, 50, 0, 0}};

	assert_int_equal(ranges_find(ranges, 3, 0), 0);
	assert_int_equal(ranges_find(ranges, 3, 19), 0);
	assert_int_equal(ranges_find(ranges, 3, 20), 1);
	assert_int_equal(ranges_find(ranges, 3, 35), 2);
	assert_int_equal(ranges_find(ranges, 3, 50), 3);
	assert_int_equal(ranges_find(NULL, 0, 50), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_disjoint_ranges),
		cmocka_unit_test(the_first_of_several_wins),
		cmocka_unit_test(neighbours_that_continue_become_one),
		cmocka_unit_test(empty_and_reversed_ranges_are_passed_over),
		cmocka_unit_test(the_whole_address_space_fits),
		cmocka_unit_test(agrees_with_painting),
		cmocka_unit_test(finds_the_range_that_ends_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
