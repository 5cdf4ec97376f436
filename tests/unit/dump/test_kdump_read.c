// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pread
#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "dump/codec.h"
#include "dump/notes.h"
#include "tests/support/dump.h"
#include "tests/support/mkkdump.h"
#include "util/sys.h"

ssize_t __real_sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off);

static off_t bad_from, bad_to; // a stretch of the medium that cannot be read
static unsigned int nr_preads;

ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off)
{
	nr_preads++;
	if (off < bad_to && off + (off_t)len > bad_from) {
		errno = EIO;
		return -1;
	}
	return __real_sys_pread(fd, buf, len, off);
}

static int setup(void **state)
{
	bad_from = bad_to = 0;
	nr_preads = 0;
	return 0;
}

#define PAGE 4096

static bool all_codecs(void)
{
	for (size_t i = 0; i < nr_codecs; i++) {
		if (!codec_available(codecs[i]))
			return false;
	}
	return true;
}

static struct kdump_header header(const char *machine)
{
	struct kdump_header h = {.abi = KDUMP_ABI_64, .nr_cpus = 3};

	snprintf(h.uts.machine, sizeof(h.uts.machine), "%s", machine);
	return h;
}

static struct mkkdump sample(const char *blocks)
{
	return (struct mkkdump){.header = header("x86_64"), .blocks = blocks};
}

static void open_kdump(struct dump *d, const struct mkkdump *k)
{
	struct mkkdump_map map;

	mkkdump(k, &d->file, &map);
	open_file(d);
}

/* What each letter of a block map promises. */
static enum dump_status status_of(char letter)
{
	switch (letter) {
	case '\0':
	case '.': return DUMP_ABSENT;
	case 'x': return DUMP_EXCLUDED;
	case '!': return DUMP_UNREADABLE;
	default: return DUMP_OK;
	}
}

/* Reads every block on its own and the whole by one read that begins in the middle of a block. */
static void expect_blocks(struct dump *d, const char *blocks, uint64_t first, size_t size)
{
	static const uint8_t zero[64];
	size_t run = 0;

	for (size_t i = 0; blocks[i]; i++) {
		uint64_t paddr = (first + i) * size;
		uint8_t buf[64];
		size_t done;

		if (blocks[i] == '0') {
			assert_int_equal(
				dump_read(d->reader, d->scratch, paddr, buf, sizeof(buf), &done),
				DUMP_OK);
			assert_memory_equal(buf, zero, sizeof(buf));
		} else if (status_of(blocks[i]) == DUMP_OK) {
			expect(d, paddr, size, DUMP_OK);
			expect(d, paddr + 100, size - 200, DUMP_OK);
		} else {
			expect(d, paddr, 0, status_of(blocks[i]));
		}
	}
	while (blocks[run] != '0' && status_of(blocks[run]) == DUMP_OK)
		run++;
	if (run)
		expect(d, first * size + 50, run * size - 50,
		       blocks[run] == '0' ? DUMP_OK : status_of(blocks[run]));
}

static void reads_all_codecs_mixed(void **state)
{
	static const char blocks[] = "rzlsdrzlsd..xx0r0!zx.d";
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample(blocks);

	if (!all_codecs())
		skip();
	open_kdump(&d, &k);
	assert_string_equal(d.reader->format->name, "kdump");
	assert_string_equal(d.reader->warning, "");
	expect_blocks(&d, blocks, 0, PAGE);
	expect_run(&d, 0, 0, 10 * PAGE, DUMP_OK);
	expect_run(&d, 10 * PAGE, 10 * PAGE, 12 * PAGE, DUMP_ABSENT);
	expect_run(&d, 12 * PAGE, 12 * PAGE, 14 * PAGE, DUMP_EXCLUDED);
	expect_run(&d, 14 * PAGE, 14 * PAGE, 19 * PAGE, DUMP_OK);
	expect_run(&d, 22 * PAGE, 22 * PAGE, UINT64_MAX, DUMP_ABSENT);
	expect(&d, 1ULL << 40, 0, DUMP_ABSENT);
	expect(&d, UINT64_MAX, 0, DUMP_ABSENT);
}

