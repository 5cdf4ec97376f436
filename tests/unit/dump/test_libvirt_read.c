// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/format.h"
#include "dump/unpack.h"

#include "tests/support/dump.h"
#include "tests/support/mkqemu.h"
#include "util/bytes.h"

#define HEADER_LEN 92
#define XML_LEN    500
#define MIB        (1 << 20)

static void put_header(struct mkfile *m, uint32_t version, uint32_t compression, bool big_endian)
{
	uint8_t header[HEADER_LEN + XML_LEN] = "LibvirtQemudSave";

	store_u32(header + 16, version, big_endian);
	store_u32(header + 20, XML_LEN, big_endian);
	store_u32(header + 28, compression, big_endian);
	mkfile_put(m, 0, header, sizeof(header));
}

static void put_stream(struct mkfile *m)
{
	struct mkqemu_block block = {.name = "pc.ram", .len = MIB};

	mkqemu_begin(m, "pc-q35-9.0", 0);
	mkqemu_ram(m, &block, 1, false);
	mkqemu_section(m, 3);
	mkqemu_memory(m, "pc.ram", 0x4000, 0x4000);
	mkqemu_memory(m, NULL, 0x5000, 0x5000);
	mkqemu_u64(m, 0x10);
}

static struct error *try_open(struct dump *d)
{
	const struct dump_open_options options = {.spool = "/tmp"};
	const char *path = mkfile_path(&d->file);
	struct error *err = dump_open_inputs(&path, 1, &options, &d->reader);

	if (!err)
		assert_ok(dump_scratch_create(d->reader, &d->scratch));
	return err;
}

static void plain_saves_of_any_host(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		_cleanup_dump_ struct dump d = {0};

		put_header(&d.file, 2, 0, i);
		put_stream(&d.file);
		assert_ok(try_open(&d));
		assert_string_equal(d.reader->format->name, "libvirt");
		assert_string_equal(d.reader->variant, "raw, pc-q35-9.0, 1 of 1 RAM blocks");
		expect(&d, 0x4000, 0x2000, DUMP_OK);
		assert_int_equal(d.reader->facts.max_paddr, MIB);
	}
}

static void sparse_saves_are_mapped(void **state)
{
	struct mkqemu_block block = {.name = "pc.ram", .len = MIB};
	_cleanup_dump_ struct dump d = {0};

	(void)state;
	put_header(&d.file, 2, 6, false);
	mkqemu_begin(&d.file, "pc-q35-10.0", 0);
	mkqemu_ram(&d.file, &block, 1, true);
	mkqemu_section(&d.file, 3);
	mkqemu_u64(&d.file, 0x10);
	d.file.data[block.off_bitmap] = 0x30; // pages 4 and 5
	mkfile_memory(d.file.data + block.off_pages + 0x4000, 0x4000, 0x2000);
	assert_ok(try_open(&d));
	assert_string_equal(d.reader->variant,
			    "sparse, mapped-ram, pc-q35-10.0, 1 of 1 RAM blocks");
	expect(&d, 0x4000, 0x2000, DUMP_OK);
}

static void what_cannot_be_read_is_named(void **state)
{
	static const struct {
		uint32_t version, compression;
		enum error_code code;
		const char *message;
	} cases[] = {
		{3, 0, ERROR_UNSUPPORTED, "libvirt save of version 50331648"},
		{0, 0, ERROR_UNSUPPORTED, "libvirt save of version 0"},
		{2, 2, ERROR_UNSUPPORTED, "compressed with bzip2; what \"bzip2 -dc\" makes"},
		{2, 3, ERROR_UNSUPPORTED, "compressed with xz"},
		{2, 7, ERROR_UNSUPPORTED, "libvirt save with compression 7"},
		{2, 1, ERROR_FORMAT, ""}, // no gzip stream follows
	};
	_cleanup_dump_ struct dump d = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].compression == 1 && !unpack_gzip.create)
			continue;
		mkfile_resize(&d.file, 0);
		put_header(&d.file, cases[i].version, cases[i].compression, false);
		put_stream(&d.file);
		assert_err(try_open(&d), cases[i].code, cases[i].message);
	}
	memcpy(d.file.data, "LibvirtQemudPart", 16);
	assert_err(try_open(&d), ERROR_FORMAT, "a libvirt save that was not finished");
	mkfile_resize(&d.file, 50);
	assert_err(try_open(&d), ERROR_FORMAT, "file ends at offset 0x32");
	assert_null(d.reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_saves_of_any_host),
		cmocka_unit_test(sparse_saves_are_mapped),
		cmocka_unit_test(what_cannot_be_read_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
