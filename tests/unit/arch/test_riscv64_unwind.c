// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "arch/unwind.h"
#include "tests/support/unwindenv.h"

#define CODE  UNWINDENV_CODE
#define STACK UNWINDENV_STACK

static void init(struct unwindenv *u)
{
	unwindenv_init(u, &arch_riscv64, false);
	u->state = (struct unwind_state){.ip = CODE + 0x120, .at = STACK, .sp = STACK};
}

static void record(struct unwindenv *u, uint64_t fp, uint64_t caller_fp, uint64_t ra)
{
	unwindenv_put(u, fp - 16, caller_fp);
	unwindenv_put(u, fp - 8, ra);
}

static void call(void **state)
{
	struct unwindenv u;

	init(&u);
	u.state.fp = STACK + 0x40;
	record(&u, STACK + 0x40, STACK + 0x80, CODE + 0x234);
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x234);
	assert_int_equal(u.state.fp, STACK + 0x80);
	assert_int_equal(u.state.sp, STACK + 0x40);
	assert_int_equal(u.state.at, STACK + 0x30);
}

#define SP_DOWN  0x01, 0x11             /* c.addi sp, -32 */
#define SD_RA    0x06, 0xec             /* c.sdsp ra, 24(sp) */
#define SD_FP    0x22, 0xe8             /* c.sdsp s0, 16(sp) */
#define SET_FP   0x00, 0x10             /* c.addi4spn s0, sp, 32 */
#define SET_LONG 0x13, 0x04, 0x01, 0x20 /* addi s0, sp, 512 */
#define SD_LONG  0x23, 0x3c, 0x11, 0x1e /* sd ra, 504(sp) */
#define LD_FP    0x42, 0x64             /* c.ldsp s0, 16(sp) */
#define C_RET    0x82, 0x80
#define NOP      0x01, 0x00

/* Which of frame record and ra has the caller is told by the instructions so far. */
static void by_prologue(void **state)
{
	enum { IN_RA, IN_RECORD, RA_NOT_SAVED };
	static const struct {
		uint8_t code[16];
		size_t len;
		int where;
	} cases[] = {
		{{NOP, NOP}, 4, IN_RA},
		{{SP_DOWN, SD_RA, SD_FP}, 6, IN_RA},
		{{SP_DOWN, SD_RA, SD_FP, SET_FP}, 8, IN_RECORD},
		{{SP_DOWN, SD_FP, SET_FP, NOP}, 8, RA_NOT_SAVED},
		{{SD_LONG, SET_LONG}, 8, IN_RECORD},
		{{SD_RA, SET_FP, LD_FP}, 6, IN_RA},
		{{SD_RA, SET_FP, LD_FP, C_RET, NOP}, 10, IN_RECORD},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct unwindenv u;
		uint64_t ip, fp;

		init(&u);
		unwindenv_put_bytes(&u, CODE + 0x100, cases[i].code, cases[i].len);
		unwindenv_reg(&u, 0, CODE + 0x100 + cases[i].len);
		unwindenv_reg(&u, 8, CODE + 0x334);
		unwindenv_reg(&u, 16, STACK + 0x10);
		unwindenv_reg(&u, 64, STACK + 0x40);
		record(&u, STACK + 0x40, STACK + 0x80, CODE + 0x234);
		unwind_take_regs(&u.env, &u.state);
		assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
		ip = cases[i].where == IN_RECORD ? CODE + 0x234 : CODE + 0x334;
		// a function that does not save ra has s0 in its place
		fp = cases[i].where == IN_RA       ? STACK + 0x40
		     : cases[i].where == IN_RECORD ? STACK + 0x80
						   : CODE + 0x234;
		if (u.state.ip != ip || u.state.fp != fp)
			fail_msg("case %zu: 0x%llx, 0x%llx", i, (unsigned long long)u.state.ip,
				 (unsigned long long)u.state.fp);
	}
}

/* What handle_exception calls returns into it, and its stack begins with pt_regs. */
static void interrupted(void **state)
{
	struct unwindenv u;

	init(&u);
	u.env.symbols[0] = CODE + 0x500;
	u.state.ip = CODE + 0x520;
	u.state.sp = STACK + 0x100;
	unwindenv_put(&u, STACK + 0x100, CODE + 0x444);
	unwindenv_put(&u, STACK + 0x110, STACK + 0x300);
	unwindenv_put(&u, STACK + 0x140, STACK + 0x380);
	assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
	assert_int_equal(u.state.ip, CODE + 0x444);
	assert_int_equal(u.state.sp, STACK + 0x300);
	assert_int_equal(u.state.fp, STACK + 0x380);
	assert_int_equal(u.state.at, STACK + 0x100);
	assert_true(u.state.exact && !u.state.user);
	// its last instruction is a call, and what it returns to the next function
	init(&u);
	u.env.symbols[0] = CODE + 0x500;
	u.state.ip = CODE + 0x600;
	u.state.sp = STACK + 0x100;
	unwindenv_put(&u, STACK + 0x100, 0x10444);
	assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
	assert_true(u.state.user);
}

/* The CPU has just taken an exception: ra is of the code that was interrupted. */
static void at_the_vector(void **state)
{
	struct unwindenv u;

	init(&u);
	u.env.symbols[0] = CODE + 0x500;
	unwindenv_reg(&u, 0, CODE + 0x500);
	unwindenv_reg(&u, 8, CODE + 0x334);
	unwindenv_reg(&u, 64, STACK + 0x40);
	record(&u, STACK + 0x40, STACK + 0x80, CODE + 0x234);
	unwind_take_regs(&u.env, &u.state);
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x234);
}

static void ends(void **state)
{
	struct unwindenv u;

	init(&u);
	u.env.symbols[1] = CODE + 0x100; // ret_from_fork
	u.state.fp = 0x1234;             // the function of the thread
	assert_int_equal(unwindenv_step(&u), UNWIND_ROOT);
	// a process that has never run
	u.state.exact = true;
	unwindenv_put(&u, STACK, 0x10444);
	assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
	assert_true(u.state.user);
	init(&u);
	u.state.fp = 8;
	assert_int_equal(unwindenv_step(&u), UNWIND_UNREADABLE);
	assert_int_equal(u.state.ip, CODE + 0x120);
}

static void sleeping(void **state)
{
	struct unwindenv u;

	init(&u);
	assert_false(arch_riscv64_unwind.sleeping(&u.env, STACK, &u.state));
	for (size_t i = 0; i < 3; i++)
		u.env.layout[i] = 0x20 + 8 * i;
	unwindenv_put(&u, STACK + 0x20, CODE + 0x99);
	unwindenv_put(&u, STACK + 0x28, STACK + 0xf0);
	unwindenv_put(&u, STACK + 0x30, STACK + 0x100);
	assert_true(arch_riscv64_unwind.sleeping(&u.env, STACK, &u.state));
	assert_int_equal(u.state.ip, CODE + 0x99);
	assert_int_equal(u.state.sp, STACK + 0xf0);
	assert_int_equal(u.state.fp, STACK + 0x100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call),        cmocka_unit_test(by_prologue),
		cmocka_unit_test(interrupted), cmocka_unit_test(at_the_vector),
		cmocka_unit_test(ends),        cmocka_unit_test(sleeping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
