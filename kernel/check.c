// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/check.h"

#include <inttypes.h>
#include <stdio.h>

#include "kernel/zones.h"
#include "util/json.h"

static const char *const state_names[] = {
	[CHECK_NONE] = "none",
	[CHECK_AGREES] = "agrees",
	[CHECK_DIFFERS] = "differs",
	[CHECK_LIVE] = "live",
};

struct check check_free_pages(const struct zones *zones, uint64_t counted, bool live)
{
	struct check check = {
		.state = CHECK_AGREES,
		.counted = counted,
		.expected = zones->free_pages,
		.bound = zones->slack,
	};
	uint64_t differ = counted > check.expected ? counted - check.expected
						   : check.expected - counted;

	if (differ > check.bound)
		check.state = live ? CHECK_LIVE : CHECK_DIFFERS;
	return check;
}

struct check check_none(struct error *why)
{
	return (struct check){.why = why};
}

void check_deinit(struct check *check)
{
	error_destroy(check->why);
	*check = (struct check){0};
}

const char *check_text(const struct check *check, char buf[static 256])
{
	if (check->state == CHECK_NONE)
		snprintf(buf, 256, "the count of free pages could not be checked%s%s",
			 check->why ? ": " : "", check->why ? check->why->message : "");
	else
		snprintf(buf, 256,
			 "%" PRIu64 " pages are free by their struct pages, and %" PRIu64
			 " as the kernel counted (up to %" PRIu64 " may differ)%s",
			 check->counted, check->expected, check->bound,
			 check->state == CHECK_LIVE ? "; it runs on" : "");
	return buf;
}

void check_json(const struct check *check, struct json *json)
{
	json_begin_object(json, "self_check");
	json_string(json, "result", state_names[check->state]);
	if (check->state == CHECK_NONE) {
		if (check->why)
			json_string(json, "why", check->why->message);
		else
			json_null(json, "why");
	} else {
		json_u64(json, "free_counted", check->counted);
		json_u64(json, "free_expected", check->expected);
		json_u64(json, "bound", check->bound);
	}
	json_end_object(json);
}
