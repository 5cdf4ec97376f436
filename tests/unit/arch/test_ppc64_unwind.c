// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "arch/unwind.h"
#include "tests/support/unwindenv.h"

#define CODE  UNWINDENV_CODE
#define STACK UNWINDENV_STACK

#define MFLR 0x7c0802a6U
#define STD  0xf8010010U /* std r0,16(r1) */
#define STDU 0xf821ff91U /* stdu r1,-112(r1) */
#define ADDI 0x38210070U /* addi r1,r1,112 */
#define BLR  0x4e800020U

static void init(struct unwindenv *u)
{
	unwindenv_init(u, &arch_ppc64, false);
	u->state = (struct unwind_state){.ip = CODE + 0x120, .at = STACK, .sp = STACK};
}

/* The return address is in the frame of the caller. */
static void call(void **state)
{
	struct unwindenv u;

	init(&u);
	unwindenv_put(&u, STACK, STACK + 0x200);
	unwindenv_put(&u, STACK + 16, CODE + 0x99);
	unwindenv_put(&u, STACK + 0x200 + 16, CODE + 0x234);
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x234);
	assert_int_equal(u.state.sp, STACK + 0x200);
	assert_int_equal(u.state.at, STACK + 0x200);
}

static void by_prologue(void **state)
{
	static const struct {
		uint32_t code[6];
		bool frameless;
	} cases[] = {
		{{MFLR, STD}, true},
		{{MFLR, STD, STDU}, false},
		{{MFLR, STD, STDU, ADDI}, true},
		{{MFLR, STD, STDU, ADDI, BLR, MFLR}, false},
		{{BLR, MFLR}, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct unwindenv u;
		size_t nr = 0;

		init(&u);
		for (; nr < 6 && cases[i].code[nr]; nr++)
			unwindenv_put_u32(&u, CODE + 0x100 + 4 * nr, cases[i].code[nr]);
		unwindenv_reg(&u, 256, CODE + 0x100 + 4 * nr);
		unwindenv_reg(&u, 8, STACK);
		unwindenv_reg(&u, 288, CODE + 0x334);
		unwindenv_put(&u, STACK, STACK + 0x200);
		unwindenv_put(&u, STACK + 0x200 + 16, CODE + 0x234);
		unwind_take_regs(&u.env, &u.state);
		assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
		if (u.state.ip != (cases[i].frameless ? CODE + 0x334 : CODE + 0x234))
			fail_msg("case %zu: 0x%llx", i, (unsigned long long)u.state.ip);
	}
}

/* Marks and places of three generations. */
static void interrupted(void **state)
{
	static const struct {
		uint64_t mark;
		unsigned int mark_off, regs_off;
		bool big_endian;
	} cases[] = {
		{0x7265677368657265, 96, 112, true},
		{0x7265677368657265, 96, 112, false},
		{0x53474552, 32, 48, false},
		{0x52454753, 96, 112, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t regs = STACK + cases[i].regs_off;
		struct unwindenv u;

		init(&u);
		u.as.big_endian = cases[i].big_endian;
		unwindenv_put(&u, STACK, STACK + 0x200);
		unwindenv_put(&u, STACK + cases[i].mark_off, cases[i].mark);
		unwindenv_put(&u, regs + 8, STACK + 0x400);
		unwindenv_put(&u, regs + 256, CODE + 0x444);
		unwindenv_put(&u, regs + 264, 0x8000000000009033);
		assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
		assert_int_equal(u.state.ip, CODE + 0x444);
		assert_int_equal(u.state.sp, STACK + 0x400);
		assert_int_equal(u.state.at, regs);
		assert_true(u.state.exact && !u.state.user);
		unwindenv_put(&u, regs + 264, 0x800000000000d033);
		u.state.sp = STACK;
		u.state.has_regs = false;
		assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
		assert_true(u.state.user);
	}
}

static void ends(void **state)
{
	struct unwindenv u;

	init(&u);
	assert_int_equal(unwindenv_step(&u), UNWIND_ROOT);
	unwindenv_put(&u, STACK, 0x3fff12340000);
	assert_int_equal(unwindenv_step(&u), UNWIND_UNREADABLE);
	assert_int_equal(u.state.at, 0x3fff12340000);
	// the stack pointer is still that of user mode
	init(&u);
	unwindenv_reg(&u, 8, 0x3fff12340000);
	unwindenv_reg(&u, 256, CODE + 0x500);
	unwind_take_regs(&u.env, &u.state);
	assert_int_equal(unwindenv_step(&u), UNWIND_ROOT);
}

static void sleeping(void **state)
{
	struct unwindenv u;

	init(&u);
	assert_false(arch_ppc64_unwind.sleeping(&u.env, STACK, &u.state));
	u.env.layout[0] = 0x20;
	unwindenv_put(&u, STACK + 0x20, STACK + 0x100); // the frame of _switch
	unwindenv_put(&u, STACK + 0x100, STACK + 0x300);
	unwindenv_put(&u, STACK + 0x310, CODE + 0x99);
	assert_true(arch_ppc64_unwind.sleeping(&u.env, STACK, &u.state));
	assert_int_equal(u.state.ip, CODE + 0x99);
	assert_int_equal(u.state.sp, STACK + 0x300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call),        cmocka_unit_test(by_prologue),
		cmocka_unit_test(interrupted), cmocka_unit_test(ends),
		cmocka_unit_test(sleeping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
