// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pread sys_mmap
#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "dump/format.h"
#include "dump/notes.h"
#include "tests/support/dump.h"
#include "tests/support/mkelf.h"
#include "util/file.h"
#include "util/sys.h"

ssize_t __real_sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off);
void *__real_sys_mmap(int fd, size_t len, off_t off);
void *__wrap_sys_mmap(int fd, size_t len, off_t off);

static off_t bad_from = -1; // a medium that cannot be read from here on
static bool no_mmap;
static unsigned int nr_preads, nr_mmaps;

ssize_t __wrap_sys_pread(int fd, void *buf, size_t len, off_t off)
{
	nr_preads++;
	if (bad_from >= 0 && off >= bad_from) {
		errno = EIO;
		return -1;
	}
	if (bad_from >= 0 && off + (off_t)len > bad_from)
		len = (size_t)(bad_from - off);
	return __real_sys_pread(fd, buf, len, off);
}

void *__wrap_sys_mmap(int fd, size_t len, off_t off)
{
	nr_mmaps++;
	return no_mmap ? NULL : __real_sys_mmap(fd, len, off);
}

static int setup(void **state)
{
	bad_from = -1;
	no_mmap = false;
	nr_preads = nr_mmaps = 0;
	return 0;
}

static void open_elf(struct dump *d, const struct mkelf *elf)
{
	mkelf(elf, &d->file);
	open_file(d);
}

static const struct mkelf_segment two[] = {
	{.paddr = 0x1000, .memsz = 0x3000, .filesz = 0x3000, .vaddr = 0xffff888000001000},
	{.paddr = 0x10000, .memsz = 0x2000, .filesz = 0x2000},
};

static void reads_segments_and_what_lies_between(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	open_elf(&d, &(struct mkelf){.segments = two, .nr_segments = 2});
	assert_string_equal(d.reader->format->name, "elf");
	assert_string_equal(d.reader->warning, "");
	expect(&d, 0x1000, 0x3000, DUMP_ABSENT);
	expect(&d, 0x1fff, 2, DUMP_OK);
	expect(&d, 0x10000, 0x2000, DUMP_ABSENT);
	expect(&d, 0x0, 0, DUMP_ABSENT);
	expect(&d, 0x4000, 0, DUMP_ABSENT);
	expect(&d, 0x12000, 0, DUMP_ABSENT);
	expect(&d, UINT64_MAX, 0, DUMP_ABSENT);
	expect_run(&d, 0, 0, 0x1000, DUMP_ABSENT);
	expect_run(&d, 0x1234, 0x1000, 0x4000, DUMP_OK);
	expect_run(&d, 0x4000, 0x4000, 0x10000, DUMP_ABSENT);
	expect_run(&d, 0x10000, 0x10000, 0x12000, DUMP_OK);
	expect_run(&d, 0x12000, 0x12000, UINT64_MAX, DUMP_ABSENT);
	expect_run(&d, UINT64_MAX, 0x12000, UINT64_MAX, DUMP_ABSENT);
}

static void fills_the_facts(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	_cleanup_free_ void *notes = NULL;
	size_t len = 0;
	static const char text[] =
		"OSRELEASE=6.1.0-49-amd64\nPAGESIZE=4096\nCRASHTIME=1700000000\n";

	assert_ok(notes_append(&notes, &len, false, "CORE", NT_PRSTATUS, "r", 1));
	assert_ok(notes_append(&notes, &len, false, "CORE", NT_PRSTATUS, "r", 1));
	assert_ok(notes_append(&notes, &len, false, "VMCOREINFO", 0, text, sizeof(text) - 1));
	open_elf(&d, &(struct mkelf){
			     .segments = two, .nr_segments = 2, .notes = notes, .notes_len = len});
	assert_int_equal(d.reader->facts.machine, EM_X86_64);
	assert_int_equal(d.reader->facts.word, 8);
	assert_false(d.reader->facts.big_endian);
	assert_int_equal(d.reader->facts.block_size, 4096);
	assert_int_equal(d.reader->facts.max_paddr, 0x12000);
	assert_int_equal(d.reader->facts.nr_cpus, 2);
	assert_int_equal(d.reader->facts.notes_len, len);
	assert_memory_equal(d.reader->facts.notes, notes, len);
	assert_int_equal(d.reader->facts.vmcoreinfo_len, sizeof(text) - 1);
	assert_string_equal(d.reader->facts.uts.sysname, "Linux");
	assert_string_equal(d.reader->facts.uts.release, "6.1.0-49-amd64");
	assert_string_equal(d.reader->facts.uts.machine, "x86_64");
	assert_int_equal(d.reader->facts.time_sec, 1700000000);
	assert_int_equal(d.reader->facts.nr_segments, 2);
	assert_int_equal(d.reader->facts.segments[0].vaddr, 0xffff888000001000);
	assert_int_equal(d.reader->facts.segments[1].paddr, 0x10000);
	assert_false(d.reader->facts.truncated);
	assert_false(d.reader->facts.incomplete);
}

