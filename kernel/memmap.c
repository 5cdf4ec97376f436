// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/memmap.h"

#include "arch/arch.h"
#include "dump/facts.h"
#include "dump/reader.h"
#include "dump/vmcoreinfo.h"
#include "kernel/kernel.h"
#include "util/bytes.h"
#include "util/checked.h"

// include/linux/mmzone.h; what is above them are more flags, then the coded address
#define SECTION_PRESENT     1U
#define SECTION_HAS_MEM_MAP 2U

#define GROUP_BYTES      4096U
#define PLAUSIBLE_GROUPS 8     // that have to look right
#define PLAUSIBLE_TRIES  65536 // to find one that has sections at all

/** Sections that stand side by side in memory, read in one go. */
struct group {
	uint64_t first, nr;
	bool unreadable;
	uint64_t nr_read; /**< of nr; 0 where the kernel has none */
	uint8_t raw[GROUP_BYTES];
};

static uint64_t per_group(const struct memmap *map)
{
	return map->model == MEMMAP_SPARSE_EXTREME ? map->per_root
						   : GROUP_BYTES / map->section_size;
}

/** The group that holds section nr, at most GROUP_BYTES of it from nr on. */
static void read_group(const struct memmap *map, struct kernel *kernel, uint64_t nr,
		       struct group *group)
{
	uint8_t word = kernel->dump->facts.word;
	uint64_t root = nr / per_group(map);
	uint64_t vaddr = map->mem_section + root * per_group(map) * map->section_size;
	uint64_t end = min_u64((root + 1) * per_group(map), map->nr_sections);
	uint64_t start = root * per_group(map);

	group->first = nr;
	group->nr = end - nr;
	group->nr_read = 0;
	group->unreadable = false;
	if (map->model == MEMMAP_SPARSE_EXTREME) {
		if (!kernel_read_word(kernel, map->mem_section + root * word, &vaddr)) {
			group->unreadable = true;
			return;
		}
		if (!vaddr)
			return;
	}
	group->nr = min_u64(group->nr, GROUP_BYTES / map->section_size);
	group->unreadable = !kernel_read(kernel, vaddr + (nr - start) * map->section_size,
					 group->raw, group->nr * map->section_size);
	if (!group->unreadable)
		group->nr_read = group->nr;
}

static uint64_t section_value(const struct memmap *map, const struct kernel *kernel,
			      const struct group *group, uint64_t i)
{
	const uint8_t *p = group->raw + i * map->section_size + map->map_offset;
	bool big_endian = kernel->as.big_endian;

	return kernel->dump->facts.word == 8 ? load_u64(p, big_endian) : load_u32(p, big_endian);
}

/** Where the struct page of pfn 0 would be by this section; false when the section has none. */
static bool decode_section(const struct memmap *map, uint64_t value, uint64_t *base)
{
	uint64_t has = SECTION_PRESENT | SECTION_HAS_MEM_MAP;

	if ((value & has) != has)
		return false;
	// All the flags are below PFN_SECTION_SHIFT (BUILD_BUG_ON in mm/sparse.c), their number
	// grows, and an array of struct pages is page-aligned.
	*base = value & ~((1ULL << min_u64(map->section_shift, 12)) - 1);
	return true;
}

/** Nothing but sections: whatever is not empty has the present bit. */
static bool plausible(const struct memmap *map, struct kernel *kernel)
{
	bool present = false;
	struct group group;
	uint64_t nr = 0;

	for (unsigned int tries = 0; nr < map->nr_sections && tries < PLAUSIBLE_TRIES; tries++) {
		if (present && tries >= PLAUSIBLE_GROUPS)
			break;
		read_group(map, kernel, nr, &group);
		if (group.unreadable)
			return false;
		for (uint64_t i = 0; i < group.nr_read; i++) {
			uint64_t value = section_value(map, kernel, &group, i);

			if (value && !(value & SECTION_PRESENT))
				return false;
			present |= value != 0;
		}
		nr += group.nr;
	}
	return present;
}

static struct error *missing(const char *key)
{
	return error_create(ERROR_NOT_FOUND, "no usable %s in vmcoreinfo", key);
}

/** How many sections there are, and whether they hang from roots. */
static struct error *sparse_geometry(struct memmap *map, const struct kernel *kernel)
{
	const struct vmcoreinfo *info = kernel_vmcoreinfo(kernel);
	int64_t section_bits = kernel->as.arch->section_size_bits, bits = 0;
	uint64_t length = 0;

	(void)vmcoreinfo_number(info, "SECTION_SIZE_BITS", &section_bits);
	if (section_bits <= kernel->page_shift || section_bits > 50)
		return missing("NUMBER(SECTION_SIZE_BITS)");
	map->section_shift = (unsigned int)section_bits - kernel->page_shift;
	map->per_root = kernel->page_size / map->section_size;
	map->model = MEMMAP_SPARSE_EXTREME;
	(void)vmcoreinfo_length(info, "mem_section", &length);
	if (!vmcoreinfo_number(info, "MAX_PHYSMEM_BITS", &bits)) {
		// not exported before Linux commit 1d50e5d0c505 (5.9): 64-bit kernels are extreme
		if (!length || !checked_mul(length, map->per_root, &map->nr_sections))
			return missing("LENGTH(mem_section)");
		map->nr_sections = min_u64(map->nr_sections, 1ULL << (63 - section_bits));
		return NULL;
	}
	if (bits < section_bits || bits > 63)
		return missing("NUMBER(MAX_PHYSMEM_BITS)");
	map->nr_sections = 1ULL << (bits - section_bits);
	if (length && length != div_round_up(map->nr_sections, map->per_root)) {
		map->model = MEMMAP_SPARSE;
		map->nr_sections = min_u64(map->nr_sections, length);
	}
	return NULL;
}

