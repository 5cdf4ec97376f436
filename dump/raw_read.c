// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory as it is, with nothing beside it: where it stands has to be said. */
#include <stdio.h>

#include "dump/format.h"
#include "dump/linear.h"
#include "dump/board.h"
#include "util/checked.h"
#include "util/file.h"

void dump_set_machine(struct dump_facts *facts, const struct board *board)
{
	if (!board)
		return;
	facts->machine = board->e_machine;
	facts->word = board->word;
	facts->big_endian = board->big_endian;
}

struct error *raw_open_parts(struct file *file, const struct raw_part *parts, size_t nr,
			     const struct board *board, struct dump_reader **ret)
{
	_cleanup_linear_ struct linear_reader *r = NULL;
	struct error *err = linear_create(file, &r);

	if (err)
		return err;
	for (size_t i = 0; !err && i < nr; i++) {
		const struct dump_segment segment = {
			.paddr = parts[i].paddr,
			.memsz = parts[i].len,
			.filesz = parts[i].len,
			.off = parts[i].off,
		};

		err = linear_add(r, &segment);
	}
	if (err || (err = linear_finish(r)))
		return err;
	if (!r->nr_ranges)
		return error_create(ERROR_FORMAT, "%s: raw memory of no bytes", file->path);
	dump_set_machine(&r->base.facts, board);
	r->base.format = &raw_format;
	snprintf(r->base.variant, sizeof(r->base.variant), "%zu parts", r->nr_segments);
	*ret = &TAKE_PTR(r)->base;
	return NULL;
}

struct error *raw_open_image(struct file *file, const struct board_layout *layout,
			     struct dump_reader **ret)
{
	struct raw_part parts[2] = {{.len = file->size}};

	parts[0].paddr = board_paddr(layout, 0, &parts[0].len);
	parts[1].off = parts[0].len;
	parts[1].len = file->size - parts[0].len;
	parts[1].paddr = layout->board->high;
	return raw_open_parts(file, parts, parts[1].len ? 2 : 1, layout->board, ret);
}

/* All of it, from address 0 on or as the type of the machine says. */
static struct error *raw_open(struct file *file, const struct dump_open_options *options,
			      struct dump_reader **ret)
{
	const struct raw_part all = {.len = file->size};
	struct board_layout layout = {0};
	struct error *err;

	if (!options->machine)
		return raw_open_parts(file, &all, 1, NULL, ret);
	err = board_parse(options->machine, file->size, &layout);
	return err ? err : raw_open_image(file, &layout, ret);
}

static bool raw_probe(const struct bytes *head)
{
	(void)head;
	return false;
}

const struct dump_format raw_format = {
	.name = "raw",
	.description = "raw memory, FILE@ADDRESS or --machine",
	.plain = true,
	.probe = raw_probe,
	.open = raw_open,
};
