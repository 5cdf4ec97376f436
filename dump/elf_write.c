// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ELF64 cores: header, program headers, notes, data. What readers insist on: program headers right
 * behind the header, one PT_NOTE and that first, the notes before all data, p_align 0 (crash takes
 * a file with aligned p_offset and another p_align for a netdump), p_offset rising.
 */
#include "dump/writer.h"

#include <elf.h>
#include <pthread.h>
#include <string.h>

#include "dump/elf_plan.h"
#include "dump/elf_vaddr.h"
#include "dump/flattened.h"
#include "dump/reader.h"
#include "util/bits.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"
#include "util/zero.h"

#define EHDR_LEN     64U
#define PHDR_LEN     56U
#define SHDR_LEN     64U
#define DATA_ALIGN   4096U
#define MAX_LOST     256 // ranges; what is lost beyond them reads as zero
#define MAX_SEGMENTS (PN_XNUM - 2U - MAX_LOST - ELF_MAX_ALIASES) // before PN_XNUM is needed
#define E_INCOMPLETE 0x1U // e_flags, makedumpfile's DUMP_ELF_INCOMPLETE

struct range {
	uint64_t start, end; /* blocks */
};

struct elf_writer {
	struct dump_writer base;
	struct target *target;
	const struct dump_facts *facts;
	struct dump_writer_options options;
	struct sink sink;
	struct writer_notes notes;
	struct elf_plan plan;
	size_t phdr_room; /* program headers that fit before the section header */
	struct elf_vaddr vaddr;
	bool sparse; /* zero blocks may be holes */
	bool begun;
	pthread_mutex_t lock; /* of base.stats and what stands below it */
	uint64_t end_pfn;     /* no chunk from here on was begun */
	uint64_t cut_pfn;     /* not all chunks from here on are in the file */
	struct range lost[MAX_LOST];
	size_t nr_lost;
	bool lost_more; /* than fit */
};

static struct elf_writer *to_elf(struct dump_writer *writer)
{
	return (struct elf_writer *)writer;
}

static struct error *plan(struct dump_writer *writer, const struct dump_chunk *chunk)
{
	struct elf_writer *w = to_elf(writer);
	struct error *err = NULL;
	size_t start = 0, end;

	for (; !err && bits_next_run(chunk->keep, chunk->nr, &start, &end); start = end)
		err = elf_plan_add(&w->plan, chunk->pfn + start, chunk->pfn + end);
	return err;
}

/* Program headers leave through a window, since there may be megabytes of them. */
struct table {
	struct elf_writer *w;
	uint64_t off; /* of buf in the file */
	size_t used;
	uint8_t buf[512 * PHDR_LEN];
	uint64_t nr; /* program headers so far */
};

static struct error *flush(struct table *t)
{
	struct error *err = sink_write(&t->w->sink, t->off, t->buf, t->used);

	t->off += t->used;
	t->used = 0;
	return err;
}

static struct error *put_phdr(struct table *t, uint32_t type, const struct dump_segment *segment)
{
	bool be = t->w->facts->big_endian;
	uint8_t *p = t->buf + t->used;

	store_u32(p, type, be);
	store_u32(p + 4, type == PT_LOAD ? PF_R | PF_W | PF_X : 0, be);
	store_u64(p + 8, segment->off, be);
	store_u64(p + 16, segment->vaddr, be);
	store_u64(p + 24, segment->paddr, be);
	store_u64(p + 32, segment->filesz, be);
	store_u64(p + 40, segment->memsz, be);
	store_u64(p + 48, 0, be); // p_align
	t->used += PHDR_LEN;
	t->nr++;
	return t->used < sizeof(t->buf) ? NULL : flush(t);
}

static struct error *put_segments(struct table *t)
{
	const struct elf_plan *p = &t->w->plan;
	struct error *err = NULL;

