// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/bytes.h"

#include "tests/support/test.h"

static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void numbers_come_in_either_byte_order(void **state)
{
	struct bytes le = bytes_make(data, sizeof(data), false, 8);
	struct bytes be = bytes_make(data, sizeof(data), true, 8);

	assert_int_equal(bytes_u8(&le), 1);
	assert_int_equal(bytes_u16(&le), 0x0302);
	assert_int_equal(bytes_u32(&le), 0x07060504);
	assert_int_equal(bytes_u64(&le), 0x0f0e0d0c0b0a0908);
	assert_int_equal(bytes_u8(&be), 1);
	assert_int_equal(bytes_u16(&be), 0x0203);
	assert_int_equal(bytes_u32(&be), 0x04050607);
	assert_int_equal(bytes_u64(&be), 0x08090a0b0c0d0e0f);
	assert_int_equal(bytes_left(&le), 1);
	assert_false(le.bad || be.bad);
}

static void a_word_is_as_long_as_the_machine_says(void **state)
{
	struct bytes narrow = bytes_make(data, sizeof(data), true, 4);
	struct bytes wide = bytes_make(data, sizeof(data), true, 8);

	assert_int_equal(bytes_word(&narrow), 0x01020304);
	assert_int_equal(narrow.pos, 4);
	assert_int_equal(bytes_word(&wide), 0x0102030405060708);
	assert_int_equal(wide.pos, 8);
}

static void past_the_end_is_zero_and_bad_for_good(void **state)
{
	struct bytes b = bytes_make(data, 7, false, 8);

	assert_int_equal(bytes_u32(&b), 0x04030201);
	assert_int_equal(bytes_u32(&b), 0);
	assert_true(b.bad);
	assert_int_equal(bytes_u8(&b), 0); // though one would fit
	assert_null(bytes_take(&b, 0));
	assert_int_equal(b.pos, 4);
}

static void taking_gives_what_is_there(void **state)
{
	struct bytes b = bytes_make(data, 8, false, 8);

	assert_ptr_equal(bytes_take(&b, 3), data);
	assert_ptr_equal(bytes_take(&b, 5), data + 3);
	assert_ptr_equal(bytes_take(&b, 0), data + 8);
	assert_false(b.bad);
	assert_null(bytes_take(&b, SIZE_MAX));
	assert_true(b.bad);
}

static void seeking_stays_inside(void **state)
{
	struct bytes b = bytes_make(data, 8, false, 8);

	bytes_seek(&b, 6);
	assert_int_equal(bytes_u16(&b), 0x0807);
	bytes_seek(&b, 8);
	assert_false(b.bad);
	bytes_seek(&b, 9);
	assert_true(b.bad);
	assert_int_equal(b.pos, 8);
	b = bytes_make(data, 8, false, 8);
	bytes_seek(&b, UINT64_MAX);
	assert_true(b.bad);
}

static void aligning_counts_from_the_start(void **state)
{
	struct bytes b = bytes_make(data + 1, 10, false, 8);

	bytes_align(&b, 8);
	assert_int_equal(b.pos, 0);
	bytes_u8(&b);
	bytes_align(&b, 4);
	assert_int_equal(b.pos, 4);
	bytes_align(&b, 4);
	assert_int_equal(b.pos, 4);
	bytes_u8(&b);
	bytes_align(&b, 8);
	assert_int_equal(b.pos, 8);
	bytes_u8(&b);
	bytes_align(&b, 8);
	assert_true(b.bad);
}

static void storing_is_loading_backwards(void **state)
{
	uint8_t buf[9] = {0};

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		store_u16(buf + 1, 0x1234, big_endian);
		assert_int_equal(load_u16(buf + 1, big_endian), 0x1234);
		assert_int_equal(buf[1], big_endian ? 0x12 : 0x34);
		store_u32(buf + 1, 0x12345678, big_endian);
		assert_int_equal(load_u32(buf + 1, big_endian), 0x12345678);
		assert_int_equal(buf[1], big_endian ? 0x12 : 0x78);
		store_u64(buf + 1, 0x123456789abcdef0, big_endian);
		assert_int_equal(load_u64(buf + 1, big_endian), 0x123456789abcdef0);
		assert_int_equal(buf[1], big_endian ? 0x12 : 0xf0);
	}
	assert_int_equal(buf[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_come_in_either_byte_order),
		cmocka_unit_test(a_word_is_as_long_as_the_machine_says),
		cmocka_unit_test(past_the_end_is_zero_and_bad_for_good),
		cmocka_unit_test(taking_gives_what_is_there),
		cmocka_unit_test(seeking_stays_inside),
		cmocka_unit_test(aligning_counts_from_the_start),
		cmocka_unit_test(storing_is_loading_backwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
