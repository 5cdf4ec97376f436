// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkqemu.h"

#include <string.h>

#include "util/bytes.h"
#include "util/checked.h"

#define PAGE 4096

void mkqemu_u8(struct mkfile *file, uint8_t value)
{
	mkfile_put(file, file->len, &value, 1);
}

void mkqemu_u32(struct mkfile *file, uint32_t value)
{
	uint8_t buf[4];

	store_u32(buf, value, true);
	mkfile_put(file, file->len, buf, sizeof(buf));
}

void mkqemu_u64(struct mkfile *file, uint64_t value)
{
	uint8_t buf[8];

	store_u64(buf, value, true);
	mkfile_put(file, file->len, buf, sizeof(buf));
}

void mkqemu_name(struct mkfile *file, const char *name)
{
	mkqemu_u8(file, (uint8_t)strlen(name));
	mkfile_put(file, file->len, name, strlen(name));
}

void mkqemu_begin(struct mkfile *file, const char *board, unsigned int page_bits)
{
	mkqemu_u32(file, 0x5145564d);
	mkqemu_u32(file, 3);
	mkqemu_u8(file, 7);
	mkqemu_u32(file, (uint32_t)strlen(board));
	mkfile_put(file, file->len, board, strlen(board));
	if (!page_bits)
		return;
	mkqemu_u8(file, 5);
	mkqemu_name(file, "configuration/target-page-bits");
	mkqemu_u32(file, 1);
	mkqemu_u32(file, page_bits);
}

static void put_mapped(struct mkfile *file, struct mkqemu_block *block)
{
	size_t bitmap = (block->len / PAGE + 63) / 64 * 8;

	block->off_bitmap = file->len + 28;
	block->off_pages = align_up(block->off_bitmap + bitmap, 1 << 20);
	mkqemu_u32(file, 1);
	mkqemu_u64(file, PAGE);
	mkqemu_u64(file, block->off_bitmap);
	mkqemu_u64(file, block->off_pages);
	mkfile_resize(file, block->off_pages + block->len);
}

void mkqemu_ram(struct mkfile *file, struct mkqemu_block *blocks, size_t nr, bool mapped)
{
	uint64_t total = 0;

	mkqemu_u8(file, 1);
	mkqemu_u32(file, 2);
	mkqemu_name(file, "ram");
	mkqemu_u32(file, 0);
	mkqemu_u32(file, 4);
	for (size_t i = 0; i < nr; i++)
		total += blocks[i].len;
	mkqemu_u64(file, total | 4);
	for (size_t i = 0; i < nr; i++) {
		mkqemu_name(file, blocks[i].name);
		mkqemu_u64(file, blocks[i].len);
		if (mapped)
			put_mapped(file, &blocks[i]);
	}
	mkqemu_section_end(file);
}

void mkqemu_section(struct mkfile *file, uint8_t type)
{
	mkqemu_u8(file, type);
	mkqemu_u32(file, 2);
}

void mkqemu_section_end(struct mkfile *file)
{
	mkqemu_u64(file, 0x10);
	mkqemu_u8(file, 0x7e);
	mkqemu_u32(file, 2);
}

void mkqemu_page(struct mkfile *file, const char *name, uint64_t addr, const void *data, int fill)
{
	mkqemu_u64(file, addr | (name ? 0 : 0x20) | (data ? 8 : 2));
	if (name)
		mkqemu_name(file, name);
	if (data)
		mkfile_put(file, file->len, data, PAGE);
	else
		mkqemu_u8(file, (uint8_t)fill);
}

void mkqemu_memory(struct mkfile *file, const char *name, uint64_t addr, uint64_t paddr)
{
	uint8_t page[PAGE];

	mkfile_memory(page, paddr, sizeof(page));
	mkqemu_page(file, name, addr, page, 0);
}
