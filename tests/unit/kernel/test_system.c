// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/system.h"

#include <stdio.h>

#include "tests/support/fakelog.h"
#include "tests/support/test.h"

#define SEC UINT64_C(1000000000)

static void start(struct fakekernel *fake, struct fakelog *log)
{
	fakekernel_init(fake, 8, false, 1U << 20);
	fake->reader.facts.nr_cpus = 3;
	fake->hole[0] = 0x40000;
	fake->hole[1] = 0x50000;
	fake->left_out[0] = 0x60000;
	fake->left_out[1] = 0x70000;
	fakelog_init(log, fake, 4, 10);
}

static void set_uts(struct fakelog *log, const char *const texts[6])
{
	for (size_t i = 0; i < 6; i++)
		strncpy((char *)fake_at(log->fake, log->uts + i * DUMP_UTS_LEN, DUMP_UTS_LEN),
			texts[i], DUMP_UTS_LEN);
}

static void test_everything(void **state)
{
	static const char *const uts[] = {"Linux",         "node",   "6.1.0-56",
					  "#1 SMP Debian", "x86_64", "(none)"};
	const struct printk_record task = {
		.ts_nsec = 100 * SEC,
		.text = "CPU: 1 PID: 431 Comm: sh Not tainted 6.1.0",
		.len = 42,
	};
	struct system_info info;
	struct fakekernel fake;
	struct fakelog log;

	start(&fake, &log);
	set_uts(&log, uts);
	fakelog_say(&log, 2 * SEC, "setting system clock to X (1795163664)");
	fakelog_say(&log, 99 * SEC, "Kernel panic - not syncing: x");
	fakelog_add(&log, &task, 2);
	assert_ok(system_info_read(fake.kernel, &info));
	assert_string_equal(info.uts.nodename, "node");
	assert_string_equal(info.uts.release, "6.1.0-56");
	assert_string_equal(info.uts.version, "#1 SMP Debian");
	assert_string_equal(info.uts.machine, "x86_64");
	assert_string_equal(info.panic, "Kernel panic - not syncing: x");
	assert_int_equal(info.crash_time, 1795163762);
	assert_true(info.uptime_nsec == (int64_t)(100 * SEC));
	assert_int_equal(info.nr_cpus, 3);
	assert_int_equal(info.memory, (1U << 20) - 0x10000);
	assert_int_equal(info.panic_pid, 431);
	assert_int_equal(info.panic_cpu, 1);
	assert_string_equal(info.panic_comm, "sh");
	fakekernel_deinit(&fake);
}

/* Strings that fill their arrays end; what is no uts_namespace is not believed. */
static void test_uts(void **state)
{
	static const char full[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	static const char *const good[] = {"Linux", full, full, full, full, full};
	static const char *const bad[] = {"Linus", "a", "b", "c", "d", "e"};
	struct system_info info;
	struct fakekernel fake;
	struct fakelog log;

	start(&fake, &log);
	set_uts(&log, good);
	assert_ok(system_info_read(fake.kernel, &info));
	assert_int_equal(strlen(info.uts.release), DUMP_UTS_LEN - 1);
	assert_int_equal(strlen(info.uts.domainname), DUMP_UTS_LEN - 1);
	fakekernel_deinit(&fake);

	start(&fake, &log);
	set_uts(&log, bad);
	assert_ok(system_info_read(fake.kernel, &info));
	assert_string_equal(info.uts.release, "6.1.0-test"); // OSRELEASE
	assert_string_equal(info.uts.nodename, "");
	fakekernel_deinit(&fake);
}

static void test_crashtime(void **state)
{
	struct system_info info;
	struct fakekernel fake;
	struct fakelog log;
	char text[8192];

	start(&fake, &log);
	fake.reader.facts.time_sec = 5;
	assert_ok(system_info_read(fake.kernel, &info));
	assert_int_equal(info.crash_time, 5);
	snprintf(text, sizeof(text), "%sCRASHTIME=1795170000\n", log.vmcoreinfo);
	kernel_close(fake.kernel);
	fakekernel_open(&fake, text);
	fakelog_say(&log, 3 * SEC / 2, "x");
	assert_ok(system_info_read(fake.kernel, &info));
	assert_int_equal(info.crash_time, 1795170000);
	fakekernel_deinit(&fake);
}

/* The caller of the message is known even if no task is named. */
static void test_caller(void **state)
{
	struct printk_record record = {
		.text = "Kernel panic - not syncing: x", .len = 29, .caller_id = 77};
	struct system_info info;
	struct fakekernel fake;
	struct fakelog log;

	start(&fake, &log);
	fakelog_add(&log, &record, 2);
	assert_ok(system_info_read(fake.kernel, &info));
	assert_int_equal(info.panic_pid, 77);
	assert_int_equal(info.panic_cpu, -1);
	fakekernel_deinit(&fake);

	start(&fake, &log);
	record.caller_id = PRINTK_CALLER_CPU | 2;
	fakelog_add(&log, &record, 2);
	assert_ok(system_info_read(fake.kernel, &info));
	assert_int_equal(info.panic_pid, -1);
	assert_int_equal(info.panic_cpu, 2);
	fakekernel_deinit(&fake);
}

static void test_nothing_known(void **state)
{
	struct system_info info;
	struct fakekernel fake;

	fakekernel_init(&fake, 8, false, 1U << 16);
	strcpy(fake.reader.facts.uts.release, "4.4.0-header");
	fakekernel_open(&fake, NULL);
	assert_err(system_info_read(fake.kernel, &info), ERROR_NOT_FOUND, "no VMCOREINFO");
	assert_string_equal(info.uts.release, "4.4.0-header");
	assert_string_equal(info.panic, "");
	assert_int_equal(info.memory, 1U << 16);
	assert_int_equal(info.uptime_nsec, -1);
	assert_int_equal(info.crash_time, 0);
	assert_int_equal(info.panic_pid, -1);
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),    cmocka_unit_test(test_uts),
		cmocka_unit_test(test_crashtime),     cmocka_unit_test(test_caller),
		cmocka_unit_test(test_nothing_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
