// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the memory sections say (mm/sparse.c, SPARSEMEM_EXTREME): where the struct pages are, and
 * how large a section is. What is noted of a section is the address of its first struct page less
 * the section's share, so that with VMEMMAP it is the same for all (Linux commit
 * 29751f6991e8, 2.6.13), and flags below.
 */
#include "kernel/find_kernel.h"

#include "dump/vmcoreinfo.h"
#include "util/bytes.h"
#include "util/checked.h"

#define PRESENT   1ULL
#define FLAGS     0xfffULL /* more than there are, and the address is that of a page */
#define PART      512U     /* roots read at once */
#define MAX_ROOTS (1U << 18)
#define MAX_BITS  40U

struct sections {
	const struct found_kernel *kernel;
	uint64_t roots;          /* address of the array */
	uint64_t per_root, size; /* mem_sections in one root, bytes of each */
	uint64_t off;            /* of section_mem_map */
	/* what a walk finds */
	bool any;
	uint64_t base, last; /* noted of the first, and number of the last that is present */
};

static bool init(struct sections *s, const struct found_kernel *kernel)
{
	uint64_t page_size;

	*s = (struct sections){.kernel = kernel};
	if (kernel->facts.word != 8 || !vmcoreinfo_dec(kernel->info, "PAGESIZE", &page_size) ||
	    !vmcoreinfo_symbol(kernel->info, "mem_section", &s->roots) ||
	    !vmcoreinfo_size(kernel->info, "mem_section", &s->size) ||
	    !vmcoreinfo_offset(kernel->info, "mem_section.section_mem_map", &s->off) || !s->size ||
	    s->size > 4096 || s->off > s->size - 8)
		return false;
	s->per_root = page_size / s->size;
	return s->per_root;
}

/* What is noted of one section; 0 when it is not present. */
static uint64_t noted(const struct sections *s, uint64_t root, uint64_t section)
{
	uint8_t raw[8];
	uint64_t map;

	if (!root ||
	    !found_kernel_read(s->kernel, root + section % s->per_root * s->size + s->off, raw, 8))
		return 0;
	map = load_u64(raw, s->kernel->facts.big_endian);
	return map & PRESENT ? map & ~FLAGS : 0;
}

/* Looks at the sections of nr_roots roots. */
static void walk(struct sections *s, uint64_t nr_roots)
{
	bool big_endian = s->kernel->facts.big_endian;
	uint8_t part[PART * 8];

	s->any = false;
	for (uint64_t i = 0; i < nr_roots && i < MAX_ROOTS; i++) {
		uint64_t nr = min_u64(nr_roots - i, PART), root;

		if (i % PART == 0 && !found_kernel_read(s->kernel, s->roots + 8 * i, part, 8 * nr))
			return;
		root = load_u64(part + i % PART * 8, big_endian);
		for (uint64_t k = 0; root && k < s->per_root; k++) {
			uint64_t map = noted(s, root, k);

			if (!map)
				continue;
			if (!s->any)
				s->base = map;
			s->any = true;
			s->last = i * s->per_root + k;
		}
	}
}

/* The number of roots when a section has 2^bits bytes. */
static uint64_t count_roots(const struct sections *s, uint64_t physmem, unsigned int bits)
{
	return div_round_up(1ULL << (physmem - bits), s->per_root);
}

/* Whether sections of this size fit the memory: the last that is present is where memory ends. */
static bool fits(struct sections *s, uint64_t physmem, unsigned int bits)
{
	uint64_t end = s->kernel->facts.max_paddr;

	if (bits >= physmem || physmem - bits > MAX_BITS)
		return false;
	walk(s, count_roots(s, physmem, bits));
	return s->any && end && (end - 1) >> bits == s->last;
}

/* Sizes that architectures with the choice have had: arm64 since Linux commit f0b13ee23241 (5.12),
 * with pages of 64K, and before. */
static void witness_size(struct found_kernel *kernel, struct sections *s)
{
	static const uint8_t sizes[] = {27, 29, 30};
	uint64_t physmem, known, found = 0;
	unsigned int nr = 0;

	if (!evidence_value(&kernel->evidence, "max_physmem_bits", &physmem) || physmem > 63)
		return;
	if (evidence_value(&kernel->evidence, "section_size_bits", &known)) {
		if (known < 63 && fits(s, physmem, (unsigned int)known))
			evidence_say(&kernel->evidence, "section_size_bits", FACT_DEC,
				     "memory sections", known);
		return;
	}
	for (size_t i = 0; i < sizeof(sizes); i++) {
		if (fits(s, physmem, sizes[i])) {
			found = sizes[i];
			nr++;
		}
	}
	if (nr == 1)
		evidence_say(&kernel->evidence, "section_size_bits", FACT_DEC, "memory sections",
			     found);
}

void found_kernel_sections(struct found_kernel *kernel)
{
	struct sections s;
	uint64_t nr_roots = 1, bits, physmem;

	if (!init(&s, kernel))
		return;
	witness_size(kernel, &s);
	if (!vmcoreinfo_length(kernel->info, "mem_section", &nr_roots) &&
	    evidence_value(&kernel->evidence, "section_size_bits", &bits) &&
	    evidence_value(&kernel->evidence, "max_physmem_bits", &physmem) && physmem < 64 &&
	    physmem > bits && physmem - bits <= MAX_BITS)
		nr_roots = count_roots(&s, physmem, (unsigned int)bits);
	walk(&s, nr_roots);
	if (s.any)
		evidence_say(&kernel->evidence, "vmemmap_base", FACT_HEX, "memory sections",
			     s.base);
}