/* Section headers stand between the ELF header and the program headers, e_ehsize is 8. */
static void reads_what_qemu_writes(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	open_elf(&d, &(struct mkelf){.segments = two, .nr_segments = 2, .phoff = 192, .ehsize = 8});
	expect(&d, 0x1000, 0x3000, DUMP_ABSENT);
}

static void reads_both_classes_and_byte_orders(void **state)
{
	static const struct {
		uint8_t word;
		bool big_endian;
		uint16_t machine;
		const char *name;
	} cases[] = {
		{8, false, EM_AARCH64, "aarch64"},
		{8, true, EM_S390, "s390x"},
		{4, false, EM_386, "i686"},
		{4, true, EM_PPC, "ppc"},
	};

	for (size_t i = 0; i < 4; i++) {
		_cleanup_dump_ struct dump d = {0};

		open_elf(&d, &(struct mkelf){.segments = two,
					     .nr_segments = 2,
					     .word = cases[i].word,
					     .big_endian = cases[i].big_endian,
					     .machine = cases[i].machine});
		expect(&d, 0x1000, 0x3000, DUMP_ABSENT);
		assert_int_equal(d.reader->facts.word, cases[i].word);
		assert_int_equal(d.reader->facts.big_endian, cases[i].big_endian);
		assert_string_equal(d.reader->facts.uts.machine, cases[i].name);
	}
}

/* QEMU takes the large class for a 32-bit guest with more than 4 GiB. */
static void the_machine_tells_the_size_of_long(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	open_elf(&d, &(struct mkelf){.segments = two, .nr_segments = 2, .machine = EM_386});
	assert_int_equal(d.reader->facts.word, 4);
	assert_string_equal(d.reader->facts.uts.machine, "i686");
}

static void the_number_of_segments_may_stand_in_section_0(void **state)
{
	for (uint8_t word = 4; word <= 8; word += 4) {
		_cleanup_dump_ struct dump d = {0};

		open_elf(&d,
			 &(struct mkelf){
				 .segments = two, .nr_segments = 2, .xnum = true, .word = word});
		assert_int_equal(d.reader->facts.nr_segments, 2);
		expect(&d, 0x10000, 0x2000, DUMP_ABSENT);
	}
}

/* The kernel's text has a segment of its own. */
static void the_first_of_overlapping_segments_wins(void **state)
{
	static const struct mkelf_segment segments[] = {
		{.paddr = 0x2000, .memsz = 0x1000, .filesz = 0x1000, .off = 0x10000},
		{.paddr = 0x1000, .memsz = 0x4000, .filesz = 0x4000, .off = 0x1000},
	};
	_cleanup_dump_ struct dump d = {0};
	uint8_t buf[0x4000];
	size_t done;

	mkelf(&(struct mkelf){.segments = segments, .nr_segments = 2}, &d.file);
	memset(d.file.data + 0x10000, 0xee, 0x1000);
	open_file(&d);
	expect(&d, 0x1000, 0x1000, DUMP_OK);
	expect(&d, 0x3000, 0x2000, DUMP_ABSENT);
	assert_int_equal(dump_read(d.reader, d.scratch, 0x1000, buf, 0x4000, &done), DUMP_OK);
	for (size_t i = 0x1000; i < 0x2000; i++)
		assert_int_equal(buf[i], 0xee);
	expect_run(&d, 0x1000, 0x1000, 0x5000, DUMP_OK);
}

