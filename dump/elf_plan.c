// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/elf_plan.h"

#include <string.h>

#include "dump/reader.h"
#include "util/checked.h"
#include "util/sys.h"

struct error *elf_plan_init(struct elf_plan *plan, const struct dump_reader *ram,
			    uint64_t block_size, size_t max_segments)
{
	*plan = (struct elf_plan){
		.ram = ram,
		.block_size = block_size,
		.end_pfn = div_round_up(ram->facts.max_paddr, block_size),
		.bridge = 1,
		.max = max_segments,
	};
	return dump_scratch_create(ram, &plan->scratch);
}

void elf_plan_deinit(struct elf_plan *plan)
{
	dump_scratch_destroy(plan->scratch);
	free(plan->segments);
}

static uint64_t mem_end(const struct elf_segment *segment)
{
	return segment->pfn + segment->nr_mem;
}

/* Joins segments that are less than plan->bridge apart, with nothing but RAM between them. */
static void join(struct elf_plan *plan)
{
	size_t out = 0;

	for (size_t i = 1; i < plan->nr; i++) {
		struct elf_segment *last = &plan->segments[out], *next = &plan->segments[i];

		if (next->nr_file && mem_end(last) == next->pfn &&
		    last->nr_mem - last->nr_file < plan->bridge) {
			last->nr_file = last->nr_mem + next->nr_file;
			last->nr_mem += next->nr_mem;
		} else {
			plan->segments[++out] = *next;
		}
	}
	plan->nr = out + 1;
}

/* Bridges until an eighth of the segments is free, so that it is not done again for each one; where
 * the gaps are no RAM there have to be more. */
static void make_room(struct elf_plan *plan)
{
	while (plan->nr > plan->max - plan->max / 8 && plan->bridge <= plan->end_pfn) {
		plan->bridge *= 2;
		join(plan);
	}
	if (plan->nr == plan->max)
		plan->max *= 2;
}

static struct error *grow(struct elf_plan *plan)
{
	size_t cap = plan->cap ? 2 * plan->cap : 64;
	struct elf_segment *segments;

	if (plan->nr < plan->cap)
		return NULL;
	segments = sys_realloc(plan->segments, cap * sizeof(*segments));
	if (!segments)
		return &error_nomem;
	plan->segments = segments;
	plan->cap = cap;
	return NULL;
}

static struct error *push(struct elf_plan *plan, uint64_t pfn, uint64_t nr_file, uint64_t nr_mem)
{
	struct error *err;

	if (plan->nr == plan->max)
		make_room(plan);
	if ((err = grow(plan)))
		return err;
	plan->segments[plan->nr++] = (struct elf_segment){
		.pfn = pfn, .nr_file = nr_file, .nr_mem = nr_mem};
	return NULL;
}

static struct elf_segment *last_at(struct elf_plan *plan, uint64_t pfn)
{
	struct elf_segment *last = plan->nr ? &plan->segments[plan->nr - 1] : NULL;

	return last && mem_end(last) == pfn ? last : NULL;
}

/* RAM up to this block is there, but not kept: the tail of a segment, or one without data. */
static struct error *add_ram(struct elf_plan *plan, uint64_t end)
{
	struct error *err = NULL;

	while (!err && plan->ram_pfn < end) {
		uint64_t start = plan->ram_pfn, stop;
		struct elf_segment *last;
		struct dump_run run;
		bool absent;

		dump_next_run(plan->ram, plan->scratch, start * plan->block_size, &run);
		// a block that has any RAM is RAM
		absent = run.status == DUMP_ABSENT && run.end / plan->block_size > start;
		stop = absent ? run.end / plan->block_size
			      : div_round_up(run.end, plan->block_size);
		plan->ram_pfn = min_u64(stop, end);
		if (absent)
			continue;
		last = last_at(plan, start);
		if (last)
			last->nr_mem += plan->ram_pfn - start;
		else
			err = push(plan, start, 0, plan->ram_pfn - start);
	}
	return err;
}

struct error *elf_plan_add(struct elf_plan *plan, uint64_t start, uint64_t end)
{
	struct elf_segment *last;
	struct error *err = add_ram(plan, start);

	if (err)
		return err;
	plan->ram_pfn = end;
	if (plan->nr == plan->max)
		make_room(plan);
	last = last_at(plan, start);
	if (!last || last->nr_mem - last->nr_file >= plan->bridge)
		return push(plan, start, end - start, end - start);
	last->nr_mem += end - start;
	last->nr_file = last->nr_mem;
	return NULL;
}

struct error *elf_plan_end(struct elf_plan *plan, uint64_t data_off)
{
	struct error *err = add_ram(plan, plan->end_pfn);

	plan->end_off = data_off;
	for (size_t i = 0; i < plan->nr; i++) {
		plan->segments[i].off = plan->end_off;
		plan->end_off += plan->segments[i].nr_file * plan->block_size;
	}
	return err;
}

size_t elf_plan_find(const struct elf_plan *plan, uint64_t pfn)
{
	size_t low = 0, high = plan->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (mem_end(&plan->segments[mid]) > pfn)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* Cuts segment i off at start; what it has above end becomes a segment of its own. */
static struct error *cut(struct elf_plan *plan, size_t i, uint64_t start, uint64_t end)
{
	struct elf_segment *segment, *rest;
	uint64_t head, tail;
	struct error *err = grow(plan);

	if (err)
		return err;
	segment = &plan->segments[i];
	head = start > segment->pfn ? start - segment->pfn : 0;
	tail = end - segment->pfn;
	if (tail < segment->nr_file) {
		rest = segment + 1;
		memmove(rest + 1, rest, (plan->nr - i - 1) * sizeof(*rest));
		plan->nr++;
		*rest = (struct elf_segment){
			.pfn = end,
			.nr_file = segment->nr_file - tail,
			.nr_mem = segment->nr_mem - tail,
			.off = segment->off + tail * plan->block_size,
		};
		segment->nr_mem = tail;
	}
	segment->nr_file = min_u64(segment->nr_file, head);
	return NULL;
}

struct error *elf_plan_lose(struct elf_plan *plan, uint64_t start, uint64_t end)
{
	struct error *err = NULL;

	for (size_t i = elf_plan_find(plan, start);
	     !err && i < plan->nr && plan->segments[i].pfn < end; i++)
		err = cut(plan, i, start, end);
	return err;
}
