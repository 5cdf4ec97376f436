// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole dumps: which kernels are found in them, in which order. */
#include "kernel/find.h"

#include <elf.h>

#include "kernel/kallsyms.h"
#include "tests/support/mkimage.h"
#include "tests/support/test.h"

#define NOTE 0x5000000ULL

static struct find_result *find(struct mem *mem, const struct find_options *options)
{
	static const struct find_options defaults = {.nr_threads = 1};
	struct find_result *result = NULL;

	assert_ok(kernel_find(&mem->reader, options ? options : &defaults, &result));
	return result;
}

static void expect_fact(const struct found_kernel *kernel, const char *name, uint64_t want)
{
	uint64_t value;

	if (!evidence_value(&kernel->evidence, name, &value))
		fail_msg("%s is not known", name);
	assert_int_equal(value, want);
}

static void expect_facts(const struct found_kernel *kernel, const struct mkimage *made)
{
	expect_fact(kernel, "image_voffset", made->voffset);
	expect_fact(kernel, "phys_base", 0xffffffff80000000 - made->voffset);
	expect_fact(kernel, "kaslr_offset", made->virt - 0xffffffff80000000 - MKIMAGE_LINK);
	expect_fact(kernel, "page_offset", MKIMAGE_PAGE_OFFSET);
	expect_fact(kernel, "vmalloc_base", MKIMAGE_VMALLOC);
	expect_fact(kernel, "vmemmap_base", MKIMAGE_VMEMMAP);
	expect_fact(kernel, "page_table_root", made->phys + MKIMAGE_ROOT);
	expect_fact(kernel, "paging_levels", 4);
	assert_string_equal(kernel->release, MKIMAGE_RELEASE);
}

/* With a note, and from the image alone. */
static void test_one(void **state)
{
	for (unsigned int note = 0; note < 2; note++) {
		const struct mkimage_options options = {.note = note ? NOTE : 0};
		struct find_result *result;
		struct mem *mem = mem_create();
		struct found_kernel *kernel;
		struct mkimage made;

		mkimage(&made, mem, &options);
		result = find(mem, NULL);
		assert_true(result->scanned);
		assert_int_equal(result->nr, 1);
		kernel = result->kernels[0];
		assert_int_equal(kernel->role, FOUND_RUNNING);
		assert_true(kernel->translates);
		assert_int_equal(kernel->source, note ? FOUND_INFO_NOTE : FOUND_INFO_IMAGE);
		assert_int_equal(kernel->vmcoreinfo_paddr, note ? NOTE + 24 : 0);
		if (note)
			assert_string_equal(kernel->vmcoreinfo, made.info);
		assert_non_null(kernel->kallsyms);
		assert_int_equal(kernel->facts.machine, EM_X86_64);
		expect_facts(kernel, &made);
		find_result_destroy(result);
		mem_destroy(mem);
	}
}

/* VMCOREINFO of the file is enough: nothing is scanned. */
static void test_file(void **state)
{
	const struct find_options scan = {.scan = true, .nr_threads = 1};
	const struct find_options blind = {.blind = true, .nr_threads = 1};
	const struct mkimage_options options = {.note = NOTE, .crashed = true};
	struct mem *mem = mem_create();
	struct find_result *result;
	struct mkimage made;

	mkimage(&made, mem, &options);
	mem->reader.facts.vmcoreinfo = made.info;
	mem->reader.facts.vmcoreinfo_len = made.info_len;
	result = find(mem, NULL);
	assert_false(result->scanned);
	assert_int_equal(result->nr, 1);
	assert_int_equal(result->kernels[0]->source, FOUND_INFO_FILE);
	assert_int_equal(result->kernels[0]->role, FOUND_CRASHED);
	// its symbols were found around where it says the image is
	assert_non_null(result->kernels[0]->kallsyms);
	expect_facts(result->kernels[0], &made);
	find_result_destroy(result);

	result = find(mem, &scan);
	assert_true(result->scanned);
	assert_int_equal(result->nr, 1);
	assert_int_equal(result->kernels[0]->source, FOUND_INFO_FILE);
	assert_int_equal(result->kernels[0]->vmcoreinfo_paddr, NOTE + 24);
	find_result_destroy(result);

	result = find(mem, &blind);
	assert_true(result->scanned);
	assert_int_equal(result->kernels[0]->source, FOUND_INFO_NOTE);
	find_result_destroy(result);

	// one that leads nowhere is passed over
	mem->reader.facts.vmcoreinfo = "OSRELEASE=1.0\nSYMBOL(_stext)=ffffffff81000000\n";
	mem->reader.facts.vmcoreinfo_len = strlen(mem->reader.facts.vmcoreinfo);
	result = find(mem, NULL);
	assert_true(result->scanned);
	assert_int_equal(result->nr, 1);
	assert_int_equal(result->kernels[0]->source, FOUND_INFO_NOTE);
	find_result_destroy(result);
	mem_destroy(mem);
}

