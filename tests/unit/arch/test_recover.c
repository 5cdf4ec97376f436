// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/recover.h"

#include "tests/support/test.h"

static bool symbol(void *arg, const char *name, uint64_t *ret)
{
	*ret = 0x1000;
	return !strcmp(name, "known");
}

static bool read_bytes(void *arg, uint64_t vaddr, void *buf, size_t len)
{
	memcpy(buf, "\1\2\3\4\5\6\7\x8", len);
	return vaddr == 0x1000 && arg;
}

static void test_variable(void **state)
{
	struct arch_image image = {.symbol = symbol, .read = read_bytes, .arg = &image};
	uint64_t value = 4711;

	assert_true(arch_image_variable(&image, "known", 8, &value));
	assert_int_equal(value, 0x0807060504030201);
	assert_true(arch_image_variable(&image, "known", 4, &value));
	assert_int_equal(value, 0x04030201);
	image.big_endian = true;
	assert_true(arch_image_variable(&image, "known", 8, &value));
	assert_int_equal(value, 0x0102030405060708);
	assert_false(arch_image_variable(&image, "unknown", 8, &value));
	image.arg = NULL;
	assert_false(arch_image_variable(&image, "known", 8, &value));
	assert_int_equal(value, 0x0102030405060708);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_variable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
