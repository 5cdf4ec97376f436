// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/values.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "kernel/cdecl.h"
#include "kernel/kernel.h"
#include "util/json.h"
#include "util/sys.h"
#include "util/utf8.h"

/* "name.path,path": cuts the members off. */
static struct error *find_members(struct selection *s, char *list)
{
	char *name, *save;

	for (name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		struct btf_type in = s->plain;
		uint64_t bit = 0;

		if (s->nr == VALUES_MAX_MEMBERS)
			return error_create(ERROR_USAGE, "more than %d members",
					    VALUES_MAX_MEMBERS);
		for (const char *at = name;;) {
			struct btf_member *member = &s->members[s->nr];
			char part[256];
			size_t len = strcspn(at, ".");

			snprintf(part, sizeof(part), "%.*s", (int)len, at);
			if (!btf_find_in(&in, part, member))
				return error_create(ERROR_USAGE, "there is no %s in %s", part,
						    *in.name ? in.name : "that struct");
			member->bit += bit;
			member->offset = member->bit / 8;
			bit = member->bit;
			if (!at[len])
				break;
			at += len + 1;
			if (!btf_resolve(s->type.btf, member->type, &in))
				return error_create(ERROR_USAGE, "%s is no struct", part);
		}
		s->names[s->nr++] = name;
	}
	return NULL;
}

struct error *selection_parse(struct analysis *analysis, const char *tag, const char *text,
			      struct selection *ret)
{
	_cleanup_selection_ struct selection s = {0};
	size_t len = (tag ? strlen(tag) : 0) + strlen(text) + 2;
	struct ctype_view view;
	struct types *types;
	struct error *err;
	char *dot;

	s.text = sys_malloc(len);
	if (!s.text)
		return &error_nomem;
	snprintf(s.text, len, "%s%s%s", tag ? tag : "", tag ? " " : "", text);
	if ((dot = strchr(s.text, '.')))
		*dot++ = '\0';
	if ((err = analysis_types(analysis, &types)) || (err = types_parse(types, s.text, &s.type)))
		return err;
	ctype_look(&s.type, &view);
	if (view.shape != CTYPE_STRUCT && (dot || tag))
		return error_create(ERROR_USAGE, "%s is no struct or union", s.text);
	s.plain = view.type;
	if (!ctype_size(&s.type, &s.size))
		s.size = 0;
	if (dot && (err = find_members(&s, dot)))
		return err;
	*ret = s;
	s.text = NULL; // it is the caller's now
	return NULL;
}

void selection_deinit(struct selection *selection)
{
	free(selection->text);
}

static struct cvalue get_member(const struct selection *s, size_t i, const struct cvalue *object)
{
	return cvalue_member(object, s->type.btf, &s->members[i]);
}

static void print_members(struct kernel *kernel, const struct selection *s,
			  const struct cvalue *object, const struct cvalue_format *format)
{
	for (size_t i = 0; i < s->nr; i++) {
		struct cvalue value = get_member(s, i, object);

		if (!format->json)
			fprintf(format->out, "  %s = ", s->names[i]);
		cvalue_print(kernel, &value, format, 1, s->names[i]);
		if (!format->json)
			fputs(",\n", format->out);
	}
}

struct error *selection_print(struct analysis *analysis, const struct selection *s, uint64_t addr,
			      const struct cvalue_format *format)
{
	const struct cvalue object = {.type = s->type, .typed = true, .stored = true, .addr = addr};
	char name[CDECL_LEN];
	uint8_t byte;

	// a struct that begins in a hole may still have members behind it
	if (!kernel_read(analysis->kernel, addr, &byte, 1) &&
	    !kernel_read(analysis->kernel, addr + s->size - 1, &byte, 1))
		return error_create(ERROR_FORMAT, "unreadable at %llx", (unsigned long long)addr);
	if (format->json) {
		json_begin_object(format->json, NULL);
		json_hex(format->json, "address", addr);
		if (s->nr)
			print_members(analysis->kernel, s, &object, format);
		else
			cvalue_print(analysis->kernel, &object, format, 0, "value");
		json_end_object(format->json);
	} else if (s->nr) {
		print_members(analysis->kernel, s, &object, format);
	} else {
		cdecl_text(&s->type, "", name);
		fprintf(format->out, "%s ", name);
		cvalue_print(analysis->kernel, &object, format, 0, NULL);
		putc('\n', format->out);
	}
	return NULL;
}

struct error *parse_offset(struct analysis *analysis, const char *text, uint64_t *ret)
{
	_cleanup_selection_ struct selection s = {0};
	struct error *err;

	if (isdigit((unsigned char)*text))
		return parse_count("offset", text, ret);
	if ((err = selection_parse(analysis, NULL, text, &s)))
		return err;
	if (s.nr != 1)
		return error_create(ERROR_USAGE, "'%s' is no STRUCT.MEMBER", text);
	*ret = s.members[0].offset;
	return NULL;
}
