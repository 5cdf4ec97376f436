// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char nomem_message[] = "out of memory";
struct error error_nomem = {.code = ERROR_NOMEM, .errnum = ENOMEM, .message = nomem_message};

static struct error *make(enum error_code code, int errnum, char *message)
{
	struct error *err = message ? malloc(sizeof(*err)) : NULL;

	if (!err) {
		free(message);
		return &error_nomem;
	}
	*err = (struct error){.code = code, .errnum = errnum, .message = message};
	return err;
}

struct error *error_create(enum error_code code, const char *fmt, ...)
{
	va_list args;
	char *message = NULL;

	va_start(args, fmt);
	if (vasprintf(&message, fmt, args) < 0)
		message = NULL;
	va_end(args);
	return make(code, 0, message);
}

struct error *error_os(int errnum, const char *fmt, ...)
{
	bool full = errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG;
	char *text = NULL, *message = NULL;
	char reason[128];
	va_list args;

	if (errnum == ENOMEM)
		return &error_nomem;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (!text ||
	    asprintf(&message, "%s: %s", text, strerror_r(errnum, reason, sizeof(reason))) < 0)
		message = NULL;
	free(text);
	return make(full ? ERROR_NO_SPACE : ERROR_OS, errnum, message);
}

struct error *error_prefix(struct error *err, const char *fmt, ...)
{
	char *prefix = NULL, *message = NULL;
	va_list args;

	if (!err || err == &error_nomem)
		return err;
	va_start(args, fmt);
	if (vasprintf(&prefix, fmt, args) < 0)
		prefix = NULL;
	va_end(args);
	if (prefix && asprintf(&message, "%s: %s", prefix, err->message) >= 0) {
		free(err->message);
		err->message = message;
	}
	free(prefix);
	return err;
}

void error_destroy(struct error *err)
{
	if (!err || err == &error_nomem)
		return;
	free(err->message);
	free(err);
}

bool error_ignore(struct error *err)
{
	bool failed = err != NULL;

	error_destroy(err);
	return failed;
}
