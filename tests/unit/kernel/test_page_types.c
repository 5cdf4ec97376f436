// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/page_types.h"

#include <elf.h>

#include "kernel/page.h"
#include "tests/support/mkkernel.h"
#include "tests/support/test.h"

#define BOTH (1U << PAGE_TABLE | 1U << PAGE_ZSMALLOC)

static const struct mkname with_zsmalloc[] = {{"zs_malloc", 0x1000}};

struct kernel_case {
	struct fakekernel fake;
	struct page_layout layout;
};

static void learn(struct kernel_case *k, const struct mkname *names, size_t nr, struct mkbtf *types,
		  uint32_t buddy)
{
	k->layout = (struct page_layout){
		.unknown_classes = BOTH | 1U << PAGE_OFFLINE,
		.buddy = {.value = buddy, .mask = UINT32_MAX},
	};
	mkkernel(&k->fake, EM_X86_64, false, names, nr, types);
	assert_ok(page_types_learn(&k->layout, k->fake.kernel));
	fakekernel_deinit(&k->fake);
}

static void expect_type(const struct page_type *type, uint32_t value, uint32_t mask)
{
	assert_int_equal(type->value, value);
	assert_int_equal(type->mask, mask);
}

/* 6.12 and later. */
static void in_the_top_byte(void **state)
{
	struct mkbtf *types = mkbtf_create(false);
	struct kernel_case k;

	mkbtf_type(types, BTF_ENUM, "pagetype", 4);
	mkbtf_enumerator(types, "PGTY_buddy", 0xf0);
	mkbtf_enumerator(types, "PGTY_table", 0xf2);
	mkbtf_enumerator(types, "PGTY_zsmalloc", 0xf6);
	learn(&k, with_zsmalloc, 1, types, 0xf0000000);
	expect_type(&k.layout.table_type, 0xf2000000, 0xff000000);
	expect_type(&k.layout.zsmalloc_type, 0xf6000000, 0xff000000);
	assert_int_equal(k.layout.unknown_classes, 1U << PAGE_OFFLINE);
}

/* 6.11. */
static void as_clear_bits_of_an_enum(void **state)
{
	struct mkbtf *types = mkbtf_create(false);
	struct kernel_case k;

	mkbtf_type(types, BTF_ENUM, "pagetype", 4);
	mkbtf_enumerator(types, "PG_table", 0x10000000);
	mkbtf_enumerator(types, "PG_zsmalloc", 0x01000000);
	mkbtf_enumerator(types, "PAGE_TYPE_BASE", 0x80000000);
	learn(&k, with_zsmalloc, 1, types, 0xbfffffff);
	expect_type(&k.layout.table_type, 0x80000000, 0x90000000);
	expect_type(&k.layout.zsmalloc_type, 0x80000000, 0x81000000);
	assert_int_equal(k.layout.unknown_classes, 1U << PAGE_OFFLINE);
}

static struct mkbtf *page_with(const char *member)
{
	static const struct mkfield none[] = {{NULL, 0}};
	const struct mkfield fields[] = {{"flags", 0}, {member, 56}, {NULL, 0}};
	struct mkbtf *types = mkbtf_create(false);

	mkkernel_struct(types, "page", 64, member ? fields : none);
	return types;
}

/* 4.18 to 6.10, by what else there is in a struct page. */
static void as_clear_bits(void **state)
{
	static const struct mkname mops[] = {{"zs_malloc", 0x1000}, {"zsmalloc_mops", 0x2000}};
	struct kernel_case k;

	learn(&k, mops, 2, page_with("memcg_data"), 0xffffff7f);
	expect_type(&k.layout.table_type, 0xf0000000, 0xf0000200);
	assert_int_equal(k.layout.zsmalloc_mapping, k.fake.base + 0x2002);
	assert_int_equal(k.layout.zsmalloc_type.mask, 0);
	assert_int_equal(k.layout.unknown_classes, 1U << PAGE_OFFLINE);
	// before 6.0 pages of zsmalloc are not told
	learn(&k, with_zsmalloc, 1, page_with("mem_cgroup"), 0xffffff7f);
	expect_type(&k.layout.table_type, 0xf0000000, 0xf0000400);
	assert_int_equal(k.layout.zsmalloc_mapping, 0);
	assert_int_equal(k.layout.unknown_classes, 1U << PAGE_OFFLINE | 1U << PAGE_ZSMALLOC);
	learn(&k, with_zsmalloc, 1, page_with(NULL), 0xffffff7f);
	assert_int_equal(k.layout.unknown_classes, 1U << PAGE_OFFLINE | BOTH);
	// before 4.18
	learn(&k, with_zsmalloc, 1, page_with("mem_cgroup"), 0xffffff80);
	assert_int_equal(k.layout.unknown_classes, 1U << PAGE_OFFLINE | BOTH);
}

static void nothing_is_known(void **state)
{
	struct kernel_case k;

	learn(&k, with_zsmalloc, 1, NULL, 0xf0000000);
	assert_int_equal(k.layout.unknown_classes, 1U << PAGE_OFFLINE | BOTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_top_byte),
		cmocka_unit_test(as_clear_bits_of_an_enum),
		cmocka_unit_test(as_clear_bits),
		cmocka_unit_test(nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
