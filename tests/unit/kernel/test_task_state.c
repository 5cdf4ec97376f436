// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tasks.h"
#include "tests/support/test.h"

static void letters(void **state)
{
	static const struct {
		uint32_t state;
		const char *letters;
	} known[] = {
		{0, "RU"},
		{TASK_INTERRUPTIBLE, "IN"},
		{TASK_INTERRUPTIBLE | TASK_FREEZABLE, "IN"},
		{TASK_UNINTERRUPTIBLE, "UN"},
		{TASK_UNINTERRUPTIBLE | TASK_WAKEKILL, "UN"},
		{TASK_UNINTERRUPTIBLE | TASK_NOLOAD, "ID"},
		{TASK_FROZEN, "UN"},
		{TASK_RTLOCK_WAIT, "UN"},
		{TASK_STOPPED | TASK_WAKEKILL, "ST"},
		{TASK_TRACED | TASK_WAKEKILL, "TR"},
		{TASK_PARKED, "PA"},
		{TASK_DEAD | TASK_EXIT_ZOMBIE, "ZO"},
		{TASK_DEAD | TASK_EXIT_DEAD, "DE"},
		{TASK_DEAD, "DE"},
		{TASK_NEW, "NE"},
		{TASK_WAKING, "WA"},
		{0x40000000, "??"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_string_equal(task_state_letters(known[i].state), known[i].letters);
}

static void text(void **state)
{
	char buf[TASK_STATE_TEXT];

	assert_string_equal(task_state_text(0, buf), "TASK_RUNNING");
	assert_string_equal(task_state_text(TASK_UNINTERRUPTIBLE | TASK_NOLOAD, buf),
			    "TASK_UNINTERRUPTIBLE|TASK_NOLOAD");
	assert_string_equal(task_state_text(TASK_INTERRUPTIBLE | 0x40000000, buf),
			    "TASK_INTERRUPTIBLE|0x40000000");
	assert_string_equal(task_state_text(0x40000000, buf), "0x40000000");
	// whatever there is fits
	assert_true(strlen(task_state_text(UINT32_MAX, buf)) < TASK_STATE_TEXT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(letters), cmocka_unit_test(text)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
