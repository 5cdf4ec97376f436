// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"
#include "tests/support/codec_check.h"
#include "tests/support/test.h"

static void keeps_what_a_codec_promises(void **state)
{
	const char *bad;

	if (!codec_available(&codec_lzo))
		skip();
	bad = codec_check(&codec_lzo);
	if (bad)
		fail_msg("%s", bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_a_codec_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