static struct error *init_sparse(struct memmap *map, struct kernel *kernel)
{
	const struct vmcoreinfo *info = kernel_vmcoreinfo(kernel);
	uint8_t word = kernel->dump->facts.word;
	uint64_t size = 0, offset = 0;
	struct error *err;

	if (!vmcoreinfo_size(info, "mem_section", &size) || size < word || size > GROUP_BYTES)
		return missing("SIZE(mem_section)");
	if (!vmcoreinfo_offset(info, "mem_section.section_mem_map", &offset) ||
	    offset > size - word)
		return missing("OFFSET(mem_section.section_mem_map)");
	map->section_size = (uint32_t)size;
	map->map_offset = (uint32_t)offset;
	err = sparse_geometry(map, kernel);
	if (err || plausible(map, kernel))
		return err;
	// Between Linux commits 83e3c48729d9 and a0b1280368d1 (4.15) the symbol was the address of
	// a pointer to the array.
	if (kernel_read_word(kernel, map->mem_section, &map->mem_section) && plausible(map, kernel))
		return NULL;
	return error_create(ERROR_NOT_FOUND, "no sections where SYMBOL(mem_section) points");
}

static struct error *init_flat(struct memmap *map, struct kernel *kernel, uint64_t node)
{
	static const char *const members[] = {
		"pglist_data.node_mem_map",
		"pglist_data.node_start_pfn",
		"pglist_data.node_spanned_pages",
	};
	uint64_t *const values[] = {&map->mem_map, &map->flat_start, &map->flat_end};
	uint64_t offset;

	map->model = MEMMAP_FLAT;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (!vmcoreinfo_offset(kernel_vmcoreinfo(kernel), members[i], &offset))
			return error_create(ERROR_NOT_FOUND, "no OFFSET(%s) in vmcoreinfo",
					    members[i]);
		if (!kernel_read_word(kernel, node + offset, values[i]))
			return error_create(ERROR_NOT_FOUND, "%s at 0x%llx is not in the dump",
					    members[i], (unsigned long long)(node + offset));
	}
	if (!checked_add(map->flat_start, map->flat_end, &map->flat_end))
		map->flat_end = UINT64_MAX;
	return NULL;
}

struct error *memmap_init(struct memmap *map, struct kernel *kernel)
{
	const struct vmcoreinfo *info = kernel_vmcoreinfo(kernel);
	uint64_t size = 0, node;

	*map = (struct memmap){0};
	if (!kernel->translates)
		return error_create(ERROR_NOT_FOUND, "%s",
				    kernel->reason ? kernel->reason->message : "no page tables");
	if (!vmcoreinfo_size(info, "page", &size) || size < MEMMAP_MIN_PAGE_STRUCT ||
	    size > MEMMAP_MAX_PAGE_STRUCT)
		return missing("SIZE(page)");
	map->page_struct_size = (uint32_t)size;
	if (vmcoreinfo_symbol(info, "mem_section", &map->mem_section))
		return init_sparse(map, kernel);
	if (vmcoreinfo_symbol(info, "contig_page_data", &node))
		return init_flat(map, kernel, node);
	return missing("SYMBOL(mem_section)");
}

static void sparse_run(const struct memmap *map, struct kernel *kernel, uint64_t pfn,
		       struct memmap_run *ret)
{
	uint64_t nr = pfn >> map->section_shift, base = 0, next = 0, i;
	struct group group;
	bool has;

	*ret = (struct memmap_run){.pfn = nr << map->section_shift, .end = UINT64_MAX};
	if (nr >= map->nr_sections)
		return;
	read_group(map, kernel, nr, &group);
	ret->end = (nr + group.nr) << map->section_shift;
	ret->unreadable = group.unreadable;
	if (!group.nr_read)
		return;
	has = decode_section(map, section_value(map, kernel, &group, 0), &base);
	for (i = 1; i < group.nr_read; i++) {
		if (decode_section(map, section_value(map, kernel, &group, i), &next) != has ||
		    (has && next != base))
			break;
	}
	ret->end = (nr + i) << map->section_shift;
	if (has)
		ret->vaddr = base + ret->pfn * map->page_struct_size;
}

void memmap_run(const struct memmap *map, struct kernel *kernel, uint64_t pfn,
		struct memmap_run *ret)
{
	if (map->model != MEMMAP_FLAT)
		sparse_run(map, kernel, pfn, ret);
	else if (pfn < map->flat_start)
		*ret = (struct memmap_run){.end = map->flat_start};
	else if (pfn >= map->flat_end)
		*ret = (struct memmap_run){.pfn = map->flat_end, .end = UINT64_MAX};
	else
		*ret = (struct memmap_run){
			.pfn = map->flat_start,
			.end = map->flat_end,
			.vaddr = map->mem_map,
		};
}

bool memmap_pfn(const struct memmap *map, struct kernel *kernel, uint64_t vaddr, uint64_t near_pfn,
		uint64_t *ret)
{
	struct memmap_run run;
	int64_t distance, size = map->page_struct_size;
	uint64_t pfn;

	memmap_run(map, kernel, near_pfn, &run);
	distance = (int64_t)(vaddr - run.vaddr);
	if (!run.vaddr || distance % size)
		return false;
	pfn = run.pfn + (uint64_t)(distance / size);
	if (pfn < run.pfn || pfn >= run.end) {
		memmap_run(map, kernel, pfn, &run);
		if (!run.vaddr || run.vaddr + (pfn - run.pfn) * map->page_struct_size != vaddr)
			return false;
	}
	*ret = pfn;
	return true;
}
