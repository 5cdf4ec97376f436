// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/btf.h"

#include <stdio.h>

#include "tests/support/mkbtf.h"
#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/checked.h"

/* One type of each kind; the numbers are their ids. */
enum {
	INT = 1,
	PTR,
	ARRAY,
	STRUCT,
	UNION,
	ENUM,
	FWD,
	TYPEDEF,
	VOLATILE,
	CONST,
	RESTRICT,
	FUNC_PROTO,
	FUNC,
	VAR,
	DATASEC,
	FLOAT,
	DECL_TAG,
	TYPE_TAG,
	ENUM64,
	LAST,
};

static struct mkbtf *make(bool big_endian)
{
	struct mkbtf *mk = mkbtf_create(big_endian);

	mkbtf_int(mk, "int", 4, 1U << 24 | 32);
	mkbtf_type(mk, BTF_PTR, "", STRUCT);
	mkbtf_array(mk, TYPEDEF, 6);
	mkbtf_type(mk, BTF_STRUCT, "pair", 24);
	mkbtf_member(mk, "left", INT, 0);
	mkbtf_member(mk, "right", PTR, 64);
	mkbtf_type(mk, BTF_UNION, "either", 8);
	mkbtf_member(mk, "number", INT, 0);
	mkbtf_type(mk, BTF_ENUM, "color", 4);
	mkbtf_enumerator(mk, "RED", 0);
	mkbtf_enumerator(mk, "NONE", (uint64_t)-1);
	mkbtf_type(mk, BTF_FWD, "later", 0);
	mkbtf_type(mk, BTF_TYPEDEF, "pair_t", VOLATILE);
	mkbtf_type(mk, BTF_VOLATILE, "", CONST);
	mkbtf_type(mk, BTF_CONST, "", TYPE_TAG);
	mkbtf_type(mk, BTF_RESTRICT, "", PTR);
	mkbtf_type(mk, BTF_FUNC_PROTO, "", INT);
	mkbtf_type(mk, BTF_FUNC, "do_it", FUNC_PROTO);
	mkbtf_type(mk, BTF_VAR, "runqueues", STRUCT);
	mkbtf_word(mk, 1);
	mkbtf_type(mk, BTF_DATASEC, ".data..percpu", 4096);
	mkbtf_member(mk, "", VAR, 24);
	mkbtf_type(mk, BTF_FLOAT, "double", 8);
	mkbtf_type(mk, BTF_DECL_TAG, "user", STRUCT);
	mkbtf_word(mk, UINT32_MAX);
	mkbtf_type(mk, BTF_TYPE_TAG, "rcu", STRUCT);
	mkbtf_type(mk, BTF_ENUM64, "wide", 8);
	mkbtf_enumerator(mk, "HUGE", 0x123456789abcdef0);
	mkbtf_type(mk, BTF_STRUCT, "pair", 4);
	return mk;
}

static void test_kinds(void **state)
{
	for (unsigned int big_endian = 0; big_endian < 2; big_endian++) {
		struct mkbtf *mk = make(big_endian);
		_cleanup_btf_ struct btf *btf = mkbtf_load(mk, 8);
		struct btf_type type;

		assert_int_equal(btf->big_endian, big_endian);
		assert_int_equal(btf_last_id(btf), LAST);
		assert_true(btf->complete);
		for (uint32_t id = 0; id <= LAST; id++) {
			assert_true(btf_get(btf, id, &type));
			assert_int_equal(type.kind, id == LAST         ? BTF_STRUCT
						    : id == FUNC       ? BTF_FUNC
						    : id == FUNC_PROTO ? BTF_FUNC_PROTO
								       : id);
			assert_int_equal(type.id, id);
		}
		assert_false(btf_get(btf, LAST + 1, &type));
		assert_false(btf_get(btf, UINT32_MAX, &type));
		assert_true(btf_get(btf, STRUCT, &type));
		assert_string_equal(type.name, "pair");
		assert_int_equal(type.nr, 2);
		assert_int_equal(type.size, 24);
		assert_true(btf_get(btf, ARRAY, &type));
		assert_int_equal(type.elements, 6);
		assert_int_equal(type.type, TYPEDEF);
		assert_true(btf_get(btf, PTR, &type));
		assert_string_equal(type.name, "");
		assert_int_equal(type.type, STRUCT);
		mkbtf_destroy(mk);
	}
}

static void test_names(void **state)
{
	struct mkbtf *mk = make(false);
	_cleanup_btf_ struct btf *btf = mkbtf_load(mk, 8);

	// of two of a name the first
	assert_int_equal(btf_find(btf, BTF_STRUCT, "pair"), STRUCT);
	assert_int_equal(btf_find(btf, BTF_UNION, "pair"), 0);
	assert_int_equal(btf_find(btf, BTF_TYPEDEF, "pair_t"), TYPEDEF);
	assert_int_equal(btf_find(btf, BTF_VAR, "runqueues"), VAR);
	assert_int_equal(btf_find(btf, BTF_ENUM64, "wide"), ENUM64);
	assert_int_equal(btf_find(btf, BTF_STRUCT, "pai"), 0);
	assert_int_equal(btf_find(btf, BTF_PTR, ""), 0);
	mkbtf_destroy(mk);
}

