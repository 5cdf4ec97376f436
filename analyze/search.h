/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks for numbers or texts in a stretch of memory, in large pieces. */
#ifndef ANALYZE_SEARCH_H
#define ANALYZE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/dump.h"
#include "util/error.h"

#define SEARCH_MAX_VALUES 16
#define SEARCH_MAX_TEXT   256 /* bytes of a text that is looked for */

struct search {
	struct analysis *analysis;
	enum dump_space space;
	const struct addrspace *user; /**< of DUMP_USER */

	unsigned int size; /**< bytes of a number, at multiples of which it stands */
	uint64_t values[SEARCH_MAX_VALUES];
	uint64_t mask; /**< bits that do not count */
	const char *texts[SEARCH_MAX_VALUES];
	size_t nr; /**< values, or texts where texts[0] is one */

	/** Called for each place; false ends it. bytes is what stands there, len of it can be read.
	 */
	bool (*found)(void *arg, uint64_t addr, const uint8_t *bytes, size_t len);
	void *arg;
};

/** Searches [start, last]. What is not there, or cannot be read, is passed over. */
struct error *search_memory(const struct search *search, uint64_t start, uint64_t last);

#endif
