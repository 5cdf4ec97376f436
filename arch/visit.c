// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/visit.h"

#include "arch/arch.h"
#include "util/bytes.h"
#include "util/checked.h"

#define READ_BYTES 4096U

struct walk {
	const struct addrspace *as;
	const struct pgtable_visitor *visitor;
	uint64_t first, last;
	bool complete;
};

static void visit(struct walk *w, unsigned int level, uint64_t table, uint64_t vaddr);

static uint64_t bytes_of(const struct paging *paging, unsigned int level)
{
	unsigned int shift = paging->shift[level];

	return shift < 64 ? 1ULL << shift : 0;
}

static bool wanted(const struct walk *w, uint64_t vaddr, uint64_t len)
{
	return vaddr <= w->last && vaddr + (len - 1) >= w->first;
}

/* Entries of the root table stand for addresses with zeros or with ones above. */
static uint64_t with_sign(const struct walk *w, unsigned int level, uint64_t vaddr)
{
	const struct paging *paging = &w->as->paging;
	unsigned int bits = paging->shift[level] + paging->bits[level];

	if (level + 1U == paging->nr_levels && bits < 64 &&
	    !wanted(w, vaddr, bytes_of(paging, level)))
		vaddr |= ~0ULL << bits;
	return vaddr;
}

static void visit_entry(struct walk *w, unsigned int level, const uint8_t *raw, uint64_t vaddr)
{
	const struct paging *paging = &w->as->paging;
	uint64_t entry = paging->entry_size == 8 ? load_u64(raw, paging->big_endian)
						 : load_u32(raw, paging->big_endian);
	unsigned int flags;
	uint64_t paddr;

	if (!entry)
		return;
	switch (w->as->arch->pte(paging, level, entry, &paddr, &flags)) {
	case PTE_NONE: break;
	case PTE_TABLE:
		if (level)
			visit(w, level - 1, paddr, vaddr);
		break;
	case PTE_LEAF:
		if (w->as->arch->leaf_shift) // each of the entries that repeat it maps its part
			paddr |= vaddr &
				 ((1ULL << w->as->arch->leaf_shift(paging, level, entry)) - 1);
		if (w->visitor->leaf)
			w->visitor->leaf(w->visitor->arg, vaddr, paddr, bytes_of(paging, level));
		break;
	}
}

static void visit(struct walk *w, unsigned int level, uint64_t table, uint64_t vaddr)
{
	const struct paging *paging = &w->as->paging;
	uint64_t nr = 1ULL << paging->bits[level], size = paging->entry_size;
	uint8_t raw[READ_BYTES];

	if (!w->visitor->table(w->visitor->arg, level, table, nr * size))
		return;
	for (uint64_t i = 0; i < nr; i += READ_BYTES / size) {
		uint64_t n = min_u64(nr - i, READ_BYTES / size);

		if (!w->as->read(w->as->read_arg, table + i * size, raw, n * size)) {
			w->complete = false;
			continue;
		}
		for (uint64_t j = 0; j < n; j++) {
			uint64_t at = with_sign(w, level, vaddr | (i + j) << paging->shift[level]);

			if (wanted(w, at, bytes_of(paging, level)))
				visit_entry(w, level, raw + j * size, at);
		}
	}
}

bool pgtable_visit(const struct addrspace *as, uint64_t first, uint64_t last,
		   const struct pgtable_visitor *visitor)
{
	struct walk w = {
		.as = as,
		.visitor = visitor,
		.first = first,
		.last = last,
		.complete = true,
	};

	if (!as->paging.nr_levels)
		return false;
	visit(&w, as->paging.nr_levels - 1U, as->paging.root, 0);
	return w.complete;
}
