// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/addrspace.h"
#include "arch/arch.h"
#include "util/bytes.h"
#include "util/checked.h"

// Neighbours of the entry that are looked at to make the stretch longer: one more small read.
#define MERGE_ENTRIES 64

struct leaf {
	uint64_t entry; /**< as it stands in the table */
	enum pte_type type;
	unsigned int shift; /**< log2 of the bytes that it maps or leaves unmapped */
	uint64_t paddr;
	unsigned int flags;
};

static struct leaf decode(const struct addrspace *as, unsigned int level, const uint8_t *raw)
{
	const struct paging *paging = &as->paging;
	struct leaf leaf = {.shift = paging->shift[level]};

	leaf.entry = paging->entry_size == 8 ? load_u64(raw, paging->big_endian)
					     : load_u32(raw, paging->big_endian);
	leaf.type = as->arch->pte(paging, level, leaf.entry, &leaf.paddr, &leaf.flags);
	if (leaf.type == PTE_LEAF && as->arch->leaf_shift)
		leaf.shift = as->arch->leaf_shift(paging, level, leaf.entry);
	return leaf;
}

static uint64_t entry_index(const struct paging *paging, unsigned int level, uint64_t vaddr)
{
	return vaddr >> paging->shift[level] & ((1ULL << paging->bits[level]) - 1);
}

static uint64_t low_bits(uint64_t value, unsigned int bits)
{
	return bits > 63 ? value : value & ((1ULL << bits) - 1);
}

/** The smaller of two lengths of which 0 is 2^64. */
static uint64_t shorter(uint64_t a, uint64_t b)
{
	return min_u64(a - 1, b - 1) + 1;
}

static bool translates(const struct paging *paging, uint64_t vaddr)
{
	return paging->nr_levels && vaddr - paging->first <= paging->last - paging->first;
}

/** Follows the tables to the last entry that can be read, and decodes that. */
static size_t descend(const struct addrspace *as, uint64_t vaddr,
		      struct pgtable_step steps[PAGING_MAX_LEVELS], struct leaf *leaf)
{
	const struct paging *paging = &as->paging;
	uint64_t table = paging->root;
	size_t nr = 0;

	for (unsigned int level = paging->nr_levels; level-- > 0;) {
		struct pgtable_step *step = &steps[nr++];
		uint8_t raw[8];

		*step = (struct pgtable_step){
			.table = table + entry_index(paging, level, vaddr) * paging->entry_size,
			.level = level,
		};
		if (!as->read(as->read_arg, step->table, raw, paging->entry_size))
			break;
		step->readable = true;
		*leaf = decode(as, level, raw);
		step->entry = leaf->entry;
		if (leaf->type != PTE_TABLE)
			break;
		table = leaf->paddr;
	}
	return nr;
}

size_t pgtable_steps(const struct addrspace *as, uint64_t vaddr,
		     struct pgtable_step steps[PAGING_MAX_LEVELS])
{
	struct leaf leaf;

	return translates(&as->paging, vaddr) ? descend(as, vaddr, steps, &leaf) : 0;
}

/** Makes a leaf or hole longer by those behind it in the same table that continue it. */
static void merge(const struct addrspace *as, uint64_t vaddr, const struct pgtable_step *step,
		  struct mapping *mapping)
{
	const struct paging *paging = &as->paging;
	unsigned int shift = paging->shift[step->level];
	uint64_t index = entry_index(paging, step->level, vaddr);
	uint64_t behind = low_bits(vaddr, shift) + mapping->len; // bytes, from this entry on
	uint64_t skip = behind >> shift;
	uint64_t nr = min_u64(MERGE_ENTRIES, (1ULL << paging->bits[step->level]) - index - 1);
	uint8_t raw[MERGE_ENTRIES * 8];

	if (skip > nr ||
	    !as->read(as->read_arg, step->table + paging->entry_size, raw, nr * paging->entry_size))
		return;
	for (uint64_t i = skip; i <= nr;) {
		struct leaf leaf = decode(as, step->level, raw + (i - 1) * paging->entry_size);

		if (mapping->status == MAP_UNMAPPED
			    ? leaf.type != PTE_NONE
			    : leaf.type != PTE_LEAF || leaf.flags != mapping->flags ||
				      leaf.paddr != mapping->paddr + mapping->len)
			break;
		mapping->len += 1ULL << leaf.shift;
		i += 1ULL << (leaf.shift - shift);
	}
}

void pgtable_walk(const struct addrspace *as, uint64_t vaddr, struct mapping *ret)
{
	const struct paging *paging = &as->paging;
	struct pgtable_step steps[PAGING_MAX_LEVELS], *last;
	struct leaf leaf;

	*ret = (struct mapping){.status = MAP_NO_TABLE, .len = 0 - vaddr};
	if (!paging->nr_levels)
		return;
	if (!translates(paging, vaddr)) {
		ret->status = MAP_UNMAPPED;
		ret->level = paging->nr_levels - 1U;
		if (paging->first > vaddr)
			ret->len = paging->first - vaddr;
		return;
	}
	last = &steps[descend(as, vaddr, steps, &leaf) - 1];
	ret->level = last->level;
	if (!last->readable) {
		unsigned int bits = paging->shift[last->level] + paging->bits[last->level];

		ret->len = bits > 63 ? 0 - vaddr : (1ULL << bits) - low_bits(vaddr, bits);
	} else {
		ret->status = leaf.type == PTE_LEAF ? MAP_OK : MAP_UNMAPPED;
		ret->len = (1ULL << leaf.shift) - low_bits(vaddr, leaf.shift);
		if (leaf.type == PTE_LEAF) {
			ret->paddr = leaf.paddr + low_bits(vaddr, leaf.shift);
			ret->flags = leaf.flags;
		}
		merge(as, vaddr, last, ret);
	}
	ret->len = shorter(shorter(ret->len, paging->last - vaddr + 1), 0 - vaddr);
}
