/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals that ask a program to end, turned into a flag that long work looks at. */
#ifndef UTIL_STOP_H
#define UTIL_STOP_H

#include <stdatomic.h>
#include <stdbool.h>

/**
 * From now on SIGINT, SIGTERM and SIGHUP set the flag that is returned, except those that were
 * ignored already (nohup). A second one ends the process at once. SIGPIPE and SIGXFSZ are ignored:
 * a broken pipe and a file size limit are failing writes like a full disk, and a dump does not end
 * because nobody listens to its messages any more.
 */
const atomic_bool *stop_install(void);

#endif
