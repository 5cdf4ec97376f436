// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cvalue.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/symbols.h"
#include "util/checked.h"
#include "util/json.h"
#include "util/utf8.h"

#define MAX_ELEMENTS 256U
#define MAX_DEPTH    32U
#define MAX_TEXT     4096U /* characters of a text */

/* Values below this are no addresses: per-CPU symbols of x86_64 are offsets before 6.15. */
#define MIN_ADDRESS 0x100000U

#define ENCODING(type) ((type)->encoding >> 24)

struct printer {
	struct kernel *kernel;
	const struct cvalue_format *format;
	FILE *out;
	struct json *json;
	unsigned int elements;
};

struct cvalue cvalue_member(const struct cvalue *object, const struct btf *btf,
			    const struct btf_member *member)
{
	return (struct cvalue){
		.type = {.btf = btf, .id = member->type},
		.typed = true,
		.stored = object->stored,
		.addr = object->addr + member->offset,
		.bit = (uint32_t)(member->bit - 8 * member->offset),
		.bit_size = member->bit_size,
	};
}

static uint64_t extend(uint64_t value, unsigned int bits)
{
	unsigned int shift = bits < 64 ? 64 - bits : 0;

	return (uint64_t)((int64_t)(value << shift) >> shift);
}

static bool is_signed(const struct ctype_view *view)
{
	switch (view->type.kind) {
	case BTF_INT: return ENCODING(&view->type) & BTF_INT_SIGNED;
	case BTF_ENUM:
	case BTF_ENUM64: return view->type.flag;
	default: return false;
	}
}

static bool read_bits(struct kernel *kernel, const struct cvalue *value, uint64_t *ret)
{
	const struct btf_member member = {.bit = value->bit, .bit_size = value->bit_size};
	uint8_t raw[16];
	size_t len = (value->bit + value->bit_size + 7) / 8;

	return value->bit_size <= 64 && kernel_read(kernel, value->addr, raw, len) &&
	       btf_read_member(value->type.btf, &member, raw, len, ret);
}

static bool read_number(struct kernel *kernel, const struct cvalue *value,
			const struct ctype_view *view, uint64_t *ret)
{
	uint64_t size = 0;
	unsigned int bits;

	if (!value->stored) {
		*ret = value->number;
		return true;
	}
	if (value->bit_size) {
		if (!read_bits(kernel, value, ret))
			return false;
		bits = value->bit_size;
	} else {
		if (!ctype_size(&value->type, &size) ||
		    !kernel_read_number(kernel, value->addr, size, ret))
			return false;
		bits = (unsigned int)size * 8;
	}
	if (is_signed(view))
		*ret = extend(*ret, bits);
	return true;
}

bool cvalue_number(struct kernel *kernel, const struct cvalue *value, uint64_t *ret)
{
	struct ctype_view view;

	if (!value->typed) {
		*ret = value->number;
		return !value->stored;
	}
	ctype_look(&value->type, &view);
	switch (view.shape) {
	case CTYPE_NUMBER:
	case CTYPE_POINTER: return read_number(kernel, value, &view, ret);
	case CTYPE_ARRAY:
	case CTYPE_FUNCTION: *ret = value->addr; return value->stored;
	default: return false;
	}
}

static void print_unreadable(const struct printer *p, uint64_t addr, const char *key)
{
	if (p->json)
		json_null(p->json, key);
	else
		fprintf(p->out, "<unreadable at 0x%" PRIx64 ">", addr);
}

/* One character as C writes it between quotes. */
static void put_char(FILE *out, uint8_t c, char quote)
{
	static const char plain[] = "abtnvfr", codes[] = "\a\b\t\n\v\f\r";
	const char *code = c ? strchr(codes, c) : NULL;

	if (code)
		fprintf(out, "\\%c", plain[code - codes]);
	else if (c == (uint8_t)quote || c == '\\')
		fprintf(out, "\\%c", c);
	else if (c >= 0x20 && c < 0x7f)
		putc(c, out);
	else
		fprintf(out, "\\%03o", c);
}

