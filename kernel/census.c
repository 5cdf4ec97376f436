// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/census.h"

#include <pthread.h>

#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/zones.h"
#include "util/checked.h"
#include "util/progress.h"
#include "util/sys.h"
#include "util/workers.h"
#include "util/zero.h"

#define PIECE_BYTES (4U << 20) // of memory that a thread takes at once
#define READ_BYTES  (256U << 10)

struct count {
	const struct judge_rules *rules;
	const struct census_options *options;
	struct census *census;
	const struct dump_reader *dump;
	unsigned int page_shift;
	size_t piece; // pages

	pthread_mutex_t lock; // of what stands below it, and of census when a thread is done
	struct dump_scratch *scratch;
	uint64_t next; // page
};

// One thread.
struct counter {
	struct count *count;
	struct judge *judge;
	struct dump_scratch *scratch;
	struct census *part;
	uint8_t *data;
	size_t data_pages;
};

void census_destroy(struct census *census)
{
	if (!census)
		return;
	free(census->nodes);
	free(census->samples);
	free(census);
}

static struct error *make(const struct census_options *options, struct census **ret)
{
	_cleanup_census_ struct census *census = sys_calloc(1, sizeof(*census));

	if (!census)
		return &error_nomem;
	if (options->zones) {
		census->nr_nodes = options->zones->nr_nodes + 1;
		census->nodes = sys_calloc(census->nr_nodes, sizeof(*census->nodes));
	}
	if (options->sample)
		census->samples = sys_calloc(NR_VERDICTS, sizeof(*census->samples));
	if ((options->zones && !census->nodes) || (options->sample && !census->samples))
		return &error_nomem;
	*ret = TAKE_PTR(census);
	return NULL;
}

static void swap(struct census_sample *sample, size_t a, size_t b)
{
	uint64_t hash = sample->hash[a], pfn = sample->pfn[a];

	sample->hash[a] = sample->hash[b];
	sample->pfn[a] = sample->pfn[b];
	sample->hash[b] = hash;
	sample->pfn[b] = pfn;
}

static void draw(struct census_sample *sample, uint64_t hash, uint64_t pfn)
{
	size_t i = 0;

	if (sample->nr < CENSUS_SAMPLE) {
		i = sample->nr++;
		sample->hash[i] = hash;
		sample->pfn[i] = pfn;
		for (; i && sample->hash[i] > sample->hash[(i - 1) / 2]; i = (i - 1) / 2)
			swap(sample, i, (i - 1) / 2);
		return;
	}
	if (hash >= sample->hash[0])
		return;
	sample->hash[0] = hash;
	sample->pfn[0] = pfn;
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < sample->nr && sample->hash[child + 1] > sample->hash[child])
			child++;
		if (child >= sample->nr || sample->hash[child] <= sample->hash[i])
			return;
		swap(sample, i, child);
		i = child;
	}
}

static uint64_t hash_of(uint64_t pfn)
{
	// splitmix64
	pfn += 0x9e3779b97f4a7c15;
	pfn = (pfn ^ pfn >> 30) * 0xbf58476d1ce4e5b9;
	pfn = (pfn ^ pfn >> 27) * 0x94d049bb133111eb;
	return pfn ^ pfn >> 31;
}

static void add(struct census_count *to, const struct census_count *from)
{
	for (unsigned int i = 0; i < NR_VERDICTS; i++) {
		to->pages[i] += from->pages[i];
		to->zero[i] += from->zero[i];
	}
}

// What one thread has counted goes to the rest.
static void merge(struct census *to, const struct census *from)
{
	to->total += from->total;
	to->absent += from->absent;
	to->unreadable += from->unreadable;
	add(&to->sum, &from->sum);
	for (size_t i = 0; i < to->nr_nodes; i++)
		add(&to->nodes[i], &from->nodes[i]);
	for (unsigned int i = 0; to->samples && i < NR_VERDICTS; i++)
		for (size_t j = 0; j < from->samples[i].nr; j++)
			draw(&to->samples[i], from->samples[i].hash[j], from->samples[i].pfn[j]);
}

static void counter_free(struct counter *c)
{
	judge_destroy(c->judge);
	dump_scratch_destroy(c->scratch);
	census_destroy(c->part);
	free(c->data);
	free(c);
}
DEFINE_CLEANUP(struct counter *, counter_free)

static struct error *counter_create(struct count *count, struct counter **ret)
{
	_cleanup_(cleanup_counter_free) struct counter *c = sys_calloc(1, sizeof(*c));
	struct error *err;

	if (!c)
		return &error_nomem;
	c->count = count;
	if ((err = judge_create(count->rules, count->piece, &c->judge)) ||
	    (err = dump_scratch_create(count->dump, &c->scratch)) ||
	    (err = make(count->options, &c->part)))
		return err;
	if (count->options->read) {
		size_t len = max_u64(READ_BYTES, 1ULL << count->page_shift);

		c->data_pages = len >> count->page_shift;
		c->data = sys_malloc(len);
		if (!c->data)
			return &error_nomem;
	}
	*ret = TAKE_PTR(c);
	return NULL;
}

