// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/symbols.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

#define MAX_FILE (256U << 20) /* bytes of a System.map; with all modules it has 18 million */

/* Symbols that lie further apart than this have nothing between them. */
#define MAX_SIZE (1ULL << 31)

struct entry {
	uint64_t addr;
	uint32_t size, name, module; /* module 0: none */
	char type;
};

struct symtab {
	struct entry *entries; /* ascending once finished */
	size_t nr, capacity;
	char *text; /* names and modules, NUL-terminated; begins with an empty one */
	size_t text_len, text_capacity;
	uint32_t *index; /* hash table: entry number + 1 */
	size_t index_mask;
};

struct error *symtab_create(struct symtab **ret)
{
	struct symtab *tab = sys_calloc(1, sizeof(*tab));

	if (!tab)
		return &error_nomem;
	*ret = tab;
	return NULL;
}

void symtab_destroy(struct symtab *tab)
{
	if (!tab)
		return;
	free(tab->entries);
	free(tab->text);
	free(tab->index);
	free(tab);
}

/* Makes room for need elements of this size. */
static bool grow(void **array, size_t *capacity, size_t need, size_t size)
{
	size_t want = *capacity ? *capacity : 1024;
	void *grown;

	if (need <= *capacity)
		return true;
	while (want < need)
		want *= 2;
	grown = sys_realloc(*array, want * size);
	if (!grown)
		return false;
	*array = grown;
	*capacity = want;
	return true;
}

/* Appends a string and says where it is; 0 without memory. */
static uint32_t add_text(struct symtab *tab, const char *text, size_t len)
{
	uint32_t off;

	if (!tab->text_len)
		tab->text_len = 1;
	if (tab->text_len + len >= UINT32_MAX ||
	    !grow((void **)&tab->text, &tab->text_capacity, tab->text_len + len + 1, 1))
		return 0;
	off = (uint32_t)tab->text_len;
	memcpy(tab->text + off, text, len);
	tab->text[off + len] = '\0';
	tab->text_len += len + 1;
	tab->text[0] = '\0';
	return off;
}

/* The symbols of one module come one after the other. */
static uint32_t add_module(struct symtab *tab, const char *module, size_t len)
{
	uint32_t last = tab->nr ? tab->entries[tab->nr - 1].module : 0;

	if (last && strlen(tab->text + last) == len && !memcmp(tab->text + last, module, len))
		return last;
	return add_text(tab, module, len);
}

struct error *symtab_add(struct symtab *tab, uint64_t addr, uint64_t size, char type,
			 const char *name, size_t name_len, const char *module, size_t module_len)
{
	struct entry entry = {.addr = addr, .type = type};

	if (!name_len || name_len >= KALLSYMS_NAME_MAX || tab->nr >= UINT32_MAX - 1)
		return error_create(ERROR_FORMAT, "symbol at 0x%llx: a name of %zu characters",
				    (unsigned long long)addr, name_len);
	entry.size = (uint32_t)min_u64(size, UINT32_MAX);
	entry.module = module ? add_module(tab, module, module_len) : 0;
	entry.name = add_text(tab, name, name_len);
	if (!entry.name || (module && !entry.module) ||
	    !grow((void **)&tab->entries, &tab->capacity, tab->nr + 1, sizeof(entry)))
		return &error_nomem;
	tab->entries[tab->nr++] = entry;
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	if (left->addr != right->addr)
		return left->addr < right->addr ? -1 : 1;
	// as they came
	return left->name < right->name ? -1 : left->name > right->name;
}

static size_t hash_name(const char *name)
{
	uint64_t hash = 0;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 0x9e3779b97f4a7c15ULL;
	return (size_t)(hash >> 24);
}

static uint32_t *find_slot(const struct symtab *tab, const char *name)
{
	size_t i = hash_name(name) & tab->index_mask;

	while (tab->index[i] && strcmp(tab->text + tab->entries[tab->index[i] - 1].name, name) != 0)
		i = (i + 1) & tab->index_mask;
	return &tab->index[i];
}

