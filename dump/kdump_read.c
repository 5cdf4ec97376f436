// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kdump-compressed files. Blocks are fetched in batches: their descriptors stand one behind the
 * other whatever lies between the blocks, so a batch is a range of descriptors; their data are read
 * in file order, neighbours by one call, and then decoded in the order of memory.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "dump/codec.h"
#include "dump/format.h"
#include "dump/kdump_header.h"
#include "dump/kdump_index.h"
#include "dump/machine.h"
#include "dump/notes.h"
#include "dump/notes_order.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

#define BATCH_MAX   256U         // blocks; their number fits the low byte of a sort key
#define BATCH_BYTES (1U << 20)   // of memory in a batch, and at most as much data
#define BATCH_SLACK (256U << 10) // what may be read in vain to spare calls
#define MAX_GAP     (16U << 10)  // between neighbours
#define DESCS_MAX   2048U        // descriptors kept
#define DESCS_FEW   64U          // where nothing says that the next ones are wanted
#define MAX_OFFSET  (1ULL << 55) // shifted by 8 it fits a sort key
#define ULL(x)      ((unsigned long long)(x))

struct kdump_reader {
	struct dump_reader base;
	struct kdump_header header;
	struct kdump_index index;
	unsigned int shift; /* of the block size */
	uint64_t first_pfn; /* block number of bit 0 */
	uint32_t batch_max;
	void *notes, *vmcoreinfo, *eraseinfo;
};

/* A block of the batch. */
struct item {
	const uint8_t *data;
	const char *error; /* why there are no data, NULL when there are */
	struct kdump_desc desc;
};

struct kdump_scratch {
	struct dump_scratch base;
	struct kdump_window window;
	struct codec_set codecs;
	uint64_t desc_rank; /* number of the first descriptor in descs */
	size_t nr_descs;
	uint64_t batch_rank;
	size_t batch_nr;
	struct item items[BATCH_MAX];
	uint8_t descs[DESCS_MAX * KDUMP_DESC_LEN];
	uint8_t *block; /* one decoded block, for reads of a part of it */
	uint8_t *data;
};

static const char *check_desc(const struct kdump_reader *r, const struct kdump_desc *d)
{
	uint32_t block_size = r->header.block_size;
	uint64_t end = r->base.file->size;

	if (!d->off)
		return "was lost when the target was full";
	if (d->flags & ~(uint32_t)CODEC_MASK || (d->flags & (d->flags - 1)))
		return "has unknown flags";
	if (!d->size || d->size > block_size || (!d->flags && d->size != block_size))
		return "has a wrong size";
	if (d->off > end || d->size > end - d->off || d->off > MAX_OFFSET)
		return "lies beyond the end of the file";
	return NULL;
}

/* Makes sure that descriptors rank to rank + nr are there, as far as the file has them. */
static void load_descs(const struct kdump_reader *r, struct kdump_scratch *s, uint64_t rank,
		       size_t nr, bool sequential)
{
	uint64_t left = kdump_index_nr_stored(&r->index) - rank;
	size_t want = min_u64(left, sequential ? DESCS_MAX : max_u64(nr, DESCS_FEW));
	size_t got;

	if (rank >= s->desc_rank && rank + nr <= s->desc_rank + s->nr_descs)
		return;
	got = dump_pread(&s->base, kdump_desc_off(&r->header) + rank * KDUMP_DESC_LEN, s->descs,
			 want * KDUMP_DESC_LEN);
	s->desc_rank = rank;
	s->nr_descs = got / KDUMP_DESC_LEN;
}

static void fill_item(const struct kdump_reader *r, const struct kdump_scratch *s, uint64_t rank,
		      struct item *item)
{
	uint64_t i = rank - s->desc_rank;

	*item = (struct item){.error = "has no descriptor in the file"};
	if (i >= s->nr_descs)
		return;
	item->desc = kdump_desc_load(s->descs + i * KDUMP_DESC_LEN, r->header.big_endian);
	item->error = check_desc(r, &item->desc);
}

/* Keys are offset and item number. Most files have them in order already. */
static void insert_key(uint64_t *keys, size_t nr, uint64_t key)
{
	size_t low = 0, high = nr;

	if (!nr || keys[nr - 1] < key)
		low = nr;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (keys[mid] < key)
			low = mid + 1;
		else
			high = mid;
	}
	memmove(keys + low + 1, keys + low, (nr - low) * sizeof(*keys));
	keys[low] = key;
}

/* Reads the data of the items that begin with keys[0] and lie close together into buf; returns how
 * many they are. */
