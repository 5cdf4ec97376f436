// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes the dumps that the command-line tests work on:
 *   mkdump machine FILE             a small machine, see tests/support/mkmachine.h
 *   mkdump miscounted FILE          the same, whose kernel counts other free pages
 *   mkdump damaged FILE             the same with damaged struct pages
 *   mkdump elf FILE KIB             memory from 0 on, without notes; ELF
 *   mkdump header FILE KIB          the same without its data, for "truncate -s"
 *   mkdump kdump FILE BLOCKS        a letter for each block, see tests/support/mkkdump.h
 *   mkdump incomplete FILE BLOCKS   the same, marked as incomplete
 *   mkdump NAME FILE BLOCKS         the same of another machine: s390x, i686, armv7l, ppc...
 *   mkdump elf32 FILE KIB           a big-endian 32-bit core
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dump/kdump_header.h"
#include "dump/machine.h"
#include "tests/support/mkelf.h"
#include "tests/support/mkkdump.h"
#include "tests/support/mkmachine.h"

static void make_elf32(const char *kib, struct mkfile *ret)
{
	uint64_t len = strtoull(kib, NULL, 0) << 10;
	const struct mkelf_segment segment = {.paddr = 0x2000, .memsz = len, .filesz = len};
	const struct mkelf elf = {.segments = &segment,
				  .nr_segments = 1,
				  .word = 4,
				  .big_endian = true,
				  .machine = EM_PPC};

	mkelf(&elf, ret);
}

static void make_elf(const char *kib, bool no_data, struct mkfile *ret)
{
	uint64_t len = strtoull(kib, NULL, 0) << 10;
	const struct mkelf_segment segment = {.memsz = len, .filesz = len, .no_data = no_data};
	const struct mkelf elf = {.segments = &segment, .nr_segments = 1};

	mkelf(&elf, ret);
}

static void make_kdump(const struct machine *machine, const char *blocks, uint32_t status,
		       struct mkfile *ret)
{
	struct mkkdump kdump = {.blocks = blocks, .header = {.status = status}};
	struct mkkdump_map map;

	strcpy(kdump.header.uts.machine, machine->name);
	kdump.header.big_endian = machine->big_endian;
	kdump.header.abi = kdump_abi_of(machine->e_machine, machine->word, machine->big_endian);
	mkkdump(&kdump, ret, &map);
}

static bool make(const char *kind, const char *arg, struct mkfile *ret)
{
	const struct machine *machine = machine_find_name(kind);

	if (!strcmp(kind, "machine"))
		mkmachine(MKMACHINE_SOUND, ret);
	else if (!strcmp(kind, "miscounted"))
		mkmachine(MKMACHINE_MISCOUNTED, ret);
	else if (!strcmp(kind, "damaged"))
		mkmachine(MKMACHINE_DAMAGED, ret);
	else if (!strcmp(kind, "elf") && arg)
		make_elf(arg, false, ret);
	else if (!strcmp(kind, "header") && arg)
		make_elf(arg, true, ret);
	else if (!strcmp(kind, "elf32") && arg)
		make_elf32(arg, ret);
	else if (!strcmp(kind, "kdump") && arg)
		make_kdump(machine_find_name("x86_64"), arg, 0, ret);
	else if (!strcmp(kind, "incomplete") && arg)
		make_kdump(machine_find_name("x86_64"), arg, KDUMP_STATUS_INCOMPLETE, ret);
	else if (machine && arg)
		make_kdump(machine, arg, 0, ret);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	_cleanup_mkfile_ struct mkfile file = {0};
	_cleanup_close_ int fd = -1;

	if (argc < 3 || !make(argv[1], argv[3], &file)) {
		fprintf(stderr, "mkdump: see the head of tests/cli/mkdump.c\n");
		return 2;
	}
	fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, file.data, file.len) != (ssize_t)file.len) {
		perror(argv[2]);
		return 1;
	}
	return 0;
}