static void reads_any_layout_order_and_block_size(void **state)
{
	static const char blocks[] = "rz.xzrrz0!";
	static const struct {
		const char *machine;
		enum kdump_abi abi;
		bool big_endian;
	} layouts[] = {
		{"x86_64", KDUMP_ABI_64, false},         {"s390x", KDUMP_ABI_64, true},
		{"i686", KDUMP_ABI_32_PACKED, false},    {"armv7l", KDUMP_ABI_32_PADDED, false},
		{"armv7l", KDUMP_ABI_32_TIME64, false},  {"ppc", KDUMP_ABI_32_PADDED, true},
		{"Unknown", KDUMP_ABI_64, true},         {"Unknown", KDUMP_ABI_64, false},
		{"Unknown", KDUMP_ABI_32_PACKED, false},
	};

	if (!codec_available(codec_find(CODEC_ZLIB)))
		skip();
	for (size_t i = 0; i < 4 * sizeof(layouts) / sizeof(layouts[0]); i++) {
		_cleanup_dump_ struct dump d = {0};
		struct mkkdump k = {.header = header(layouts[i / 4].machine), .blocks = blocks};
		uint32_t size = i % 2 ? 65536 : 4096;

		k.header.abi = layouts[i / 4].abi;
		k.header.big_endian = layouts[i / 4].big_endian;
		k.header.block_size = size;
		k.data_first = i & 2;
		k.backwards = i & 2;
		open_kdump(&d, &k);
		assert_int_equal(d.reader->facts.block_size, size);
		assert_int_equal(d.reader->facts.big_endian, k.header.big_endian);
		assert_int_equal(d.reader->facts.word, k.header.abi == KDUMP_ABI_64 ? 8 : 4);
		assert_int_equal(d.reader->facts.max_paddr, 10 * (uint64_t)size);
		expect_blocks(&d, blocks, 0, size);
	}
}

static void every_version_is_read(void **state)
{
	for (uint32_t version = 1; version <= 6; version++) {
		_cleanup_dump_ struct dump d = {0};
		struct mkkdump k = sample("r.xr");
		char want[32];

		k.header.version = version;
		k.header.status = CODEC_LZO;
		open_kdump(&d, &k);
		snprintf(want, sizeof(want), "version %u, lzo", version);
		assert_string_equal(d.reader->variant, want);
		expect_blocks(&d, k.blocks, 0, PAGE);
	}
}

static void diskdump_with_a_single_bitmap_is_read(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample("rr..r");

	k.header.diskdump = true;
	k.header.bitmap_blocks = 1;
	k.header.status = 1;
	open_kdump(&d, &k);
	assert_true(d.reader->facts.incomplete);
	expect_blocks(&d, k.blocks, 0, PAGE);
}

static void fills_the_facts(void **state)
{
	static const char text[] = "OSRELEASE=6.1.0\n";
	_cleanup_dump_ struct dump d = {0};
	_cleanup_free_ void *notes = NULL;
	struct mkkdump k = sample("rrrr");

	assert_ok(notes_append(&notes, &k.notes_len, false, "CORE", NT_PRSTATUS, "r", 1));
	assert_ok(notes_append(&notes, &k.notes_len, false, "VMCOREINFO", 0, text, 16));
	k.notes = notes;
	k.header.phys_base = 0x1234000;
	k.header.dump_level = 31;
	k.header.time_sec = 1700000000;
	k.header.time_usec = 5;
	k.header.status = CODEC_ZLIB | KDUMP_STATUS_INCOMPLETE;
	strcpy(k.header.uts.sysname, "Linux");
	strcpy(k.header.uts.release, "6.1.0-header");
	open_kdump(&d, &k);
	assert_int_equal(d.reader->facts.machine, EM_X86_64);
	assert_int_equal(d.reader->facts.phys_base, 0x1234000);
	assert_int_equal(d.reader->facts.dump_level, 31);
	assert_int_equal(d.reader->facts.time_sec, 1700000000);
	assert_int_equal(d.reader->facts.time_usec, 5);
	assert_int_equal(d.reader->facts.nr_cpus, 1);
	assert_true(d.reader->facts.incomplete);
	assert_non_null(strstr(d.reader->warning, "incomplete"));
	assert_string_equal(d.reader->facts.uts.release, "6.1.0-header");
	assert_int_equal(d.reader->facts.notes_len, k.notes_len);
	assert_memory_equal(d.reader->facts.notes, notes, k.notes_len);
	assert_int_equal(d.reader->facts.vmcoreinfo_len, 16);
	assert_memory_equal(d.reader->facts.vmcoreinfo, text, 16);
	assert_string_equal(d.reader->variant, "version 6, zlib");
}

