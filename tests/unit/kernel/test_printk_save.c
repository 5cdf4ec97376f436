// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk_save.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/fakelog.h"
#include "tests/support/test.h"

struct fixture {
	struct fakekernel fake;
	struct fakelog log;
	char dir[32], path[48];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->dir, "/tmp/printk_save.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/log", f->dir);
	fakekernel_init(&f->fake, 8, false, 1U << 20);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	assert_int_equal(rmdir(f->dir), 0); // nothing else is left
	fakekernel_deinit(&f->fake);
	free(f);
	return 0;
}

static void expect(const char *path, const char *want)
{
	char text[256] = "";
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	assert_string_equal(text, want);
}

static void saves(void **state)
{
	struct printk_save_options how = {0};
	struct printk_summary summary;
	struct fixture *f = *state;

	fakelog_init(&f->log, &f->fake, 4, 10);
	fakelog_say(&f->log, 1000, "one");
	fakelog_say(&f->log, 2000, "two");
	fake_u64(&f->fake, f->log.clear_seq, 1);
	fake_u64(&f->fake, f->log.clear_seq + 8, 1);
	fake_u64(&f->fake, f->log.clear_seq + 16, 1);
	assert_ok(printk_save(f->fake.kernel, f->path, &how, &summary));
	assert_int_equal(summary.records, 2);
	expect(f->path, "[    0.000001] one\n[    0.000002] two\n");
	assert_err(printk_save(f->fake.kernel, f->path, &how, &summary), ERROR_USAGE, "log");
	how.force = how.partial = true;
	assert_ok(printk_save(f->fake.kernel, f->path, &how, &summary));
	expect(f->path, "[    0.000002] two\n");
	assert_err(printk_save(f->fake.kernel, "/dev/full", &how, &summary), ERROR_NO_SPACE,
		   "/dev/full");
}

static void leaves_nothing_without_a_log(void **state)
{
	const struct printk_save_options how = {0};
	struct printk_summary summary;
	struct fixture *f = *state;

	fakekernel_open(&f->fake, "PAGESIZE=4096\n");
	assert_err(printk_save(f->fake.kernel, f->path, &how, &summary), ERROR_NOT_FOUND, "");
	assert_int_equal(access(f->path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(saves, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_nothing_without_a_log, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
