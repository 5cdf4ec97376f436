// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "arch/unwind.h"
#include "tests/support/unwindenv.h"

#define CODE  UNWINDENV_CODE
#define STACK UNWINDENV_STACK
#define CHAIN 152 /* of a packed stack frame */
#define R14   136
#define REGS  168 /* behind a frame: its length, and what stands in pt_regs before the psw */

static void init(struct unwindenv *u)
{
	unwindenv_init(u, &arch_s390x, true);
	u->state = (struct unwind_state){.ip = CODE + 0x120, .at = STACK, .sp = STACK};
}

/* The address of the caller's frame is in the frame, the return address in the caller's. */
static void call(void **state)
{
	struct unwindenv u;

	init(&u);
	unwindenv_put(&u, STACK + CHAIN, STACK + 0x200);
	unwindenv_put(&u, STACK + R14, CODE + 0x99);
	unwindenv_put(&u, STACK + 0x200 + R14, CODE + 0x234);
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x234);
	assert_int_equal(u.state.sp, STACK + 0x200);
	assert_int_equal(u.state.at, STACK + 0x200);
}

static void layout_of_the_kernel_counts(void **state)
{
	struct unwindenv u;

	init(&u);
	u.env.layout[1] = 0;  // back_chain, of stacks that are not packed
	u.env.layout[2] = 48; // gprs
	unwindenv_put(&u, STACK, STACK + 0x200);
	unwindenv_put(&u, STACK + 0x200 + 48 + 64, CODE + 0x234);
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x234);
}

#define STMG 0xeb, 0x6f, 0xf0, 0x48, 0x00, 0x24 /* stmg %r6,%r15,72(%r15) */
#define AGHI 0xa7, 0xfb, 0xff, 0x58             /* aghi %r15,-168 */
#define LAY  0xe3, 0xf0, 0xff, 0x58, 0xff, 0x71 /* lay %r15,-168(%r15) */
#define LMG  0xeb, 0x6f, 0xf0, 0xf0, 0x00, 0x04 /* lmg %r6,%r15,240(%r15) */
#define BR14 0x07, 0xfe
#define UP   0xa7, 0xfb, 0x00, 0xa8 /* aghi %r15,168 */

static void by_prologue(void **state)
{
	static const struct {
		uint8_t code[24];
		size_t len;
		bool frameless;
	} cases[] = {
		{{STMG}, 6, true},
		{{STMG, AGHI}, 10, false},
		{{STMG, LAY}, 12, false},
		{{STMG, LAY, LMG}, 18, true},
		{{STMG, AGHI, LMG, BR14}, 18, false},
		{{UP}, 4, true},
		{{LAY}, 5, true}, // cut in the middle
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct unwindenv u;

		init(&u);
		unwindenv_put_bytes(&u, CODE + 0x100, cases[i].code, cases[i].len);
		unwindenv_reg(&u, 8, CODE + 0x100 + cases[i].len);
		unwindenv_reg(&u, 16 + 8 * 14, CODE + 0x334);
		unwindenv_reg(&u, 16 + 8 * 15, STACK);
		unwindenv_put(&u, STACK + CHAIN, STACK + 0x200);
		unwindenv_put(&u, STACK + 0x200 + R14, CODE + 0x234);
		unwind_take_regs(&u.env, &u.state);
		assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
		if (u.state.ip != (cases[i].frameless ? CODE + 0x334 : CODE + 0x234))
			fail_msg("case %zu: 0x%llx", i, (unsigned long long)u.state.ip);
		assert_int_equal(u.state.sp, cases[i].frameless ? STACK : STACK + 0x200);
	}
}

static void interrupted(void **state)
{
	struct unwindenv u;

	init(&u);
	unwindenv_put(&u, STACK + REGS, 0x0404c00180000000); // psw mask
	unwindenv_put(&u, STACK + REGS + 8, CODE + 0x444);
	unwindenv_put(&u, STACK + REGS + 16 + 8 * 15, STACK + 0x600);
	assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
	assert_int_equal(u.state.ip, CODE + 0x444);
	assert_int_equal(u.state.sp, STACK + 0x600);
	assert_int_equal(u.state.at, STACK + 160);
	assert_true(u.state.exact && !u.state.user);

	init(&u);
	unwindenv_put(&u, STACK + REGS, 0x0705000180000000);
	unwindenv_put(&u, STACK + REGS + 8, 0x10e1562);
	assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
	assert_true(u.state.user);
}

static void ends(void **state)
{
	struct unwindenv u;

	init(&u); // neither a chain nor registers
	assert_int_equal(unwindenv_step(&u), UNWIND_ROOT);
	assert_int_equal(u.state.ip, CODE + 0x120);
	u.state.sp = UNWINDENV_END - 8;
	assert_int_equal(unwindenv_step(&u), UNWIND_UNREADABLE);
	init(&u);
	unwindenv_put(&u, STACK + CHAIN, 0x1000);
	assert_int_equal(unwindenv_step(&u), UNWIND_UNREADABLE);
	assert_int_equal(u.state.at, 0x1000);
	assert_int_equal(u.state.sp, STACK);
}

static void sleeping(void **state)
{
	struct unwindenv u;

	init(&u);
	assert_false(arch_s390x_unwind.sleeping(&u.env, STACK, &u.state));
	u.env.layout[0] = 0x20;
	unwindenv_put(&u, STACK + 0x20, STACK + 0x100);
	unwindenv_put(&u, STACK + 0x100 + R14, CODE + 0x99);
	assert_true(arch_s390x_unwind.sleeping(&u.env, STACK, &u.state));
	assert_int_equal(u.state.ip, CODE + 0x99);
	assert_int_equal(u.state.sp, STACK + 0x100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call),        cmocka_unit_test(layout_of_the_kernel_counts),
		cmocka_unit_test(by_prologue), cmocka_unit_test(interrupted),
		cmocka_unit_test(ends),        cmocka_unit_test(sleeping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
