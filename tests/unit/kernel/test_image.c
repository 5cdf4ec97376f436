// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/image.h"

#include "kernel/kallsyms.h"
#include "tests/support/mkimage.h"
#include "tests/support/test.h"

static void load(struct mem *mem, const struct mkimage *made, struct kallsyms **ret)
{
	struct kallsyms_tables tables = {0};

	assert_true(kallsyms_find(mem_read, mem, made->digits, &tables));
	assert_ok(kallsyms_create(&tables, mem_read, mem, ret));
}

/* With the layouts of 5.10, 6.15 and 7.0. */
static void test_locate(void **state)
{
	static const unsigned int layouts[] = {4, 11, 14};

	for (size_t i = 0; i < 3; i++) {
		const struct mkimage_options options = {.layout = &mklayouts[layouts[i]]};
		_cleanup_kallsyms_ struct kallsyms *ks = NULL;
		struct mem *mem = mem_create();
		struct mkimage made;
		struct image image;
		char release[65];
		uint64_t value;

		mkimage(&made, mem, &options);
		load(mem, &made, &ks);
		assert_true(image_locate(ks, mem_read, mem, &image));
		assert_int_equal(image.voffset, made.voffset);
		assert_int_equal(image.texts, 3);
		assert_int_equal(image.pointers, 7);
		assert_true(kallsyms_lookup(ks, "init_task", &value));
		assert_int_equal(value, made.virt + MKIMAGE_INIT_TASK);
		assert_true(image_release(&image, release));
		assert_string_equal(release, MKIMAGE_RELEASE);
		assert_true(image_variable(&image, "vmalloc_base", 8, &value));
		assert_int_equal(value, MKIMAGE_VMALLOC);
		assert_true(image_variable(&image, "panic_cpu", 4, &value));
		assert_int_equal(value, UINT32_MAX);
		assert_true(image_variable(&image, "vmalloc_base", 2, &value));
		assert_int_equal(value, 0);
		assert_true(image_variable(&image, "page_offset_base", 1, &value));
		assert_false(image_variable(&image, "vmalloc_base", 3, &value));
		assert_false(image_variable(&image, "no_such_symbol", 8, &value));
		mem_destroy(mem);
	}
}

/* With one text after another gone, and then with none. */
static void test_damage(void **state)
{
	const struct mkimage_options options = {0};
	_cleanup_kallsyms_ struct kallsyms *ks = NULL;
	struct mem *mem = mem_create();
	struct mkimage made;
	struct image image;
	char release[65];
	uint64_t value;

	mkimage(&made, mem, &options);
	load(mem, &made, &ks);
	mkimage_wipe(mem, mkimage_at(&made, MKIMAGE_BANNER));
	assert_true(image_locate(ks, mem_read, mem, &image));
	assert_int_equal(image.voffset, made.voffset);
	assert_int_equal(image.texts, 1);
	mkimage_wipe(mem, mkimage_at(&made, MKIMAGE_INIT_TASK));
	assert_true(image_locate(ks, mem_read, mem, &image));
	assert_int_equal(image.pointers, 2);
	// a variable in a page that was wiped out has no value
	mkimage_wipe(mem, mkimage_at(&made, MKIMAGE_VARIABLES));
	assert_false(image_variable(&image, "vmalloc_base", 8, &value));
	assert_true(image_read(&image, made.virt + MKIMAGE_VARIABLES, &value, 8));
	assert_false(image_read_sound(&image, made.virt + MKIMAGE_VARIABLES, &value, 8));
	mkimage_wipe(mem, mkimage_at(&made, MKIMAGE_UTS));
	assert_false(image_locate(ks, mem_read, mem, &image));
	assert_false(image_release(&image, release));
	mem_destroy(mem);
}

/* Place-relative symbols need pointers that agree. */
static void test_no_pointers(void **state)
{
	const struct mkimage_options options = {.layout = &mklayouts[14]};
	_cleanup_kallsyms_ struct kallsyms *ks = NULL;
	struct mem *mem = mem_create();
	struct mkimage made;
	struct image image;

	mkimage(&made, mem, &options);
	load(mem, &made, &ks);
	mkimage_wipe(mem, mkimage_at(&made, MKIMAGE_INIT_TASK));
	mkimage_wipe(mem, mkimage_at(&made, 0x201000));
	assert_false(image_locate(ks, mem_read, mem, &image));
	// two that say different things are none, and two are not enough
	mem_write_u64(mem, mkimage_at(&made, MKIMAGE_INIT_TASK), made.virt + MKIMAGE_INIT_TASK);
	mem_write_u64(mem, mkimage_at(&made, MKIMAGE_INIT_TASK + 8), made.virt + 0x202000);
	assert_false(image_locate(ks, mem_read, mem, &image));
	mem_write_u64(mem, mkimage_at(&made, MKIMAGE_INIT_TASK + 16), made.virt + 0x201400);
	assert_false(image_locate(ks, mem_read, mem, &image));
	mem_write_u64(mem, mkimage_at(&made, MKIMAGE_INIT_TASK + 24), made.virt + 0x201500);
	assert_true(image_locate(ks, mem_read, mem, &image));
	assert_int_equal(image.voffset, made.voffset);
	mem_destroy(mem);
}

static void test_at(void **state)
{
	const struct mkimage_options options = {0};
	_cleanup_kallsyms_ struct kallsyms *ks = NULL;
	struct mem *mem = mem_create();
	struct mkimage made;
	struct image image;

	mkimage(&made, mem, &options);
	load(mem, &made, &ks);
	image_at(ks, made.voffset, mem_read, mem, &image);
	assert_int_equal(image.texts, 3);
	assert_int_equal(image.pointers, 7);
	image_at(ks, made.voffset + 0x1000, mem_read, mem, &image);
	assert_int_equal(image.texts, 0);
	assert_int_equal(image.voffset, made.voffset + 0x1000);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_locate),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_no_pointers),
		cmocka_unit_test(test_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
