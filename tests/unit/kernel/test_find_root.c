// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's root table is gone: those of processes share its half. */
#include "kernel/find_kernel.h"

#include "tests/support/mkimage.h"
#include "tests/support/test.h"

#define NOTE 0x5000000ULL

/* What a process has: the upper half of the kernel's table. */
static void make_process(struct mem *mem, const struct mkimage *made, uint64_t paddr)
{
	for (uint64_t off = 2048; off < 4096; off += 8) {
		uint8_t raw[8];

		assert_true(mem_read(mem, mkimage_at(made, MKIMAGE_ROOT) + off, raw, 8));
		mem_write_u64(mem, paddr + off, load_u64(raw, false));
	}
}

static void test_stand_in(void **state)
{
	const struct find_options options = {.nr_threads = 1};
	const struct mkimage_options with = {.note = NOTE}, without = {0};

	for (unsigned int note = 0; note < 2; note++) {
		struct mem *mem = mem_create();
		struct find_result *result;
		struct found_kernel *kernel;
		const struct fact *root;
		struct mkimage made;
		uint64_t value, roots[4];
		size_t nr;

		mkimage(&made, mem, note ? &with : &without);
		make_process(mem, &made, 0x4000000);
		// only its last entry is like theirs
		mem_write_u64(mem, 0x3000000 + 4088, mkimage_at(&made, MKIMAGE_ROOT + 0x1000) | 3);
		mkimage_wipe(mem, mkimage_at(&made, MKIMAGE_ROOT));
		assert_ok(kernel_find(&mem->reader, &options, &result));
		assert_int_equal(result->nr, 1);
		kernel = result->kernels[0];
		assert_true(kernel->translates);
		assert_true(kernel->stand_in);
		assert_int_equal(kernel->as.paging.root, 0x4000000);
		assert_true(evidence_value(&kernel->evidence, "page_offset", &value));
		assert_int_equal(value, MKIMAGE_PAGE_OFFSET);
		// the place of the damaged one is still known, and its loss
		assert_true(evidence_value(&kernel->evidence, "page_table_root", &value));
		assert_int_equal(value, mkimage_at(&made, MKIMAGE_ROOT));
		root = evidence_find(&kernel->evidence, "page_table_root");
		assert_non_null(root->witnesses[0].lost);
		assert_ok(found_kernel_roots(kernel, roots, 4, &nr));
		assert_int_equal(nr, 2);
		assert_int_equal(roots[0], 0x3000000);
		assert_int_equal(roots[1], 0x4000000);
		assert_ok(found_kernel_roots(kernel, roots, 1, &nr));
		assert_int_equal(nr, 1);
		find_result_destroy(result);
		mem_destroy(mem);
	}
}

/* There is no other. */
static void test_none(void **state)
{
	const struct find_options options = {.nr_threads = 1};
	const struct mkimage_options with = {.note = NOTE};
	struct mem *mem = mem_create();
	struct find_result *result;
	struct found_kernel *kernel;
	struct mkimage made;
	uint64_t value;

	mkimage(&made, mem, &with);
	mkimage_wipe(mem, mkimage_at(&made, MKIMAGE_ROOT));
	assert_ok(kernel_find(&mem->reader, &options, &result));
	assert_int_equal(result->nr, 1);
	kernel = result->kernels[0];
	assert_false(kernel->translates);
	assert_non_null(strstr(kernel->reason->message, "do not map themselves"));
	assert_true(evidence_value(&kernel->evidence, "image_voffset", &value));
	assert_int_equal(value, made.voffset);
	assert_true(evidence_value(&kernel->evidence, "vmalloc_base", &value));
	assert_int_equal(value, MKIMAGE_VMALLOC);
	find_result_destroy(result);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stand_in),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
