// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_index.h"

#include <stdlib.h>
#include <string.h>

#include "dump/format.h"
#include "dump/kdump_header.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

#define READ_GROUPS 256U // 1 MiB at once while counting

static uint64_t count_bits(const uint8_t *p, size_t len)
{
	uint64_t nr = 0;

	for (size_t i = 0; i < len; i += 8)
		nr += (uint64_t)__builtin_popcountll(load_u64(p + i, false));
	return nr;
}

/* Clears the bits of a group that lie outside of [start, end). */
static void clip(uint8_t *group, uint64_t first_bit, uint64_t start, uint64_t end)
{
	if (first_bit >= start && first_bit + KDUMP_GROUP_BITS <= end)
		return;
	for (size_t i = 0; i < KDUMP_GROUP_BYTES; i++) {
		for (unsigned int b = 0; b < 8; b++) {
			uint64_t bit = first_bit + 8 * i + b;

			if (bit < start || bit >= end)
				group[i] &= (uint8_t) ~(1U << b);
		}
	}
}

/* Bytes of the bitmap from a group on, at most nr groups of them. */
static size_t bytes_from(const struct kdump_index *index, uint64_t group, size_t nr)
{
	uint64_t len = div_round_up(index->nr_bits, 8);

	return min_u64(len - group * KDUMP_GROUP_BYTES, nr * (uint64_t)KDUMP_GROUP_BYTES);
}

static struct error *count(struct kdump_index *index, const struct file *file)
{
	_cleanup_free_ uint8_t *buf = sys_malloc((size_t)READ_GROUPS * KDUMP_GROUP_BYTES);
	uint64_t sum = 0;
	struct error *err;

	if (!buf)
		return &error_nomem;
	for (size_t g = 0; g < index->nr_groups; g++) {
		uint8_t *group = buf + g % READ_GROUPS * KDUMP_GROUP_BYTES;

		if (group == buf) {
			size_t len = bytes_from(index, g, READ_GROUPS);

			memset(buf + len, 0, align_up(len, KDUMP_GROUP_BYTES) - len);
			err = file_read_full(file, index->off_stored + g * KDUMP_GROUP_BYTES, buf,
					     len);
			if (err)
				return err;
		}
		clip(group, (uint64_t)g * KDUMP_GROUP_BITS, index->start, index->end);
		index->rank[g] = sum;
		sum += count_bits(group, KDUMP_GROUP_BYTES);
	}
	index->rank[index->nr_groups] = sum;
	return NULL;
}

struct error *kdump_index_init(struct kdump_index *index, const struct file *file,
			       const struct kdump_header *header)
{
	uint64_t half = header->bitmap_blocks / 2;
	// DISKDUMP: a single bitmap when two would not fit
	bool two = half >= kdump_bitmap_blocks(header->max_mapnr, header->block_size);

	index->nr_bits = header->max_mapnr;
	index->off_ram = kdump_bitmap_off(header);
	index->off_stored = index->off_ram + (two ? half * header->block_size : 0);
	index->end = header->split ? min_u64(header->end_pfn, index->nr_bits) : index->nr_bits;
	index->start = header->split ? header->start_pfn : 0;
	index->nr_groups = div_round_up(index->nr_bits, KDUMP_GROUP_BITS);
	if (file->size < index->off_stored ||
	    file->size - index->off_stored < div_round_up(index->nr_bits, 8))
		return error_create(ERROR_FORMAT,
				    "%s: file ends at offset %#llx, in or before the bitmap at "
				    "%#llx",
				    file->path, (unsigned long long)file->size,
				    (unsigned long long)index->off_stored);
	index->rank = sys_calloc(index->nr_groups + 1, sizeof(*index->rank));
	return index->rank ? count(index, file) : &error_nomem;
}

void kdump_index_deinit(struct kdump_index *index)
{
	free(index->rank);
}

static bool load_group(const struct kdump_index *index, struct kdump_window *w,
		       struct dump_scratch *scratch, uint64_t group)
{
	uint64_t off = group * KDUMP_GROUP_BYTES, bit = group * KDUMP_GROUP_BITS;
	size_t len = bytes_from(index, group, 1);

	if (w->group == group + 1)
		return true;
	w->group = 0;
	memset(w->ram, 0, sizeof(w->ram));
	memset(w->stored, 0, sizeof(w->stored));
	if (dump_pread(scratch, index->off_ram + off, w->ram, len) < len ||
	    dump_pread(scratch, index->off_stored + off, w->stored, len) < len)
		return false;
	// what is stored was RAM, whatever the 1st bitmap says
	for (size_t i = 0; i < sizeof(w->ram); i++)
		w->ram[i] |= w->stored[i];
	clip(w->ram, bit, 0, index->nr_bits);
	clip(w->stored, bit, index->start, index->end);
	w->group = group + 1;
	return true;
}

/* 64 blocks: a bit for each that has this state. */
static uint64_t in_state(const struct kdump_window *w, size_t word, enum dump_status status)
{
	uint64_t ram = load_u64(w->ram + 8 * word, false);
	uint64_t stored = load_u64(w->stored + 8 * word, false);

	if (status == DUMP_OK)
		return stored;
	return status == DUMP_EXCLUDED ? ram & ~stored : ~ram;
}

static enum dump_status state_of(const struct kdump_window *w, uint64_t bit)
{
	uint64_t i = bit % KDUMP_GROUP_BITS / 8;
	unsigned int mask = 1U << bit % 8;

	if (w->stored[i] & mask)
		return DUMP_OK;
	return w->ram[i] & mask ? DUMP_EXCLUDED : DUMP_ABSENT;
}

enum dump_status kdump_index_extent(const struct kdump_index *index, struct kdump_window *window,
				    struct dump_scratch *scratch, uint64_t bit, uint64_t limit,
				    uint64_t *end)
{
	enum dump_status status;
	uint64_t pos = bit;

	*end = bit + 1;
	if (!load_group(index, window, scratch, bit / KDUMP_GROUP_BITS))
		return DUMP_UNREADABLE;
	status = state_of(window, bit);
	while (pos < limit) {
		uint64_t differ;

		if (!load_group(index, window, scratch, pos / KDUMP_GROUP_BITS))
			break;
		differ = ~in_state(window, pos % KDUMP_GROUP_BITS / 64, status) >> pos % 64;
		if (differ) {
			pos += (uint64_t)__builtin_ctzll(differ);
			break;
		}
		pos = align_down(pos, 64) + 64;
	}
	*end = min_u64(pos, limit);
	return status;
}

bool kdump_index_rank(const struct kdump_index *index, struct kdump_window *window,
		      struct dump_scratch *scratch, uint64_t bit, uint64_t *ret)
{
	uint64_t group = bit / KDUMP_GROUP_BITS, in_group = bit % KDUMP_GROUP_BITS;
	size_t whole = in_group / 64 * 8;
	uint64_t last;

	if (!load_group(index, window, scratch, group))
		return false;
	last = load_u64(window->stored + whole, false) & ~(UINT64_MAX << in_group % 64);
	*ret = index->rank[group] + count_bits(window->stored, whole) +
	       (uint64_t)__builtin_popcountll(last);
	return true;
}
