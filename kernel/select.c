// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each worker judges the kernel pages that a chunk of blocks covers, and keeps one byte for each.
 * Compound pages and free blocks speak for many pages, so a chunk may begin inside of one: the
 * worker remembers the last of them, and looks back for it where it comes from elsewhere.
 */
#include "kernel/select.h"

#include <string.h>

#include "arch/arch.h"
#include "dump/facts.h"
#include "dump/level.h"
#include "dump/reader.h"
#include "dump/writer.h"
#include "kernel/kernel.h"
#include "util/bits.h"
#include "util/checked.h"
#include "util/sys.h"

/** What is known of a page: an enum page_class, or one of these. */
enum verdict {
	VERDICT_DAMAGED = PAGE_NR_CLASSES,
	VERDICT_UNREADABLE,
	VERDICT_NO_PAGE,
	VERDICT_VARIABLES, // PAGE_KEEP by enum page_value, where passes depend on that
	VERDICT_RESERVED,
	VERDICT_REST,
	NR_VERDICTS = SELECT_NR_VERDICTS,
};

#define FATE_DROP 0xff // else the pass in which the page is written

/** Pages that one struct page speaks for. */
struct span {
	uint64_t start, end;
	uint8_t verdict;
};

struct worker {
	const struct page_selector *selector;
	struct kernel *kernel;
	size_t nr;             // kernel pages that fit
	uint8_t *structs;      // their struct pages
	uint8_t *verdicts;     // enum verdict of each
	struct memmap_run run; // where the struct pages are that were looked for last
	uint64_t map_vaddr;    // the last mapping of struct pages
	struct mapping map;
	struct span span;    // the last one of more than one page
	uint64_t judged_end; // of the pages judged last
	struct select_stats stats;
};

static struct page_selector *selector_of(const struct dump_selector *base)
{
	return (struct page_selector *)base;
}

/** Reads from an array of struct pages; mostly in one go, from a mapping that is known already. */
static size_t read_structs(struct worker *w, uint64_t vaddr, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		uint64_t from = vaddr + done;
		size_t want, got = 0;

		if (w->map.status != MAP_OK || from - w->map_vaddr > w->map.len - 1) {
			addrspace_translate(&w->kernel->as, from, &w->map);
			w->map_vaddr = from;
			if (w->map.status != MAP_OK)
				break;
		}
		want = (size_t)min_u64(w->map.len - 1 - (from - w->map_vaddr), len - done - 1) + 1;
		dump_read(w->kernel->dump, w->kernel->scratch, w->map.paddr + (from - w->map_vaddr),
			  (uint8_t *)buf + done, want, &got);
		done += got;
		if (got < want)
			break;
	}
	return done;
}

/** Where the struct page of pfn is. */
static bool struct_vaddr(struct worker *w, uint64_t pfn, uint64_t *ret)
{
	if (pfn < w->run.pfn || pfn >= w->run.end)
		memmap_run(&w->selector->memmap, w->kernel, pfn, &w->run);
	if (!w->run.vaddr)
		return false;
	*ret = w->run.vaddr + (pfn - w->run.pfn) * w->selector->layout.size;
	return true;
}

/** What becomes of the page pfn, which has this struct page and was judged so. */
static uint8_t verdict_of(const struct page_selector *selector, const uint8_t *page,
			  const struct page_verdict *found, uint64_t pfn)
{
	static const uint8_t by_value[VALUE_NR] = {
		[VALUE_VARIABLES] = VERDICT_VARIABLES,
		[VALUE_RESERVED] = VERDICT_RESERVED,
		[VALUE_KERNEL] = PAGE_KEEP,
		[VALUE_REST] = VERDICT_REST,
	};
	const struct page_values *values = &selector->values;
	const struct page_layout *layout = &selector->layout;

	if (found->damaged)
		return VERDICT_DAMAGED;
	// On 6.6 to 6.8 PG_hugetlb is no proof: a compound page of the image may have that bit in
	// its second struct page by chance (makedumpfile issue 21).
	if (found->class == PAGE_HUGETLB && pfn >= values->image_pfn && pfn < values->image_end)
		return PAGE_KEEP;
	if (found->class == PAGE_KEEP && selector->options.valuable_first)
		return by_value[page_value(values, pfn,
					   page_flags(layout, page) & layout->reserved_mask)];
	return (uint8_t)found->class;
}

static bool in_span(const struct worker *w, uint64_t pfn)
{
	return pfn - w->span.start < w->span.end - w->span.start;
}

static void set_span(struct worker *w, uint64_t pfn, unsigned int order, uint8_t verdict)
{
	w->span = (struct span){
		.start = pfn,
		.end = pfn + (1ULL << order),
		.verdict = verdict,
	};
}

