// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_calloc sys_realloc
#include "util/sparsebits.h"

#include "tests/support/test.h"
#include "util/bits.h"

void *__real_sys_calloc(size_t nr, size_t size);
void *__real_sys_realloc(void *old, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_realloc(void *old, size_t size);

static int calls_left = -1;

void *__wrap_sys_calloc(size_t nr, size_t size)
{
	return calls_left >= 0 && !calls_left-- ? NULL : __real_sys_calloc(nr, size);
}

void *__wrap_sys_realloc(void *old, size_t size)
{
	return calls_left >= 0 && !calls_left-- ? NULL : __real_sys_realloc(old, size);
}

#define SMALL 300000U

/* As a plain bitmap has it, over the ends of leaves and nodes. */
static void test_as_bitmap(void **state)
{
	static uint64_t plain[SMALL / 64 + 1];
	const uint64_t base = (1ULL << 27) - 100000;
	_cleanup_sparsebits_ struct sparsebits set = {0};
	uint64_t seed = 1, nr = 0, start, end, at = base;

	(void)state;
	for (int i = 0; i < 400; i++) {
		uint64_t from, len;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		from = (seed >> 33) % (SMALL - 1000);
		len = i % 50 ? (seed >> 20) % 40 : 40000;
		len = from + len > SMALL ? SMALL - from : len;
		assert_ok(sparsebits_add(&set, base + from, base + from + len));
		for (uint64_t j = from; j < from + len; j++)
			bits_set(plain, j);
	}
	for (uint64_t i = 0; i < SMALL; i++) {
		assert_int_equal(sparsebits_test(&set, base + i), bits_test(plain, i));
		nr += bits_test(plain, i);
	}
	assert_int_equal(sparsebits_count(&set), nr);
	assert_true(nr > 100000);
	for (start = 0; sparsebits_next_run(&set, UINT64_MAX, &start, &end); start = end) {
		assert_true(start < end);
		for (; at < start; at++)
			assert_false(bits_test(plain, at - base));
		for (; at < end; at++)
			assert_true(bits_test(plain, at - base));
	}
	for (; at < base + SMALL; at++)
		assert_false(bits_test(plain, at - base));
}

static void test_far_apart(void **state)
{
	_cleanup_sparsebits_ struct sparsebits set = {0};
	uint64_t start = 0, end;

	(void)state;
	assert_false(sparsebits_test(&set, 0));
	assert_false(sparsebits_test(&set, UINT64_MAX));
	assert_false(sparsebits_next_run(&set, UINT64_MAX, &start, &end));
	assert_ok(sparsebits_add(&set, 5, 5));
	assert_ok(sparsebits_add(&set, 9, 4));
	assert_int_equal(sparsebits_count(&set), 0);
	assert_ok(sparsebits_add(&set, SPARSEBITS_END - 2, UINT64_MAX));
	assert_ok(sparsebits_add(&set, SPARSEBITS_END, UINT64_MAX));
	assert_ok(sparsebits_add(&set, 7, 8));
	assert_int_equal(sparsebits_count(&set), 3);
	assert_true(sparsebits_next_run(&set, 8, &start, &end));
	assert_true(start == 7 && end == 8);
	start = 8;
	assert_false(sparsebits_next_run(&set, SPARSEBITS_END - 2, &start, &end));
	assert_true(sparsebits_next_run(&set, SPARSEBITS_END - 1, &start, &end));
	assert_true(start == SPARSEBITS_END - 2 && end == SPARSEBITS_END - 1);
}

static void test_no_memory(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		_cleanup_sparsebits_ struct sparsebits set = {0};

		calls_left = i;
		assert_err(sparsebits_add(&set, 1, 2), ERROR_NOMEM, "");
		calls_left = -1;
		assert_false(sparsebits_test(&set, 1));
		assert_ok(sparsebits_add(&set, 1, 2));
		assert_true(sparsebits_test(&set, 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_bitmap),
		cmocka_unit_test(test_far_apart),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
