// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/linear.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dump/format.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/ranges.h"
#include "util/sys.h"

#define MAP_WINDOW (4U << 20)
#define MAP_WORTH  (64U << 10) // below this a read costs less than a mapping
#define MIN_HOLE   (64U << 10) // shorter ones are not worth their place in the list
#define MAX_HOLES  (1U << 20)  // and beyond so many they are read like data, too
#define ULL(x)     ((unsigned long long)(x))

enum kind {
	KIND_DATA,     /* value is the offset in the file */
	KIND_HOLE,     /* whole blocks that read as zero, and are not in the file */
	KIND_REST,     /* zero, too: the rest of a block that is backed in part */
	KIND_EXCLUDED, /* memory that the file promises not to have */
};

struct linear_scratch {
	struct dump_scratch base;
	uint8_t *map; /* a window of a /proc file, NULL when there is none */
	uint64_t map_off;
	size_t map_len;
	bool no_map; /* was tried in vain */
};

struct error *linear_add(struct linear_reader *r, const struct dump_segment *s)
{
	uint64_t file_end = dump_file_end(r->base.file);
	struct dump_segment *list = r->segments;

	if (!s->memsz)
		return NULL;
	if (s->memsz > LINEAR_MAX_PADDR || s->paddr > LINEAR_MAX_PADDR - s->memsz) {
		dump_warn(&r->base, "segment of %#llx bytes at physical %#llx passed over",
			  ULL(s->memsz), ULL(s->paddr));
		return NULL;
	}
	if (s->filesz && (s->off > file_end || s->filesz > file_end - s->off)) {
		r->base.facts.truncated = true;
		dump_warn(&r->base,
			  "truncated: the file ends at %#llx, %#llx bytes of memory from physical "
			  "%#llx on should be at %#llx",
			  ULL(file_end), ULL(s->filesz), ULL(s->paddr), ULL(s->off));
	}
	if (r->nr_segments == r->cap_segments) {
		size_t cap = r->cap_segments ? 2 * r->cap_segments : 16;

		list = sys_realloc(list, cap * sizeof(*list));
		if (!list)
			return &error_nomem;
		r->segments = list;
		r->cap_segments = cap;
	}
	r->segments[r->nr_segments++] = *s;
	return NULL;
}

/* Data of any segment come before the rest of a block, and both before what is left out. */
static struct error *fold_segments(struct linear_reader *r)
{
	uint64_t block = r->base.facts.block_size;
	size_t n = r->nr_segments;
	_cleanup_free_ struct range *ranges = sys_calloc(3 * n + 1, sizeof(*ranges));

	if (!ranges)
		return &error_nomem;
	for (size_t i = 0; i < n; i++) {
		const struct dump_segment *s = &r->segments[i];
		uint64_t start = align_down(s->paddr, block);
		uint64_t data_end = s->paddr + s->filesz;

		ranges[i] = (struct range){s->paddr, data_end, s->off, KIND_DATA};
		if (s->filesz)
			ranges[n + i] = (struct range){start, align_up(data_end, block), start,
						       KIND_REST};
		ranges[2 * n + i] = (struct range){start, align_up(s->paddr + s->memsz, block),
						   start, KIND_EXCLUDED};
	}
	return ranges_fold(ranges, 3 * n, &r->ranges, &r->nr_ranges);
}

/* Ranges with the data in one of them cut into data and holes. */
struct cutter {
	const struct linear_reader *r;
	struct range *out;
	size_t nr, cap;
};

static struct error *put(struct cutter *c, const struct range *range)
{
	struct range *out = c->out;

	if (range->start >= range->end)
		return NULL;
	if (c->nr == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 64;
		out = sys_realloc(out, c->cap * sizeof(*out));
		if (!out)
			return &error_nomem;
		c->out = out;
	}
	c->out[c->nr++] = *range;
	return NULL;
}

static struct error *put_part(struct cutter *c, const struct range *range, uint64_t start,
			      uint64_t end, enum kind kind)
{
	const struct range part = {start, end, range->value + (start - range->start), kind};

	return put(c, &part);
}