static size_t read_span(struct kdump_scratch *s, const uint64_t *keys, size_t nr, uint8_t *buf,
			size_t *used, size_t *slack)
{
	uint64_t start = keys[0] >> 8, end = start;
	size_t n = 0, got;

	for (; n < nr; n++) {
		uint64_t off = keys[n] >> 8;
		uint64_t gap = off > end ? off - end : 0;

		if (gap > MAX_GAP || gap > *slack)
			break;
		*slack -= gap;
		end = max_u64(end, off + s->items[keys[n] & 0xff].desc.size);
	}
	got = dump_pread(&s->base, start, buf, end - start);
	for (size_t i = 0; i < n; i++) {
		struct item *item = &s->items[keys[i] & 0xff];
		uint64_t off = item->desc.off;
		uint8_t *to = buf + (off - start);

		// a bad sector is to cost its own blocks only
		if (off - start + item->desc.size <= got ||
		    dump_pread(&s->base, off, to, item->desc.size) == item->desc.size)
			item->data = to;
		else
			item->error = "could not be read";
	}
	*used += end - start;
	return n;
}

/* How many of the blocks from rank on are in the batch. */
static size_t in_batch(const struct kdump_scratch *s, uint64_t rank)
{
	uint64_t past = rank - s->batch_rank;

	return rank >= s->batch_rank && past < s->batch_nr ? s->batch_nr - past : 0;
}

/* Makes a batch of descriptors rank to rank + nr, nr <= batch_max, with their data. Who goes on
 * where the last batch ended gets a longer one. */
static void load_batch(const struct kdump_reader *r, struct kdump_scratch *s, uint64_t rank,
		       size_t nr)
{
	uint64_t keys[BATCH_MAX], last_end = s->batch_rank + s->batch_nr;
	uint64_t nr_stored = kdump_index_nr_stored(&r->index);
	bool sequential = rank >= last_end && rank - last_end <= r->batch_max && rank < nr_stored;
	size_t nr_keys = 0, used = 0, slack = BATCH_SLACK;

	if (sequential)
		nr = max_u64(nr, min_u64(min_u64(2 * s->batch_nr, r->batch_max), nr_stored - rank));
	load_descs(r, s, rank, nr, sequential);
	for (size_t i = 0; i < nr; i++) {
		fill_item(r, s, rank + i, &s->items[i]);
		if (!s->items[i].error)
			insert_key(keys, nr_keys++, s->items[i].desc.off << 8 | i);
	}
	for (size_t i = 0; i < nr_keys;)
		i += read_span(s, keys + i, nr_keys - i, s->data + used, &used, &slack);
	s->batch_rank = rank;
	s->batch_nr = nr;
}

static enum dump_status unreadable(const struct kdump_reader *r, struct kdump_scratch *s,
				   uint64_t rank, uint64_t bit, const char *why)
{
	const struct kdump_desc *d = &s->items[rank - s->batch_rank].desc;

	return dump_why(&s->base, "block at physical %#llx %s (offset %#llx, %u bytes, flags %#x)",
			ULL((r->first_pfn + bit) << r->shift), why, ULL(d->off), d->size, d->flags);
}

/* Decodes len bytes from skip on of one block. */
static enum dump_status decode(const struct kdump_reader *r, struct kdump_scratch *s, uint64_t rank,
			       uint64_t bit, size_t skip, uint8_t *to, size_t len)
{
	const struct item *item = &s->items[rank - s->batch_rank];
	bool whole = len == r->header.block_size;
	const char *why = item->error;

	if (why || !codec_set_decode(&s->codecs, item->desc.flags, item->data, item->desc.size,
				     whole ? to : s->block, &why))
		return unreadable(r, s, rank, bit, why);
	if (!whole)
		memcpy(to, s->block + skip, len);
	return DUMP_OK;
}

static enum dump_status read_extent(const struct kdump_reader *r, struct kdump_scratch *s,
				    uint64_t paddr, uint8_t *buf, size_t len, size_t *done)
{
	uint64_t bit = (paddr >> r->shift) - r->first_pfn, end, rank;
	uint64_t last = ((paddr + (len - 1)) >> r->shift) - r->first_pfn;
	enum dump_status status = kdump_index_extent(
		&r->index, &s->window, &s->base, bit,
		min_u64(min_u64(bit + r->batch_max, last + 1), r->index.nr_bits), &end);

	if (status != DUMP_OK)
		return status;
	if (!kdump_index_rank(&r->index, &s->window, &s->base, bit, &rank))
		return DUMP_UNREADABLE;
	if (!in_batch(s, rank))
		load_batch(r, s, rank, end - bit);
	end = min_u64(end, bit + in_batch(s, rank));
	for (; bit < end; bit++, rank++) {
		size_t skip = (paddr + *done) & (r->header.block_size - 1);
		size_t n = min_u64(r->header.block_size - skip, len - *done);

		status = decode(r, s, rank, bit, skip, buf + *done, n);
		if (status != DUMP_OK)
			return status;
		*done += n;
	}
	return DUMP_OK;
}

