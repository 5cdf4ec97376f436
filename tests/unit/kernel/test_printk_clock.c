// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk_clock.h"

#include <stdio.h>

#include "tests/support/fakelog.h"
#include "tests/support/test.h"

#define SEC UINT64_C(1000000000)

static void start(struct fakekernel *fake, struct fakelog *log, const char *more)
{
	char text[8192];

	fakekernel_init(fake, 8, false, 1U << 20);
	fakelog_init(log, fake, 4, 10);
	snprintf(text, sizeof(text), "%s%s", log->vmcoreinfo, more);
	kernel_close(fake->kernel);
	fakekernel_open(fake, text);
}

static void test_rtc(void **state)
{
	struct printk_clock clock;
	struct fakekernel fake;
	struct fakelog log;

	start(&fake, &log, "");
	fakelog_say(&log, 2 * SEC,
		    "rtc_cmos 00:03: setting system clock to 2026-11-20T08:34:24 UTC (1795163664)");
	fakelog_say(&log, 50 * SEC, "later");
	assert_ok(printk_clock_read(fake.kernel, &clock));
	assert_true(clock.boot_nsec == (int64_t)(1795163662 * SEC));
	assert_non_null(strstr(clock.witness, "setting system clock"));
	fakekernel_deinit(&fake);
}

static void test_crashtime_counts_more(void **state)
{
	struct printk_clock clock;
	struct fakekernel fake;
	struct fakelog log;

	start(&fake, &log, "CRASHTIME=1795170000\n");
	fakelog_say(&log, 2 * SEC, "setting system clock to X (1795163664)");
	fakelog_say(&log, 50 * SEC, "last");
	assert_ok(printk_clock_read(fake.kernel, &clock));
	assert_true(clock.boot_nsec == (int64_t)(1795169950 * SEC));
	assert_string_equal(clock.witness, "CRASHTIME");
	fakekernel_deinit(&fake);
}

static void test_nothing_tells(void **state)
{
	static const char *const texts[] = {
		"nothing",
		"setting system clock to",
		"setting system clock to 2026 (",
		"setting system clock to 2026 (12x4)",
		"setting system clock to 2026 (99999999999999999999999)",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct printk_clock clock;
		struct fakekernel fake;
		struct fakelog log;

		start(&fake, &log, "CRASHTIME=99999999999999\n");
		fakelog_say(&log, SEC, texts[i]);
		assert_err(printk_clock_read(fake.kernel, &clock), ERROR_NOT_FOUND,
			   "fake: nothing tells the time of day");
		fakekernel_deinit(&fake);
	}
}

/* Only the kernel's own word counts, not what a program wrote into /dev/kmsg. */
static void test_facility(void **state)
{
	const struct printk_record record = {
		.facility = 1, .text = "setting system clock to X (1795163664)", .len = 38};
	struct printk_clock clock = {0};

	printk_clock_add(&clock, &record);
	assert_false(clock.rtc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rtc),
		cmocka_unit_test(test_crashtime_counts_more),
		cmocka_unit_test(test_nothing_tells),
		cmocka_unit_test(test_facility),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