// Where memory goes on that counts, at pos or behind it; it is of one state up to run->end.
static bool next_memory(struct count *count, uint64_t *pos, struct dump_run *run)
{
	const struct census_options *options = count->options;
	uint64_t max = count->dump->facts.max_paddr;

	while (*pos < max) {
		size_t i = ranges_find(options->skip, options->nr_skip, *pos);
		const struct range *skip = i < options->nr_skip ? &options->skip[i] : NULL;

		if (skip && *pos >= skip->start) {
			*pos = skip->end;
			continue;
		}
		dump_next_run(count->dump, count->scratch, *pos, run);
		run->end = min_u64(run->end, max);
		if (skip)
			run->end = min_u64(run->end, skip->start);
		if (run->status != DUMP_ABSENT)
			return true;
		*pos = run->end;
	}
	return false;
}

// Some pages of one state; they begin with whole pages.
static bool take(struct count *count, uint64_t *first, uint64_t *end, bool *stored)
{
	struct dump_run run;
	uint64_t pos;
	bool more;

	pthread_mutex_lock(&count->lock);
	pos = count->next << count->page_shift;
	more = next_memory(count, &pos, &run);
	if (more) {
		*stored = run.status == DUMP_OK;
		*first = pos >> count->page_shift;
		*end = min_u64(((run.end - 1) >> count->page_shift) + 1, *first + count->piece);
		count->next = *end;
	}
	pthread_mutex_unlock(&count->lock);
	return more;
}

// Which of the pages [pfn, pfn + nr) of one verdict are zero.
static uint64_t count_zero(struct counter *c, uint64_t pfn, uint64_t nr)
{
	unsigned int shift = c->count->page_shift;
	uint64_t zero = 0;

	while (nr) {
		size_t n = min_u64(nr, c->data_pages), got = 0;

		dump_read(c->count->dump, c->scratch, pfn << shift, c->data, n << shift, &got);
		if (got >> shift < n) {
			n = (got >> shift) + 1;
			c->part->unreadable++;
		}
		for (size_t i = 0; i < got >> shift; i++)
			zero += is_zero(c->data + (i << shift), 1UL << shift);
		pfn += n;
		nr -= n;
	}
	return zero;
}

// Pages of one verdict and one node.
static void count_run(struct counter *c, uint64_t pfn, uint64_t nr, uint8_t verdict, size_t node,
		      bool stored)
{
	const struct census_options *options = c->count->options;
	uint64_t zero = stored && options->read >> verdict & 1 ? count_zero(c, pfn, nr) : 0;

	c->part->sum.pages[verdict] += nr;
	c->part->sum.zero[verdict] += zero;
	if (c->part->nodes) {
		c->part->nodes[node].pages[verdict] += nr;
		c->part->nodes[node].zero[verdict] += zero;
	}
	for (uint64_t i = 0; stored && options->sample && i < nr; i++)
		draw(&c->part->samples[verdict], hash_of(pfn + i), pfn + i);
}

static void count_piece(struct counter *c, uint64_t first, uint64_t end, bool stored)
{
	const struct census_options *options = c->count->options;
	const uint8_t *verdicts = judge_pages(c->judge, first, end);
	uint64_t node_end = UINT64_MAX;
	size_t node = 0;

	if (options->zones)
		node = zones_node_at(options->zones, first, &node_end);
	for (uint64_t pfn = first, stop; pfn < end; pfn = stop) {
		uint8_t verdict = verdicts[pfn - first];

		if (pfn == node_end)
			node = zones_node_at(options->zones, pfn, &node_end);
		for (stop = pfn + 1; stop < min_u64(end, node_end); stop++)
			if (verdicts[stop - first] != verdict)
				break;
		count_run(c, pfn, stop - pfn, verdict, node, stored);
	}
	c->part->total += end - first;
	c->part->absent += stored ? 0 : end - first;
	progress_add(options->progress, (end - first) << c->count->page_shift);
}

static struct error *run(void *arg)
{
	_cleanup_(cleanup_counter_free) struct counter *c = NULL;
	struct count *count = arg;
	struct error *err = counter_create(count, &c);
	uint64_t first, end;
	bool stored;

	if (err)
		return err;
	while (take(count, &first, &end, &stored))
		count_piece(c, first, end, stored);
	pthread_mutex_lock(&count->lock);
	merge(count->census, c->part);
	pthread_mutex_unlock(&count->lock);
	return NULL;
}

struct error *census_take(const struct judge_rules *rules, const struct census_options *options,
			  struct census **ret)
{
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	_cleanup_census_ struct census *census = NULL;
	struct count count = {
		.rules = rules,
		.options = options,
		.dump = rules->kernel->dump,
		.page_shift = rules->kernel->page_shift,
		.piece = max_u64(PIECE_BYTES >> rules->kernel->page_shift, 1),
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	struct error *err;

	if ((err = make(options, &census)) ||
	    (err = dump_scratch_create(rules->kernel->dump, &scratch)))
		return err;
	count.census = census;
	count.scratch = scratch;
	err = workers_run(options->nr_threads, run, &count);
	if (!err)
		*ret = TAKE_PTR(census);
	return err;
}
