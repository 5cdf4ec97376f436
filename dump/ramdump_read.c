// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A folder of ramdumps as phones leave them: DDRCS0_0.BIN and the like, and dump_info.txt, which
 * has a line for each file: something, its address (0x...), its length, a description, its name.
 * Files of other names are memories of other processors and registers.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dump/format.h"
#include "dump/linear.h"
#include "dump/board.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/join.h"
#include "util/sys.h"

#define INDEX_NAME "dump_info.txt"
#define MAX_INDEX  (1U << 20)
#define MAX_FILES  256
#define MAX_WORDS  32

struct ramdump {
	char *folder; /* with the slash */
	struct dump_segment segments[MAX_FILES];
	struct file *files[MAX_FILES]; /* NULL: missing */
	size_t nr;
};

static void ramdump_deinit(struct ramdump *ramdump)
{
	for (size_t i = 0; i < ramdump->nr; i++) {
		if (ramdump->files[i])
			file_close(ramdump->files[i]);
	}
	free(ramdump->folder);
}

static bool is_ram(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcasecmp(dot, ".bin") && !strchr(name, '/') &&
	       (!strncasecmp(name, "DDR", 3) || !strncasecmp(name, "EBI", 3));
}

static size_t split_words(char *line, char *words[static MAX_WORDS])
{
	size_t nr = 0;
	char *word;

	while (nr < MAX_WORDS && (word = strsep(&line, " \t\r"))) {
		if (*word)
			words[nr++] = word;
	}
	return nr;
}

static bool parse_u64(const char *word, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(word, &end, 0);
	return isdigit((unsigned char)*word) && !errno && !*end;
}

/* Address and length are the first word in hexadecimal and the number behind it. */
static bool parse_place(char *const *words, size_t nr, struct dump_segment *ret)
{
	for (size_t i = 0; i + 1 < nr; i++) {
		if (!strncasecmp(words[i], "0x", 2))
			return parse_u64(words[i], &ret->paddr) &&
			       parse_u64(words[i + 1], &ret->memsz);
	}
	return false;
}

static struct error *add_file(struct ramdump *ramdump, const struct dump_segment *segment,
			      const char *name)
{
	_cleanup_free_ char *path = NULL;
	struct file *file = NULL;
	struct error *err;

	if (ramdump->nr == MAX_FILES)
		return error_create(ERROR_UNSUPPORTED, "%s" INDEX_NAME ": more than %d files",
				    ramdump->folder, MAX_FILES);
	if (asprintf(&path, "%s%s", ramdump->folder, name) < 0) {
		path = NULL;
		return &error_nomem;
	}
	if ((err = file_open(path, &file)) && err->errnum != ENOENT)
		return err;
	error_destroy(err);
	ramdump->segments[ramdump->nr] = *segment;
	ramdump->files[ramdump->nr++] = file;
	return NULL;
}

static struct error *parse_index(struct ramdump *ramdump, char *text)
{
	struct error *err = NULL;
	char *line;

	for (size_t nr = 1; !err && (line = strsep(&text, "\n")); nr++) {
		struct dump_segment segment = {0};
		char *words[MAX_WORDS];
		size_t nr_words = split_words(line, words);

		if (!nr_words || !is_ram(words[nr_words - 1]))
			continue;
		if (!parse_place(words, nr_words, &segment))
			return error_create(ERROR_FORMAT,
					    "%s" INDEX_NAME
					    ": line %zu: no address (0x...) and length of %s",
					    ramdump->folder, nr, words[nr_words - 1]);
		err = add_file(ramdump, &segment, words[nr_words - 1]);
	}
	return err;
}

static struct error *read_index(const struct file *file, struct ramdump *ramdump)
{
	const char *slash = strrchr(file->path, '/');
	_cleanup_free_ char *text = sys_calloc(1, MAX_INDEX + 1);
	struct error *err;
	size_t len;

