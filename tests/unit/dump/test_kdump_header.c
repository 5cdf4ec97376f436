// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_header.h"

#include <elf.h>
#include <stdio.h>

#include "dump/codec.h"
#include "tests/support/mkfile.h"
#include "tests/support/test.h"
#include "util/file.h"

/* Offsets of the members as pahole shows them in makedumpfile built for x86_64, i386 and ARM. */
struct layout {
	const char *machine;
	enum kdump_abi abi;
	size_t word, time, status;
	size_t dump_level, start, vmcoreinfo, vmcoreinfo_size, note, note_size, erase, erase_size;
	size_t start_64, end_64, max_64;
};

static const struct layout layouts[] = {
	{"x86_64", KDUMP_ABI_64, 8, 408, 424, 8, 16, 32, 40, 48, 56, 64, 72, 80, 88, 96},
	{"i686", KDUMP_ABI_32_PACKED, 4, 404, 412, 4, 12, 20, 28, 32, 40, 44, 52, 56, 64, 72},
	{"armv7l", KDUMP_ABI_32_PADDED, 4, 404, 412, 4, 12, 24, 32, 40, 48, 56, 64, 72, 80, 88},
	{"armv7l", KDUMP_ABI_32_TIME64, 4, 408, 424, 4, 12, 24, 32, 40, 48, 56, 64, 72, 80, 88},
};
#define NR_LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

static struct kdump_header sample(const struct layout *layout, bool big_endian)
{
	struct kdump_header h = {
		.abi = layout->abi,
		.big_endian = big_endian,
		.version = KDUMP_VERSION,
		.uts = {.sysname = "Linux", .nodename = "node", .release = "6.1.0"},
		.time_sec = 0x5a5b5c5d,
		.time_usec = 123456,
		.status = CODEC_LZO | KDUMP_STATUS_INCOMPLETE,
		.block_size = 4096,
		.sub_hdr_size = 10,
		.bitmap_blocks = 6,
		.total_ram_blocks = 11,
		.device_blocks = 12,
		.written_blocks = 13,
		.current_cpu = 1,
		.nr_cpus = 2,
		.phys_base = 0x1000000,
		.dump_level = 31,
		.split = true,
		.start_pfn = 5,
		.end_pfn = 0x10000,
		.off_vmcoreinfo = 0x1100,
		.size_vmcoreinfo = 0x111,
		.off_note = 0x1200,
		.size_note = 0x222,
		.off_eraseinfo = 0x1300,
		.size_eraseinfo = 0x333,
		.max_mapnr = 0x10001,
	};

	snprintf(h.uts.machine, sizeof(h.uts.machine), "%s", layout->machine);
	strcpy(h.uts.version, "#1 SMP");
	strcpy(h.uts.domainname, "(none)");
	return h;
}

static struct kdump_header plain(void)
{
	struct kdump_header h = sample(&layouts[0], false);

	h.split = false;
	return h;
}

static void make(const struct kdump_header *h, struct mkfile *file)
{
	uint8_t main[KDUMP_MAIN_LEN], sub[KDUMP_SUB_LEN];

	kdump_header_encode(h, main, sub);
	mkfile_put(file, 0, main, sizeof(main));
	mkfile_put(file, h->block_size, sub, sizeof(sub));
	if (file->len < 2ULL * h->block_size)
		mkfile_resize(file, 2ULL * h->block_size);
}

static struct error *read_back(struct mkfile *file, struct kdump_header *ret)
{
	_cleanup_file_ struct file *f = NULL;
	struct error *err = file_open(mkfile_path(file), &f);

	return err ? err : kdump_header_read(f, ret);
}

static uint64_t word_at(const struct layout *l, const uint8_t *p, bool big_endian)
{
	return l->word == 8 ? load_u64(p, big_endian) : load_u32(p, big_endian);
}