static void put_text(FILE *out, const uint8_t *text, size_t len, bool more)
{
	putc('"', out);
	for (size_t i = 0; i < len; i++)
		put_char(out, text[i], '"');
	fputs(more ? "\"..." : "\"", out);
}

/* " <init_task+2192>" */
static void put_symbol(const struct printer *p, uint64_t addr)
{
	struct symbol symbol;

	if (!p->format->symbols || addr < MIN_ADDRESS ||
	    !symbols_at(p->format->symbols, addr, &symbol))
		return;
	fputs(" <", p->out);
	utf8_put_safe(p->out, symbol.name);
	if (addr != symbol.addr)
		fprintf(p->out, "+%" PRIu64, addr - symbol.addr);
	putc('>', p->out);
}

/* The text that a char * points at. */
static void print_pointed_text(const struct printer *p, uint64_t addr)
{
	uint8_t text[MAX_TEXT];
	size_t want = p->elements, got = kernel_read_some(p->kernel, addr, text, want);
	const uint8_t *end = memchr(text, '\0', got);

	if (!got) {
		fputs(" <unreadable>", p->out);
		return;
	}
	putc(' ', p->out);
	put_text(p->out, text, end ? (size_t)(end - text) : got, !end);
}

static void print_pointer(const struct printer *p, const struct ctype_view *view, uint64_t addr,
			  const char *key)
{
	if (p->json) {
		json_hex(p->json, key, addr);
		return;
	}
	fprintf(p->out, "0x%" PRIx64, addr);
	if (!addr)
		return;
	put_symbol(p, addr);
	if (ctype_is_char(&view->target))
		print_pointed_text(p, addr);
}

/* Whether no two enumerators share a bit, so that a value can be several of them. */
static bool are_flags(const struct btf_type *type)
{
	const char *name;
	uint64_t seen = 0;
	int64_t bits;

	for (uint32_t i = 0; btf_enumerator(type, i, &name, &bits); i++) {
		if (bits < 0 || seen & (uint64_t)bits)
			return false;
		seen |= (uint64_t)bits;
	}
	return seen;
}

/* "(A | B | unknown: 0x8)" */
static void put_flags(FILE *out, const struct btf_type *type, uint64_t number)
{
	const char *name, *lead = "(";
	int64_t bits;

	for (uint32_t i = 0; btf_enumerator(type, i, &name, &bits); i++) {
		if (!bits || (number & (uint64_t)bits) != (uint64_t)bits)
			continue;
		fputs(lead, out);
		utf8_put_safe(out, name);
		number &= ~(uint64_t)bits;
		lead = " | ";
	}
	if (number)
		fprintf(out, "%sunknown: 0x%" PRIx64, lead, number);
	fputs(")", out);
}

static void print_enum(const struct printer *p, const struct btf_type *type, uint64_t number,
		       const char *key)
{
	const char *name;
	int64_t value;

	for (uint32_t i = 0; btf_enumerator(type, i, &name, &value); i++) {
		if (type->kind == BTF_ENUM ? (uint32_t)value != (uint32_t)number
					   : (uint64_t)value != number)
			continue;
		if (p->json)
			json_string(p->json, key, name);
		else
			utf8_put_safe(p->out, name);
		return;
	}
	if (p->json)
		json_i64(p->json, key, (int64_t)number);
	else if (number && are_flags(type))
		put_flags(p->out, type, number);
	else
		fprintf(p->out, "%" PRId64, (int64_t)number);
}

