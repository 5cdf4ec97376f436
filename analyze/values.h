/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What struct, task, list and p share: showing objects, or some members of them. */
#ifndef ANALYZE_VALUES_H
#define ANALYZE_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/cvalue.h"
#include "util/error.h"

struct analysis;

#define VALUES_MAX_MEMBERS 64

/** A type and perhaps members of it: "task_struct.pid,comm,se.load". */
struct selection {
	struct ctype type;
	struct btf_type plain; /**< the struct or union that it is */
	uint64_t size;
	struct btf_member members[VALUES_MAX_MEMBERS];
	const char *names[VALUES_MAX_MEMBERS]; /**< as they were asked for */
	size_t nr;                             /**< 0: all of it */
	char *text;                            /**< owned; the names are in it */
};

/** tag is "struct", "union" or NULL for either. */
struct error *selection_parse(struct analysis *analysis, const char *tag, const char *text,
			      struct selection *ret);
void selection_deinit(struct selection *selection);
#define _cleanup_selection_ _cleanup_(selection_deinit)

/** Prints the object at addr, the whole as "struct x {", members in lines of their own. In JSON an
 * object. ERROR_FORMAT when nothing of it can be read. */
struct error *selection_print(struct analysis *analysis, const struct selection *selection,
			      uint64_t addr, const struct cvalue_format *format);

/** "task_struct.tasks", or a number: offset of a member. */
struct error *parse_offset(struct analysis *analysis, const char *text, uint64_t *ret);

#endif