/** Reads the struct page of pfn, and the one behind it as far as that can be had, else zeros. */
static bool read_pair(struct worker *w, uint64_t pfn, uint64_t *vaddr,
		      uint8_t structs[2 * MEMMAP_MAX_PAGE_STRUCT])
{
	size_t size = w->selector->layout.size;

	memset(structs, 0, 2 * size);
	return struct_vaddr(w, pfn, vaddr) &&
	       kernel_read_some(w->kernel, *vaddr, structs, 2 * size) >= size;
}

/** Does the block or compound page that begins at head reach to pfn? Then it is the span. */
static bool reaches(struct worker *w, uint64_t head, uint64_t pfn, bool only_free)
{
	const struct page_layout *layout = &w->selector->layout;
	uint8_t structs[2 * MEMMAP_MAX_PAGE_STRUCT];
	struct page_verdict found;
	uint64_t vaddr;

	if (!read_pair(w, head, &vaddr, structs))
		return false;
	found = page_classify(layout, structs, structs + layout->size, head);
	if (head + (1ULL << found.order) <= pfn ||
	    (only_free && found.class != PAGE_FREE && found.class != PAGE_UNACCEPTED))
		return false;
	set_span(w, head, found.order, verdict_of(w->selector, structs, &found, head));
	return true;
}

/** Finds what began before pfn and reaches beyond it. */
static void look_back(struct worker *w, uint64_t pfn)
{
	const struct page_layout *layout = &w->selector->layout;
	unsigned int max_order = PAGE_MAX_ORDER;
	uint8_t structs[2 * MEMMAP_MAX_PAGE_STRUCT];
	uint64_t vaddr, head, last = pfn;

	if (!read_pair(w, pfn, &vaddr, structs))
		return;
	if (layout->tail_mask) {
		head = page_head(layout, structs, vaddr);
		// Before 7.1 HVO maps the struct pages of a head over those of its tails, so what
		// looks like a head may be a tail, and only the one behind it tells.
		if (head == vaddr)
			head = page_head(layout, structs + layout->size, vaddr + layout->size);
		if (head < vaddr) {
			if (memmap_pfn(&w->selector->memmap, w->kernel, head, pfn, &head))
				reaches(w, head, pfn, false);
			return;
		}
		max_order = layout->nr_free_orders - 1;
	}
	for (unsigned int order = 1; order <= max_order; order++) {
		head = align_down(pfn, 1ULL << order);
		if (head != last && reaches(w, head, pfn, layout->tail_mask))
			return;
		last = head;
	}
}

static void fill(struct worker *w, uint64_t first, uint64_t from, uint64_t to, uint8_t verdict)
{
	memset(w->verdicts + (from - first), verdict, to - from);
}

/** A span that is kept still has pages that must not be touched: before 5.11 poisoned pages stay in
 * the buddy allocator, Linux commit a8b2c2ce89d4. */
static void drop_poisoned(struct worker *w, uint8_t *verdicts, const uint8_t *page, uint64_t nr)
{
	const struct page_layout *layout = &w->selector->layout;

	for (uint64_t i = 0; i < nr; i++) {
		if (page_flags(layout, page + i * layout->size) & layout->hwpoison_mask)
			verdicts[i] = PAGE_HWPOISON;
	}
}

/** Judges the pages [pfn, end), whose struct pages are in w->structs up to read_end. */
static void judge_structs(struct worker *w, uint64_t first, uint64_t pfn, uint64_t end,
			  uint64_t read_end)
{
	const struct page_layout *layout = &w->selector->layout;
	const uint8_t *page = w->structs;
	uint64_t nr;

	for (; pfn < end; pfn += nr, page += nr * layout->size) {
		uint8_t *verdicts = w->verdicts + (pfn - first);

		nr = 1;
		if (!in_span(w, pfn)) {
			const uint8_t *next = pfn + 1 < read_end ? page + layout->size : NULL;
			struct page_verdict found = page_classify(layout, page, next, pfn);

			*verdicts = verdict_of(w->selector, page, &found, pfn);
			if (!found.order && found.class != PAGE_FREE)
				continue;
			set_span(w, pfn, found.order, *verdicts);
		}
		nr = min_u64(w->span.end, end) - pfn;
		memset(verdicts, w->span.verdict, nr);
		if (w->selector->fates[w->span.verdict] != FATE_DROP)
			drop_poisoned(w, verdicts, page, nr);
	}
}

/** Judges the pages [pfn, stop), which are in w->run, as far as their struct pages can be read in
 * one go, at least one; returns where it ended. */
