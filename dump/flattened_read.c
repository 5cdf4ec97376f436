// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flattened streams, read as the file that they were taken from: a sorted index of the records
 * stands between the reader of that file and the stream. Where records overlap the last one holds,
 * as with the writes that they stand for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/flattened.h"
#include "dump/format.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/ranges.h"
#include "util/sys.h"

#define MAX_RECORDS (1U << 26)
#define WINDOW      4096U // records are rarely much shorter
#define ULL(x)      ((unsigned long long)(x))

/* The file that the stream describes. */
struct flat {
	struct file base;
	struct file *stream;   /* owned */
	struct range *records; /* sorted, disjoint; value is the offset of the data in stream */
	size_t nr, cap;
	bool truncated; /* the stream ends early */
	char fault[96]; /* what is wrong with it, if anything is */
};

static const struct flat *to_flat(const struct file *file)
{
	return (const struct flat *)file;
}

/* Most reads go on within or behind the record that holds off. */
static ssize_t flat_pread(const struct file *file, uint64_t off, void *buf, size_t len)
{
	const struct flat *flat = to_flat(file);
	size_t i = ranges_find(flat->records, flat->nr, off);
	uint64_t end = i < flat->nr ? flat->records[i].start : file->size;

	if (i < flat->nr && off >= end) {
		const struct range *r = &flat->records[i];

		return file_pread(flat->stream, r->value + (off - r->start), buf,
				  min_u64(len, r->end - off));
	}
	len = min_u64(len, end - off);
	memset(buf, 0, len);
	return (ssize_t)len;
}

static const struct file *flat_locate(const struct file *file, uint64_t *off)
{
	const struct flat *flat = to_flat(file);
	size_t i = ranges_find(flat->records, flat->nr, *off);

	if (i < flat->nr && *off >= flat->records[i].start)
		*off += flat->records[i].value - flat->records[i].start;
	return flat->stream;
}

static void flat_close(struct file *file)
{
	struct flat *flat = (struct flat *)file;

	if (flat->stream)
		file_close(flat->stream);
	free(flat->records);
}

static const struct file_ops flat_ops = {
	.pread = flat_pread,
	.locate = flat_locate,
	.close = flat_close,
};

/* The number of the record stands in kind, until the index is sorted. */
static struct error *add_record(struct flat *flat, uint64_t start, uint64_t len, uint64_t at)
{
	struct range *records = flat->records;

	if (flat->nr == MAX_RECORDS)
		return error_create(ERROR_UNSUPPORTED,
				    "%s: flattened stream of more than %u records",
				    flat->stream->path, MAX_RECORDS);
	if (flat->nr == flat->cap) {
		size_t cap = flat->cap ? 2 * flat->cap : 1024;

		records = sys_realloc(records, cap * sizeof(*records));
		if (!records)
			return &error_nomem;
		flat->records = records;
		flat->cap = cap;
	}
	flat->records[flat->nr] = (struct range){start, start + len, at, (unsigned int)flat->nr};
	flat->nr++;
	flat->base.size = max_u64(flat->base.size, start + len);
	return NULL;
}

static void set_fault(struct flat *flat, const char *what, uint64_t off)
{
	flat->truncated = true;
	snprintf(flat->fault, sizeof(flat->fault), "%s (offset %#llx)", what, ULL(off));
}

/* Reads the record header at off. Its data begin at *data; false: there is none more. */
static struct error *next_record(struct flat *flat, const struct dump_open_options *options,
				 const uint8_t *header, size_t got, uint64_t off, bool *more)
{
	uint64_t start, len, data = off + FLATTENED_RECORD_LEN, have;

	*more = false;
	if (got < FLATTENED_RECORD_LEN) {
		set_fault(flat, "truncated: the stream ends without a terminator", off);
		return NULL;
	}
	start = load_u64(header, true);
	len = load_u64(header + 8, true);
	if (start == UINT64_MAX && len == UINT64_MAX)
		return NULL;
	if (!len || start > INT64_MAX || len > INT64_MAX - start) {
		if (!options->salvage)
			return error_create(ERROR_FORMAT,
					    "%s: flattened record at offset %#llx: %#llx bytes at "
					    "%#llx",
					    flat->stream->path, ULL(off), ULL(len), ULL(start));
		set_fault(flat, "damaged: a record of an impossible size, the rest is lost", off);
		return NULL;
	}
	have = min_u64(len, flat->stream->size - data);
	if (have < len)
		set_fault(flat, "truncated: the stream ends within a record", off);
	*more = have == len;
	return have ? add_record(flat, start, have, data) : NULL;
}

static struct error *read_records(struct flat *flat, const struct dump_open_options *options)
{
	uint64_t off = FLATTENED_HEADER_LEN, window_off = 0;
	uint8_t window[WINDOW];
	struct error *err = NULL;
	size_t window_len = 0;
	bool more = true;

