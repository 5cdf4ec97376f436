/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Most memory is zero somewhere, and every writer asks. */
#ifndef UTIL_ZERO_H
#define UTIL_ZERO_H

#include <stdbool.h>
#include <stddef.h>

/** Whether all len bytes are zero; stops at the first cache line that is not. */
bool is_zero(const void *buf, size_t len);

#endif
