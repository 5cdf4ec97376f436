/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expressions of C over the symbols and types of a kernel: numbers, symbols, members (. and ->),
 * elements, & and *, casts, sizeof, + - * / % << >> & | ^ ~. Without types a symbol is the number
 * that its address is, and members do not exist.
 */
#ifndef KERNEL_EXPR_H
#define KERNEL_EXPR_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/cvalue.h"
#include "util/error.h"

struct kernel;
struct percpu;
struct symbols;
struct types;

struct expr_env {
	struct kernel *kernel;
	const struct symbols *symbols; /**< NULL: there are none */
	struct types *types;           /**< NULL: numbers only */
	const struct percpu *percpu;   /**< NULL: per-CPU variables stand where their symbols do */
	unsigned int cpu;              /**< whose variables those of percpu are */
	bool hex;                      /**< numbers without 0x are hexadecimal too */
};

/** ERROR_USAGE shows where the text makes no sense, ERROR_NOT_FOUND names what does not exist,
 * ERROR_FORMAT what cannot be read. */
struct error *expr_evaluate(const struct expr_env *env, const char *text, struct cvalue *ret);

/** The same for a number or address. */
struct error *expr_number(const struct expr_env *env, const char *text, uint64_t *ret);

/** Whether the variable at vaddr is a per-CPU one. */
bool expr_is_percpu(const struct expr_env *env, uint64_t vaddr);

#endif
