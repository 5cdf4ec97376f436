// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pread
#include "dump/cache.h"

#include "dump/kdump_header.h"
#include "tests/support/dump.h"
#include "tests/support/mkelf.h"
#include "tests/support/mkkdump.h"
#include "util/sys.h"

ssize_t __real_sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off);

static unsigned int nr_preads;

ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off)
{
	nr_preads++;
	return __real_sys_pread(fd, buf, len, off);
}

static const struct mkelf_segment segments[] = {
	{.paddr = 0x1000, .memsz = 0x40000, .filesz = 0x40000},
	{.paddr = 0x50000, .memsz = 0x1000, .filesz = 0},
};
static const struct mkelf elf = {.segments = segments, .nr_segments = 2};

static void expect_cached(struct dump_cache *cache, uint64_t paddr, size_t len,
			  enum dump_status then)
{
	uint8_t got[0x4000], want[0x4000];
	size_t done = 4711;

	assert_true(len + 1 <= sizeof(got));
	mkfile_memory(want, paddr, len);
	assert_int_equal(dump_cache_read(cache, paddr, got, len + (then != DUMP_OK), &done), then);
	assert_int_equal(done, len);
	assert_memory_equal(got, want, len);
}

static void blocks_are_read_once(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	_cleanup_cache_ struct dump_cache *cache = NULL;

	mkelf(&elf, &d.file);
	open_file(&d);
	assert_ok(dump_cache_create(d.reader, 64 * 4096, &cache));
	nr_preads = 0;
	expect_cached(cache, 0x2008, 8, DUMP_OK);
	assert_int_equal(nr_preads, 1);
	for (uint64_t paddr = 0x2000; paddr < 0x3000; paddr += 8)
		expect_cached(cache, paddr, 8, DUMP_OK);
	assert_int_equal(nr_preads, 1);
	expect_cached(cache, 0x2ffc, 8, DUMP_OK); // over the edge
	assert_int_equal(nr_preads, 2);
	expect_cached(cache, 0x2000, 0x3000, DUMP_OK);
	assert_int_equal(nr_preads, 3);
}

static void the_block_not_used_for_longest_goes(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	_cleanup_cache_ struct dump_cache *cache = NULL;

	mkelf(&elf, &d.file);
	open_file(&d);
	assert_ok(dump_cache_create(d.reader, 0, &cache)); // has four blocks all the same
	for (uint64_t paddr = 0x1000; paddr < 0x5000; paddr += 0x1000)
		expect_cached(cache, paddr, 8, DUMP_OK);
	expect_cached(cache, 0x1000, 8, DUMP_OK);
	expect_cached(cache, 0x5000, 8, DUMP_OK); // in the place of 0x2000
	nr_preads = 0;
	expect_cached(cache, 0x1000, 8, DUMP_OK);
	expect_cached(cache, 0x3000, 8, DUMP_OK);
	expect_cached(cache, 0x4000, 8, DUMP_OK);
	expect_cached(cache, 0x5000, 8, DUMP_OK);
	assert_int_equal(nr_preads, 0);
	expect_cached(cache, 0x2000, 8, DUMP_OK);
	assert_int_equal(nr_preads, 1);
}

static void large_reads_go_past_it(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	_cleanup_cache_ struct dump_cache *cache = NULL;

	mkelf(&elf, &d.file);
	open_file(&d);
	assert_ok(dump_cache_create(d.reader, 4 * 4096, &cache));
	nr_preads = 0;
	expect_cached(cache, 0x2000, 0x3000, DUMP_OK);
	expect_cached(cache, 0x2000, 0x3000, DUMP_OK);
	assert_int_equal(nr_preads, 2);
}

static void what_is_not_there_is_said(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	_cleanup_cache_ struct dump_cache *cache = NULL;

	mkelf(&elf, &d.file);
	open_file(&d);
	assert_ok(dump_cache_create(d.reader, 64 * 4096, &cache));
	expect_cached(cache, 0xff0, 0, DUMP_ABSENT);
	expect_cached(cache, 0x40ff0, 16, DUMP_ABSENT);
	expect_cached(cache, 0x50010, 0, DUMP_EXCLUDED);
	expect_cached(cache, UINT64_MAX - 3, 0, DUMP_ABSENT);
}

/* The file ends inside of a block: what there is of it is given out, again and again. */
static void damage_inside_of_a_block_costs_its_rest(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	_cleanup_cache_ struct dump_cache *cache = NULL;

	mkelf(&elf, &d.file);
	mkfile_resize(&d.file, 0x1800);
	open_file(&d);
	assert_ok(dump_cache_create(d.reader, 64 * 4096, &cache));
	for (int i = 0; i < 2; i++) {
		expect_cached(cache, 0x1010, 8, DUMP_OK);
		expect_cached(cache, 0x17f0, 16, DUMP_UNREADABLE);
		assert_non_null(strstr(dump_cache_why(cache), "the file ends there"));
		expect_cached(cache, 0x1900, 0, DUMP_UNREADABLE);
	}
}

static void compressed_blocks_are_decoded_once(void **state)
{
	static const struct mkkdump kdump = {.header = {.uts = {.machine = "x86_64"}},
					     .blocks = "rrrr"};
	_cleanup_dump_ struct dump d = {0};
	_cleanup_cache_ struct dump_cache *cache = NULL;
	struct mkkdump_map map;

	mkkdump(&kdump, &d.file, &map);
	open_file(&d);
	assert_ok(dump_cache_create(d.reader, 64 * 4096, &cache));
	expect_cached(cache, 0x3000, 8, DUMP_OK);
	expect_cached(cache, 0x1000, 8, DUMP_OK);
	nr_preads = 0;
	expect_cached(cache, 0x3ff8, 8, DUMP_ABSENT);
	assert_int_equal(nr_preads, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_read_once),
		cmocka_unit_test(the_block_not_used_for_longest_goes),
		cmocka_unit_test(large_reads_go_past_it),
		cmocka_unit_test(what_is_not_there_is_said),
		cmocka_unit_test(damage_inside_of_a_block_costs_its_rest),
		cmocka_unit_test(compressed_blocks_are_decoded_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
