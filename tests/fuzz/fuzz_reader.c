// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as a dump: it opens or not; what it promises is read in every way there is. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/cache.h"
#include "dump/codec.h"
#include "dump/notes.h"
#include "dump/reader.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/mkelf.h"
#include "tests/support/mkkdump.h"
#include "util/checked.h"

#define MAX_RUNS 200
#define MAX_READ (256U << 10)

static void read_run(const struct dump_reader *reader, struct dump_scratch *scratch,
		     struct dump_cache *cache, const struct dump_run *run)
{
	static uint8_t buf[MAX_READ];
	uint64_t start = run->start;
	size_t len = min_u64(run->end - start, MAX_READ), done = 0;
	enum dump_status status = dump_read(reader, scratch, start, buf, len, &done);

	if (done > len || (status == DUMP_OK) != (done == len) ||
	    (status == DUMP_ABSENT && run->status == DUMP_OK))
		abort();
	dump_read(reader, scratch, start + 1, buf, len, &done);
	dump_cache_read(cache, start + 5, buf, 5000, &done);
	if (reader->ops->blocks) {
		struct dump_block blocks[32];

		reader->ops->blocks(reader, scratch, start / reader->facts.block_size, 32, blocks,
				    &done);
		if (!done || done > 32)
			abort();
		for (size_t i = 0; i < done; i++) {
			if (blocks[i].status == DUMP_OK)
				memcpy(buf, blocks[i].data, min_u64(blocks[i].len, MAX_READ));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct mkfile file; // one for all inputs
	_cleanup_reader_ struct dump_reader *reader = NULL;
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	_cleanup_cache_ struct dump_cache *cache = NULL;
	struct dump_run run = {0};

	mkfile_resize(&file, 0);
	mkfile_put(&file, 0, data, len);
	if (error_ignore(dump_open(mkfile_path(&file), &reader)) ||
	    error_ignore(dump_scratch_create(reader, &scratch)) ||
	    error_ignore(dump_cache_create(reader, 1 << 16, &cache)))
		return 0;
	for (unsigned int i = 0; i < MAX_RUNS && run.end != UINT64_MAX; i++) {
		uint64_t paddr = run.end;

		dump_next_run(reader, scratch, paddr, &run);
		if (run.start > paddr || run.end <= paddr || run.status == DUMP_UNREADABLE)
			abort();
		if (run.end != UINT64_MAX)
			read_run(reader, scratch, cache, &run);
	}
	return 0;
}

static void use_elf(fuzz_use_seed *use, const char *name, const struct mkelf *elf)
{
	struct mkfile file = {0};

	mkelf(elf, &file);
	use(name, file.data, file.len);
	mkfile_deinit(&file);
}

static void use_kdump(fuzz_use_seed *use, const char *name, const struct mkkdump *kdump)
{
	struct mkfile file = {0};
	struct mkkdump_map map;

	mkkdump(kdump, &file, &map);
	use(name, file.data, file.len);
	mkfile_deinit(&file);
}

static void elf_seeds(fuzz_use_seed *use)
{
	static const struct mkelf_segment segments[] = {
		{.paddr = 0x1000, .memsz = 0x800, .filesz = 0x800, .off = 0x200},
		{.paddr = 0x1400, .memsz = 0x3000, .filesz = 0x100, .off = 0x300},
		{.paddr = UINT64_MAX, .memsz = 0x1000},
	};
	struct mkelf elf = {.segments = segments, .nr_segments = 3};
	size_t len = 0;
	void *notes = NULL;

	if (error_ignore(notes_append(&notes, &len, false, "CORE", NT_PRSTATUS, "regs", 4)) ||
	    error_ignore(notes_append(&notes, &len, false, "VMCOREINFO", 0, "PAGESIZE=4096\n", 14)))
		abort();
	elf.notes = notes;
	elf.notes_len = len;
	use_elf(use, "elf64", &elf);
	elf.xnum = true;
	elf.phoff = 192;
	use_elf(use, "elf64-xnum", &elf);
	free(notes);
	elf = (struct mkelf){.segments = segments,
			     .nr_segments = 2,
			     .word = 4,
			     .big_endian = true,
			     .machine = EM_PPC};
	use_elf(use, "elf32", &elf);
}

void fuzz_seeds(fuzz_use_seed *use)
{
	struct mkkdump kdump = {.header = {.uts = {.machine = "x86_64"}, .nr_cpus = 1},
				.blocks = "r.x0!"};

	elf_seeds(use);
	use_kdump(use, "kdump-raw", &kdump);
	kdump.header.split = true;
	kdump.header.end_pfn = 1;
	use_kdump(use, "kdump-split", &kdump);
	kdump.header.split = false;
	for (size_t i = 0; i < nr_codecs; i++) {
		static const char *const blocks[] = {"zz", "ll", "ss", "dd"};
		char name[32];

		kdump.blocks = blocks[i];
		kdump.data_first = i % 2;
		snprintf(name, sizeof(name), "kdump-%s", codecs[i]->name);
		if (codec_available(codecs[i]))
			use_kdump(use, name, &kdump);
	}
	kdump = (struct mkkdump){.header = {.abi = KDUMP_ABI_32_PADDED,
					    .big_endian = true,
					    .uts = {.machine = "ppc"}},
				 .blocks = "r.0"};
	use_kdump(use, "kdump-32-big-endian", &kdump);
}
