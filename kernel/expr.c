// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/expr.h"

#include <ctype.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/percpu.h"
#include "kernel/symbols.h"
#include "util/checked.h"

#define MAX_DEPTH 64U
#define MAX_NAME  256U
#define MAX_TEXT  4096U /* of a variable that is one */

struct parser {
	const struct expr_env *env;
	const char *text, *at;
	unsigned int depth;
};

static struct error *parse_binary(struct parser *p, unsigned int level, struct cvalue *ret);

static struct error *bad(const struct parser *p)
{
	if (!*p->at)
		return error_create(ERROR_USAGE, "'%s' ends too early", p->text);
	return error_create(ERROR_USAGE, "'%s' makes no sense at '%s'", p->text, p->at);
}

static void skip_blanks(struct parser *p)
{
	p->at += strspn(p->at, " \t");
}

static bool take(struct parser *p, const char *token)
{
	size_t len = strlen(token);

	skip_blanks(p);
	if (strncmp(p->at, token, len) != 0)
		return false;
	p->at += len;
	return true;
}

static struct cvalue plain(uint64_t number)
{
	return (struct cvalue){.number = number};
}

static struct error *number_of(const struct parser *p, const struct cvalue *value, uint64_t *ret)
{
	if (cvalue_number(p->env->kernel, value, ret))
		return NULL;
	if (value->stored && !value->typed)
		return error_create(ERROR_USAGE,
				    "'%s': the type of what is at 0x%llx is not known, "
				    "(TYPE) in front of the name tells it",
				    p->text, (unsigned long long)value->addr);
	if (value->stored)
		return error_create(ERROR_FORMAT, "'%s': no number can be read at 0x%llx", p->text,
				    (unsigned long long)value->addr);
	return error_create(ERROR_USAGE, "'%s': not a number", p->text);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* 1, 0x1f, 0755, 41dc065 (hexadecimal, as it can be nothing else), 4k, 2m, 1g. False when it is no
 * number. */
static bool parse_digits(const char *word, size_t len, bool hex, uint64_t *ret)
{
	static const char units[] = "kmg";
	const char *unit = len > 1 ? strchr(units, tolower((unsigned char)word[len - 1])) : NULL;
	size_t i = 0, digits = len;
	bool decimal = true;
	uint64_t value = 0;
	unsigned int base;

	if (len > 2 && word[0] == '0' && (word[1] | 0x20) == 'x') {
		i = 2;
		hex = true;
	} else if (!hex && unit) {
		digits--;
	}
	for (size_t k = i; k < digits; k++) {
		if (!isxdigit((unsigned char)word[k]))
			return false;
		decimal = decimal && isdigit((unsigned char)word[k]);
	}
	base = hex || !decimal ? 16 : 10;
	for (; i < digits; i++) {
		unsigned char c = (unsigned char)word[i];
		uint64_t digit = isdigit(c) ? c - '0' + 0U : (c | 0x20) - 'a' + 10U;

		if (!checked_mul(value, base, &value) || !checked_add(value, digit, &value))
			return false;
	}
	return digits == len ? (*ret = value, true)
			     : checked_shl(value, 10U * (unsigned int)(unit - units + 1), ret);
}

bool expr_is_percpu(const struct expr_env *env, uint64_t vaddr)
{
	uint64_t start, end;

	return env->symbols && symbols_lookup(env->symbols, "__per_cpu_start", &start) &&
	       symbols_lookup(env->symbols, "__per_cpu_end", &end) && vaddr >= start && vaddr < end;
}

/* Size that the symbol has, up to the next one. */
static uint64_t symbol_size(const struct expr_env *env, uint64_t vaddr)
{
	struct symbol symbol;

	return symbols_at(env->symbols, vaddr, &symbol) && symbol.addr == vaddr ? symbol.size : 0;
}

/* Bytes of a text with its NUL, which tells more than the next symbol. */
static uint64_t text_size(const struct expr_env *env, uint64_t addr)
{
	char text[MAX_TEXT];
	size_t got = kernel_read_some(env->kernel, addr, text, sizeof(text));
	const char *end = memchr(text, '\0', got);

	return end ? (uint64_t)(end - text) + 1 : got;
}

static struct error *symbol_value(const struct parser *p, const char *name, uint64_t vaddr,
				  struct cvalue *ret)
{
	const struct expr_env *env = p->env;
	uint64_t addr = vaddr, size;