static void print_int(const struct printer *p, const struct cvalue *value,
		      const struct ctype_view *view, uint64_t number, const char *key)
{
	bool sign = !value->typed || is_signed(view), hex = p->format->hex;
	uint64_t size = view->type.size;

	if (p->json && sign) {
		json_i64(p->json, key, (int64_t)number);
		return;
	}
	if (p->json) {
		json_u64(p->json, key, number);
		return;
	}
	if (hex && value->bit_size)
		number &= ~0ULL >> (64 - value->bit_size);
	else if (hex && size && size < 8)
		number &= (1ULL << 8 * size) - 1;
	if (hex)
		fprintf(p->out, "0x%" PRIx64, number);
	else if (sign)
		fprintf(p->out, "%" PRId64, (int64_t)number);
	else
		fprintf(p->out, "%" PRIu64, number);
	if (!hex && value->typed && ctype_is_char(&value->type) && !value->bit_size) {
		fputs(" '", p->out);
		put_char(p->out, (uint8_t)number, '\'');
		putc('\'', p->out);
	}
}

/* Numbers that do not fit into 64 bits, and floating point, are shown as the bytes that they are.
 */
static void print_raw(const struct printer *p, const struct cvalue *value, uint64_t size,
		      const char *key)
{
	bool big_endian = value->type.btf->big_endian;
	uint8_t raw[16];
	char text[2 * sizeof(raw) + 3] = "0x";

	if (!value->stored || size > sizeof(raw) ||
	    !kernel_read(p->kernel, value->addr, raw, size)) {
		print_unreadable(p, value->addr, key);
		return;
	}
	for (uint64_t i = 0; i < size; i++)
		snprintf(text + 2 + 2 * i, 3, "%02x", raw[big_endian ? i : size - 1 - i]);
	if (p->json)
		json_string(p->json, key, text);
	else
		fputs(text, p->out);
}

static void print_number(const struct printer *p, const struct cvalue *value,
			 const struct ctype_view *view, const char *key)
{
	uint64_t number;

	if (value->typed && (view->type.size > 8 || view->type.kind == BTF_FLOAT)) {
		print_raw(p, value, view->type.size, key);
		return;
	}
	if (!read_number(p->kernel, value, view, &number)) {
		print_unreadable(p, value->addr, key);
		return;
	}
	if (view->type.kind == BTF_ENUM || view->type.kind == BTF_ENUM64)
		print_enum(p, &view->type, number, key);
	else if (view->type.kind == BTF_INT && ENCODING(&view->type) & BTF_INT_BOOL && number < 2 &&
		 p->json)
		json_bool(p->json, key, number);
	else if (view->type.kind == BTF_INT && ENCODING(&view->type) & BTF_INT_BOOL && number < 2)
		fputs(number ? "true" : "false", p->out);
	else
		print_int(p, value, view, number, key);
}

static void print_value(const struct printer *p, const struct cvalue *value, unsigned int depth,
			const char *key);

/* An array of char is a text; the last NUL of it is not shown. */
static void print_text(const struct printer *p, const struct cvalue *value, uint64_t len,
		       const char *key)
{
	uint8_t text[MAX_TEXT];
	size_t want = (size_t)min_u64(len, p->elements);
	size_t got = kernel_read_some(p->kernel, value->addr, text, want);

	if (got < want && !got) {
		print_unreadable(p, value->addr, key);
	} else if (p->json) {
		while (got && !text[got - 1])
			got--;
		json_bytes(p->json, key, (const char *)text, got);
	} else {
		if (got == len && !text[got - 1])
			got--;
		put_text(p->out, text, got, want < len);
		if (got < want - (want == len))
			fprintf(p->out, " <unreadable at 0x%" PRIx64 ">", value->addr + got);
	}
}

