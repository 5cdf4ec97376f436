// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/numset.h"

#include "tests/support/test.h"

static void numbers(void **state)
{
	_cleanup_numset_ struct numset set = {0};

	assert_int_equal(numset_add(&set, 7), NUMSET_NEW);
	assert_int_equal(numset_add(&set, 7), NUMSET_SEEN);
	assert_int_equal(numset_add(&set, 0), NUMSET_NEW);
	assert_int_equal(numset_add(&set, 0), NUMSET_SEEN);
	assert_int_equal(numset_add(&set, UINT64_MAX), NUMSET_NEW);
	// many, with the low bits alike, as addresses have them
	for (uint64_t i = 1; i <= 5000; i++)
		assert_int_equal(numset_add(&set, i << 12), NUMSET_NEW);
	for (uint64_t i = 1; i <= 5000; i++)
		assert_int_equal(numset_add(&set, i << 12), NUMSET_SEEN);
	assert_int_equal(numset_add(&set, 5001 << 12), NUMSET_NEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(numbers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