static enum dump_status kdump_read(const struct dump_reader *reader, struct dump_scratch *scratch,
				   uint64_t paddr, void *buf, size_t len, size_t *done)
{
	const struct kdump_reader *r = (const struct kdump_reader *)reader;
	enum dump_status status = DUMP_OK;

	while (status == DUMP_OK && *done < len) {
		uint64_t pos = paddr + *done;
		size_t n = 0;

		if (pos >> r->shift < r->first_pfn || pos >= reader->facts.max_paddr)
			return DUMP_ABSENT;
		status = read_extent(r, (struct kdump_scratch *)scratch, pos,
				     (uint8_t *)buf + *done,
				     min_u64(len - *done, reader->facts.max_paddr - pos), &n);
		*done += n;
	}
	return status;
}

static void kdump_run(const struct dump_reader *reader, struct dump_scratch *scratch,
		      uint64_t paddr, struct dump_run *ret)
{
	const struct kdump_reader *r = (const struct kdump_reader *)reader;
	struct kdump_scratch *s = (struct kdump_scratch *)scratch;
	uint64_t pfn = paddr >> r->shift, end;

	if (pfn < r->first_pfn) {
		*ret = (struct dump_run){.end = r->first_pfn << r->shift, .status = DUMP_ABSENT};
		return;
	}
	ret->status = kdump_index_extent(&r->index, &s->window, scratch, pfn - r->first_pfn,
					 r->index.nr_bits, &end);
	if (ret->status == DUMP_UNREADABLE)
		ret->status = DUMP_ABSENT;
	ret->start = pfn << r->shift;
	ret->end = (r->first_pfn + end) << r->shift;
}

/* States of nr blocks from pfn on; *rank is that of the first stored one. Returns how many are
 * stored. */
static size_t block_states(const struct kdump_reader *r, struct kdump_scratch *s, uint64_t pfn,
			   size_t nr, struct dump_block *blocks, uint64_t *rank)
{
	size_t nr_stored = 0;

	for (size_t i = 0; i < nr;) {
		uint64_t bit = pfn + i - r->first_pfn, end = bit + 1;
		enum dump_status status = DUMP_ABSENT;

		if (pfn + i >= r->first_pfn && bit < r->index.nr_bits)
			status = kdump_index_extent(&r->index, &s->window, &s->base, bit,
						    min_u64(bit + (nr - i), r->index.nr_bits),
						    &end);
		if (status == DUMP_OK && !nr_stored &&
		    !kdump_index_rank(&r->index, &s->window, &s->base, bit, rank))
			status = DUMP_UNREADABLE;
		if (status == DUMP_OK)
			nr_stored += end - bit;
		for (uint64_t n = end - bit; n; n--)
			blocks[i++] = (struct dump_block){.status = (uint8_t)status};
	}
	return nr_stored;
}

static void kdump_blocks(const struct dump_reader *reader, struct dump_scratch *scratch,
			 uint64_t pfn, size_t nr, struct dump_block *blocks, size_t *done)
{
	const struct kdump_reader *r = (const struct kdump_reader *)reader;
	struct kdump_scratch *s = (struct kdump_scratch *)scratch;
	uint64_t rank = 0;
	size_t nr_stored;

	*done = min_u64(nr, r->batch_max);
	nr_stored = block_states(r, s, pfn, *done, blocks, &rank);
	if (in_batch(s, rank) < nr_stored)
		load_batch(r, s, rank, nr_stored);
	for (size_t i = 0; i < *done; i++) {
		const struct item *item = &s->items[rank - s->batch_rank];

		if (blocks[i].status != DUMP_OK)
			continue;
		if (item->error)
			blocks[i].status = (uint8_t)unreadable(r, s, rank, pfn + i - r->first_pfn,
							       item->error);
		else
			blocks[i] = (struct dump_block){.data = item->data,
							.len = item->desc.size,
							.codec = (uint8_t)item->desc.flags};
		rank++;
	}
}

static void kdump_scratch_destroy(struct dump_scratch *scratch)
{
	struct kdump_scratch *s = (struct kdump_scratch *)scratch;

	codec_set_deinit(&s->codecs);
	free(s->block);
	free(s->data);
	free(s);
}