static void print_array(const struct printer *p, const struct cvalue *value,
			const struct ctype_view *view, unsigned int depth, const char *key)
{
	struct cvalue element = {.type = view->target, .typed = true, .stored = true};
	uint64_t size, shown = min_u64(view->elements, p->elements);

	if (!value->stored || !ctype_size(&view->target, &size)) {
		print_unreadable(p, value->addr, key);
		return;
	}
	// of a flexible array only the place is known
	if (!view->elements || !size) {
		print_pointer(p, &(struct ctype_view){.target = {.btf = value->type.btf}},
			      value->addr, key);
		if (!p->json && ctype_is_char(&view->target))
			fputs(" \"\"", p->out);
		return;
	}
	if (ctype_is_char(&view->target)) {
		print_text(p, value, view->elements, key);
		return;
	}
	if (p->json)
		json_begin_array(p->json, key);
	else
		putc('{', p->out);
	for (uint64_t i = 0; i < shown; i++) {
		element.addr = value->addr + i * size;
		if (i && !p->json)
			fputs(", ", p->out);
		print_value(p, &element, depth + 1, NULL);
	}
	if (p->json)
		json_end_array(p->json);
	else
		fputs(shown < view->elements ? "...}" : "}", p->out);
}

/* The members of a struct; in JSON those of one without a name become its own. */
static void print_members(const struct printer *p, const struct cvalue *value,
			  const struct btf_type *type, unsigned int depth)
{
	struct btf_member member;

	for (uint32_t i = 0; btf_member(type, i, &member); i++) {
		struct cvalue inner = cvalue_member(value, type->btf, &member);
		struct ctype_view view;

		if (p->json && !*member.name && depth < MAX_DEPTH) {
			ctype_look(&inner.type, &view);
			if (view.shape == CTYPE_STRUCT)
				print_members(p, &inner, &view.type, depth + 1);
			continue;
		}
		if (!p->json) {
			fprintf(p->out, "%s\n%*s", i ? "," : "", (int)(2 + 2 * depth), "");
			utf8_put_safe(p->out, member.name);
			fputs(*member.name ? " = " : "", p->out);
		}
		print_value(p, &inner, depth + 1, member.name);
	}
}

static void print_struct(const struct printer *p, const struct cvalue *value,
			 const struct ctype_view *view, unsigned int depth, const char *key)
{
	if (!value->stored) {
		print_unreadable(p, value->addr, key);
	} else if (p->json) {
		json_begin_object(p->json, key);
		print_members(p, value, &view->type, depth);
		json_end_object(p->json);
	} else if (!view->type.nr) {
		fputs("{<No data fields>}", p->out);
	} else {
		putc('{', p->out);
		print_members(p, value, &view->type, depth);
		fprintf(p->out, "\n%*s}", (int)(2 * depth), "");
	}
}

static void print_value(const struct printer *p, const struct cvalue *value, unsigned int depth,
			const char *key)
{
	struct ctype_view view = {.shape = CTYPE_NUMBER};
	uint64_t number;

	if (value->typed)
		ctype_look(&value->type, &view);
	if (depth > MAX_DEPTH)
		view.shape = CTYPE_BAD;
	switch (view.shape) {
	case CTYPE_NUMBER: print_number(p, value, &view, key); break;
	case CTYPE_POINTER:
		if (read_number(p->kernel, value, &view, &number))
			print_pointer(p, &view, number, key);
		else
			print_unreadable(p, value->addr, key);
		break;
	case CTYPE_ARRAY: print_array(p, value, &view, depth, key); break;
	case CTYPE_STRUCT: print_struct(p, value, &view, depth, key); break;
	case CTYPE_FUNCTION:
		print_pointer(p, &(struct ctype_view){.target = {.btf = value->type.btf}},
			      value->addr, key);
		break;
	default:
		if (p->json)
			json_null(p->json, key);
		else
			fputs("<incomplete type>", p->out);
		break;
	}
}

void cvalue_print(struct kernel *kernel, const struct cvalue *value,
		  const struct cvalue_format *format, unsigned int depth, const char *key)
{
	const struct printer p = {
		.kernel = kernel,
		.format = format,
		.out = format->out,
		.json = format->json,
		.elements = (unsigned int)min_u64(
			format->elements ? format->elements : MAX_ELEMENTS, MAX_TEXT),
	};

	print_value(&p, value, depth, key);
}
