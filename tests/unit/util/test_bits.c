// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/bits.h"

#include "tests/support/test.h"

static void test_set_and_count(void **state)
{
	uint64_t bits[3] = {0};

	(void)state;
	assert_int_equal(bits_words(0), 0);
	assert_int_equal(bits_words(64), 1);
	assert_int_equal(bits_words(65), 2);
	bits_set(bits, 0);
	bits_set(bits, 63);
	bits_set(bits, 64);
	bits_set(bits, 130);
	assert_int_equal(bits_count(bits, 3), 4);
	assert_true(bits_test(bits, 64));
	assert_false(bits_test(bits, 65));
	bits_clear(bits, 64);
	assert_false(bits_test(bits, 64));
	assert_int_equal(bits_count(bits, 2), 2);
}

/* Runs are the same as a loop over single bits finds, whatever their length and place. */
static void test_runs(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t nr = (size_t)round % 200, start = 0, end, pos = 0;
		uint64_t bits[4];

		for (size_t i = 0; i < 4; i++) {
			seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
			bits[i] = round % 3 ? seed : seed & (seed << 9) & (seed >> 17);
			if (round % 7 == 0)
				bits[i] = ~0ULL;
		}
		for (; bits_next_run(bits, nr, &start, &end); start = end) {
			assert_true(start < end && end <= nr);
			for (; pos < start; pos++)
				assert_false(bits_test(bits, pos));
			for (; pos < end; pos++)
				assert_true(bits_test(bits, pos));
			assert_true(end == nr || !bits_test(bits, end));
		}
		for (; pos < nr; pos++)
			assert_false(bits_test(bits, pos));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_and_count),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
