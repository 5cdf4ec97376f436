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

// struct pglist_data, with one zone
#define SPANNED_PAGES 16
#define NODE_ID       24
#define NR_ZONES      28
#define ZONES         64
#define ZONE_VM_STAT  8 // behind spanned_pages

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

static void make_node(struct fakekernel *fake, enum mkmachine_fault fault)
{
	fake_u64(fake, NODE, MEM_MAP);
	fake_u64(fake, NODE + 8, 0);
	fake_u64(fake, NODE + SPANNED_PAGES, MKMACHINE_PAGES);
	fake_u32(fake, NODE + NODE_ID, 0);
	fake_u32(fake, NODE + NR_ZONES, 1);
	fake_u64(fake, NODE + ZONES, MKMACHINE_PAGES);
	fake_u64(fake, NODE + ZONES + ZONE_VM_STAT,
		 MKMACHINE_FREE + (fault == MKMACHINE_MISCOUNTED ? 0x4000 : 0));
}

static void mark_pages(struct fakekernel *fake, enum mkmachine_fault fault)
{
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
	fake_u64(fake, page_of(0x200) + 40, fault == MKMACHINE_DAMAGED ? 11 : 8); // order
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
			 "OFFSET(pglist_data.node_spanned_pages)=%d\n"
			 "OFFSET(pglist_data.node_id)=%d\nOFFSET(pglist_data.nr_zones)=%d\n"
			 "OFFSET(pglist_data.node_zones)=%d\nSIZE(zone)=64\n"
			 "OFFSET(zone.spanned_pages)=0\nOFFSET(zone.vm_stat)=%d\n"
			 "NUMBER(NR_FREE_PAGES)=0\nNUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"
			 "OFFSET(page.compound_dtor)=16\nOFFSET(page.compound_order)=17\n"
			 "NUMBER(HUGETLB_PAGE_DTOR)=2\n"
			 "SIZE(page)=%d\nOFFSET(page.flags)=0\nOFFSET(page._refcount)=52\n"
			 "OFFSET(page.mapping)=24\nOFFSET(page.lru)=8\nOFFSET(page._mapcount)=48\n"
			 "OFFSET(page.private)=40\nOFFSET(page.compound_head)=8\n"
			 "NUMBER(PG_lru)=4\nNUMBER(PG_private)=13\nNUMBER(PG_swapcache)=10\n"
			 "NUMBER(PG_swapbacked)=19\nNUMBER(PG_slab)=9\nNUMBER(PG_hwpoison)=23\n"
			 "NUMBER(PG_head_mask)=65536\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"
			 "LENGTH(zone.free_area)=11\n",
			 log->vmcoreinfo, PGD, NODE, SPANNED_PAGES, NODE_ID, NR_ZONES, ZONES,
			 ZONE_VM_STAT, PAGE_STRUCT);

	*len = 0;
	assert_true(n > 0);
	assert_ok(notes_append(&notes, len, false, "VMCOREINFO", 0, text, (size_t)n));
	free(text);
	return notes;
}

void mkmachine(enum mkmachine_fault fault, struct mkfile *ret)
{
	const struct mkelf_segment segment = {.memsz = MEMORY, .filesz = MEMORY, .vaddr = BASE};
	// without the last page of struct pages
	const uint64_t hole = page_of(MKMACHINE_PAGES - 64) - BASE, behind = hole + 4096;
	const struct mkelf_segment pieces[] = {
		{.memsz = hole, .filesz = hole, .vaddr = BASE},
		{.paddr = behind,
		 .memsz = MEMORY - behind,
		 .filesz = MEMORY - behind,
		 .vaddr = BASE + behind},
	};
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
	make_node(&fake, fault);
	mark_pages(&fake, fault);
	elf.notes = notes = make_notes(&log, &elf.notes_len);
	if (fault == MKMACHINE_DAMAGED) {
		elf.segments = pieces;
		elf.nr_segments = 2;
		mkelf(&elf, ret);
		mkfile_put(ret, ret->len - (MEMORY - 4096), fake.memory, hole);
		mkfile_put(ret, ret->len - (MEMORY - behind), fake.memory + behind,
			   MEMORY - behind);
	} else {
		mkelf(&elf, ret);
		mkfile_put(ret, ret->len - MEMORY, fake.memory, MEMORY);
	}
	free(notes);
	fakekernel_deinit(&fake);
}