/* Version 3 has no notes; the text may stand anywhere, and so may eraseinfo. */
static void vmcoreinfo_and_eraseinfo_are_found_by_offset(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample("rrrr");
	struct mkkdump_map map;

	k.header.off_vmcoreinfo = 0x40000;
	k.header.size_vmcoreinfo = 4;
	k.header.off_eraseinfo = 0x40100;
	k.header.size_eraseinfo = 6;
	mkkdump(&k, &d.file, &map);
	mkfile_put(&d.file, 0x40000, "A=1\n", 4);
	mkfile_put(&d.file, 0x40100, "erase\n", 6);
	open_file(&d);
	assert_int_equal(d.reader->facts.vmcoreinfo_len, 4);
	assert_memory_equal(d.reader->facts.vmcoreinfo, "A=1\n", 4);
	assert_int_equal(d.reader->facts.eraseinfo_len, 6);
	assert_memory_equal(d.reader->facts.eraseinfo, "erase\n", 6);
	assert_int_equal(d.reader->facts.nr_cpus, 3);
}

/* QEMU's files of arm64 and others. */
static void registers_tell_an_unknown_machine(void **state)
{
	static const char regs[392];
	_cleanup_dump_ struct dump d = {0};
	_cleanup_free_ void *notes = NULL;
	struct mkkdump k = {.header = header("Unknown"), .blocks = "r"};

	assert_ok(notes_append(&notes, &k.notes_len, false, "CORE", NT_PRSTATUS, regs, 392));
	k.notes = notes;
	open_kdump(&d, &k);
	assert_int_equal(d.reader->facts.machine, EM_AARCH64);
	assert_string_equal(d.reader->facts.uts.machine, "aarch64");
}

static void arm_counts_from_phys_base(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = {.header = header("armv7l"), .blocks = "rxr"};
	struct dump_block blocks[4];
	size_t done;

	k.header.abi = KDUMP_ABI_32_PADDED;
	k.header.phys_base = 0x80000000;
	open_kdump(&d, &k);
	expect_blocks(&d, k.blocks, 0x80000, PAGE);
	expect(&d, 0, 0, DUMP_ABSENT);
	expect_run(&d, 0x1000, 0, 0x80000000, DUMP_ABSENT);
	assert_int_equal(d.reader->facts.max_paddr, 0x80003000);
	d.reader->ops->blocks(d.reader, d.scratch, 0x7ffff, 4, blocks, &done);
	assert_int_equal(done, 4);
	assert_int_equal(blocks[0].status, DUMP_ABSENT);
	assert_int_equal(blocks[1].status, DUMP_OK);
	assert_int_equal(blocks[1].data[0], mkfile_byte(0x80000000));
	assert_int_equal(blocks[2].status, DUMP_EXCLUDED);
}

static void one_file_of_a_split_set_has_its_range(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample("rrrrrrr.x");

	k.header.split = true;
	k.header.start_pfn = 2;
	k.header.end_pfn = 5;
	open_kdump(&d, &k);
	assert_non_null(strstr(d.reader->warning, "split set, has physical 0x2000 to 0x5000 only"));
	expect_blocks(&d, "xxrrrxx.x", 0, PAGE);
}

/* A bit of the 2nd bitmap that the 1st has not. */
static void what_is_stored_was_ram(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample("r.rr");
	struct mkkdump_map map;

	mkkdump(&k, &d.file, &map);
	d.file.data[map.bitmap1] = 0;
	open_file(&d);
	expect_blocks(&d, k.blocks, 0, PAGE);
}

