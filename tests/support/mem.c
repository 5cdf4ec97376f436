// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mem.h"

#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/checked.h"

static uint8_t *find_page(const struct mem *mem, uint64_t paddr)
{
	for (size_t i = 0; i < mem->nr_pages; i++) {
		if (mem->pages[i].paddr == align_down(paddr, MEM_PAGE))
			return mem->pages[i].data;
	}
	return NULL;
}

uint8_t *mem_at(struct mem *mem, uint64_t paddr)
{
	uint8_t *data = find_page(mem, paddr);

	if (!data) {
		mem->pages = realloc(mem->pages, (mem->nr_pages + 1) * sizeof(mem->pages[0]));
		assert_non_null(mem->pages);
		data = calloc(1, MEM_PAGE);
		assert_non_null(data);
		mem->pages[mem->nr_pages].paddr = align_down(paddr, MEM_PAGE);
		mem->pages[mem->nr_pages++].data = data;
		mem->reader.facts.max_paddr = max_u64(mem->reader.facts.max_paddr,
						      align_down(paddr, MEM_PAGE) + MEM_PAGE);
	}
	return data + paddr % MEM_PAGE;
}

void mem_write_u32(struct mem *mem, uint64_t paddr, uint32_t value)
{
	store_u32(mem_at(mem, paddr), value, mem->reader.facts.big_endian);
}

void mem_write_u64(struct mem *mem, uint64_t paddr, uint64_t value)
{
	store_u64(mem_at(mem, paddr), value, mem->reader.facts.big_endian);
}

void mem_drop(struct mem *mem, uint64_t paddr)
{
	for (size_t i = 0; i < mem->nr_pages; i++) {
		if (mem->pages[i].paddr != align_down(paddr, MEM_PAGE))
			continue;
		free(mem->pages[i].data);
		mem->pages[i] = mem->pages[--mem->nr_pages];
		return;
	}
}

/** A block that is backed in part is there, its rest reads as zero. */
static bool has_block(const struct mem *mem, uint64_t paddr)
{
	uint64_t len = max_u64(mem->reader.facts.block_size, MEM_PAGE);

	for (uint64_t off = 0; off < len; off += MEM_PAGE) {
		if (find_page(mem, align_down(paddr, len) + off))
			return true;
	}
	return false;
}

static enum dump_status read_op(const struct dump_reader *reader, struct dump_scratch *scratch,
				uint64_t paddr, void *buf, size_t len, size_t *done)
{
	const struct mem *mem = (const struct mem *)reader;

	for (*done = 0; *done < len;) {
		const uint8_t *data = find_page(mem, paddr + *done);
		size_t off = (paddr + *done) % MEM_PAGE;
		size_t n = min_u64(MEM_PAGE - off, len - *done);

		if (data)
			memcpy((char *)buf + *done, data + off, n);
		else if (has_block(mem, paddr + *done))
			memset((char *)buf + *done, 0, n);
		else
			return DUMP_EXCLUDED;
		*done += n;
	}
	return DUMP_OK;
}

bool mem_read(void *mem, uint64_t paddr, void *buf, size_t len)
{
	size_t done;

	return read_op(&((struct mem *)mem)->reader, NULL, paddr, buf, len, &done) == DUMP_OK;
}

static void run_op(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t paddr,
		   struct dump_run *ret)
{
	const struct mem *mem = (const struct mem *)reader;

	*ret = (struct dump_run){
		.start = align_down(paddr, MEM_PAGE),
		.end = align_down(paddr, MEM_PAGE) + MEM_PAGE,
		.status = has_block(mem, paddr) ? DUMP_OK : DUMP_ABSENT,
	};
	if (paddr >= reader->facts.max_paddr)
		ret->end = UINT64_MAX;
}

static struct error *scratch_create_op(const struct dump_reader *reader, struct dump_scratch **ret)
{
	*ret = calloc(1, sizeof(**ret));
	assert_non_null(*ret);
	(*ret)->reader = reader;
	return NULL;
}

static void scratch_destroy_op(struct dump_scratch *scratch)
{
	free(scratch);
}

struct mem *mem_create(void)
{
	static const struct dump_reader_ops ops = {
		.read = read_op,
		.run = run_op,
		.scratch_create = scratch_create_op,
		.scratch_destroy = scratch_destroy_op,
	};
	struct mem *mem = calloc(1, sizeof(*mem));

	assert_non_null(mem);
	mem->reader.ops = &ops;
	mem->reader.facts.machine = EM_X86_64;
	mem->reader.facts.word = 8;
	mem->reader.facts.block_size = MEM_PAGE;
	mem->nr_levels = 4;
	mem->root = MEM_ROOT - MEM_IMAGE + MEM_PHYS_BASE;
	mem->next_table = MEM_TABLES;
	return mem;
}

void mem_destroy(struct mem *mem)
{
	for (size_t i = 0; i < mem->nr_pages; i++)
		free(mem->pages[i].data);
	free(mem->pages);
	free(mem->info);
	free(mem);
}

uint64_t mem_entry(struct mem *mem, uint64_t vaddr, unsigned int level)
{
	uint64_t table = mem->root, at = 0;

	for (unsigned int i = mem->nr_levels; i-- > level;) {
		at = table + (vaddr >> (12 + 9 * i) & 511) * 8;
		if (i == level)
			break;
		if (!(load_u64(mem_at(mem, at), false) & MEM_PTE_PRESENT)) {
			mem_write_u64(mem, at, mem->next_table | MEM_PTE_PRESENT | MEM_PTE_RW);
			mem_at(mem, mem->next_table);
			mem->next_table += MEM_PAGE;
		}
		table = load_u64(mem_at(mem, at), false) & 0x000ffffffffff000;
	}
	return at;
}

void mem_map(struct mem *mem, uint64_t vaddr, uint64_t paddr, unsigned int level, uint64_t bits)
{
	mem_write_u64(mem, mem_entry(mem, vaddr, level),
		      paddr | MEM_PTE_PRESENT | bits | (level ? MEM_PTE_PSE : 0));
}

void mem_info(struct mem *mem, const char *fmt, ...)
{
	char *line, *text;
	va_list args;

	va_start(args, fmt);
	assert_true(vasprintf(&line, fmt, args) >= 0);
	va_end(args);
	assert_true(asprintf(&text, "%s%s\n", mem->info ? mem->info : "", line) >= 0);
	free(line);
	free(mem->info);
	mem->info = text;
	mem->reader.facts.vmcoreinfo = text;
	mem->reader.facts.vmcoreinfo_len = strlen(text);
}

void mem_kernel(struct mem *mem, unsigned int nr_levels)
{
	mem->nr_levels = nr_levels;
	mem_at(mem, mem->root);
	for (uint64_t off = 0; off < MEM_IMAGE_SIZE; off += 2 << 20)
		mem_map(mem, MEM_IMAGE + off, MEM_PHYS_BASE + off, 1, 0);
	mem_map(mem, nr_levels == 5 ? MEM_DIRECT_MAP_5 : MEM_DIRECT_MAP, 0, 2,
		MEM_PTE_RW | MEM_PTE_NX);
	mem_info(mem, "PAGESIZE=4096");
	mem_info(mem, "SYMBOL(init_top_pgt)=%llx", (unsigned long long)MEM_ROOT);
	mem_info(mem, "NUMBER(phys_base)=%llu", (unsigned long long)MEM_PHYS_BASE);
	mem_info(mem, "NUMBER(pgtable_l5_enabled)=%d", nr_levels == 5);
}
