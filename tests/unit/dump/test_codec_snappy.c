// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"
#include "tests/support/codec_check.h"
#include "tests/support/test.h"

static void keeps_what_a_codec_promises(void **state)
{
	const char *bad;

	if (!codec_available(&codec_snappy))
		skip();
	bad = codec_check(&codec_snappy);
	if (bad)
		fail_msg("%s", bad);
}

/* makedumpfile and crash let this one write 64 KiB over their page buffer. */
static void a_claim_of_more_than_a_block_is_refused(void **state)
{
	static const uint8_t claim[] = {0x80, 0x80, 0x04, 0x00, 'a'}; // varint 65536, literal 'a'
	uint8_t out[4096 + 1] = {0};
	void *codec;

	if (!codec_available(&codec_snappy))
		skip();
	assert_ok(codec_snappy.create(0, 4096, &codec));
	assert_false(codec_snappy.decode(codec, claim, sizeof(claim), out, 4096));
	assert_int_equal(out[0], 0);
	codec_snappy.destroy(codec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_a_codec_promises),
		cmocka_unit_test(a_claim_of_more_than_a_block_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