	for (size_t i = 0; !err && i < p->nr; i++) {
		const struct elf_segment *s = &p->segments[i];
		struct dump_segment load = {
			.off = s->off,
			.paddr = s->pfn * p->block_size,
			.filesz = s->nr_file * p->block_size,
			.memsz = s->nr_mem * p->block_size,
		};

		load.vaddr = load.paddr + t->w->vaddr.direct_map;
		err = put_phdr(t, PT_LOAD, &load);
	}
	return err;
}

/* The part of a segment that an alias has. */
static struct error *put_alias(struct table *t, const struct dump_segment *alias,
			       const struct elf_segment *s)
{
	uint64_t bs = t->w->plan.block_size, paddr = s->pfn * bs;
	uint64_t start = max_u64(paddr, alias->paddr);
	uint64_t end = min_u64(paddr + s->nr_mem * bs, alias->paddr + alias->memsz);
	uint64_t file_end = min_u64(paddr + s->nr_file * bs, end);
	struct dump_segment load = {.paddr = start};

	if (start >= end)
		return NULL;
	load.off = s->off + (min_u64(start, paddr + s->nr_file * bs) - paddr);
	load.vaddr = alias->vaddr + (start - alias->paddr);
	load.filesz = file_end > start ? file_end - start : 0;
	load.memsz = end - start;
	return put_phdr(t, PT_LOAD, &load);
}

static struct error *put_aliases(struct table *t)
{
	const struct elf_plan *p = &t->w->plan;
	struct error *err = NULL;

	for (size_t i = 0; i < t->w->vaddr.nr_aliases; i++) {
		const struct dump_segment *alias = &t->w->vaddr.aliases[i];

		for (size_t j = elf_plan_find(p, alias->paddr / p->block_size);
		     !err && j < p->nr && t->nr < t->w->phdr_room &&
		     p->segments[j].pfn * p->block_size < alias->paddr + alias->memsz;
		     j++)
			err = put_alias(t, alias, &p->segments[j]);
	}
	return err;
}

/* PN_XNUM: the number stands in sh_info of section header 0 (gABI, "Number of Program Headers"). */
static struct error *write_shdr(struct elf_writer *w, uint64_t nr)
{
	uint64_t off = EHDR_LEN + w->phdr_room * PHDR_LEN;
	uint8_t shdr[SHDR_LEN] = {0};

	if (nr < PN_XNUM)
		return NULL;
	store_u64(shdr + 32, 1, w->facts->big_endian); // sh_size: number of section headers
	store_u32(shdr + 44, (uint32_t)nr, w->facts->big_endian);
	return sink_write(&w->sink, off, shdr, sizeof(shdr));
}

static struct error *write_ehdr(struct elf_writer *w, uint64_t nr, uint32_t flags)
{
	bool be = w->facts->big_endian, many = nr >= PN_XNUM;
	uint8_t e[EHDR_LEN] = {ELFMAG0,    ELFMAG1,      ELFMAG2,
			       ELFMAG3,    ELFCLASS64,   be ? ELFDATA2MSB : ELFDATA2LSB,
			       EV_CURRENT, ELFOSABI_NONE};

	store_u16(e + 16, ET_CORE, be);
	store_u16(e + 18, w->facts->machine, be);
	store_u32(e + 20, EV_CURRENT, be);
	store_u64(e + 32, EHDR_LEN, be); // e_phoff
	store_u64(e + 40, many ? EHDR_LEN + w->phdr_room * PHDR_LEN : 0, be);
	store_u32(e + 48, flags, be);
	store_u16(e + 52, EHDR_LEN, be);
	store_u16(e + 54, PHDR_LEN, be);
	store_u16(e + 56, many ? PN_XNUM : (uint16_t)nr, be);
	store_u16(e + 58, many ? SHDR_LEN : 0, be);
	store_u16(e + 60, many, be);
	return sink_write(&w->sink, 0, e, sizeof(e));
}

static uint64_t notes_off(const struct elf_writer *w)
{
	return EHDR_LEN + w->phdr_room * PHDR_LEN + SHDR_LEN;
}

