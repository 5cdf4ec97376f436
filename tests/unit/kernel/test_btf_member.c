// SPDX-License-Identifier: GPL-2.0-or-later
/* Members through anonymous structs, bit fields of both kinds and byte orders, enumerators. */
#include "kernel/btf.h"

#include "tests/support/mkbtf.h"
#include "tests/support/test.h"
#include "util/bytes.h"

enum {
	INT = 1, /* 32 bits */
	LONG,
	OLD_BITS, /* an int of which only 5 bits, 3 from its beginning, count */
	INNER,
	ANON,
	OUTER,
	BITS,
	ALIAS,
	POINTER,
	CHARS,
	FLEX,
	OLD,
	UNION_OUTER,
};

static struct mkbtf *make(bool big_endian)
{
	struct mkbtf *mk = mkbtf_create(big_endian);

	mkbtf_int(mk, "int", 4, 1U << 24 | 32);
	mkbtf_int(mk, "long", 8, 64);
	mkbtf_int(mk, "int", 4, 3 << 16 | 5);
	mkbtf_type(mk, BTF_STRUCT, "inner", 24);
	mkbtf_member(mk, "x", INT, 0);
	mkbtf_member(mk, "sp", LONG, 64);
	mkbtf_member(mk, "text", CHARS, 128);
	mkbtf_type(mk, BTF_UNION, "", 24);
	mkbtf_member(mk, "whole", LONG, 0);
	mkbtf_member(mk, "", INNER, 0);
	mkbtf_type(mk, BTF_STRUCT, "outer", 64);
	mkbtf_member(mk, "first", INT, 0);
	mkbtf_member(mk, "", ANON, 64);
	mkbtf_member(mk, "named", ALIAS, 256);
	mkbtf_member(mk, "next", POINTER, 448);
	mkbtf_member(mk, "data", FLEX, 512);
	mkbtf_type(mk, BTF_STRUCT, "bits", 4);
	mkbtf_flag(mk);
	mkbtf_member(mk, "low", INT, 3 << 24 | 0);
	mkbtf_member(mk, "middle", INT, 13 << 24 | 3);
	mkbtf_member(mk, "high", INT, 16 << 24 | 16);
	mkbtf_type(mk, BTF_TYPEDEF, "inner_t", INNER);
	mkbtf_type(mk, BTF_PTR, "", OUTER);
	mkbtf_array(mk, INT, 4);
	mkbtf_array(mk, INT, 0);
	mkbtf_type(mk, BTF_STRUCT, "old", 4);
	mkbtf_member(mk, "field", OLD_BITS, 8);
	mkbtf_type(mk, BTF_UNION, "outer", 8);
	mkbtf_member(mk, "only_here", LONG, 0);
	return mk;
}

static void expect(const struct btf *btf, const char *path, uint64_t offset, uint64_t size)
{
	struct btf_member member;

	if (!btf_find_member(btf, path, &member))
		fail_msg("%s is not found", path);
	assert_int_equal(member.offset, offset);
	assert_int_equal(member.bit, offset * 8);
	assert_int_equal(member.bit_size, 0);
	assert_int_equal(member.size, size);
}

static void test_paths(void **state)
{
	struct mkbtf *mk = make(false);
	_cleanup_btf_ struct btf *btf = mkbtf_load(mk, 8);
	struct btf_member member = {.offset = 4711};
	static const char *const none[] = {
		"outer",
		"outer.",
		"outer.nothing",
		"nothing.first",
		"outer.named.first",
		"outer.next.x",
		"outer.first.x",
		".first",
		"",
		"outer..first",
		"int.x",
		"outer.named.",
	};

	expect(btf, "outer.first", 0, 4);
	expect(btf, "outer.whole", 8, 8);
	expect(btf, "outer.x", 8, 4);
	expect(btf, "outer.sp", 16, 8);
	expect(btf, "outer.text", 24, 16);
	expect(btf, "outer.named", 32, 24);
	expect(btf, "outer.named.sp", 40, 8);
	expect(btf, "outer.next", 56, 8);
	expect(btf, "outer.data", 64, 0);
	expect(btf, "inner_t.sp", 8, 8);
	// the union of the same name
	expect(btf, "outer.only_here", 0, 8);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]) - 1; i++) {
		if (btf_find_member(btf, none[i], &member))
			fail_msg("%s is found", none[i]);
	}
	assert_int_equal(member.offset, 4711);
	mkbtf_destroy(mk);
}

static void test_members(void **state)
{
	struct mkbtf *mk = make(false);
	_cleanup_btf_ struct btf *btf = mkbtf_load(mk, 8);
	struct btf_member member;
	struct btf_type type;
	const char *name;
	int64_t value;

	assert_true(btf_get(btf, OUTER, &type));
	assert_true(btf_member(&type, 1, &member));
	assert_string_equal(member.name, "");
	assert_int_equal(member.type, ANON);
	assert_int_equal(member.offset, 8);
	assert_int_equal(member.size, 24);
	assert_true(btf_member(&type, 4, &member));
	assert_false(btf_member(&type, 5, &member));
	assert_false(btf_member(&type, UINT32_MAX, &member));
	assert_true(btf_get(btf, INT, &type));
	assert_false(btf_member(&type, 0, &member));
	assert_true(btf_get(btf, 0, &type));
	assert_false(btf_member(&type, 0, &member));
	assert_false(btf_enumerator(&type, 0, &name, &value));
	mkbtf_destroy(mk);
}

