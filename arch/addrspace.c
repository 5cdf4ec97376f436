// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/addrspace.h"

#include "util/checked.h"

bool addrspace_add_linear(struct addrspace *as, const struct linear_map *map)
{
	if (as->nr_linear == ADDRSPACE_MAX_LINEAR || map->last < map->start)
		return false;
	as->linear[as->nr_linear++] = *map;
	return true;
}

const struct linear_map *addrspace_linear(const struct addrspace *as, enum linear_kind kind)
{
	for (size_t i = 0; i < as->nr_linear; i++) {
		if (as->linear[i].kind == kind)
			return &as->linear[i];
	}
	return NULL;
}

static bool linear_translate(const struct addrspace *as, uint64_t vaddr, bool fallback,
			     struct mapping *ret)
{
	for (size_t i = 0; i < as->nr_linear; i++) {
		const struct linear_map *map = &as->linear[i];

		if (map->fallback != fallback || vaddr < map->start || vaddr > map->last)
			continue;
		*ret = (struct mapping){
			.status = MAP_OK,
			.paddr = vaddr - map->start + map->paddr,
			.len = map->last - vaddr + 1,
		};
		return true;
	}
	return false;
}

/** Ends the stretch where a linear map begins, because other rules hold there. */
static void stop_at_linear(const struct addrspace *as, uint64_t vaddr, struct mapping *mapping)
{
	for (size_t i = 0; i < as->nr_linear; i++) {
		uint64_t start = as->linear[i].start;

		// in a len of 0, which is 2^64, minus one is the largest
		if (start > vaddr && start - vaddr - 1 < mapping->len - 1)
			mapping->len = start - vaddr;
	}
}

void addrspace_translate(const struct addrspace *as, uint64_t vaddr, struct mapping *ret)
{
	struct mapping linear;

	if (linear_translate(as, vaddr, false, ret))
		return;
	pgtable_walk(as, vaddr, ret);
	stop_at_linear(as, vaddr, ret);
	if (ret->status == MAP_NO_TABLE && linear_translate(as, vaddr, true, &linear)) {
		// a length of 0 is 2^64
		linear.len = min_u64(linear.len - 1, ret->len - 1) + 1;
		*ret = linear;
	}
}
