/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scope guards: a local owner is declared with one of these, initialised, and released when it
 * leaves scope. What escapes leaves by TAKE_PTR or TAKE_FD. No function needs goto for cleanup.
 */
#ifndef UTIL_CLEANUP_H
#define UTIL_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(fn) __attribute__((cleanup(fn)))

/** Define cleanup_NAME(T **) that calls FN(T *); FN has to accept NULL. */
#define DEFINE_CLEANUP(type, fn)                     \
	static inline void cleanup_##fn(type *owner) \
	{                                            \
		if (*owner)                          \
			fn(*owner);                  \
	}

static inline void cleanup_free(void *owner)
{
	free(*(void **)owner);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_free_  _cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)

/** The value of an owner, which owns nothing from here on. */
#define TAKE_PTR(ptr)                           \
	({                                      \
		__typeof__(ptr) taken_ = (ptr); \
		(ptr) = NULL;                   \
		taken_;                         \
	})

#define TAKE_FD(fd)                \
	({                         \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

#endif
