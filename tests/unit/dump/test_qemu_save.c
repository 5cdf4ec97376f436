// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/qemu_save.h"

#include "tests/support/mkqemu.h"
#include "tests/support/test.h"
#include "util/file.h"

#define KIB 1024

struct result {
	struct file *file, *image;
	struct qemu_save save;
	char why[160];
};

static void result_deinit(struct result *r)
{
	qemu_save_deinit(&r->save);
	if (r->image)
		file_close(r->image);
	if (r->file)
		file_close(r->file);
	*r = (struct result){0};
}

static struct error *parse(struct mkfile *m, bool salvage, struct result *r)
{
	const struct dump_open_options options = {.salvage = salvage, .spool = "/tmp"};

	*r = (struct result){0};
	assert_ok(file_open(mkfile_path(m), &r->file));
	return qemu_save_read(&r->save, r->file, 0, NULL, &options, &r->image, r->why);
}

static void expect_page(const struct result *r, uint64_t off, uint64_t paddr)
{
	uint8_t got[4096], want[4096];

	mkfile_memory(want, paddr, sizeof(want));
	assert_ok(file_read_full(r->image, off, got, sizeof(got)));
	assert_memory_equal(got, want, sizeof(got));
}

static void expect_fill(const struct result *r, uint64_t off, uint8_t fill)
{
	uint8_t got[4096];

	assert_ok(file_read_full(r->image, off, got, sizeof(got)));
	for (size_t i = 0; i < sizeof(got); i++)
		assert_int_equal(got[i], fill);
}

static void small(struct mkfile *m)
{
	struct mkqemu_block blocks[] = {{.name = "rom", .len = 8 * KIB},
					{.name = "pc.ram", .len = 64 * KIB},
					{.name = "vga.vram", .len = 32 * KIB}};

	mkqemu_begin(m, "pc-q35-9.0", 0);
	mkqemu_ram(m, blocks, 3, false);
	mkqemu_section(m, 2);
	mkqemu_memory(m, "pc.ram", 0x1000, 0x1000);
	mkqemu_memory(m, NULL, 0x2000, 0x2000);
	mkqemu_page(m, NULL, 0x3000, NULL, 0);
	mkqemu_page(m, NULL, 0x4000, NULL, 0xaa);
	mkqemu_memory(m, "rom", 0x1000, 0x9000);
	mkqemu_page(m, NULL, 0, NULL, 0);
	mkqemu_memory(m, "pc.ram", 0xf000, 0xf000);
	mkqemu_section_end(m);
}

static void pages_find_their_place(void **state)
{
	_cleanup_mkfile_ struct mkfile m = {0};
	struct result r;

	(void)state;
	small(&m);
	mkqemu_section(&m, 2);
	mkqemu_u64(&m, 0x200);                      // multifd: flush
	mkqemu_page(&m, "pc.ram", 0x2000, NULL, 0); // became zero
	mkqemu_memory(&m, NULL, 0x3000, 0x7000);    // became something
	mkqemu_section_end(&m);
	mkqemu_u8(&m, 8); // a command
	mkqemu_u32(&m, 7 << 16 | 3);
	mkfile_put(&m, m.len, "abc", 3);
	mkqemu_section(&m, 3);
	mkqemu_memory(&m, "pc.ram", 0x5000, 0x5000);
	mkqemu_u64(&m, 0x10);
	mkfile_put(&m, m.len, "devices", 7); // nobody looks there
	assert_ok(parse(&m, false, &r));
	assert_string_equal(r.save.board, "pc-q35-9.0");
	assert_int_equal(r.save.nr_blocks, 3);
	assert_int_equal(r.save.nr_main, 1);
	assert_int_equal(r.save.main, 1);
	assert_int_equal(r.save.image_len, 64 * KIB);
	assert_int_equal(r.image->size, 64 * KIB);
	expect_fill(&r, 0, 0);
	expect_page(&r, 0x1000, 0x1000);
	expect_fill(&r, 0x2000, 0);
	expect_page(&r, 0x3000, 0x7000);
	expect_fill(&r, 0x4000, 0xaa);
	expect_page(&r, 0x5000, 0x5000);
	expect_page(&r, 0xf000, 0xf000);
	result_deinit(&r);
}

static void numa_nodes_follow_each_other(void **state)
{
	struct mkqemu_block blocks[] = {{.name = "ram-node1", .len = 64 * KIB},
					{.name = "pc.bios", .len = 32 * KIB},
					{.name = "ram-node0", .len = 16 * KIB}};
	_cleanup_mkfile_ struct mkfile m = {0};
	struct result r;

	(void)state;
	mkqemu_begin(&m, "pc-i440fx-9.0", 12);
	mkqemu_ram(&m, blocks, 3, false);
	mkqemu_section(&m, 3);
	mkqemu_memory(&m, "ram-node1", 0, 0x4000);
	mkqemu_memory(&m, "ram-node0", 0x3000, 0x3000);
	mkqemu_u64(&m, 0x10);
	assert_ok(parse(&m, false, &r));
	assert_int_equal(r.save.nr_main, 2);
	assert_int_equal(r.save.image_len, 80 * KIB);
	expect_page(&r, 0x3000, 0x3000);
	expect_page(&r, 0x4000, 0x4000);
	result_deinit(&r);
}

