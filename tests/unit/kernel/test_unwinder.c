// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <elf.h>

#include "arch/arch.h"
#include "kernel/stacks.h"
#include "kernel/unwinder.h"
#include "tests/support/mkkernel.h"

static const struct mkname names[] = {
	{"_text", 0x1000},
	{"start_cpu", 0x1000},
	{"_stext", 0x2000},
	{"first", 0x2000},
	{"second", 0x2100},
	{"_etext", 0x3000},
	{"data", 0x5000},
	{"__start_init_stack", 0x8000},
	{"__end_init_stack", 0xc000},
	{"_sinittext", 0x10000},
	{"boot", 0x10000},
	{"_einittext", 0x11000},
	{"handle_exception", 0x12000},
};
#define NR_NAMES (sizeof(names) / sizeof(names[0]))

static void code_and_functions(void **state)
{
	struct unwinder *unwinder = NULL;
	struct fakekernel fake;
	struct symbol symbol;
	uint64_t offset, base;

	mkkernel(&fake, EM_AARCH64, false, names, NR_NAMES, NULL);
	base = fake.base;
	assert_ok(unwinder_create(fake.kernel, &unwinder));
	assert_int_equal(unwinder->stacks->task_size, 0x4000);
	assert_null(unwinder->orc);
	assert_null(unwinder->modules);
	assert_true(unwinder_is_text(unwinder, base + 0x1000));
	assert_true(unwinder_is_text(unwinder, base + 0x2fff));
	assert_false(unwinder_is_text(unwinder, base + 0x3000));
	assert_true(unwinder_is_text(unwinder, base + 0x10000));
	assert_false(unwinder_is_text(unwinder, base + 0x11000));
	assert_false(unwinder_is_generated(unwinder, base + 0x3000)); // not executable

	assert_true(unwinder_function(unwinder, base + 0x2100, true, &symbol, &offset));
	assert_string_equal(symbol.name, "second");
	assert_int_equal(offset, 0);
	// a call at the end of the function that does not come back
	assert_true(unwinder_function(unwinder, base + 0x2100, false, &symbol, &offset));
	assert_string_equal(symbol.name, "_stext");
	assert_int_equal(offset, 0x100);
	assert_false(unwinder_function(unwinder, base + 0x5000, true, &symbol, &offset));
	assert_false(unwinder_function(unwinder, 0, true, &symbol, &offset));
	unwinder_destroy(unwinder);
	fakekernel_deinit(&fake);
}

/* What steps ask of the kernel: without types the layout that all have, symbols as they are. */
static void environment(void **state)
{
	static const struct mkfield regs[] = {{"regs", 0}, {"stackframe", 320}, {NULL, 0}};
	struct unwinder *unwinder = NULL;
	struct mkbtf *types = mkbtf_create(false);
	struct fakekernel fake;
	uint8_t byte;

	mkkernel(&fake, EM_AARCH64, false, names, NR_NAMES, NULL);
	assert_ok(unwinder_create(fake.kernel, &unwinder));
	assert_int_equal(unwinder->env.layout[0], UNWIND_UNKNOWN);
	assert_int_equal(unwinder->env.layout[3], 304);
	assert_true(unwinder->env.read(unwinder, fake.base + 0x5000, &byte, 1));
	assert_false(unwinder->env.read(unwinder, 0x5000, &byte, 1));
	unwinder_destroy(unwinder);
	fakekernel_deinit(&fake);

	unwinder = NULL;
	mkkernel_struct(types, "pt_regs", 344, regs);
	mkkernel(&fake, EM_AARCH64, false, names, NR_NAMES, types);
	assert_ok(unwinder_create(fake.kernel, &unwinder));
	assert_int_equal(unwinder->env.layout[3], 320);
	unwinder_destroy(unwinder);
	fakekernel_deinit(&fake);

	unwinder = NULL;
	mkkernel(&fake, EM_RISCV, false, names, NR_NAMES, NULL);
	assert_ok(unwinder_create(fake.kernel, &unwinder));
	assert_int_equal(unwinder->env.symbols[0], fake.base + 0x12000);
	assert_int_equal(unwinder->env.symbols[1], UNWIND_UNKNOWN);
	unwinder_destroy(unwinder);
	fakekernel_deinit(&fake);
}

/* x86_64 without ORC has frame pointers; where no code is, a call has just pushed its return
 * address. */
static void without_orc(void **state)
{
	struct unwinder *unwinder = NULL;
	struct fakekernel fake;
	struct orc_entry entry;

	mkkernel(&fake, EM_X86_64, false, names, NR_NAMES, NULL);
	assert_ok(unwinder_create(fake.kernel, &unwinder));
	assert_true(unwinder->env.orc(unwinder, fake.base + 0x2100, &entry));
	assert_int_equal(entry.type, ORC_CALL);
	assert_int_equal(entry.sp_reg, ORC_BP);
	assert_int_equal(entry.sp_offset, 16);
	assert_true(unwinder->env.orc(unwinder, 0, &entry));
	assert_int_equal(entry.sp_reg, ORC_SP);
	assert_int_equal(entry.sp_offset, 8);
	unwinder_destroy(unwinder);
	fakekernel_deinit(&fake);
}

static void impossible(void **state)
{
	struct unwinder *unwinder = NULL;
	struct fakekernel fake;

	mkkernel(&fake, EM_LOONGARCH, false, names, NR_NAMES, NULL);
	assert_err(unwinder_create(fake.kernel, &unwinder), ERROR_UNSUPPORTED, "loongarch64");
	fakekernel_deinit(&fake);
	fakekernel_init(&fake, 8, false, 0x10000);
	fake.reader.facts.machine = EM_X86_64;
	fakekernel_open(&fake, NULL);
	assert_err(unwinder_create(fake.kernel, &unwinder), ERROR_NOT_FOUND, "_stext");
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_and_functions),
		cmocka_unit_test(environment),
		cmocka_unit_test(without_orc),
		cmocka_unit_test(impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