	if (env->percpu && expr_is_percpu(env, vaddr) &&
	    !percpu_address(env->percpu, vaddr, env->cpu, &addr))
		return error_create(ERROR_NOT_FOUND, "there is no CPU %u", env->cpu);
	*ret = plain(addr);
	if (!env->types)
		return NULL;
	*ret = (struct cvalue){.stored = true, .addr = addr};
	ret->typed = types_of_symbol(env->types, name, &ret->type);
	if (!ret->typed || !ret->type.unsized)
		return NULL;
	ret->type.unsized = false;
	if (ctype_is_char(&ret->type))
		ret->type.elements = text_size(env, addr);
	else if (ctype_size(&ret->type, &size) && size)
		ret->type.elements = symbol_size(env, vaddr) / size;
	ret->type.unsized = !ret->type.elements;
	return NULL;
}

static struct error *parse_number(struct parser *p, const char *name, size_t len,
				  struct cvalue *ret)
{
	bool hex = p->env->hex || !isdigit((unsigned char)*name);
	uint64_t number;

	if (!parse_digits(name, len, hex, &number))
		return isdigit((unsigned char)*name)
			       ? bad(p)
			       : error_create(ERROR_NOT_FOUND, "no symbol %.*s", (int)len, name);
	p->at += len;
	*ret = plain(number);
	return NULL;
}

/* Symbols have dots in them, as have members: the longest name that is one counts. */
static struct error *parse_name(struct parser *p, struct cvalue *ret)
{
	char name[MAX_NAME] = "";
	size_t len = 0, word = 0;
	uint64_t vaddr;

	while (is_word(p->at[len]) || p->at[len] == '.')
		len++;
	while (is_word(p->at[word]))
		word++;
	if (!word || len >= sizeof(name))
		return bad(p);
	memcpy(name, p->at, len);
	while (p->env->symbols && !isdigit((unsigned char)*name) && len >= word) {
		name[len] = '\0';
		if (symbols_lookup(p->env->symbols, name, &vaddr)) {
			p->at += len;
			return symbol_value(p, name, vaddr, ret);
		}
		do
			len--;
		while (len > word && name[len] != '.');
	}
	return parse_number(p, name, word, ret);
}

/* The type in "(struct page *)" or "sizeof(struct page)"; false when it is none. */
static bool parse_type(struct parser *p, struct ctype *ret)
{
	const char *end = strchr(p->at, ')');
	char text[MAX_NAME];
	size_t len = end ? (size_t)(end - p->at) : 0;

	if (!p->env->types || !len || len >= sizeof(text))
		return false;
	memcpy(text, p->at, len);
	text[len] = '\0';
	if (error_ignore(types_parse(p->env->types, text, ret)))
		return false;
	p->at = end + 1;
	return true;
}

static struct error *cast(const struct parser *p, const struct ctype *type, struct cvalue *value)
{
	struct cvalue result = {.type = *type, .typed = true};
	struct error *err = NULL;

	if (value->stored && !value->typed) { // a variable whose type we are told here
		result.stored = true;
		result.addr = value->addr;
	} else {
		err = number_of(p, value, &result.number);
	}
	if (!err)
		*value = result;
	return err;
}

static struct error *parse_unary(struct parser *p, struct cvalue *ret);

static struct error *parse_brackets(struct parser *p, struct cvalue *ret)
{
	struct ctype type;
	struct error *err;

