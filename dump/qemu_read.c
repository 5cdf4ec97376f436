// SPDX-License-Identifier: GPL-2.0-or-later
/* QEMU's migration files: main memory as one image, which is placed by the type of the machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/format.h"
#include "dump/board.h"
#include "dump/qemu_save.h"
#include "util/bits.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

#define ULL(x) ((unsigned long long)(x))

/* One RAM block of a mapped-ram file. */
struct part {
	uint64_t off;   /* in the image */
	uint64_t pages; /* of its bytes in the file */
	uint64_t nr;    /* pages */
	uint64_t *bits; /* those that are in the file; owned */
};

/* The image of a mapped-ram file. What is not in it is zero, whatever stands there. */
struct mapped {
	struct file base;
	struct file *save; /* owned */
	uint64_t page_size;
	size_t nr;
	struct part *parts;
};

static const struct part *find_part(const struct mapped *m, uint64_t off)
{
	size_t i = m->nr - 1;

	while (i && m->parts[i].off > off)
		i--;
	return &m->parts[i];
}

/* The end, up to limit, of the pages from page on that are as this one is: there, or not. */
static uint64_t same_until(const struct part *part, uint64_t page, uint64_t limit)
{
	bool there = bits_test(part->bits, page);
	uint64_t skip = there ? UINT64_MAX : 0;

	limit = min_u64(limit, part->nr);
	while (page < limit && bits_test(part->bits, page) == there) {
		if (page % 64 == 0 && part->bits[page / 64] == skip)
			page += 64;
		else
			page++;
	}
	return min_u64(page, limit);
}

/* The stretch of up to len bytes that begins at off: its end, and where it stands in the file, 0
 * when it is zero. */
static uint64_t find_stretch(const struct mapped *m, uint64_t off, uint64_t len, uint64_t *end)
{
	const struct part *part = find_part(m, off);
	uint64_t inside = off - part->off, page = inside / m->page_size;
	uint64_t limit = div_round_up(inside + min_u64(len, m->base.size), m->page_size);

	*end = part->off + same_until(part, page, limit) * m->page_size;
	return bits_test(part->bits, page) ? part->pages + inside : 0;
}

static ssize_t mapped_pread(const struct file *file, uint64_t off, void *buf, size_t len)
{
	const struct mapped *m = (const struct mapped *)file;
	uint64_t end, at = find_stretch(m, off, len, &end);

	len = min_u64(len, end - off);
	if (at)
		return file_pread(m->save, at, buf, len);
	memset(buf, 0, len);
	return (ssize_t)len;
}

static const struct file *mapped_locate(const struct file *file, uint64_t *off)
{
	const struct mapped *m = (const struct mapped *)file;
	uint64_t end, at = find_stretch(m, *off, 1, &end);

	*off = at ? at : *off;
	return m->save;
}

static bool mapped_next_data(const struct file *file, uint64_t off, uint64_t *start, uint64_t *end)
{
	const struct mapped *m = (const struct mapped *)file;

	for (*start = off; *start < file->size; *start = *end) {
		if (find_stretch(m, *start, UINT64_MAX, end))
			return true;
	}
	return false;
}

static void mapped_close(struct file *file)
{
	struct mapped *m = (struct mapped *)file;

	for (size_t i = 0; m->parts && i < m->nr; i++)
		free(m->parts[i].bits);
	free(m->parts);
	if (m->save)
		file_close(m->save);
}

static const struct file_ops mapped_ops = {
	.pread = mapped_pread,
	.locate = mapped_locate,
	.next_data = mapped_next_data,
	.close = mapped_close,
};

/* The bitmap is an array of longs of the host that QEMU ran on: little-endian ones, we take it. */
static struct error *read_bitmap(const struct file *file, const struct qemu_block *block,
				 struct part *part)
{
	size_t len = bits_words(part->nr) * 8;
	struct error *err;

	if (block->off_bitmap > file->size || len > file->size - block->off_bitmap)
		return error_create(ERROR_FORMAT,
				    "%s: file ends at %#llx, in or before the bitmap "
				    "at %#llx",
				    file->path, ULL(file->size), ULL(block->off_bitmap));
	part->bits = sys_malloc(len);
	if (!part->bits)
		return &error_nomem;
	if ((err = file_read_full(file, block->off_bitmap, part->bits, len)))
		return err;
	for (size_t i = 0; i < len / 8; i++)
		part->bits[i] = load_u64(&part->bits[i], false);
	return NULL;
}