static struct error *kdump_scratch_create(const struct dump_reader *reader,
					  struct dump_scratch **ret)
{
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	struct kdump_scratch *s = sys_calloc(1, sizeof(*s));

	if (!s)
		return &error_nomem;
	scratch = &s->base;
	scratch->reader = reader;
	codec_set_init(&s->codecs, reader->facts.block_size);
	s->block = sys_malloc(reader->facts.block_size);
	s->data = sys_malloc(BATCH_BYTES + BATCH_SLACK);
	if (!s->block || !s->data)
		return &error_nomem;
	*ret = TAKE_PTR(scratch);
	return NULL;
}

static void kdump_destroy(struct dump_reader *reader)
{
	struct kdump_reader *r = (struct kdump_reader *)reader;

	if (reader->file)
		file_close(reader->file);
	kdump_index_deinit(&r->index);
	free(r->notes);
	free(r->vmcoreinfo);
	free(r->eraseinfo);
	free(r);
}

static const struct dump_reader_ops kdump_ops = {
	.read = kdump_read,
	.run = kdump_run,
	.blocks = kdump_blocks,
	.scratch_create = kdump_scratch_create,
	.scratch_destroy = kdump_scratch_destroy,
	.destroy = kdump_destroy,
};

/* QEMU calls most machines "Unknown"; their registers tell them apart. */
static const struct machine *find_machine(const struct kdump_reader *r)
{
	const struct dump_facts *facts = &r->base.facts;
	const struct machine *machine = machine_find_name(facts->uts.machine);
	struct bytes cursor = bytes_make(facts->notes, facts->notes_len, facts->big_endian,
					 facts->word);
	struct note note;

	while (!machine && note_next(&cursor, &note)) {
		if (note_is(&note, "CORE", NT_PRSTATUS))
			machine = machine_find_prstatus(note.desc.len, facts->word,
							facts->big_endian);
	}
	return machine;
}

static struct error *load_notes(struct kdump_reader *r)
{
	const struct kdump_header *h = &r->header;
	struct dump_facts *facts = &r->base.facts;
	const struct machine *machine;
	size_t len = 0;
	struct error *err;

	if ((err = dump_read_blob(&r->base, "notes", h->off_note, h->size_note, NOTES_MAX_LEN,
				  &r->notes, &facts->notes_len)))
		return err;
	facts->notes = r->notes;
	if (!notes_scan(facts))
		dump_warn(&r->base, "the notes at offset %#llx are damaged, %u CPUs were found",
			  ULL(h->off_note), facts->nr_cpus);
	// version 3 has no notes; crash and makedumpfile take the text from here in any case
	if (!facts->vmcoreinfo) {
		err = dump_read_blob(&r->base, "vmcoreinfo", h->off_vmcoreinfo, h->size_vmcoreinfo,
				     VMCOREINFO_MAX_LEN, &r->vmcoreinfo, &facts->vmcoreinfo_len);
		if (err)
			return err;
		facts->vmcoreinfo = r->vmcoreinfo;
	}
	if ((err = dump_read_blob(&r->base, "eraseinfo", h->off_eraseinfo, h->size_eraseinfo,
				  NOTES_MAX_LEN, &r->eraseinfo, &len)))
		return err;
	if (len) {
		facts->eraseinfo = r->eraseinfo;
		facts->eraseinfo_len = len;
	}
	machine = find_machine(r);
	facts->machine = machine ? machine->e_machine : EM_NONE;
	notes_fix_order(facts, r->notes);
	if (!facts->nr_cpus)
		facts->nr_cpus = min_u64(h->nr_cpus, NOTES_MAX_CPUS);
	return NULL;
}

static void fill_facts(struct kdump_reader *r)
{
	const struct kdump_header *h = &r->header;
	struct dump_facts *facts = &r->base.facts;

	facts->big_endian = h->big_endian;
	facts->word = h->abi == KDUMP_ABI_64 ? 8 : 4;
	facts->block_size = h->block_size;
	facts->max_paddr = (r->first_pfn + h->max_mapnr) << r->shift;
	facts->uts = h->uts;
	facts->time_sec = h->time_sec;
	facts->time_usec = h->time_usec;
	facts->phys_base = h->phys_base;
	facts->dump_level = h->dump_level;
	if (h->split) {
		uint64_t start = min_u64(h->start_pfn, h->max_mapnr);

		facts->part_start = (r->first_pfn + start) << r->shift;
		facts->part_end = (r->first_pfn + min_u64(h->end_pfn, h->max_mapnr)) << r->shift;
	}
	facts->incomplete = h->diskdump ? h->status == 1 : h->status & KDUMP_STATUS_INCOMPLETE;
}

