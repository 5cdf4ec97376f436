// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/memreader.h"

#include <ctype.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/codec.h"

struct mem_scratch {
	struct dump_scratch base;
	void *state; /* of the codec */
	uint8_t *blocks;
};

static const struct memreader *to_mem(const struct dump_reader *reader)
{
	return (const struct memreader *)reader;
}

static const struct mem_run *find_run(const struct memreader *m, uint64_t pfn)
{
	for (size_t i = 0; i < m->nr_runs; i++) {
		if (pfn < m->runs[i].end)
			return &m->runs[i];
	}
	return NULL;
}

enum mem_kind memreader_kind(const struct memreader *m, uint64_t pfn)
{
	const struct mem_run *run = find_run(m, pfn);

	return run ? run->kind : MEM_ABSENT;
}

void memreader_fill(const struct memreader *m, uint64_t pfn, uint8_t *block)
{
	uint32_t len = m->reader.facts.block_size;
	uint64_t x = pfn * 0x9e3779b97f4a7c15ULL + 1;
	enum mem_kind kind = memreader_kind(m, pfn);
	char text[64];
	uint32_t n = (uint32_t)snprintf(text, sizeof(text), "this is block %llu of memory\n",
					(unsigned long long)pfn);

	memset(block, 0, len);
	for (uint32_t i = 0; i < len && kind == MEM_RANDOM; i += sizeof(x)) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(block + i, &x, sizeof(x));
	}
	for (uint32_t i = 0; i < len && kind == MEM_TEXT; i += n)
		memcpy(block + i, text, n < len - i ? n : len - i);
}

static enum dump_status status_of(enum mem_kind kind)
{
	if (kind == MEM_ABSENT)
		return DUMP_ABSENT;
	return kind == MEM_EXCLUDED ? DUMP_EXCLUDED : DUMP_OK;
}

static void mem_run(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t paddr,
		    struct dump_run *ret)
{
	const struct memreader *m = to_mem(reader);
	const struct mem_run *run = find_run(m, paddr / reader->facts.block_size);

	(void)scratch;
	atomic_fetch_add(&((struct memreader *)m)->nr_run_calls, 1);
	*ret = (struct dump_run){
		.start = run->start * reader->facts.block_size,
		.end = run->end * reader->facts.block_size,
		.status = status_of(run->kind),
		.zero = run->kind == MEM_HOLE,
	};
}

static enum dump_status mem_read(const struct dump_reader *reader, struct dump_scratch *scratch,
				 uint64_t paddr, void *buf, size_t len, size_t *done)
{
	const struct memreader *m = to_mem(reader);
	struct mem_scratch *s = (struct mem_scratch *)scratch;
	uint64_t bs = reader->facts.block_size;

	atomic_fetch_add(&((struct memreader *)m)->nr_reads, 1);
	while (*done < len) {
		uint64_t pos = paddr + *done, pfn = pos / bs, off = pos % bs;
		enum mem_kind kind = memreader_kind(m, pfn);
		size_t n = bs - off < len - *done ? bs - off : len - *done;

		if (kind == MEM_UNREADABLE) {
			snprintf(scratch->why, sizeof(scratch->why), "mem: bad block %llu",
				 (unsigned long long)pfn);
			return DUMP_UNREADABLE;
		}
		if (status_of(kind) != DUMP_OK)
			return status_of(kind);
		memreader_fill(m, pfn, s->blocks);
		memcpy((uint8_t *)buf + *done, s->blocks + off, n);
		*done += n;
	}
	return DUMP_OK;
}

static void mem_blocks(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t pfn,
		       size_t nr, struct dump_block *blocks, size_t *done)
{
	const struct memreader *m = to_mem(reader);
	struct mem_scratch *s = (struct mem_scratch *)scratch;
	uint64_t bs = reader->facts.block_size;
	uint8_t *plain = s->blocks + m->at_once * bs;

	atomic_fetch_add(&((struct memreader *)m)->nr_block_calls, 1);
	*done = nr < m->at_once ? nr : m->at_once;
	memset(s->blocks, 0xee, m->at_once * bs); // what was lent before is gone
	for (size_t i = 0; i < *done; i++) {
		uint8_t *data = s->blocks + i * bs;
		enum mem_kind kind = memreader_kind(m, pfn + i);
		size_t len;

		blocks[i] = (struct dump_block){.status = (uint8_t)status_of(kind)};
		if (kind == MEM_UNREADABLE)
			blocks[i].status = DUMP_UNREADABLE;
		if (blocks[i].status != DUMP_OK)
			continue;
		memreader_fill(m, pfn + i, plain);
		len = m->codec->encode(s->state, plain, bs, data, bs);
		if (!len)
			memcpy(data, plain, bs);
		blocks[i].data = data;
		blocks[i].len = (uint32_t)(len ? len : bs);
		blocks[i].codec = (uint8_t)(len ? m->codec->id : CODEC_NONE);
	}
}