static void test_bit_fields(void **state)
{
	for (unsigned int big_endian = 0; big_endian < 2; big_endian++) {
		struct mkbtf *mk = make(big_endian);
		_cleanup_btf_ struct btf *btf = mkbtf_load(mk, 8);
		struct btf_member member;
		uint8_t data[4];
		uint64_t value;

		// low 5, middle 0x1234 & 0x1fff, high 0xbeef, as compilers lay them out
		store_u32(data,
			  big_endian ? 5U << 29 | 0x1234U << 16 | 0xbeef
				     : 5U | 0x1234U << 3 | 0xbeefU << 16,
			  big_endian);
		assert_true(btf_find_member(btf, "bits.middle", &member));
		assert_int_equal(member.bit, 3);
		assert_int_equal(member.bit_size, 13);
		assert_int_equal(member.offset, 0);
		assert_true(btf_read_member(btf, &member, data, 4, &value));
		assert_int_equal(value, 0x1234);
		assert_true(btf_find_member(btf, "bits.low", &member));
		assert_true(btf_read_member(btf, &member, data, 4, &value) && value == 5);
		assert_true(btf_find_member(btf, "bits.high", &member));
		assert_int_equal(member.offset, 2);
		assert_true(btf_read_member(btf, &member, data, 4, &value) && value == 0xbeef);
		assert_false(btf_read_member(btf, &member, data, 3, &value));
		// the type says which bits it is
		assert_true(btf_find_member(btf, "old.field", &member));
		assert_int_equal(member.bit, 11);
		assert_int_equal(member.bit_size, 5);
		mkbtf_destroy(mk);
	}
}

static void test_numbers(void **state)
{
	static const uint8_t data[72] = {[32] = 1, 2, 3, 4, [40] = 1, 2, 3, 4, 5, 6, 7, 8};
	struct mkbtf *mk = make(true);
	_cleanup_btf_ struct btf *btf = mkbtf_load(mk, 8);
	struct btf_member member;
	uint64_t value;

	assert_true(btf_find_member(btf, "outer.named.x", &member));
	assert_true(btf_read_member(btf, &member, data, sizeof(data), &value));
	assert_int_equal(value, 0x01020304);
	assert_true(btf_find_member(btf, "outer.named.sp", &member));
	assert_true(btf_read_member(btf, &member, data, sizeof(data), &value));
	assert_int_equal(value, 0x0102030405060708);
	assert_false(btf_read_member(btf, &member, data, 47, &value));
	// no number
	assert_true(btf_find_member(btf, "outer.text", &member));
	assert_false(btf_read_member(btf, &member, data, sizeof(data), &value));
	member = (struct btf_member){.offset = UINT64_MAX, .size = 8};
	assert_false(btf_read_member(btf, &member, data, sizeof(data), &value));
	member = (struct btf_member){.bit = UINT64_MAX, .bit_size = 8};
	assert_false(btf_read_member(btf, &member, data, sizeof(data), &value));
	member = (struct btf_member){.bit_size = 65};
	assert_false(btf_read_member(btf, &member, data, sizeof(data), &value));
	mkbtf_destroy(mk);
}

static void test_enumerators(void **state)
{
	struct mkbtf *mk = mkbtf_create(false);
	struct btf_type type;
	const char *name;
	struct btf *btf;
	int64_t value;

	mkbtf_type(mk, BTF_ENUM, "small", 4);
	mkbtf_enumerator(mk, "ZERO", 0);
	mkbtf_enumerator(mk, "MINUS", (uint64_t)-5);
	mkbtf_type(mk, BTF_ENUM64, "", 8);
	mkbtf_enumerator(mk, "WIDE", 0x8000000000000001);
	btf = mkbtf_load(mk, 8);
	assert_true(btf_find_enumerator(btf, "ZERO", &value) && value == 0);
	assert_true(btf_find_enumerator(btf, "MINUS", &value) && value == -5);
	assert_true(btf_find_enumerator(btf, "WIDE", &value));
	assert_int_equal(value, 0x8000000000000001);
	assert_false(btf_find_enumerator(btf, "NOTHING", &value));
	assert_true(btf_get(btf, 1, &type));
	assert_true(btf_enumerator(&type, 1, &name, &value));
	assert_string_equal(name, "MINUS");
	assert_false(btf_enumerator(&type, 2, &name, &value));
	btf_destroy(btf);
	mkbtf_destroy(mk);
}

/* Structs that contain themselves end, with every member of each looked at more than once. */
static void test_cycles(void **state)
{
	struct mkbtf *mk = mkbtf_create(false);
	struct btf_member member;
	struct btf *btf;

	mkbtf_type(mk, BTF_STRUCT, "loop", 8);
	for (unsigned int i = 0; i < 1000; i++)
		mkbtf_member(mk, "", 1, 0);
	mkbtf_member(mk, "last", 1, 0);
	btf = mkbtf_load(mk, 8);
	assert_false(btf_find_member(btf, "loop.nothing", &member));
	btf_destroy(btf);
	mkbtf_destroy(mk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),       cmocka_unit_test(test_members),
		cmocka_unit_test(test_bit_fields),  cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_enumerators), cmocka_unit_test(test_cycles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
