// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/piece.h"

#include <stdlib.h>
#include <string.h>

#include "util/checked.h"
#include "util/sys.h"
#include "util/zero.h"

static void load_pages(phys_read_fn *read, void *arg, struct piece *piece)
{
	bool whole = read(arg, piece->addr, piece->data, piece->len);

	for (size_t off = 0; off < piece->len; off += PIECE_PAGE) {
		uint8_t *page = piece->data + off;

		if (!whole && !read(arg, piece->addr + off, page, PIECE_PAGE))
			memset(page, 0, PIECE_PAGE);
		piece->holes[off / PIECE_PAGE] = is_zero(page, PIECE_PAGE);
		piece->nr_holes += piece->holes[off / PIECE_PAGE];
	}
}

struct error *piece_load(phys_read_fn *read, void *arg, uint64_t addr, size_t len,
			 struct piece *ret)
{
	uint64_t start = align_down(addr, PIECE_PAGE);
	struct piece piece = {.addr = start};

	piece.len = align_up(addr - start + len, PIECE_PAGE);
	piece.data = sys_malloc(piece.len);
	piece.holes = sys_malloc(piece.len / PIECE_PAGE);
	if (!piece.data || !piece.holes) {
		piece_deinit(&piece);
		return &error_nomem;
	}
	load_pages(read, arg, &piece);
	*ret = piece;
	return NULL;
}

void piece_deinit(struct piece *piece)
{
	free(piece->data);
	free(piece->holes);
	*piece = (struct piece){0};
}

const uint8_t *piece_at(const struct piece *piece, uint64_t addr, size_t len)
{
	uint64_t off = addr - piece->addr;

	if (addr < piece->addr || off > piece->len || len > piece->len - off)
		return NULL;
	for (size_t page = off / PIECE_PAGE; page * PIECE_PAGE < off + len; page++) {
		if (piece->holes[page])
			return NULL;
	}
	return piece->data + off;
}

uint64_t piece_last_hole(const struct piece *piece, uint64_t start, uint64_t addr)
{
	for (uint64_t page = align_down(addr - 1, PIECE_PAGE); page + PIECE_PAGE > start;
	     page -= PIECE_PAGE) {
		uint64_t off = page - piece->addr;

		if (page < piece->addr)
			break;
		if (off < piece->len && piece->holes[off / PIECE_PAGE])
			return page + PIECE_PAGE;
	}
	return start;
}