static void test_sizes(void **state)
{
	struct mkbtf *mk = make(false);
	_cleanup_btf_ struct btf *wide = mkbtf_load(mk, 8);
	_cleanup_btf_ struct btf *narrow = mkbtf_load(mk, 4);
	struct btf_type type;
	uint64_t size = 4711;

	assert_true(btf_find_size(wide, "pair", &size) && size == 24);
	assert_true(btf_find_size(wide, "pair_t", &size) && size == 24);
	assert_true(btf_find_size(wide, "either", &size) && size == 8);
	assert_true(btf_find_size(wide, "color", &size) && size == 4);
	assert_true(btf_find_size(wide, "wide", &size) && size == 8);
	assert_true(btf_find_size(wide, "int", &size) && size == 4);
	assert_true(btf_size(wide, ARRAY, &size) && size == 6 * 24);
	assert_true(btf_size(wide, RESTRICT, &size) && size == 8);
	assert_true(btf_size(narrow, RESTRICT, &size) && size == 4);
	assert_true(btf_size(wide, FLOAT, &size) && size == 8);
	assert_true(btf_size(wide, VAR, &size) && size == 24);
	assert_false(btf_size(wide, FUNC_PROTO, &size));
	assert_false(btf_size(wide, FWD, &size));
	assert_false(btf_size(wide, 0, &size));
	assert_false(btf_find_size(wide, "later", &size));
	assert_int_equal(size, 24);
	assert_true(btf_resolve(wide, TYPEDEF, &type));
	assert_int_equal(type.id, STRUCT);
	mkbtf_destroy(mk);
}

/* Types that refer to themselves, or to nothing. */
static void test_cycles(void **state)
{
	struct mkbtf *mk = mkbtf_create(false);
	struct btf_type type;
	uint64_t size;
	struct btf *btf;

	mkbtf_type(mk, BTF_TYPEDEF, "a", 2);
	mkbtf_type(mk, BTF_CONST, "", 1);
	mkbtf_array(mk, 3, 2);
	mkbtf_type(mk, BTF_TYPEDEF, "nowhere", 4711);
	mkbtf_array(mk, 7, UINT32_MAX);
	mkbtf_array(mk, 5, UINT32_MAX);
	mkbtf_type(mk, BTF_STRUCT, "big", UINT32_MAX);
	btf = mkbtf_load(mk, 8);
	assert_false(btf_resolve(btf, 1, &type));
	assert_false(btf_size(btf, 1, &size));
	assert_false(btf_size(btf, 3, &size));
	assert_false(btf_size(btf, 4, &size));
	assert_true(btf_size(btf, 5, &size));
	// more than 2^64 bytes
	assert_false(btf_size(btf, 6, &size));
	btf_destroy(btf);
	mkbtf_destroy(mk);
}

static void test_split(void **state)
{
	struct mkbtf *mk = make(false), *more = mkbtf_create(false);
	_cleanup_btf_ struct btf *base = mkbtf_load(mk, 8);
	_cleanup_btf_ struct btf *btf = NULL;
	struct btf_type type;
	uint64_t size;

	more->first_id = LAST + 1;
	more->first_str = (uint32_t)mk->strings_len;
	// a split section has no empty string of its own in front
	more->strings_len = 0;
	mkbtf_type(more, BTF_STRUCT, "mine", 48);
	mkbtf_member(more, "pairs", LAST + 2, 0);
	mkbtf_array(more, STRUCT, 2);
	mkbtf_finish(more, 0x20000);
	assert_ok(btf_create(mkbtf_read, more, more->addr, more->blob_len, 8, base, &btf));
	assert_int_equal(btf_find(btf, BTF_STRUCT, "mine"), LAST + 1);
	assert_int_equal(btf_find(btf, BTF_STRUCT, "pair"), STRUCT);
	assert_int_equal(btf_find(base, BTF_STRUCT, "mine"), 0);
	assert_true(btf_get(btf, LAST + 1, &type));
	assert_string_equal(type.name, "mine");
	assert_true(btf_get(btf, STRUCT, &type));
	assert_string_equal(type.name, "pair");
	assert_true(btf_size(btf, LAST + 2, &size) && size == 48);
	assert_int_equal(btf_last_id(btf), LAST + 2);
	mkbtf_destroy(more);
	mkbtf_destroy(mk);
}

