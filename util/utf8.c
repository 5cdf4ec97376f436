// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/utf8.h"

#include <stdint.h>
#include <string.h>

size_t utf8_length(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n;

	if (!len)
		return 0;
	if (s[0] < 0x80)
		return 1;
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || len < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	// overlong forms, surrogates, and above U+10FFFF
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* Bytes of the character at text; *safe says whether a terminal may have them. */
static size_t next(const char *text, size_t len, bool newlines, bool *safe)
{
	unsigned char c = (unsigned char)*text;
	size_t n = utf8_length(text, len);
	bool c1 = n == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0;

	*safe = n && !c1 && ((c >= 0x20 && c != 0x7f) || c == '\t' || (c == '\n' && newlines));
	return n ? n : 1;
}

void utf8_print_safe(FILE *out, const char *text, size_t len, bool newlines)
{
	bool safe;

	for (size_t i = 0, n; i < len; i += n) {
		n = next(text + i, len - i, newlines, &safe);
		if (safe) {
			fwrite(text + i, 1, n, out);
			continue;
		}
		for (size_t j = 0; j < n; j++)
			fprintf(out, "\\x%02x", (uint8_t)text[i + j]);
	}
}

size_t utf8_safe_length(const char *text, size_t len)
{
	size_t length = 0;
	bool safe;

	for (size_t i = 0, n; i < len; i += n) {
		n = next(text + i, len - i, false, &safe);
		length += safe ? 1 : 4 * n;
	}
	return length;
}

void utf8_put_safe(FILE *out, const char *text)
{
	utf8_print_safe(out, text, strlen(text), false);
}
