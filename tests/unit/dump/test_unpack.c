// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/unpack.h"

#include <stdio.h>

#include "tests/support/mkfile.h"
#include "tests/support/test.h"
#include "util/file.h"

static struct file *open_bytes(struct mkfile *m, size_t len)
{
	struct file *file = NULL;

	mkfile_resize(m, len);
	mkfile_memory(m->data, 0, len);
	assert_ok(file_open(mkfile_path(m), &file));
	return file;
}

static void bytes_come_in_order(void **state)
{
	const size_t len = (3U << 20) + 77;
	_cleanup_mkfile_ struct mkfile m = {0};
	_cleanup_file_ struct file *file = open_bytes(&m, len);
	_cleanup_unpack_ struct unpack *u = NULL;
	const uint8_t *next;
	uint8_t buf[5000];
	size_t pos = 100, n;

	(void)state;
	assert_ok(unpack_create(file, pos, NULL, &u));
	for (size_t step = 1; pos < len; step = step * 3 % 4999 + 1, pos += n) {
		size_t peek = 20;

		n = step < len - pos ? step : len - pos;
		assert_int_equal(unpack_pos(u), pos);
		assert_ok(unpack_peek(u, &peek, &next));
		assert_int_equal(peek, len - pos < 20 ? len - pos : 20);
		assert_int_equal(next[0], mkfile_byte(pos));
		assert_ok(unpack_read(u, step % 2 ? buf : NULL, n));
		for (size_t i = 0; step % 2 && i < n; i++)
			assert_int_equal(buf[i], mkfile_byte(pos + i));
	}
	n = 1;
	assert_ok(unpack_peek(u, &n, &next));
	assert_int_equal(n, 0);
	assert_err(unpack_read(u, buf, 1), ERROR_FORMAT, "the stream ends at offset 0x30004d");
	unpack_seek(u, 4711);
	assert_ok(unpack_read(u, buf, 1));
	assert_int_equal(buf[0], mkfile_byte(4711));
	assert_int_equal(unpack_pos(u), 4712);
}

/* A method that gives every byte twice, as little as it likes at a time. */
static struct error *twice_create(void **ret)
{
	static int state;

	*ret = &state;
	return NULL;
}

static void twice_destroy(void *state)
{
	(void)state;
}

static bool twice_run(void *state, const uint8_t *in, size_t *in_len, uint8_t *out, size_t *out_len)
{
	(void)state;
	if (!*in_len || *out_len < 2) {
		*in_len = *out_len = 0;
		return true;
	}
	if (in[0] == 0xff)
		return false;
	out[0] = out[1] = in[0];
	*in_len = 1;
	*out_len = 2;
	return true;
}

static const struct unpack_method twice = {"twice", twice_create, twice_destroy, twice_run};
static const struct unpack_method nothing = {.name = "nothing"};

static void a_method_makes_other_bytes(void **state)
{
	_cleanup_mkfile_ struct mkfile m = {0};
	_cleanup_file_ struct file *file = NULL;
	_cleanup_unpack_ struct unpack *u = NULL;
	struct unpack *none = NULL;
	char buf[8];

	(void)state;
	mkfile_put(&m, 0, "xxabc\xff", 6);
	assert_ok(file_open(mkfile_path(&m), &file));
	assert_ok(unpack_create(file, 2, &twice, &u));
	assert_ok(unpack_read(u, buf, 3));
	assert_memory_equal(buf, "aab", 3);
	assert_ok(unpack_read(u, buf, 3));
	assert_memory_equal(buf, "bcc", 3);
	assert_err(unpack_read(u, buf, 1), ERROR_FORMAT, "the twice stream is damaged before");
	assert_err(unpack_create(file, 0, &nothing, &none), ERROR_UNSUPPORTED,
		   "compressed with nothing, which this build has not");
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_in_order),
		cmocka_unit_test(a_method_makes_other_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