static void members_stand_where_the_abi_puts_them(void **state)
{
	for (size_t i = 0; i < 2 * NR_LAYOUTS; i++) {
		const struct layout *l = &layouts[i / 2];
		bool be = i % 2;
		struct kdump_header h = sample(l, be);
		uint8_t main[KDUMP_MAIN_LEN], sub[KDUMP_SUB_LEN];

		kdump_header_encode(&h, main, sub);
		assert_memory_equal(main, "KDUMP   ", 8);
		assert_int_equal(load_u32(main + 8, be), 6);
		assert_string_equal((char *)main + 12, "Linux");
		assert_string_equal((char *)main + 77, "node");
		assert_string_equal((char *)main + 142, "6.1.0");
		assert_string_equal((char *)main + 207, "#1 SMP");
		assert_string_equal((char *)main + 272, l->machine);
		assert_string_equal((char *)main + 337, "(none)");
		assert_int_equal(load_u32(main + l->time + (l->time == 408 && be ? 4 : 0), be),
				 0x5a5b5c5d);
		assert_int_equal(load_u32(main + l->status, be), 0xa);
		assert_int_equal(load_u32(main + l->status + 4, be), 4096);
		assert_int_equal(load_u32(main + l->status + 8, be), 10);
		assert_int_equal(load_u32(main + l->status + 12, be), 6);
		assert_int_equal(load_u32(main + l->status + 16, be), 0x10001);
		assert_int_equal(load_u32(main + l->status + 20, be), 11);
		assert_int_equal(load_u32(main + l->status + 36, be), 2);
		assert_int_equal(word_at(l, sub, be), 0x1000000);
		assert_int_equal(load_u32(sub + l->dump_level, be), 31);
		assert_int_equal(load_u32(sub + l->dump_level + 4, be), 1);
		assert_int_equal(load_u64(sub + l->vmcoreinfo, be), 0x1100);
		assert_int_equal(word_at(l, sub + l->vmcoreinfo_size, be), 0x111);
		assert_int_equal(load_u64(sub + l->note, be), 0x1200);
		assert_int_equal(word_at(l, sub + l->note_size, be), 0x222);
		assert_int_equal(load_u64(sub + l->erase, be), 0x1300);
		assert_int_equal(word_at(l, sub + l->erase_size, be), 0x333);
		assert_int_equal(load_u64(sub + l->start_64, be), 5);
		assert_int_equal(load_u64(sub + l->end_64, be), 0x10000);
		assert_int_equal(load_u64(sub + l->max_64, be), 0x10001);
	}
}

static void assert_same(const struct kdump_header *a, const struct kdump_header *b)
{
	assert_int_equal(a->abi, b->abi);
	assert_int_equal(a->big_endian, b->big_endian);
	assert_int_equal(a->version, b->version);
	assert_memory_equal(&a->uts, &b->uts, sizeof(a->uts));
	assert_int_equal(a->time_sec, b->time_sec);
	assert_int_equal(a->time_usec, b->time_usec);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->block_size, b->block_size);
	assert_int_equal(a->sub_hdr_size, b->sub_hdr_size);
	assert_int_equal(a->bitmap_blocks, b->bitmap_blocks);
	assert_int_equal(a->written_blocks, b->written_blocks);
	assert_int_equal(a->nr_cpus, b->nr_cpus);
	assert_int_equal(a->phys_base, b->phys_base);
	assert_int_equal(a->dump_level, b->dump_level);
	assert_int_equal(a->split, b->split);
	assert_int_equal(a->start_pfn, b->start_pfn);
	assert_int_equal(a->end_pfn, b->end_pfn);
	assert_int_equal(a->off_note, b->off_note);
	assert_int_equal(a->size_note, b->size_note);
	assert_int_equal(a->off_vmcoreinfo, b->off_vmcoreinfo);
	assert_int_equal(a->off_eraseinfo, b->off_eraseinfo);
	assert_int_equal(a->size_eraseinfo, b->size_eraseinfo);
	assert_int_equal(a->max_mapnr, b->max_mapnr);
}

static void every_layout_is_read_back(void **state)
{
	for (size_t i = 0; i < 2 * NR_LAYOUTS; i++) {
		_cleanup_mkfile_ struct mkfile file = {0};
		struct kdump_header h = sample(&layouts[i / 2], i % 2), got = {0};

		make(&h, &file);
		assert_ok(read_back(&file, &got));
		assert_same(&h, &got);
	}
}

/* QEMU: no names but "Unknown", and the packed layout for any 32-bit machine. */
static void an_unknown_machine_is_probed(void **state)
{
	for (size_t i = 0; i < 4; i++) {
		_cleanup_mkfile_ struct mkfile file = {0};
		struct kdump_header h = sample(&layouts[i / 2], i % 2), got = {0};

		strcpy(h.uts.machine, "Unknown");
		h.off_vmcoreinfo = h.off_eraseinfo = 0;
		make(&h, &file);
		assert_ok(read_back(&file, &got));
		assert_same(&h, &got);
	}
}

