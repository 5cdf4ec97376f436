// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cdecl.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "util/bytes.h"
#include "util/utf8.h"

/* Deeper than any declaration: a cycle. */
#define MAX_STEPS 32
#define MAX_DEPTH 12
#define PARAM_LEN 8U
#define INDENT    4

/* A declaration in two parts: what stands before the name and what is built around it. */
struct declaration {
	struct btf_type base;
	bool known;         /* base was found */
	const char *prefix; /* "const ", "volatile " or both */
	char around[CDECL_LEN];
};

/* As compilers name them, and as people write them. */
static const char *const spellings[][2] = {
	{"long unsigned int", "unsigned long"},           {"long int", "long"},
	{"short unsigned int", "unsigned short"},         {"short int", "short"},
	{"long long unsigned int", "unsigned long long"}, {"long long int", "long long"},
};

static const char *spell(const char *name)
{
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		if (!strcmp(spellings[i][0], name))
			return spellings[i][1];
	return name;
}

/* What does not fit is lost. Names are the dump's, and may be anything. */
static void add(char buf[static CDECL_LEN], const char *text)
{
	size_t len = strlen(buf);

	for (; *text && len < CDECL_LEN - 1; text++)
		buf[len++] = isprint((unsigned char)*text) ? *text : '?';
	buf[len] = '\0';
}

static void put_around(struct declaration *d, const char *before, const char *after)
{
	char text[CDECL_LEN] = "";

	add(text, before);
	add(text, d->around);
	add(text, after);
	memcpy(d->around, text, sizeof(text));
}

static void decompose(const struct ctype *type, const char *name, unsigned int depth,
		      struct declaration *ret);

static const char *tag_of(const struct btf_type *type)
{
	switch (type->kind) {
	case BTF_STRUCT: return "struct ";
	case BTF_UNION: return "union ";
	case BTF_ENUM:
	case BTF_ENUM64: return "enum ";
	case BTF_FWD: return type->flag ? "union " : "struct ";
	default: return "";
	}
}

static const char *name_of(const struct declaration *d)
{
	if (!d->known)
		return BTF_LOST;
	if (d->base.kind == BTF_VOID)
		return "void";
	return *d->base.name ? spell(d->base.name) : "{...}";
}

static void to_text(const struct declaration *d, char buf[static CDECL_LEN])
{
	buf[0] = '\0';
	add(buf, d->prefix);
	add(buf, d->known ? tag_of(&d->base) : "");
	add(buf, name_of(d));
	add(buf, *d->around && *d->around != '[' ? " " : "");
	add(buf, d->around);
}

/* "(struct file *, int, ...)" */
static void put_parameters(struct declaration *d, const struct btf_type *proto, unsigned int depth)
{
	char list[CDECL_LEN] = "(", one[CDECL_LEN];

	for (uint32_t i = 0; i < proto->nr; i++) {
		const uint8_t *p = proto->tail + (size_t)PARAM_LEN * i;
		struct ctype type = {.btf = proto->btf,
				     .id = load_u32(p + 4, proto->btf->big_endian)};
		struct declaration param;

		decompose(&type, "", depth + 1, &param);
		to_text(&param, one);
		add(list, i ? ", " : "");
		// without type and name it stands for any number of them
		add(list, !type.id && i + 1 == proto->nr ? "..." : one);
	}
	add(list, proto->nr ? ")" : "void)");
	put_around(d, "", list);
}

static void put_array(struct declaration *d, uint64_t elements)
{
	char text[32] = "[]";

	if (elements)
		snprintf(text, sizeof(text), "[%" PRIu64 "]", elements);
	put_around(d, "", text);
}

/* Walks from the name outwards. */
static void decompose(const struct ctype *type, const char *name, unsigned int depth,
		      struct declaration *ret)
{
	struct ctype at = *type;
	bool pointer = false, is_const = false, is_volatile = false;

	*ret = (struct declaration){.prefix = ""};
	add(ret->around, name);
	if (at.elements || at.unsized)
		put_array(ret, at.elements);
	for (; at.pointers; at.pointers--, pointer = true)
		put_around(ret, "*", "");
	for (unsigned int i = 0; i < MAX_STEPS; i++, at.id = ret->base.type) {
		enum btf_kind kind;

		ret->known = btf_get(at.btf, at.id, &ret->base) && depth < MAX_DEPTH;
		kind = ret->known ? ret->base.kind : BTF_VOID;
		if (pointer && (kind == BTF_ARRAY || kind == BTF_FUNC_PROTO))
			put_around(ret, "(", ")");
		if (kind == BTF_PTR)
			put_around(ret, is_const ? "* const " : "*", "");
		else if (kind == BTF_ARRAY)
			put_array(ret, ret->base.elements);
		else if (kind == BTF_FUNC_PROTO)
			put_parameters(ret, &ret->base, depth);
		else if (kind == BTF_CONST)
			is_const = true;
		else if (kind == BTF_VOLATILE)
			is_volatile = true;
		else if (kind != BTF_RESTRICT && kind != BTF_TYPE_TAG && kind != BTF_FUNC)
			break;
		if (kind == BTF_PTR)
			is_const = is_volatile = false;
		// what stands between a pointer and its target keeps them together
		pointer = kind == BTF_PTR ||
			  (pointer && kind != BTF_ARRAY && kind != BTF_FUNC_PROTO);
	}
	ret->prefix = is_const && is_volatile ? "const volatile "
		      : is_const              ? "const "
		      : is_volatile           ? "volatile "
					      : "";
}

void cdecl_text(const struct ctype *type, const char *name, char buf[static CDECL_LEN])
{
	struct declaration d;

	decompose(type, name, 0, &d);
	to_text(&d, buf);
}

