// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/verify.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "dump/notes.h"
#include "dump/reader.h"
#include "util/checked.h"
#include "util/progress.h"
#include "util/rows.h"
#include "util/sys.h"
#include "util/workers.h"
#include "util/zero.h"

#define CHUNK_BYTES (1U << 20)
#define MIN_BLOCK   4096U // smaller ones are not counted apart

struct verifier {
	const struct dump_reader *readers[2];
	const struct dump_copy_options *options;
	uint64_t block, end;

	pthread_mutex_t lock; /* of what stands below it */
	struct dump_scratch *scratch[2];
	uint64_t next;
	struct dump_verify *result;
};

/* What one dump has of a chunk. */
struct side {
	struct dump_scratch *scratch;
	uint8_t *data;
	uint8_t status[CHUNK_BYTES / MIN_BLOCK]; /* enum dump_status of each block */
};

struct worker {
	struct verifier *v;
	struct side sides[2];
};

static void worker_deinit(struct worker *w)
{
	for (size_t i = 0; i < 2; i++) {
		dump_scratch_destroy(w->sides[i].scratch);
		free(w->sides[i].data);
	}
}

static struct error *worker_init(struct worker *w)
{
	struct error *err = NULL;

	for (size_t i = 0; !err && i < 2; i++) {
		w->sides[i].data = sys_malloc(CHUNK_BYTES);
		if (!w->sides[i].data)
			return &error_nomem;
		err = dump_scratch_create(w->v->readers[i], &w->sides[i].scratch);
	}
	return err;
}

/* Chunks that are known to be zero in both need no reading. */
static bool skip_zero(struct verifier *v, const struct dump_run *runs)
{
	uint64_t end = align_down(min_u64(runs[0].end, runs[1].end), CHUNK_BYTES);

	if (!runs[0].zero || !runs[1].zero || v->next % CHUNK_BYTES || end <= v->next)
		return false;
	v->result->blocks[VERIFY_SAME] += (end - v->next) / v->block;
	progress_add(v->options->progress, end - v->next);
	v->next = end;
	return true;
}

/* The next chunk in which any of the dumps knows of RAM. */
static bool take_chunk(struct verifier *v, uint64_t *pos)
{
	struct dump_run runs[2];
	bool found = false;

	pthread_mutex_lock(&v->lock);
	while (!found && v->next < v->end) {
		for (size_t i = 0; i < 2; i++)
			dump_next_run(v->readers[i], v->scratch[i], v->next, &runs[i]);
		if (skip_zero(v, runs))
			continue;
		found = runs[0].status != DUMP_ABSENT || runs[1].status != DUMP_ABSENT;
		if (!found)
			v->next = min_u64(runs[0].end, runs[1].end);
	}
	*pos = align_down(v->next, CHUNK_BYTES);
	if (found)
		v->next = *pos + CHUNK_BYTES;
	pthread_mutex_unlock(&v->lock);
	return found;
}

static void read_run(struct side *side, const struct dump_reader *reader, uint64_t block,
		     uint64_t chunk, uint64_t pos, uint64_t end)
{
	while (pos < end) {
		size_t done;
		enum dump_status status = dump_read(reader, side->scratch, pos,
						    side->data + (pos - chunk), end - pos, &done);

		pos += done;
		if (status == DUMP_UNREADABLE) {
			side->status[(pos - chunk) / block] = DUMP_UNREADABLE;
			pos = align_down(pos, block) + block;
		} else if (status != DUMP_OK) {
			return;
		}
	}
}

/* A block is there when any part of it is; the rest reads as zero. */
static void read_side(const struct verifier *v, struct side *side, size_t i, uint64_t chunk)
{
	uint64_t end = chunk + CHUNK_BYTES, pos, stop;

	memset(side->status, DUMP_ABSENT, sizeof(side->status));
	memset(side->data, 0, CHUNK_BYTES);
	for (pos = chunk; pos < end; pos = stop) {
		struct dump_run run;

		dump_next_run(v->readers[i], side->scratch, pos, &run);
		stop = min_u64(run.end, end);
		if (run.status == DUMP_ABSENT)
			continue;
		for (uint64_t b = (pos - chunk) / v->block;
		     b < div_round_up(stop - chunk, v->block); b++) {
			if (side->status[b] != DUMP_OK)
				side->status[b] = (uint8_t)run.status;
		}
		if (run.status == DUMP_OK && !run.zero)
			read_run(side, v->readers[i], v->block, chunk, pos, stop);
	}
}

