// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/select.h"

#include "dump/facts.h"
#include "dump/level.h"
#include "dump/reader.h"
#include "dump/writer.h"
#include "kernel/judge.h"
#include "kernel/kernel.h"
#include "util/bits.h"
#include "util/checked.h"
#include "util/sparsebits.h"
#include "util/sys.h"

#define FATE_DROP 0xff // else the pass in which the page is written

struct worker {
	const struct page_selector *selector;
	struct judge *judge;
	size_t nr; // kernel pages that it takes at once
	struct select_stats stats;
};

static struct page_selector *selector_of(const struct dump_selector *base)
{
	return (struct page_selector *)base;
}

/** Marks the pages that stay though their class does not. */
static void mark_kept(struct worker *w, uint64_t first, uint64_t end, uint8_t *verdicts)
{
	const struct page_selector *selector = w->selector;

	for (uint64_t pfn = first, stop;
	     sparsebits_next_run(selector->options.keep, end, &pfn, &stop);) {
		for (; pfn < stop; pfn++) {
			uint8_t *verdict = &verdicts[pfn - first];

			if (selector->fates[*verdict] == FATE_DROP &&
			    !judge_is_poisoned(w->judge, pfn))
				*verdict |= SELECT_KEPT;
		}
	}
}

/** What becomes of the page pfn. */
static uint8_t fate_of(const struct page_selector *selector, uint64_t pfn, uint8_t verdict)
{
	if (verdict == VERDICT_RESERVED && selector->options.valuable_first)
		return (uint8_t)page_value(&selector->values, pfn);
	return selector->fates[verdict];
}

/** What becomes of a block of nr pages: it goes with the one that needs it first. */
static uint8_t fate_of_block(const struct page_selector *selector, uint64_t pfn,
			     const uint8_t *verdicts, size_t nr, uint8_t *verdict)
{
	uint8_t best = fate_of(selector, pfn, verdicts[0]);

	*verdict = verdicts[0];
	for (size_t i = 1; i < nr; i++) {
		uint8_t fate = fate_of(selector, pfn + i, verdicts[i]);

		if (fate < best) {
			best = fate;
			*verdict = verdicts[i];
		}
	}
	return best;
}

static void count_blocks(struct worker *w, const uint64_t *seen)
{
	struct select_stats *stats = &w->stats;

	for (unsigned int i = 0; i < SELECT_NR_VERDICTS; i++)
		stats->total += seen[i];
	for (unsigned int i = 0; i < PAGE_NR_CLASSES; i++) {
		uint64_t kept = seen[SELECT_KEPT | i];

		stats->classes[i] += seen[i] + kept;
		stats->kept += kept;
		if (w->selector->fates[i] == FATE_DROP)
			stats->excluded[i] += seen[i];
	}
	stats->classes[PAGE_KEEP] += seen[VERDICT_RESERVED];
	stats->damaged += seen[VERDICT_DAMAGED];
	stats->unreadable += seen[VERDICT_UNREADABLE];
	stats->no_page += seen[VERDICT_NO_PAGE];
}

/** Takes what does not belong into the pass out of n blocks from number at of keep on. */
static void select_piece(struct worker *w, unsigned int pass, uint64_t pfn, size_t at, size_t n,
			 uint64_t *keep, uint64_t *seen)
{
	const struct page_selector *selector = w->selector;
	unsigned int page_shift = selector->page_shift, block_shift = selector->block_shift;
	size_t per_block = 1UL << (block_shift > page_shift ? block_shift - page_shift : 0);
	uint64_t first = pfn << block_shift >> page_shift;
	uint64_t last = (((pfn + n) << block_shift) - 1) >> page_shift;
	uint8_t *verdicts = judge_pages(w->judge, first, last + 1);

	if (selector->options.keep)
		mark_kept(w, first, last + 1, verdicts);
	for (size_t i = at, end; bits_next_run(keep, at + n, &i, &end);) {
		for (; i < end; i++) {
			uint64_t page = (pfn + i - at) << block_shift >> page_shift;
			uint8_t verdict,
				fate = fate_of_block(selector, page, verdicts + (page - first),
						     per_block, &verdict);

			seen[verdict]++;
			if (fate != pass)
				bits_clear(keep, i);
		}
	}
}

