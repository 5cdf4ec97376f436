// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "arch/unwind.h"
#include "tests/support/unwindenv.h"

#define CODE  UNWINDENV_CODE
#define STACK UNWINDENV_STACK

static void init(struct unwindenv *u, struct orc_entry orc)
{
	unwindenv_init(u, &arch_x86_64, false);
	u->orc = orc;
	u->state = (struct unwind_state){
		.ip = CODE + 0x120, .at = STACK, .sp = STACK, .fp = STACK + 0x80};
}

static void call_by_sp(void **state)
{
	struct unwindenv u;

	init(&u, (struct orc_entry){ORC_CALL, ORC_SP, ORC_PREV_SP, 32, -16});
	unwindenv_put(&u, STACK + 16, 0xabcd); // rbp
	unwindenv_put(&u, STACK + 24, CODE + 0x250);
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x250);
	assert_int_equal(u.state.sp, STACK + 32);
	assert_int_equal(u.state.at, STACK + 24);
	assert_int_equal(u.state.fp, 0xabcd);
}

static void call_by_bp(void **state)
{
	struct unwindenv u;

	init(&u, (struct orc_entry){ORC_CALL, ORC_BP, ORC_BP, 16, 8});
	unwindenv_put(&u, STACK + 0x88, CODE + 0x250); // both the return address and the next rbp
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x250);
	assert_int_equal(u.state.sp, STACK + 0x90);
	assert_int_equal(u.state.fp, CODE + 0x250);
}

/* From one stack to another: the pointer to the other stands on top; and a realigned stack. */
static void indirect(void **state)
{
	struct unwindenv u;

	init(&u, (struct orc_entry){ORC_CALL, ORC_SP_INDIRECT, ORC_NONE, 8, 0});
	unwindenv_put(&u, STACK, STACK + 0x400);
	unwindenv_put(&u, STACK + 0x400, CODE + 0x250);
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x250);
	assert_int_equal(u.state.at, STACK + 0x400);
	assert_int_equal(u.state.fp, STACK + 0x80);

	init(&u, (struct orc_entry){ORC_CALL, ORC_BP_INDIRECT, ORC_NONE, -8, 0});
	unwindenv_put(&u, STACK + 0x78, STACK + 0x500);
	unwindenv_put(&u, STACK + 0x4f8, CODE + 0x350);
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x350);
	assert_int_equal(u.state.sp, STACK + 0x500);
}

/* Code that keeps the stack in r10 can be left only where all registers are known. */
static void by_register(void **state)
{
	struct unwindenv u;

	init(&u, (struct orc_entry){ORC_CALL, ORC_R10, ORC_NONE, 8, 0});
	unwindenv_reg(&u, 56, STACK + 0x300);
	unwindenv_put(&u, STACK + 0x300, CODE + 0x250);
	assert_int_equal(unwindenv_step(&u), UNWIND_NO_DATA);
	u.state.has_regs = true;
	assert_int_equal(unwindenv_step(&u), UNWIND_CALL);
	assert_int_equal(u.state.ip, CODE + 0x250);
	assert_false(u.state.has_regs);
}

static void interrupted(void **state)
{
	struct unwindenv u;

	init(&u, (struct orc_entry){ORC_REGS, ORC_SP, ORC_NONE, 8, 0});
	unwindenv_put(&u, STACK + 8 + 32, 0x1234); // rbp
	unwindenv_put(&u, STACK + 8 + 128, CODE + 0x444);
	unwindenv_put(&u, STACK + 8 + 136, 0x10); // cs
	unwindenv_put(&u, STACK + 8 + 152, STACK + 0x600);
	assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
	assert_int_equal(u.state.ip, CODE + 0x444);
	assert_int_equal(u.state.sp, STACK + 0x600);
	assert_int_equal(u.state.fp, 0x1234);
	assert_int_equal(u.state.at, STACK + 8);
	assert_true(u.state.exact && u.state.has_regs && !u.state.user);

	init(&u, (struct orc_entry){ORC_REGS_PARTIAL, ORC_SP, ORC_NONE, 0, 0});
	unwindenv_put(&u, STACK, 0x401000);
	unwindenv_put(&u, STACK + 8, 0x33);
	unwindenv_put(&u, STACK + 24, 0x7fff0000);
	assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
	assert_int_equal(u.state.ip, 0x401000);
	assert_int_equal(u.state.sp, 0x7fff0000);
	assert_int_equal(u.state.fp, STACK + 0x80);
	assert_true(u.state.exact && !u.state.has_regs && u.state.user);
}

/* Kernels with frame pointers: an odd one leads to pt_regs. */
static void odd_frame_pointer(void **state)
{
	struct unwindenv u;

	init(&u, (struct orc_entry){ORC_CALL, ORC_BP, ORC_PREV_SP, 16, -16});
	u.state.fp = (STACK + 0x100) | 1;
	unwindenv_put(&u, STACK + 0x100 + 128, CODE + 0x333);
	unwindenv_put(&u, STACK + 0x100 + 152, STACK + 0x600);
	assert_int_equal(unwindenv_step(&u), UNWIND_REGS);
	assert_int_equal(u.state.ip, CODE + 0x333);
	assert_int_equal(u.state.at, STACK + 0x100);
}

