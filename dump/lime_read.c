// SPDX-License-Identifier: GPL-2.0-or-later
/* LiME images: stretches of memory, each behind a header that says where it stands. */
#include <stdio.h>

#include "dump/format.h"
#include "dump/lime.h"
#include "dump/linear.h"
#include "dump/board.h"
#include "util/checked.h"
#include "util/file.h"

#define ULL(x) ((unsigned long long)(x))

/* The stretch whose header stands at off. Its end is the last byte, not the one behind it. */
static struct error *parse(const struct file *file, const uint8_t header[static LIME_HEADER_LEN],
			   uint64_t off, struct dump_segment *ret)
{
	struct bytes b = bytes_make(header, LIME_HEADER_LEN, false, 8);
	uint32_t magic = bytes_u32(&b), version = bytes_u32(&b);
	uint64_t start = bytes_u64(&b), last = bytes_u64(&b);

	if (magic != LIME_MAGIC || version != LIME_VERSION)
		return error_create(ERROR_FORMAT,
				    "%s: LiME header at offset %#llx: magic %#x, version %u, want "
				    "%#x and %u",
				    file->path, ULL(off), magic, version, LIME_MAGIC, LIME_VERSION);
	if (last < start || last >= LINEAR_MAX_PADDR)
		return error_create(ERROR_FORMAT,
				    "%s: LiME header at offset %#llx: memory from %#llx to %#llx",
				    file->path, ULL(off), ULL(start), ULL(last));
	*ret = (struct dump_segment){.paddr = start, .off = off + LIME_HEADER_LEN};
	ret->memsz = ret->filesz = last - start + 1;
	return NULL;
}

static struct error *read_segments(struct linear_reader *r, bool salvage)
{
	const struct file *file = r->base.file;
	uint8_t header[LIME_HEADER_LEN];
	struct dump_segment segment;
	struct error *err = NULL;
	size_t got;

	for (uint64_t off = 0; !err && off < file->size; off = segment.off + segment.filesz) {
		if (r->nr_segments == LINEAR_MAX_SEGMENTS)
			return error_create(ERROR_UNSUPPORTED, "%s: more than %u LiME headers",
					    file->path, LINEAR_MAX_SEGMENTS);
		if ((err = file_read(file, off, header, sizeof(header), &got)))
			return err;
		if (got < sizeof(header))
			err = error_create(ERROR_FORMAT,
					   "%s: file ends at offset %#llx, in a LiME header",
					   file->path, ULL(file->size));
		if (!err)
			err = parse(file, header, off, &segment);
		if (!err)
			err = linear_add(r, &segment);
		if (err && salvage && r->nr_segments) {
			r->base.facts.truncated = true;
			dump_warn(&r->base, "damaged at offset %#llx, the rest is lost", ULL(off));
			error_destroy(err);
			return NULL;
		}
	}
	return err;
}

static struct error *load(struct linear_reader *r, const struct dump_open_options *options)
{
	struct board_layout layout = {0};
	struct error *err = read_segments(r, options->salvage);

	if (!err && options->machine)
		err = board_parse(options->machine, 0, &layout);
	if (err || (err = linear_finish(r)))
		return err;
	dump_set_machine(&r->base.facts, layout.board);
	snprintf(r->base.variant, sizeof(r->base.variant), "%zu ranges", r->nr_segments);
	return NULL;
}

static struct error *lime_open(struct file *file, const struct dump_open_options *options,
			       struct dump_reader **ret)
{
	_cleanup_linear_ struct linear_reader *r = NULL;
	struct error *err = linear_create(file, &r);

	if (!err)
		err = load(r, options);
	if (err)
		return err;
	*ret = &TAKE_PTR(r)->base;
	return NULL;
}

static bool lime_probe(const struct bytes *head)
{
	return head->len >= 4 && load_u32(head->data, false) == LIME_MAGIC;
}

const struct dump_format lime_format = {
	.name = "lime",
	.description = "LiME memory image",
	.plain = true,
	.probe = lime_probe,
	.open = lime_open,
};
