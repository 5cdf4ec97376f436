// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/types.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/list.h"
#include "kernel/member.h"
#include "util/checked.h"
#include "util/sys.h"

#define MAX_MODULES  4096U
#define MAX_POINTERS 8U
#define MAX_TEXT     256U

struct types {
	struct kernel *kernel;
	const struct btf *btf; /* the kernel's */
	bool asked_modules;
	struct btf **modules; /* owned */
	size_t nr_modules, capacity;
};

struct error *types_create(struct kernel *kernel, struct types **ret)
{
	struct types *types = sys_calloc(1, sizeof(*types));
	struct error *err;

	if (!types)
		return &error_nomem;
	types->kernel = kernel;
	err = kernel_btf(kernel, &types->btf);
	if (err)
		types_destroy(types);
	else
		*ret = types;
	return err;
}

void types_destroy(struct types *types)
{
	if (!types)
		return;
	for (size_t i = 0; i < types->nr_modules; i++)
		btf_destroy(types->modules[i]);
	free(types->modules);
	free(types);
}

const struct btf *types_btf(const struct types *types)
{
	return types->btf;
}

/* struct btf_module of kernel/bpf/btf.c, Linux commit 36e68442d1af ("bpf: Load and verify kernel
 * module BTFs", 5.11) */
enum { BM_LIST, BM_BTF, BTF_DATA, BTF_SIZE, NR_PATHS };

static const struct member_path paths[NR_PATHS] = {
	[BM_LIST] = {"btf_module.list"},
	[BM_BTF] = {"btf_module.btf"},
	[BTF_DATA] = {"btf.data"},
	[BTF_SIZE] = {"btf.data_size"},
};

struct loading {
	struct types *types;
	struct btf_member members[NR_PATHS];
};

/* What cannot be read, or makes no sense, is left out. */
static struct error *load_module(void *arg, uint64_t link)
{
	const struct loading *l = arg;
	struct types *types = l->types;
	uint64_t object = link - l->members[BM_LIST].offset, btf, data, size;
	struct btf *loaded;
	struct error *err;

	if (types->nr_modules == MAX_MODULES ||
	    !member_read(types->kernel, &l->members[BM_BTF], object, &btf) ||
	    !member_read(types->kernel, &l->members[BTF_DATA], btf, &data) ||
	    !member_read(types->kernel, &l->members[BTF_SIZE], btf, &size))
		return NULL;
	if (types->nr_modules == types->capacity) {
		size_t capacity = types->capacity ? 2 * types->capacity : 32;
		struct btf **grown = sys_realloc(types->modules, capacity * sizeof(struct btf *));

		if (!grown)
			return &error_nomem;
		types->modules = grown;
		types->capacity = capacity;
	}
	err = btf_create(kernel_read_virtual, types->kernel, data, size,
			 types->kernel->dump->facts.word, types->btf, &loaded);
	if (!err)
		types->modules[types->nr_modules++] = loaded;
	else if (err->code == ERROR_NOMEM)
		return err;
	error_destroy(err);
	return NULL;
}

static void load_modules(struct types *types)
{
	struct loading l = {.types = types};
	struct error *torn = NULL;
	uint64_t head;

	if (types->asked_modules)
		return;
	types->asked_modules = true;
	if (!kernel_lookup(types->kernel, "btf_modules", &head) ||
	    error_ignore(members_find(types->btf, paths, NR_PATHS, l.members)))
		return;
	error_ignore(list_each(types->kernel, head, load_module, &l, &torn));
	error_destroy(torn);
}

bool types_find(struct types *types, enum btf_kind kind, const char *name, struct ctype *ret)
{
	*ret = (struct ctype){.btf = types->btf, .id = btf_find(types->btf, kind, name)};
	if (ret->id)
		return true;
	load_modules(types);
	for (size_t i = 0; i < types->nr_modules && !ret->id; i++)
		*ret = (struct ctype){.btf = types->modules[i],
				      .id = btf_find(types->modules[i], kind, name)};
	return ret->id;
}

static bool find_any(struct types *types, const enum btf_kind *kinds, size_t nr, const char *name,
		     struct ctype *ret)
{
	for (size_t i = 0; i < nr; i++)
		if (types_find(types, kinds[i], name, ret))
			return true;
	return false;
}

/* What stands of a declaration before * and []: "unsigned long", "struct page". */
struct words {
	const char *tag; /* "struct", "union", "enum" or NULL */
	char name[MAX_TEXT];
	bool is_unsigned, is_signed;
	unsigned int nr_long, nr_short, nr_char, nr_int;
	bool bad;
};

static void take_word(struct words *words, const char *word, size_t len)
{
	static const char *const tags[] = {"struct", "union", "enum"};
	char text[MAX_TEXT];

	memcpy(text, word, len);
	text[len] = '\0';
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(text, tags[i])) {
			words->tag = tags[i];
			return;
		}
	if (!strcmp(text, "const") || !strcmp(text, "volatile"))
		return;
	if (!strcmp(text, "unsigned"))
		words->is_unsigned = true;
	else if (!strcmp(text, "signed"))
		words->is_signed = true;
	else if (!strcmp(text, "long"))
		words->nr_long++;
	else if (!strcmp(text, "short"))
		words->nr_short++;
	else if (!strcmp(text, "char"))
		words->nr_char++;
	else if (!strcmp(text, "int"))
		words->nr_int++;
	else if (words->name[0])
		words->bad = true;
	else
		memcpy(words->name, text, len + 1);
}