/* A hole counts where it has whole blocks. */
static struct error *cut(struct cutter *c, const struct range *range)
{
	uint64_t block = c->r->base.facts.block_size, pos = range->start;
	const struct file *file = c->r->base.file;
	struct error *err = NULL;

	while (!err && pos < range->end && c->nr < MAX_HOLES) {
		uint64_t from = range->value + (pos - range->start), start, end, hole;
		bool more = file_next_data(file, from, &start, &end);

		// offsets in the file become addresses
		start = more ? pos + (start - from) : range->end;
		end = more ? pos + (end - from) : range->end;
		hole = align_up(pos, block);
		start = align_down(min_u64(start, range->end), block);
		if (start > hole && start - hole >= MIN_HOLE) {
			err = put_part(c, range, pos, hole, KIND_DATA);
			if (!err)
				err = put_part(c, range, hole, start, KIND_HOLE);
			pos = start;
		}
		end = min_u64(max_u64(end, pos), range->end);
		if (!err)
			err = put_part(c, range, pos, end, KIND_DATA);
		pos = end;
	}
	return err ? err : put_part(c, range, pos, range->end, KIND_DATA);
}

static struct error *find_holes(struct linear_reader *r)
{
	struct cutter c = {.r = r};
	struct error *err = NULL;

	if (!file_is_sparse(r->base.file))
		return NULL;
	for (size_t i = 0; !err && i < r->nr_ranges; i++)
		err = r->ranges[i].kind == KIND_DATA ? cut(&c, &r->ranges[i])
						     : put(&c, &r->ranges[i]);
	if (err) {
		free(c.out);
		return err;
	}
	free(r->ranges);
	r->ranges = c.out;
	r->nr_ranges = c.nr;
	return NULL;
}

struct error *linear_finish(struct linear_reader *r)
{
	struct error *err;

	if ((err = fold_segments(r)) || (err = find_holes(r)))
		return err;
	r->base.facts.max_paddr = r->nr_ranges ? r->ranges[r->nr_ranges - 1].end : 0;
	return NULL;
}

/* Pages that the crashed kernel left behind are mapped, which costs a tenth of reading them. */
static bool map_window(struct linear_scratch *s, uint64_t off)
{
	const struct file *file = s->base.reader->file;
	uint64_t start = align_down(off, (uint64_t)sysconf(_SC_PAGESIZE));
	uint64_t len = file->size > start ? min_u64(MAP_WINDOW, file->size - start) : 0;

	if (s->map)
		munmap(s->map, s->map_len);
	s->map = NULL;
	s->map = len ? sys_mmap(file->fd, len, (off_t)start) : NULL;
	s->map_off = start;
	s->map_len = len;
	s->no_map = len && !s->map;
	return s->map != NULL;
}

static size_t read_data(struct linear_scratch *s, uint64_t off, uint8_t *buf, size_t len)
{
	size_t done = 0;

	while (s->base.reader->file->proc && done < len && !s->no_map) {
		uint64_t pos = off + done;
		size_t n;

		if (s->map && pos >= s->map_off && pos - s->map_off < s->map_len) {
			n = min_u64(len - done, s->map_len - (pos - s->map_off));
			memcpy(buf + done, s->map + (pos - s->map_off), n);
			done += n;
		} else if (len - done < MAP_WORTH || !map_window(s, pos)) {
			break;
		}
	}
	return done < len ? done + dump_pread(&s->base, off + done, buf + done, len - done) : len;
}

