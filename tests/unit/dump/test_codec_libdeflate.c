// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"
#include "tests/support/codec_check.h"
#include "tests/support/test.h"

static void keeps_what_a_codec_promises(void **state)
{
	const char *bad;

	if (!codec_available(&codec_libdeflate))
		skip();
	bad = codec_check(&codec_libdeflate);
	if (bad)
		fail_msg("%s", bad);
}

static void understands_zlib_and_is_understood(void **state)
{
	const char *bad;

	if (!codec_available(&codec_libdeflate) || !codec_available(&codec_zlib))
		skip();
	bad = codec_check_pair(&codec_libdeflate, &codec_zlib);
	if (!bad)
		bad = codec_check_pair(&codec_zlib, &codec_libdeflate);
	if (bad)
		fail_msg("%s", bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_a_codec_promises),
		cmocka_unit_test(understands_zlib_and_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
