// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/board.h"

#include <elf.h>
#include <string.h>

#include "util/checked.h"
#include "util/cli.h"

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

#define BELOW_4G "max-ram-below-4g="

/* The numbers are those of QEMU's hw/: i386/pc_q35.c, i386/pc_piix.c, arm/virt.c, riscv/virt.c,
 * loongarch/virt.c; the memory of the last two machines begins at 0. */
const struct board boards[] = {
	{"q35", "pc-q35", "pc.ram", EM_X86_64, 8, false, 0, 0xb0000000, 2 * GIB, 4 * GIB, false},
	{"pc", "pc-i440fx", "pc.ram", EM_X86_64, 8, false, 0, 0xe0000000, 3 * GIB, 4 * GIB, true},
	{"virt-arm64", "virt", "mach-virt.ram", EM_AARCH64, 8, false, GIB, 0, 0, 0, false},
	{"virt-arm", "virt", "mach-virt.ram", EM_ARM, 4, false, GIB, 0, 0, 0, false},
	{"virt-riscv64", "virt", "riscv_virt_board.ram", EM_RISCV, 8, false, 2 * GIB, 0, 0, 0,
	 false},
	{"virt-loongarch64", "virt", "loongarch.ram", EM_LOONGARCH, 8, false, 0, 256 * MIB,
	 256 * MIB, 2 * GIB, false},
	{"s390-ccw", "s390-ccw-virtio", "s390.ram", EM_S390, 8, true, 0, 0, 0, 0, false},
	{"pseries", "pseries", "ppc_spapr.ram", EM_PPC64, 8, false, 0, 0, 0, 0, false},
};
const size_t nr_boards = sizeof(boards) / sizeof(boards[0]);

/* below: max-ram-below-4g, 0 when it is not given. */
static struct board_layout place(const struct board *board, uint64_t size, uint64_t below)
{
	uint64_t most = below && board->option_is_most_low ? below : board->most_low;
	uint64_t low = size < most ? most : board->low;

	if (below)
		low = min_u64(low, below);
	return (struct board_layout){board, board->most_low ? min_u64(size, low) : size};
}

struct error *board_parse(const char *text, uint64_t size, struct board_layout *ret)
{
	size_t len = strcspn(text, ",");
	uint64_t below = 0;
	struct error *err;

	if (text[len]) {
		if (strncmp(text + len + 1, BELOW_4G, strlen(BELOW_4G)) != 0)
			return error_create(ERROR_USAGE,
					    "'%s' is not NAME or NAME," BELOW_4G "SIZE", text);
		if ((err = cli_parse_size(text + len + 1 + strlen(BELOW_4G), &below)))
			return err;
	}
	for (size_t i = 0; i < nr_boards; i++) {
		if (strlen(boards[i].name) == len && !strncmp(boards[i].name, text, len)) {
			*ret = place(&boards[i], size, below);
			return NULL;
		}
	}
	return error_create(ERROR_USAGE, "no machine type '%.*s', see --list", (int)len, text);
}

bool board_guess(const char *qemu_name, const char *qemu_ram, uint64_t size,
		 struct board_layout *ret)
{
	for (size_t i = 0; i < nr_boards; i++) {
		const struct board *board = &boards[i];
		size_t len = strlen(board->qemu_name);

		if (strncmp(qemu_name, board->qemu_name, len) != 0 ||
		    (qemu_name[len] && qemu_name[len] != '-'))
			continue;
		// "virt" of several architectures
		if (!strcmp(board->qemu_name, "virt") && strcmp(qemu_ram, board->qemu_ram) != 0)
			continue;
		*ret = place(board, size, 0);
		return true;
	}
	return false;
}

uint64_t board_paddr(const struct board_layout *layout, uint64_t off, uint64_t *len)
{
	if (off >= layout->low)
		return layout->board->high + (off - layout->low);
	*len = min_u64(*len, layout->low - off);
	return layout->board->base + off;
}
