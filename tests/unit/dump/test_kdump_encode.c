// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_calloc sys_malloc
#include "dump/kdump_encode.h"

#include <stdlib.h>
#include <string.h>

#include "dump/reader.h"
#include "dump/writer.h"
#include "tests/support/memreader.h"
#include "tests/support/test.h"
#include "util/bits.h"
#include "util/sys.h"

#define NR 200

static int allocs_left = -1;

void *__real_sys_malloc(size_t size);
void *__wrap_sys_malloc(size_t size);
void *__real_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);

void *__wrap_sys_malloc(size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_malloc(size) : NULL;
}

void *__wrap_sys_calloc(size_t nr, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_calloc(nr, size) : NULL;
}

struct fixture {
	struct memreader m;
	size_t bs;
	uint8_t *data;
	uint64_t keep[NR / 64 + 1];
	struct dump_chunk chunk;
	struct kdump_encoder *encoder;
};

static const char map[] = "20t 20z 20r 3t 1z 1r 1t 5. 100z 24t 5z";

static void begin(struct fixture *f, size_t bs, const struct codec *codec, bool share_zero)
{
	struct dump_writer_options options = {
		.codec = codec,
		.codec_level = codec ? codec->default_level : 0,
		.share_zero = share_zero,
	};

	memset(f, 0, sizeof(*f));
	memreader_init(&f->m, (uint32_t)bs, map);
	f->bs = bs;
	f->data = malloc(NR * bs);
	assert_non_null(f->data);
	for (size_t i = 0; i < NR; i++) {
		memreader_fill(&f->m, i, f->data + i * bs);
		if (memreader_kind(&f->m, i) != MEM_ABSENT)
			bits_set(f->keep, i);
	}
	f->chunk = (struct dump_chunk){.pfn = 0, .nr = NR, .keep = f->keep, .data = f->data};
	assert_ok(kdump_encoder_create(&options, bs, NR, &f->encoder));
}

static void end(struct fixture *f)
{
	kdump_encoder_destroy(f->encoder);
	free(f->data);
}

/* What the record promises is what the data decode to. */
static void check(struct fixture *f, bool share_zero)
{
	const struct kdump_record *record = f->encoder->record;
	const uint32_t *entry = kdump_record_entries_const(record);
	uint8_t *block = malloc(f->bs);
	struct codec_set set;
	size_t off = 0, nr = 0;
	const char *why;

	assert_non_null(block);
	codec_set_init(&set, f->bs);
	for (size_t i = 0; i < NR; i++) {
		assert_int_equal(bits_test(record->keep, i), bits_test(f->keep, i));
		if (!bits_test(f->keep, i))
			continue;
		nr++;
		assert_int_equal(*entry == KDUMP_ENTRY_ZERO,
				 share_zero && memreader_kind(&f->m, i) == MEM_ZERO);
		if (*entry != KDUMP_ENTRY_ZERO) {
			assert_true(codec_set_decode(&set, KDUMP_ENTRY_CODEC(*entry),
						     f->encoder->data + off,
						     KDUMP_ENTRY_LEN(*entry), block, &why));
			assert_memory_equal(block, f->data + i * f->bs, f->bs);
			off += KDUMP_ENTRY_LEN(*entry);
		}
		entry++;
	}
	assert_int_equal(record->nr_kept, nr);
	assert_int_equal(record->nr, NR);
	assert_int_equal(f->encoder->len, off);
	codec_set_deinit(&set);
	free(block);
}

static void test_data(void **state)
{
	static const size_t sizes[] = {4096, 65536};

	(void)state;
	for (size_t i = 0; i < 4 * (nr_codecs + 1); i++) {
		const struct codec *codec = i / 4 < nr_codecs ? codecs[i / 4] : NULL;
		struct fixture f;

		if (codec && !codec_available(codec))
			continue;
		begin(&f, sizes[i % 2], codec, i / 2 % 2);
		kdump_encode(f.encoder, &f.chunk);
		check(&f, i / 2 % 2);
		// text got shorter, random blocks are raw
		assert_int_equal(KDUMP_ENTRY_CODEC(*kdump_record_entries(f.encoder->record)),
				 codec ? codec->id : CODEC_NONE);
		if (codec)
			assert_true(f.encoder->len < 110 * f.bs);
		// the same encoder again, with less
		memset(f.keep, 0, sizeof(f.keep));
		kdump_encode(f.encoder, &f.chunk);
		assert_int_equal(f.encoder->record->nr_kept, 0);
		assert_int_equal(f.encoder->len, 0);
		bits_set(f.keep, 199);
		bits_set(f.keep, 64);
		kdump_encode(f.encoder, &f.chunk);
		check(&f, i / 2 % 2);
		end(&f);
	}
}

