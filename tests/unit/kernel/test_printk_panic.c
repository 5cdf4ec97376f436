// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk_panic.h"

#include "tests/support/test.h"

struct line {
	const char *text;
	uint32_t caller;
};

static struct printk_panic feed(const struct line *lines, size_t nr)
{
	struct printk_panic panic = {0};

	for (size_t i = 0; i < nr; i++) {
		const struct printk_record record = {.seq = i,
						     .text = lines[i].text,
						     .len = strlen(lines[i].text),
						     .caller_id = lines[i].caller};

		printk_panic_add(&panic, &record);
	}
	return panic;
}

#define FEED(lines) feed(lines, sizeof(lines) / sizeof((lines)[0]))

static void test_sysrq(void **state)
{
	static const struct line lines[] = {
		{"CPU: 0 PID: 9 Comm: innocent Not tainted 6.1.0", 431},
		{"sysrq: Trigger a crash", 431},
		{"Kernel panic - not syncing: sysrq triggered crash", 431},
		{"CPU: 3 PID: 8 Comm: other Not tainted 6.1.0", 8},
		{"CPU: 1 PID: 431 Comm: my shell Kdump: loaded Not tainted 6.1.0-56-amd64 #1", 431},
		{"CPU: 2 PID: 7 Comm: late Not tainted 6.1.0", 431},
		{"---[ end Kernel panic - not syncing: sysrq triggered crash ]---", 431},
	};
	const struct printk_panic panic = FEED(lines);

	assert_int_equal(panic.kind, PANIC_PANIC);
	assert_string_equal(panic.message.text,
			    "Kernel panic - not syncing: sysrq triggered crash");
	assert_true(panic.task);
	assert_int_equal(panic.cpu, 1);
	assert_int_equal(panic.pid, 431);
	assert_string_equal(panic.comm, "my shell");
}

/* Linux 6.12 has a UID; "Fatal exception" says less than the oops. */
static void test_oops(void **state)
{
	static const struct line lines[] = {
		{"BUG: Bad page state in process x", 5},
		{"BUG: kernel NULL pointer dereference, address: 0000000000000000", 12},
		{"#PF: supervisor write access in kernel mode", 12},
		{"Oops: 0002 [#1] PREEMPT SMP PTI", 12},
		{"CPU: 0 UID: 0 PID: 12 Comm: kworker/0:1 Tainted: G        W 6.12.1 #1", 12},
		{"Kernel panic - not syncing: Fatal exception in interrupt", 12},
	};
	struct printk_panic panic = FEED(lines);

	assert_int_equal(panic.kind, PANIC_PANIC);
	assert_string_equal(panic.message.text, lines[1].text);
	assert_int_equal(panic.pid, 12);
	assert_string_equal(panic.comm, "kworker/0:1");
	panic = feed(lines, 5); // kdump is entered before panic()
	assert_int_equal(panic.kind, PANIC_OOPS);
	assert_string_equal(panic.message.text, lines[1].text);
}

static void test_oops_of_its_own(void **state)
{
	static const struct line lines[] = {
		{"BUG: Bad page state in process x", 5},
		{"general protection fault, probably for non-canonical address 0xdead: 0000 [#1] "
		 "SMP",
		 12},
		{"CPU: 0 PID: 12 Comm: sh Not tainted 5.10.0", 12},
		{"int3: 0000 [#2] SMP", 13},
		{"CPU: 1 PID: 13 Comm: cat Tainted: G      D 5.10.0", 13},
	};
	const struct printk_panic panic = FEED(lines);

	assert_string_equal(panic.message.text, lines[3].text);
	assert_int_equal(panic.pid, 13);
	assert_string_equal(panic.comm, "cat");
}

