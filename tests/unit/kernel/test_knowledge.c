// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/knowledge.h"

#include <elf.h>
#include <stdio.h>

#include "kernel/btf.h"
#include "kernel/kernel.h"
#include "kernel/symbols.h"
#include "tests/support/mkkallsyms.h"
#include "tests/support/mkkernel.h"
#include "tests/support/test.h"

static const struct mkname names[] = {{"variable", 0x1000}, {"other", 0x1010}};
static const struct mkfield fields[] = {{"member", 8}, {NULL, 0}};

static void exported(void **state)
{
	struct mkbtf *types = mkbtf_create(false);
	struct symbols *symbols, *again;
	struct fakekernel fake;
	const struct btf *btf;
	struct btf_member member;
	uint64_t value;
	uint32_t raw;

	mkkernel_struct(types, "thing", 16, fields);
	mkkernel(&fake, EM_X86_64, false, names, 2, types);
	assert_null(fake.kernel->knowledge);
	fake_u32(&fake, fake.base + 0x1000, 0x12345678);
	assert_ok(kernel_symbols(fake.kernel, &symbols));
	assert_true(symbols_lookup(symbols, "variable", &value));
	assert_int_equal(value, fake.base + 0x1000);
	assert_ok(kernel_symbols(fake.kernel, &again));
	assert_ptr_equal(symbols, again);
	assert_ok(kernel_btf(fake.kernel, &btf));
	assert_true(btf_find_member(btf, "thing.member", &member));

	assert_true(kernel_lookup(fake.kernel, "other", &value));
	assert_int_equal(value, fake.base + 0x1010);
	assert_false(kernel_lookup(fake.kernel, "nobody", &value));
	assert_true(kernel_variable(fake.kernel, "variable", 2, &value));
	assert_int_equal(value, 0x5678);
	assert_false(kernel_variable(fake.kernel, "nobody", 2, &value));
	assert_true(kernel_read_virtual(fake.kernel, fake.base + 0x1000, &raw, 4));
	assert_int_equal(raw, 0x12345678);
	fakekernel_deinit(&fake);
}

/* Before 6.0 nobody says where the tables are: they are found behind the text. */
static void found(void **state)
{
	struct mkkallsyms mk;
	struct mksymbol *list;
	struct symbols *symbols;
	struct fakekernel fake;
	char info[64];
	uint64_t addr;
	const struct mklayout *layout = NULL;

	for (size_t i = 0; i < mklayouts_nr; i++)
		if (!strcmp(mklayouts[i].name, "5.10 arm64"))
			layout = &mklayouts[i];
	assert_non_null(layout);
	fakekernel_init(&fake, 8, false, 4U << 20);
	list = mksymbols(layout, 600);
	for (size_t i = 0; i < 600; i++)
		list[i].addr = fake.base + 0x1000 + 16 * i;
	mkkallsyms(&mk, layout, list, 600, fake.base + 0x2c0100, 0);
	memcpy(fake_at(&fake, mk.addr, mk.len), mk.data, mk.len);
	snprintf(info, sizeof(info), "SYMBOL(_stext)=%llx\n",
		 (unsigned long long)fake.base + 0x1234);
	fakekernel_open(&fake, info);
	assert_ok(kernel_symbols(fake.kernel, &symbols));
	assert_true(symbols_lookup(symbols, list[300].name, &addr));
	assert_int_equal(addr, list[300].addr);
	free(list);
	mkkallsyms_deinit(&mk);
	fakekernel_deinit(&fake);
}

/* The same error as often as it is asked for. */
static void nothing(void **state)
{
	struct symbols *symbols;
	struct fakekernel fake;
	const struct btf *btf;
	uint64_t value;

	fakekernel_init(&fake, 8, false, 1U << 20);
	fakekernel_open(&fake, "SYMBOL(_stext)=ffff800000000000\n");
	for (unsigned int i = 0; i < 2; i++) {
		assert_err(kernel_symbols(fake.kernel, &symbols), ERROR_NOT_FOUND,
			   "no symbol table (kallsyms) in the image");
		assert_err(kernel_btf(fake.kernel, &btf), ERROR_NOT_FOUND, "no symbol table");
	}
	assert_true(kernel_lookup(fake.kernel, "_stext", &value));
	fakekernel_deinit(&fake);

	fakekernel_init(&fake, 8, false, 1U << 20);
	fakekernel_open(&fake, NULL);
	assert_err(kernel_symbols(fake.kernel, &symbols), ERROR_NOT_FOUND, "no SYMBOL(_stext)");
	fake.kernel->translates = false;
	assert_err(kernel_symbols(fake.kernel, &symbols), ERROR_NOT_FOUND, "cannot be translated");
	fakekernel_deinit(&fake);

	mkkernel(&fake, EM_X86_64, false, names, 2, NULL);
	assert_err(kernel_btf(fake.kernel, &btf), ERROR_NOT_FOUND, "no types (BTF)");
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(exported), cmocka_unit_test(found),
					   cmocka_unit_test(nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
