/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens the kernel of a dump by the best means there are, for tools. */
#ifndef KERNEL_OPEN_H
#define KERNEL_OPEN_H

#include <stddef.h>

#include "util/error.h"

struct dump_reader;
struct kernel;

struct kernel_opened {
	struct kernel *kernel; /**< owned */
	char *vmcoreinfo; /**< the text that it was opened with when that is not the dump's own;
			   * owned, NULL otherwise */
	size_t vmcoreinfo_len;
	const char *source; /**< constant: where that text is from */
};

/**
 * Opens the kernel with a text that is given (may be NULL), or with the VMCOREINFO of the dump, or
 * with what its memory tells (kernel/find.h), which takes seconds. As with kernel_open() success
 * does not mean that addresses can be translated.
 */
struct error *kernel_open_best(const struct dump_reader *dump, const char *text, size_t len,
			       struct kernel_opened *ret);
void kernel_opened_deinit(struct kernel_opened *opened);

/** Reads a file of VMCOREINFO (-i), of at most VMCOREINFO_MAX_LEN bytes; the caller frees *ret. */
struct error *vmcoreinfo_load(const char *path, char **ret, size_t *len);

#endif