static uint64_t judge_run(struct worker *w, uint64_t first, uint64_t pfn, uint64_t stop)
{
	size_t size = w->selector->layout.size;
	uint64_t vaddr = w->run.vaddr + (pfn - w->run.pfn) * size, gap;
	uint64_t want = min_u64(stop + 1, w->run.end) - pfn; // a head needs the one behind it
	size_t got = read_structs(w, vaddr, w->structs, want * size);
	uint64_t read_end = pfn + got / size, end = min_u64(read_end, stop);

	if (end > pfn) {
		judge_structs(w, first, pfn, end, read_end);
		return end;
	}
	// the rest of the page in which the struct page begins or ends
	gap = align_down(vaddr + got, w->kernel->page_size) + w->kernel->page_size - w->run.vaddr;
	end = min_u64(w->run.pfn + div_round_up(gap, size), stop);
	fill(w, first, pfn, end, VERDICT_UNREADABLE);
	return end;
}

/** Fills w->verdicts for the pages [first, end). */
static void judge(struct worker *w, uint64_t first, uint64_t end)
{
	uint64_t pfn = first, vaddr, stop;

	if (first != w->judged_end && !in_span(w, first))
		look_back(w, first);
	while (pfn < end) {
		if (in_span(w, pfn) && w->selector->fates[w->span.verdict] == FATE_DROP) {
			stop = min_u64(w->span.end, end);
			fill(w, first, pfn, stop, w->span.verdict);
			pfn = stop;
		} else if (struct_vaddr(w, pfn, &vaddr)) {
			pfn = judge_run(w, first, pfn, min_u64(w->run.end, end));
		} else {
			stop = min_u64(w->run.end, end);
			fill(w, first, pfn, stop,
			     w->run.unreadable ? VERDICT_UNREADABLE : VERDICT_NO_PAGE);
			pfn = stop;
		}
	}
	w->judged_end = end;
}

/** The verdict of a block of nr pages: it goes with the page that needs it first. */
static uint8_t block_verdict(const struct page_selector *selector, const uint8_t *verdicts,
			     size_t nr)
{
	uint8_t best = verdicts[0];

	for (size_t i = 1; i < nr; i++) {
		if (selector->fates[verdicts[i]] < selector->fates[best])
			best = verdicts[i];
	}
	return best;
}

static void count_blocks(struct worker *w, const uint64_t *seen)
{
	for (unsigned int i = 0; i < NR_VERDICTS; i++)
		w->stats.total += seen[i];
	for (unsigned int i = 0; i < PAGE_NR_CLASSES; i++) {
		if (w->selector->fates[i] == FATE_DROP)
			w->stats.excluded[i] += seen[i];
	}
	w->stats.damaged += seen[VERDICT_DAMAGED];
	w->stats.unreadable += seen[VERDICT_UNREADABLE];
	w->stats.no_page += seen[VERDICT_NO_PAGE];
}

/** Takes what does not belong into the pass out of n blocks from number at of keep on. */
static void select_piece(struct worker *w, unsigned int pass, uint64_t pfn, size_t at, size_t n,
			 uint64_t *keep, uint64_t *seen)
{
	const struct page_selector *selector = w->selector;
	unsigned int page_shift = selector->page_shift, block_shift = selector->block_shift;
	size_t per_block = 1UL << (block_shift > page_shift ? block_shift - page_shift : 0);
	uint64_t first = pfn << block_shift >> page_shift;

	judge(w, first, ((((pfn + n) << block_shift) - 1) >> page_shift) + 1);
	for (size_t i = at, end; bits_next_run(keep, at + n, &i, &end);) {
		for (; i < end; i++) {
			uint64_t page = (pfn + i - at) << block_shift >> page_shift;
			uint8_t verdict = block_verdict(selector, w->verdicts + (page - first),
							per_block);

			seen[verdict]++;
			if (selector->fates[verdict] != pass)
				bits_clear(keep, i);
		}
	}
}

static void select_blocks(const struct dump_selector *base, void *worker, unsigned int pass,
			  bool plan, uint64_t pfn, size_t nr, uint64_t *keep)
{
	const struct page_selector *selector = selector_of(base);
	uint64_t seen[NR_VERDICTS] = {0};
	struct worker *w = worker;
	size_t most = max_u64((w->nr << selector->page_shift) >> selector->block_shift, 1);

	for (size_t start = 0, end; bits_next_run(keep, nr, &start, &end); start = end) {
		if (!selector->judges) {
			seen[PAGE_KEEP] += end - start;
			continue;
		}
		// holes of a few blocks cost less than another read of struct pages
		end = min_u64(start + most, nr);
		select_piece(w, pass, pfn + start, start, end - start, keep, seen);
	}
	if (!plan && pass == 0)
		count_blocks(w, seen);
}

static void worker_free(struct worker *w)
{
	kernel_close(w->kernel);
	free(w->structs);
	free(w->verdicts);
	free(w);
}
DEFINE_CLEANUP(struct worker *, worker_free)

static struct error *worker_create(const struct dump_selector *base, void **ret)
{
	const struct page_selector *selector = selector_of(base);
	_cleanup_(cleanup_worker_free) struct worker *w = sys_calloc(1, sizeof(*w));
	struct error *err;

