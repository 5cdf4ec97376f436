/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of C by their names, from the BTF of the image and of its modules, and the types of global
 * variables. BTF knows those of per-CPU variables and functions; for others that people ask for
 * there is a table (kernel/globals.c).
 */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/btf.h"
#include "util/error.h"

struct kernel;
struct types;

/** A type of BTF, or one made of it. btf lives as long as the struct types. */
struct ctype {
	const struct btf *btf;
	uint32_t id;
	unsigned int pointers; /**< so many * behind it */
	uint64_t elements;     /**< an array of these; 0: none */
	bool unsized;          /**< an array whose length is not known */
};

/** ERROR_NOT_FOUND without BTF. */
struct error *types_create(struct kernel *kernel, struct types **ret);
void types_destroy(struct types *types);
DEFINE_CLEANUP(struct types *, types_destroy)
#define _cleanup_types_ _cleanup_(cleanup_types_destroy)

/** The image's. */
const struct btf *types_btf(const struct types *types);

/**
 * Understands "struct list_head", "union x", "enum x", "pid_t", "unsigned long", all of them with *
 * and [N] or [] behind, const and volatile before. A name without struct, union or enum may be one
 * of these too. ERROR_NOT_FOUND when there is no such type.
 */
struct error *types_parse(struct types *types, const char *text, struct ctype *ret);

/** Finds a type of this kind and name, in the image or in a module; false when there is none. */
bool types_find(struct types *types, enum btf_kind kind, const char *name, struct ctype *ret);

/** The type of a global variable or function; false when nobody knows it. */
bool types_of_symbol(struct types *types, const char *name, struct ctype *ret);

/** The declaration of kernel/globals.c for a variable, "struct task_struct"; NULL when it has none.
 */
const char *global_type(const char *name);

enum ctype_shape {
	CTYPE_BAD, /**< refers to what is not there */
	CTYPE_VOID,
	CTYPE_NUMBER, /**< int, enum, float */
	CTYPE_POINTER,
	CTYPE_ARRAY,
	CTYPE_STRUCT, /**< or union */
	CTYPE_FUNCTION,
	CTYPE_INCOMPLETE, /**< a struct that is only declared */
};

/** What a type is when typedefs and qualifiers are gone. */
struct ctype_view {
	enum ctype_shape shape;
	struct btf_type type; /**< not for pointers and arrays that BTF does not have */
	struct ctype target;  /**< what a pointer points at, and an array has */
	uint64_t elements;
};

void ctype_look(const struct ctype *type, struct ctype_view *ret);

/** Whether it is a number of one byte, of which an array is a text. */
bool ctype_is_char(const struct ctype *type);

/** Bits of the encoding of an int, in the top byte of btf_type.encoding. */
#define BTF_INT_SIGNED 1U
#define BTF_INT_BOOL   4U

/** Bytes; false for functions, and for what is not complete. */
bool ctype_size(const struct ctype *type, uint64_t *ret);

#endif