/* A real /proc/vmcore: RAM ends at 0x9fc00. */
static void a_block_backed_in_part_reads_zero_in_the_rest(void **state)
{
	static const struct mkelf_segment segments[] = {
		{.paddr = 0x1400, .memsz = 0x800, .filesz = 0x800},
		{.paddr = 0x3000, .memsz = 0x1c00, .filesz = 0x1c00},
	};
	_cleanup_dump_ struct dump d = {0};
	uint8_t buf[0x1000], zero[0x1000] = {0};
	size_t done;

	open_elf(&d, &(struct mkelf){.segments = segments, .nr_segments = 2});
	assert_int_equal(dump_read(d.reader, d.scratch, 0x1000, buf, 0x1000, &done), DUMP_OK);
	assert_memory_equal(buf, zero, 0x400);
	assert_int_equal(buf[0x400], mkfile_byte(0x1400));
	assert_int_equal(buf[0xbff], mkfile_byte(0x1bff));
	assert_memory_equal(buf + 0xc00, zero, 0x400);
	assert_int_equal(dump_read(d.reader, d.scratch, 0x4c00, buf, 0x800, &done), DUMP_ABSENT);
	assert_int_equal(done, 0x400);
	assert_memory_equal(buf, zero, 0x400);
	expect_run(&d, 0x1400, 0x1000, 0x2000, DUMP_OK);
	expect_run(&d, 0x3000, 0x3000, 0x5000, DUMP_OK);
	assert_int_equal(d.reader->facts.max_paddr, 0x5000);
}

/* makedumpfile -E: the tail of a segment, or all of it, is left out. Another one may have it. */
static void what_a_segment_leaves_out_is_excluded(void **state)
{
	static const struct mkelf_segment segments[] = {
		{.paddr = 0x1000, .memsz = 0x4000, .filesz = 0x1000},
		{.paddr = 0x5000, .memsz = 0x3000, .filesz = 0},
		{.paddr = 0x3000, .memsz = 0x1000, .filesz = 0x1000},
	};
	_cleanup_dump_ struct dump d = {0};

	open_elf(&d, &(struct mkelf){.segments = segments, .nr_segments = 3});
	expect(&d, 0x1000, 0x1000, DUMP_EXCLUDED);
	expect(&d, 0x3000, 0x1000, DUMP_EXCLUDED);
	expect(&d, 0x5000, 0, DUMP_EXCLUDED);
	expect_run(&d, 0x2000, 0x2000, 0x3000, DUMP_EXCLUDED);
	expect_run(&d, 0x4000, 0x4000, 0x8000, DUMP_EXCLUDED);
	assert_int_equal(d.reader->facts.segments[1].filesz, 0);
}

static void segments_that_are_no_ram_are_passed_over(void **state)
{
	static const struct mkelf_segment segments[] = {
		{.paddr = UINT64_MAX, .memsz = 0x1000, .filesz = 0x1000}, // vmalloc in /proc/kcore
		{.paddr = 0x1000, .memsz = 0x1000, .filesz = 0x1000},
		{.paddr = 0x8000, .memsz = 0},
	};
	_cleanup_dump_ struct dump d = {0};

	open_elf(&d, &(struct mkelf){.segments = segments, .nr_segments = 3});
	assert_int_equal(d.reader->facts.nr_segments, 1);
	assert_string_equal(d.reader->warning, "");
	assert_int_equal(d.reader->facts.max_paddr, 0x2000);
	expect(&d, 0x1000, 0x1000, DUMP_ABSENT);
}

static void a_segment_beyond_all_memory_is_passed_over_with_a_warning(void **state)
{
	static const uint64_t paddrs[] = {UINT64_MAX - 0xfff, 1ULL << 63, 1ULL << 56};

	for (size_t i = 0; i < 3; i++) {
		const struct mkelf_segment segments[] = {
			{.paddr = paddrs[i], .memsz = 0x2000, .filesz = 0x1000},
			{.paddr = 0x1000, .memsz = 0x1000, .filesz = 0x1000},
		};
		_cleanup_dump_ struct dump d = {0};

		open_elf(&d, &(struct mkelf){.segments = segments, .nr_segments = 2});
		assert_int_equal(d.reader->facts.nr_segments, 1);
		assert_non_null(strstr(d.reader->warning, "passed over"));
		expect(&d, 0x1000, 0x1000, DUMP_ABSENT);
	}
}

