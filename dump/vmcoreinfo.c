// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/vmcoreinfo.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/notes.h"
#include "util/sys.h"

struct entry {
	const char *key, *value; /* into text, NUL-terminated */
};

struct vmcoreinfo {
	char *text;
	size_t nr;
	struct entry entries[]; /* sorted by key, equal ones as they stand in the text */
};

static int compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	int order = compare_keys(a, b);

	return order ? order : (left->key > right->key) - (left->key < right->key);
}

/* A NUL ends a line too: the note may be padded, or damaged in the middle. */
static size_t count_lines(const char *text, size_t len)
{
	size_t nr = 1;

	for (size_t i = 0; i < len; i++)
		nr += text[i] == '\n' || !text[i];
	return nr;
}

static void parse(struct vmcoreinfo *info, size_t len)
{
	char *line = info->text, *end = info->text + len;

	for (char *next; line < end; line = next) {
		char *equals;

		next = line + strcspn(line, "\n");
		*next++ = '\0';
		equals = strchr(line, '=');
		if (!equals || equals == line)
			continue;
		*equals = '\0';
		info->entries[info->nr++] = (struct entry){.key = line, .value = equals + 1};
	}
	qsort(info->entries, info->nr, sizeof(info->entries[0]), compare_entries);
}

struct error *vmcoreinfo_create(const char *text, size_t len, struct vmcoreinfo **ret)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;

	if (len > VMCOREINFO_MAX_LEN)
		len = VMCOREINFO_MAX_LEN;
	info = sys_calloc(1, sizeof(*info) + count_lines(text, len) * sizeof(info->entries[0]));
	if (!info)
		return &error_nomem;
	info->text = sys_malloc(len + 1);
	if (!info->text)
		return &error_nomem;
	if (len)
		memcpy(info->text, text, len);
	info->text[len] = '\0';
	parse(info, len);
	*ret = TAKE_PTR(info);
	return NULL;
}

void vmcoreinfo_destroy(struct vmcoreinfo *info)
{
	if (!info)
		return;
	free(info->text);
	free(info);
}

const char *vmcoreinfo_text(const struct vmcoreinfo *info, const char *key)
{
	const struct entry want = {.key = key};
	const struct entry *e = bsearch(&want, info->entries, info->nr, sizeof(want), compare_keys);

	if (!e)
		return NULL;
	while (e > info->entries && !compare_keys(e - 1, e))
		e--;
	return e->value;
}

/* The whole text has to be one number: strtoull() alone takes blanks, signs and what follows. */
static bool parse_number(const char *text, int base, uint64_t *ret)
{
	bool negative = base == 0 && *text == '-';
	unsigned long long n;
	char *end;

	if (!isxdigit((unsigned char)text[negative]))
		return false;
	errno = 0;
	if (base == 0)
		base = strncmp(text, "0x", 2) ? 10 : 16;
	n = strtoull(text, &end, base);
	if (errno || *end)
		return false;
	*ret = n;
	return true;
}

static bool member(const struct vmcoreinfo *info, const char *family, const char *name, int base,
		   uint64_t *ret)
{
	char key[256];
	const char *text;

	if (snprintf(key, sizeof(key), "%s(%s)", family, name) >= (int)sizeof(key))
		return false;
	text = vmcoreinfo_text(info, key);
	return text && parse_number(text, base, ret);
}

bool vmcoreinfo_symbol(const struct vmcoreinfo *info, const char *name, uint64_t *ret)
{
	return member(info, "SYMBOL", name, 16, ret);
}

bool vmcoreinfo_size(const struct vmcoreinfo *info, const char *name, uint64_t *ret)
{
	return member(info, "SIZE", name, 10, ret);
}

bool vmcoreinfo_offset(const struct vmcoreinfo *info, const char *name, uint64_t *ret)
{
	return member(info, "OFFSET", name, 10, ret);
}

bool vmcoreinfo_length(const struct vmcoreinfo *info, const char *name, uint64_t *ret)
{
	return member(info, "LENGTH", name, 10, ret);
}

bool vmcoreinfo_number(const struct vmcoreinfo *info, const char *name, int64_t *ret)
{
	uint64_t n;

	if (!member(info, "NUMBER", name, 0, &n))
		return false;
	*ret = (int64_t)n;
	return true;
}

bool vmcoreinfo_hex(const struct vmcoreinfo *info, const char *key, uint64_t *ret)
{
	const char *text = vmcoreinfo_text(info, key);

	return text && parse_number(text, 16, ret);
}

bool vmcoreinfo_dec(const struct vmcoreinfo *info, const char *key, uint64_t *ret)
{
	const char *text = vmcoreinfo_text(info, key);

	return text && parse_number(text, 10, ret);
}
