// SPDX-License-Identifier: GPL-2.0-or-later
/* What the user named, made into one dump: see dump_open_inputs(). */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dump/format.h"
#include "dump/board.h"
#include "util/checked.h"
#include "util/cli.h"
#include "util/file.h"
#include "util/join.h"
#include "util/spool.h"
#include "util/sys.h"

#define MAX_INPUTS 4096

const char *dump_spool_folder(const struct dump_open_options *options)
{
	return options->spool ? options->spool : "/var/tmp";
}

static struct error *open_named(const char *path, const struct dump_open_options *options,
				struct file **ret)
{
	if (!strcmp(path, "-"))
		return spool_stdin(dump_spool_folder(options), options->stop, ret);
	return file_open(path, ret);
}

/* FILE@ADDRESS[,LENGTH]. Nothing that exists under its whole name is one. */
static const char *find_address(const char *path)
{
	const char *at = strrchr(path, '@');

	return at && at[1] >= '0' && at[1] <= '9' && access(path, F_OK) != 0 ? at : NULL;
}

/* A piece of raw memory as it was named. */
struct piece {
	char *path;   /* owned */
	uint64_t len; /* UINT64_MAX: what is left of the file */
	uint64_t paddr;
};

/* A file that pieces are taken of. */
struct image {
	const char *path; /* that of its first piece */
	struct file *file;
	uint64_t base; /* in the file of all images */
	uint64_t used; /* by pieces so far */
};

struct raw {
	size_t nr, nr_images;
	struct piece *pieces;
	struct image *images;
	struct file **files;
	struct raw_part *parts;
};

static void raw_deinit(struct raw *raw)
{
	for (size_t i = 0; raw->pieces && i < raw->nr; i++)
		free(raw->pieces[i].path);
	for (size_t i = 0; raw->files && i < raw->nr_images; i++) {
		if (raw->files[i])
			file_close(raw->files[i]);
	}
	free(raw->pieces);
	free(raw->images);
	free(raw->files);
	free(raw->parts);
}

static struct error *parse_piece(const char *text, struct piece *ret)
{
	const char *at = find_address(text);
	_cleanup_free_ char *numbers = at ? strdup(at + 1) : NULL;
	char *comma = numbers ? strchr(numbers, ',') : NULL;
	struct error *err;

	*ret = (struct piece){.len = UINT64_MAX};
	ret->path = at ? strndup(text, (size_t)(at - text)) : strdup(text);
	if (!ret->path || (at && !numbers))
		return &error_nomem;
	if (!at)
		return NULL;
	if (comma)
		*comma++ = '\0';
	if ((err = cli_parse_size(numbers, &ret->paddr)) ||
	    (comma && (err = cli_parse_size(comma, &ret->len))))
		return error_prefix(err, "%s", text);
	return NULL;
}

static struct error *find_image(struct raw *raw, const char *path,
				const struct dump_open_options *options, struct image **ret)
{
	struct image *image;
	struct error *err;

	for (size_t i = 0; i < raw->nr_images; i++) {
		if (!strcmp(raw->images[i].path, path)) {
			*ret = &raw->images[i];
			return NULL;
		}
	}
	image = &raw->images[raw->nr_images];
	if ((err = open_named(path, options, &raw->files[raw->nr_images])))
		return err;
	image->path = path;
	image->file = raw->files[raw->nr_images];
	if (raw->nr_images)
		image->base = image[-1].base + image[-1].file->size;
	raw->nr_images++;
	*ret = image;
	return NULL;
}

static struct error *place_piece(struct raw *raw, size_t i, const struct dump_open_options *options)
{
	const struct piece *piece = &raw->pieces[i];
	struct image *image;
	struct error *err = find_image(raw, piece->path, options, &image);
	uint64_t left;

	if (err)
		return err;
	left = image->file->size - image->used;
	if (piece->len != UINT64_MAX && piece->len > left)
		return error_create(ERROR_USAGE,
				    "%s: has %#llx bytes from offset %#llx on, not the %#llx that "
				    "should stand at %#llx",
				    piece->path, (unsigned long long)left,
				    (unsigned long long)image->used, (unsigned long long)piece->len,
				    (unsigned long long)piece->paddr);
	raw->parts[i] = (struct raw_part){.off = image->base + image->used,
					  .len = min_u64(piece->len, left),
					  .paddr = piece->paddr};
	image->used += raw->parts[i].len;
	return NULL;
}

static struct error *read_pieces(struct raw *raw, const char *const *paths,
				 const struct dump_open_options *options)
{
	struct error *err = NULL;

	raw->pieces = sys_calloc(raw->nr, sizeof(*raw->pieces));
	raw->images = sys_calloc(raw->nr, sizeof(*raw->images));
	raw->files = sys_calloc(raw->nr, sizeof(struct file *));
	raw->parts = sys_calloc(raw->nr, sizeof(*raw->parts));
	if (!raw->pieces || !raw->images || !raw->files || !raw->parts)
		return &error_nomem;
	for (size_t i = 0; !err && i < raw->nr; i++)
		err = parse_piece(paths[i], &raw->pieces[i]);
	for (size_t i = 0; !err && i < raw->nr; i++)
		err = place_piece(raw, i, options);
	return err;
}

