// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "arch/unwind.h"
#include "tests/support/unwindenv.h"

/* struct pt_regs of s390x has something in front of the registers; all of them are big-endian. */
static void registers_are_taken(void **state)
{
	struct unwindenv u;
	struct unwind_state *s = &u.state;

	unwindenv_init(&u, &arch_s390x, true);
	unwindenv_put(&u, UNWINDENV_STACK + 8 + 8, UNWINDENV_CODE + 0x10);        // psw address
	unwindenv_put(&u, UNWINDENV_STACK + 8 + 16 + 14 * 8, UNWINDENV_CODE + 8); // r14
	unwindenv_put(&u, UNWINDENV_STACK + 8 + 16 + 15 * 8, UNWINDENV_STACK + 0x200);
	assert_int_equal(unwind_read_regs(&u.env, UNWINDENV_STACK, 8, s), UNWIND_REGS);
	assert_int_equal(s->ip, UNWINDENV_CODE + 0x10);
	assert_int_equal(s->lr, UNWINDENV_CODE + 8);
	assert_int_equal(s->sp, UNWINDENV_STACK + 0x200);
	assert_int_equal(s->at, UNWINDENV_STACK);
	assert_true(s->exact && s->has_regs && !s->user);
}

static void what_cannot_be_read_changes_nothing(void **state)
{
	struct unwindenv u;

	unwindenv_init(&u, &arch_x86_64, false);
	u.state.ip = 1;
	assert_int_equal(unwind_read_regs(&u.env, UNWINDENV_END - 160, 0, &u.state),
			 UNWIND_UNREADABLE);
	assert_int_equal(u.state.ip, 1);
	assert_int_equal(u.state.at, UNWINDENV_END - 160);
	assert_false(u.state.has_regs);
}

static void a_call_forgets_the_registers(void **state)
{
	struct unwind_state s = {.exact = true, .has_regs = true};

	assert_int_equal(unwind_call(&s, 0x1234, 0x5678), UNWIND_CALL);
	assert_int_equal(s.ip, 0x1234);
	assert_int_equal(s.at, 0x5678);
	assert_true(!s.exact && !s.has_regs);
}

static void code_ends_at_the_instruction(void **state)
{
	uint8_t code[UNWIND_CODE_MAX];
	struct unwindenv u;

	unwindenv_init(&u, &arch_arm64, false);
	unwindenv_put_u32(&u, UNWINDENV_CODE + 0x100, 0x11223344);
	u.state.ip = UNWINDENV_CODE + 0x108;
	assert_int_equal(unwind_code(&u.env, &u.state, code), 8);
	assert_int_equal(code[0], 0x44);
	u.state.ip = UNWINDENV_STACK; // is in no function
	assert_int_equal(unwind_code(&u.env, &u.state, code), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_are_taken),
		cmocka_unit_test(what_cannot_be_read_changes_nothing),
		cmocka_unit_test(a_call_forgets_the_registers),
		cmocka_unit_test(code_ends_at_the_instruction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
