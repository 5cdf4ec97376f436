// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/judge.h"

#include <string.h>

#include "arch/arch.h"
#include "dump/facts.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/value.h"
#include "util/checked.h"
#include "util/sparsebits.h"
#include "util/sys.h"

/** Pages that one struct page speaks for. */
struct span {
	uint64_t start, end;
	uint8_t verdict;
};

struct judge {
	const struct judge_rules *rules;
	struct kernel *kernel;
	uint8_t *structs;      // struct pages
	uint8_t *verdicts;     // enum verdict of each
	struct memmap_run run; // where the struct pages are that were looked for last
	uint64_t map_vaddr;    // the last mapping of struct pages
	struct mapping map;
	struct span span;    // the last one of more than one page
	uint64_t judged_end; // of the pages judged last
};

static bool is_dropped(const struct judge *j, uint8_t verdict)
{
	return j->rules->dropped >> verdict & 1;
}

/** Reads from an array of struct pages; mostly in one go, from a mapping that is known already. */
static size_t read_structs(struct judge *j, uint64_t vaddr, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		uint64_t from = vaddr + done;
		size_t want, got = 0;

		if (j->map.status != MAP_OK || from - j->map_vaddr > j->map.len - 1) {
			addrspace_translate(&j->kernel->as, from, &j->map);
			j->map_vaddr = from;
			if (j->map.status != MAP_OK)
				break;
		}
		want = (size_t)min_u64(j->map.len - 1 - (from - j->map_vaddr), len - done - 1) + 1;
		dump_read(j->kernel->dump, j->kernel->scratch, j->map.paddr + (from - j->map_vaddr),
			  (uint8_t *)buf + done, want, &got);
		done += got;
		if (got < want)
			break;
	}
	return done;
}

/** Where the struct page of pfn is. */
static bool struct_vaddr(struct judge *j, uint64_t pfn, uint64_t *ret)
{
	if (pfn < j->run.pfn || pfn >= j->run.end)
		memmap_run(&j->rules->memmap, j->kernel, pfn, &j->run);
	if (!j->run.vaddr)
		return false;
	*ret = j->run.vaddr + (pfn - j->run.pfn) * j->rules->layout.size;
	return true;
}

/** What the page pfn is, which was judged so. */
static uint8_t verdict_of(const struct judge_rules *rules, struct page_verdict *found, uint64_t pfn)
{
	if (found->damaged)
		return VERDICT_DAMAGED;
	if (found->class == PAGE_HWPOISON || found->class == PAGE_OFFLINE)
		return (uint8_t)found->class;
	if (found->reserved) {
		found->order = 0; // is part of nothing
		return VERDICT_RESERVED;
	}
	// On 6.6 to 6.8 PG_hugetlb is no proof: a compound page of the image may have that bit in
	// its second struct page by chance (makedumpfile issue 21).
	if (found->class == PAGE_HUGETLB && pfn >= rules->image_pfn && pfn < rules->image_end)
		return PAGE_KEEP;
	return (uint8_t)found->class;
}

static bool in_span(const struct judge *j, uint64_t pfn)
{
	return pfn - j->span.start < j->span.end - j->span.start;
}

static void set_span(struct judge *j, uint64_t pfn, unsigned int order, uint8_t verdict)
{
	j->span = (struct span){
		.start = pfn,
		.end = pfn + (1ULL << order),
		.verdict = verdict,
	};
}

/** Reads the struct page of pfn, and the one behind it as far as that can be had, else zeros. */
static bool read_pair(struct judge *j, uint64_t pfn, uint64_t *vaddr,
		      uint8_t structs[2 * MEMMAP_MAX_PAGE_STRUCT])
{
	size_t size = j->rules->layout.size;

	memset(structs, 0, 2 * size);
	return struct_vaddr(j, pfn, vaddr) &&
	       kernel_read_some(j->kernel, *vaddr, structs, 2 * size) >= size;
}

