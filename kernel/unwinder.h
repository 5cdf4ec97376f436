/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What unwinding has to know of a kernel: its code, its stacks, its unwind data. */
#ifndef KERNEL_UNWINDER_H
#define KERNEL_UNWINDER_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/unwind.h"
#include "kernel/symbols.h"
#include "util/error.h"

struct kernel;
struct modules;
struct orc;
struct percpu;
struct stacks;

/** Made once, for any number of traces. */
struct unwinder {
	struct kernel *kernel;
	struct symbols *symbols; /**< the kernel's own */
	struct modules *modules; /**< or NULL */
	struct percpu *percpu;
	struct stacks *stacks;
	struct orc *orc;         /**< or NULL */
	bool has_module_symbols; /**< they are added when the first is wanted */
	uint64_t text[2][2];     /**< code of the image: from, to */
	struct unwind_env env;
};

/** ERROR_UNSUPPORTED for an architecture without arch->unwind, ERROR_NOT_FOUND when the kernel has
 * no symbols. Types are not needed, but only they lead to tasks and modules. */
struct error *unwinder_create(struct kernel *kernel, struct unwinder **ret);
void unwinder_destroy(struct unwinder *unwinder);
DEFINE_CLEANUP(struct unwinder *, unwinder_destroy)
#define _cleanup_unwinder_ _cleanup_(cleanup_unwinder_destroy)

/** The function that an address is in, modules included. For a return address (not exact) it is
 * that of the call before it, and *offset may then be the size of the function. */
bool unwinder_function(struct unwinder *unwinder, uint64_t ip, bool exact, struct symbol *ret,
		       uint64_t *offset);

/** Whether the address is in the code of the image or of a module. */
bool unwinder_is_text(const struct unwinder *unwinder, uint64_t addr);

/** Whether it is in code that was made at run time: BPF programs, trampolines. */
bool unwinder_is_generated(const struct unwinder *unwinder, uint64_t addr);

#endif
