// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_front.h"

#include <elf.h>

#include "dump/flattened.h"
#include "dump/notes.h"
#include "dump/writer.h"
#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/file.h"

static struct dump_facts some_facts(void)
{
	return (struct dump_facts){
		.machine = EM_X86_64,
		.word = 8,
		.block_size = 4096,
		.max_paddr = 0x10000000,
		.uts = {.sysname = "Linux", .release = "6.1.0", .machine = "x86_64"},
		.phys_base = 0x1000000,
		.dump_level = 31,
		.nr_cpus = 4,
		.vmcoreinfo = "OSRELEASE=6.1.0\n",
		.vmcoreinfo_len = 16,
	};
}

static void headers_follow_from_facts(void **state)
{
	struct dump_facts facts = some_facts();
	struct dump_writer_options options = {.codec = codec_find(CODEC_ZLIB)};
	struct writer_notes notes;
	struct kdump_header h;

	(void)state;
	assert_ok(writer_notes_init(&notes, &facts));
	assert_ok(kdump_front_header(&h, &facts, &notes, &options, "file"));
	assert_int_equal(h.abi, KDUMP_ABI_64);
	assert_int_equal(h.status, CODEC_ZLIB);
	assert_int_equal(h.max_mapnr, 0x10000);
	assert_int_equal(h.bitmap_blocks, 4);
	assert_int_equal(h.dump_level, 31);
	assert_int_equal(h.off_note, 4096 + KDUMP_SUB_LEN);
	assert_int_equal(h.off_vmcoreinfo, h.off_note + notes.vmcoreinfo_off);
	assert_int_equal(h.size_vmcoreinfo, 16);
	assert_int_equal(kdump_front_end(&h, &notes), h.off_note + notes.len);
	writer_notes_deinit(&notes);
}

static void other_machines(void **state)
{
	struct dump_facts facts = some_facts();
	struct dump_writer_options options = {0};
	struct writer_notes notes = {0};
	struct kdump_header h;

	(void)state;
	facts.incomplete = true;
	facts.machine = EM_S390;
	facts.big_endian = true;
	facts.block_size = 65536;
	assert_ok(kdump_front_header(&h, &facts, &notes, &options, "file"));
	assert_true(h.big_endian);
	assert_int_equal(h.status, KDUMP_STATUS_INCOMPLETE);
	assert_int_equal(h.off_note, 0);
	assert_int_equal(h.max_mapnr, 0x1000);
	facts.machine = EM_386;
	facts.word = 4;
	assert_ok(kdump_front_header(&h, &facts, &notes, &options, "file"));
	assert_int_equal(h.abi, KDUMP_ABI_32_PADDED); // no big-endian i386
	facts.big_endian = false;
	assert_ok(kdump_front_header(&h, &facts, &notes, &options, "file"));
	assert_int_equal(h.abi, KDUMP_ABI_32_PACKED);
}

static void impossible_sizes_are_refused(void **state)
{
	static const uint32_t sizes[] = {0, 512, 4097, 2 << 20};
	struct dump_writer_options options = {0};
	struct writer_notes notes = {0};
	struct kdump_header h;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct dump_facts facts = some_facts();

		facts.block_size = sizes[i];
		assert_err(kdump_front_header(&h, &facts, &notes, &options, "file"),
			   ERROR_UNSUPPORTED, "file: no kdump file can have blocks of");
	}
}

static void sub_header_and_notes_are_written(void **state)
{
	struct dump_facts facts = some_facts();
	struct dump_writer_options options = {0};
	struct target *target = file_target(workdir_path("front"));
	struct writer_notes notes;
	struct kdump_header h;
	struct sink sink;
	uint8_t text[16];

	(void)state;
	sink_init(&sink, target);
	assert_ok(writer_notes_init(&notes, &facts));
	assert_ok(kdump_front_header(&h, &facts, &notes, &options, "file"));
	assert_ok(kdump_front_write(&sink, &h, &notes));
	assert_ok(target_read(target, h.off_vmcoreinfo, text, sizeof(text)));
	assert_memory_equal(text, "OSRELEASE=6.1.0\n", 16);
	assert_ok(target_read(target, 0, text, 8));
	assert_memory_equal(text, "\0\0\0\0\0\0\0\0", 8); // not valid yet
	writer_notes_deinit(&notes);
	sink_deinit(&sink);
	target_destroy(target);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_follow_from_facts),
		cmocka_unit_test(other_machines),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(sub_header_and_notes_are_written),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
