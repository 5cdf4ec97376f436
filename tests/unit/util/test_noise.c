// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/noise.h"

#include <stdint.h>

#include "tests/support/test.h"

static uint64_t seed = 88172645463325252ULL;

static uint8_t random_byte(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint8_t)(seed >> 32);
}

/* Of random blocks of any size hardly one is missed. */
static void random_blocks_are_noise(void **state)
{
	static uint8_t buf[65536];
	unsigned int missed = 0;

	for (int n = 0; n < 10000; n++) {
		size_t len = n % 3 ? 4096 : n % 2 ? 16384 : 512;

		for (size_t i = 0; i < len; i++)
			buf[i] = random_byte();
		missed += !is_noise(buf, len);
	}
	assert_in_range(missed, 0, 100);
	assert_false(is_noise(buf, 511));
	assert_false(is_noise(buf, 0));
}

/* What a codec could make an eighth smaller, by whatever means, is not. */
static void data_are_no_noise(void **state)
{
	unsigned int taken[5] = {0};
	uint8_t buf[5][4096];

	for (int n = 0; n < 1000; n++) {
		for (size_t i = 0; i < 4096; i++) {
			buf[0][i] = random_byte() & 0x7f;
			buf[1][i] = random_byte() % 8 ? random_byte() : 0;
			buf[2][i] = i % 8 < 6 ? random_byte() : 0xff;
			buf[3][i] = i < 2048 ? random_byte() : buf[3][i % 2048];
			buf[4][i] = (uint8_t)(i % 4 ? 0 : i / 4);
		}
		for (size_t k = 0; k < 5; k++)
			taken[k] += is_noise(buf[k], 4096);
	}
	for (size_t k = 0; k < 5; k++)
		assert_in_range(taken[k], 0, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_blocks_are_noise),
		cmocka_unit_test(data_are_no_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
