// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/utf8.h"

#include <stdint.h>

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

void utf8_print_safe(FILE *out, const char *text, size_t len, bool newlines)
{
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		unsigned char c = (unsigned char)text[i];
		bool c1;

		n = utf8_length(text + i, len - i);
		c1 = n == 2 && c == 0xc2 && (unsigned char)text[i + 1] < 0xa0;
		if (n && !c1 &&
		    ((c >= 0x20 && c != 0x7f) || c == '\t' || (c == '\n' && newlines))) {
			fwrite(text + i, 1, n, out);
			continue;
		}
		n = n ? n : 1;
		for (size_t j = 0; j < n; j++)
			fprintf(out, "\\x%02x", (uint8_t)text[i + j]);
	}
}
