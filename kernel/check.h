/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does what was counted fit what the kernel counted itself? Free pages are the one class for which
 * it keeps an exact number: blocks of the buddy allocator and memory that was never accepted
 * against NR_FREE_PAGES. A kernel that marks its pages in a way that we do not know shows here.
 */
#ifndef KERNEL_CHECK_H
#define KERNEL_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

struct json;
struct zones;

enum check_state {
	CHECK_NONE, /**< could not be made */
	CHECK_AGREES,
	CHECK_DIFFERS,
	CHECK_LIVE, /**< differs, as memory does that changes while it is read */
};

struct check {
	enum check_state state;
	struct error *why; /**< of CHECK_NONE; owned */
	uint64_t counted;  /**< free pages by their struct pages */
	uint64_t expected; /**< and by the kernel */
	uint64_t bound;    /**< difference that there may be */
};

/** Compares. live: the source changes while it is read. */
struct check check_free_pages(const struct zones *zones, uint64_t counted, bool live);

/** A check that could not be made; takes why, which may be NULL. */
struct check check_none(struct error *why);
void check_deinit(struct check *check);

/** One line for people: "12 pages are free, but ...". */
const char *check_text(const struct check *check, char buf[static 256]);

/** Adds the member "self_check" to an object. */
void check_json(const struct check *check, struct json *json);

#endif
