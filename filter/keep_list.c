// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "filter/filter.h"
#include "util/sys.h"

static struct error *add_pid(struct keep_list *list, const char *text)
{
	size_t nr = list->options.nr_pids;
	uint64_t pid = 0;
	struct error *err = cli_parse_number("task to keep", text, 0, INT32_MAX, &pid);
	int32_t *pids;

	if (err)
		return err;
	pids = sys_realloc(list->pids, (nr + 1) * sizeof(*pids));
	if (!pids)
		return &error_nomem;
	pids[nr] = (int32_t)pid;
	list->options.pids = list->pids = pids;
	list->options.nr_pids = nr + 1;
	return NULL;
}

/* START-END, both as C writes numbers. */
static struct error *add_range(struct keep_list *list, const char *text)
{
	size_t nr = list->options.nr_ranges;
	struct range range = {0}, *ranges;
	char *end = NULL;

	range.start = strtoull(text, &end, 0);
	if (end != text && *end == '-' && end[1])
		range.end = strtoull(end + 1, &end, 0);
	if (*end || range.start >= range.end)
		return error_create(ERROR_USAGE,
				    "'%s' is no range of physical addresses, START-END", text);
	ranges = sys_realloc(list->ranges, (nr + 1) * sizeof(*ranges));
	if (!ranges)
		return &error_nomem;
	ranges[nr] = range;
	list->options.ranges = list->ranges = ranges;
	list->options.nr_ranges = nr + 1;
	return NULL;
}

struct error *keep_list_add(struct keep_list *list, const char *what)
{
	if (!strncmp(what, "task:", 5))
		return add_pid(list, what + 5);
	if (!strncmp(what, "range:", 6))
		return add_range(list, what + 6);
	if (strcmp(what, "user-stacks") != 0)
		return error_create(ERROR_USAGE,
				    "--keep is task:PID, user-stacks or range:START-END, not '%s'",
				    what);
	list->options.user_stacks = true;
	return NULL;
}

void keep_list_deinit(struct keep_list *list)
{
	free(list->pids);
	free(list->ranges);
}