struct error *symtab_finish(struct symtab *tab)
{
	size_t size = 64;

	while (size < 2 * tab->nr)
		size *= 2;
	tab->index = sys_calloc(size, sizeof(tab->index[0]));
	if (!tab->index)
		return &error_nomem;
	tab->index_mask = size - 1;
	if (tab->nr)
		qsort(tab->entries, tab->nr, sizeof(tab->entries[0]), compare);
	for (size_t i = 0; i < tab->nr; i++) {
		uint32_t *slot = find_slot(tab, tab->text + tab->entries[i].name);

		if (!*slot)
			*slot = (uint32_t)i + 1;
	}
	return NULL;
}

void symtab_shift(struct symtab *tab, uint64_t start, uint64_t delta)
{
	for (size_t i = 0; i < tab->nr; i++) {
		if (tab->entries[i].addr >= start)
			tab->entries[i].addr += delta;
	}
}

size_t symtab_nr(const struct symtab *tab)
{
	return tab->nr;
}

static bool symtab_lookup(const struct symtab *tab, const char *name, uint64_t *ret)
{
	uint32_t slot = *find_slot(tab, name);

	if (slot)
		*ret = tab->entries[slot - 1].addr;
	return slot;
}

static void symtab_get(const struct symtab *tab, size_t i, struct symbol *ret)
{
	const struct entry *entry = &tab->entries[i];
	size_t next = i + 1;

	while (next < tab->nr && tab->entries[next].addr == entry->addr)
		next++;
	ret->addr = entry->addr;
	ret->size = entry->size;
	if (!ret->size && next < tab->nr && tab->entries[next].addr - entry->addr < MAX_SIZE)
		ret->size = tab->entries[next].addr - entry->addr;
	ret->type = entry->type;
	snprintf(ret->name, sizeof(ret->name), "%s", tab->text + entry->name);
	snprintf(ret->module, sizeof(ret->module), "%s", tab->text + entry->module);
}