/* A zero block in one dump that the other leaves out: raw images and LiME have no way to say so,
 * ELF cores bridge short gaps, and large blocks cover what smaller ones do not. */
static bool may_be_zero(const struct verifier *v, size_t has, enum dump_status other)
{
	const struct dump_reader *a = v->readers[has], *b = v->readers[!has];

	return a->format->plain || b->format->plain || a->facts.block_size != b->facts.block_size ||
	       (other == DUMP_EXCLUDED && a->facts.segments);
}

static enum verify_kind compare_block(const struct verifier *v, const struct side *sides, size_t i)
{
	enum dump_status a = sides[0].status[i], b = sides[1].status[i];
	const uint8_t *left = sides[0].data + i * v->block;
	const uint8_t *right = sides[1].data + i * v->block;

	if (a == DUMP_UNREADABLE || b == DUMP_UNREADABLE)
		return VERIFY_UNREADABLE;
	if (a == DUMP_OK && b == DUMP_OK)
		return memcmp(left, right, v->block) ? VERIFY_BYTES : VERIFY_SAME;
	if (a == DUMP_OK)
		return is_zero(left, v->block) && may_be_zero(v, 0, b) ? VERIFY_ZERO : VERIFY_FIRST;
	if (b == DUMP_OK)
		return is_zero(right, v->block) && may_be_zero(v, 1, a) ? VERIFY_ZERO
									: VERIFY_SECOND;
	// what is RAM may be rounded, or not be known
	if (a == b || v->readers[0]->format->plain || v->readers[1]->format->plain ||
	    v->readers[0]->facts.block_size != v->readers[1]->facts.block_size)
		return VERIFY_NR;
	return VERIFY_RAM;
}

static void note_difference(struct dump_verify *result, uint64_t start, uint64_t end,
			    enum verify_kind kind)
{
	for (size_t i = 0; i < result->nr_differences; i++) {
		if (result->differences[i].kind == kind && result->differences[i].end == start) {
			result->differences[i].end = end;
			return;
		}
	}
	if (result->nr_differences == VERIFY_MAX_DIFFERENCES)
		return;
	result->differences[result->nr_differences].start = start;
	result->differences[result->nr_differences].end = end;
	result->differences[result->nr_differences++].kind = kind;
}

static void compare_chunk(struct worker *w, uint64_t chunk)
{
	struct verifier *v = w->v;
	uint64_t found[VERIFY_NR + 1] = {0};
	uint8_t kinds[CHUNK_BYTES / MIN_BLOCK];
	size_t nr = CHUNK_BYTES / v->block;

	for (size_t i = 0; i < 2; i++)
		read_side(v, &w->sides[i], i, chunk);
	for (size_t i = 0; i < nr; i++) {
		kinds[i] = (uint8_t)compare_block(v, w->sides, i);
		found[kinds[i]]++;
	}
	pthread_mutex_lock(&v->lock);
	for (size_t i = 0; i < VERIFY_NR; i++)
		v->result->blocks[i] += found[i];
	for (size_t i = 0; i < nr; i++) {
		if (kinds[i] > VERIFY_ZERO && kinds[i] < VERIFY_NR)
			note_difference(v->result, chunk + i * v->block, chunk + (i + 1) * v->block,
					kinds[i]);
	}
	pthread_mutex_unlock(&v->lock);
	progress_add(v->options->progress, (nr - found[VERIFY_NR]) * v->block);
}

static struct error *run_worker(void *arg)
{
	_cleanup_(worker_deinit) struct worker w = {.v = arg};
	struct error *err = worker_init(&w);
	uint64_t chunk;

	while (!err && take_chunk(arg, &chunk)) {
		if (w.v->options->stop && atomic_load(w.v->options->stop))
			return error_create(ERROR_INTERRUPTED, "interrupted");
		compare_chunk(&w, chunk);
	}
	return err;
}

/* Texts of their own notes, which kdump files may have elsewhere, and which are compared apart. */
static bool next_note(struct bytes *cursor, struct note *note)
{
	bool found;

	do
		found = note_next(cursor, note);
	while (found && (note_is(note, "VMCOREINFO", 0) || note_is(note, "ERASEINFO", 0)));
	return found;
}

