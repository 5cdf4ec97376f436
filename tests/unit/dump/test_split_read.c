// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/format.h"

#include "dump/codec.h"

#include "tests/support/dump.h"
#include "tests/support/mkkdump.h"

#define BLOCKS "rz..0zxxrzlsd.rz" // 16 of them

struct set {
	struct mkfile files[3];
	const char *paths[3];
};

/* Files 0 to nr - 1 of the dump, cut where cuts[] says. */
static void make(struct set *set, const uint64_t *cuts, size_t nr)
{
	*set = (struct set){0};
	for (size_t i = 0; i < nr; i++) {
		struct mkkdump kdump = {.blocks = BLOCKS, .header = {.split = true}};
		struct mkkdump_map map;

		strcpy(kdump.header.uts.machine, "x86_64");
		kdump.header.time_sec = 4711;
		kdump.header.start_pfn = cuts[i];
		kdump.header.end_pfn = cuts[i + 1];
		mkkdump(&kdump, &set->files[i], &map);
		set->paths[i] = mkfile_path(&set->files[i]);
	}
}

static void set_deinit(struct set *set)
{
	for (size_t i = 0; i < 3; i++)
		mkfile_deinit(&set->files[i]);
}

static void check_all(const struct dump_reader *reader)
{
	struct dump d = {.reader = (struct dump_reader *)reader};
	struct dump_block blocks[16];
	uint8_t page[4096] = {0}, got[4096];
	size_t done;

	assert_ok(dump_scratch_create(reader, &d.scratch));
	for (uint64_t pfn = 0; pfn < 16; pfn++) {
		char letter = BLOCKS[pfn];
		enum dump_status status = dump_read(reader, d.scratch, pfn * 4096, got, 4096,
						    &done);

		assert_int_equal(status, letter == '.'   ? DUMP_ABSENT
					 : letter == 'x' ? DUMP_EXCLUDED
							 : DUMP_OK);
		if (status != DUMP_OK)
			continue;
		if (letter == '0')
			memset(page, 0, sizeof(page));
		else
			mkfile_memory(page, pfn * 4096, sizeof(page));
		assert_memory_equal(page, got, sizeof(page));
	}
	// across the files in one read
	expect(&d, 8 * 4096, 5 * 4096, DUMP_ABSENT);
	for (size_t i = 0; i < 16; i += done)
		reader->ops->blocks(reader, d.scratch, i, 16 - i, blocks + i, &done);
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(blocks[i].status == DUMP_OK, !strchr(".x", BLOCKS[i]));
	assert_int_equal(blocks[11].codec, CODEC_SNAPPY);
	dump_scratch_destroy(d.scratch);
}

static void any_order_of_files(void **state)
{
	static const uint64_t cuts[] = {0, 5, 10, 16};
	static const size_t orders[][3] = {{0, 1, 2}, {2, 0, 1}, {1, 2, 0}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		_cleanup_(set_deinit) struct set set;
		_cleanup_reader_ struct dump_reader *reader = NULL;
		const char *paths[3];

		make(&set, cuts, 3);
		for (size_t j = 0; j < 3; j++)
			paths[j] = set.paths[orders[i][j]];
		assert_ok(dump_open_inputs(paths, 3, NULL, &reader));
		assert_false(reader->facts.incomplete);
		assert_int_equal(reader->warning[0], 0);
		assert_int_equal(reader->facts.part_end, 0);
		assert_non_null(strstr(reader->variant, "of 3 files"));
		assert_int_equal(reader->facts.max_paddr, 16 * 4096);
		check_all(reader);
	}
}

static void one_file_has_its_part(void **state)
{
	static const uint64_t cuts[] = {5, 10};
	_cleanup_(set_deinit) struct set set;
	struct dump d = {0};

	(void)state;
	make(&set, cuts, 1);
	assert_ok(dump_open(set.paths[0], &d.reader));
	assert_ok(dump_scratch_create(d.reader, &d.scratch));
	assert_int_equal(d.reader->facts.part_start, 5 * 4096);
	assert_int_equal(d.reader->facts.part_end, 10 * 4096);
	expect(&d, 8 * 4096, 2 * 4096, DUMP_EXCLUDED);
	dump_scratch_destroy(d.scratch);
	dump_close(d.reader);
}

static void a_missing_file_leaves_a_gap(void **state)
{
	static const uint64_t cuts[] = {0, 5, 10, 16};
	_cleanup_(set_deinit) struct set set;
	_cleanup_reader_ struct dump_reader *reader = NULL;
	const char *paths[2];
	struct dump d = {0};

	(void)state;
	make(&set, cuts, 3);
	paths[0] = set.paths[0];
	paths[1] = set.paths[2];
	assert_ok(dump_open_inputs(paths, 2, NULL, &reader));
	assert_true(reader->facts.incomplete);
	assert_non_null(strstr(reader->warning, "missing, that with memory from 0x5000 to 0xa000"));
	d.reader = reader;
	assert_ok(dump_scratch_create(reader, &d.scratch));
	expect(&d, 8 * 4096, 0, DUMP_EXCLUDED);
	expect_run(&d, 5 * 4096, 5 * 4096, 10 * 4096, DUMP_EXCLUDED);
	expect(&d, 10 * 4096, 3 * 4096, DUMP_ABSENT);
	dump_scratch_destroy(d.scratch);
}

static void what_does_not_belong_together(void **state)
{
	static const uint64_t cuts[] = {0, 8, 16}, overlap[] = {0, 9, 16};
	_cleanup_(set_deinit) struct set set, other;
	struct dump_reader *reader = NULL;
	const char *paths[2];

	(void)state;
	make(&set, cuts, 2);
	make(&other, overlap, 2);
	paths[0] = other.paths[0];
	paths[1] = set.paths[1];
	assert_err(dump_open_inputs(paths, 2, NULL, &reader), ERROR_FORMAT,
		   "has memory from 0x8000 on, which");
	paths[0] = set.paths[1];
	assert_err(dump_open_inputs(paths, 2, NULL, &reader), ERROR_FORMAT, "from 0x8000 on");
	store_u64(other.files[1].data + 408, 1, false); // time of the crash
	paths[0] = set.paths[0];
	paths[1] = mkfile_path(&other.files[1]);
	assert_err(dump_open_inputs(paths, 2, NULL, &reader), ERROR_FORMAT,
		   "belongs to another dump than");
	store_u32(other.files[1].data + 4096 + 12, 0, false); // split
	paths[1] = mkfile_path(&other.files[1]);
	assert_err(dump_open_inputs(paths, 2, NULL, &reader), ERROR_USAGE,
		   "is not one file of a split set");
	paths[1] = "/dev/null";
	assert_err(dump_open_inputs(paths, 2, NULL, &reader), ERROR_FORMAT, "/dev/null");
	assert_null(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_of_files),
		cmocka_unit_test(one_file_has_its_part),
		cmocka_unit_test(a_missing_file_leaves_a_gap),
		cmocka_unit_test(what_does_not_belong_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
