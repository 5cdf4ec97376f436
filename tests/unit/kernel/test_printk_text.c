// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk_text.h"

#include <stdlib.h>
#include <time.h>

#include "tests/support/fakelog.h"
#include "tests/support/test.h"

static char *rendered(const struct printk_format *format, const struct printk_record *record)
{
	static char text[1024];
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	printk_print(format, record, out);
	fclose(out);
	return text;
}

static struct printk_record make(const char *text, uint64_t ts_nsec)
{
	return (struct printk_record){
		.text = text, .len = strlen(text), .ts_nsec = ts_nsec, .level = 4, .caller_id = 77};
}

static void test_as_dmesg(void **state)
{
	static const struct printk_format format;
	struct printk_record record = make("hello", UINT64_C(1234567899));

	assert_string_equal(rendered(&format, &record), "[    1.234567] hello\n");
	record = make("one\n two\n", UINT64_C(123456789) * 1000000000);
	assert_string_equal(rendered(&format, &record), "[123456789.000000] one\n"
							"[123456789.000000]  two\n"
							"[123456789.000000] \n");
	record = make("", 0);
	assert_string_equal(rendered(&format, &record), "[    0.000000] \n");
}

static void test_prefixes(void **state)
{
	struct printk_format format = {.level = true};
	struct printk_record record = make("x", 5000);

	assert_string_equal(rendered(&format, &record), "<4>[    0.000005] x\n");
	format.caller = true;
	assert_string_equal(rendered(&format, &record), "<4>[    0.000005][   T77] x\n");
	format.stamp = PRINTK_STAMP_NONE;
	assert_string_equal(rendered(&format, &record), "<4>[   T77] x\n");
	record.caller_id = PRINTK_CALLER_CPU | 3;
	format.level = false;
	assert_string_equal(rendered(&format, &record), "[    C3] x\n");
	format.caller = false;
	assert_string_equal(rendered(&format, &record), "x\n");
}

static void test_wall_clock(void **state)
{
	struct printk_format format = {.stamp = PRINTK_STAMP_WALL,
				       .boot_nsec = INT64_C(1795163662248270000)};
	struct printk_record record = make("x", UINT64_C(1751730000));

	setenv("TZ", "UTC", 1);
	tzset();
	assert_string_equal(rendered(&format, &record), "[Fri Nov 20 08:34:24 2026] x\n");
	setenv("TZ", "EST5", 1);
	tzset();
	assert_string_equal(rendered(&format, &record), "[Fri Nov 20 03:34:24 2026] x\n");
}

static void test_terminal(void **state)
{
	struct printk_format format = {.stamp = PRINTK_STAMP_NONE};
	struct printk_record record = make("a\033[2J\tb\nc\007\xff", 0);

	assert_string_equal(rendered(&format, &record), "a\033[2J\tb\nc\007\xff\n");
	format.safe = true;
	assert_string_equal(rendered(&format, &record), "a\\x1b[2J\tb\nc\\x07\\xff\n");
}

static void test_all(void **state)
{
	static const struct printk_format format;
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	char text[256];
	FILE *out = fmemopen(text, sizeof(text), "w");

	fakekernel_init(&fake, 8, false, 1U << 20);
	fakelog_init(&log, &fake, 4, 10);
	fakelog_say(&log, 1000, "one");
	fakelog_say(&log, 2000, "two");
	assert_ok(printk_print_all(fake.kernel, &format, out, &summary));
	fclose(out);
	assert_string_equal(text, "[    0.000001] one\n[    0.000002] two\n");
	assert_int_equal(summary.records, 2);
	fakekernel_deinit(&fake);
}

static void test_partial(void **state)
{
	static const struct printk_format format = {.partial = true};
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	char text[256];
	FILE *out = fmemopen(text, sizeof(text), "w");

	fakekernel_init(&fake, 8, false, 1U << 20);
	fakelog_init(&log, &fake, 4, 10);
	for (uint64_t i = 0; i < 4; i++)
		fakelog_say(&log, i * 1000, i % 2 ? "odd" : "even");
	fake_u64(&fake, log.clear_seq, 2);
	fake_u64(&fake, log.clear_seq + 8, 2);
	fake_u64(&fake, log.clear_seq + 16, 2);
	assert_ok(printk_print_all(fake.kernel, &format, out, &summary));
	fclose(out);
	assert_string_equal(text, "[    0.000002] even\n[    0.000003] odd\n");
	fakekernel_deinit(&fake);
}

/* A full disk ends the walk. */
static void test_full(void **state)
{
	static const struct printk_format format;
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	FILE *out = fopen("/dev/full", "w");

	assert_non_null(out);
	setvbuf(out, NULL, _IONBF, 0);
	fakekernel_init(&fake, 8, false, 1U << 20);
	fakelog_init(&log, &fake, 4, 10);
	fakelog_say(&log, 1000, "one");
	fakelog_say(&log, 2000, "two");
	assert_ok(printk_print_all(fake.kernel, &format, out, &summary));
	assert_int_equal(summary.records, 1);
	assert_true(ferror(out));
	fclose(out);
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_dmesg),   cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_wall_clock), cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_all),        cmocka_unit_test(test_full),
		cmocka_unit_test(test_partial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