static struct error *write_headers(struct elf_writer *w, uint32_t flags)
{
	struct dump_segment note = {.off = notes_off(w), .filesz = w->notes.len}, none = {0};
	_cleanup_free_ struct table *t = sys_calloc(1, sizeof(*t));
	struct error *err;
	uint64_t nr;

	if (!t)
		return &error_nomem;
	t->w = w;
	t->off = EHDR_LEN;
	note.memsz = note.filesz;
	if ((err = put_phdr(t, PT_NOTE, &note)) || (err = put_segments(t)) ||
	    (err = put_aliases(t)))
		return err;
	nr = t->nr;
	// what is written later finds room even on a disk that is full by then
	while (!err && t->nr < w->phdr_room)
		err = put_phdr(t, PT_NULL, &none);
	if (err || (err = flush(t)) || (err = write_shdr(w, nr)))
		return err;
	return write_ehdr(w, nr, flags);
}

/* Gaps that are bridged have to read as zero on a device, too. */
static struct error *wipe_data(struct elf_writer *w, uint64_t off)
{
	static const uint8_t zero[64U << 10];
	struct error *err = NULL;

	if (w->target->kind != TARGET_BLOCK || w->plan.bridge == 1)
		return NULL;
	for (; !err && off < w->plan.end_off; off += sizeof(zero))
		err = target_write(w->target, off, zero,
				   min_u64(sizeof(zero), w->plan.end_off - off));
	return err;
}

static struct error *begin(struct dump_writer *writer)
{
	struct elf_writer *w = to_elf(writer);
	uint64_t align = max_u64(DATA_ALIGN, w->base.block_size), data;
	struct error *err;

	if ((err = elf_plan_end(&w->plan, 0)))
		return err;
	w->phdr_room = 1 + w->plan.nr + MAX_LOST + w->vaddr.nr_aliases;
	data = align_up(notes_off(w) + w->notes.len, align);
	// again, now that the number of segments is known
	if ((err = elf_plan_end(&w->plan, data)))
		return err;
	w->base.stats.file_bytes = w->plan.end_off;
	if ((err = sink_begin(&w->sink)) || (err = wipe_data(w, data)))
		return err;
	w->begun = true;
	// a stream can have its headers at the end
	if (w->target->kind != TARGET_STREAM && (err = write_headers(w, E_INCOMPLETE)))
		return err;
	return sink_write(&w->sink, notes_off(w), w->notes.data, w->notes.len);
}

/* What one chunk adds to the counts. */
struct written {
	uint64_t blocks, zero;
};

/* Writes nr blocks from number first of the chunk on, which follow each other in the file, but for
 * zero ones. */
static struct error *write_run(struct elf_writer *w, uint64_t off, const struct dump_chunk *chunk,
			       size_t first, size_t nr, struct written *written)
{
	size_t bs = w->base.block_size, start = 0;
	const uint8_t *data = chunk->data + first * bs;
	struct error *err = NULL;

	written->blocks += nr;
	for (size_t i = 0; !err && w->sparse && i < nr; i++) {
		if (!(chunk->skip && bits_test(chunk->skip, first + i)) &&
		    !is_zero(data + i * bs, bs))
			continue;
		err = sink_write(&w->sink, off + start * bs, data + start * bs, (i - start) * bs);
		start = i + 1;
		written->zero++;
	}
	return err ? err
		   : sink_write(&w->sink, off + start * bs, data + start * bs, (nr - start) * bs);
}