static void a_cut_file_opens_and_says_so(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	mkelf(&(struct mkelf){.segments = two, .nr_segments = 2}, &d.file);
	mkfile_resize(&d.file, 0x2800); // data of the first segment begin at 0x1000
	open_file(&d);
	assert_true(d.reader->facts.truncated);
	assert_non_null(strstr(d.reader->warning, "ends at 0x2800"));
	assert_non_null(strstr(d.reader->warning, "physical 0x1000"));
	expect(&d, 0x1000, 0x1800, DUMP_UNREADABLE);
	assert_non_null(strstr(d.scratch->why, "offset 0x2800: the file ends there"));
	expect(&d, 0x10000, 0, DUMP_UNREADABLE);
	expect_run(&d, 0x10000, 0x10000, 0x12000, DUMP_OK);
}

static void a_read_error_is_no_end(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	open_elf(&d, &(struct mkelf){.segments = two, .nr_segments = 2});
	bad_from = 0x2000;
	expect(&d, 0x1000, 0x1000, DUMP_UNREADABLE);
	assert_non_null(strstr(d.scratch->why, "offset 0x2000: Input/output error"));
}

static void an_incomplete_file_says_so(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	open_elf(&d, &(struct mkelf){.segments = two, .nr_segments = 2, .flags = 1});
	assert_true(d.reader->facts.incomplete);
	assert_non_null(strstr(d.reader->warning, "incomplete"));
}

static void blocks_are_the_pages_of_the_kernel(void **state)
{
	static const struct {
		const char *text;
		uint32_t block_size;
	} cases[] = {
		{"PAGESIZE=65536\n", 65536}, {"PAGESIZE=16384\n", 16384},
		{"PAGESIZE=4097\n", 4096},   {"PAGESIZE=1024\n", 4096},
		{"PAGESIZE=0\n", 4096},      {"PAGESIZE=2097152\n", 4096},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_dump_ struct dump d = {0};
		_cleanup_free_ void *notes = NULL;
		size_t len = 0;

		assert_ok(notes_append(&notes, &len, false, "VMCOREINFO", 0, cases[i].text,
				       strlen(cases[i].text)));
		open_elf(&d, &(struct mkelf){.segments = two,
					     .nr_segments = 2,
					     .notes = notes,
					     .notes_len = len});
		assert_int_equal(d.reader->facts.block_size, cases[i].block_size);
		if (cases[i].block_size == 65536) {
			expect_run(&d, 0x4000, 0, 0x20000, DUMP_OK);
			assert_int_equal(d.reader->facts.max_paddr, 0x20000);
		}
	}
}

static void damaged_notes_leave_the_memory(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	open_elf(&d, &(struct mkelf){.segments = two,
				     .nr_segments = 2,
				     .notes = "\xff\xff\xff\xff\xff\xff\xff\xff....",
				     .notes_len = 12});
	assert_non_null(strstr(d.reader->warning, "notes are damaged"));
	expect(&d, 0x1000, 0x3000, DUMP_ABSENT);
}

static void notes_beyond_the_end_are_left_out(void **state)
{
	const struct mkelf elf = {.segments = two, .nr_segments = 2, .notes = "x", .notes_len = 1};
	_cleanup_dump_ struct dump d = {0};

	mkelf(&elf, &d.file);
	store_u64(d.file.data + mkelf_phdr(&elf, 0, 32), 1ULL << 40, false); // p_filesz
	open_file(&d);
	assert_non_null(strstr(d.reader->warning, "notes at offset"));
	assert_int_equal(d.reader->facts.notes_len, 0);
	expect(&d, 0x1000, 0x3000, DUMP_ABSENT);
}

