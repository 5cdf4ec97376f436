// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/value.h"

#include "arch/arch.h"
#include "dump/facts.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/memmap.h"
#include "util/bits.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

#define READ_BYTES      (64U << 10)
#define MEMMAP_RUNS     (1U << 18) // looked at; as many as 4 PiB have
#define MEMMAP_RANGES   (1U << 16) // kept; more than that does not pay
#define VARIABLES_SHARE 8          // one word in so many

/** The next stretch of the image that is mapped where it belongs; *vaddr moves behind it. */
static bool next_image_run(const struct addrspace *as, const struct linear_map *image,
			   uint64_t *vaddr, struct mapping *map)
{
	while (*vaddr >= image->start && *vaddr <= image->last) {
		uint64_t at = *vaddr;

		pgtable_walk(as, at, map);
		map->len = min_u64(map->len - 1, image->last - at) + 1;
		*vaddr = at + map->len;
		if (map->status == MAP_OK && map->paddr == at - image->start + image->paddr)
			return true;
	}
	return false;
}

void page_values_find_image(struct page_values *values, const struct kernel *kernel)
{
	const struct linear_map *image = addrspace_linear(&kernel->as, LINEAR_KERNEL_IMAGE);
	uint64_t vaddr = image ? image->start : 0;
	struct mapping map;

	*values = (struct page_values){0};
	while (image && next_image_run(&kernel->as, image, &vaddr, &map)) {
		if (!values->image_end)
			values->image_pfn = map.paddr >> kernel->page_shift;
		values->image_end = (map.paddr + map.len) >> kernel->page_shift;
	}
}

/** Text, strings, symbol tables and debug data hardly hold small numbers or kernel addresses;
 * variables, even those that never change, hold little else. */
static bool holds_variables(const struct kernel *kernel, const uint8_t *page)
{
	const struct dump_facts *facts = &kernel->dump->facts;
	uint64_t first = kernel->as.paging.first;
	size_t nr = kernel->page_size / facts->word, good = 0;

	for (size_t i = 0; i < nr; i++) {
		const uint8_t *p = page + i * facts->word;
		uint64_t value = facts->word == 8 ? load_u64(p, kernel->as.big_endian)
						  : load_u32(p, kernel->as.big_endian);

		good += value >> (facts->word * 4) == 0 || value >= first;
	}
	return good >= nr / VARIABLES_SHARE;
}

static struct error *find_variables(struct page_values *values, struct kernel *kernel)
{
	const struct linear_map *image = addrspace_linear(&kernel->as, LINEAR_KERNEL_IMAGE);
	size_t len = max_u64(READ_BYTES, kernel->page_size), got;
	_cleanup_free_ uint8_t *buf = sys_malloc(len);
	uint64_t vaddr = image ? image->start : 0;
	struct mapping map;

	values->variables = sys_calloc(bits_words(values->image_end - values->image_pfn) + 1,
				       sizeof(*values->variables));
	if (!buf || !values->variables)
		return &error_nomem;
	while (image && next_image_run(&kernel->as, image, &vaddr, &map)) {
		if (map.flags & MAP_EXEC)
			continue;
		for (uint64_t done = 0; done < map.len; done += len) {
			uint64_t at = map.paddr + done, pfn = at >> kernel->page_shift;

			dump_read(kernel->dump, kernel->scratch, at, buf,
				  min_u64(len, map.len - done), &got);
			for (size_t i = 0; i < got / kernel->page_size; i++)
				if (holds_variables(kernel, buf + i * kernel->page_size))
					bits_set(values->variables, pfn + i - values->image_pfn);
		}
	}
	return NULL;
}

/** Where struct pages are: the mapping of one run of the memory map. */
static void add_memmap(struct page_values *values, const struct kernel *kernel, uint64_t vaddr,
		       uint64_t len)
{
	struct mapping map;

	for (uint64_t done = 0; done < len && values->nr_memmap < MEMMAP_RANGES; done += map.len) {
		uint64_t pfn;

		addrspace_translate(&kernel->as, vaddr + done, &map);
		map.len = min_u64(map.len - 1, len - done - 1) + 1;
		if (map.status != MAP_OK)
			continue;
		pfn = map.paddr >> kernel->page_shift;
		values->memmap[values->nr_memmap++] = (struct range){
			.start = pfn,
			.end = div_round_up(map.paddr + map.len, kernel->page_size),
			.value = pfn,
		};
	}
}

static struct error *find_memmap(struct page_values *values, struct kernel *kernel,
				 const struct memmap *map)
{
	uint64_t end = kernel->dump->facts.max_paddr >> kernel->page_shift, pfn = 0;
	_cleanup_free_ struct range *found = sys_calloc(MEMMAP_RANGES, sizeof(*found));
	struct error *err;

	if (!found)
		return &error_nomem;
	values->memmap = found;
	for (unsigned int i = 0; i < MEMMAP_RUNS && pfn < end; i++) {
		struct memmap_run run;

		memmap_run(map, kernel, pfn, &run);
		run.end = min_u64(run.end, end);
		if (run.vaddr)
			add_memmap(values, kernel, run.vaddr,
				   (run.end - run.pfn) * map->page_struct_size);
		pfn = run.end;
	}
	values->memmap = NULL;
	err = ranges_fold(found, values->nr_memmap, &values->memmap, &values->nr_memmap);
	if (err)
		values->nr_memmap = 0;
	return err;
}

struct error *page_values_init(struct page_values *values, struct kernel *kernel,
			       const struct memmap *map)
{
	struct error *err;

	page_values_find_image(values, kernel);
	err = find_variables(values, kernel);
	return err ? err : find_memmap(values, kernel, map);
}

void page_values_deinit(struct page_values *values)
{
	free(values->variables);
	free(values->memmap);
}

enum page_value page_value(const struct page_values *values, uint64_t pfn)
{
	size_t i;

	if (pfn >= values->image_pfn && pfn < values->image_end)
		return bits_test(values->variables, pfn - values->image_pfn) ? VALUE_VARIABLES
									     : VALUE_KERNEL;
	i = ranges_find(values->memmap, values->nr_memmap, pfn);
	if (i < values->nr_memmap && pfn >= values->memmap[i].start)
		return VALUE_REST;
	return VALUE_RESERVED;
}
