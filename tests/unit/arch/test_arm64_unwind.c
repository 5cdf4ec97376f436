// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "arch/unwind.h"
#include "tests/support/unwindenv.h"

#define CODE   UNWINDENV_CODE
#define STACK  UNWINDENV_STACK
#define RECORD 304 /* of pt_regs */

#define NOP       0xd503201fU
#define RET       0xd65f03c0U
#define STP       0xa9be7bfdU /* stp x29, x30, [sp, #-32]! */
#define MOV_FP    0x910003fdU /* mov x29, sp */
#define ADD_FP    0x910043fdU /* add x29, sp, #16 */
#define LDP       0xa8c27bfdU /* ldp x29, x30, [sp], #32 */
#define LDP_PLAIN 0xa9417bfdU /* ldp x29, x30, [sp, #16] */
#define BRANCH    0x14000010U

static void init(struct unwindenv *u)
{
	unwindenv_init(u, &arch_arm64, false);
	u->state = (struct unwind_state){.ip = CODE + 0x120, .at = STACK, .sp = STACK};
}

static void record(struct unwindenv *u, uint64_t at, uint64_t fp, uint64_t lr)
{
	unwindenv_put(u, at, fp);
	unwindenv_put(u, at + 8, lr);
}

/* A return address that is signed: its top bits are code, not address. */
static void call(void **state)
{
	struct unwindenv u;

	init(&u);
	u.state.fp = STACK + 0x40;
	record(&u, STACK + 0x40, STACK + 0x80, (CODE + 0x234) & ~(0x5aULL << 56));
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x234);
	assert_int_equal(u.state.fp, STACK + 0x80);
	assert_int_equal(u.state.sp, STACK + 0x50);
	assert_int_equal(u.state.at, STACK + 0x40);
}

/* Whether the caller is in x30 or in the record is told by the instructions in front of the one
 * that is next. */
static void by_prologue(void **state)
{
	static const struct {
		uint32_t code[6];
		bool frameless;
	} cases[] = {
		{{NOP, NOP}, true},
		{{STP}, true},
		{{STP, MOV_FP}, false},
		{{STP, ADD_FP, NOP}, false},
		{{STP, MOV_FP, NOP, LDP}, true},
		{{STP, MOV_FP, NOP, LDP_PLAIN}, true},
		{{STP, MOV_FP, LDP, RET, NOP}, false},
		{{STP, MOV_FP, LDP, BRANCH, NOP}, false},
		{{NOP, RET, STP, NOP}, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct unwindenv u;
		size_t nr = 0;

		init(&u);
		for (; nr < 6 && cases[i].code[nr]; nr++)
			unwindenv_put_u32(&u, CODE + 0x100 + 4 * nr, cases[i].code[nr]);
		unwindenv_reg(&u, 256, CODE + 0x100 + 4 * nr);
		unwindenv_reg(&u, 264, 5); // EL1h
		unwindenv_reg(&u, 248, STACK + 0x10);
		unwindenv_reg(&u, 240, CODE + 0x334);
		unwindenv_reg(&u, 232, STACK + 0x40);
		record(&u, STACK + 0x40, STACK + 0x80, CODE + 0x234);
		unwind_take_regs(&u.env, &u.state);
		assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
		if (u.state.ip != (cases[i].frameless ? CODE + 0x334 : CODE + 0x234))
			fail_msg("case %zu: 0x%llx", i, (unsigned long long)u.state.ip);
		assert_int_equal(u.state.fp, cases[i].frameless ? STACK + 0x40 : STACK + 0x80);
		assert_int_equal(u.state.at, cases[i].frameless ? STACK + 0x10 : STACK + 0x40);
	}
}

/* A jump to where no code is: the call has set x30. */
static void wild_jump(void **state)
{
	struct unwindenv u;

	init(&u);
	unwindenv_reg(&u, 256, 0);
	unwindenv_reg(&u, 264, 5);
	unwindenv_reg(&u, 240, CODE + 0x334);
	unwind_take_regs(&u.env, &u.state);
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x334);
}

