/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every unit test begins with: cmocka and the headers that it needs in this order. */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "util/error.h"

/** The call succeeds; a failure prints its message. */
#define assert_ok(call)                                              \
	do {                                                         \
		struct error *ok_err_ = (call);                      \
		if (ok_err_)                                         \
			fail_msg("%s: %s", #call, ok_err_->message); \
	} while (0)

/** The call fails with this code, and its message contains text. */
#define assert_err(call, want, text)                                              \
	do {                                                                      \
		struct error *bad_err_ = (call);                                  \
		assert_non_null(bad_err_);                                        \
		if (bad_err_->code != (want) || !strstr(bad_err_->message, text)) \
			fail_msg("%s: code %d, %s", #call, (int)bad_err_->code,   \
				 bad_err_->message);                              \
		error_destroy(bad_err_);                                          \
	} while (0)

#endif