	while (!err && more) {
		bool inside = off >= window_off && off - window_off < window_len &&
			      window_len - (off - window_off) >= FLATTENED_RECORD_LEN;
		size_t at;

		if (!inside) {
			window_off = off;
			err = file_read(flat->stream, off, window, sizeof(window), &window_len);
			if (err)
				return err;
		}
		at = off - window_off;
		err = next_record(flat, options, window + at, window_len - at, off, &more);
		if (!err && more)
			off += FLATTENED_RECORD_LEN + load_u64(window + at + 8, true);
	}
	return err;
}

static int compare_start(const void *a, const void *b)
{
	const struct range *left = a, *right = b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return (left->kind > right->kind) - (left->kind < right->kind);
}

static int compare_last_first(const void *a, const void *b)
{
	const struct range *left = a, *right = b;

	return (left->kind < right->kind) - (left->kind > right->kind);
}

/* Whether they are disjoint and *sorted. */
static bool is_disjoint(const struct flat *flat, bool *sorted)
{
	bool disjoint = true;

	*sorted = true;
	for (size_t i = 1; i < flat->nr; i++) {
		*sorted &= flat->records[i].start >= flat->records[i - 1].start;
		disjoint &= flat->records[i].start >= flat->records[i - 1].end;
	}
	return disjoint;
}

static struct error *sort_records(struct flat *flat)
{
	struct range *folded;
	struct error *err;
	bool sorted;
	size_t nr;

	if (is_disjoint(flat, &sorted))
		return NULL;
	if (!sorted) {
		qsort(flat->records, flat->nr, sizeof(*flat->records), compare_start);
		if (is_disjoint(flat, &sorted))
			return NULL;
	}
	qsort(flat->records, flat->nr, sizeof(*flat->records), compare_last_first);
	for (size_t i = 0; i < flat->nr; i++)
		flat->records[i].kind = 0;
	if ((err = ranges_fold(flat->records, flat->nr, &folded, &nr)))
		return err;
	free(flat->records);
	flat->records = folded;
	flat->nr = nr;
	return NULL;
}

static struct error *check_header(const struct file *stream)
{
	uint8_t header[FLATTENED_SIGNATURE_LEN + 16];
	struct error *err = file_read_full(stream, 0, header, sizeof(header));
	uint64_t type, version;

	if (err)
		return err;
	type = load_u64(header + FLATTENED_SIGNATURE_LEN, true);
	version = load_u64(header + FLATTENED_SIGNATURE_LEN + 8, true);
	if (type == FLATTENED_TYPE && version == FLATTENED_VERSION)
		return NULL;
	return error_create(ERROR_UNSUPPORTED,
			    "%s: flattened stream of type %llu, version %llu (offset %#x), want %d "
			    "and %d",
			    stream->path, ULL(type), ULL(version), FLATTENED_SIGNATURE_LEN,
			    FLATTENED_TYPE, FLATTENED_VERSION);
}

/* Takes stream, when it succeeds. */
static struct error *flat_create(struct file *stream, const struct dump_open_options *options,
				 struct file **ret)
{
	_cleanup_file_ struct file *file = NULL;
	struct flat *flat = sys_calloc(1, sizeof(*flat));
	struct error *err;

	if (!flat)
		return &error_nomem;
	file = &flat->base;
	*file = (struct file){.fd = stream->fd, .regular = true, .ops = &flat_ops};
	file->path = strdup(stream->path);
	if (!file->path)
		return &error_nomem;
	flat->stream = stream;
	if ((err = check_header(stream)) || (err = read_records(flat, options)) ||
	    (err = sort_records(flat))) {
		flat->stream = NULL;
		return err;
	}
	*ret = TAKE_PTR(file);
	return NULL;
}

static struct error *flattened_open(struct file *file, const struct dump_open_options *options,
				    struct dump_reader **ret)
{
	_cleanup_file_ struct file *payload = NULL;
	struct dump_reader *reader;
	struct error *err = flat_create(file, options, &payload);
	char variant[sizeof(reader->variant)];
	struct flat *flat;

	if (err)
		return err;
	flat = (struct flat *)payload;
	if ((err = dump_open_payload(payload, options, &reader))) {
		flat->stream = NULL; // the caller's
		if (flat->fault[0])
			err = error_prefix(err, "%s: %s", file->path, flat->fault);
		return err;
	}
	TAKE_PTR(payload);
	snprintf(variant, sizeof(variant), "flattened, %.48s", reader->variant);
	memcpy(reader->variant, variant, sizeof(variant));
	if (flat->truncated) {
		reader->facts.truncated = true;
		dump_warn(reader, "%s", flat->fault);
	}
	*ret = reader;
	return NULL;
}

static bool flattened_probe(const struct bytes *head)
{
	static const char signature[FLATTENED_SIGNATURE_LEN] = FLATTENED_SIGNATURE;

	return head->len >= sizeof(signature) && !memcmp(head->data, signature, sizeof(signature));
}

const struct dump_format flattened_format = {
	.name = "flattened",
	.description = "makedumpfile flattened stream",
	.probe = flattened_probe,
	.open = flattened_open,
};