static void put_regs(struct unwindenv *u, uint64_t pt_regs, uint64_t pc, uint64_t fp,
		     uint64_t pstate)
{
	unwindenv_put(u, pt_regs + 232, fp);
	unwindenv_put(u, pt_regs + 248, pt_regs + 0x180);
	unwindenv_put(u, pt_regs + 256, pc);
	unwindenv_put(u, pt_regs + 264, pstate);
}

/* The record inside pt_regs repeats pc and x29, until it became one that says what it is. */
static void interrupted(void **state)
{
	for (int meta = 0; meta < 2; meta++) {
		struct unwindenv u;

		init(&u);
		put_regs(&u, STACK + 0x100, CODE + 0x444, STACK + 0x800, 5);
		u.state.fp = STACK + 0x100 + RECORD;
		if (meta)
			unwindenv_put(&u, u.state.fp + 16, 2);
		else
			record(&u, u.state.fp, STACK + 0x800, CODE + 0x444);
		assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
		assert_int_equal(u.state.ip, CODE + 0x444);
		assert_int_equal(u.state.fp, STACK + 0x800);
		assert_int_equal(u.state.at, STACK + 0x100);
		assert_true(u.state.exact && u.state.has_regs && !u.state.user);
	}
}

static void ends(void **state)
{
	struct unwindenv u;

	// a kernel thread: the last record, and nothing in pt_regs
	init(&u);
	u.state.fp = STACK + 0x100 + RECORD;
	assert_int_equal(unwindenv_step(&u), UNWIND_ROOT);
	// user mode
	put_regs(&u, STACK + 0x100, 0x400120, 0, 0x60000000);
	assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
	assert_true(u.state.user);
	assert_int_equal(u.state.ip, 0x400120);
	// no record at all
	init(&u);
	assert_int_equal(unwindenv_step(&u), UNWIND_ROOT);
	u.state.fp = 0x1230;
	assert_int_equal(unwindenv_step(&u), UNWIND_UNREADABLE);
	assert_int_equal(u.state.at, 0x1230);
	assert_int_equal(u.state.ip, CODE + 0x120);
}

static void sleeping(void **state)
{
	struct unwindenv u;

	init(&u);
	assert_false(arch_arm64_unwind.sleeping(&u.env, STACK, &u.state));
	for (size_t i = 0; i < 3; i++)
		u.env.layout[i] = 0x20 + 8 * i;
	unwindenv_put(&u, STACK + 0x20, STACK + 0x100);
	unwindenv_put(&u, STACK + 0x28, STACK + 0xf0);
	unwindenv_put(&u, STACK + 0x30, CODE + 0x99);
	assert_true(arch_arm64_unwind.sleeping(&u.env, STACK, &u.state));
	assert_int_equal(u.state.fp, STACK + 0x100);
	assert_int_equal(u.state.sp, STACK + 0xf0);
	assert_int_equal(u.state.ip, CODE + 0x99);
}

static void plausible_registers(void **state)
{
	struct unwindenv u;

	init(&u);
	unwindenv_reg(&u, 264, 0x80400005);
	assert_true(arch_arm64_unwind.plausible(&u.env, &u.state));
	unwindenv_reg(&u, 264, 0x80400007);
	assert_false(arch_arm64_unwind.plausible(&u.env, &u.state));
	unwindenv_reg(&u, 264, 0xffff800000000005);
	assert_false(arch_arm64_unwind.plausible(&u.env, &u.state));
	unwindenv_reg(&u, 264, 0x20000000); // user mode
	assert_true(arch_arm64_unwind.plausible(&u.env, &u.state));
	u.state.ip++;
	assert_false(arch_arm64_unwind.plausible(&u.env, &u.state));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call),
		cmocka_unit_test(by_prologue),
		cmocka_unit_test(wild_jump),
		cmocka_unit_test(interrupted),
		cmocka_unit_test(ends),
		cmocka_unit_test(sleeping),
		cmocka_unit_test(plausible_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