static bool symtab_at(const struct symtab *tab, uint64_t addr, struct symbol *ret)
{
	size_t low = 0, high = tab->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (tab->entries[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low--)
		return false;
	while (low && tab->entries[low - 1].addr == tab->entries[low].addr)
		low--;
	symtab_get(tab, low, ret);
	return addr == ret->addr || addr - ret->addr < ret->size;
}

/* One line, "ADDRESS TYPE NAME" with perhaps "[MODULE]" behind; false when it is none. */
static bool parse_line(struct symtab *tab, const char *line, size_t len, struct error **err)
{
	const char *end = line + len, *name, *module = NULL;
	uint64_t addr = 0;
	size_t name_len, digits = 0, module_len = 0;

	for (; digits < len && digits < 17 && isxdigit((uint8_t)line[digits]); digits++) {
		unsigned int c = (uint8_t)line[digits];

		addr = addr << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	if (!digits || digits > 16 || len < digits + 4 || line[digits] != ' ' ||
	    line[digits + 2] != ' ')
		return false;
	name = line + digits + 3;
	for (name_len = 0; name + name_len < end && (uint8_t)name[name_len] > ' ';)
		name_len++;
	line += digits + 3 + name_len;
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	if (line < end && *line == '[' && end[-1] == ']') {
		module = line + 1;
		module_len = (size_t)(end - module) - 1;
	} else if (line < end) {
		return false;
	}
	*err = symtab_add(tab, addr, 0, name[-2], name, name_len, module, module_len);
	return !*err;
}

static struct error *parse(struct symtab *tab, const char *path, const char *text, size_t len)
{
	struct error *err = NULL;
	bool any = false;

	for (size_t off = 0, line; off < len; off += line + 1) {
		const char *end = memchr(text + off, '\n', len - off);

		line = end ? (size_t)(end - text) - off : len - off;
		if (!line || parse_line(tab, text + off, line, &err))
			continue;
		if (err == &error_nomem)
			return err;
		error_destroy(err);
		return error_create(ERROR_FORMAT, "%s: the line at offset %zu names no symbol",
				    path, off);
	}
	for (size_t i = 0; i < tab->nr; i++)
		any |= tab->entries[i].addr != 0;
	if (!any)
		return error_create(ERROR_FORMAT, "%s: %s", path,
				    tab->nr ? "all addresses are zero (read without privilege?)"
					    : "has no symbols");
	return NULL;
}

struct error *symtab_load(const char *path, struct symtab **ret)
{
	_cleanup_symtab_ struct symtab *tab = NULL;
	_cleanup_file_ struct file *file = NULL;
	_cleanup_free_ char *text = NULL;
	struct error *err;
	size_t done;

	if ((err = file_open(path, &file)))
		return err;
	// files of /proc do not know their size
	if (file->size > MAX_FILE && !file->proc)
		return error_create(ERROR_FORMAT, "%s: %llu bytes are too many for a symbol table",
				    path, (unsigned long long)file->size);
	text = sys_malloc(file->proc ? MAX_FILE : file->size + 1);
	if (!text)
		return &error_nomem;
	if ((err = file_read(file, 0, text, file->proc ? MAX_FILE : file->size, &done)) ||
	    (err = symtab_create(&tab)) || (err = parse(tab, path, text, done)) ||
	    (err = symtab_finish(tab)))
		return err;
	*ret = TAKE_PTR(tab);
	return NULL;
}

bool symbols_add(struct symbols *symbols, struct symtab *tab)
{
	if (symbols->nr_tabs == SYMBOLS_MAX_TABS)
		return false;
	symbols->tabs[symbols->nr_tabs++] = tab;
	return true;
}

void symbols_deinit(struct symbols *symbols)
{
	kallsyms_destroy(symbols->kallsyms);
	for (size_t i = 0; i < symbols->nr_tabs; i++)
		symtab_destroy(symbols->tabs[i]);
	*symbols = (struct symbols){0};
}

bool symbols_lookup(const struct symbols *symbols, const char *name, uint64_t *ret)
{
	if (symbols->kallsyms && kallsyms_lookup(symbols->kallsyms, name, ret))
		return true;
	for (size_t i = 0; i < symbols->nr_tabs; i++) {
		if (symtab_lookup(symbols->tabs[i], name, ret))
			return true;
	}
	return false;
}

static void from_kallsyms(const struct kallsyms_symbol *symbol, struct symbol *ret)
{
	ret->addr = symbol->addr;
	ret->size = symbol->size;
	ret->type = symbol->type;
	memcpy(ret->name, symbol->name, sizeof(ret->name));
	ret->module[0] = '\0';
}

bool symbols_at(const struct symbols *symbols, uint64_t addr, struct symbol *ret)
{
	struct kallsyms_symbol symbol;

	if (symbols->kallsyms && kallsyms_at(symbols->kallsyms, addr, &symbol)) {
		from_kallsyms(&symbol, ret);
		return true;
	}
	for (size_t i = 0; i < symbols->nr_tabs; i++) {
		if (symtab_at(symbols->tabs[i], addr, ret))
			return true;
	}
	return false;
}

void symbols_each(const struct symbols *symbols, bool (*fn)(void *arg, const struct symbol *symbol),
		  void *arg)
{
	const struct kallsyms *ks = symbols->kallsyms;
	struct kallsyms_symbol from;
	struct symbol symbol;

	for (size_t i = 0; ks && i < ks->nr; i++) {
		if (!kallsyms_get(ks, i, &from))
			continue;
		from_kallsyms(&from, &symbol);
		if (!fn(arg, &symbol))
			return;
	}
	for (size_t k = 0; k < symbols->nr_tabs; k++) {
		for (size_t i = 0; i < symbols->tabs[k]->nr; i++) {
			symtab_get(symbols->tabs[k], i, &symbol);
			if (!fn(arg, &symbol))
				return;
		}
	}
}
