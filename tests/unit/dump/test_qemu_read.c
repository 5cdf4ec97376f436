// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/qemu_save.h"

#include <elf.h>

#include "tests/support/dump.h"
#include "tests/support/mkqemu.h"

#define MIB (1ULL << 20)

static struct error *try_open(struct dump *d, const char *machine)
{
	const struct dump_open_options options = {.machine = machine, .spool = "/tmp"};
	const char *path = mkfile_path(&d->file);
	struct error *err = dump_open_inputs(&path, 1, &options, &d->reader);

	if (!err)
		assert_ok(dump_scratch_create(d->reader, &d->scratch));
	return err;
}

/* Pages from start to end of the image, at their place in the file, with memory as at paddr. */
static void map_pages(struct mkfile *m, const struct mkqemu_block *block, uint64_t start,
		      uint64_t end, uint64_t paddr)
{
	for (uint64_t off = start; off < end; off += 4096) {
		uint64_t page = off / 4096;

		m->data[block->off_bitmap + page / 8] |= (uint8_t)(1U << page % 8);
		mkfile_memory(m->data + block->off_pages + off, paddr + (off - start), 4096);
	}
}

static void mapped(struct mkfile *m, const char *board, const char *name,
		   struct mkqemu_block *blocks)
{
	blocks[0] = (struct mkqemu_block){.name = name, .len = 4 * MIB};
	blocks[1] = (struct mkqemu_block){.name = "pc.bios", .len = 256 << 10};
	mkqemu_begin(m, board, 0);
	mkqemu_ram(m, blocks, 2, true);
	mkqemu_section(m, 3);
	mkqemu_u64(m, 0x10);
}

static void mapped_pages_are_read_in_place(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkqemu_block blocks[2];
	struct dump_run run;
	uint8_t byte;

	(void)state;
	mapped(&d.file, "virt-9.1", "mach-virt.ram", blocks);
	map_pages(&d.file, &blocks[0], 0x1000, 0x5000, 0x40001000);
	map_pages(&d.file, &blocks[0], 2 * MIB, 3 * MIB + 0x3000, 0x40000000 + 2 * MIB);
	// what the bitmap does not have is zero, whatever stands there
	memset(d.file.data + blocks[0].off_pages + 0x5000, 0xaa, 0x1000);
	assert_ok(try_open(&d, NULL));
	assert_string_equal(d.reader->format->name, "qevm");
	assert_string_equal(d.reader->variant, "mapped-ram, virt-9.1, 1 of 2 RAM blocks");
	assert_int_equal(d.reader->facts.machine, EM_AARCH64);
	expect(&d, 0x40001000, 0x4000, DUMP_OK);
	expect(&d, 0x40000000 + 2 * MIB, MIB + 0x3000, DUMP_OK);
	assert_true(dump_read_full(d.reader, d.scratch, 0x40005000, &byte, 1));
	assert_int_equal(byte, 0);
	expect_run(&d, 0, 0, 0x40000000, DUMP_ABSENT);
	dump_next_run(d.reader, d.scratch, 0x40100000, &run);
	assert_true(run.zero);
	assert_int_equal(run.end, 0x40000000 + 2 * MIB);
	dump_next_run(d.reader, d.scratch, run.end, &run);
	assert_false(run.zero);
}

static void memory_is_cut_at_the_hole(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkqemu_block blocks[2];

	(void)state;
	mapped(&d.file, "pc-q35-10.0", "pc.ram", blocks);
	map_pages(&d.file, &blocks[0], 0, MIB, 0);
	map_pages(&d.file, &blocks[0], MIB, 4 * MIB, 4ULL << 30);
	assert_ok(try_open(&d, "q35,max-ram-below-4g=1M"));
	expect(&d, 0, MIB, DUMP_ABSENT);
	expect(&d, 4ULL << 30, 3 * MIB, DUMP_ABSENT);
}

static void a_stream_is_unpacked(void **state)
{
	struct mkqemu_block block = {.name = "ram0", .len = MIB};
	_cleanup_dump_ struct dump d = {0};

	(void)state;
	mkqemu_begin(&d.file, "pc-i440fx-8.2", 0);
	mkqemu_ram(&d.file, &block, 1, false);
	mkqemu_section(&d.file, 3);
	for (uint64_t addr = 0x10000; addr < 0x80000; addr += 0x1000)
		mkqemu_memory(&d.file, addr == 0x10000 ? "ram0" : NULL, addr, addr);
	mkqemu_u64(&d.file, 0x10);
	assert_ok(try_open(&d, NULL));
	assert_int_equal(d.reader->facts.max_paddr, MIB);
	expect(&d, 0x10000, 0x70000, DUMP_OK);
}

static void what_is_wrong_is_said(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkqemu_block blocks[2];

	(void)state;
	mapped(&d.file, "strange-1.0", "ram", blocks);
	assert_err(try_open(&d, NULL), ERROR_UNSUPPORTED,
		   "QEMU machine 'strange-1.0': where its memory stands is not known");
	assert_err(try_open(&d, "none"), ERROR_USAGE, "no machine type 'none'");
	// the file ends in the pages of a block that we do not need, and then in the one we do
	mkfile_resize(&d.file, blocks[1].off_pages);
	assert_err(try_open(&d, "q35"), ERROR_FORMAT, "the stream ends");
	mkfile_resize(&d.file, 0);
	mkqemu_begin(&d.file, "pc-q35-9.0", 0);
	assert_err(try_open(&d, NULL), ERROR_FORMAT, "the stream ends");
	assert_null(d.reader);
}

static void a_place_beyond_the_file(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	struct mkqemu_block blocks[2];

	(void)state;
	mapped(&d.file, "pc-q35-10.0", "pc.ram", blocks);
	// pages_offset of the first block
	store_u64(d.file.data + blocks[0].off_bitmap - 8, INT64_MAX - 4096, true);
	assert_err(try_open(&d, NULL), ERROR_FORMAT, "place of pages (0x7fffffffffffefff)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mapped_pages_are_read_in_place),
		cmocka_unit_test(memory_is_cut_at_the_hole),
		cmocka_unit_test(a_stream_is_unpacked),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(a_place_beyond_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
