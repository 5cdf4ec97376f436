// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/modules.h"

#include <elf.h>

#include "tests/support/mkkernel.h"
#include "tests/support/mkmodules.h"
#include "tests/support/test.h"

static void generations(void **state)
{
	for (unsigned int i = 0; i < 2 * MKMODULES_NR; i++) {
		_cleanup_modules_ struct modules *modules = NULL;
		enum mkgeneration generation = (enum mkgeneration)(i / 2);
		uint64_t data = generation == MKMODULES_MEM ? 0x8000 : 0x3000;
		const struct module *module;
		struct fakekernel fake;

		mkmodules(&fake, i % 2, generation);
		assert_ok(modules_create(fake.kernel, &modules));
		assert_null(modules->torn);
		assert_int_equal(modules->nr, MKMOD_NR);
		for (size_t k = 0; k < MKMOD_NR; k++)
			assert_int_equal(modules->modules[k].base, mkmodule_base(&fake, k));
		module = &modules->modules[1];
		assert_string_equal(module->name, "mod1");
		assert_int_equal(module->addr, mkmodule_at(&fake, 1));
		assert_int_equal(module->size, 0x5000);
		assert_int_equal(module->taints, 0x3000);
		assert_int_equal(module->refs, 1);
		assert_int_equal(module->state, MODULE_LIVE);
		assert_int_equal(modules->modules[2].state, MODULE_COMING);
		assert_int_equal(module->nr_ranges, 2);
		assert_int_equal(module->ranges[0].part, MODULE_TEXT);
		assert_int_equal(module->ranges[0].size, 0x3000);
		assert_int_equal(module->ranges[1].base, module->base + data);
		assert_int_equal(module->ranges[1].part, MODULE_DATA);
		assert_int_equal(module->ranges[1].size, 0x2000);
		assert_ptr_equal(modules_at(modules, module->base), module);
		assert_ptr_equal(modules_at(modules, module->base + data + 0x1fff), module);
		assert_null(modules_at(modules, module->base + data + 0x2000));
		assert_null(modules_at(modules, module->base - 1));
		fakekernel_deinit(&fake);
	}
}

static void damage(void **state)
{
	_cleanup_modules_ struct modules *modules = NULL;
	struct fakekernel fake;

	mkmodules(&fake, false, MKMODULES_LAYOUT);
	fake_u64(&fake, mkmodule_at(&fake, 2) + MKMOD_LIST, 0x10); // 3 2 | 0 1
	memset(fake_at(&fake, mkmodule_at(&fake, 1) + MKMOD_NAME, 56), 'x', 56);
	fake_u64(&fake, mkmodule_at(&fake, 3) + MKMOD_REST, UINT64_MAX - 0x1000);
	fake_u32(&fake, mkmodule_at(&fake, 0) + MKMOD_REST + 12, UINT32_MAX);
	assert_ok(modules_create(fake.kernel, &modules));
	assert_int_equal(modules->nr, MKMOD_NR);
	assert_non_null(modules->torn);
	assert_non_null(strstr(modules->torn->message, "2 links from its front, 2 from its back"));
	assert_int_equal(strlen(modules->modules[1].name), 56);
	// a range that would go round the end of memory is none, text is no more than all of it
	assert_int_equal(modules->modules[3].nr_ranges, 1);
	assert_int_equal(modules->modules[0].ranges[0].size, 0x5000);
	assert_int_equal(modules->modules[0].size, 0x5000);
	fakekernel_deinit(&fake);
}

static void not_there(void **state)
{
	static const struct mkname none[] = {{"x", 0x1000}};
	struct modules *modules;
	struct fakekernel fake;

	mkkernel(&fake, EM_X86_64, false, none, 1, NULL);
	assert_err(modules_create(fake.kernel, &modules), ERROR_NOT_FOUND, "no types");
	fakekernel_deinit(&fake);
}

static void letters(void **state)
{
	assert_int_equal(taint_letter(0), 'P');
	assert_int_equal(taint_letter(12), 'O');
	assert_int_equal(taint_letter(13), 'E');
	assert_int_equal(taint_letter(19), 'J');
	assert_int_equal(taint_letter(20), '?');
	assert_int_equal(taint_letter(63), '?');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generations),
		cmocka_unit_test(damage),
		cmocka_unit_test(not_there),
		cmocka_unit_test(letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
