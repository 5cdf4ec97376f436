// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/tables.h"

#include "dump/vmcoreinfo.h"
#include "util/bytes.h"
#include "util/checked.h"

/** The byte at paddr, or NULL. */
static uint8_t *find_byte(const struct tables *t, uint64_t paddr)
{
	for (size_t i = 0; i < t->nr_pages; i++) {
		if (t->page[i].paddr == (paddr & ~0xfffULL))
			return &t->page[i].bytes[paddr & 0xfff];
	}
	return NULL;
}

static bool read_memory(void *arg, uint64_t paddr, void *buf, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const uint8_t *byte = find_byte(arg, paddr + i);

		if (!byte)
			return false;
		((uint8_t *)buf)[i] = *byte;
	}
	return true;
}

static bool find_symbol(void *arg, const char *name, uint64_t *ret)
{
	const struct tables *t = arg;

	for (size_t i = 0; i < t->nr_symbols; i++) {
		if (!strcmp(t->symbol[i].name, name)) {
			*ret = t->symbol[i].vaddr;
			return true;
		}
	}
	return vmcoreinfo_symbol(t->vmcoreinfo, name, ret);
}

void tables_init(struct tables *t, const struct arch *arch, bool big_endian)
{
	*t = (struct tables){
		.facts = {.machine = arch->e_machine,
			  .big_endian = big_endian,
			  .word = arch->word,
			  .block_size = 4096,
			  .max_paddr = 1 << 30},
		.as = {.arch = arch, .big_endian = big_endian, .read = read_memory, .read_arg = t},
		.free = 0x3000000,
	};
	t->page = calloc(TABLES_MAX_PAGES, sizeof(*t->page));
	assert_non_null(t->page);
}

void tables_deinit(struct tables *t)
{
	free(t->page);
	vmcoreinfo_destroy(t->vmcoreinfo);
}

void tables_zero(struct tables *t, uint64_t paddr, size_t len)
{
	for (uint64_t at = align_down(paddr, 4096); at < paddr + len; at += 4096) {
		if (find_byte(t, at))
			continue;
		assert_true(t->nr_pages < TABLES_MAX_PAGES);
		t->page[t->nr_pages++].paddr = at;
	}
}

void tables_u32(struct tables *t, uint64_t paddr, uint32_t value, bool big_endian)
{
	tables_zero(t, paddr, sizeof(value));
	store_u32(find_byte(t, paddr), value, big_endian);
}

void tables_u64(struct tables *t, uint64_t paddr, uint64_t value, bool big_endian)
{
	uint8_t raw[8];

	store_u64(raw, value, big_endian);
	tables_zero(t, paddr, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++) // some kernel structures are not aligned
		*find_byte(t, paddr + i) = raw[i];
}

void tables_entry(struct tables *t, uint64_t table, unsigned int index, uint64_t value)
{
	tables_u64(t, table + index * 8ULL, value, t->as.big_endian);
}

uint64_t tables_get(const struct tables *t, uint64_t table, unsigned int index)
{
	const uint8_t *byte = find_byte(t, table + index * 8ULL);

	return byte ? load_u64(byte, t->as.big_endian) : 0;
}

uint64_t tables_new(struct tables *t)
{
	t->free += 0x10000;
	return t->free;
}

void tables_symbol(struct tables *t, const char *name, uint64_t vaddr)
{
	assert_true(t->nr_symbols < TABLES_MAX_SYMBOLS);
	t->symbol[t->nr_symbols].name = name;
	t->symbol[t->nr_symbols++].vaddr = vaddr;
}

struct arch_env tables_env(struct tables *t)
{
	return (struct arch_env){.facts = &t->facts,
				 .vmcoreinfo = t->vmcoreinfo,
				 .symbol = find_symbol,
				 .read = read_memory,
				 .arg = t};
}

struct error *tables_learn(struct tables *t, const char *vmcoreinfo)
{
	struct arch_env env;

	vmcoreinfo_destroy(t->vmcoreinfo);
	t->vmcoreinfo = NULL;
	assert_ok(vmcoreinfo_create(vmcoreinfo, strlen(vmcoreinfo), &t->vmcoreinfo));
	env = tables_env(t);
	t->as.nr_linear = 0;
	t->as.paging = (struct paging){0};
	t->as.big_endian = t->facts.big_endian;
	return t->as.arch->learn(&t->as, &env);
}

void tables_linear(const struct addrspace *as, uint64_t vaddr, struct mapping *ret)
{
	struct addrspace bare = *as;

	bare.paging.nr_levels = 0;
	addrspace_translate(&bare, vaddr, ret);
}

void tables_check(const struct addrspace *as,
		  void (*translate)(const struct addrspace *, uint64_t, struct mapping *),
		  uint64_t vaddr, enum map_status status, uint64_t paddr, unsigned int level,
		  unsigned int flags, const char *file, int line)
{
	struct mapping map;

	translate(as, vaddr, &map);
	if (map.status == status && map.paddr == paddr && map.level == level && map.flags == flags)
		return;
	print_error("0x%llx: status %d, 0x%llx, level %u, flags %u; not %d, 0x%llx, %u, %u\n",
		    (unsigned long long)vaddr, (int)map.status, (unsigned long long)map.paddr,
		    map.level, map.flags, (int)status, (unsigned long long)paddr, level, flags);
	_fail(file, line);
}
