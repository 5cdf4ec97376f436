// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/modules.h"

#include <stdlib.h>
#include <string.h>

#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/list.h"
#include "kernel/member.h"
#include "util/sys.h"

/* enum mod_mem_type, in the order of the kernel */
enum { MOD_TEXT, MOD_DATA, MOD_RODATA, MOD_RO_AFTER_INIT, MOD_INIT_TEXT, MOD_NR_TYPES = 7 };

enum module_member {
	M_LIST,
	M_NAME,
	M_STATE,
	M_TAINTS,
	M_REFS,
	// Linux commit ac3b43283923 ("module: replace module_layout with module_memory", 6.4)
	M_MEM,
	M_MEM_BASE,
	M_MEM_SIZE,
	// Linux commit 7523e4dc5057 ("module: use a structure to encapsulate layout.", 4.5)
	M_CORE_BASE,
	M_CORE_SIZE,
	M_CORE_TEXT,
	M_INIT_BASE,
	M_INIT_SIZE,
	// Linux commit 01dc0386efb7 ("module: Add CONFIG_ARCH_WANTS_MODULES_DATA_IN_VMALLOC", 5.18)
	M_DATA_BASE,
	M_DATA_SIZE,
	M_NR_MEMBERS,
};

static const struct member_path paths[M_NR_MEMBERS] = {
	[M_LIST] = {"module.list"},
	[M_NAME] = {"module.name"},
	[M_STATE] = {"module.state", NULL, true},
	[M_TAINTS] = {"module.taints", NULL, true},
	[M_REFS] = {"module.refcnt.counter", NULL, true},
	[M_MEM] = {"module.mem", NULL, true},
	[M_MEM_BASE] = {"module_memory.base", NULL, true},
	[M_MEM_SIZE] = {"module_memory.size", NULL, true},
	[M_CORE_BASE] = {"module.core_layout.base", "module.module_core", true},
	[M_CORE_SIZE] = {"module.core_layout.size", "module.core_size", true},
	[M_CORE_TEXT] = {"module.core_layout.text_size", "module.core_text_size", true},
	[M_INIT_BASE] = {"module.init_layout.base", "module.module_init", true},
	[M_INIT_SIZE] = {"module.init_layout.size", "module.init_size", true},
	[M_DATA_BASE] = {"module.data_layout.base", NULL, true},
	[M_DATA_SIZE] = {"module.data_layout.size", NULL, true},
};

struct reading {
	struct kernel *kernel;
	struct modules *modules;
	size_t capacity;
	struct btf_member members[M_NR_MEMBERS];
	uint64_t mem_stride; /* sizeof(struct module_memory) */
	uint64_t nr_mem;
};

static uint64_t get(const struct reading *r, uint64_t object, enum module_member member)
{
	uint64_t value = 0;

	member_read(r->kernel, &r->members[member], object, &value);
	return value;
}

static void add_range(struct module *module, uint64_t base, uint64_t size, enum module_part part)
{
	// a module that ends behind the end of memory is none
	if (!size || base + size < base || module->nr_ranges == MODULE_MAX_RANGES)
		return;
	module->ranges[module->nr_ranges++] = (struct module_range){base, size, part};
	module->size += size;
}

static void read_mem(const struct reading *r, struct module *module)
{
	static const enum module_part parts[MOD_NR_TYPES] = {
		MODULE_TEXT, MODULE_DATA, MODULE_RODATA, MODULE_RODATA,
		MODULE_INIT, MODULE_INIT, MODULE_INIT,
	};
	uint64_t mem = module->addr + r->members[M_MEM].offset;

	for (uint64_t i = 0; i < r->nr_mem && i < MOD_NR_TYPES; i++, mem += r->mem_stride)
		add_range(module, get(r, mem, M_MEM_BASE), get(r, mem, M_MEM_SIZE), parts[i]);
	module->base = get(r, module->addr + r->members[M_MEM].offset, M_MEM_BASE);
}

