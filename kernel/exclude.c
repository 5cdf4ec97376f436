// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/exclude.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/level.h"
#include "kernel/page.h"
#include "util/cleanup.h"

const struct exclude_name exclude_names[] = {
	{"zero", DUMP_LEVEL_ZERO, 0},
	{"cache", DUMP_LEVEL_CACHE, 0},
	{"private-cache", DUMP_LEVEL_CACHE_PRIVATE, 0},
	{"user", DUMP_LEVEL_USER, 0},
	{"free", DUMP_LEVEL_FREE, 0},
	{"zsmalloc", 0, 1U << PAGE_ZSMALLOC},
	{"pagetable-user", 0, 1U << PAGE_TABLE},
	{"pcp-free", 0, 1U << PAGE_PCP_FREE},
};
const size_t exclude_nr_names = sizeof(exclude_names) / sizeof(exclude_names[0]);

static const struct exclude_name *find(const char *name)
{
	for (size_t i = 0; i < exclude_nr_names; i++)
		if (!strcmp(exclude_names[i].name, name))
			return &exclude_names[i];
	return NULL;
}

static struct error *unknown(const char *name)
{
	char names[256] = "";
	size_t len = 0;

	for (size_t i = 0; i < exclude_nr_names; i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
					exclude_names[i].name);
	return error_create(ERROR_USAGE, "there is no '%s' to exclude, but %s", name, names);
}

struct error *exclude_parse(const char *list, unsigned int *level, uint32_t *classes)
{
	_cleanup_free_ char *copy = strdup(list);
	char *next = copy, *item;

	if (!copy)
		return &error_nomem;
	while ((item = strsep(&next, ","))) {
		const struct exclude_name *name = find(item);

		if (!name)
			return unknown(item);
		*level |= name->level;
		*classes |= name->classes;
	}
	return NULL;
}
