// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/codec.h"

#include "tests/support/mkfile.h"
#include "tests/support/test.h"

static void finds_by_name_and_flag(void **state)
{
	static const struct {
		const char *name;
		enum codec_id id;
	} want[] = {
		{"zlib", 0x1},
		{"lzo", 0x2},
		{"snappy", 0x4},
		{"zstd", 0x20},
	};

	assert_int_equal(nr_codecs, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct codec *codec = codec_find_name(want[i].name);

		assert_non_null(codec);
		assert_int_equal(codec->id, want[i].id);
		assert_ptr_equal(codec_find(want[i].id), codec);
		assert_true(codec->id & CODEC_MASK);
	}
	assert_null(codec_find(CODEC_NONE));
	assert_null(codec_find(0x8));
	assert_null(codec_find_name("lz4"));
}

static void a_set_decodes_a_mixture(void **state)
{
	_cleanup_(codec_set_deinit) struct codec_set set;
	uint8_t in[4096], coded[4096], out[4096];
	const char *why = NULL;

	codec_set_init(&set, sizeof(in));
	for (size_t round = 0; round < 2 * nr_codecs; round++) {
		const struct codec *codec = codecs[round % nr_codecs];
		void *encoder;
		size_t len;

		if (!codec_available(codec))
			continue;
		mkfile_memory(in, round << 12, sizeof(in));
		assert_ok(codec->create(codec->default_level, sizeof(in), &encoder));
		len = codec->encode(encoder, in, sizeof(in), coded, sizeof(coded));
		codec->destroy(encoder);
		assert_true(codec_set_decode(&set, codec->id, coded, len, out, &why));
		assert_memory_equal(in, out, sizeof(in));
	}
	assert_true(codec_set_decode(&set, CODEC_NONE, in, sizeof(in), out, &why));
	assert_memory_equal(in, out, sizeof(in));
}

static void a_set_says_why_not(void **state)
{
	_cleanup_(codec_set_deinit) struct codec_set set;
	uint8_t in[4096] = {0}, out[4096];
	const char *why = NULL;

	codec_set_init(&set, sizeof(in));
	assert_false(codec_set_decode(&set, CODEC_NONE, in, sizeof(in) - 1, out, &why));
	assert_string_equal(why, "uncompressed block of the wrong length");
	assert_false(codec_set_decode(&set, 0x40, in, sizeof(in), out, &why));
	assert_string_equal(why, "unknown compression");
	assert_false(codec_set_decode(&set, CODEC_ZLIB | CODEC_LZO, in, sizeof(in), out, &why));
	assert_string_equal(why, "unknown compression");
	if (!codec_available(codec_find(CODEC_ZLIB)))
		skip();
	assert_false(codec_set_decode(&set, CODEC_ZLIB, in, sizeof(in), out, &why));
	assert_string_equal(why, "compressed data are damaged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_name_and_flag),
		cmocka_unit_test(a_set_decodes_a_mixture),
		cmocka_unit_test(a_set_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