static int compare_off(const void *a, const void *b)
{
	const struct part *left = a, *right = b;

	return (left->off > right->off) - (left->off < right->off);
}

static struct error *map_blocks(struct mapped *m, const struct file *file,
				const struct qemu_save *save)
{
	struct error *err = NULL;

	m->parts = sys_calloc(save->nr_main, sizeof(*m->parts));
	if (!m->parts)
		return &error_nomem;
	for (size_t i = 0; !err && i < save->nr_blocks; i++) {
		const struct qemu_block *block = &save->blocks[i];
		struct part *part = &m->parts[m->nr];

		if (block->image_off == UINT64_MAX)
			continue;
		part->off = block->image_off;
		part->pages = block->off_pages;
		part->nr = block->len / save->page_size;
		m->nr++;
		err = read_bitmap(file, block, part);
	}
	qsort(m->parts, m->nr, sizeof(*m->parts), compare_off);
	return err;
}

/* Takes the file when it succeeds. */
static struct error *map_image(struct file *file, const struct qemu_save *save, struct file **ret)
{
	_cleanup_file_ struct file *image = NULL;
	struct mapped *m = sys_calloc(1, sizeof(*m));
	struct error *err;

	if (!m)
		return &error_nomem;
	image = &m->base;
	*image = (struct file){.fd = file->fd, .regular = true, .ops = &mapped_ops};
	image->size = save->image_len;
	image->path = strdup(file->path);
	m->page_size = save->page_size;
	if (!image->path)
		return &error_nomem;
	if ((err = map_blocks(m, file, save)))
		return err;
	m->save = file;
	*ret = TAKE_PTR(image);
	return NULL;
}

/* Raw memory, but for its name. */
static struct error *open_image(struct file *image, const struct qemu_save *save,
				const struct dump_open_options *options, struct dump_reader **ret)
{
	struct board_layout layout;
	struct error *err;

	if (options->machine) {
		err = board_parse(options->machine, save->image_len, &layout);
		return err ? err : raw_open_image(image, &layout, ret);
	}
	if (!board_guess(save->board, save->blocks[save->main].name, save->image_len, &layout))
		return error_create(ERROR_UNSUPPORTED,
				    "%s: QEMU machine '%.64s': where its memory stands is not "
				    "known, --machine can say it",
				    image->path, save->board);
	return raw_open_image(image, &layout, ret);
}

struct error *qemu_open(struct file *file, uint64_t off, const struct unpack_method *method,
			const struct dump_open_options *options, struct dump_reader **ret)
{
	_cleanup_(qemu_save_deinit) struct qemu_save save = {0};
	_cleanup_file_ struct file *image = NULL;
	struct dump_reader *reader;
	char why[160];
	struct error *err = qemu_save_read(&save, file, off, method, options, &image, why);

	if (!err && !save.nr_main)
		err = error_create(ERROR_FORMAT, "%s: QEMU stream without RAM", file->path);
	if (!err && save.mapped)
		err = map_image(file, &save, &image);
	if (err)
		return err;
	if ((err = open_image(image, &save, options, &reader))) {
		if (save.mapped)
			((struct mapped *)image)->save = NULL; // the caller's
		return err;
	}
	TAKE_PTR(image);
	if (!save.mapped)
		file_close(file);
	snprintf(reader->variant, sizeof(reader->variant), "%s%.24s, %zu of %zu RAM blocks",
		 save.mapped ? "mapped-ram, " : "", save.board, save.nr_main, save.nr_blocks);
	reader->format = &qevm_format;
	if (why[0]) {
		reader->facts.truncated = true;
		dump_warn(reader, "%s", why);
	}
	*ret = reader;
	return NULL;
}

static struct error *open_stream(struct file *file, const struct dump_open_options *options,
				 struct dump_reader **ret)
{
	return qemu_open(file, 0, NULL, options, ret);
}

static bool probe(const struct bytes *head)
{
	return head->len >= 4 && !memcmp(head->data, "QEVM", 4);
}

const struct dump_format qevm_format = {
	.name = "qevm",
	.description = "QEMU migration file, mapped-ram or not",
	.plain = true,
	.probe = probe,
	.open = open_stream,
};
