// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/error.h"

#include <errno.h>

#include "tests/support/test.h"

static void an_error_has_code_and_sentence(void **state)
{
	_cleanup_error_ struct error *err = error_create(ERROR_FORMAT, "%s: bad %d", "file", 42);

	assert_int_equal(err->code, ERROR_FORMAT);
	assert_int_equal(err->errnum, 0);
	assert_string_equal(err->message, "file: bad 42");
}

static void an_error_of_the_system_gives_its_reason(void **state)
{
	_cleanup_error_ struct error *err = error_os(ENOENT, "open %s", "x");

	assert_int_equal(err->code, ERROR_OS);
	assert_int_equal(err->errnum, ENOENT);
	assert_string_equal(err->message, "open x: No such file or directory");
}

static void a_full_disk_has_a_code_of_its_own(void **state)
{
	static const int full[] = {ENOSPC, EDQUOT, EFBIG};

	for (size_t i = 0; i < 3; i++) {
		_cleanup_error_ struct error *err = error_os(full[i], "write");

		assert_int_equal(err->code, ERROR_NO_SPACE);
		assert_int_equal(err->errnum, full[i]);
	}
}

static void out_of_memory_allocates_nothing(void **state)
{
	struct error *err = error_os(ENOMEM, "whatever");

	assert_ptr_equal(err, &error_nomem);
	assert_ptr_equal(error_prefix(err, "in front"), &error_nomem);
	assert_string_equal(err->message, "out of memory");
	assert_int_equal(err->code, ERROR_NOMEM);
	error_destroy(err);
	error_destroy(err);
}

static void context_is_put_in_front(void **state)
{
	_cleanup_error_ struct error *err = error_prefix(error_create(ERROR_USAGE, "wrong"),
							 "option -%c", 'd');

	assert_string_equal(err->message, "option -d: wrong");
	assert_int_equal(err->code, ERROR_USAGE);
	assert_null(error_prefix(NULL, "nothing"));
}

static void ignoring_tells_whether_there_was_one(void **state)
{
	assert_true(error_ignore(error_create(ERROR_USAGE, "x")));
	assert_false(error_ignore(NULL));
	error_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_has_code_and_sentence),
		cmocka_unit_test(an_error_of_the_system_gives_its_reason),
		cmocka_unit_test(a_full_disk_has_a_code_of_its_own),
		cmocka_unit_test(out_of_memory_allocates_nothing),
		cmocka_unit_test(context_is_put_in_front),
		cmocka_unit_test(ignoring_tells_whether_there_was_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