/* QEMU -p: tens of thousands of mappings, thousands of them of the same page. */
static void many_segments_are_no_burden(void **state)
{
	static const size_t nr = 65536;
	_cleanup_free_ struct mkelf_segment *segments = calloc(nr, sizeof(*segments));
	_cleanup_dump_ struct dump d = {0};
	struct mkelf elf = {.segments = segments, .nr_segments = nr, .xnum = true};

	assert_non_null(segments);
	for (size_t i = 0; i < nr; i++)
		segments[i] = (struct mkelf_segment){.paddr = i * 7919 % 64 * 0x1000,
						     .memsz = 0x1000,
						     .filesz = 0x1000,
						     .off = (1ULL << 23) + i * 7919 % 64 * 0x1000,
						     .no_data = i >= 64};
	open_elf(&d, &elf);
	assert_int_equal(d.reader->facts.nr_segments, nr);
	nr_preads = 0;
	expect(&d, 0, 64 * 0x1000, DUMP_ABSENT);
	assert_int_equal(nr_preads, 1); // they were folded into one range
	expect_run(&d, 0, 0, 64 * 0x1000, DUMP_OK);
}

static void refuses(const struct mkelf *elf, size_t off, uint32_t value, size_t len,
		    enum error_code code, const char *message)
{
	_cleanup_mkfile_ struct mkfile file = {0};
	struct dump_reader *reader = NULL;

	mkelf(elf, &file);
	if (off)
		store_u16(file.data + off, (uint16_t)value, false);
	if (len)
		mkfile_resize(&file, len);
	assert_err(dump_open(mkfile_path(&file), &reader), code, message);
	assert_null(reader);
}

static void nonsense_is_named(void **state)
{
	const struct mkelf elf = {.segments = two, .nr_segments = 2};
	const struct mkelf none = {.machine = EM_X86_64, .notes = "", .notes_len = 0};
	static const struct mkelf_segment process[] = {
		{.paddr = 0, .memsz = 0x1000, .filesz = 0x1000, .vaddr = 0x400000},
		{.paddr = 0, .memsz = 0x1000, .filesz = 0x1000, .vaddr = 0x600000},
	};

	refuses(&elf, EI_CLASS, 0x0103, 0, ERROR_FORMAT, "class 3");
	refuses(&elf, EI_CLASS, 0x0302, 0, ERROR_FORMAT, "data encoding 3");
	refuses(&elf, 16, ET_EXEC, 0, ERROR_FORMAT, "type 2 at offset 0x10");
	refuses(&elf, 54, 32, 0, ERROR_FORMAT, "of 32 bytes, want");
	refuses(&elf, 56, 60000, 0, ERROR_FORMAT, "but 60000 ELF program headers");
	refuses(&elf, 34, 0xffff, 0, ERROR_FORMAT, "program headers should be at 0xffff0040");
	refuses(&elf, 0, 0, 100, ERROR_FORMAT, "file ends at offset 0x64");
	refuses(&elf, 0, 0, 50, ERROR_FORMAT, "in the ELF header");
	refuses(&elf, 0, 0, 5, ERROR_FORMAT, "ELF header");
	refuses(&none, 0, 0, 0, ERROR_FORMAT, "without a segment of memory");
	refuses(&(struct mkelf){.segments = process, .nr_segments = 2}, 0, 0, 0, ERROR_UNSUPPORTED,
		"core of a process");
}

static void any_damage_to_the_headers_is_survived(void **state)
{
	const struct mkelf elf = {
		.segments = two, .nr_segments = 2, .notes = "abcd", .notes_len = 4};
	_cleanup_mkfile_ struct mkfile file = {0};

	mkelf(&elf, &file);
	for (size_t i = 4; i < mkelf_phdr(&elf, 3, 0); i++) {
		static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
		uint8_t was = file.data[i];

		for (size_t v = 0; v < sizeof(values); v++) {
			_cleanup_reader_ struct dump_reader *reader = NULL;
			_cleanup_scratch_ struct dump_scratch *scratch = NULL;
			uint8_t buf[256];
			size_t done;

			file.data[i] = values[v];
			if (error_ignore(dump_open(mkfile_path(&file), &reader)))
				continue;
			assert_ok(dump_scratch_create(reader, &scratch));
			dump_read(reader, scratch, 0x1f80, buf, sizeof(buf), &done);
			assert_true(done <= sizeof(buf));
		}
		file.data[i] = was;
	}
}