static void test_arm64(void **state)
{
	static const struct line lines[] = {
		{"Unable to handle kernel paging request at virtual address dead000000000100", 3},
		{"Mem abort info:", 3},
		{"  ESR = 0x0000000096000004", 3},
		{"Internal error: Oops: 0000000096000004 [#1] SMP", 3},
		{"CPU: 1 PID: 3 Comm: a Not tainted 6.1.0", 3},
		{"Kernel panic - not syncing: Oops: Fatal exception", 3},
	};
	const struct printk_panic panic = FEED(lines);

	assert_string_equal(panic.message.text, lines[0].text);
	assert_int_equal(panic.cpu, 1);
}

/* init dies of an oops: panic() prints no task of its own, but the caller is the same. */
static void test_panic_behind_an_oops(void **state)
{
	static const struct line lines[] = {
		{"kernel BUG at mm/slub.c:1!", 1},
		{"invalid opcode: 0000 [#1] SMP", 1},
		{"CPU: 1 PID: 1 Comm: init Not tainted 5.10.0", 1},
		{"Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b", 1},
	};
	const struct printk_panic panic = FEED(lines);

	assert_string_equal(panic.message.text, lines[3].text);
	assert_true(panic.task);
	assert_string_equal(panic.comm, "init");
}

static void test_task_of_another(void **state)
{
	static const struct line lines[] = {
		{"CPU: 1 PID: 5 Comm: warned Not tainted 5.10.0", 5},
		{"Kernel panic - not syncing: hung_task: blocked tasks", 33},
	};

	assert_false(FEED(lines).task);
}

static void test_complaint(void **state)
{
	static const struct line lines[] = {
		{"watchdog: BUG: soft lockup - CPU#1 stuck for 23s! [cat:77]",
		 PRINTK_CALLER_CPU | 1},
		{"CPU: 1 PID: 77 Comm: cat Not tainted 6.1.0", PRINTK_CALLER_CPU | 1},
		{"Kernel text that only mentions Oops: 1", 4},
	};
	const struct printk_panic panic = FEED(lines);

	assert_int_equal(panic.kind, PANIC_COMPLAINT);
	assert_string_equal(panic.message.text, lines[0].text);
	assert_string_equal(panic.comm, "cat");
}

/* One record of two lines; what programs write does not count. */
static void test_records(void **state)
{
	static const char text[] = "first\nKernel panic - not syncing: x\nlast";
	struct printk_record record = {.text = text, .len = sizeof(text) - 1, .facility = 1};
	struct printk_panic panic = {0};

	printk_panic_add(&panic, &record);
	assert_int_equal(panic.kind, PANIC_NONE);
	record.facility = 0;
	printk_panic_add(&panic, &record);
	assert_string_equal(panic.message.text, "Kernel panic - not syncing: x");
}

/* And goes on with nothing but a letter, up to the last byte. */
static void begin_with(const char *begin, char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		text[i] = *begin ? *begin++ : 'a';
}

static void test_hostile(void **state)
{
	static const char *const texts[] = {
		"CPU: ",
		"CPU: 1 PID: ",
		"CPU: 1 PID: 2 Comm: ",
		"CPU: x PID: 2 Comm: a",
		"CPU: 1 PID: 99999999999999999999 Comm: a",
		"[#",
		"",
	};
	char text[2000];
	struct printk_record record = {.text = text, .len = sizeof(text)};
	struct printk_panic panic = {0};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct line line = {texts[i], 0};

		panic = feed(&line, 1);
		assert_int_equal(panic.kind, PANIC_NONE);
		assert_string_equal(panic.comm, "");
	}
	begin_with("CPU: 1 PID: 2 Comm: ", text, sizeof(text));
	printk_panic_add(&panic, &record);
	assert_int_equal(strlen(panic.comm), COMM_LEN - 1);
	begin_with("Kernel panic: ", text, sizeof(text));
	printk_panic_add(&panic, &record);
	assert_int_equal(strlen(panic.message.text), PANIC_LEN - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sysrq),
		cmocka_unit_test(test_oops),
		cmocka_unit_test(test_oops_of_its_own),
		cmocka_unit_test(test_arm64),
		cmocka_unit_test(test_panic_behind_an_oops),
		cmocka_unit_test(test_task_of_another),
		cmocka_unit_test(test_complaint),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
