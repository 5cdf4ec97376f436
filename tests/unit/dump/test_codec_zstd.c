// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"
#include "tests/support/codec_check.h"
#include "tests/support/test.h"

static void keeps_what_a_codec_promises(void **state)
{
	const char *bad;

	if (!codec_available(&codec_zstd))
		skip();
	bad = codec_check(&codec_zstd);
	if (bad)
		fail_msg("%s", bad);
}

/* A frame may ask for a window of gigabytes; nothing that large may be allocated for a page. */
static void a_huge_window_costs_nothing(void **state)
{
	// magic, descriptor without content size, window of 2^41 bytes, one raw block of one byte
	static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0x09, 0x00, 0x00, 'a'};
	uint8_t out[4096];
	void *codec;

	if (!codec_available(&codec_zstd))
		skip();
	assert_ok(codec_zstd.create(1, 4096, &codec));
	assert_false(codec_zstd.decode(codec, frame, sizeof(frame), out, sizeof(out)));
	codec_zstd.destroy(codec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_a_codec_promises),
		cmocka_unit_test(a_huge_window_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