static bool same_bytes(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && (!a_len || !memcmp(a, b, a_len));
}

static bool same_notes(const struct dump_facts *a, const struct dump_facts *b)
{
	struct bytes left = bytes_make(a->notes, a->notes_len, a->big_endian, a->word);
	struct bytes right = bytes_make(b->notes, b->notes_len, b->big_endian, b->word);
	struct note one, other;
	bool more, same;

	do {
		more = next_note(&left, &one);
		same = more == next_note(&right, &other);
		if (more && same)
			same = one.type == other.type &&
			       same_bytes(one.name, one.name_len, other.name, other.name_len) &&
			       same_bytes(one.desc.data, one.desc.len, other.desc.data,
					  other.desc.len);
	} while (more && same);
	return same &&
	       same_bytes(a->vmcoreinfo, a->vmcoreinfo_len, b->vmcoreinfo, b->vmcoreinfo_len) &&
	       same_bytes(a->eraseinfo, a->eraseinfo_len, b->eraseinfo, b->eraseinfo_len);
}

struct error *dump_verify(const struct dump_reader *first, const struct dump_reader *second,
			  const struct dump_copy_options *options, struct dump_verify *ret)
{
	_cleanup_scratch_ struct dump_scratch *left = NULL, *right = NULL;
	struct verifier v = {
		.readers = {first, second},
		.options = options,
		.block = max_u64(min_u64(first->facts.block_size, second->facts.block_size),
				 MIN_BLOCK),
		.end = max_u64(first->facts.max_paddr, second->facts.max_paddr),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.result = ret,
	};
	struct error *err;

	*ret = (struct dump_verify){.block_size = (uint32_t)v.block};
	ret->notes_compared = !first->format->plain && !second->format->plain;
	ret->notes_same = !ret->notes_compared || same_notes(&first->facts, &second->facts);
	if ((err = dump_scratch_create(first, &left)) ||
	    (err = dump_scratch_create(second, &right)))
		return err;
	v.scratch[0] = left;
	v.scratch[1] = right;
	return workers_run(options->nr_threads, run_worker, &v);
}

bool dump_verify_clean(const struct dump_verify *verify)
{
	for (size_t i = VERIFY_BYTES; i < VERIFY_NR; i++) {
		if (verify->blocks[i])
			return false;
	}
	return verify->notes_same;
}

void dump_verify_report(struct rows *rows, const struct dump_verify *verify)
{
	static const struct {
		const char *key, *label, *what;
	} kinds[VERIFY_NR] = {
		[VERIFY_SAME] = {"pages_same", "THE SAME", NULL},
		[VERIFY_ZERO] = {"pages_zero", "ZERO OR ABSENT", NULL},
		[VERIFY_BYTES] = {"pages_differ", "DIFFERENT", "other bytes"},
		[VERIFY_FIRST] = {"pages_first", "IN THE FIRST", "only in the first"},
		[VERIFY_SECOND] = {"pages_second", "IN THE SECOND", "only in the second"},
		[VERIFY_RAM] = {"pages_ram", "RAM IN ONE", "RAM in one only, left out"},
		[VERIFY_UNREADABLE] = {"pages_unreadable", "NOT COMPARED", "unreadable"},
	};
	char text[96];

	rows_bool(rows, "clean", "CLEAN", dump_verify_clean(verify));
	rows_number(rows, "block_size", "PAGES OF", verify->block_size);
	for (size_t i = 0; i < VERIFY_NR; i++)
		rows_number(rows, kinds[i].key, kinds[i].label, verify->blocks[i]);
	if (verify->notes_compared)
		rows_bool(rows, "notes_same", "SAME NOTES", verify->notes_same);
	rows_begin_list(rows, "differences", "DIFFERENCES");
	for (size_t i = 0; i < verify->nr_differences; i++) {
		snprintf(text, sizeof(text), "0x%" PRIx64 " to 0x%" PRIx64 ": %s",
			 verify->differences[i].start, verify->differences[i].end,
			 kinds[verify->differences[i].kind].what);
		rows_item(rows, text);
	}
	rows_end_list(rows);
}
