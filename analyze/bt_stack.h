/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What else stands on a stack, whether it belongs to a trace or not: bt -t, -T and -e. */
#ifndef ANALYZE_BT_STACK_H
#define ANALYZE_BT_STACK_H

#include <stdint.h>
#include <stdio.h>

#include "kernel/stacks.h"
#include "util/error.h"

struct json;
struct unwinder;

/** Every word from the address from up to the end of the stack that is an address in code. With
 * json, as elements of the array that has begun. */
void bt_print_text(struct unwinder *unwinder, const struct stack *stack, uint64_t from,
		   struct json *json, FILE *out);

/** Everything on the stack that looks like the registers of an interrupted context.
 * ERROR_UNSUPPORTED where such cannot be told from other words. */
struct error *bt_print_exceptions(struct unwinder *unwinder, const struct stack *stack,
				  struct json *json, FILE *out);

#endif