	if (parse_type(p, &type))
		return (err = parse_unary(p, ret)) ? err : cast(p, &type, ret);
	if ((err = parse_binary(p, 0, ret)))
		return err;
	return take(p, ")") ? NULL : bad(p);
}

static struct error *deref(const struct parser *p, struct cvalue *value)
{
	struct ctype_view view = {.shape = CTYPE_BAD};
	struct error *err;
	uint64_t addr;

	if (value->typed)
		ctype_look(&value->type, &view);
	if (view.shape != CTYPE_POINTER && view.shape != CTYPE_ARRAY)
		return error_create(ERROR_USAGE, "'%s': * of what is no pointer", p->text);
	if ((err = number_of(p, value, &addr)))
		return err;
	*value = (struct cvalue){.type = view.target, .typed = true, .stored = true, .addr = addr};
	return NULL;
}

static struct error *address_of(const struct parser *p, struct cvalue *value)
{
	struct ctype type = value->type;

	if (!value->typed) {
		// without types a symbol is its address already
		*value = plain(value->stored ? value->addr : value->number);
		return NULL;
	}
	if (!value->stored || value->bit_size)
		return error_create(ERROR_USAGE, "'%s': & of what has no address", p->text);
	type.elements = 0;
	type.unsized = false;
	type.pointers++;
	*value = (struct cvalue){.type = type, .typed = true, .number = value->addr};
	return NULL;
}

static struct error *parse_sizeof(struct parser *p, struct cvalue *ret)
{
	struct cvalue value;
	struct error *err;
	uint64_t size;

	if (!take(p, "(") || !parse_type(p, &value.type)) {
		if ((err = parse_binary(p, 0, &value)))
			return err;
		if (!value.typed || !take(p, ")"))
			return bad(p);
	}
	if (!ctype_size(&value.type, &size))
		return error_create(ERROR_USAGE, "'%s': sizeof of what has no size", p->text);
	*ret = plain(size);
	return NULL;
}

static struct error *member_of(struct parser *p, struct cvalue *value)
{
	struct ctype_view view = {.shape = CTYPE_BAD};
	struct btf_member member;
	char name[MAX_NAME];
	size_t len = 0;

	skip_blanks(p);
	while (is_word(p->at[len]))
		len++;
	if (!len || len >= sizeof(name))
		return bad(p);
	memcpy(name, p->at, len);
	name[len] = '\0';
	if (value->typed)
		ctype_look(&value->type, &view);
	if (view.shape != CTYPE_STRUCT || !value->stored)
		return error_create(ERROR_USAGE, "'%s': .%s of what is no struct", p->text, name);
	if (!btf_find_in(&view.type, name, &member))
		return error_create(ERROR_NOT_FOUND, "there is no %s in %s", name,
				    *view.type.name ? view.type.name : "that struct");
	*value = cvalue_member(value, value->type.btf, &member);
	p->at += len;
	return NULL;
}

static struct error *element_of(struct parser *p, struct cvalue *value)
{
	struct cvalue index;
	struct error *err;
	uint64_t number, size;

	if ((err = parse_binary(p, 0, &index)) || (err = number_of(p, &index, &number)))
		return err;
	if (!take(p, "]"))
		return bad(p);
	if ((err = deref(p, value)))
		return err;
	if (!ctype_size(&value->type, &size))
		return error_create(ERROR_USAGE, "'%s': [] of what has no size", p->text);
	value->addr += number * size;
	return NULL;
}

static struct error *parse_postfix(struct parser *p, struct cvalue *ret)
{
	struct error *err = take(p, "(") ? parse_brackets(p, ret) : parse_name(p, ret);

	while (!err) {
		if (take(p, "["))
			err = element_of(p, ret);
		else if (take(p, "->"))
			err = (err = deref(p, ret)) ? err : member_of(p, ret);
		else if (take(p, "."))
			err = member_of(p, ret);
		else
			break;
	}
	return err;
}

static struct error *parse_sign(struct parser *p, char sign, struct cvalue *ret)
{
	struct error *err = parse_unary(p, ret);
	uint64_t number;

