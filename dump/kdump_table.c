// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_table.h"

#include <string.h>

#include "dump/flattened.h"
#include "dump/kdump_header.h"
#include "dump/reader.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"
#include "util/zero.h"

#define WINDOW_LEN (64U << 10)
#define DESCS_LEN  ((256U << 10) / KDUMP_DESC_LEN * KDUMP_DESC_LEN)

struct error *kdump_table_init(struct kdump_table *table, struct sink *sink,
			       const struct kdump_header *header, uint64_t zero_off, bool sparse)
{
	*table = (struct kdump_table){
		.sink = sink,
		.big_endian = header->big_endian,
		.block_size = header->block_size,
		.first_pfn = kdump_first_pfn(header),
		.max_mapnr = header->max_mapnr,
		.zero_off = zero_off,
		.sparse = sparse,
		.bitmap_len = header->bitmap_blocks / 2 * (uint64_t)header->block_size,
		.map_off = kdump_bitmap_off(header),
		.bits = sys_calloc(1, WINDOW_LEN),
		.desc_off = kdump_desc_off(header),
		.descs = sys_malloc(DESCS_LEN),
	};
	return table->bits && table->descs ? NULL : &error_nomem;
}

void kdump_table_deinit(struct kdump_table *table)
{
	free(table->bits);
	free(table->descs);
}

static struct error *put(struct kdump_table *table, uint64_t off, const void *buf, size_t len)
{
	table->written += len;
	return table->sink ? sink_write(table->sink, off, buf, len) : NULL;
}

/* Writes the window, which is never nothing at the end of a bitmap: the file has to reach there. */
static struct error *flush_window(struct kdump_table *table)
{
	uint64_t len = min_u64(WINDOW_LEN, table->bitmap_len - table->window);
	bool last = table->window + len == table->bitmap_len;
	struct error *err;

	if (table->sparse && !last && is_zero(table->bits, len))
		return NULL;
	err = put(table, table->map_off + table->window, table->bits, len);
	memset(table->bits, 0, len);
	return err;
}

/* Moves the window forward to the one that holds this byte of the bitmap. */
static struct error *move_window(struct kdump_table *table, uint64_t byte)
{
	uint64_t target = align_down(byte, WINDOW_LEN);
	struct error *err = NULL;

	while (!err && table->window < target) {
		err = flush_window(table);
		table->window = table->sparse ? target : table->window + WINDOW_LEN;
	}
	return err;
}

/* Sets the bits of whole bytes at once: memory comes in long runs. */
static void set_bits(uint8_t *bits, size_t start, size_t end)
{
	for (; start < end && start % 8; start++)
		bits[start / 8] |= (uint8_t)(1U << start % 8);
	if (start < end) {
		memset(bits + start / 8, 0xff, (end - start) / 8);
		start += align_down(end - start, 8);
	}
	for (; start < end; start++)
		bits[start / 8] |= (uint8_t)(1U << start % 8);
}

static struct error *mark_run(struct kdump_table *table, uint64_t start, uint64_t end)
{
	struct error *err = NULL;

	while (!err && start < end) {
		uint64_t first, stop;

		err = move_window(table, start / 8);
		first = table->window * 8;
		stop = min_u64(end, first + WINDOW_LEN * 8ULL);
		set_bits(table->bits, start - first, stop - first);
		start = stop;
	}
	return err;
}

/* The last window of the bitmap, and it is written; the next bitmap begins. */
static struct error *end_bitmap(struct kdump_table *table)
{
	struct error *err = NULL;

	if (table->bitmap_len)
		err = move_window(table, table->bitmap_len - 1);
	return err ? err : flush_window(table);
}

struct error *kdump_table_ram(struct kdump_table *table, const struct dump_reader *ram)
{
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	uint64_t bs = table->block_size, base = table->first_pfn;
	uint64_t limit = (base + table->max_mapnr) * bs;
	struct dump_run run = {.end = base * bs};
	struct error *err;