static void read_layouts(const struct reading *r, struct module *module)
{
	uint64_t text = get(r, module->addr, M_CORE_TEXT);
	uint64_t size = get(r, module->addr, M_CORE_SIZE);

	module->base = get(r, module->addr, M_CORE_BASE);
	if (text > size)
		text = size;
	add_range(module, module->base, text, MODULE_TEXT);
	add_range(module, module->base + text, size - text, MODULE_DATA);
	add_range(module, get(r, module->addr, M_DATA_BASE), get(r, module->addr, M_DATA_SIZE),
		  MODULE_DATA);
	add_range(module, get(r, module->addr, M_INIT_BASE), get(r, module->addr, M_INIT_SIZE),
		  MODULE_INIT);
}

static bool read_module(const struct reading *r, uint64_t addr, struct module *module)
{
	uint64_t refs;

	*module = (struct module){.addr = addr, .refs = -1};
	if (!member_read_text(r->kernel, &r->members[M_NAME], addr, module->name,
			      sizeof(module->name)))
		return false;
	module->state = (enum module_state)get(r, addr, M_STATE);
	module->taints = get(r, addr, M_TAINTS);
	// MODULE_REF_BASE, which the loader holds, is one of them
	if (member_read(r->kernel, &r->members[M_REFS], addr, &refs) && refs)
		module->refs = (int32_t)refs - 1;
	if (member_known(&r->members[M_MEM]))
		read_mem(r, module);
	else
		read_layouts(r, module);
	return true;
}

static struct error *prepare(struct reading *r)
{
	const struct btf *btf;
	struct error *err = kernel_btf(r->kernel, &btf);

	if (err || (err = members_find(btf, paths, M_NR_MEMBERS, r->members)))
		return err;
	if (!btf_find_size(btf, "module_memory", &r->mem_stride))
		r->mem_stride = 0;
	r->nr_mem = r->mem_stride ? r->members[M_MEM].size / r->mem_stride : 0;
	return NULL;
}

static struct error *add_module(void *arg, uint64_t link)
{
	struct reading *r = arg;
	struct modules *modules = r->modules;

	if (modules->nr == MODULES_MAX)
		return NULL;
	if (modules->nr == r->capacity) {
		size_t capacity = r->capacity ? 2 * r->capacity : 64;
		struct module *grown = sys_realloc(modules->modules, capacity * sizeof(*grown));

		if (!grown)
			return &error_nomem;
		modules->modules = grown;
		r->capacity = capacity;
	}
	if (read_module(r, link - r->members[M_LIST].offset, &modules->modules[modules->nr]))
		modules->nr++;
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const struct module *left = a, *right = b;

	return left->base < right->base ? -1 : left->base > right->base;
}

struct error *modules_create(struct kernel *kernel, struct modules **ret)
{
	_cleanup_modules_ struct modules *modules = sys_calloc(1, sizeof(*modules));
	struct reading r = {.kernel = kernel, .modules = modules};
	struct error *err;
	uint64_t head;

	if (!modules)
		return &error_nomem;
	if ((err = prepare(&r)))
		return err;
	if (!kernel_lookup(kernel, "modules", &head))
		return error_create(ERROR_NOT_FOUND,
				    "the kernel's symbols have no list of modules");
	if ((err = list_each(kernel, head, add_module, &r, &modules->torn)))
		return err;
	modules->torn = error_prefix(modules->torn, "modules");
	if (modules->nr)
		qsort(modules->modules, modules->nr, sizeof(struct module), compare);
	*ret = TAKE_PTR(modules);
	return NULL;
}

void modules_destroy(struct modules *modules)
{
	if (!modules)
		return;
	error_destroy(modules->torn);
	free(modules->modules);
	free(modules);
}

const struct module *modules_at(const struct modules *modules, uint64_t addr)
{
	for (size_t i = 0; i < modules->nr; i++) {
		const struct module *module = &modules->modules[i];

		for (size_t k = 0; k < module->nr_ranges; k++)
			if (addr - module->ranges[k].base < module->ranges[k].size)
				return module;
	}
	return NULL;
}

char taint_letter(unsigned int bit)
{
	// taint_flags[] of kernel/panic.c; a bit has never been given away twice
	static const char letters[] = "PFSRMBUDAWCIOELKXTNJ";

	return bit < sizeof(letters) - 1 ? letters[bit] : '?';
}