static void long_bitmaps_have_their_size_in_64_bits(void **state)
{
	static const uint32_t in_main[] = {0x5, UINT32_MAX};

	for (size_t i = 0; i < 2; i++) {
		_cleanup_mkfile_ struct mkfile file = {0};
		struct kdump_header h = plain(), got = {0};

		h.max_mapnr = 0x100000005;
		h.bitmap_blocks = (uint32_t)(2 * kdump_bitmap_blocks(h.max_mapnr, h.block_size));
		make(&h, &file);
		store_u32(file.data + 440, in_main[i], false); // makedumpfile's way, QEMU's way
		assert_ok(read_back(&file, &got));
		assert_int_equal(got.max_mapnr, 0x100000005);
	}
}

/* The notes of an old version stand where a newer one has members. */
static void older_versions_have_fewer_members(void **state)
{
	for (uint32_t version = 0; version < 6; version++) {
		_cleanup_mkfile_ struct mkfile file = {0};
		struct kdump_header h = plain(), got = {0};

		make(&h, &file);
		store_u32(file.data + 8, version, false);
		store_u64(file.data + 4096 + 16, 7, false);   // start_pfn
		store_u64(file.data + 4096 + 24, 700, false); // end_pfn
		assert_ok(read_back(&file, &got));
		assert_int_equal(got.version, version);
		assert_int_equal(got.phys_base, 0x1000000);
		assert_int_equal(got.max_mapnr, 0x10001);
		assert_int_equal(got.dump_level, version >= 1 ? 31 : 0);
		assert_int_equal(got.start_pfn, version >= 2 ? 7 : 0);
		assert_int_equal(got.end_pfn, version >= 2 ? 700 : 0);
		assert_int_equal(got.off_vmcoreinfo, version >= 3 ? 0x1100 : 0);
		assert_int_equal(got.off_note, version >= 4 ? 0x1200 : 0);
		assert_int_equal(got.off_eraseinfo, version >= 5 ? 0x1300 : 0);
	}
}

static void diskdump_has_no_sub_header_and_one_bitmap(void **state)
{
	_cleanup_mkfile_ struct mkfile file = {0};
	struct kdump_header h = plain(), got = {0};

	h.bitmap_blocks = 3;
	make(&h, &file);
	memcpy(file.data, "DISKDUMP", 8);
	assert_ok(read_back(&file, &got));
	assert_true(got.diskdump);
	assert_int_equal(got.dump_level, 0);
	assert_int_equal(got.max_mapnr, 0x10001);
}

static void names_without_end_are_cut(void **state)
{
	_cleanup_mkfile_ struct mkfile file = {0};
	struct kdump_header h = plain(), got = {0};

	make(&h, &file);
	memset(file.data + 142, 'r', 65);
	assert_ok(read_back(&file, &got));
	assert_int_equal(strlen(got.uts.release), 64);
	assert_string_equal(got.uts.version, "#1 SMP");
}