static enum dump_status linear_read(const struct dump_reader *reader, struct dump_scratch *scratch,
				    uint64_t paddr, void *buf, size_t len, size_t *done)
{
	const struct linear_reader *r = (const struct linear_reader *)reader;
	size_t i = ranges_find(r->ranges, r->nr_ranges, paddr);

	for (; *done < len; i++) {
		const struct range *range = &r->ranges[i];
		uint64_t pos = paddr + *done;
		uint8_t *to = (uint8_t *)buf + *done;
		size_t n, got;

		if (i == r->nr_ranges || pos < range->start)
			return DUMP_ABSENT;
		if (range->kind == KIND_EXCLUDED)
			return DUMP_EXCLUDED;
		n = got = min_u64(len - *done, range->end - pos);
		if (range->kind == KIND_DATA)
			got = read_data((struct linear_scratch *)scratch,
					range->value + (pos - range->start), to, n);
		else
			memset(to, 0, n);
		*done += got;
		if (got < n)
			return DUMP_UNREADABLE;
	}
	return DUMP_OK;
}

/* What belongs into one run. */
static enum kind run_kind(const struct range *range)
{
	return range->kind == KIND_REST ? KIND_DATA : (enum kind)range->kind;
}

static void linear_run(const struct dump_reader *reader, struct dump_scratch *scratch,
		       uint64_t paddr, struct dump_run *ret)
{
	const struct linear_reader *r = (const struct linear_reader *)reader;
	size_t i = ranges_find(r->ranges, r->nr_ranges, paddr);
	const struct range *range = &r->ranges[i];
	enum kind kind = run_kind(range);

	if (paddr < range->start) {
		*ret = (struct dump_run){i ? range[-1].end : 0, range->start, DUMP_ABSENT, false};
		return;
	}
	ret->status = kind == KIND_EXCLUDED ? DUMP_EXCLUDED : DUMP_OK;
	ret->zero = kind == KIND_HOLE;
	ret->start = align_down(range->start, reader->facts.block_size);
	ret->end = range->end;
	for (i++;
	     i < r->nr_ranges && r->ranges[i].start == ret->end && run_kind(&r->ranges[i]) == kind;
	     i++)
		ret->end = r->ranges[i].end;
}

static bool linear_extent(const struct dump_reader *reader, uint64_t paddr, struct dump_extent *ret)
{
	const struct linear_reader *r = (const struct linear_reader *)reader;
	size_t i = ranges_find(r->ranges, r->nr_ranges, paddr);
	const struct range *range = &r->ranges[i];

	if (i == r->nr_ranges || paddr < range->start || range->kind != KIND_DATA ||
	    !reader->file->regular || reader->file->proc || reader->file->ops)
		return false;
	*ret = (struct dump_extent){.fd = reader->file->fd};
	ret->off = range->value + (paddr - range->start);
	ret->len = range->end - paddr;
	return true;
}

static struct error *linear_scratch_create(const struct dump_reader *reader,
					   struct dump_scratch **ret)
{
	struct linear_scratch *s = sys_calloc(1, sizeof(*s));

	if (!s)
		return &error_nomem;
	s->base.reader = reader;
	*ret = &s->base;
	return NULL;
}

static void linear_scratch_destroy(struct dump_scratch *scratch)
{
	struct linear_scratch *s = (struct linear_scratch *)scratch;

	if (s->map)
		munmap(s->map, s->map_len);
	free(s);
}

static void linear_destroy(struct dump_reader *reader)
{
	struct linear_reader *r = (struct linear_reader *)reader;

	if (reader->file)
		file_close(reader->file);
	free(r->ranges);
	free(r->segments);
	free(r->notes);
	free(r);
}

static const struct dump_reader_ops linear_ops = {
	.read = linear_read,
	.run = linear_run,
	.extent = linear_extent,
	.scratch_create = linear_scratch_create,
	.scratch_destroy = linear_scratch_destroy,
	.destroy = linear_destroy,
};

struct error *linear_create(struct file *file, struct linear_reader **ret)
{
	struct linear_reader *r = sys_calloc(1, sizeof(*r));

	if (!r)
		return &error_nomem;
	r->base.ops = &linear_ops;
	r->base.file = file;
	r->base.facts.word = 8;
	r->base.facts.block_size = LINEAR_MIN_BLOCK;
	*ret = r;
	return NULL;
}

void linear_abandon(struct linear_reader *r)
{
	r->base.file = NULL;
	linear_destroy(&r->base);
}
