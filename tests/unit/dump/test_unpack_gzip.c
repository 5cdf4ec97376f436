// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/unpack.h"

#include "tests/support/mkfile.h"
#include "tests/support/test.h"
#include "util/file.h"

/* "hello, world\n", by gzip -n. */
static const uint8_t hello[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb,
				0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51, 0x28, 0xcf, 0x2f, 0xca, 0x49,
				0xe1, 0x02, 0x00, 0x53, 0x74, 0x24, 0xf4, 0x0d, 0x00, 0x00, 0x00};

static struct error *unpack(const uint8_t *data, size_t len, char *buf, size_t want)
{
	_cleanup_mkfile_ struct mkfile m = {0};
	_cleanup_file_ struct file *file = NULL;
	_cleanup_unpack_ struct unpack *u = NULL;
	struct error *err;

	mkfile_put(&m, 0, data, len);
	assert_ok(file_open(mkfile_path(&m), &file));
	if ((err = unpack_create(file, 0, &unpack_gzip, &u)))
		return err;
	return unpack_read(u, buf, want);
}

static void streams_follow_each_other(void **state)
{
	uint8_t two[2 * sizeof(hello)];
	char buf[26];

	(void)state;
	if (!unpack_gzip.create)
		skip();
	assert_ok(unpack(hello, sizeof(hello), buf, 13));
	assert_memory_equal(buf, "hello, world\n", 13);
	memcpy(two, hello, sizeof(hello));
	memcpy(two + sizeof(hello), hello, sizeof(hello));
	assert_ok(unpack(two, sizeof(two), buf, 26));
	assert_memory_equal(buf, "hello, world\nhello, world\n", 26);
}

static void damage(void **state)
{
	uint8_t bad[sizeof(hello)];
	char buf[26];

	(void)state;
	if (!unpack_gzip.create)
		skip();
	assert_err(unpack(hello, sizeof(hello), buf, 14), ERROR_FORMAT, "the stream ends");
	assert_err(unpack(hello, 12, buf, 13), ERROR_FORMAT, "the stream ends");
	for (size_t i = 0; i < sizeof(bad); i++) {
		memcpy(bad, hello, sizeof(bad));
		bad[i] ^= 0x55;
		error_destroy(unpack(bad, sizeof(bad), buf, 26));
	}
	assert_err(unpack((const uint8_t *)"no gzip at all", 14, buf, 1), ERROR_FORMAT,
		   "gzip stream is damaged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_follow_each_other),
		cmocka_unit_test(damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