/* A crashed one, its capture kernel, and a copy of an image that never ran. */
static void test_several(void **state)
{
	const struct mkimage_options capture = {.phys = 0xc000000,
						.virt = 0xffffffff95000000,
						.note = 0xb000000,
						.cmdline = "quiet elfcorehdr=0xdeadbeef"};
	const struct mkimage_options crashed = {.note = NOTE, .crashed = true};
	const struct mkimage_options copy = {
		.phys = 0x1200000, .virt = 0xffffffff81000000, .never_ran = true};
	struct find_result *result;
	struct mem *mem = mem_create();
	struct mkimage made[3];

	mkimage(&made[2], mem, &copy);
	mkimage(&made[1], mem, &capture);
	mkimage(&made[0], mem, &crashed);
	result = find(mem, NULL);
	assert_int_equal(result->nr, 3);
	assert_int_equal(result->kernels[0]->role, FOUND_CRASHED);
	expect_facts(result->kernels[0], &made[0]);
	assert_int_equal(result->kernels[1]->role, FOUND_CAPTURE);
	expect_facts(result->kernels[1], &made[1]);
	assert_int_equal(result->kernels[2]->role, FOUND_REMAINS);
	assert_false(result->kernels[2]->translates);
	assert_non_null(result->kernels[2]->reason);
	assert_string_equal(found_role_names[result->kernels[1]->role], "capture");
	find_result_destroy(result);
	mem_destroy(mem);
}

/* The same kernel twice at the same address: the note belongs to the one that runs. */
static void test_same_twice(void **state)
{
	const struct mkimage_options running = {.note = NOTE};
	const struct mkimage_options copy = {.phys = 0x1200000, .never_ran = true};
	struct find_result *result;
	struct mem *mem = mem_create();
	struct mkimage made[2];

	mkimage(&made[1], mem, &copy);
	mkimage(&made[0], mem, &running);
	result = find(mem, NULL);
	assert_int_equal(result->nr, 2);
	assert_int_equal(result->kernels[0]->source, FOUND_INFO_NOTE);
	expect_facts(result->kernels[0], &made[0]);
	assert_int_equal(result->kernels[1]->role, FOUND_REMAINS);
	find_result_destroy(result);
	mem_destroy(mem);
}

/* Symbols gone: the note leads there alone, and the facts that it has are right. */
static void test_no_symbols(void **state)
{
	const struct mkimage_options options = {.note = NOTE};
	struct find_result *result;
	struct mem *mem = mem_create();
	struct found_kernel *kernel;
	struct mkimage made;

	mkimage(&made, mem, &options);
	mkimage_wipe(mem, made.tables.token_table);
	mkimage_wipe(mem, made.tables.token_index);
	result = find(mem, NULL);
	assert_int_equal(result->nr, 1);
	kernel = result->kernels[0];
	assert_null(kernel->kallsyms);
	assert_true(kernel->translates);
	assert_string_equal(kernel->release, MKIMAGE_RELEASE);
	expect_fact(kernel, "image_voffset", made.voffset);
	expect_fact(kernel, "page_offset", MKIMAGE_PAGE_OFFSET);
	expect_fact(kernel, "vmemmap_base", MKIMAGE_VMEMMAP);
	assert_string_equal(evidence_find(&kernel->evidence, "image_voffset")->witnesses[0].source,
			    "symbol table");
	assert_non_null(evidence_find(&kernel->evidence, "image_voffset")->witnesses[0].lost);
	find_result_destroy(result);
	mem_destroy(mem);
}

/* Forged notes describe no kernel that is there. */
static void test_forged(void **state)
{
	const struct mkimage_options options = {.note = NOTE};
	struct find_result *result;
	struct mem *mem = mem_create(), *forged = mem_create();
	struct mkimage made;

	mkimage(&made, mem, &options);
	for (size_t i = 0; i < 2; i++)
		mkimage_put(forged, 0x1000 * i, mem_at(mem, NOTE), MEM_PAGE);
	result = find(forged, NULL);
	assert_int_equal(result->nr, 0);
	assert_non_null(strstr(result->seen, "1 texts of VMCOREINFO"));
	find_result_destroy(result);
	mem_destroy(forged);
	mem_destroy(mem);
}

static void test_nothing(void **state)
{
	struct find_result *result;
	struct mem *mem = mem_create();

	mkimage_put(mem, 0x5000, "Linux version 6.1 of a log", 26);
	result = find(mem, NULL);
	assert_int_equal(result->nr, 0);
	assert_non_null(strstr(result->seen, "0 places look like symbol names"));
	assert_non_null(strstr(result->seen, "1 banners"));
	assert_string_equal(result->trouble, "");
	find_result_destroy(result);
	mem_destroy(mem);
}

/* Tables that make no sense are told of. */
static void test_trouble(void **state)
{
	const struct mkimage_options options = {0};
	struct find_result *result;
	struct mem *mem = mem_create();
	struct mkimage made;

	mkimage(&made, mem, &options);
	for (uint64_t off = 0; off < 2400; off += 4)
		mem_write_u32(mem, made.tables.offsets + off, (uint32_t)(off * 2654435761U));
	result = find(mem, NULL);
	assert_int_equal(result->nr, 0);
	assert_non_null(strstr(result->trouble, "no layout gives ascending addresses"));
	find_result_destroy(result);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),        cmocka_unit_test(test_file),
		cmocka_unit_test(test_several),    cmocka_unit_test(test_same_twice),
		cmocka_unit_test(test_no_symbols), cmocka_unit_test(test_forged),
		cmocka_unit_test(test_nothing),    cmocka_unit_test(test_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
