/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of structs that our own code wants, by name: looked for in BTF once, in a table, and then
 * read from many objects. A member that this kernel does not have is simply never readable.
 */
#ifndef KERNEL_MEMBER_H
#define KERNEL_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/btf.h"
#include "util/error.h"

struct kernel;

struct member_path {
	const char *path;   /**< "task_struct.pid" */
	const char *before; /**< what it was called before that, or NULL */
	bool optional;      /**< there are kernels without it */
};

/** Fills ret[nr]. ERROR_NOT_FOUND names the first member that is missing and not optional. */
struct error *members_find(const struct btf *btf, const struct member_path *paths, size_t nr,
			   struct btf_member *ret);

/** Whether this kernel has it. */
static inline bool member_known(const struct btf_member *member)
{
	return member->name;
}

/** Reads a number of up to 8 bytes (no bit field) out of the struct at object, zero-extended. */
bool member_read(struct kernel *kernel, const struct btf_member *member, uint64_t object,
		 uint64_t *ret);

/** Reads a text of up to size - 1 bytes, which ends at NUL or where the member ends. */
bool member_read_text(struct kernel *kernel, const struct btf_member *member, uint64_t object,
		      char *buf, size_t size);

#endif