/* The name that compilers give to "unsigned long" and all its spellings. */
static const char *number_name(const struct words *words)
{
	bool is_unsigned = words->is_unsigned;

	if (words->nr_char)
		return is_unsigned ? "unsigned char" : words->is_signed ? "signed char" : "char";
	if (words->nr_short)
		return is_unsigned ? "short unsigned int" : "short int";
	if (words->nr_long > 1)
		return is_unsigned ? "long long unsigned int" : "long long int";
	if (words->nr_long)
		return is_unsigned ? "long unsigned int" : "long int";
	if (is_unsigned)
		return "unsigned int";
	return words->is_signed || words->nr_int ? "int" : "";
}

static bool find_words(struct types *types, const struct words *words, struct ctype *ret)
{
	static const enum btf_kind any[] = {BTF_TYPEDEF, BTF_STRUCT, BTF_UNION, BTF_INT,
					    BTF_ENUM,    BTF_ENUM64, BTF_FLOAT, BTF_FWD};
	static const enum btf_kind structs[] = {BTF_STRUCT, BTF_FWD},
				   unions[] = {BTF_UNION, BTF_FWD};
	static const enum btf_kind enums[] = {BTF_ENUM, BTF_ENUM64};

	if (!words->tag && !strcmp(words->name, "void")) {
		*ret = (struct ctype){.btf = types->btf};
		return true;
	}
	if (!words->tag)
		return find_any(types, any, sizeof(any) / sizeof(any[0]), words->name, ret);
	if (!strcmp(words->tag, "enum"))
		return find_any(types, enums, 2, words->name, ret);
	return find_any(types, !strcmp(words->tag, "union") ? unions : structs, 2, words->name,
			ret);
}

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* The stars and brackets. */
static const char *parse_derivation(const char *p, struct ctype *type)
{
	char *end;

	for (p = skip_blanks(p); *p == '*'; p = skip_blanks(p + 1))
		if (type->pointers < MAX_POINTERS)
			type->pointers++;
	if (*p != '[')
		return p;
	type->elements = strtoull(p + 1, &end, 0);
	type->unsized = !type->elements;
	return *end == ']' ? skip_blanks(end + 1) : p;
}

struct error *types_parse(struct types *types, const char *text, struct ctype *ret)
{
	struct words words = {0};
	const char *p = skip_blanks(text);
	struct ctype type;

	while (isalnum((unsigned char)*p) || *p == '_') {
		size_t len = 0;

		while (isalnum((unsigned char)p[len]) || p[len] == '_')
			len++;
		if (len >= MAX_TEXT)
			return error_create(ERROR_USAGE, "'%s' is too long for a type", text);
		take_word(&words, p, len);
		p = skip_blanks(p + len);
	}
	if (!words.name[0] && !words.tag)
		snprintf(words.name, sizeof(words.name), "%s", number_name(&words));
	if (words.bad || !words.name[0])
		return error_create(ERROR_USAGE, "'%s' is no type", text);
	if (!find_words(types, &words, &type))
		return error_create(ERROR_NOT_FOUND, "there is no type %s%s%s",
				    words.tag ? words.tag : "", words.tag ? " " : "", words.name);
	if (*parse_derivation(p, &type))
		return error_create(ERROR_USAGE, "'%s' is no type", text);
	*ret = type;
	return NULL;
}

/* An array of the table takes the size that its symbol has. */
static bool from_table(struct types *types, const char *name, struct ctype *ret)
{
	const char *text = global_type(name);

	return text && !error_ignore(types_parse(types, text, ret));
}

bool types_of_symbol(struct types *types, const char *name, struct ctype *ret)
{
	struct btf_type var;

	if (!types_find(types, BTF_VAR, name, ret))
		return from_table(types, name, ret) || types_find(types, BTF_FUNC, name, ret);
	if (!btf_get(ret->btf, ret->id, &var))
		return false;
	ret->id = var.type;
	return true;
}

void ctype_look(const struct ctype *type, struct ctype_view *ret)
{
	*ret = (struct ctype_view){.shape = CTYPE_BAD, .target = *type};
	if (type->elements || type->unsized) {
		ret->shape = CTYPE_ARRAY;
		ret->elements = type->elements;
		ret->target.elements = 0;
		ret->target.unsized = false;
		return;
	}
	if (type->pointers) {
		ret->shape = CTYPE_POINTER;
		ret->target.pointers--;
		return;
	}
	if (!btf_resolve(type->btf, type->id, &ret->type))
		return;
	ret->target.id = ret->type.type;
	switch (ret->type.kind) {
	case BTF_VOID: ret->shape = CTYPE_VOID; break;
	case BTF_INT:
	case BTF_ENUM:
	case BTF_ENUM64:
	case BTF_FLOAT: ret->shape = CTYPE_NUMBER; break;
	case BTF_PTR: ret->shape = CTYPE_POINTER; break;
	case BTF_ARRAY:
		ret->shape = CTYPE_ARRAY;
		ret->elements = ret->type.elements;
		break;
	case BTF_STRUCT:
	case BTF_UNION: ret->shape = CTYPE_STRUCT; break;
	case BTF_FUNC:
	case BTF_FUNC_PROTO: ret->shape = CTYPE_FUNCTION; break;
	case BTF_FWD: ret->shape = CTYPE_INCOMPLETE; break;
	default: break;
	}
}

bool ctype_is_char(const struct ctype *type)
{
	struct ctype_view view;

	ctype_look(type, &view);
	return view.shape == CTYPE_NUMBER && view.type.kind == BTF_INT && view.type.size == 1 &&
	       !(view.type.encoding >> 24 & BTF_INT_BOOL);
}

bool ctype_size(const struct ctype *type, uint64_t *ret)
{
	uint64_t size = type->btf->word;

	if (type->unsized || (!type->pointers && !btf_size(type->btf, type->id, &size)))
		return false;
	return checked_mul(size, type->elements ? type->elements : 1, ret);
}
