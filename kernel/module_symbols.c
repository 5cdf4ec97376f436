// SPDX-License-Identifier: GPL-2.0-or-later
/* The symbol tables of modules, which the loader keeps in memory (kernel/module/kallsyms.c). */
#include <string.h>

#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/member.h"
#include "kernel/modules.h"
#include "kernel/symbols.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

#define MAX_SYMBOLS 1000000U
#define MAX_STRINGS (64U << 20)

enum table_member { T_SYMTAB, T_NUM_SYMTAB, T_STRTAB, T_TYPETAB, T_NR_MEMBERS };

static const struct member_path paths[T_NR_MEMBERS] = {
	// Linux commit 8244062ef1e5 ("modules: fix longstanding /proc/kallsyms vs module insertion
	// race.", 4.5)
	[T_SYMTAB] = {"mod_kallsyms.symtab", "module.symtab"},
	[T_NUM_SYMTAB] = {"mod_kallsyms.num_symtab", "module.num_symtab"},
	[T_STRTAB] = {"mod_kallsyms.strtab", "module.strtab"},
	// Linux commit 1c7651f43777 ("kallsyms: store type information in its own array", 5.2);
	// before, the letter was in st_info
	[T_TYPETAB] = {"mod_kallsyms.typetab", NULL, true},
};

/* One module's tables, copied. */
struct tables {
	uint8_t *symtab;
	uint32_t nr;
	uint8_t *strtab; /* NUL behind its end */
	size_t strtab_len;
	uint8_t *types; /* NULL: in st_info */
};

static void tables_deinit(struct tables *tables)
{
	free(tables->symtab);
	free(tables->strtab);
	free(tables->types);
}

/* struct elf32_sym and elf64_sym */
struct entry {
	uint32_t name;
	uint64_t value, size;
	uint16_t section;
	uint8_t info;
};

static size_t entry_len(const struct kernel *kernel)
{
	return kernel->dump->facts.word == 8 ? 24 : 16;
}

static struct entry get_entry(const struct kernel *kernel, const struct tables *tables, uint32_t i)
{
	size_t len = entry_len(kernel);
	struct bytes b = bytes_make(tables->symtab + i * len, len, kernel->as.big_endian,
				    kernel->dump->facts.word);
	struct entry entry = {.name = bytes_u32(&b)};

	if (b.word == 4) {
		entry.value = bytes_word(&b);
		entry.size = bytes_word(&b);
	}
	entry.info = bytes_u8(&b);
	bytes_u8(&b);
	entry.section = bytes_u16(&b);
	if (b.word == 8) {
		entry.value = bytes_word(&b);
		entry.size = bytes_word(&b);
	}
	return entry;
}

/* A copy of what can be read, with NUL behind it; NULL without memory. */
static uint8_t *copy(struct kernel *kernel, uint64_t vaddr, size_t len, size_t *got)
{
	uint8_t *buf = sys_malloc(len + 1);

	if (!buf)
		return NULL;
	*got = kernel_read_some(kernel, vaddr, buf, len);
	buf[*got] = '\0';
	return buf;
}

/* Copies what can be read: fewer symbols, and the strings of those. False without memory. */
static bool load(struct kernel *kernel, const struct btf_member members[], uint64_t object,
		 struct tables *tables)
{
	uint64_t where[T_NR_MEMBERS] = {0}, strings = 0;
	size_t len = entry_len(kernel), got;

	for (size_t i = 0; i < T_NR_MEMBERS; i++)
		member_read(kernel, &members[i], object, &where[i]);
	tables->nr = (uint32_t)min_u64(where[T_NUM_SYMTAB], MAX_SYMBOLS);
	tables->symtab = copy(kernel, where[T_SYMTAB], tables->nr * len, &got);
	if (!tables->symtab)
		return false;
	tables->nr = (uint32_t)(got / len);
	for (uint32_t i = 0; i < tables->nr; i++)
		strings = max_u64(strings, get_entry(kernel, tables, i).name);
	strings = min_u64(strings + KALLSYMS_NAME_MAX, MAX_STRINGS);
	tables->strtab = copy(kernel, where[T_STRTAB], strings, &tables->strtab_len);
	if (!tables->strtab || !where[T_TYPETAB])
		return tables->strtab;
	tables->types = copy(kernel, where[T_TYPETAB], tables->nr, &got);
	return tables->types;
}

static struct error *add_tables(struct kernel *kernel, const struct module *module,
				const struct tables *tables, struct symtab *symtab)
{
	struct error *err = NULL;

	for (uint32_t i = 0; i < tables->nr && !err; i++) {
		struct entry entry = get_entry(kernel, tables, i);
		uint8_t type = tables->types ? tables->types[i] : entry.info;
		const char *name = (const char *)tables->strtab + entry.name;
		size_t len;

		// the first symbol has no name, undefined ones no section
		if (!entry.section || entry.name >= tables->strtab_len)
			continue;
		len = strlen(name);
		if (!len || len >= KALLSYMS_NAME_MAX)
			continue;
		err = symtab_add(symtab, entry.value, entry.size,
				 type > ' ' && type < 0x7f ? (char)type : '?', name, len,
				 module->name, strlen(module->name));
	}
	return err;
}

static struct error *add_module(struct kernel *kernel, const struct btf_member members[],
				const struct btf_member *indirect, const struct module *module,
				struct symtab *symtab, bool *lost)
{
	_cleanup_(tables_deinit) struct tables tables = {0};
	uint64_t object = module->addr;

	*lost = true;
	if (member_known(indirect) &&
	    (!member_read(kernel, indirect, module->addr, &object) || !object))
		return NULL;
	if (!load(kernel, members, object, &tables))
		return &error_nomem;
	*lost = !tables.nr || !tables.strtab_len;
	return add_tables(kernel, module, &tables, symtab);
}

struct error *modules_add_symbols(struct kernel *kernel, const struct modules *modules,
				  size_t *lost)
{
	static const struct member_path indirect_path = {"module.kallsyms", NULL, true};
	_cleanup_symtab_ struct symtab *symtab = NULL;
	struct btf_member members[T_NR_MEMBERS], indirect;
	struct symbols *symbols;
	const struct btf *btf;
	struct error *err;
	size_t nr_lost = 0;
	bool is_lost;

	if ((err = kernel_symbols(kernel, &symbols)) || (err = kernel_btf(kernel, &btf)) ||
	    (err = members_find(btf, paths, T_NR_MEMBERS, members)) ||
	    (err = members_find(btf, &indirect_path, 1, &indirect)) ||
	    (err = symtab_create(&symtab)))
		return err;
	for (size_t i = 0; i < modules->nr && !err; i++) {
		err = add_module(kernel, members, &indirect, &modules->modules[i], symtab,
				 &is_lost);
		nr_lost += is_lost;
	}
	if (err || (err = symtab_finish(symtab)))
		return err;
	if (lost)
		*lost = nr_lost;
	if (symbols_add(symbols, symtab))
		(void)TAKE_PTR(symtab);
	return NULL;
}
