/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types as C declares them, in the form of gdb and crash. */
#ifndef KERNEL_CDECL_H
#define KERNEL_CDECL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "kernel/types.h"

struct cdecl_format {
	bool offsets;  /**< in front of each member its place: "   [8] struct list_head *prev;" */
	bool hex;      /**< offsets in hexadecimal */
	uint64_t base; /**< is added to them; when it is not 0 they are addresses */
};

/** A declaration in one line, "struct task_struct *curr", or with name "" the type alone. Structs
 * without a name are written out. */
void cdecl_print(FILE *out, const struct ctype *type, const char *name);

/** "typedef struct spinlock { ... } spinlock_t": structs are written out. */
void cdecl_print_typedef(FILE *out, const struct ctype *type, const char *name);

/** The type of a value, "(struct task_struct *)" without the brackets. */
#define CDECL_LEN 512
void cdecl_text(const struct ctype *type, const char *name, char buf[static CDECL_LEN]);

/** "struct x {", its members, "}"; also unions and enums. */
void cdecl_print_struct(FILE *out, const struct ctype *type, const struct cdecl_format *format);

/** One line in the body of that struct, as cdecl_print_struct() has it. size is the struct's. */
void cdecl_print_member(FILE *out, const struct btf_type *in, const struct btf_member *member,
			const struct cdecl_format *format);

#endif
