// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"
#include "tests/support/codec_check.h"
#include "tests/support/test.h"

static void keeps_what_a_codec_promises(void **state)
{
	const char *bad;

	if (!codec_available(&codec_zlib))
		skip();
	bad = codec_check(&codec_zlib);
	if (bad)
		fail_msg("%s", bad);
}

static void levels_are_those_of_zlib(void **state)
{
	assert_int_equal(codec_zlib.default_level, 1);
	assert_int_equal(codec_zlib.max_level, 9);
	assert_string_equal(codec_zlib.name, "zlib");
	assert_int_equal(codec_zlib.id, CODEC_ZLIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_a_codec_promises),
		cmocka_unit_test(levels_are_those_of_zlib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