/* The last descriptors mostly have the last data, though shared pages may stand anywhere. */
static struct error *check_truncated(struct kdump_reader *r)
{
	uint64_t nr = kdump_index_nr_stored(&r->index), off = kdump_desc_off(&r->header);
	uint64_t file_end = r->base.file->size, end = off + nr * KDUMP_DESC_LEN;
	size_t tail = min_u64(nr, DESCS_MAX) * KDUMP_DESC_LEN;
	_cleanup_free_ uint8_t *buf = sys_malloc(tail + 1);
	struct error *err;

	if (!buf)
		return &error_nomem;
	if (end <= file_end) {
		if ((err = file_read_full(r->base.file, end - tail, buf, tail)))
			return err;
		for (size_t i = 0; i < tail; i += KDUMP_DESC_LEN) {
			struct kdump_desc d = kdump_desc_load(buf + i, r->header.big_endian);

			if (d.off < MAX_OFFSET && d.size <= r->header.block_size)
				end = max_u64(end, d.off + d.size);
		}
	}
	if (end > file_end) {
		r->base.facts.truncated = true;
		dump_warn(&r->base, "truncated: the file ends at %#llx, it should go on to %#llx",
			  ULL(file_end), ULL(end));
	}
	return NULL;
}

static void describe(struct kdump_reader *r)
{
	const struct kdump_header *h = &r->header;
	char *to = r->base.variant, *end = to + sizeof(r->base.variant);

	to += snprintf(to, (size_t)(end - to), "%sversion %u", h->diskdump ? "DISKDUMP " : "",
		       h->version);
	for (size_t i = 0; i < nr_codecs; i++) {
		if (h->status & codecs[i]->id && !h->diskdump)
			to += snprintf(to, (size_t)(end - to), ", %s", codecs[i]->name);
	}
	if (h->abi != KDUMP_ABI_64)
		to += snprintf(to, (size_t)(end - to), ", 32-bit");
	if (h->split)
		snprintf(to, (size_t)(end - to), ", split");
	if (r->base.facts.incomplete)
		dump_warn(&r->base, "marked as incomplete: pages are missing");
	if (h->split)
		dump_warn(&r->base, "one file of a split set, has physical %#llx to %#llx only",
			  ULL(r->base.facts.part_start), ULL(r->base.facts.part_end));
}

/* A header that makes no sense may still lead to the pages. */
static struct error *read_header(struct kdump_reader *r, bool salvage)
{
	struct error *err = kdump_header_read(r->base.file, &r->header);

	if (!err || !salvage || error_ignore(kdump_header_salvage(r->base.file, &r->header)))
		return err;
	r->base.facts.truncated = true;
	snprintf(r->base.warning, sizeof(r->base.warning), "%s", err->message);
	error_destroy(err);
	return NULL;
}

static struct error *load(struct kdump_reader *r, bool salvage)
{
	struct kdump_header *h = &r->header;
	struct error *err = read_header(r, salvage);

	if (err)
		return err;
	r->shift = (unsigned int)__builtin_ctz(h->block_size);
	r->first_pfn = kdump_first_pfn(h);
	r->batch_max = (uint32_t)min_u64(BATCH_MAX, BATCH_BYTES >> r->shift);
	fill_facts(r);
	if ((err = kdump_index_init(&r->index, r->base.file, h)) || (err = check_truncated(r)))
		return err;
	describe(r);
	return load_notes(r);
}

static struct error *kdump_open(struct file *file, const struct dump_open_options *options,
				struct dump_reader **ret)
{
	_cleanup_reader_ struct dump_reader *reader = NULL;
	struct kdump_reader *r = sys_calloc(1, sizeof(*r));
	struct error *err;

	if (!r)
		return &error_nomem;
	reader = &r->base;
	reader->ops = &kdump_ops;
	reader->file = file;
	if ((err = load(r, options && options->salvage))) {
		reader->file = NULL; // the caller keeps it
		return err;
	}
	*ret = TAKE_PTR(reader);
	return NULL;
}

static bool kdump_probe(const struct bytes *head)
{
	return head->len >= 8 &&
	       (!memcmp(head->data, "KDUMP   ", 8) || !memcmp(head->data, "DISKDUMP", 8));
}

const struct dump_format kdump_format = {
	.name = "kdump",
	.description = "kdump-compressed file",
	.probe = kdump_probe,
	.open = kdump_open,
};
