/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory as rd shows it: an address, some numbers, and the text that they are. */
#ifndef ANALYZE_DUMP_H
#define ANALYZE_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

struct addrspace;
struct analysis;
struct rows;
struct symbols;

enum dump_space { DUMP_VIRTUAL, DUMP_PHYSICAL, DUMP_USER };

struct dump_view {
	struct analysis *analysis;
	enum dump_space space;
	const struct addrspace *user; /**< of DUMP_USER */
	const struct symbols
		*symbols;  /**< addresses that are known show as their symbols; or NULL */
	unsigned int size; /**< bytes of a number: 1, 2, 4, 8 */
	bool decimal, is_signed;
	bool text_only; /**< no numbers */
	bool no_text;
	struct rows *rows; /**< JSON goes there; NULL: text to stdout */
};

/** Shows len bytes at addr; what cannot be read says so in its place and is passed over, and false
 * in *whole says that there was some. ERROR_FORMAT when there is nothing to be read at all. */
struct error *dump_view_print(const struct dump_view *view, uint64_t addr, uint64_t len,
			      bool *whole);

/** Kernel memory as words of its machine. */
struct error *dump_memory(struct analysis *analysis, uint64_t addr, uint64_t len);

/** Reads up to len bytes of one of the spaces; returns how many came. */
size_t dump_read_space(struct analysis *analysis, enum dump_space space,
		       const struct addrspace *user, uint64_t addr, void *buf, size_t len);

#endif
