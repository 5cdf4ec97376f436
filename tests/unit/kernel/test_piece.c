// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/piece.h"

#include "tests/support/mem.h"
#include "tests/support/test.h"

static void test_holes(void **state)
{
	struct mem *mem = mem_create();
	_cleanup_piece_ struct piece piece = {0};

	// 0x3000 is absent, 0x5000 is zero from end to end, 0x7000 begins behind the piece
	for (uint64_t paddr = 0x1000; paddr < 0x8000; paddr += 0x1000) {
		if (paddr != 0x3000)
			*mem_at(mem, paddr + 0x800) = paddr == 0x5000 ? 0 : (uint8_t)(paddr >> 12);
	}
	assert_ok(piece_load(mem_read, mem, 0x1800, 0x5000, &piece));
	assert_int_equal(piece.addr, 0x1000);
	assert_int_equal(piece.len, 0x6000);
	assert_int_equal(piece.nr_holes, 2);
	assert_int_equal(*piece_at(&piece, 0x2800, 1), 2);
	assert_non_null(piece_at(&piece, 0x1000, 0x2000));
	assert_null(piece_at(&piece, 0x2fff, 2));
	assert_null(piece_at(&piece, 0x3000, 1));
	assert_null(piece_at(&piece, 0x4000, 0x1001));
	assert_non_null(piece_at(&piece, 0x4000, 0x1000));
	// outside, and a length that leads there
	assert_null(piece_at(&piece, 0xfff, 1));
	assert_null(piece_at(&piece, 0x6fff, 2));
	assert_null(piece_at(&piece, 0x6000, SIZE_MAX));
	assert_non_null(piece_at(&piece, 0x6fff, 1));
	assert_int_equal(piece_last_hole(&piece, 0x1000, 0x6800), 0x6000);
	assert_int_equal(piece_last_hole(&piece, 0x1000, 0x5000), 0x4000);
	assert_int_equal(piece_last_hole(&piece, 0x1000, 0x3000), 0x1000);
	assert_int_equal(piece_last_hole(&piece, 0x6100, 0x6800), 0x6100);
	mem_destroy(mem);
}

static void test_nothing(void **state)
{
	struct mem *mem = mem_create();
	_cleanup_piece_ struct piece piece = {0};

	assert_ok(piece_load(mem_read, mem, 0, 0x2000, &piece));
	assert_int_equal(piece.nr_holes, 2);
	assert_null(piece_at(&piece, 0, 1));
	assert_int_equal(piece_last_hole(&piece, 0, 0x1000), 0x1000);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