	if ((err = dump_scratch_create(ram, &scratch)))
		return err;
	while (!err && run.end < limit) {
		dump_next_run(ram, scratch, run.end, &run);
		run.start = max_u64(run.start, base * bs);
		if (run.status != DUMP_ABSENT)
			err = mark_run(table, run.start / bs - base,
				       div_round_up(min_u64(run.end, limit), bs) - base);
	}
	if (err || (err = end_bitmap(table)))
		return err;
	table->map_off += table->bitmap_len;
	table->window = 0;
	return NULL;
}

static struct error *add_desc(struct kdump_table *table, const struct kdump_desc *desc)
{
	struct error *err = NULL;

	kdump_desc_store(table->descs + table->descs_used, desc, table->big_endian);
	table->descs_used += KDUMP_DESC_LEN;
	table->nr_descs++;
	if (table->descs_used < DESCS_LEN)
		return NULL;
	err = put(table, table->desc_off, table->descs, table->descs_used);
	table->desc_off += table->descs_used;
	table->descs_used = 0;
	return err;
}

/* Where the entries of one record stand. */
struct feed {
	const struct kdump_record *record;
	const uint32_t *entry;  /* the next */
	const uint64_t *shared; /* the next offset of a shared block */
	uint64_t off;           /* of its data */
};

static struct kdump_desc take_entry(const struct kdump_table *table, struct feed *feed)
{
	uint32_t entry = *feed->entry++;
	struct kdump_desc desc = {
		.off = feed->off,
		.size = KDUMP_ENTRY_LEN(entry),
		.flags = KDUMP_ENTRY_CODEC(entry),
	};

	if (entry & KDUMP_ENTRY_SHARED)
		desc.off = *feed->shared++;
	else if (entry == KDUMP_ENTRY_ZERO)
		desc = (struct kdump_desc){.off = table->zero_off, .size = table->block_size};
	else
		feed->off += desc.size;
	return desc;
}

static struct error *add_block(struct kdump_table *table, uint64_t pfn,
			       const struct kdump_desc *desc)
{
	uint64_t bit = pfn - table->first_pfn;
	struct error *err;

	if (pfn < table->first_pfn || bit >= table->max_mapnr)
		return NULL;
	if ((err = move_window(table, bit / 8)))
		return err;
	table->bits[bit / 8 - table->window] |= (uint8_t)(1U << bit % 8);
	return add_desc(table, desc);
}

struct error *kdump_table_add(struct kdump_table *table, const struct kdump_record *const *records,
			      size_t nr)
{
	struct feed feeds[KDUMP_LOG_PASSES];
	struct error *err = NULL;

	for (size_t i = 0; i < nr; i++) {
		feeds[i].record = records[i];
		feeds[i].entry = kdump_record_entries_const(records[i]);
		feeds[i].shared = kdump_record_shared_const(records[i]);
		feeds[i].off = records[i]->off;
	}
	for (uint32_t bit = 0; !err && bit < records[0]->nr; bit++) {
		bool added = false; // by an earlier pass: a bit has one descriptor

		for (size_t i = 0; !err && i < nr; i++) {
			struct kdump_desc desc;

			if (!(records[i]->keep[bit / 64] >> bit % 64 & 1))
				continue;
			desc = take_entry(table, &feeds[i]);
			if (!added)
				err = add_block(table, records[0]->pfn + bit, &desc);
			added = true;
		}
	}
	return err;
}

struct error *kdump_table_end(struct kdump_table *table)
{
	struct error *err = end_bitmap(table);

	if (!err && table->descs_used)
		err = put(table, table->desc_off, table->descs, table->descs_used);
	table->desc_off += table->descs_used;
	table->descs_used = 0;
	return err;
}

uint64_t kdump_table_end_off(const struct kdump_table *table)
{
	return table->desc_off + table->descs_used;
}
