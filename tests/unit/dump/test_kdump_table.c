// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pwrite
#include "dump/kdump_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/flattened.h"
#include "dump/kdump_header.h"
#include "tests/support/memreader.h"
#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/file.h"
#include "util/sys.h"

#define BS       4096U
#define ZERO_OFF 0x1234

static int writes_left = -1;
static uint64_t written;

ssize_t __real_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off);

ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	if (!writes_left) {
		errno = EIO;
		return -1;
	}
	writes_left--;
	written += len;
	return __real_sys_pwrite(fd, buf, len, off);
}

struct fixture {
	struct memreader ram;
	struct kdump_header header;
	struct target *target;
	struct sink sink;
	struct kdump_table table;
};

static void begin(struct fixture *f, const char *map, bool sparse)
{
	memset(f, 0, sizeof(*f));
	memreader_init(&f->ram, BS, map);
	f->header = (struct kdump_header){
		.block_size = BS,
		.sub_hdr_size = 2,
		.max_mapnr = f->ram.reader.facts.max_paddr / BS,
		.uts = f->ram.reader.facts.uts,
	};
	f->header.bitmap_blocks = (uint32_t)(2 * kdump_bitmap_blocks(f->header.max_mapnr, BS));
	f->target = file_target(workdir_path("table"));
	sink_init(&f->sink, f->target);
	written = 0;
	assert_ok(kdump_table_init(&f->table, &f->sink, &f->header, ZERO_OFF, sparse));
}

static void end(struct fixture *f)
{
	kdump_table_deinit(&f->table);
	sink_deinit(&f->sink);
	target_destroy(f->target);
}

static bool bit_at(struct fixture *f, unsigned int bitmap, uint64_t pfn)
{
	uint64_t off = kdump_bitmap_off(&f->header) +
		       bitmap * (uint64_t)f->header.bitmap_blocks / 2 * BS + pfn / 8;
	uint8_t byte;

	assert_ok(target_read(f->target, off, &byte, 1));
	return byte >> pfn % 8 & 1;
}

static struct kdump_desc desc_at(struct fixture *f, uint64_t n)
{
	uint8_t desc[KDUMP_DESC_LEN];

	assert_ok(target_read(f->target, kdump_desc_off(&f->header) + n * KDUMP_DESC_LEN, desc,
			      sizeof(desc)));
	assert_int_equal(load_u64(desc + 16, false), 0);
	return kdump_desc_load(desc, f->header.big_endian);
}

/* A record of 64 blocks, empty so far. */
union small_record {
	uint64_t words[3 + 1 + 32];
	struct kdump_record record;
};

static void fill(union small_record *r, uint64_t pfn, uint64_t off)
{
	memset(r, 0, sizeof(*r));
	r->record.pfn = pfn;
	r->record.off = off;
	r->record.nr = 64;
}

static void fill_block(union small_record *r, uint32_t i, uint32_t entry)
{
	r->record.keep[0] |= 1ULL << i;
	kdump_record_entries(&r->record)[r->record.nr_kept++] = entry;
}

static struct error *add(struct fixture *f, uint64_t pfn, uint64_t off, uint64_t keep,
			 uint32_t first_entry)
{
	union small_record r;
	const struct kdump_record *record = &r.record;

	fill(&r, pfn, off);
	for (uint32_t i = 0; i < 64; i++) {
		uint32_t len = first_entry + record->nr_kept;

		if (keep >> i & 1)
			fill_block(&r, i, first_entry ? KDUMP_ENTRY(len, 2) : KDUMP_ENTRY_ZERO);
	}
	return kdump_table_add(&f->table, &record, 1);
}

static void test_bitmaps_and_descs(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "3t 5. 70x 30000. 9t", true);
	assert_ok(kdump_table_ram(&f.table, &f.ram.reader));
	assert_ok(add(&f, 0, 0x10000, 0x5, 100));
	assert_ok(add(&f, 64, 0x20000, 1, 0));
	assert_ok(add(&f, 30078, 0x30000, 0x1ff, 1000));
	assert_ok(kdump_table_end(&f.table));
	for (uint64_t pfn = 0; pfn < f.header.max_mapnr; pfn++) {
		bool kept = pfn == 0 || pfn == 2 || pfn == 64 || pfn >= 30078;

		assert_int_equal(bit_at(&f, 0, pfn),
				 pfn < 3 || (pfn >= 8 && pfn < 78) || pfn >= 30078);
		assert_int_equal(bit_at(&f, 1, pfn), kept);
	}
	assert_int_equal(f.table.nr_descs, 12);
	assert_int_equal(kdump_table_end_off(&f.table), kdump_desc_off(&f.header) + 12 * 24);
	assert_int_equal(desc_at(&f, 0).off, 0x10000);
	assert_int_equal(desc_at(&f, 0).size, 100);
	assert_int_equal(desc_at(&f, 0).flags, 2);
	assert_int_equal(desc_at(&f, 1).off, 0x10000 + 100);
	assert_int_equal(desc_at(&f, 1).size, 101);
	// the shared zero block is raw
	assert_int_equal(desc_at(&f, 2).off, ZERO_OFF);
	assert_int_equal(desc_at(&f, 2).size, BS);
	assert_int_equal(desc_at(&f, 2).flags, 0);
	assert_int_equal(desc_at(&f, 11).off, 0x30000 + 8 * 1000 + 28);
	assert_int_equal(f.table.written, written);
	end(&f);
}

