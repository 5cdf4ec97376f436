/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of C types, in memory or computed, and how they look: as gdb and crash print them, or as
 * JSON. What cannot be read says so in its place, and the rest goes on.
 */
#ifndef KERNEL_CVALUE_H
#define KERNEL_CVALUE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "kernel/types.h"

struct json;
struct kernel;
struct symbols;

struct cvalue {
	struct ctype type;
	bool typed;        /**< else a number of no type */
	bool stored;       /**< in memory, at addr */
	uint64_t addr;     /**< virtual */
	uint32_t bit;      /**< a bit field begins with this bit of the byte at addr */
	uint32_t bit_size; /**< 0: it is none */
	uint64_t number;   /**< unless it is stored */
};

/** A member of a struct that is stored. */
struct cvalue cvalue_member(const struct cvalue *object, const struct btf *btf,
			    const struct btf_member *member);

/** The value as a number: read, and with the sign of its type. False for what is no number or
 * pointer, and for what cannot be read. */
bool cvalue_number(struct kernel *kernel, const struct cvalue *value, uint64_t *ret);

struct cvalue_format {
	FILE *out;
	struct json *json;     /**< JSON goes here, and nothing to out; or NULL */
	bool hex;              /**< numbers too; pointers always are */
	unsigned int elements; /**< of an array, and characters of a text, that are shown; 0: 256 */
	const struct symbols *symbols; /**< names for what pointers point at, or NULL */
};

/** Prints the value alone. In text the lines of a struct behind its first are indented, so that it
 * can stand behind "name = " that is indented by depth steps of two. key is the name in JSON. */
void cvalue_print(struct kernel *kernel, const struct cvalue *value,
		  const struct cvalue_format *format, unsigned int depth, const char *key);

#endif
