/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel knows of itself: its symbols (kallsyms) and its types (BTF). Each is read when it
 * is asked for the first time and kept until kernel_close(); whoever does not ask does not pay.
 * What is not to be had is looked for once: asked again the answer is the same error.
 *
 * For the thread that owns the kernel, and not for clones.
 */
#ifndef KERNEL_KNOWLEDGE_H
#define KERNEL_KNOWLEDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/addrspace.h"
#include "util/error.h"

struct btf;
struct kernel;
struct knowledge;
struct symbols;

void knowledge_destroy(struct knowledge *knowledge);

/** The symbols of the image: where VMCOREINFO says (since Linux commit 5fd8fea935a1, 6.0), else
 * found in the image. Those of modules are added by modules_symbols(). */
struct error *kernel_symbols(struct kernel *kernel, struct symbols **ret);

/** The types of the image. */
struct error *kernel_btf(struct kernel *kernel, const struct btf **ret);

/** Run-time address of a symbol, from VMCOREINFO or the symbols of the image. */
bool kernel_lookup(struct kernel *kernel, const char *name, uint64_t *ret);

/** A variable of 1, 2, 4 or 8 bytes, by its symbol, zero-extended. */
bool kernel_variable(struct kernel *kernel, const char *name, size_t size, uint64_t *ret);

/** kernel_read() for those that take a callback; arg is the struct kernel. */
phys_read_fn kernel_read_virtual;

#endif
