// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/learn.h"

#include "dump/facts.h"
#include "dump/vmcoreinfo.h"
#include "util/bytes.h"
#include "util/checked.h"

// How many places are tried for a root, and how many stretches of low memory are looked at, before
// a damaged dump is given up.
#define PROBE_TRIES  (1U << 20)
#define LOWMEM_TRIES (1U << 20)

struct error *learn_page_shift(const struct addrspace *as, const struct arch_env *env, uint8_t *ret)
{
	uint64_t size;

	if (!vmcoreinfo_dec(env->vmcoreinfo, "PAGESIZE", &size)) {
		if (!as->arch->default_page_shift)
			return error_create(ERROR_NOT_FOUND, "no PAGESIZE in vmcoreinfo");
		size = 1ULL << as->arch->default_page_shift;
	}
	if (!is_power_of_two(size) || size < 4096 || size > 65536)
		return error_create(ERROR_FORMAT, "PAGESIZE %llu in vmcoreinfo is no page size",
				    (unsigned long long)size);
	*ret = (uint8_t)__builtin_ctzll(size);
	return NULL;
}

struct error *learn_number(const struct arch_env *env, const char *name, uint64_t *ret)
{
	int64_t number;

	if (!vmcoreinfo_number(env->vmcoreinfo, name, &number))
		return error_create(ERROR_NOT_FOUND, "no NUMBER(%s) in vmcoreinfo", name);
	*ret = (uint64_t)number;
	return NULL;
}

struct error *learn_swapper(const struct arch_env *env, uint64_t *vaddr)
{
	if (!env->symbol(env->arg, "swapper_pg_dir", vaddr))
		return error_create(ERROR_NOT_FOUND, "no SYMBOL(swapper_pg_dir) in vmcoreinfo");
	return NULL;
}

bool learn_variable(const struct addrspace *as, const struct arch_env *env, const char *symbol,
		    unsigned int size, uint64_t *ret)
{
	struct mapping map;
	uint64_t vaddr;
	uint8_t raw[8];

	if (!env->symbol(env->arg, symbol, &vaddr))
		return false;
	addrspace_translate(as, vaddr, &map);
	if (map.status != MAP_OK || !as->read(as->read_arg, map.paddr, raw, size))
		return false;
	*ret = size == 8 ? load_u64(raw, as->big_endian) : load_u32(raw, as->big_endian);
	return true;
}

void learn_levels(struct addrspace *as, uint8_t page_shift, uint8_t nr_levels, uint8_t bits)
{
	as->paging = (struct paging){
		.page_shift = page_shift,
		.nr_levels = nr_levels,
		.entry_size = 8,
		.big_endian = as->big_endian,
	};
	for (unsigned int i = 0; i < nr_levels; i++) {
		as->paging.bits[i] = bits;
		as->paging.shift[i] = (uint8_t)(page_shift + i * bits);
	}
}

bool learn_maps_itself(const struct addrspace *as, uint64_t root_vaddr)
{
	struct mapping map;

	pgtable_walk(as, root_vaddr, &map);
	return map.status == MAP_NO_TABLE || (map.status == MAP_OK && map.paddr == as->paging.root);
}

struct error *learn_check_root(struct addrspace *as, uint64_t root_vaddr)
{
	if (learn_maps_itself(as, root_vaddr))
		return NULL;
	as->paging.nr_levels = 0;
	return error_create(ERROR_FORMAT,
			    "the page tables at 0x%llx do not map themselves at 0x%llx",
			    (unsigned long long)as->paging.root, (unsigned long long)root_vaddr);
}

struct error *learn_probe_root(struct addrspace *as, uint64_t root_vaddr, uint64_t first,
			       uint64_t step, uint64_t max_paddr)
{
	struct mapping map;

	as->paging.root = first;
	for (unsigned int i = 0; i < PROBE_TRIES && as->paging.root < max_paddr; i++) {
		pgtable_walk(as, root_vaddr, &map);
		if (map.status == MAP_OK && map.paddr == as->paging.root)
			return NULL;
		as->paging.root += step;
	}
	as->paging.nr_levels = 0;
	return error_create(ERROR_NOT_FOUND,
			    "no page tables below 0x%llx that map themselves at 0x%llx",
			    (unsigned long long)max_paddr, (unsigned long long)root_vaddr);
}

void learn_direct_map(struct addrspace *as, const struct arch_env *env, uint64_t vaddr,
		      uint64_t paddr, uint64_t start, uint64_t last, bool fallback)
{
	// sums are mod 2^64: where RAM is randomised paddr may be far below 0
	struct linear_map map = {.kind = LINEAR_DIRECT_MAP, .fallback = fallback};
	uint64_t zero = vaddr - paddr, max_paddr = env->facts->max_paddr;

	map.start = max_u64(start, zero);
	map.last = max_paddr ? min_u64(last, zero + max_paddr - 1) : last;
	map.paddr = map.start - zero;
	addrspace_add_linear(as, &map);
}

void learn_lowmem(struct addrspace *as, uint64_t vaddr, uint64_t paddr)
{
	struct linear_map map = {
		.kind = LINEAR_DIRECT_MAP, .fallback = true, .start = vaddr, .paddr = paddr};
	uint64_t at = vaddr;

	for (unsigned int i = 0; i < LOWMEM_TRIES && at <= as->paging.last; i++) {
		struct mapping stretch;

		pgtable_walk(as, at, &stretch);
		if (stretch.status == MAP_OK) {
			if (stretch.paddr - paddr != at - vaddr)
				break;
			map.last = at + stretch.len - 1;
		}
		at += stretch.len;
	}
	addrspace_add_linear(as, &map);
}

void learn_image(struct addrspace *as, const struct arch_env *env, uint64_t voffset)
{
	struct linear_map map = {.kind = LINEAR_KERNEL_IMAGE, .fallback = true};
	uint64_t end;

	if (!env->symbol(env->arg, "_text", &map.start) || !env->symbol(env->arg, "_end", &end) ||
	    !end)
		return;
	map.last = end - 1;
	map.paddr = map.start - voffset;
	addrspace_add_linear(as, &map);
}

bool learn_phys_to_virt(const struct addrspace *as, uint64_t paddr, uint64_t *ret)
{
	for (size_t i = 0; i < as->nr_linear; i++) {
		const struct linear_map *map = &as->linear[i];

		if (map->kind != LINEAR_DIRECT_MAP || paddr - map->paddr > map->last - map->start)
			continue;
		*ret = map->start + (paddr - map->paddr);
		return true;
	}
	return false;
}