/* Finds the places of kept blocks; memory that changed since it was planned has none. */
static struct error *place_run(struct elf_writer *w, const struct dump_chunk *chunk, size_t start,
			       size_t end, struct written *written)
{
	uint64_t bs = w->base.block_size, limit = w->options.limit;
	uint64_t pfn = chunk->pfn + start, stop = chunk->pfn + end;
	const struct elf_plan *p = &w->plan;
	struct error *err = NULL;

	for (size_t i = elf_plan_find(p, pfn); !err && i < p->nr && p->segments[i].pfn < stop;
	     i++) {
		const struct elf_segment *s = &p->segments[i];
		uint64_t first = max_u64(pfn, s->pfn), last = min_u64(stop, s->pfn + s->nr_file);
		uint64_t off = s->off + (first - s->pfn) * bs;

		if (first >= last)
			continue;
		if (limit && off + (last - first) * bs > limit)
			return error_create(ERROR_NO_SPACE,
					    "%s: the %llu bytes that it may have are used up",
					    w->target->path, (unsigned long long)limit);
		err = write_run(w, off, chunk, first - chunk->pfn, last - first, written);
	}
	return err;
}

/* False when there is no room to remember it. */
static bool note_lost(struct elf_writer *w, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < w->nr_lost; i++) {
		if (w->lost[i].end == start) {
			w->lost[i].end = end;
			return true;
		}
	}
	if (w->nr_lost == MAX_LOST)
		return false;
	w->lost[w->nr_lost++] = (struct range){start, end};
	return true;
}

/* What a chunk that could not be written holds; called with the lock held. */
static void note_failed(struct elf_writer *w, const struct dump_chunk *chunk)
{
	if (!note_lost(w, chunk->pfn, chunk->pfn + chunk->nr))
		w->cut_pfn = min_u64(w->cut_pfn, chunk->pfn);
}

static void note_written(struct elf_writer *w, const struct dump_chunk *chunk,
			 const struct written *written)
{
	size_t start = 0, end;

	for (; bits_next_run(chunk->lost, chunk->nr, &start, &end); start = end) {
		if (!note_lost(w, chunk->pfn + start, chunk->pfn + end))
			w->lost_more = true;
	}
	w->base.stats.written += written->blocks;
	w->base.stats.zero += written->zero;
	w->base.stats.data_bytes += (written->blocks - written->zero) * w->base.block_size;
}

/* Only blocks that stand together in the file, too. */
static bool clone_blocks(struct dump_writer *writer, uint64_t pfn, size_t nr, int fd, uint64_t off)
{
	struct elf_writer *w = to_elf(writer);
	uint64_t bs = w->base.block_size;
	size_t i = elf_plan_find(&w->plan, pfn);
	const struct elf_segment *s = &w->plan.segments[i];

	if (i == w->plan.nr || pfn < s->pfn || pfn + nr > s->pfn + s->nr_file || w->options.limit ||
	    !target_clone(w->target, s->off + (pfn - s->pfn) * bs, fd, off, nr * bs))
		return false;
	pthread_mutex_lock(&w->lock);
	w->base.stats.zero -= nr; // which chunk() takes them for
	w->base.stats.data_bytes += nr * bs;
	pthread_mutex_unlock(&w->lock);
	return true;
}

static struct error *write_blocks(struct elf_writer *w, const struct dump_chunk *chunk,
				  const uint64_t *bits, struct written *written)
{
	struct error *err = NULL;
	size_t start = 0, end;

	for (; !err && bits_next_run(bits, chunk->nr, &start, &end); start = end)
		err = place_run(w, chunk, start, end, written);
	return err;
}

/* Lost blocks for which there is no segment more must not read as what a device held before. */
static struct error *write_chunk(struct elf_writer *w, const struct dump_chunk *chunk,
				 struct written *written)
{
	struct written ignored = {0};
	struct error *err = write_blocks(w, chunk, chunk->keep, written);

	if (err || w->target->kind != TARGET_BLOCK)
		return err;
	return write_blocks(w, chunk, chunk->lost, &ignored);
}

static struct error *chunk(struct dump_writer *writer, void *worker, uint64_t seq,
			   const struct dump_chunk *chunk)
{
	struct elf_writer *w = to_elf(writer);
	struct written written = {0};
	struct error *err = write_chunk(w, chunk, &written);

	pthread_mutex_lock(&w->lock);
	w->end_pfn = max_u64(w->end_pfn, chunk->pfn + chunk->nr);
	if (err)
		note_failed(w, chunk);
	else
		note_written(w, chunk, &written);
	pthread_mutex_unlock(&w->lock);
	return err;
}

