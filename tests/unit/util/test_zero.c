// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/zero.h"

#include "tests/support/test.h"

/* One byte that is not zero at any place of a buffer of any length and alignment is seen. */
static void test_each_byte(void **state)
{
	uint8_t buf[200];

	(void)state;
	for (size_t off = 0; off < 9; off++) {
		for (size_t len = 0; len <= 150; len++) {
			memset(buf, 0xff, sizeof(buf));
			memset(buf + off, 0, len);
			assert_true(is_zero(buf + off, len));
			for (size_t i = 0; i < len; i++) {
				buf[off + i] = 0x80;
				assert_false(is_zero(buf + off, len));
				buf[off + i] = 0;
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
