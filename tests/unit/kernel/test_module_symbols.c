// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/knowledge.h"
#include "kernel/modules.h"
#include "kernel/symbols.h"
#include "tests/support/mkmodules.h"
#include "tests/support/test.h"

#define TABLES 0x80000U /* of module i at + 0x1000 * i */

struct entry {
	uint32_t name;
	char type;
	uint16_t section;
	uint64_t value, size;
};

static const char strings[] = "\0first\0second\0gone";

static void put_entry(struct fakekernel *fake, uint64_t at, const struct entry *entry, bool old)
{
	fake_u32(fake, at, entry->name);
	*fake_at(fake, at + 4, 1) = old ? (uint8_t)entry->type : 0x12;
	fake_u16(fake, at + 6, entry->section);
	fake_u64(fake, at + 8, entry->value);
	fake_u64(fake, at + 16, entry->size);
}

/* Gives module i two symbols and what is none: one without a section, one without a name. */
static void put_table(struct fakekernel *fake, size_t i, enum mkgeneration generation)
{
	uint64_t base = mkmodule_base(fake, i), at = fake->base + TABLES + 0x1000 * i;
	uint64_t object = mkmodule_at(fake, i) + MKMOD_SYMS, types = at + 0x800;
	const struct entry entries[] = {
		{0, 'x', 1, 0, 0},     {1, 't', 1, base + 0x10, 0x20}, {7, 'D', 2, base + 0x100, 0},
		{14, 'U', 0, base, 0}, {100000, 't', 1, base, 0},
	};

	if (generation != MKMODULES_OLD) {
		fake_u64(fake, object, at + 0x900);
		object = at + 0x900;
		fake_u64(fake, object + 24, types);
	}
	fake_u64(fake, object, at);
	fake_u64(fake, object + 8, at + 0x400);
	fake_u32(fake, object + 16, sizeof(entries) / sizeof(entries[0]));
	memcpy(fake_at(fake, at + 0x400, sizeof(strings)), strings, sizeof(strings));
	for (size_t k = 0; k < sizeof(entries) / sizeof(entries[0]); k++) {
		put_entry(fake, at + 24 * k, &entries[k], generation == MKMODULES_OLD);
		*fake_at(fake, types + k, 1) = (uint8_t)entries[k].type;
	}
}

static bool count(void *arg, const struct symbol *symbol)
{
	*(size_t *)arg += symbol->module[0] != '\0';
	return true;
}

static void generations(void **state)
{
	for (unsigned int i = 0; i < 2 * MKMODULES_NR; i++) {
		_cleanup_modules_ struct modules *modules = NULL;
		enum mkgeneration generation = (enum mkgeneration)(i / 2);
		struct symbols *symbols;
		struct fakekernel fake;
		struct symbol symbol;
		size_t lost, nr = 0;

		mkmodules(&fake, i % 2, generation);
		for (size_t k = 0; k < MKMOD_NR; k++)
			put_table(&fake, k, generation);
		assert_ok(modules_create(fake.kernel, &modules));
		assert_ok(modules_add_symbols(fake.kernel, modules, &lost));
		assert_int_equal(lost, 0);
		assert_ok(kernel_symbols(fake.kernel, &symbols));
		symbols_each(symbols, count, &nr);
		assert_int_equal(nr, 2 * MKMOD_NR);
		assert_true(symbols_at(symbols, mkmodule_base(&fake, 2) + 0x2f, &symbol));
		assert_string_equal(symbol.name, "first");
		assert_string_equal(symbol.module, "mod2");
		assert_int_equal(symbol.type, 't');
		assert_int_equal(symbol.addr, mkmodule_base(&fake, 2) + 0x10);
		assert_false(symbols_at(symbols, mkmodule_base(&fake, 2) + 0x30, &symbol));
		assert_true(symbols_at(symbols, mkmodule_base(&fake, 2) + 0x100, &symbol));
		assert_string_equal(symbol.name, "second");
		assert_int_equal(symbol.type, 'D');
		fakekernel_deinit(&fake);
	}
}

static void damage(void **state)
{
	_cleanup_modules_ struct modules *modules = NULL;
	struct symbols *symbols;
	struct fakekernel fake;
	size_t lost, nr = 0;
	uint64_t at;

	mkmodules(&fake, false, MKMODULES_MEM);
	for (size_t k = 0; k < MKMOD_NR; k++)
		put_table(&fake, k, MKMODULES_MEM);
	at = fake.base + TABLES;
	fake_u64(&fake, mkmodule_at(&fake, 0) + MKMOD_SYMS, 0); // no tables
	fake_u64(&fake, at + 0x1000 + 0x900, 0x10);             // no symbols
	fake_u32(&fake, at + 0x2000 + 0x900 + 16, UINT32_MAX);  // far too many: zeros follow
	fake_u64(&fake, at + 0x3000 + 0x900 + 8, 0x10);         // no names
	assert_ok(modules_create(fake.kernel, &modules));
	assert_ok(modules_add_symbols(fake.kernel, modules, &lost));
	assert_int_equal(lost, 3);
	assert_ok(kernel_symbols(fake.kernel, &symbols));
	symbols_each(symbols, count, &nr);
	assert_true(nr >= 2);
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(generations), cmocka_unit_test(damage)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