/** Does the block or compound page that begins at head reach to pfn? Then it is the span. */
static bool reaches(struct judge *j, uint64_t head, uint64_t pfn, bool only_free)
{
	const struct page_layout *layout = &j->rules->layout;
	uint8_t structs[2 * MEMMAP_MAX_PAGE_STRUCT];
	struct page_verdict found;
	uint8_t verdict;
	uint64_t vaddr;

	if (!read_pair(j, head, &vaddr, structs))
		return false;
	found = page_classify(layout, structs, structs + layout->size, head);
	if (head + (1ULL << found.order) <= pfn ||
	    (only_free && found.class != PAGE_FREE && found.class != PAGE_UNACCEPTED))
		return false;
	verdict = verdict_of(j->rules, &found, head);
	set_span(j, head, found.order, verdict);
	return true;
}

/** Finds what began before pfn and reaches beyond it. */
static void look_back(struct judge *j, uint64_t pfn)
{
	const struct page_layout *layout = &j->rules->layout;
	unsigned int max_order = PAGE_MAX_ORDER;
	uint8_t structs[2 * MEMMAP_MAX_PAGE_STRUCT];
	uint64_t vaddr, head, last = pfn;

	if (!read_pair(j, pfn, &vaddr, structs))
		return;
	if (layout->tail_mask) {
		head = page_head(layout, structs, vaddr);
		// Before 7.1 HVO maps the struct pages of a head over those of its tails, so what
		// looks like a head may be a tail, and only the one behind it tells.
		if (head == vaddr)
			head = page_head(layout, structs + layout->size, vaddr + layout->size);
		if (head < vaddr) {
			if (memmap_pfn(&j->rules->memmap, j->kernel, head, pfn, &head))
				reaches(j, head, pfn, false);
			return;
		}
		max_order = layout->nr_free_orders - 1;
	}
	for (unsigned int order = 1; order <= max_order; order++) {
		head = align_down(pfn, 1ULL << order);
		if (head != last && reaches(j, head, pfn, layout->tail_mask))
			return;
		last = head;
	}
}

static void fill(struct judge *j, uint64_t first, uint64_t from, uint64_t to, uint8_t verdict)
{
	memset(j->verdicts + (from - first), verdict, to - from);
}

/** A span that is kept still has pages that must not be touched: before 5.11 poisoned pages stay in
 * the buddy allocator, Linux commit a8b2c2ce89d4. */
static void drop_poisoned(struct judge *j, uint8_t *verdicts, const uint8_t *page, uint64_t nr)
{
	const struct page_layout *layout = &j->rules->layout;

	for (uint64_t i = 0; i < nr; i++) {
		if (page_flags(layout, page + i * layout->size) & layout->hwpoison_mask)
			verdicts[i] = PAGE_HWPOISON;
	}
}

/** Judges the pages [pfn, end), whose struct pages are in j->structs up to read_end. */
static void judge_structs(struct judge *j, uint64_t first, uint64_t pfn, uint64_t end,
			  uint64_t read_end)
{
	const struct page_layout *layout = &j->rules->layout;
	const uint8_t *page = j->structs;
	uint64_t nr;

	for (; pfn < end; pfn += nr, page += nr * layout->size) {
		uint8_t *verdicts = j->verdicts + (pfn - first);

		nr = 1;
		if (!in_span(j, pfn)) {
			const uint8_t *next = pfn + 1 < read_end ? page + layout->size : NULL;
			struct page_verdict found = page_classify(layout, page, next, pfn);

			*verdicts = verdict_of(j->rules, &found, pfn);
			if (!found.order && found.class != PAGE_FREE)
				continue;
			set_span(j, pfn, found.order, *verdicts);
		}
		nr = min_u64(j->span.end, end) - pfn;
		memset(verdicts, j->span.verdict, nr);
		if (!is_dropped(j, j->span.verdict))
			drop_poisoned(j, verdicts, page, nr);
	}
}

/** Judges the pages [pfn, stop), which are in j->run, as far as their struct pages can be read in
 * one go, at least one; returns where it ended. */