	if (err || (err = number_of(p, ret, &number)))
		return err;
	*ret = plain(sign == '-' ? 0 - number : sign == '~' ? ~number : !number);
	return NULL;
}

static struct error *parse_unary(struct parser *p, struct cvalue *ret)
{
	struct error *err;

	skip_blanks(p);
	if (++p->depth > MAX_DEPTH)
		return error_create(ERROR_USAGE, "'%s' is too deep", p->text);
	if (take(p, "*"))
		err = (err = parse_unary(p, ret)) ? err : deref(p, ret);
	else if (take(p, "&"))
		err = (err = parse_unary(p, ret)) ? err : address_of(p, ret);
	else if (*p->at == '-' || *p->at == '~' || *p->at == '!')
		err = parse_sign(p, *p->at++, ret);
	else if (!strncmp(p->at, "sizeof", 6) && !is_word(p->at[6]) && take(p, "sizeof"))
		err = parse_sizeof(p, ret);
	else
		err = parse_postfix(p, ret);
	p->depth--;
	return err;
}

/* From the loosest to the tightest. */
static const char *const operators[][3] = {
	{"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"},
};

#define NR_LEVELS (sizeof(operators) / sizeof(operators[0]))

/* A number added to a pointer counts what it points at. */
static bool pointer_step(const struct cvalue *value, uint64_t *ret)
{
	struct ctype_view view;

	if (!value->typed)
		return false;
	ctype_look(&value->type, &view);
	return (view.shape == CTYPE_POINTER || view.shape == CTYPE_ARRAY) &&
	       ctype_size(&view.target, ret);
}

static struct error *combine(const struct parser *p, const char *op, struct cvalue *left,
			     const struct cvalue *right)
{
	uint64_t a, b, step;
	struct error *err;

	if ((err = number_of(p, left, &a)) || (err = number_of(p, right, &b)))
		return err;
	if ((*op == '+' || *op == '-') && pointer_step(left, &step) &&
	    !pointer_step(right, &(uint64_t){0})) {
		b = (*op == '+' ? b : 0 - b) * step;
		*left = (struct cvalue){.type = left->type, .typed = true, .number = a + b};
		return NULL;
	}
	if ((*op == '/' || *op == '%') && !b)
		return error_create(ERROR_USAGE, "'%s': division by zero", p->text);
	switch (*op) {
	case '|': a |= b; break;
	case '^': a ^= b; break;
	case '&': a &= b; break;
	case '<': a = b < 64 ? a << b : 0; break;
	case '>': a = b < 64 ? a >> b : 0; break;
	case '+': a += b; break;
	case '-': a -= b; break;
	case '*': a *= b; break;
	case '/': a /= b; break;
	default: a %= b; break;
	}
	*left = plain(a);
	return NULL;
}

static struct error *parse_binary(struct parser *p, unsigned int level, struct cvalue *ret)
{
	struct error *err;
	const char *op;

	if (level == NR_LEVELS)
		return parse_unary(p, ret);
	err = parse_binary(p, level + 1, ret);
	while (!err) {
		struct cvalue right;

		op = NULL;
		for (size_t i = 0; i < 3 && operators[level][i] && !op; i++)
			if (take(p, operators[level][i]))
				op = operators[level][i];
		if (!op)
			break;
		if (!(err = parse_binary(p, level + 1, &right)))
			err = combine(p, op, ret, &right);
	}
	return err;
}

struct error *expr_evaluate(const struct expr_env *env, const char *text, struct cvalue *ret)
{
	struct parser p = {.env = env, .text = text, .at = text};
	struct cvalue value;
	struct error *err = parse_binary(&p, 0, &value);

	if (err)
		return err;
	skip_blanks(&p);
	if (*p.at)
		return bad(&p);
	*ret = value;
	return NULL;
}

struct error *expr_number(const struct expr_env *env, const char *text, uint64_t *ret)
{
	const struct parser p = {.text = text, .env = env};
	struct cvalue value = {0};
	struct error *err = expr_evaluate(env, text, &value);

	return err ? err : number_of(&p, &value, ret);
}
