// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/unwinder.h"

#include "arch/arch.h"
#include "kernel/btf.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/modules.h"
#include "kernel/orc.h"
#include "kernel/percpu.h"
#include "kernel/stacks.h"
#include "util/sys.h"

bool unwinder_is_text(const struct unwinder *unwinder, uint64_t addr)
{
	const struct module *module;

	for (size_t i = 0; i < 2; i++)
		if (addr >= unwinder->text[i][0] && addr < unwinder->text[i][1])
			return true;
	module = unwinder->modules ? modules_at(unwinder->modules, addr) : NULL;
	for (size_t i = 0; module && i < module->nr_ranges; i++) {
		const struct module_range *range = &module->ranges[i];

		if (addr - range->base < range->size)
			return range->part == MODULE_TEXT || range->part == MODULE_INIT;
	}
	return false;
}

bool unwinder_is_generated(const struct unwinder *unwinder, uint64_t addr)
{
	struct mapping map;

	if (unwinder->modules && modules_at(unwinder->modules, addr))
		return false;
	addrspace_translate(&unwinder->kernel->as, addr, &map);
	return map.status == MAP_OK && map.flags & MAP_EXEC && !(map.flags & MAP_USER);
}

static bool is_text(void *arg, uint64_t addr)
{
	return unwinder_is_text(arg, addr);
}

bool unwinder_function(struct unwinder *unwinder, uint64_t ip, bool exact, struct symbol *ret,
		       uint64_t *offset)
{
	if (unwinder->modules && !unwinder->has_module_symbols &&
	    modules_at(unwinder->modules, ip - !exact)) {
		unwinder->has_module_symbols = true;
		error_ignore(modules_add_symbols(unwinder->kernel, unwinder->modules, NULL));
	}
	// symbols of data, and numbers that only look like addresses, are no functions
	if ((!unwinder_is_text(unwinder, ip - !exact) &&
	     !unwinder_is_generated(unwinder, ip - !exact)) ||
	    !symbols_at(unwinder->symbols, ip - !exact, ret))
		return false;
	*offset = ip - ret->addr;
	return true;
}

static bool read_virtual(void *arg, uint64_t vaddr, void *buf, size_t len)
{
	const struct unwinder *unwinder = arg;

	return kernel_read(unwinder->kernel, vaddr, buf, len);
}

static bool function_start(void *arg, uint64_t ip, uint64_t *start)
{
	struct symbol symbol;
	uint64_t offset;

	if (!unwinder_function(arg, ip, true, &symbol, &offset))
		return false;
	*start = symbol.addr;
	return true;
}

static bool orc_at(void *arg, uint64_t ip, struct orc_entry *ret)
{
	static const struct orc_entry framed = {ORC_CALL, ORC_BP, ORC_PREV_SP, 16, -16};
	static const struct orc_entry nothing = {ORC_CALL, ORC_SP, ORC_NONE, 8, 0};
	const struct unwinder *unwinder = arg;

	if (unwinder_is_text(unwinder, ip)) {
		if (unwinder->orc)
			return orc_find(unwinder->orc, ip, ret);
		*ret = framed;
	} else {
		// a wild jump: the call has only pushed the return address
		*ret = unwinder_is_generated(unwinder, ip) ? framed : nothing;
	}
	return true;
}

static void find_text(struct unwinder *unwinder)
{
	static const char *const names[2][2] = {
		{"_stext", "_etext"},
		{"_sinittext", "_einittext"},
	};
	uint64_t start;

	for (size_t i = 0; i < 2; i++)
		if (!kernel_lookup(unwinder->kernel, names[i][0], &unwinder->text[i][0]) ||
		    !kernel_lookup(unwinder->kernel, names[i][1], &unwinder->text[i][1]))
			unwinder->text[i][0] = unwinder->text[i][1] = 0;
	// the code that starts CPUs is in front of it
	if (kernel_lookup(unwinder->kernel, "_text", &start) && start < unwinder->text[0][0])
		unwinder->text[0][0] = start;
}

static void find_layout(struct unwinder *unwinder)
{
	const struct arch_unwind *arch = unwinder->kernel->as.arch->unwind;
	const struct btf *btf = NULL;
	struct btf_member member;

	error_ignore(kernel_btf(unwinder->kernel, &btf));
	for (size_t i = 0; i < arch->nr_layout; i++) {
		unwinder->env.layout[i] = arch->layout[i].otherwise;
		if (btf && btf_find_member(btf, arch->layout[i].path, &member))
			unwinder->env.layout[i] = member.offset;
	}
	for (size_t i = 0; i < arch->nr_symbols; i++)
		if (!kernel_lookup(unwinder->kernel, arch->symbols[i], &unwinder->env.symbols[i]))
			unwinder->env.symbols[i] = UNWIND_UNKNOWN;
}

struct error *unwinder_create(struct kernel *kernel, struct unwinder **ret)
{
	_cleanup_unwinder_ struct unwinder *unwinder = NULL;
	struct error *err;

	if (!kernel->as.arch || !kernel->as.arch->unwind)
		return error_create(ERROR_UNSUPPORTED,
				    "how functions call each other on %s is not known",
				    kernel->as.arch ? kernel->as.arch->name : "this machine");
	unwinder = sys_calloc(1, sizeof(*unwinder));
	if (!unwinder)
		return &error_nomem;
	unwinder->kernel = kernel;
	unwinder->env = (struct unwind_env){
		.arg = unwinder,
		.as = &kernel->as,
		.read = read_virtual,
		.function = function_start,
		.text = is_text,
		.orc = orc_at,
	};
	if ((err = kernel_symbols(kernel, &unwinder->symbols)) ||
	    (err = percpu_create(kernel, &unwinder->percpu)) ||
	    (err = stacks_create(kernel, unwinder->percpu, &unwinder->stacks)))
		return err;
	error_ignore(modules_create(kernel, &unwinder->modules));
	error_ignore(orc_create(kernel, unwinder->modules, &unwinder->orc));
	find_text(unwinder);
	find_layout(unwinder);
	*ret = TAKE_PTR(unwinder);
	return NULL;
}

void unwinder_destroy(struct unwinder *unwinder)
{
	if (!unwinder)
		return;
	orc_destroy(unwinder->orc);
	stacks_destroy(unwinder->stacks);
	percpu_destroy(unwinder->percpu);
	modules_destroy(unwinder->modules);
	free(unwinder);
}