	if (!w)
		return &error_nomem;
	w->selector = selector;
	if (!selector->judges) {
		*ret = TAKE_PTR(w);
		return NULL;
	}
	err = kernel_clone(selector->kernel, &w->kernel);
	if (err)
		return err;
	w->map.status = MAP_UNMAPPED;
	w->nr = max_u64(DUMP_CHUNK_BYTES,
			max_u64(selector->kernel->dump->facts.block_size, w->kernel->page_size)) >>
		w->kernel->page_shift;
	// blocks smaller than pages may begin within one, and one is read ahead
	w->structs = sys_malloc((w->nr + 2) * selector->layout.size);
	w->verdicts = sys_malloc(w->nr + 1);
	if (!w->structs || !w->verdicts)
		return &error_nomem;
	*ret = TAKE_PTR(w);
	return NULL;
}

static void worker_destroy(const struct dump_selector *base, void *worker)
{
	struct select_stats *sum = &selector_of(base)->stats;
	struct worker *w = worker;

	sum->total += w->stats.total;
	for (unsigned int i = 0; i < PAGE_NR_CLASSES; i++)
		sum->excluded[i] += w->stats.excluded[i];
	sum->damaged += w->stats.damaged;
	sum->unreadable += w->stats.unreadable;
	sum->no_page += w->stats.no_page;
	worker_free(w);
}

static bool drops(unsigned int level, unsigned int class)
{
	switch (class) {
	case PAGE_CACHE: return level & (DUMP_LEVEL_CACHE | DUMP_LEVEL_CACHE_PRIVATE);
	case PAGE_CACHE_PRIVATE: return level & DUMP_LEVEL_CACHE_PRIVATE;
	case PAGE_USER:
	case PAGE_HUGETLB: return level & DUMP_LEVEL_USER;
	case PAGE_FREE:
	case PAGE_UNACCEPTED: return level & DUMP_LEVEL_FREE;
	case PAGE_HWPOISON:
	case PAGE_OFFLINE: return true;
	default: return false;
	}
}

/** The pass in which what is kept is written. */
static uint8_t pass_of(unsigned int verdict)
{
	switch (verdict) {
	case VERDICT_VARIABLES: return VALUE_VARIABLES;
	case VERDICT_RESERVED: return VALUE_RESERVED;
	case PAGE_KEEP:
	case PAGE_TAIL:
	case VERDICT_DAMAGED:
	case VERDICT_UNREADABLE:
	case VERDICT_NO_PAGE: return VALUE_KERNEL;
	default: return VALUE_REST;
	}
}

static struct error *prepare(struct page_selector *selector, struct kernel *kernel)
{
	const struct select_options *options = &selector->options;
	const char *missing;
	struct error *err;

	err = memmap_init(&selector->memmap, kernel);
	if (err)
		return err;
	if (!page_layout_init(&selector->layout, kernel_vmcoreinfo(kernel), kernel->as.big_endian,
			      kernel->dump->facts.word, &missing))
		return error_create(ERROR_NOT_FOUND, "no usable %s in vmcoreinfo", missing);
	if (options->valuable_first)
		err = page_values_init(&selector->values, kernel, &selector->memmap);
	else
		page_values_find_image(&selector->values, kernel);
	if (err)
		return err;
	for (unsigned int i = 0; i < NR_VERDICTS; i++) {
		selector->fates[i] = options->valuable_first ? pass_of(i) : 0;
		if (drops(options->level, i))
			selector->fates[i] = FATE_DROP;
	}
	selector->base.nr_passes = options->valuable_first ? VALUE_NR : 1;
	selector->judges = true;
	return NULL;
}

struct error *page_selector_create(struct kernel *kernel, const struct select_options *options,
				   struct page_selector **ret)
{
	_cleanup_selector_ struct page_selector *selector = sys_calloc(1, sizeof(*selector));
	struct error *err;

	if (!selector)
		return &error_nomem;
	selector->base = (struct dump_selector){
		.nr_passes = 1,
		.worker_create = worker_create,
		.worker_destroy = worker_destroy,
		.select = select_blocks,
	};
	selector->kernel = kernel;
	selector->options = *options;
	selector->page_shift = kernel->page_shift;
	selector->block_shift = (unsigned int)__builtin_ctz(kernel->dump->facts.block_size);
	err = prepare(selector, kernel);
	if (err &&
	    (options->level & ~(unsigned int)DUMP_LEVEL_ZERO || err->code != ERROR_NOT_FOUND))
		return err;
	error_destroy(err);
	*ret = TAKE_PTR(selector);
	return NULL;
}

void page_selector_destroy(struct page_selector *selector)
{
	if (!selector)
		return;
	page_values_deinit(&selector->values);
	free(selector);
}