/* The body of a struct that is being printed. */
struct body {
	FILE *out;
	const struct cdecl_format *format;
	int width; /* of an offset with its brackets */
};

static int offset_width(const struct cdecl_format *format, uint64_t size)
{
	char text[32];

	if (format->base)
		return 0;
	return snprintf(text, sizeof(text), format->hex ? "0x%" PRIx64 : "%" PRIu64, size) + 4;
}

/* What stands before a line: blanks, or the place of its member where it has one. */
static void begin_line(const struct body *body, int indent, const uint64_t *offset)
{
	const struct cdecl_format *format = body->format;
	char text[32] = "";

	if (!format->offsets) {
		fprintf(body->out, "%*s", indent, "");
		return;
	}
	if (offset && format->base)
		snprintf(text, sizeof(text), "  [%" PRIx64 "]", format->base + *offset);
	else if (offset)
		snprintf(text, sizeof(text), format->hex ? "[0x%" PRIx64 "]" : "[%" PRIu64 "]",
			 *offset);
	else if (format->base)
		snprintf(text, sizeof(text), "%20s", "");
	fprintf(body->out, "%*s %*s", body->width, text, indent - INDENT, "");
}

static void print_members(const struct body *body, const struct btf_type *type, int indent,
			  uint64_t offset);

static void print_enumerators(FILE *out, const struct btf_type *type)
{
	const char *name;
	int64_t value;

	fprintf(out, "{");
	for (uint32_t i = 0; btf_enumerator(type, i, &name, &value); i++) {
		fputs(i ? ", " : "", out);
		utf8_put_safe(out, name);
	}
	fprintf(out, "}");
}

static void print_one(const struct body *body, const struct btf_member *member,
		      const struct btf *btf, int indent, uint64_t offset)
{
	const struct ctype type = {.btf = btf, .id = member->type};
	bool nameless, is_struct;
	char text[CDECL_LEN];
	struct declaration d;

	decompose(&type, member->name, 0, &d);
	nameless = d.known && !*d.base.name && d.base.kind != BTF_VOID;
	is_struct = d.base.kind == BTF_STRUCT || d.base.kind == BTF_UNION;
	offset += member->offset;
	begin_line(body, indent, nameless && is_struct ? NULL : &offset);
	if (nameless && is_struct && indent < MAX_DEPTH * INDENT) {
		fprintf(body->out, "%s%s{\n", d.prefix, tag_of(&d.base));
		print_members(body, &d.base, indent + INDENT, offset);
		begin_line(body, indent, *d.around ? &offset : NULL);
		fprintf(body->out, "}%s%s", *d.around ? " " : "", d.around);
	} else if (nameless && (d.base.kind == BTF_ENUM || d.base.kind == BTF_ENUM64)) {
		fprintf(body->out, "%senum ", d.prefix);
		print_enumerators(body->out, &d.base);
		fprintf(body->out, " %s", d.around);
	} else {
		to_text(&d, text);
		fputs(text, body->out);
	}
	if (member->bit_size)
		fprintf(body->out, " : %u", member->bit_size);
	fputs(";\n", body->out);
}

static void print_members(const struct body *body, const struct btf_type *type, int indent,
			  uint64_t offset)
{
	struct btf_member member;

	for (uint32_t i = 0; btf_member(type, i, &member); i++)
		print_one(body, &member, type->btf, indent, offset);
}

void cdecl_print_member(FILE *out, const struct btf_type *in, const struct btf_member *member,
			const struct cdecl_format *format)
{
	struct body body = {out, format, offset_width(format, in->size)};

	print_one(&body, member, in->btf, INDENT, 0);
}

static void print_enum(FILE *out, const struct btf_type *type)
{
	const char *name;
	int64_t value;

	for (uint32_t i = 0; btf_enumerator(type, i, &name, &value); i++) {
		fputs("  ", out);
		utf8_put_safe(out, name);
		fprintf(out, " = %" PRId64 "\n", value);
	}
	fputs("}", out);
}

void cdecl_print_struct(FILE *out, const struct ctype *type, const struct cdecl_format *format)
{
	struct body body = {.out = out, .format = format};
	struct declaration d;

	decompose(type, "", 0, &d);
	fputs(tag_of(&d.base), out);
	utf8_put_safe(out, d.base.name);
	fputs(*d.base.name ? " {\n" : "{\n", out);
	if (d.base.kind == BTF_ENUM || d.base.kind == BTF_ENUM64) {
		print_enum(out, &d.base);
		return;
	}
	body.width = offset_width(format, d.base.size);
	print_members(&body, &d.base, INDENT, 0);
	fputs("}", out);
}

/* A declaration, of which a struct is written out: always, or only when it has no name. */
static void print_declaration(FILE *out, const struct ctype *type, const char *name, bool always)
{
	static const struct cdecl_format plain;
	struct declaration d;
	char text[CDECL_LEN];

	decompose(type, name, 0, &d);
	if (d.known && (always || !*d.base.name) &&
	    (d.base.kind == BTF_STRUCT || d.base.kind == BTF_UNION)) {
		const struct ctype base = {.btf = type->btf, .id = d.base.id};

		fputs(d.prefix, out);
		cdecl_print_struct(out, &base, &plain);
		fprintf(out, "%s%s", *d.around ? " " : "", d.around);
		return;
	}
	to_text(&d, text);
	fputs(text, out);
}

void cdecl_print(FILE *out, const struct ctype *type, const char *name)
{
	print_declaration(out, type, name, false);
}

void cdecl_print_typedef(FILE *out, const struct ctype *type, const char *name)
{
	fputs("typedef ", out);
	print_declaration(out, type, name, true);
}
