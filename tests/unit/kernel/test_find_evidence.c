// SPDX-License-Identifier: GPL-2.0-or-later
/* Who says what of a kernel. */
#include "kernel/find_kernel.h"

#include <stdio.h>

#include "dump/notes.h"
#include "tests/support/mkimage.h"
#include "tests/support/test.h"
#include "util/bytes.h"

#define NOTE 0x5000000ULL

static struct find_result *find(struct mem *mem)
{
	const struct find_options options = {.nr_threads = 1};
	struct find_result *result;

	assert_ok(kernel_find(&mem->reader, &options, &result));
	assert_int_equal(result->nr, 1);
	return result;
}

/* The state of a fact, and all its sources separated by commas, lost ones in brackets. */
static void expect(const struct find_result *result, const char *name, enum fact_state want,
		   const char *sources)
{
	const struct fact *fact = evidence_find(&result->kernels[0]->evidence, name);
	const struct witness *witness;
	char got[256] = "";
	size_t len = 0;

	if (!fact)
		fail_msg("nobody says %s", name);
	for (size_t i = 0; fact && i < fact->nr; i++) {
		witness = &fact->witnesses[i];
		len += (size_t)snprintf(got + len, sizeof(got) - len,
					witness->lost ? "%s[%s]" : "%s%s", i ? "," : "",
					witness->source);
	}
	if (fact_judge(fact, &witness) != want || strcmp(got, sources) != 0)
		fail_msg("%s: %s by %s", name, fact_state_names[fact_judge(fact, &witness)], got);
}

static void test_sound(void **state)
{
	const struct mkimage_options options = {.note = NOTE};
	struct mem *mem = mem_create();
	struct find_result *result;
	struct mkimage made;

	mkimage(&made, mem, &options);
	result = find(mem);
	expect(result, "phys_base", FACT_AGREED, "image,symbol table,vmcoreinfo");
	expect(result, "kaslr_offset", FACT_AGREED, "boot_params,vmcoreinfo");
	expect(result, "page_offset", FACT_AGREED, "image,page tables");
	expect(result, "vmalloc_base", FACT_AGREED, "image,page tables");
	expect(result, "vmemmap_base", FACT_AGREED, "image,memory sections,page tables");
	expect(result, "image_voffset", FACT_AGREED, "image,symbol table,vmcoreinfo,page tables");
	expect(result, "page_table_root", FACT_AGREED, "vmcoreinfo,image,page tables");
	expect(result, "release", FACT_AGREED, "vmcoreinfo,image,banner");
	expect(result, "vmcoreinfo", FACT_SINGLE, "memory");
	find_result_destroy(result);
	mem_destroy(mem);
}

/* What is lost is named, and the others are still right. */
static void test_losses(void **state)
{
	const struct mkimage_options options = {0};
	struct mem *mem = mem_create();
	struct find_result *result;
	struct mkimage made;

	mkimage(&made, mem, &options);
	mkimage_wipe(mem, mkimage_at(&made, MKIMAGE_BANNER));
	mkimage_wipe(mem, mkimage_at(&made, MKIMAGE_VARIABLES));
	result = find(mem);
	expect(result, "release", FACT_SINGLE, "image,[banner]");
	expect(result, "phys_base", FACT_SINGLE, "symbol table");
	expect(result, "vmcoreinfo", FACT_UNKNOWN, "[memory]");
	expect(result, "page_offset", FACT_SINGLE, "page tables");
	expect(result, "vmalloc_base", FACT_SINGLE, "page tables");
	find_result_destroy(result);
	mem_destroy(mem);
}

/* Sources that differ: each is kept. */
static void test_dispute(void **state)
{
	const struct mkimage_options options = {.note = NOTE};
	struct mem *mem = mem_create();
	const struct witness *witness;
	struct find_result *result;
	struct mkimage made;

	mkimage(&made, mem, &options);
	mem_write_u64(mem, mkimage_at(&made, MKIMAGE_VARIABLES) + 8, MKIMAGE_PAGE_OFFSET + 4096);
	mkimage_put(mem, mkimage_at(&made, MKIMAGE_BANNER), "Linux version 5.4.4-test ", 25);
	result = find(mem);
	expect(result, "page_offset", FACT_DISPUTED, "image,page tables");
	expect(result, "release", FACT_DISPUTED, "vmcoreinfo,image,banner");
	fact_judge(evidence_find(&result->kernels[0]->evidence, "release"), &witness);
	assert_string_equal(witness->text, MKIMAGE_RELEASE);
	assert_string_equal(result->kernels[0]->release, MKIMAGE_RELEASE);
	find_result_destroy(result);
	mem_destroy(mem);
}

static void test_cpus(void **state)
{
	const struct mkimage_options options = {.note = NOTE};
	struct mem *mem = mem_create();
	struct find_result *result;
	uint8_t prstatus[336] = {0};
	struct mkimage made;
	void *notes = NULL;
	size_t len = 0;

	mkimage(&made, mem, &options);
	for (unsigned int cpu = 0; cpu < 3; cpu++) {
		// the last one runs a program
		store_u64(prstatus + 112 + 128, cpu < 2 ? made.virt + 0x1234 : 0x401000, false);
		assert_ok(notes_append(&notes, &len, false, "CORE", 1, prstatus, sizeof(prstatus)));
	}
	mem->reader.facts.notes = notes;
	mem->reader.facts.notes_len = len;
	result = find(mem);
	assert_int_equal(result->kernels[0]->cpus, 2);
	find_result_destroy(result);
	mem_destroy(mem);
	free(notes);
}

static void test_roles(void **state)
{
	static const struct {
		struct mkimage_options options;
		uint32_t panic_cpu;
		enum found_role role;
	} cases[] = {
		{{.note = NOTE}, UINT32_MAX, FOUND_RUNNING},
		{{.note = NOTE, .crashed = true}, UINT32_MAX, FOUND_CRASHED},
		{{.note = NOTE}, 1, FOUND_CRASHED},
		{{.note = NOTE, .cmdline = "a elfcorehdr=0x1000 b"}, UINT32_MAX, FOUND_CAPTURE},
		{{.note = NOTE, .cmdline = "a elfcorehdr b"}, UINT32_MAX, FOUND_RUNNING},
		{{.never_ran = true}, UINT32_MAX, FOUND_REMAINS},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mem *mem = mem_create();
		struct find_result *result;
		struct mkimage made;

		mkimage(&made, mem, &cases[i].options);
		mem_write_u32(mem, mkimage_at(&made, MKIMAGE_VARIABLES) + 64, cases[i].panic_cpu);
		result = find(mem);
		assert_int_equal(result->kernels[0]->role, cases[i].role);
		find_result_destroy(result);
		mem_destroy(mem);
	}
}

static void test_read(void **state)
{
	const struct mkimage_options options = {.note = NOTE};
	struct mem *mem = mem_create();
	struct find_result *result;
	struct mkimage made;
	char text[16];

	mkimage(&made, mem, &options);
	result = find(mem);
	assert_true(found_kernel_read(result->kernels[0], made.virt + MKIMAGE_BANNER, text, 14));
	assert_memory_equal(text, "Linux version ", 14);
	assert_true(found_kernel_read(result->kernels[0],
				      MKIMAGE_PAGE_OFFSET + made.phys + MKIMAGE_BANNER, text, 14));
	assert_false(found_kernel_read(result->kernels[0], 0x1000, text, 14));
	assert_false(found_kernel_read(result->kernels[0], made.virt + (64 << 20), text, 14));
	find_result_destroy(result);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),   cmocka_unit_test(test_losses),
		cmocka_unit_test(test_dispute), cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_roles),   cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
