// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/find_memory.h"

#include "tests/support/mkimage.h"
#include "tests/support/test.h"

static const struct placement split = {
	.segments = {{.paddr = 0, .off = 0, .len = 0x3000},
		     {.paddr = 0x100000000, .off = 0x3000, .len = 0x2000}},
	.nr = 2,
};

static void test_placement(void **state)
{
	uint64_t off, left, paddr;

	assert_true(placement_find(&split, 0x1234, &off, &left));
	assert_int_equal(off, 0x1234);
	assert_int_equal(left, 0x3000 - 0x1234);
	assert_true(placement_find(&split, 0x100001fff, &off, &left));
	assert_int_equal(off, 0x4fff);
	assert_int_equal(left, 1);
	assert_false(placement_find(&split, 0x3000, &off, &left));
	assert_false(placement_find(&split, 0x100002000, &off, &left));
	assert_true(placement_paddr(&split, 0x2fff, &paddr) && paddr == 0x2fff);
	assert_true(placement_paddr(&split, 0x3000, &paddr) && paddr == 0x100000000);
	assert_false(placement_paddr(&split, 0x5000, &paddr));
}

static void test_reads(void **state)
{
	static const struct placement adjacent = {
		.segments = {{.paddr = 0x40000000, .off = 0x8000, .len = 0x1000},
			     {.paddr = 0x40001000, .off = 0x1000, .len = 0x1000}},
		.nr = 2,
	};
	static const struct placement none;
	struct mem *mem = mem_create();
	struct find_memory memory;
	static uint8_t large[0x8000];
	char buf[16] = "";

	for (uint64_t at = 0; at < 0x9000; at += 0x1000)
		mkimage_put(mem, at, "page", 5);
	mkimage_put(mem, 0x8ffc, "one ", 4);
	mkimage_put(mem, 0x1000, "two ", 5);
	assert_ok(find_memory_init(&memory, &mem->reader));
	assert_true(find_memory_read(&memory, 0x8ffc, buf, 4));
	assert_memory_equal(buf, "one ", 4);
	assert_true(find_memory_read(&memory, 0, large, sizeof(large)));
	assert_string_equal((char *)large + 0x3000, "page");
	assert_false(find_memory_read(&memory, 0x8ffe, buf, 4));
	assert_false(find_memory_read(&memory, 0x2000, large, sizeof(large)));
	// without segments physical addresses are the reader's
	assert_true(find_memory_read_placed(&memory, &none, 0x1000, buf, 5));
	assert_string_equal(buf, "two ");
	// across two segments, and out of them
	assert_true(find_memory_read_placed(&memory, &adjacent, 0x40000ffc, buf, 9));
	assert_string_equal(buf, "one two ");
	assert_false(find_memory_read_placed(&memory, &adjacent, 0x40001ffe, buf, 4));
	assert_false(find_memory_read_placed(&memory, &adjacent, 0x1000, buf, 4));
	find_memory_deinit(&memory);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placement),
		cmocka_unit_test(test_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