/* Takes out of the segments what is not in the file. */
static struct error *settle(struct elf_writer *w, bool incomplete)
{
	struct error *err = NULL;

	for (size_t i = 0; !err && i < w->nr_lost; i++)
		err = elf_plan_lose(&w->plan, w->lost[i].start, w->lost[i].end);
	if (!err && incomplete)
		err = elf_plan_lose(&w->plan, min_u64(w->cut_pfn, w->end_pfn), UINT64_MAX);
	return err;
}

/* The file ends where its last segment does; an incomplete one ends earlier than planned. */
static uint64_t data_end(const struct elf_writer *w)
{
	uint64_t end = notes_off(w) + w->notes.len;

	for (size_t i = 0; i < w->plan.nr; i++) {
		const struct elf_segment *s = &w->plan.segments[i];

		if (s->nr_file)
			end = s->off + s->nr_file * w->plan.block_size;
	}
	return end;
}

static struct error *finish(struct dump_writer *writer, bool incomplete)
{
	struct elf_writer *w = to_elf(writer);
	bool mark = incomplete || w->lost_more || w->facts->incomplete || w->base.mark_incomplete;
	uint64_t size;
	struct error *err;

	if (!w->begun)
		return error_create(ERROR_NOT_FOUND, "%s: nothing was written", w->target->path);
	if ((err = settle(w, incomplete)))
		return err;
	size = data_end(w);
	if (w->target->kind == TARGET_STREAM) {
		err = write_headers(w, mark ? E_INCOMPLETE : 0);
		if (!err)
			err = sink_end(&w->sink, size);
		w->base.stats.file_bytes = w->sink.stream_len;
		return err || incomplete ? err : target_commit(w->target);
	}
	w->base.stats.file_bytes = size;
	if ((err = sink_end(&w->sink, size)) || (err = target_sync(w->target)) ||
	    (err = write_headers(w, mark ? E_INCOMPLETE : 0)))
		return err;
	return incomplete ? target_sync(w->target) : target_commit(w->target);
}

static void destroy(struct dump_writer *writer)
{
	struct elf_writer *w = to_elf(writer);

	elf_plan_deinit(&w->plan);
	writer_notes_deinit(&w->notes);
	sink_deinit(&w->sink);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static const struct dump_writer_ops elf_ops = {
	.plan = plan,
	.begin = begin,
	.chunk = chunk,
	.clone = clone_blocks,
	.finish = finish,
	.destroy = destroy,
};

struct error *elf_writer_create(struct target *target, const struct dump_facts *facts,
				const struct dump_reader *ram,
				const struct dump_writer_options *options, struct dump_writer **ret)
{
	struct elf_writer *w;
	struct error *err;

	if (!is_power_of_two(facts->block_size) || facts->max_paddr > INT64_MAX)
		return error_create(ERROR_UNSUPPORTED,
				    "%s: no ELF file can have blocks of %u bytes up to address "
				    "%#llx",
				    target->path, facts->block_size,
				    (unsigned long long)facts->max_paddr);
	w = sys_calloc(1, sizeof(*w));
	if (!w)
		return &error_nomem;
	w->base.ops = &elf_ops;
	w->base.block_size = facts->block_size;
	w->target = target;
	w->facts = facts;
	w->options = *options;
	w->cut_pfn = UINT64_MAX;
	w->sparse = options->share_zero && target->kind != TARGET_BLOCK;
	w->base.takes_skip = w->sparse;
	sink_init(&w->sink, target);
	pthread_mutex_init(&w->lock, NULL);
	if ((err = writer_notes_init(&w->notes, facts)) ||
	    (err = elf_plan_init(&w->plan, ram, facts->block_size, MAX_SEGMENTS)) ||
	    (err = elf_vaddr_init(&w->vaddr, facts))) {
		destroy(&w->base);
		return err;
	}
	*ret = &w->base;
	return NULL;
}