static void mapped_blocks_have_their_place(void **state)
{
	struct mkqemu_block blocks[] = {{.name = "pc.ram", .len = 1 << 20},
					{.name = "pc.bios", .len = 64 * KIB}};
	_cleanup_mkfile_ struct mkfile m = {0};
	struct result r;

	(void)state;
	mkqemu_begin(&m, "pc-q35-10.0", 0);
	mkqemu_ram(&m, blocks, 2, true);
	mkqemu_section(&m, 3);
	mkqemu_u64(&m, 0x10);
	assert_ok(parse(&m, false, &r));
	assert_true(r.save.mapped);
	assert_null(r.image);
	assert_int_equal(r.save.blocks[0].off_bitmap, blocks[0].off_bitmap);
	assert_int_equal(r.save.blocks[1].off_pages, blocks[1].off_pages);
	result_deinit(&r);
}

static void expect_bad(struct mkfile *m, enum error_code code, const char *message)
{
	struct result r;

	assert_err(parse(m, false, &r), code, message);
	result_deinit(&r);
}

static void damage_is_named(void **state)
{
	struct mkqemu_block halves[] = {{.name = "a", .len = 2048}, {.name = "b", .len = 2048}};
	struct mkqemu_block block = {.name = "pc.ram", .len = 1ULL << 60};
	_cleanup_mkfile_ struct mkfile m = {0};
	size_t ram;

	(void)state;
	mkqemu_u32(&m, 0x5145564d);
	mkqemu_u32(&m, 4);
	expect_bad(&m, ERROR_FORMAT, "no QEMU stream of version 3 (0x5145564d00000004)");
	mkfile_resize(&m, 0);
	mkqemu_begin(&m, "x", 30);
	expect_bad(&m, ERROR_FORMAT, "page bits (0x1e)");
	mkfile_resize(&m, 0);
	mkqemu_begin(&m, "x", 0);
	ram = m.len;
	mkqemu_u8(&m, 99);
	expect_bad(&m, ERROR_FORMAT, "before offset 0xf: section of an unknown type (0x63)");
	mkfile_resize(&m, ram);
	mkqemu_u8(&m, 1);
	mkqemu_u32(&m, 1);
	mkqemu_name(&m, "slirp");
	mkqemu_u64(&m, 0);
	expect_bad(&m, ERROR_UNSUPPORTED, "section 'slirp' stands before the end of RAM");
	mkfile_resize(&m, ram);
	mkqemu_section(&m, 2);
	expect_bad(&m, ERROR_FORMAT, "unknown section (0x2)");
	mkfile_resize(&m, ram);
	mkqemu_ram(&m, halves, 2, false);
	expect_bad(&m, ERROR_FORMAT, "length of a RAM block (0x800)");
	mkfile_resize(&m, ram);
	mkqemu_ram(&m, &block, 1, false);
	expect_bad(&m, ERROR_FORMAT, "bytes of RAM (0x1000000000000000)");
}

static void bad_pages_are_named(void **state)
{
	static const struct {
		uint64_t word;
		const char *name, *message;
		enum error_code code;
	} cases[] = {
		{0x10000 | 8, "pc.ram", "address of a page (0x10000)", ERROR_FORMAT},
		{0x1000 | 8, "other", "a page of the unknown block 'other'", ERROR_FORMAT},
		{0x1000 | 0x40, "pc.ram", "a page with flags 0x40", ERROR_UNSUPPORTED},
		{0x1000 | 0x100, "pc.ram", "a page with flags 0x100", ERROR_UNSUPPORTED},
		{0x1000 | 0x28, NULL, "address of a page (0x1000)", ERROR_FORMAT},
		{64 * KIB | 4, NULL, "bytes of RAM (0x10000)", ERROR_FORMAT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mkqemu_block block = {.name = "pc.ram", .len = 64 * KIB};
		_cleanup_mkfile_ struct mkfile m = {0};

		mkqemu_begin(&m, "x", 0);
		mkqemu_ram(&m, &block, 1, false);
		mkqemu_section(&m, 2);
		mkqemu_u64(&m, cases[i].word);
		if (cases[i].name)
			mkqemu_name(&m, cases[i].name);
		mkfile_resize(&m, m.len + 4096);
		expect_bad(&m, cases[i].code, cases[i].message);
	}
}

/* Whatever is cut off: an error, or with salvage what came before. */
static void cut_streams(void **state)
{
	_cleanup_mkfile_ struct mkfile m = {0};
	bool salvaged = false;
	struct result r;

	(void)state;
	small(&m);
	for (size_t len = m.len; len > 0; len -= len > 200 ? 101 : 1) {
		struct error *err;

		mkfile_resize(&m, len);
		expect_bad(&m, ERROR_FORMAT, "");
		err = parse(&m, true, &r);
		if (!err) {
			salvaged = true;
			assert_non_null(strstr(r.why, "the stream ends at offset"));
			assert_int_equal(r.image->size, 64 * KIB);
		}
		error_destroy(err);
		result_deinit(&r);
	}
	assert_true(salvaged);
}

static void random_damage_is_survived(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 500; round++) {
		_cleanup_mkfile_ struct mkfile m = {0};
		struct result r;

		small(&m);
		for (int i = 0; i < 5; i++) {
			seed = seed * 1103515245 + 12345;
			m.data[seed / 65536 % (i < 3 ? 160 : m.len)] = (uint8_t)(seed >> 8);
		}
		error_destroy(parse(&m, round % 2, &r));
		result_deinit(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_find_their_place),
		cmocka_unit_test(numa_nodes_follow_each_other),
		cmocka_unit_test(mapped_blocks_have_their_place),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(bad_pages_are_named),
		cmocka_unit_test(cut_streams),
		cmocka_unit_test(random_damage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
