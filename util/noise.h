/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that was compressed or encrypted before: no codec makes it smaller, all take their time.
 */
#ifndef UTIL_NOISE_H
#define UTIL_NOISE_H

#include <stdbool.h>
#include <stddef.h>

/** Whether samples of buf look as random bytes do. Takes a fortieth of the time that deflate needs
 * to find out, less for anything else. Buffers under 512 bytes are no noise. */
bool is_noise(const void *buf, size_t len);

#endif