static void bits_beyond_max_mapnr_do_not_count(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample("rrr");
	struct mkkdump_map map;

	mkkdump(&k, &d.file, &map);
	memset(d.file.data + map.bitmap1, 0xff, 16);
	memset(d.file.data + map.bitmap2, 0xff, 16);
	open_file(&d);
	assert_string_equal(d.reader->warning, "");
	expect(&d, 0, 3 * PAGE, DUMP_ABSENT);
	expect_run(&d, 0, 0, 3 * PAGE, DUMP_OK);
}

static void a_bad_descriptor_costs_its_block_only(void **state)
{
	static const struct {
		size_t off;
		uint32_t value;
		const char *why;
	} bad[] = {
		{0, 0, "was lost when the target was full"},
		{3, 0x7f, "lies beyond the end of the file"}, // the top of the offset
		{8, 0, "has a wrong size"},
		{8, 4097, "has a wrong size"},
		{8, 4095, "has a wrong size"}, // not compressed
		{8, 0xffffffff, "has a wrong size"},
		{12, 0x3, "has unknown flags"},
		{12, 0x8, "has unknown flags"},
		{12, 0x80000001, "has unknown flags"},
		{12, 0x1, "compressed data are damaged"},
	};

	if (!codec_available(codec_find(CODEC_ZLIB)))
		skip();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		_cleanup_dump_ struct dump d = {0};
		struct mkkdump k = sample("rrr");
		struct mkkdump_map map;

		mkkdump(&k, &d.file, &map);
		store_u32(d.file.data + map.descs + KDUMP_DESC_LEN + bad[i].off, bad[i].value,
			  false);
		open_file(&d);
		expect(&d, 0, PAGE, DUMP_UNREADABLE);
		if (!strstr(d.scratch->why, bad[i].why) ||
		    !strstr(d.scratch->why, "block at physical 0x1000"))
			fail_msg("%zu: %s", i, d.scratch->why);
		expect(&d, 2 * PAGE, PAGE, DUMP_ABSENT);
	}
}

static void a_cut_file_opens_and_says_so(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample("rrrr");
	struct mkkdump_map map;

	mkkdump(&k, &d.file, &map);
	mkfile_resize(&d.file, map.data + 2 * PAGE + 100);
	open_file(&d);
	assert_true(d.reader->facts.truncated);
	assert_non_null(strstr(d.reader->warning, "truncated: the file ends at"));
	expect(&d, 0, 2 * PAGE, DUMP_UNREADABLE);
	assert_non_null(strstr(d.scratch->why, "lies beyond the end of the file"));
	expect(&d, 3 * PAGE, 0, DUMP_UNREADABLE);
	expect_run(&d, 0, 0, 4 * PAGE, DUMP_OK);
}

static void a_file_cut_in_its_descriptors_opens(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample("rrrr");
	struct mkkdump_map map;

	k.data_first = true;
	mkkdump(&k, &d.file, &map);
	mkfile_resize(&d.file, map.descs + 2 * KDUMP_DESC_LEN + 1);
	open_file(&d);
	assert_true(d.reader->facts.truncated);
	expect(&d, 0, 2 * PAGE, DUMP_UNREADABLE);
	assert_non_null(strstr(d.scratch->why, "has no descriptor"));
}

static void a_file_cut_in_its_bitmaps_does_not_open(void **state)
{
	_cleanup_mkfile_ struct mkfile file = {0};
	struct mkkdump k = sample("rrrr");
	struct dump_reader *reader;
	struct mkkdump_map map;

	mkkdump(&k, &file, &map);
	mkfile_resize(&file, map.bitmap2);
	assert_err(dump_open(mkfile_path(&file), &reader), ERROR_FORMAT,
		   "file ends at offset 0x3000, in or before the bitmap at 0x3000");
	mkfile_resize(&file, map.bitmap1);
	assert_err(dump_open(mkfile_path(&file), &reader), ERROR_FORMAT, "0x2000, in or before");
}

