/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be left out of a dump, by name: --exclude=NAME,... */
#ifndef KERNEL_EXCLUDE_H
#define KERNEL_EXCLUDE_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct exclude_name {
	const char *name;
	unsigned int level; /**< DUMP_LEVEL_ bit that does the same, or 0 */
	uint32_t classes;   /**< where no level does: bit per enum page_class */
};

extern const struct exclude_name exclude_names[];
extern const size_t exclude_nr_names;

/** Adds the names of a list to *level and *classes. ERROR_USAGE names the one that is unknown. */
struct error *exclude_parse(const char *list, unsigned int *level, uint32_t *classes);

#endif