static void select_blocks(const struct dump_selector *base, void *worker, unsigned int pass,
			  bool plan, uint64_t pfn, size_t nr, uint64_t *keep)
{
	const struct page_selector *selector = selector_of(base);
	uint64_t seen[SELECT_NR_VERDICTS] = {0};
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
	judge_destroy(w->judge);
	free(w);
}
DEFINE_CLEANUP(struct worker *, worker_free)

static struct error *worker_create(const struct dump_selector *base, void **ret)
{
	const struct page_selector *selector = selector_of(base);
	const struct kernel *kernel = selector->rules.kernel;
	_cleanup_(cleanup_worker_free) struct worker *w = sys_calloc(1, sizeof(*w));
	struct error *err;

	if (!w)
		return &error_nomem;
	w->selector = selector;
	if (selector->judges) {
		w->nr = max_u64(DUMP_CHUNK_BYTES,
				max_u64(kernel->dump->facts.block_size, kernel->page_size)) >>
			kernel->page_shift;
		// blocks smaller than pages may begin within one
		err = judge_create(&selector->rules, w->nr + 1, &w->judge);
		if (err)
			return err;
	}
	*ret = TAKE_PTR(w);
	return NULL;
}

static void worker_destroy(const struct dump_selector *base, void *worker)
{
	struct select_stats *sum = &selector_of(base)->stats;
	struct worker *w = worker;

	sum->total += w->stats.total;
	for (unsigned int i = 0; i < PAGE_NR_CLASSES; i++) {
		sum->classes[i] += w->stats.classes[i];
		sum->excluded[i] += w->stats.excluded[i];
	}
	sum->kept += w->stats.kept;
	sum->damaged += w->stats.damaged;
	sum->unreadable += w->stats.unreadable;
	sum->no_page += w->stats.no_page;
	worker_free(w);
}

uint32_t select_classes(unsigned int level)
{
	uint32_t classes = 1U << PAGE_HWPOISON | 1U << PAGE_OFFLINE;

	if (level & (DUMP_LEVEL_CACHE | DUMP_LEVEL_CACHE_PRIVATE))
		classes |= 1U << PAGE_CACHE;
	if (level & DUMP_LEVEL_CACHE_PRIVATE)
		classes |= 1U << PAGE_CACHE_PRIVATE;
	if (level & DUMP_LEVEL_USER)
		classes |= 1U << PAGE_USER | 1U << PAGE_HUGETLB;
	if (level & DUMP_LEVEL_FREE)
		classes |= 1U << PAGE_FREE | 1U << PAGE_UNACCEPTED;
	return classes;
}

/** The pass in which what is kept is written. */
static uint8_t pass_of(unsigned int verdict)
{
	switch (verdict) {
	case VERDICT_RESERVED: // has a value of its own
	case PAGE_KEEP:
	case PAGE_TAIL:
	case VERDICT_DAMAGED:
	case VERDICT_UNREADABLE:
	case VERDICT_NO_PAGE: return VALUE_KERNEL;
	default: return verdict & SELECT_KEPT ? VALUE_KERNEL : VALUE_REST;
	}
}

static struct error *prepare(struct page_selector *selector, struct kernel *kernel)
{
	const struct select_options *options = &selector->options;
	struct error *err = NULL;

	if (options->rules)
		selector->rules = *options->rules;
	else
		err = judge_rules_init(&selector->rules, kernel);
	if (err)
		return err;
	if (options->valuable_first &&
	    (err = page_values_init(&selector->values, kernel, &selector->rules.memmap)))
		return err;
	selector->rules.dropped = select_classes(options->level) | options->classes;
	for (unsigned int i = 0; i < SELECT_NR_VERDICTS; i++) {
		selector->fates[i] = options->valuable_first ? pass_of(i) : 0;
		if (i < PAGE_NR_CLASSES && selector->rules.dropped >> i & 1)
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
	bool needs_kernel = options->level & ~(unsigned int)DUMP_LEVEL_ZERO || options->classes;
	struct error *err;

	if (!selector)
		return &error_nomem;
	selector->base = (struct dump_selector){
		.nr_passes = 1,
		.worker_create = worker_create,
		.worker_destroy = worker_destroy,
		.select = select_blocks,
	};
	selector->options = *options;
	selector->page_shift = kernel->page_shift;
	selector->block_shift = (unsigned int)__builtin_ctz(kernel->dump->facts.block_size);
	err = prepare(selector, kernel);
	if (err && (needs_kernel || err->code != ERROR_NOT_FOUND))
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