static struct error *create(struct mkbtf *mk, uint64_t len, struct btf **btf)
{
	return btf_create(mkbtf_read, mk, mk->addr, len, 8, NULL, btf);
}

static void test_bad_headers(void **state)
{
	static const struct {
		size_t off;
		uint32_t value;
		const char *message;
	} bad[] = {
		{0, 0x0001eb9e, "no valid header"},  {0, 0x0002eb9f, "no valid header"},
		{0, 0x0101eb9f, "no valid header"},  {4, 23, "no valid header"},
		{4, 100000, "no valid header"},      {8, 2, "no valid header"},
		{12, 0x7ffffffc, "no valid header"}, {12, UINT32_MAX, "no valid header"},
		{16, 0, "strings before the end"},   {20, 0x7fffffff, "no valid header"},
		{20, 0, "no valid header"},
	};
	struct btf *btf = NULL;
	struct mkbtf *mk = make(false);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mkbtf_finish(mk, 0x1000);
		store_u32(mk->blob + bad[i].off, bad[i].value, false);
		assert_err(create(mk, mk->blob_len, &btf), ERROR_FORMAT, bad[i].message);
	}
	mkbtf_finish(mk, 0x1000);
	assert_err(create(mk, mk->blob_len - 1, &btf), ERROR_FORMAT, "BTF at 0x1000");
	assert_err(create(mk, 10, &btf), ERROR_FORMAT, "no possible size");
	assert_err(create(mk, BTF_MAX_LEN + 1, &btf), ERROR_FORMAT, "no possible size");
	mkbtf_destroy(mk);
}

static void test_bad_types(void **state)
{
	struct btf *btf = NULL;
	struct mkbtf *mk = make(false);

	// a kind that there is not, and a tail past the end
	mkbtf_type(mk, BTF_NR_KINDS, "new", 0);
	mkbtf_finish(mk, 0x1000);
	assert_err(create(mk, mk->blob_len, &btf), ERROR_FORMAT, "type 21 makes no sense");
	mkbtf_destroy(mk);
	mk = make(false);
	mkbtf_type(mk, BTF_STRUCT, "long", 8);
	store_u32(mk->types + mk->last + 4, BTF_STRUCT << 24 | 0xffff, false);
	mkbtf_finish(mk, 0x1000);
	assert_err(create(mk, mk->blob_len, &btf), ERROR_FORMAT, "type 21 makes no sense");
	mkbtf_destroy(mk);
	// names past the end of the strings
	mk = make(false);
	store_u32(mk->types, 0x7fffffff, false);
	btf = mkbtf_load(mk, 8);
	struct btf_type type;
	assert_true(btf_get(btf, INT, &type));
	assert_string_equal(type.name, BTF_LOST);
	assert_int_equal(btf_find(btf, BTF_INT, "int"), 0);
	btf_destroy(btf);
	mkbtf_destroy(mk);
}

/* Holes in types end them; names in holes are lost. */
static void test_holes(void **state)
{
	struct mkbtf *mk = mkbtf_create(false);
	struct btf *btf = NULL;
	struct btf_type type;
	char name[32];

	for (unsigned int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "type_number_%u", i);
		mkbtf_type(mk, BTF_STRUCT, name, i);
	}
	mkbtf_finish(mk, 0x1000);
	mk->hole[0] = 0x3000;
	mk->hole[1] = 0x4000;
	assert_ok(create(mk, mk->blob_len, &btf));
	assert_false(btf->complete);
	assert_int_equal(btf->nr, (0x3000 - 0x1000 - BTF_HDR_LEN) / 12);
	assert_int_equal(btf_find(btf, BTF_STRUCT, "type_number_600"), 601);
	assert_int_equal(btf_find(btf, BTF_STRUCT, "type_number_2000"), 0);
	btf_destroy(btf);
	btf = NULL;
	mk->hole[0] = align_up(0x1000 + BTF_HDR_LEN + mk->types_len, 4096);
	mk->hole[1] = mk->hole[0] + 4096;
	assert_ok(create(mk, mk->blob_len, &btf));
	assert_false(btf->complete);
	assert_int_equal(btf->nr, 3000);
	for (uint32_t id = 1; id <= 3000; id++) {
		assert_true(btf_get(btf, id, &type));
		snprintf(name, sizeof(name), "type_number_%u", id - 1);
		// no name is cut
		if (strcmp(type.name, BTF_LOST) != 0)
			assert_string_equal(type.name, name);
	}
	btf_destroy(btf);
	btf = NULL;
	mk->hole[0] = 0x1000;
	mk->hole[1] = 0x2000;
	assert_err(create(mk, mk->blob_len, &btf), ERROR_FORMAT, "no valid header");
	mkbtf_destroy(mk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),     cmocka_unit_test(test_names),
		cmocka_unit_test(test_sizes),     cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_split),     cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_bad_types), cmocka_unit_test(test_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