/* One 32-bit word of a good x86_64 file is replaced. */
static void nonsense_is_named(void **state)
{
	static const struct {
		size_t off;
		uint32_t value;
		enum error_code code;
		const char *message;
	} bad[] = {
		{8, 7, ERROR_UNSUPPORTED, "version 7 at offset 0x8"},
		{428, 0, ERROR_FORMAT, "block size 0"},
		{428, 4095, ERROR_FORMAT, "block size 4095"},
		{428, 2048, ERROR_FORMAT, "block size 2048"},
		{428, 1U << 21, ERROR_FORMAT, "block size 2097152"},
		{428, 0x80000000, ERROR_FORMAT, "block size 2147483648"},
		{432, 0, ERROR_FORMAT, "0 blocks of sub header"},
		{432, 0xffffffff, ERROR_FORMAT, "-1 blocks of sub header"},
		{436, 0, ERROR_FORMAT, "0 of bitmaps"},
		{436, 0x80000000, ERROR_FORMAT, "of bitmaps"},
		{436, 2, ERROR_FORMAT, "max_mapnr 0x10001 needs two of 3"},
		{440, 0x10002, ERROR_FORMAT, "max_mapnr 0x10001, but 0x10002 in the main header"},
		{4096 + 100, 0x100000, ERROR_FORMAT, "max_mapnr 0x10000000010001 is too large"},
		{4096 + 48, 0xfff, ERROR_FORMAT, "notes at 0xfff"},
		{4096 + 32, 1, ERROR_FORMAT, "vmcoreinfo at 0x1"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		_cleanup_mkfile_ struct mkfile file = {0};
		struct kdump_header h = plain(), got = {.version = 4711};

		make(&h, &file);
		store_u32(file.data + bad[i].off, bad[i].value, false);
		assert_err(read_back(&file, &got), bad[i].code, bad[i].message);
		assert_int_equal(got.version, 4711);
	}
}

static void a_cut_header_is_an_error_at_any_length(void **state)
{
	for (size_t len = 0; len < 4096 + KDUMP_SUB_LEN; len += 52) {
		_cleanup_mkfile_ struct mkfile file = {0};
		struct kdump_header h = plain(), got = {0};

		make(&h, &file);
		mkfile_resize(&file, len);
		assert_err(read_back(&file, &got), ERROR_FORMAT, "file ends at offset");
	}
}

static void another_signature_is_an_error(void **state)
{
	_cleanup_mkfile_ struct mkfile file = {0};
	struct kdump_header h = plain(), got = {0};

	make(&h, &file);
	file.data[7] = 'x';
	assert_err(read_back(&file, &got), ERROR_FORMAT, "no kdump signature");
}

static void pfns_of_arm_begin_at_phys_base(void **state)
{
	struct kdump_header h = sample(&layouts[2], false);

	assert_int_equal(kdump_first_pfn(&h), 0x1000);
	strcpy(h.uts.machine, "Unknown");
	assert_int_equal(kdump_first_pfn(&h), 0);
	h = plain();
	assert_int_equal(kdump_first_pfn(&h), 0);
}

static void the_layout_follows_from_the_machine(void **state)
{
	assert_int_equal(kdump_abi_of(EM_X86_64, 8, false), KDUMP_ABI_64);
	assert_int_equal(kdump_abi_of(EM_386, 4, false), KDUMP_ABI_32_PACKED);
	assert_int_equal(kdump_abi_of(EM_ARM, 4, false), KDUMP_ABI_32_PADDED);
	assert_int_equal(kdump_abi_of(EM_NONE, 8, true), KDUMP_ABI_64);
}

static void regions_follow_each_other(void **state)
{
	struct kdump_header h = plain();

	assert_int_equal(kdump_bitmap_off(&h), 11 * 4096);
	assert_int_equal(kdump_desc_off(&h), 17 * 4096);
	assert_int_equal(kdump_bitmap_blocks(32768, 4096), 1);
	assert_int_equal(kdump_bitmap_blocks(32769, 4096), 2);
}

static void descriptors_go_there_and_back(void **state)
{
	struct kdump_desc desc = {.off = 0x123456789abc, .size = 4096, .flags = CODEC_ZSTD},
			  got = {0};
	uint8_t raw[KDUMP_DESC_LEN];

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		memset(raw, 0xff, sizeof(raw));
		kdump_desc_store(raw, &desc, big_endian);
		got = kdump_desc_load(raw, big_endian);
		assert_int_equal(got.off, desc.off);
		assert_int_equal(got.size, desc.size);
		assert_int_equal(got.flags, desc.flags);
		assert_int_equal(load_u64(raw + 16, false), 0);
		assert_int_equal(raw[big_endian ? 7 : 0], 0xbc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_stand_where_the_abi_puts_them),
		cmocka_unit_test(every_layout_is_read_back),
		cmocka_unit_test(an_unknown_machine_is_probed),
		cmocka_unit_test(long_bitmaps_have_their_size_in_64_bits),
		cmocka_unit_test(older_versions_have_fewer_members),
		cmocka_unit_test(diskdump_has_no_sub_header_and_one_bitmap),
		cmocka_unit_test(names_without_end_are_cut),
		cmocka_unit_test(nonsense_is_named),
		cmocka_unit_test(a_cut_header_is_an_error_at_any_length),
		cmocka_unit_test(another_signature_is_an_error),
		cmocka_unit_test(pfns_of_arm_begin_at_phys_base),
		cmocka_unit_test(the_layout_follows_from_the_machine),
		cmocka_unit_test(regions_follow_each_other),
		cmocka_unit_test(descriptors_go_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
