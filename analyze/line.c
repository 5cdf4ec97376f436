// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/line.h"

#include <stdlib.h>
#include <string.h>

#include "util/sys.h"

#define BLANKS " \t\r\n"

/* Where a character stands: what matters outside does not inside. */
struct place {
	char quote;
	unsigned int brackets;
};

static bool outside(struct place *place, char c)
{
	bool was = !place->quote && !place->brackets;

	if (place->quote)
		place->quote = c == place->quote ? '\0' : place->quote;
	else if (c == '"' || c == '\'')
		place->quote = c;
	else if (c == '(')
		place->brackets++;
	else if (c == ')' && place->brackets)
		place->brackets--;
	return was;
}

size_t line_length(const char *script)
{
	struct place place = {0};
	size_t len = 0;
	bool comment = false;

	for (; script[len] && script[len] != '\n'; len++) {
		bool out = outside(&place, script[len]);

		comment = comment ||
			  (out && script[len] == '#' && (!len || script[len - 1] == ' '));
		if (out && script[len] == ';' && !comment)
			break;
	}
	return len;
}

static char *skip_blanks(char *p)
{
	return p + strspn(p, BLANKS);
}

/* Takes what follows a | or >, up to the end of the line. */
static struct error *take_target(struct line *line, char *p)
{
	char *end;

	if (*p == '|') {
		line->pipe = skip_blanks(p + 1);
		return NULL;
	}
	line->append = p[1] == '>';
	p = skip_blanks(p + 1 + line->append);
	end = p + strcspn(p, BLANKS);
	if (end == p || *skip_blanks(end))
		return error_create(ERROR_USAGE, "> needs one file");
	*end = '\0';
	line->file = p;
	return NULL;
}

/* Copies a word without its quotes to where it stood; returns where it ended. */
static char *take_word(char *word)
{
	struct place place = {0};
	char *to = word, *p;

	for (p = word; *p; p++) {
		char quote = place.quote;
		bool out = outside(&place, *p);

		// in "a->b" it is no redirection
		if (out &&
		    (strchr(BLANKS, *p) || *p == '|' || (*p == '>' && (p == word || p[-1] != '-'))))
			break;
		if (place.quote == quote)
			*to++ = *p;
	}
	if (to != p)
		*to = '\0';
	return p;
}

static struct error *split(struct line *line)
{
	char *p = skip_blanks(line->text);

	// "*list_head" is the command * with an operand
	if (*p == '*') {
		static char star[] = "*";

		line->words[line->nr++] = star;
		p = skip_blanks(p + 1);
	}
	while (*p && *p != '#') {
		char end;

		if (*p == '|' || *p == '>')
			return take_target(line, p);
		if (line->nr == LINE_MAX_WORDS)
			return error_create(ERROR_USAGE, "%s: more than %d words", line->words[0],
					    LINE_MAX_WORDS);
		line->words[line->nr++] = p;
		p = take_word(p);
		end = *p;
		if (end == '|' || end == '>') {
			memmove(p + 1, p, strlen(p) + 1);
			*p++ = '\0';
		} else if (end) {
			*p++ = '\0';
			p = skip_blanks(p);
		}
	}
	return NULL;
}

struct error *line_parse(const char *text, size_t len, struct line *ret)
{
	_cleanup_line_ struct line line = {0};
	struct place place = {0};
	struct error *err;

	for (size_t i = 0; i < len; i++)
		outside(&place, text[i]);
	if (place.quote)
		return error_create(ERROR_USAGE, "a %c without its end", place.quote);
	// room for one NUL before | or >
	line.text = sys_calloc(1, len + 2);
	if (!line.text)
		return &error_nomem;
	memcpy(line.text, text, len);
	if ((err = split(&line)))
		return err;
	*ret = line;
	line.text = NULL; // it is the caller's now
	return NULL;
}

void line_deinit(struct line *line)
{
	free(line->text);
}