	ramdump->folder = slash ? strndup(file->path, (size_t)(slash + 1 - file->path))
				: strdup("");
	if (!text || !ramdump->folder)
		return &error_nomem;
	if ((err = file_read(file, 0, text, MAX_INDEX, &len)))
		return err;
	return parse_index(ramdump, text);
}

/* What files are there become one; offsets in the segments follow. */
static struct error *join_files(struct ramdump *ramdump, struct file **ret)
{
	struct file *there[MAX_FILES];
	uint64_t off = 0;
	size_t nr = 0;
	struct error *err;

	for (size_t i = 0; i < ramdump->nr; i++) {
		struct dump_segment *segment = &ramdump->segments[i];
		struct file *file = ramdump->files[i];

		if (!file)
			continue;
		segment->off = off;
		segment->filesz = min_u64(segment->memsz, file->size);
		off += file->size;
		there[nr++] = file;
	}
	if (!nr)
		return error_create(ERROR_FORMAT,
				    "%s" INDEX_NAME ": names no file of RAM (DDR*, "
				    "EBI*) that is there",
				    ramdump->folder);
	if ((err = join_create(there, nr, ret)))
		return err;
	memset(ramdump->files, 0, sizeof(ramdump->files));
	return NULL;
}

static struct error *load(struct linear_reader *r, const struct ramdump *ramdump,
			  const struct dump_open_options *options)
{
	struct board_layout machine = {0};
	struct error *err = NULL;

	if (options->machine && (err = board_parse(options->machine, 0, &machine)))
		return err;
	for (size_t i = 0; !err && i < ramdump->nr; i++) {
		const struct dump_segment *segment = &ramdump->segments[i];

		if (segment->filesz < segment->memsz) {
			r->base.facts.truncated = true;
			dump_warn(&r->base, "memory from %#llx to %#llx is not in the folder",
				  (unsigned long long)(segment->paddr + segment->filesz),
				  (unsigned long long)(segment->paddr + segment->memsz));
		}
		err = linear_add(r, segment);
	}
	if (err)
		return err;
	dump_set_machine(&r->base.facts, machine.board);
	snprintf(r->base.variant, sizeof(r->base.variant), "%zu files", ramdump->nr);
	r->base.format = &ramdump_format;
	return linear_finish(r);
}

static struct error *open_index(struct file *index, const struct dump_open_options *options,
				struct dump_reader **ret)
{
	_cleanup_(ramdump_deinit) struct ramdump ramdump = {0};
	_cleanup_file_ struct file *joined = NULL;
	struct linear_reader *r;
	struct error *err;

	if ((err = read_index(index, &ramdump)) || (err = join_files(&ramdump, &joined)) ||
	    (err = linear_create(joined, &r)))
		return err;
	if ((err = load(r, &ramdump, options))) {
		linear_abandon(r);
		return err;
	}
	TAKE_PTR(joined);
	file_close(index);
	*ret = &r->base;
	return NULL;
}

struct error *ramdump_open(const char *folder, const struct dump_open_options *options,
			   struct dump_reader **ret)
{
	_cleanup_file_ struct file *index = NULL;
	_cleanup_free_ char *path = NULL;
	struct error *err;

	if (asprintf(&path, "%s/" INDEX_NAME, folder) < 0) {
		path = NULL;
		return &error_nomem;
	}
	if ((err = file_open(path, &index))) {
		bool missing = err->errnum == ENOENT;

		if (!missing)
			return err;
		error_destroy(err);
		return error_create(ERROR_FORMAT,
				    "%s: a folder without " INDEX_NAME ", so none of ramdumps",
				    folder);
	}
	if ((err = open_index(index, options, ret)))
		return err;
	TAKE_PTR(index);
	return NULL;
}

static bool ramdump_probe(const struct bytes *head)
{
	(void)head;
	return false;
}

const struct dump_format ramdump_format = {
	.name = "ramdump",
	.description = "folder of phone ramdumps with " INDEX_NAME,
	.plain = true,
	.probe = ramdump_probe,
	.open = open_index,
};