/* More than one window of bitmap and of descriptors; holes are left out only where they may be. */
static void test_windows(void **state)
{
	(void)state;
	for (int sparse = 0; sparse < 2; sparse++) {
		struct fixture f;
		uint64_t nr = 0;

		// 64 KiB of bitmap are 524288 blocks
		begin(&f, "100t 3000000. 20000t 10.", sparse);
		assert_ok(kdump_table_ram(&f.table, &f.ram.reader));
		for (uint64_t pfn = 3000100; pfn + 64 <= 3020100; pfn += 64, nr += 64)
			assert_ok(add(&f, pfn, pfn * 4096, UINT64_MAX, 1));
		assert_ok(kdump_table_end(&f.table));
		assert_int_equal(f.table.nr_descs, nr);
		assert_true(bit_at(&f, 0, 0) && bit_at(&f, 0, 99) && !bit_at(&f, 0, 100));
		assert_true(!bit_at(&f, 0, 3000099) && bit_at(&f, 0, 3000100));
		assert_true(bit_at(&f, 0, 3020099) && !bit_at(&f, 0, 3020100));
		assert_true(!bit_at(&f, 1, 0) && bit_at(&f, 1, 3000100));
		assert_true(bit_at(&f, 1, 3000100 + nr - 1) && !bit_at(&f, 1, 3000100 + nr));
		assert_int_equal(desc_at(&f, nr - 1).size, 64);
		assert_int_equal(f.table.written, written);
		if (sparse)
			assert_true(written < 4 * 65536 + nr * 24);
		else
			assert_int_equal(written, f.header.bitmap_blocks * BS + nr * 24);
		end(&f);
	}
}

/* Nothing kept: the file still reaches to the end of its bitmaps. */
static void test_nothing_kept(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "1000000x", true);
	assert_ok(kdump_table_ram(&f.table, &f.ram.reader));
	assert_ok(kdump_table_end(&f.table));
	assert_true(bit_at(&f, 0, 999999));
	assert_false(bit_at(&f, 1, 999999));
	end(&f);
}

/* A block that two passes have gets one descriptor; both records go on. */
static void test_passes(void **state)
{
	union small_record a, b;
	const struct kdump_record *records[] = {&a.record, &b.record};
	struct fixture f;

	(void)state;
	fill(&a, 0, 1000);
	fill_block(&a, 0, KDUMP_ENTRY(10, 1));
	fill_block(&a, 1, KDUMP_ENTRY(20, 1));
	fill(&b, 0, 5000);
	fill_block(&b, 1, KDUMP_ENTRY(30, 1));
	fill_block(&b, 2, KDUMP_ENTRY(40, 1));
	begin(&f, "64t", true);
	assert_ok(kdump_table_ram(&f.table, &f.ram.reader));
	assert_ok(kdump_table_add(&f.table, records, 2));
	assert_ok(kdump_table_end(&f.table));
	assert_int_equal(f.table.nr_descs, 3);
	assert_int_equal(desc_at(&f, 0).off, 1000);
	assert_int_equal(desc_at(&f, 1).off, 1010);
	assert_int_equal(desc_at(&f, 2).off, 5030);
	assert_int_equal(desc_at(&f, 2).size, 40);
	end(&f);
}

/* 32-bit ARM counts blocks from the start of RAM; big-endian descriptors. */
static void test_arm(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "16. 64t", true);
	kdump_table_deinit(&f.table);
	f.header.abi = KDUMP_ABI_32_PADDED;
	snprintf(f.header.uts.machine, sizeof(f.header.uts.machine), "%s", "armv7l");
	f.header.phys_base = 16 * BS;
	f.header.max_mapnr = 64;
	f.header.big_endian = true;
	assert_ok(kdump_table_init(&f.table, &f.sink, &f.header, ZERO_OFF, true));
	assert_ok(kdump_table_ram(&f.table, &f.ram.reader));
	assert_ok(add(&f, 10, 0x10000, 0xff, 1)); // 6 of them below the start
	assert_ok(kdump_table_end(&f.table));
	for (uint64_t pfn = 0; pfn < 64; pfn++) {
		assert_true(bit_at(&f, 0, pfn));
		assert_int_equal(bit_at(&f, 1, pfn), pfn < 2);
	}
	assert_int_equal(f.table.nr_descs, 2);
	assert_int_equal(desc_at(&f, 0).off, 0x10000 + 1 + 2 + 3 + 4 + 5 + 6);
	end(&f);
}

/* Without a sink the same bytes are counted, and none written. */
static void test_counted(void **state)
{
	struct kdump_table dry;
	struct fixture f;

	(void)state;
	begin(&f, "100t 3000000. 20000t 10.", true);
	assert_ok(kdump_table_init(&dry, NULL, &f.header, ZERO_OFF, true));
	assert_ok(kdump_table_ram(&dry, &f.ram.reader));
	assert_int_equal(written, 0);
	assert_ok(kdump_table_ram(&f.table, &f.ram.reader));
	assert_int_equal(dry.written, written);
	kdump_table_deinit(&dry);
	end(&f);
}

static struct error *all(struct fixture *f)
{
	struct error *err = kdump_table_ram(&f->table, &f->ram.reader);

	for (uint64_t pfn = 0; !err && pfn < 64000; pfn += 64)
		err = add(f, pfn, 0x10000, UINT64_MAX, 1);
	return err ? err : kdump_table_end(&f->table);
}

static void test_write_fails(void **state)
{
	struct fixture f;
	int n = 0;

	(void)state;
	for (;; n++) {
		struct error *err;

		begin(&f, "64000t 3000000.", false);
		writes_left = n;
		err = all(&f);
		writes_left = -1;
		end(&f);
		if (!err)
			break;
		assert_err(err, ERROR_OS, "write at offset");
	}
	assert_true(n > 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bitmaps_and_descs),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_nothing_kept),
		cmocka_unit_test(test_passes),
		cmocka_unit_test(test_arm),
		cmocka_unit_test(test_counted),
		cmocka_unit_test(test_write_fails),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
