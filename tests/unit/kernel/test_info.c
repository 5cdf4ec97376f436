// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/info.h"

#include "tests/support/fakekernel.h"
#include "tests/support/test.h"
#include "util/rows.h"

static const char *info(const struct fakekernel *fake, bool as_json)
{
	static char text[4096];
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct rows rows;

	assert_non_null(out);
	rows_begin(&rows, out, as_json, "info");
	assert_ok(kernel_info(&rows, fake->kernel));
	rows_end(&rows);
	fclose(out);
	return text;
}

static void test_translates(void **state)
{
	struct fakekernel fake;
	const char *text;

	fakekernel_init(&fake, 8, false, 1U << 16);
	fakekernel_open(&fake, "OSRELEASE=6.1.0\nPAGESIZE=16384\n");
	text = info(&fake, false);
	assert_non_null(strstr(text, "     RELEASE: 6.1.0\n"));
	assert_non_null(strstr(text, "   PAGE SIZE: 16384\n"));
	assert_non_null(strstr(text, "  TRANSLATES: yes\n"));
	fakekernel_deinit(&fake);
}

static void test_does_not(void **state)
{
	struct fakekernel fake;
	const char *text;

	fakekernel_init(&fake, 8, false, 1U << 16);
	fakekernel_open(&fake, NULL);
	fake.kernel->translates = false;
	fake.kernel->reason = error_create(ERROR_NOT_FOUND, "no phys_base");
	text = info(&fake, true);
	assert_non_null(strstr(text, "\"translates\": false"));
	assert_non_null(strstr(text, "\"addresses cannot be translated: no phys_base\""));
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_translates),
		cmocka_unit_test(test_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
