// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkpages.h"

#include "tests/support/test.h"
#include "util/bytes.h"

const struct offsets new_offsets = {0, 24, 48, 40, 8, 16, 4, 13, -129};
const struct offsets old_offsets = {0, 8, 24, 48, 0, 14, 5, 11, -128};

uint8_t *struct_page(struct machine *m, uint64_t pfn)
{
	return mem_at(m->mem, MKPAGES_STRUCTS + pfn * 64);
}

void put64(struct machine *m, uint64_t pfn, unsigned int offset, uint64_t value)
{
	store_u64(struct_page(m, pfn) + offset, value, false);
}

void put_type(struct machine *m, uint64_t pfn, uint32_t value)
{
	store_u32(struct_page(m, pfn) + m->at->mapcount, value, false);
}

void mkpages_sections(struct mem *mem)
{
	mem_info(mem, "SYMBOL(mem_section)=%llx", MEM_DIRECT_MAP + MKPAGES_SECTION);
	mem_info(mem, "LENGTH(mem_section)=4096\nSIZE(mem_section)=32");
	mem_info(mem, "OFFSET(mem_section.section_mem_map)=0");
	mem_info(mem, "NUMBER(SECTION_SIZE_BITS)=27\nNUMBER(MAX_PHYSMEM_BITS)=46");
	for (uint64_t off = 0; off < 4096 * 8; off += MEM_PAGE)
		mem_at(mem, MKPAGES_SECTION + off);
	mem_write_u64(mem, MKPAGES_SECTION, MEM_DIRECT_MAP + 0x2100000);
	mem_write_u64(mem, 0x2100000, MKPAGES_VMEMMAP | 3);
}

struct machine mkpages(const struct offsets *at)
{
	struct machine m = {.mem = mem_create(), .at = at};

	mem_kernel(m.mem, 4);
	mkpages_sections(m.mem);
	mem_map(m.mem, MKPAGES_VMEMMAP, MKPAGES_STRUCTS, 1, MEM_PTE_RW | MEM_PTE_NX);
	mem_info(m.mem, "SIZE(page)=64\nLENGTH(zone.free_area)=11");
	mem_info(m.mem, "OFFSET(page.flags)=%u\nOFFSET(page.mapping)=%u", at->flags, at->mapping);
	mem_info(m.mem, "OFFSET(page._mapcount)=%u\nOFFSET(page.private)=%u", at->mapcount,
		 at->private);
	mem_info(m.mem, "NUMBER(PG_lru)=%u\nNUMBER(PG_private)=%u", at->lru_bit, at->private_bit);
	mem_info(m.mem, "NUMBER(PG_head_mask)=%u", 1U << at->head_bit);
	mem_info(m.mem, "NUMBER(PG_hwpoison)=23");
	mem_info(m.mem, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=%d", (int)at->buddy);
	if (at->compound_head) {
		mem_info(m.mem, "OFFSET(page.compound_head)=8\nOFFSET(page.compound_dtor)=16");
		mem_info(m.mem, "OFFSET(page.compound_order)=17\nNUMBER(HUGETLB_PAGE_DTOR)=2");
		mem_info(m.mem, "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257");
	} else {
		mem_info(m.mem, "OFFSET(page.lru)=32\nSYMBOL(free_huge_page)=ffffffff80001234");
	}
	for (uint64_t pfn = 0; pfn < MKPAGES_NR; pfn++)
		put_type(&m, pfn, UINT32_MAX);
	m.mem->reader.facts.max_paddr = 0x8000000;
	return m;
}

struct kernel *mkpages_open(struct machine *m)
{
	if (!m->kernel)
		assert_ok(kernel_open(&m->mem->reader, NULL, &m->kernel));
	assert_true(m->kernel->translates);
	return m->kernel;
}

void mkpages_deinit(struct machine *m)
{
	kernel_close(m->kernel);
	mem_destroy(m->mem);
}

void set_cache(struct machine *m, uint64_t pfn, uint64_t nr, bool is_private)
{
	for (uint64_t i = pfn; i < pfn + nr; i++)
		put64(m, i, m->at->flags,
		      1ULL << m->at->lru_bit | (is_private ? 1ULL << m->at->private_bit : 0));
}

void set_user(struct machine *m, uint64_t pfn, uint64_t nr)
{
	for (uint64_t i = pfn; i < pfn + nr; i++)
		put64(m, i, m->at->mapping, 0xffff888000000001);
}

void set_free(struct machine *m, uint64_t pfn, unsigned int order)
{
	put_type(m, pfn, m->at->buddy);
	put64(m, pfn, m->at->private, order);
}

void set_compound(struct machine *m, uint64_t pfn, unsigned int order, bool hugetlb)
{
	put64(m, pfn, m->at->flags, 1ULL << m->at->head_bit);
	if (m->at->compound_head) {
		struct_page(m, pfn + 1)[16] = hugetlb ? 2 : 1;
		struct_page(m, pfn + 1)[17] = (uint8_t)order;
		for (uint64_t i = 1; i < 1ULL << order; i++)
			put64(m, pfn + i, 8, (MKPAGES_VMEMMAP + pfn * 64) | 1);
	} else {
		put64(m, pfn + 1, 32, hugetlb ? 0xffffffff80001234 : 0);
		put64(m, pfn + 1, 40, order);
	}
}