static uint64_t judge_run(struct judge *j, uint64_t first, uint64_t pfn, uint64_t stop)
{
	size_t size = j->rules->layout.size;
	uint64_t vaddr = j->run.vaddr + (pfn - j->run.pfn) * size, gap;
	uint64_t want = min_u64(stop + 1, j->run.end) - pfn; // a head needs the one behind it
	size_t got = read_structs(j, vaddr, j->structs, want * size);
	uint64_t read_end = pfn + got / size, end = min_u64(read_end, stop);

	if (end > pfn) {
		judge_structs(j, first, pfn, end, read_end);
		return end;
	}
	// the rest of the page in which the struct page begins or ends
	gap = align_down(vaddr + got, j->kernel->page_size) + j->kernel->page_size - j->run.vaddr;
	end = min_u64(j->run.pfn + div_round_up(gap, size), stop);
	fill(j, first, pfn, end, VERDICT_UNREADABLE);
	return end;
}

/** Of kernel pages only the lists of the CPUs tell that they are free. */
static void mark_free(struct judge *j, uint64_t first, uint64_t end)
{
	for (uint64_t pfn = first, stop;
	     sparsebits_next_run(j->rules->pcp_free, end, &pfn, &stop);) {
		for (; pfn < stop; pfn++)
			if (j->verdicts[pfn - first] == PAGE_KEEP)
				j->verdicts[pfn - first] = PAGE_PCP_FREE;
	}
}

uint8_t *judge_pages(struct judge *j, uint64_t first, uint64_t end)
{
	uint64_t pfn = first, vaddr, stop;

	if (first != j->judged_end && !in_span(j, first))
		look_back(j, first);
	while (pfn < end) {
		if (in_span(j, pfn) && is_dropped(j, j->span.verdict)) {
			stop = min_u64(j->span.end, end);
			fill(j, first, pfn, stop, j->span.verdict);
			pfn = stop;
		} else if (struct_vaddr(j, pfn, &vaddr)) {
			pfn = judge_run(j, first, pfn, min_u64(j->run.end, end));
		} else {
			stop = min_u64(j->run.end, end);
			fill(j, first, pfn, stop,
			     j->run.unreadable ? VERDICT_UNREADABLE : VERDICT_NO_PAGE);
			pfn = stop;
		}
	}
	j->judged_end = end;
	if (j->rules->pcp_free)
		mark_free(j, first, end);
	return j->verdicts;
}

bool judge_is_poisoned(struct judge *j, uint64_t pfn)
{
	uint8_t structs[2 * MEMMAP_MAX_PAGE_STRUCT];
	uint64_t vaddr;

	return read_pair(j, pfn, &vaddr, structs) &&
	       page_flags(&j->rules->layout, structs) & j->rules->layout.hwpoison_mask;
}

struct error *judge_rules_init(struct judge_rules *rules, struct kernel *kernel)
{
	struct page_values image;
	const char *missing;
	struct error *err;

	*rules = (struct judge_rules){.kernel = kernel};
	err = memmap_init(&rules->memmap, kernel);
	if (err)
		return err;
	if (!page_layout_init(&rules->layout, kernel_vmcoreinfo(kernel), kernel->as.big_endian,
			      kernel->dump->facts.word, &missing))
		return error_create(ERROR_NOT_FOUND, "no usable %s in vmcoreinfo", missing);
	page_values_find_image(&image, kernel);
	rules->image_pfn = image.image_pfn;
	rules->image_end = image.image_end;
	return NULL;
}

struct error *judge_create(const struct judge_rules *rules, size_t nr, struct judge **ret)
{
	_cleanup_judge_ struct judge *judge = sys_calloc(1, sizeof(*judge));
	struct error *err;

	if (!judge)
		return &error_nomem;
	judge->rules = rules;
	judge->map.status = MAP_UNMAPPED;
	// one is read ahead
	judge->structs = sys_malloc((nr + 1) * rules->layout.size);
	judge->verdicts = sys_malloc(nr);
	if (!judge->structs || !judge->verdicts)
		return &error_nomem;
	if ((err = kernel_clone(rules->kernel, &judge->kernel)))
		return err;
	*ret = TAKE_PTR(judge);
	return NULL;
}

void judge_destroy(struct judge *judge)
{
	if (!judge)
		return;
	kernel_close(judge->kernel);
	free(judge->structs);
	free(judge->verdicts);
	free(judge);
}
