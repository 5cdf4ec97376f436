// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkmachine.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/notes.h"
#include "tests/support/fakelog.h"
#include "tests/support/mkelf.h"
#include "tests/support/test.h"

#define BASE        0xffffffff80000000ULL // __START_KERNEL_map; phys_base is 0
#define MEMORY      (MKMACHINE_PAGES * 4096ULL)
#define PGD         (BASE + 0x20000)
#define PUD         (BASE + 0x21000)
#define PMD         (BASE + 0x22000)
#define NODE        (BASE + 0x23000) // contig_page_data
#define MEM_MAP     (BASE + 0x30000)
#define PAGE_STRUCT 64

#define PTE_TABLE 0x3ULL // present, writable
#define PTE_LARGE 0x83ULL

#define PG_LRU     (1U << 4)
#define PG_PRIVATE (1U << 13)
#define BUDDY      0xffffff7fU

static void map_memory(struct fakekernel *fake)
{
	fake_u64(fake, PGD + 511 * 8, (PUD - BASE) | PTE_TABLE);
	fake_u64(fake, PUD + 510 * 8, (PMD - BASE) | PTE_TABLE);
	for (uint64_t paddr = 0; paddr < MEMORY; paddr += 2 << 20)
		fake_u64(fake, PMD + (paddr >> 21) * 8, paddr | PTE_LARGE);
}

static uint64_t page_of(uint64_t pfn)
{
	return MEM_MAP + pfn * PAGE_STRUCT;
}

static void mark_pages(struct fakekernel *fake)
{
	fake_u64(fake, NODE, MEM_MAP);
	fake_u64(fake, NODE + 8, 0);
	fake_u64(fake, NODE + 16, MKMACHINE_PAGES);
	for (uint64_t pfn = 0; pfn < MKMACHINE_PAGES; pfn++)
		fake_u32(fake, page_of(pfn) + 48, UINT32_MAX);
	for (uint64_t pfn = 0x100; pfn < 0x100 + MKMACHINE_CACHE; pfn++)
		fake_u64(fake, page_of(pfn), PG_LRU);
	for (uint64_t pfn = 0x140; pfn < 0x140 + MKMACHINE_CACHE_PRIVATE; pfn++)
		fake_u64(fake, page_of(pfn), PG_LRU | PG_PRIVATE);
	for (uint64_t pfn = 0x180; pfn < 0x180 + MKMACHINE_USER; pfn++) {
		fake_u64(fake, page_of(pfn), PG_LRU);
		fake_u64(fake, page_of(pfn) + 24, 0xffff888000001001); // anon_vma
	}
	fake_u32(fake, page_of(0x200) + 48, BUDDY);
	fake_u64(fake, page_of(0x200) + 40, 8); // order
}

static void say(struct fakelog *log)
{
	fakelog_say(log, 0, "Linux version 6.1.0-test");
	fakelog_say(log, 1000000, "two\nlines");
	fakelog_say(log, 12345678000, "esc\033[2Jape");
	fakelog_say(log, 60000000000, MKMACHINE_PANIC);
}

static void *make_notes(const struct fakelog *log, size_t *len)
{
	void *notes = NULL;
	char *text = NULL;
	int n = asprintf(&text,
			 "%sPAGESIZE=4096\nCRASHTIME=1700000000\nNUMBER(phys_base)=0\n"
			 "SYMBOL(init_top_pgt)=%llx\nSYMBOL(contig_page_data)=%llx\n"
			 "OFFSET(pglist_data.node_mem_map)=0\n"
			 "OFFSET(pglist_data.node_start_pfn)=8\n"
			 "OFFSET(pglist_data.node_spanned_pages)=16\n"
			 "SIZE(page)=%d\nOFFSET(page.flags)=0\nOFFSET(page._refcount)=52\n"
			 "OFFSET(page.mapping)=24\nOFFSET(page.lru)=8\nOFFSET(page._mapcount)=48\n"
			 "OFFSET(page.private)=40\nOFFSET(page.compound_head)=8\n"
			 "NUMBER(PG_lru)=4\nNUMBER(PG_private)=13\nNUMBER(PG_swapcache)=10\n"
			 "NUMBER(PG_swapbacked)=19\nNUMBER(PG_slab)=9\nNUMBER(PG_hwpoison)=23\n"
			 "NUMBER(PG_head_mask)=65536\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"
			 "LENGTH(zone.free_area)=11\n",
			 log->vmcoreinfo, PGD, NODE, PAGE_STRUCT);

	*len = 0;
	assert_true(n > 0);
	assert_ok(notes_append(&notes, len, false, "VMCOREINFO", 0, text, (size_t)n));
	free(text);
	return notes;
}

void mkmachine(struct mkfile *ret)
{
	const struct mkelf_segment segment = {.memsz = MEMORY, .filesz = MEMORY, .vaddr = BASE};
	struct mkelf elf = {.segments = &segment, .nr_segments = 1};
	struct fakekernel fake;
	struct fakelog log;
	void *notes;

	fakekernel_init(&fake, 8, false, MEMORY);
	fake.base = BASE;
	mkfile_memory(fake.memory + 0x40000, 0x40000, MEMORY - 0x40000);
	memset(fake.memory + 0x80000, 0, MKMACHINE_ZERO * 4096);
	fakelog_init(&log, &fake, 6, 12);
	say(&log);
	map_memory(&fake);
	mark_pages(&fake);
	elf.notes = notes = make_notes(&log, &elf.notes_len);
	mkelf(&elf, ret);
	mkfile_put(ret, ret->len - MEMORY, fake.memory, MEMORY);
	free(notes);
	fakekernel_deinit(&fake);
}