static void ends(void **state)
{
	struct unwindenv u;

	init(&u, (struct orc_entry){.type = ORC_END});
	assert_int_equal(unwindenv_step(&u), UNWIND_ROOT);
	init(&u, (struct orc_entry){.type = ORC_UNDEFINED});
	assert_int_equal(unwindenv_step(&u), UNWIND_NO_DATA);
	u.no_orc = true;
	assert_int_equal(unwindenv_step(&u), UNWIND_NO_DATA);
	init(&u, (struct orc_entry){ORC_CALL, ORC_SP, ORC_NONE, 32767, 0});
	u.state.sp = UINT64_MAX - 100;
	assert_int_equal(unwindenv_step(&u), UNWIND_UNREADABLE);
	assert_int_equal(u.state.ip, CODE + 0x120);
	init(&u, (struct orc_entry){ORC_CALL, ORC_SP, ORC_PREV_SP, 8, 0x7000});
	unwindenv_put(&u, STACK, CODE + 0x250);
	assert_int_equal(unwindenv_step(&u), UNWIND_UNREADABLE);
	assert_int_equal(u.state.at, STACK + 8 + 0x7000);
	assert_int_equal(u.state.ip, CODE + 0x120);
}

static void sleeping(void **state)
{
	struct unwindenv u;

	init(&u, (struct orc_entry){0});
	assert_false(arch_x86_64_unwind.sleeping(&u.env, STACK, &u.state)); // nothing is known
	u.env.layout[0] = 0x20;                                             // thread.sp
	u.env.layout[1] = 40; // inactive_task_frame.bp
	u.env.layout[2] = 48; // .ret_addr
	unwindenv_put(&u, STACK + 0x20, STACK + 0x100);
	unwindenv_put(&u, STACK + 0x100 + 40, 0x77);
	unwindenv_put(&u, STACK + 0x100 + 48, CODE + 0x99);
	assert_true(arch_x86_64_unwind.sleeping(&u.env, STACK, &u.state));
	assert_int_equal(u.state.ip, CODE + 0x99);
	assert_int_equal(u.state.fp, 0x77);
	assert_int_equal(u.state.sp, STACK + 0x100 + 56);
	assert_int_equal(u.state.at, STACK + 0x100 + 48);
	unwindenv_put(&u, STACK + 0x20, 0xdead);
	assert_false(arch_x86_64_unwind.sleeping(&u.env, STACK, &u.state));
}

static void calls(void **state)
{
	static const struct {
		uint8_t code[7];
		uint64_t target; // from the end of the code; 0: none
		bool is_call;
	} cases[] = {
		{{0x90, 0x90, 0xe8, 0xf0, 0xff, 0xff, 0xff}, (uint64_t)-16, true},
		{{0x90, 0x90, 0xe8, 0x10, 0x20, 0x00, 0x00}, 0x2010, true},
		{{0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xd0}, 0, true},  // *%rax
		{{0x90, 0x90, 0x90, 0x90, 0x41, 0xff, 0xd3}, 0, true},  // *%r11
		{{0x90, 0x90, 0x90, 0x90, 0xff, 0x50, 0x18}, 0, true},  // *0x18(%rax)
		{{0x90, 0x90, 0x90, 0xff, 0x54, 0x24, 0x08}, 0, true},  // *8(%rsp)
		{{0x90, 0xff, 0x15, 0x00, 0x10, 0x00, 0x00}, 0, true},  // *x(%rip)
		{{0xff, 0x14, 0xc5, 0x00, 0x10, 0x00, 0x00}, 0, true},  // *x(,%rax,8)
		{{0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xe0}, 0, false}, // jmp *%rax
		{{0xe9, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90}, 0, false},
	};
	struct unwindenv u;
	uint64_t target;

	init(&u, (struct orc_entry){0});
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unwindenv_put_bytes(&u, CODE + 0x40, cases[i].code, 7);
		target = 1;
		if (arch_x86_64_unwind.is_call(&u.env, CODE + 0x47, &target) != cases[i].is_call)
			fail_msg("case %zu", i);
		if (cases[i].is_call)
			assert_int_equal(target,
					 cases[i].target ? CODE + 0x47 + cases[i].target : 0);
	}
	assert_false(arch_x86_64_unwind.is_call(&u.env, CODE, &target));
}

static void plausible_registers(void **state)
{
	struct unwindenv u;

	init(&u, (struct orc_entry){0});
	unwindenv_reg(&u, 136, 0x10);
	unwindenv_reg(&u, 144, 0x10246); // RF, IF and the bit that is always set
	unwindenv_reg(&u, 160, 0x18);
	assert_true(arch_x86_64_unwind.plausible(&u.env, &u.state));
	unwindenv_reg(&u, 144, 0x10244);
	assert_false(arch_x86_64_unwind.plausible(&u.env, &u.state));
	unwindenv_reg(&u, 144, 0x246);
	unwindenv_reg(&u, 160, 0x2b);
	assert_false(arch_x86_64_unwind.plausible(&u.env, &u.state));
	unwindenv_reg(&u, 136, 0x33);
	assert_true(arch_x86_64_unwind.plausible(&u.env, &u.state));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_by_sp),  cmocka_unit_test(call_by_bp),
		cmocka_unit_test(indirect),    cmocka_unit_test(by_register),
		cmocka_unit_test(interrupted), cmocka_unit_test(odd_frame_pointer),
		cmocka_unit_test(ends),        cmocka_unit_test(sleeping),
		cmocka_unit_test(calls),       cmocka_unit_test(plausible_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