static struct error *mem_scratch_create(const struct dump_reader *reader, struct dump_scratch **ret)
{
	const struct memreader *m = to_mem(reader);
	struct mem_scratch *s = calloc(1, sizeof(*s));
	struct error *err;

	if (!s)
		return &error_nomem;
	s->base.reader = reader;
	s->blocks = calloc(m->at_once + 1, reader->facts.block_size);
	if (!s->blocks)
		abort();
	err = m->codec ? m->codec->create(m->codec->default_level, reader->facts.block_size,
					  &s->state)
		       : NULL;
	if (err)
		abort();
	*ret = &s->base;
	return NULL;
}

static void mem_scratch_destroy(struct dump_scratch *scratch)
{
	struct mem_scratch *s = (struct mem_scratch *)scratch;

	if (s->state)
		to_mem(scratch->reader)->codec->destroy(s->state);
	free(s->blocks);
	free(s);
}

static const struct dump_reader_ops mem_ops = {
	.read = mem_read,
	.run = mem_run,
	.scratch_create = mem_scratch_create,
	.scratch_destroy = mem_scratch_destroy,
};

void memreader_init(struct memreader *m, uint32_t block_size, const char *map)
{
	static char name[] = "mem";
	uint64_t pfn = 0;

	memset(m, 0, sizeof(*m));
	m->ops = mem_ops;
	m->file = (struct file){.fd = -1, .path = name};
	m->at_once = 7;
	while (*map) {
		struct mem_run *run = &m->runs[m->nr_runs++];
		char *end;

		if (m->nr_runs > sizeof(m->runs) / sizeof(m->runs[0]))
			abort();
		run->start = pfn;
		pfn += strtoull(map, &end, 10);
		run->end = pfn;
		run->kind = (enum mem_kind)(unsigned char)*end;
		for (map = end + 1; isspace((unsigned char)*map);)
			map++;
	}
	m->reader.ops = &m->ops;
	m->reader.file = &m->file;
	m->reader.facts = (struct dump_facts){
		.machine = EM_X86_64,
		.word = 8,
		.block_size = block_size,
		.max_paddr = pfn * block_size,
		.uts = {.sysname = "Linux", .release = "6.1.0-test", .machine = "x86_64"},
		.time_sec = 1700000000,
		.nr_cpus = 2,
	};
}

void memreader_encode(struct memreader *m, const struct codec *codec)
{
	m->codec = codec;
	m->ops.blocks = mem_blocks;
}

/* Whether block pfn is what it should be. */
static bool block_is_right(const struct memreader *m, const struct dump_reader *copy,
			   struct dump_scratch *scratch, uint64_t pfn, bool partial, bool *present)
{
	uint64_t bs = m->reader.facts.block_size;
	enum mem_kind kind = memreader_kind(m, pfn);
	uint8_t *want = malloc(2 * bs), *got = want + bs;
	enum dump_status status, expected = status_of(kind);
	bool right;
	size_t done;

	if (!want)
		abort();
	if (kind == MEM_UNREADABLE)
		expected = DUMP_EXCLUDED;
	status = dump_read(copy, scratch, pfn * bs, got, bs, &done);
	*present = status == DUMP_OK;
	memreader_fill(m, pfn, want);
	right = status == expected || (partial && expected == DUMP_OK && status == DUMP_EXCLUDED);
	if (status == DUMP_OK)
		right = right && !memcmp(want, got, bs);
	free(want);
	return right;
}

uint64_t memreader_compare(const struct memreader *m, const struct dump_reader *copy, bool partial,
			   uint64_t *present)
{
	uint64_t nr = m->reader.facts.max_paddr / m->reader.facts.block_size, pfn;
	struct dump_scratch *scratch;

	if (dump_scratch_create(copy, &scratch))
		abort();
	*present = 0;
	for (pfn = 0; pfn < nr; pfn++) {
		bool there;

		if (!block_is_right(m, copy, scratch, pfn, partial, &there))
			break;
		*present += there;
	}
	dump_scratch_destroy(scratch);
	return pfn < nr ? pfn : MEM_SAME;
}
