/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules of a kernel, where in memory they are, their symbols and their types. */
#ifndef KERNEL_MODULES_H
#define KERNEL_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/btf.h"
#include "util/error.h"

struct kernel;

#define MODULE_NAME_LEN   64 /**< with NUL; 56 on 64-bit kernels */
#define MODULE_MAX_RANGES 8
#define MODULES_MAX       65536U

/** enum module_state of the kernel. */
enum module_state { MODULE_LIVE, MODULE_COMING, MODULE_GOING, MODULE_UNFORMED };

enum module_part {
	MODULE_TEXT,
	MODULE_DATA, /**< also a stretch that is all of it, text first */
	MODULE_RODATA,
	MODULE_INIT, /**< is freed when the module is there */
};

struct module_range {
	uint64_t base, size;
	enum module_part part;
};

struct module {
	uint64_t addr; /**< of its struct module */
	char name[MODULE_NAME_LEN];
	uint64_t base; /**< of its text, as /proc/modules says */
	uint64_t size; /**< of all ranges, as /proc/modules says */
	struct module_range ranges[MODULE_MAX_RANGES];
	size_t nr_ranges;
	uint64_t taints;         /**< a bit for each of taint_letter() */
	enum module_state state; /**< MODULE_LIVE where the kernel does not tell */
	int32_t refs;            /**< how many use it; -1 unknown */
};

struct modules {
	struct module *modules; /**< by base */
	size_t nr;
	struct error *torn; /**< owned; what is wrong with the list, or NULL */
};

/** Needs BTF: ERROR_NOT_FOUND says what is missing of it. */
struct error *modules_create(struct kernel *kernel, struct modules **ret);
void modules_destroy(struct modules *modules);
DEFINE_CLEANUP(struct modules *, modules_destroy)
#define _cleanup_modules_ _cleanup_(cleanup_modules_destroy)

/** The module that has addr in one of its ranges, or NULL. */
const struct module *modules_at(const struct modules *modules, uint64_t addr);

/** Adds the symbols of all modules to kernel_symbols(); to be called once for each kernel. Symbols
 * that cannot be read are left out, *lost (if not NULL) says of how many modules. */
struct error *modules_add_symbols(struct kernel *kernel, const struct modules *modules,
				  size_t *lost);

/** Letter of a bit of tainted_mask and of module.taints, as in "Tainted: G  W"; '?' when it has
 * none that we know. */
char taint_letter(unsigned int bit);

#endif
