// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/percpu.h"

#include <elf.h>

#include "tests/support/mkkernel.h"
#include "tests/support/test.h"

static const struct mkname names[] = {
	{"__per_cpu_offset", 0x1000},    {"nr_cpu_ids", 0x2000},
	{"__cpu_possible_mask", 0x3000}, {"__cpu_present_mask", 0x3100},
	{"__cpu_online_mask", 0x3200},
};

static void make(struct fakekernel *fake, bool big_endian, size_t nr)
{
	mkkernel(fake, EM_X86_64, big_endian, names, nr, NULL);
	fake_u32(fake, fake->base + 0x2000, 70);
	fake_word(fake, fake->base + 0x1000 + 8 * 2, 0x5000);
	fake_word(fake, fake->base + 0x1000 + 8 * 65, 0 - UINT64_C(0x100));
	fake_word(fake, fake->base + 0x3000, 1U << 2 | 1U << 3);
	fake_word(fake, fake->base + 0x3000 + 8, 1U << 1); // CPU 65
	fake_word(fake, fake->base + 0x3100, 1U << 2 | 1U << 4);
	fake_word(fake, fake->base + 0x3100 + 8, 1U << 1);
	fake_word(fake, fake->base + 0x3200 + 8, 1U << 1);
}

static void masks(void **state)
{
	for (unsigned int big_endian = 0; big_endian < 2; big_endian++) {
		_cleanup_percpu_ struct percpu *percpu = NULL;
		struct fakekernel fake;
		uint64_t addr;

		make(&fake, big_endian, sizeof(names) / sizeof(names[0]));
		assert_ok(percpu_create(fake.kernel, &percpu));
		assert_int_equal(percpu->nr, 70);
		assert_false(percpu->cpus[0].possible);
		assert_true(percpu->cpus[2].possible && percpu->cpus[2].present);
		assert_false(percpu->cpus[2].online);
		assert_true(percpu->cpus[3].possible && !percpu->cpus[3].present);
		// what is not possible is nothing else either
		assert_false(percpu->cpus[4].present);
		assert_true(percpu->cpus[65].online);
		assert_true(percpu_address(percpu, 0x1000, 2, &addr));
		assert_int_equal(addr, 0x6000);
		assert_true(percpu_address(percpu, 0x1000, 65, &addr));
		assert_int_equal(addr, 0xf00);
		assert_false(percpu_address(percpu, 0x1000, 0, &addr));
		assert_false(percpu_address(percpu, 0x1000, 70, &addr));
		fakekernel_deinit(&fake);
	}
}

/* A kernel for a single CPU has none of this; numbers that are absurd are bounded. */
static void bounds(void **state)
{
	_cleanup_percpu_ struct percpu *one = NULL, *many = NULL;
	static const struct mkname none[] = {{"x", 0x1000}};
	struct fakekernel fake;
	uint64_t addr;

	mkkernel(&fake, EM_X86_64, false, none, 1, NULL);
	assert_ok(percpu_create(fake.kernel, &one));
	assert_int_equal(one->nr, 1);
	assert_true(one->cpus[0].online);
	assert_true(percpu_address(one, 0x1234, 0, &addr));
	assert_int_equal(addr, 0x1234);
	fakekernel_deinit(&fake);

	mkkernel(&fake, EM_X86_64, false, names, 2, NULL);
	fake_u32(&fake, fake.base + 0x2000, UINT32_MAX);
	assert_ok(percpu_create(fake.kernel, &many));
	assert_int_equal(many->nr, PERCPU_MAX);
	fakekernel_deinit(&fake);

	many = NULL;
	mkkernel(&fake, EM_X86_64, false, names, 1, NULL);
	assert_err(percpu_create(fake.kernel, &many), ERROR_NOT_FOUND, "nr_cpu_ids");
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(masks), cmocka_unit_test(bounds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