static void a_read_error_costs_what_it_hits(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample("rrrr");
	struct mkkdump_map map;
	struct dump_block blocks[4];
	size_t done;

	mkkdump(&k, &d.file, &map);
	open_file(&d);
	bad_from = (off_t)map.data + 2 * PAGE + 512;
	bad_to = bad_from + 512;
	expect(&d, 0, 2 * PAGE, DUMP_UNREADABLE);
	assert_non_null(strstr(d.scratch->why, "physical 0x2000 could not be read"));
	expect(&d, 3 * PAGE, PAGE, DUMP_ABSENT);
	d.reader->ops->blocks(d.reader, d.scratch, 0, 4, blocks, &done);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(blocks[i].status, i == 2 ? DUMP_UNREADABLE : DUMP_OK);
}

static void unreadable_bitmaps_are_no_ram(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample("rrrr");

	open_kdump(&d, &k);
	bad_to = 1 << 20;
	expect(&d, 0, 0, DUMP_UNREADABLE);
	expect_run(&d, 0, 0, PAGE, DUMP_ABSENT);
}

static void blocks_come_undecoded(void **state)
{
	static const char letters[] = "zr.x0!l";
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample(letters);
	struct dump_block blocks[7];
	struct codec_set set;
	const char *why;
	size_t done = 0;

	if (!all_codecs())
		skip();
	open_kdump(&d, &k);
	codec_set_init(&set, PAGE);
	d.reader->ops->blocks(d.reader, d.scratch, 0, 7, blocks, &done);
	assert_int_equal(done, 7);
	for (size_t i = 0; i < 7; i++) {
		uint8_t got[PAGE], want[PAGE];

		assert_int_equal(blocks[i].status, status_of(letters[i]));
		if (blocks[i].status != DUMP_OK) {
			assert_null(blocks[i].data);
			continue;
		}
		mkfile_memory(want, i * PAGE, PAGE);
		if (letters[i] == '0')
			memset(want, 0, PAGE);
		assert_true(codec_set_decode(&set, blocks[i].codec, blocks[i].data, blocks[i].len,
					     got, &why));
		assert_memory_equal(got, want, PAGE);
	}
	assert_int_equal(blocks[0].codec, CODEC_ZLIB);
	assert_true(blocks[0].len < PAGE);
	assert_int_equal(blocks[1].codec, CODEC_NONE);
	assert_int_equal(blocks[1].len, PAGE);
	assert_non_null(strstr(d.scratch->why, "physical 0x5000 was lost"));
	codec_set_deinit(&set);
}

static void blocks_are_given_up_to_the_end_and_beyond(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkkdump k = sample("rr");
	struct dump_block blocks[300];
	size_t done = 0;

	open_kdump(&d, &k);
	d.reader->ops->blocks(d.reader, d.scratch, 1, 300, blocks, &done);
	assert_int_equal(done, 256);
	assert_int_equal(blocks[0].status, DUMP_OK);
	for (size_t i = 1; i < done; i++)
		assert_int_equal(blocks[i].status, DUMP_ABSENT);
}

/* 4 MiB of compressed blocks: the calls of the system are counted. */
static void neighbours_are_read_together(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	char letters[1025] = {0};
	struct mkkdump k = sample(letters);

	if (!codec_available(codec_find(CODEC_LZO)))
		skip();
	memset(letters, 'l', 1024);
	open_kdump(&d, &k);
	nr_preads = 0;
	expect(&d, 0, 1024 * PAGE, DUMP_ABSENT);
	assert_true(nr_preads <= 2 + 2 + 4); // bitmaps, descriptors, 4 batches of 256 blocks
}

/* What is left by a filter: the gaps between runs cost nothing, since they are none in the file. */
static void runs_with_gaps_are_read_ahead(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	char letters[1025] = {0};
	struct mkkdump k = sample(letters);

	for (size_t i = 0; i < 1024; i++)
		letters[i] = i % 4 == 3 ? 'x' : 'r';
	open_kdump(&d, &k);
	nr_preads = 0;
	for (size_t i = 0; i < 1024; i += 4)
		expect(&d, i * PAGE, 3 * PAGE, DUMP_EXCLUDED);
	assert_true(nr_preads < 20);
}