/* One file of all images; *ret is the caller's from here on. */
static struct error *join_images(struct raw *raw, struct file **ret)
{
	struct error *err;

	if (raw->nr_images == 1) {
		*ret = TAKE_PTR(raw->files[0]);
		return NULL;
	}
	if ((err = join_create(raw->files, raw->nr_images, ret)))
		return err;
	memset(raw->files, 0, raw->nr_images * sizeof(struct file *));
	return NULL;
}

/* Raw memory: each piece at its address, or all files as one image of a machine. */
static struct error *open_raw(const char *const *paths, size_t nr, bool placed,
			      const struct dump_open_options *options, struct dump_reader **ret)
{
	_cleanup_(raw_deinit) struct raw raw = {.nr = nr};
	_cleanup_file_ struct file *file = NULL;
	struct board_layout machine = {0};
	struct error *err;

	if ((err = read_pieces(&raw, paths, options)) || (err = join_images(&raw, &file)))
		return err;
	if (!placed)
		err = raw_format.open(file, options, ret);
	else if (!options->machine || !(err = board_parse(options->machine, 0, &machine)))
		err = raw_open_parts(file, raw.parts, nr, machine.board, ret);
	if (err)
		return err;
	TAKE_PTR(file);
	return NULL;
}

bool dump_input_is(const char *path, const struct stat *st)
{
	const char *at = find_address(path);
	_cleanup_free_ char *name = at ? strndup(path, (size_t)(at - path)) : strdup(path);
	struct stat own;

	return name && !stat(name, &own) && own.st_dev == st->st_dev && own.st_ino == st->st_ino;
}

struct members {
	struct dump_reader **list;
	size_t nr;
};

static void members_deinit(struct members *members)
{
	for (size_t i = 0; i < members->nr; i++)
		dump_close(members->list[i]);
	free(members->list);
}

static struct error *open_one(const char *path, const struct dump_open_options *options,
			      struct dump_reader **ret)
{
	_cleanup_file_ struct file *file = NULL;
	struct error *err = open_named(path, options, &file);

	if (!err)
		err = dump_open_file(file, options, ret);
	if (err)
		return err;
	TAKE_PTR(file);
	return NULL;
}

static struct error *open_split(const char *const *paths, size_t nr,
				const struct dump_open_options *options, struct dump_reader **ret)
{
	_cleanup_(members_deinit) struct members members = {0};
	struct error *err = NULL;

	members.list = sys_calloc(nr, sizeof(struct dump_reader *));
	if (!members.list)
		return &error_nomem;
	while (!err && members.nr < nr) {
		err = open_one(paths[members.nr], options, &members.list[members.nr]);
		members.nr += !err;
	}
	if (err || (err = split_join(members.list, nr, ret)))
		return err;
	members.nr = 0;
	return NULL;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Files that say by themselves what they are need no --machine to be raw memory. */
static struct error *is_raw(const char *path, const struct dump_open_options *options, bool *ret)
{
	_cleanup_file_ struct file *file = NULL;
	uint8_t buf[DUMP_PROBE_LEN];
	struct error *err;
	struct bytes head;
	size_t len;

	*ret = false;
	if (!options->machine || !strcmp(path, "-"))
		return NULL;
	if ((err = file_open(path, &file)) || (err = file_read(file, 0, buf, sizeof(buf), &len)))
		return err;
	head = bytes_make(buf, len, false, 8);
	*ret = !dump_find_format(&head);
	return NULL;
}

static struct error *open_any(const char *const *paths, size_t nr,
			      const struct dump_open_options *options, struct dump_reader **ret)
{
	struct error *err;
	size_t placed = 0;
	bool raw;

	for (size_t i = 0; i < nr; i++)
		placed += find_address(paths[i]) != NULL;
	if (placed == nr)
		return open_raw(paths, nr, true, options, ret);
	if (placed)
		return error_create(ERROR_USAGE, "all files of raw memory need an @ADDRESS");
	if (nr == 1 && is_folder(paths[0]))
		return ramdump_open(paths[0], options, ret);
	if ((err = is_raw(paths[0], options, &raw)))
		return err;
	if (raw)
		return open_raw(paths, nr, false, options, ret);
	return nr == 1 ? open_one(paths[0], options, ret) : open_split(paths, nr, options, ret);
}

struct error *dump_open_inputs(const char *const *paths, size_t nr,
			       const struct dump_open_options *options, struct dump_reader **ret)
{
	static const struct dump_open_options none = {0};
	_cleanup_reader_ struct dump_reader *reader = NULL;
	struct error *err;

	if (!nr || nr > MAX_INPUTS)
		return error_create(ERROR_USAGE, "%zu inputs, want 1 to %d", nr, MAX_INPUTS);
	if ((err = open_any(paths, nr, options ? options : &none, &reader)) ||
	    (err = dump_complete(&reader->facts)))
		return err;
	*ret = TAKE_PTR(reader);
	return NULL;
}