/* What the file system is told from is the only thing that a test file lacks. */
static void open_as_proc(struct dump *d, const struct mkelf *elf)
{
	_cleanup_file_ struct file *file = NULL;

	mkelf(elf, &d->file);
	assert_ok(file_open(mkfile_path(&d->file), &file));
	file->proc = true;
	assert_ok(elf_format.open(file, NULL, &d->reader));
	TAKE_PTR(file);
	assert_ok(dump_scratch_create(d->reader, &d->scratch));
	nr_preads = 0;
}

#define LARGE (9U << 20)

static void proc_files_are_mapped_in_windows(void **state)
{
	static const struct mkelf_segment large[] = {
		{.paddr = 0x1000, .memsz = LARGE, .filesz = LARGE}};
	_cleanup_dump_ struct dump d = {0};

	open_as_proc(&d, &(struct mkelf){.segments = large, .nr_segments = 1});
	expect(&d, 0x1000, LARGE, DUMP_ABSENT);
	assert_int_equal(nr_mmaps, 3);
	assert_int_equal(nr_preads, 0);
	expect(&d, 0x1000 + LARGE - 100, 100, DUMP_OK); // is still mapped
	assert_int_equal(nr_mmaps, 3);
	expect(&d, 0x1800, 100, DUMP_OK); // is not worth a mapping
	assert_int_equal(nr_mmaps, 3);
	assert_int_equal(nr_preads, 1);
}

static void proc_files_that_cannot_be_mapped_are_read(void **state)
{
	static const struct mkelf_segment large[] = {
		{.paddr = 0x1000, .memsz = LARGE, .filesz = LARGE}};
	_cleanup_dump_ struct dump d = {0};

	no_mmap = true;
	open_as_proc(&d, &(struct mkelf){.segments = large, .nr_segments = 1});
	expect(&d, 0x1000, LARGE, DUMP_ABSENT);
	expect(&d, 0x1000, LARGE, DUMP_ABSENT);
	assert_int_equal(nr_mmaps, 1);
	assert_int_equal(nr_preads, 2);
}

static void regular_files_are_never_mapped(void **state)
{
	static const struct mkelf_segment large[] = {
		{.paddr = 0x1000, .memsz = LARGE, .filesz = LARGE}};
	_cleanup_dump_ struct dump d = {0};

	open_elf(&d, &(struct mkelf){.segments = large, .nr_segments = 1});
	expect(&d, 0x1000, LARGE, DUMP_ABSENT);
	assert_int_equal(nr_mmaps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads_segments_and_what_lies_between, setup),
		cmocka_unit_test_setup(fills_the_facts, setup),
		cmocka_unit_test_setup(reads_what_qemu_writes, setup),
		cmocka_unit_test_setup(reads_both_classes_and_byte_orders, setup),
		cmocka_unit_test_setup(the_machine_tells_the_size_of_long, setup),
		cmocka_unit_test_setup(the_number_of_segments_may_stand_in_section_0, setup),
		cmocka_unit_test_setup(the_first_of_overlapping_segments_wins, setup),
		cmocka_unit_test_setup(a_block_backed_in_part_reads_zero_in_the_rest, setup),
		cmocka_unit_test_setup(what_a_segment_leaves_out_is_excluded, setup),
		cmocka_unit_test_setup(segments_that_are_no_ram_are_passed_over, setup),
		cmocka_unit_test_setup(a_segment_beyond_all_memory_is_passed_over_with_a_warning,
				       setup),
		cmocka_unit_test_setup(a_cut_file_opens_and_says_so, setup),
		cmocka_unit_test_setup(a_read_error_is_no_end, setup),
		cmocka_unit_test_setup(an_incomplete_file_says_so, setup),
		cmocka_unit_test_setup(blocks_are_the_pages_of_the_kernel, setup),
		cmocka_unit_test_setup(damaged_notes_leave_the_memory, setup),
		cmocka_unit_test_setup(notes_beyond_the_end_are_left_out, setup),
		cmocka_unit_test_setup(many_segments_are_no_burden, setup),
		cmocka_unit_test_setup(nonsense_is_named, setup),
		cmocka_unit_test_setup(any_damage_to_the_headers_is_survived, setup),
		cmocka_unit_test_setup(proc_files_are_mapped_in_windows, setup),
		cmocka_unit_test_setup(proc_files_that_cannot_be_mapped_are_read, setup),
		cmocka_unit_test_setup(regular_files_are_never_mapped, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
