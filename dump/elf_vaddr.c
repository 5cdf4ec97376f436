// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/elf_vaddr.h"

#include <stdbool.h>
#include <stdlib.h>

#include "util/sys.h"

/* QEMU writes 0 or p_paddr where it knows no address, kexec -1 for memory that is not mapped. */
static bool is_mapped(const struct dump_segment *segment)
{
	return segment->vaddr && segment->vaddr != segment->paddr && segment->vaddr != UINT64_MAX &&
	       segment->vaddr != UINT32_MAX && segment->memsz;
}

struct mapping {
	uint64_t delta; /* vaddr - paddr */
	uint64_t memsz;
};

static int by_delta(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	return (x->delta > y->delta) - (x->delta < y->delta);
}

/* The direct map is what has most of memory at the same distance. */
static uint64_t find_direct_map(struct mapping *maps, size_t nr)
{
	uint64_t sum = 0, best = 0, delta = 0;

	qsort(maps, nr, sizeof(*maps), by_delta);
	for (size_t i = 0; i < nr; i++) {
		if (i && maps[i].delta != maps[i - 1].delta)
			sum = 0;
		sum += maps[i].memsz;
		if (sum > best) {
			best = sum;
			delta = maps[i].delta;
		}
	}
	return delta;
}

static void add_alias(struct elf_vaddr *vaddr, const struct dump_segment *segment)
{
	if (vaddr->nr_aliases < ELF_MAX_ALIASES)
		vaddr->aliases[vaddr->nr_aliases] = *segment;
	vaddr->nr_aliases++;
}

struct error *elf_vaddr_init(struct elf_vaddr *vaddr, const struct dump_facts *facts)
{
	_cleanup_free_ struct mapping *maps = NULL;
	size_t nr = 0;

	*vaddr = (struct elf_vaddr){0};
	if (!facts->nr_segments)
		return NULL;
	maps = sys_calloc(facts->nr_segments, sizeof(*maps));
	if (!maps)
		return &error_nomem;
	for (size_t i = 0; i < facts->nr_segments; i++) {
		const struct dump_segment *s = &facts->segments[i];

		if (is_mapped(s))
			maps[nr++] = (struct mapping){s->vaddr - s->paddr, s->memsz};
	}
	vaddr->direct_map = find_direct_map(maps, nr);
	for (size_t i = 0; i < facts->nr_segments; i++) {
		const struct dump_segment *s = &facts->segments[i];

		if (is_mapped(s) && s->vaddr - s->paddr != vaddr->direct_map)
			add_alias(vaddr, s);
	}
	if (vaddr->nr_aliases > ELF_MAX_ALIASES)
		vaddr->nr_aliases = 0;
	return NULL;
}