/* Blocks that come encoded stay so byte by byte, but zero ones are found. */
static void test_blocks(void **state)
{
	static const size_t sizes[] = {4096, 65536};

	(void)state;
	for (size_t i = 0; i < 4 * nr_codecs; i++) {
		const struct codec *codec = codecs[i / 4];
		struct dump_block blocks[NR];
		struct dump_scratch *scratch;
		bool share_zero = i / 2 % 2;
		size_t done = 0, sum = 0;
		struct fixture f;

		if (!codec_available(codec))
			continue;
		begin(&f, sizes[i % 2], codec, share_zero);
		memreader_encode(&f.m, codec);
		f.m.at_once = NR;
		assert_ok(dump_scratch_create(&f.m.reader, &scratch));
		f.m.ops.blocks(&f.m.reader, scratch, 0, NR, blocks, &done);
		assert_int_equal(done, NR);
		for (size_t j = 0; j < NR; j++) {
			if (!share_zero || memreader_kind(&f.m, j) != MEM_ZERO)
				sum += blocks[j].len;
		}
		f.chunk.data = NULL;
		f.chunk.blocks = blocks;
		kdump_encode(f.encoder, &f.chunk);
		check(&f, share_zero);
		assert_int_equal(f.encoder->len, sum);
		assert_memory_equal(f.encoder->data, blocks[0].data, blocks[0].len);
		dump_scratch_destroy(scratch);
		end(&f);
	}
}

/* Blocks without a gap are not copied; behind a gap, or a raw block, they are. */
static void test_blocks_in_place(void **state)
{
	static const uint8_t data[] = "0123456789abcdefghij";
	static uint8_t raw[4096] = "but for this all zero";
	struct dump_block blocks[] = {
		{.data = data, .len = 4, .codec = CODEC_ZLIB},
		{.data = data + 4, .len = 6, .codec = CODEC_ZLIB},
		{.data = data + 12, .len = 3, .codec = CODEC_ZLIB},
		{.data = raw, .len = 4096, .codec = CODEC_NONE},
		{.data = data + 15, .len = 2, .codec = CODEC_ZLIB},
	};
	const uint32_t *entries;
	struct fixture f;

	(void)state;
	begin(&f, 4096, codec_find(CODEC_ZLIB), true);
	f.chunk.blocks = blocks;
	f.keep[0] = 3;
	memset(f.keep + 1, 0, sizeof(f.keep) - 8);
	kdump_encode(f.encoder, &f.chunk);
	assert_ptr_equal(f.encoder->data, data);
	assert_int_equal(f.encoder->len, 10);
	f.keep[0] = 7;
	kdump_encode(f.encoder, &f.chunk);
	assert_memory_equal(f.encoder->data, "0123456789cde", 13);
	assert_int_equal(f.encoder->len, 13);
	f.keep[0] = 0x1b;
	kdump_encode(f.encoder, &f.chunk);
	entries = kdump_record_entries_const(f.encoder->record);
	assert_memory_equal(f.encoder->data, "0123456789", 10);
	assert_int_equal(KDUMP_ENTRY_CODEC(entries[2]), CODEC_ZLIB);
	assert_in_range(KDUMP_ENTRY_LEN(entries[2]), 20, 80);
	assert_memory_equal(f.encoder->data + f.encoder->len - 2, "fg", 2);
	end(&f);
}

/* Each block of a run of equal ones has data of its own, encoded once. */
static void test_repeated(void **state)
{
	const uint32_t *entries;
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < nr_codecs; i++) {
		size_t off = 0, len;

		if (!codec_available(codecs[i]))
			continue;
		begin(&f, 4096, codecs[i], true);
		for (size_t j = 0; j < 10; j++)
			memset(f.data + j * 4096, j < 5 || j > 7 ? 0xcc : 0xff, 4096);
		f.keep[0] = 0x3ff;
		memset(f.keep + 1, 0, sizeof(f.keep) - 8);
		kdump_encode(f.encoder, &f.chunk);
		entries = kdump_record_entries_const(f.encoder->record);
		for (size_t j = 0; j < 10; j++) {
			len = KDUMP_ENTRY_LEN(entries[j]);
			assert_int_equal(entries[j], entries[j < 5 || j > 7 ? 0 : 5]);
			if (j)
				assert_int_equal(
					!memcmp(f.encoder->data, f.encoder->data + off, len),
					j < 5 || j > 7);
			off += len;
		}
		assert_int_equal(f.encoder->len, off);
		end(&f);
	}
}

/* A short block that cannot be decoded is no zero block, and is carried along. */
static void test_damaged_block(void **state)
{
	static const uint8_t junk[20] = {0xde, 0xad, 0xbe, 0xef};
	struct dump_block blocks[NR] = {
		{.data = junk, .len = sizeof(junk), .codec = CODEC_ZLIB, .status = DUMP_OK}};
	struct fixture f;

	(void)state;
	begin(&f, 4096, codec_find(CODEC_ZLIB), true);
	memset(f.keep, 0, sizeof(f.keep));
	bits_set(f.keep, 0);
	f.chunk.blocks = blocks;
	kdump_encode(f.encoder, &f.chunk);
	assert_int_equal(f.encoder->len, sizeof(junk));
	assert_memory_equal(f.encoder->data, junk, sizeof(junk));
	end(&f);
}

static void test_no_memory(void **state)
{
	struct dump_writer_options options = {.codec = codec_find(CODEC_ZLIB), .codec_level = 1};
	struct kdump_encoder *encoder = NULL;

	(void)state;
	for (int n = 0; n < 5; n++) {
		allocs_left = n;
		assert_ptr_equal(kdump_encoder_create(&options, 4096, 256, &encoder), &error_nomem);
	}
	allocs_left = -1;
	assert_null(encoder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_blocks_in_place),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_damaged_block),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
