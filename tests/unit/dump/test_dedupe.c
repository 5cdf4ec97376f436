// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pread
#include "dump/dedupe.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "dump/copy.h"
#include "dump/kdump_encode.h"
#include "dump/reader.h"
#include "dump/writer.h"
#include "tests/support/memreader.h"
#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/file.h"
#include "util/sys.h"

static bool bad_reads;

ssize_t __real_sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off);

ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off)
{
	if (!bad_reads)
		return __real_sys_pread(fd, buf, len, off);
	errno = EIO;
	return -1;
}

#define BS 64 // a block size only the encoder sees

struct fixture {
	struct target *target;
	struct dedupe *dedupe;
	struct kdump_encoder *encoder;
};

static void begin(struct fixture *f)
{
	const struct dump_writer_options options = {.share_zero = true, .dedupe = DEDUPE_MIN_BYTES};

	f->target = file_target(workdir_path("file"));
	assert_ok(dedupe_create(f->target, options.dedupe, &f->dedupe));
	assert_ok(kdump_encoder_create(&options, BS, 64, &f->encoder));
}

static void end(struct fixture *f)
{
	kdump_encoder_destroy(f->encoder);
	dedupe_destroy(f->dedupe);
	target_destroy(f->target);
}

/* A chunk of blocks, each filled with a letter ('0': zero), which gets its place at off. */
static void chunk(struct fixture *f, const char *letters, uint64_t off)
{
	uint64_t keep = UINT64_MAX >> (64 - strlen(letters));
	uint8_t data[64 * BS];
	const struct dump_chunk chunk = {.nr = strlen(letters), .keep = &keep, .data = data};

	for (size_t i = 0; i < chunk.nr; i++)
		memset(data + i * BS, letters[i] == '0' ? 0 : letters[i], BS);
	kdump_encode(f->encoder, &chunk);
	dedupe_find(f->dedupe, f->encoder);
	f->encoder->record->off = off;
	assert_ok(target_write(f->target, off, f->encoder->data, f->encoder->len));
	dedupe_add(f->dedupe, f->encoder);
}

/* Where the entries point: own ones follow each other. */
static void expect(const struct fixture *f, const uint64_t *offs)
{
	const struct kdump_record *record = f->encoder->record;
	const uint32_t *entries = kdump_record_entries_const(record);
	const uint64_t *shared = kdump_record_shared_const(record);
	uint64_t own = record->off;

	for (uint32_t i = 0; i < record->nr_kept; i++) {
		uint64_t off = own;

		if (entries[i] == KDUMP_ENTRY_ZERO)
			off = 0;
		else if (entries[i] & KDUMP_ENTRY_SHARED)
			off = *shared++;
		else
			own += KDUMP_ENTRY_LEN(entries[i]);
		assert_int_equal(off, offs[i]);
		if (off)
			assert_int_equal(KDUMP_ENTRY_LEN(entries[i]), BS);
	}
	assert_int_equal(own - record->off, f->encoder->len);
}

static void equal_blocks_share_the_first_copy(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	chunk(&f, "ab0ca", 1000);
	expect(&f, (uint64_t[]){1000, 1000 + BS, 0, 1000 + 2 * BS, 1000});
	chunk(&f, "dcdb0a", 5000);
	expect(&f, (uint64_t[]){5000, 1000 + 2 * BS, 5000, 1000 + BS, 0, 1000});
	chunk(&f, "aaaa", 9000);
	expect(&f, (uint64_t[]){1000, 1000, 1000, 1000});
	assert_int_equal(f.encoder->len, 0);
	end(&f);
}

/* What the table remembers may have changed in the file, or not be readable. */
static void bytes_decide(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	chunk(&f, "ab", 1000);
	assert_ok(target_write(f.target, 1000 + 7, "x", 1));
	chunk(&f, "ab", 5000);
	expect(&f, (uint64_t[]){5000, 1000 + BS});
	bad_reads = true;
	chunk(&f, "ab", 9000);
	bad_reads = false;
	expect(&f, (uint64_t[]){9000, 9000 + BS});
	end(&f);
}

static void dumps_with_shared_blocks_read_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i <= nr_codecs; i++) {
		const struct codec *codec = i < nr_codecs ? codecs[i] : NULL;
		struct dump_writer_options options = {
			.share_zero = true,
			.dedupe = DEDUPE_MIN_BYTES,
			.codec = codec && codec_available(codec) ? codec : NULL,
		};
		const struct dump_copy_options how = {.nr_threads = 2};
		_cleanup_reader_ struct dump_reader *raw = NULL, *copy = NULL;
		struct dump_writer *writer = NULL;
		struct dump_copy_stats copied;
		struct target *target;
		struct memreader m;
		uint64_t present;
		char again[300];
		bool usable;

		if (options.codec)
			options.codec_level = options.codec->default_level;
		memreader_init(&m, 4096, "100t 7z 300r");
		snprintf(again, sizeof(again), "%s", workdir_path("again"));
		target = file_target(again);
		assert_ok(
			kdump_writer_create(target, &m.reader.facts, &m.reader, &options, &writer));
		assert_ok(dump_copy(&m.reader, NULL, writer, &how, &copied, &usable));
		assert_int_equal(writer->stats.shared, 0);
		dump_writer_destroy(writer);
		target_destroy(target);
		assert_ok(dump_open(again, &copy));
		assert_int_equal(memreader_compare(&m, copy, false, &present), MEM_SAME);
	}
}

static void duplicates_of_a_raw_image(void **state)
{
	const struct dump_writer_options options = {.share_zero = true, .dedupe = 2 << 20};
	const struct dump_copy_options how = {.nr_threads = 1};
	_cleanup_reader_ struct dump_reader *source = NULL, *copy = NULL;
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	struct target *target = file_target(workdir_path("shared"));
	char path[320];
	const char *paths[] = {path};
	FILE *out = fopen(workdir_path("ram"), "w");
	struct dump_writer *writer = NULL;
	struct dump_copy_stats copied;
	uint8_t page[4096];
	bool usable;

	(void)state;
	assert_non_null(out);
	for (size_t i = 0; i < 1200; i++) {
		memset(page, (int)(i % 3 + 1), sizeof(page));
		assert_int_equal(fwrite(page, sizeof(page), 1, out), 1);
	}
	assert_int_equal(fclose(out), 0);
	snprintf(path, sizeof(path), "%s@0", workdir_path("ram"));
	assert_ok(dump_open_inputs(paths, 1, NULL, &source));
	assert_ok(kdump_writer_create(target, &source->facts, source, &options, &writer));
	assert_ok(dump_copy(source, NULL, writer, &how, &copied, &usable));
	assert_int_equal(writer->stats.written, 1200);
	assert_int_equal(writer->stats.shared, 1197);
	assert_int_equal(writer->stats.data_bytes, 3 * 4096);
	dump_writer_destroy(writer);
	target_destroy(target);
	assert_ok(dump_open(workdir_path("shared"), &copy));
	assert_ok(dump_scratch_create(copy, &scratch));
	for (size_t i = 0; i < 1200; i++) {
		assert_true(dump_read_full(copy, scratch, i * 4096, page, sizeof(page)));
		assert_int_equal(page[0], i % 3 + 1);
		assert_int_equal(page[4095], i % 3 + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_blocks_share_the_first_copy),
		cmocka_unit_test(bytes_decide),
		cmocka_unit_test(dumps_with_shared_blocks_read_the_same),
		cmocka_unit_test(duplicates_of_a_raw_image),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
