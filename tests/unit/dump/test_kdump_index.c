// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_index.h"

#include "dump/kdump_header.h"
#include "tests/support/dump.h"
#include "tests/support/mkkdump.h"
#include "util/file.h"

#define NR (3 * KDUMP_GROUP_BITS + 77) // blocks: several groups and a part of one

/* A file of both bitmaps alone, after a fixed rule for each block. */
struct fixture {
	struct dump_reader reader; // only its file is looked at
	struct dump_scratch scratch;
	struct mkfile bytes;
	struct kdump_header header;
	struct kdump_index index;
	struct kdump_window window;
};

static enum dump_status rule(uint64_t bit)
{
	if (bit < 1000 || (bit >= 40000 && bit < 80000))
		return DUMP_OK;
	if (bit >= 30000 && bit < 40000)
		return DUMP_ABSENT;
	return bit % 5 == 0 ? DUMP_OK : bit % 7 ? DUMP_EXCLUDED : DUMP_ABSENT;
}

static void fixture_init(struct fixture *f, bool split)
{
	uint64_t half = kdump_bitmap_blocks(NR, 4096) * 4096;

	*f = (struct fixture){
		.header = {.block_size = 4096,
			   .sub_hdr_size = 1,
			   .max_mapnr = NR,
			   .bitmap_blocks = (uint32_t)(2 * half / 4096),
			   .split = split,
			   .start_pfn = 1003,
			   .end_pfn = 70001},
	};
	mkfile_resize(&f->bytes, 2 * 4096 + 2 * half);
	for (uint64_t bit = 0; bit < NR; bit++) {
		uint8_t mask = (uint8_t)(1U << bit % 8);

		if (rule(bit) != DUMP_ABSENT)
			f->bytes.data[2 * 4096 + bit / 8] |= mask;
		if (rule(bit) == DUMP_OK)
			f->bytes.data[2 * 4096 + half + bit / 8] |= mask;
	}
	assert_ok(file_open(mkfile_path(&f->bytes), &f->reader.file));
	f->scratch.reader = &f->reader;
	assert_ok(kdump_index_init(&f->index, f->reader.file, &f->header));
}

static void fixture_deinit(struct fixture *f)
{
	kdump_index_deinit(&f->index);
	file_close(f->reader.file);
	mkfile_deinit(&f->bytes);
}
#define _cleanup_fixture_ _cleanup_(fixture_deinit)

static enum dump_status state_in_split(uint64_t bit)
{
	bool here = bit >= 1003 && bit < 70001;

	return rule(bit) == DUMP_OK && !here ? DUMP_EXCLUDED : rule(bit);
}

static void check(struct fixture *f, enum dump_status (*want)(uint64_t bit))
{
	uint64_t rank = 0, end = 0;

	for (uint64_t bit = 0; bit < NR; bit = end) {
		enum dump_status status = kdump_index_extent(&f->index, &f->window, &f->scratch,
							     bit, NR, &end);

		assert_true(end > bit && end <= NR);
		assert_int_equal(status, want(bit));
		for (uint64_t b = bit; b < end; b++)
			assert_int_equal(want(b), status);
		assert_true(end == NR || want(end) != status);
		for (uint64_t b = bit; b < end && status == DUMP_OK; b++, rank++) {
			uint64_t got;

			if (b != bit && b + 1 != end)
				continue;
			assert_true(kdump_index_rank(&f->index, &f->window, &f->scratch, b, &got));
			assert_int_equal(got, rank);
		}
	}
	assert_int_equal(kdump_index_nr_stored(&f->index), rank);
}

static void extents_and_ranks_agree_with_the_bits(void **state)
{
	_cleanup_fixture_ struct fixture f;

	fixture_init(&f, false);
	check(&f, rule);
}

static void a_split_file_counts_its_range_only(void **state)
{
	_cleanup_fixture_ struct fixture f;

	fixture_init(&f, true);
	check(&f, state_in_split);
}

static void an_extent_ends_at_the_limit(void **state)
{
	_cleanup_fixture_ struct fixture f;
	uint64_t end;

	fixture_init(&f, false);
	assert_int_equal(kdump_index_extent(&f.index, &f.window, &f.scratch, 40005, 40006, &end),
			 DUMP_OK);
	assert_int_equal(end, 40006);
	kdump_index_extent(&f.index, &f.window, &f.scratch, 40005, 79999, &end);
	assert_int_equal(end, 79999);
}

static void a_range_outside_of_the_bitmap_stores_nothing(void **state)
{
	_cleanup_fixture_ struct fixture f;
	uint64_t end;

	fixture_init(&f, false);
	kdump_index_deinit(&f.index);
	f.header.split = true;
	f.header.start_pfn = UINT64_MAX - 1;
	f.header.end_pfn = 3;
	assert_ok(kdump_index_init(&f.index, f.reader.file, &f.header));
	assert_int_equal(kdump_index_nr_stored(&f.index), 0);
	assert_int_equal(kdump_index_extent(&f.index, &f.window, &f.scratch, 0, NR, &end),
			 DUMP_EXCLUDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extents_and_ranks_agree_with_the_bits),
		cmocka_unit_test(a_split_file_counts_its_range_only),
		cmocka_unit_test(an_extent_ends_at_the_limit),
		cmocka_unit_test(a_range_outside_of_the_bitmap_stores_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