/* One block, asked for alone, costs the file no more than itself. */
static void a_lone_block_is_read_alone(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	char letters[1025] = {0};
	struct mkkdump k = sample(letters);

	memset(letters, 'r', 1024);
	open_kdump(&d, &k);
	expect(&d, 900 * PAGE, 8, DUMP_OK);
	nr_preads = 0;
	expect(&d, 900 * PAGE + 8, 8, DUMP_OK);
	assert_int_equal(nr_preads, 0); // is still there
	expect(&d, 300 * PAGE, 8, DUMP_OK);
	assert_int_equal(nr_preads, 2); // descriptors and data
}

static void shared_and_scattered_data_are_found(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	char letters[301] = {0};
	struct mkkdump k = sample(letters);

	for (size_t i = 0; i < 300; i++)
		letters[i] = "0r"[i % 3 == 2];
	k.backwards = true;
	open_kdump(&d, &k);
	expect_blocks(&d, letters, 0, PAGE);
}

static void any_damage_to_the_index_is_survived(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	_cleanup_mkfile_ struct mkfile file = {0};
	struct mkkdump k = sample("rz.xr");
	struct mkkdump_map map;

	if (!codec_available(codec_find(CODEC_ZLIB)))
		skip();
	mkkdump(&k, &file, &map);
	for (size_t i = 8; i < map.data; i++) {
		uint8_t was;

		if (i == 464)
			i = PAGE;
		if (i == PAGE + KDUMP_SUB_LEN)
			i = map.bitmap1;
		if (i == map.bitmap1 + 2)
			i = map.bitmap2;
		if (i == map.bitmap2 + 2)
			i = map.descs;
		was = file.data[i];
		for (size_t v = 0; v < sizeof(values); v++) {
			_cleanup_reader_ struct dump_reader *reader = NULL;
			_cleanup_scratch_ struct dump_scratch *scratch = NULL;
			uint8_t buf[3 * PAGE];
			size_t done;

			file.data[i] = values[v];
			if (error_ignore(dump_open(mkfile_path(&file), &reader)))
				continue;
			assert_ok(dump_scratch_create(reader, &scratch));
			dump_read(reader, scratch, 100, buf, sizeof(buf), &done);
			assert_true(done <= sizeof(buf));
		}
		file.data[i] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads_all_codecs_mixed, setup),
		cmocka_unit_test_setup(reads_any_layout_order_and_block_size, setup),
		cmocka_unit_test_setup(every_version_is_read, setup),
		cmocka_unit_test_setup(diskdump_with_a_single_bitmap_is_read, setup),
		cmocka_unit_test_setup(fills_the_facts, setup),
		cmocka_unit_test_setup(vmcoreinfo_and_eraseinfo_are_found_by_offset, setup),
		cmocka_unit_test_setup(registers_tell_an_unknown_machine, setup),
		cmocka_unit_test_setup(arm_counts_from_phys_base, setup),
		cmocka_unit_test_setup(one_file_of_a_split_set_has_its_range, setup),
		cmocka_unit_test_setup(what_is_stored_was_ram, setup),
		cmocka_unit_test_setup(bits_beyond_max_mapnr_do_not_count, setup),
		cmocka_unit_test_setup(a_bad_descriptor_costs_its_block_only, setup),
		cmocka_unit_test_setup(a_cut_file_opens_and_says_so, setup),
		cmocka_unit_test_setup(a_file_cut_in_its_descriptors_opens, setup),
		cmocka_unit_test_setup(a_file_cut_in_its_bitmaps_does_not_open, setup),
		cmocka_unit_test_setup(a_read_error_costs_what_it_hits, setup),
		cmocka_unit_test_setup(unreadable_bitmaps_are_no_ram, setup),
		cmocka_unit_test_setup(blocks_come_undecoded, setup),
		cmocka_unit_test_setup(blocks_are_given_up_to_the_end_and_beyond, setup),
		cmocka_unit_test_setup(neighbours_are_read_together, setup),
		cmocka_unit_test_setup(runs_with_gaps_are_read_ahead, setup),
		cmocka_unit_test_setup(a_lone_block_is_read_alone, setup),
		cmocka_unit_test_setup(shared_and_scattered_data_are_found, setup),
		cmocka_unit_test_setup(any_damage_to_the_index_is_survived, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
