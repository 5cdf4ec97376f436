// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/scan.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "dump/reader.h"
#include "util/checked.h"
#include "util/sys.h"
#include "util/workers.h"

/* A window with its page ahead stays in the second-level cache while the matchers look at it. */
#define WINDOW (256U << 10)
#define BUFFER (WINDOW + SCAN_PAGE)

/* No machine has memory above this: sums below stay below 2^64. */
#define MAX_PADDR (1ULL << 60)

void scan_hit(struct scan_hits *hits, unsigned int kind, uint64_t paddr, uint64_t value)
{
	if (hits->nr_kind[kind]++ >= SCAN_MAX_HITS)
		return;
	if (hits->nr == hits->capacity) {
		size_t capacity = hits->capacity ? 2 * hits->capacity : 64;
		struct scan_hit *grown = sys_realloc(hits->hits, capacity * sizeof(hits->hits[0]));

		if (!grown) {
			hits->nomem = true;
			return;
		}
		hits->hits = grown;
		hits->capacity = capacity;
	}
	hits->hits[hits->nr++] = (struct scan_hit){.paddr = paddr, .value = value, .kind = kind};
}

void scan_hits_deinit(struct scan_hits *hits)
{
	free(hits->hits);
	*hits = (struct scan_hits){0};
}

/*
 * Each mark contains one of these 32-bit words at a multiple of 4, whatever the alignment of the
 * mark itself: the digits of a token table may begin anywhere, so one of four pairs of them is
 * aligned. Comparing eight constants in 32-bit lanes is what compilers turn into vector code.
 */
#define KEY_45   0x00350034U /* "4\0" "5\0" */
#define KEY_56   0x00360035U
#define KEY_0405 0x35003400U /* "\0" "4\0" "5" */
#define KEY_0506 0x36003500U
#define KEY_OSRE 0x4552534fU
#define KEY_LINU 0x756e694cU
#define KEY_BTF  0x0001eb9fU /* magic 0xeb9f, version 1, no flags */
#define KEY_FTB  0x00019febU

#define DIGITS "0\0001\0002\0003\0004\0005\0006\0007\0008\0009"

struct mark {
	uint32_t key;     /* as loaded from little-endian memory */
	uint8_t back;     /* bytes from the beginning of the mark to the key */
	uint8_t len;      /* of text */
	uint8_t kind;     /* enum scan_kind */
	const char *text; /* the whole mark */
	bool starts_text; /* nothing, or the start of a page, stands before it */
};

static const struct mark marks[] = {
	{KEY_45, 8, sizeof(DIGITS), SCAN_TOKENS, DIGITS, false},
	{KEY_56, 10, sizeof(DIGITS), SCAN_TOKENS, DIGITS, false},
	{KEY_0405, 7, sizeof(DIGITS), SCAN_TOKENS, DIGITS, false},
	{KEY_0506, 9, sizeof(DIGITS), SCAN_TOKENS, DIGITS, false},
	{KEY_OSRE, 0, 10, SCAN_VMCOREINFO, "OSRELEASE=", true},
	{KEY_LINU, 0, 14, SCAN_BANNER, "Linux version ", false},
	{KEY_BTF, 0, 8, SCAN_BTF_LE, "\x9f\xeb\x01\x00\x18\x00\x00\x00", false},
	{KEY_FTB, 0, 8, SCAN_BTF_BE, "\xeb\x9f\x01\x00\x00\x00\x00\x18", false},
};

static bool has_key(const uint8_t page[SCAN_PAGE])
{
	uint32_t any = 0;

	for (unsigned int i = 0; i < SCAN_PAGE; i += 4) {
		uint32_t w = load_u32(page + i, false);

		any |= (w == KEY_45) | (w == KEY_56) | (w == KEY_0405) | (w == KEY_0506) |
		       (w == KEY_OSRE) | (w == KEY_LINU) | (w == KEY_BTF) | (w == KEY_FTB);
	}
	return any;
}

static void check_mark(const struct mark *mark, const struct scan_window *window, size_t at,
		       struct scan_hits *hits)
{
	size_t start = at - mark->back;

	// one that begins before this window was seen ahead of the one before
	if (at < mark->back || start >= window->len || window->ahead - start < mark->len)
		return;
	if (memcmp(window->data + start, mark->text, mark->len) != 0)
		return;
	if (mark->starts_text && start % SCAN_PAGE && window->data[start - 1])
		return;
	scan_hit(hits, mark->kind, window->paddr + start, 0);
}

void scan_marks(void *arg, const struct scan_window *window, struct scan_hits *hits)
{
	(void)arg;
	for (size_t page = 0; page < window->ahead; page += SCAN_PAGE) {
		if (!has_key(window->data + page))
			continue;
		for (size_t at = page; at < page + SCAN_PAGE; at += 4) {
			uint32_t w = load_u32(window->data + at, false);

			for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
				if (w == marks[i].key)
					check_mark(&marks[i], window, at, hits);
			}
		}
	}
}

struct scan {
	const struct dump_reader *reader;
	const struct scan_matcher *matchers;
	size_t nr_matchers;
	uint64_t end;
	pthread_mutex_t lock; /* for what follows */
	uint64_t next;        /* where nobody has been yet */
	struct scan_hits *hits;
	struct scan_stats stats;
};

/* The next window that has memory in it; false when there is none. */
static bool take(struct scan *scan, struct dump_scratch *scratch, uint64_t *ret)
{
	struct dump_run run;
	bool found = false;

	pthread_mutex_lock(&scan->lock);
	while (!found && scan->next < scan->end) {
		dump_next_run(scan->reader, scratch, scan->next, &run);
		found = run.status == DUMP_OK;
		if (!found)
			scan->next = run.end;
	}
	if (found) {
		*ret = align_down(scan->next, SCAN_PAGE);
		scan->next = align_down(*ret, WINDOW) + WINDOW;
	}
	pthread_mutex_unlock(&scan->lock);
	return found;
}

/* Reads [start, end) of one run to where it belongs, zeros where it cannot be read. */
static void read_run(struct scan *scan, struct dump_scratch *scratch, uint64_t start, uint64_t end,
		     uint8_t *to, struct scan_stats *stats)
{
	size_t block = scan->reader->facts.block_size, done;

	while (start < end) {
		enum dump_status status = dump_read(scan->reader, scratch, start, to, end - start,
						    &done);
		uint64_t hole;

		stats->bytes += done;
		start += done;
		to += done;
		if (status == DUMP_OK || start >= end)
			return;
		hole = min_u64(end, align_down(start, block) + block) - start;
		if (status == DUMP_UNREADABLE)
			stats->unreadable += hole;
		memset(to, 0, hole);
		start += hole;
		to += hole;
	}
}

/* Fills the buffer from paddr on up to the end of the window and a page ahead. */
static void fill(struct scan *scan, struct dump_scratch *scratch, uint64_t paddr, uint8_t *buf,
		 struct scan_window *window, struct scan_stats *stats)
{
	uint64_t end = align_down(paddr, WINDOW) + WINDOW;
	uint64_t stop = end + SCAN_PAGE;
	struct scan_stats ahead = {0};

	for (uint64_t at = paddr; at != stop;) {
		struct dump_run run;
		uint64_t until;

		dump_next_run(scan->reader, scratch, at, &run);
		// the page ahead belongs to the next window: it is read, but not counted twice
		until = at < end ? end : stop;
		until = run.end - at < until - at ? run.end : until;
		if (run.status == DUMP_OK)
			read_run(scan, scratch, at, until, buf + (at - paddr),
				 at < end ? stats : &ahead);
		else
			memset(buf + (at - paddr), 0, until - at);
		at = until;
	}
	*window = (struct scan_window){
		.paddr = paddr, .data = buf, .len = end - paddr, .ahead = stop - paddr};
}

static void merge(struct scan *scan, const struct scan_hits *hits, const struct scan_stats *stats)
{
	pthread_mutex_lock(&scan->lock);
	for (size_t i = 0; i < hits->nr; i++)
		scan_hit(scan->hits, hits->hits[i].kind, hits->hits[i].paddr, hits->hits[i].value);
	for (unsigned int kind = 0; kind < SCAN_MAX_KINDS; kind++) {
		uint64_t kept = min_u64(hits->nr_kind[kind], SCAN_MAX_HITS);

		scan->hits->nr_kind[kind] += hits->nr_kind[kind] - kept;
	}
	scan->hits->nomem |= hits->nomem;
	scan->stats.bytes += stats->bytes;
	scan->stats.unreadable += stats->unreadable;
	pthread_mutex_unlock(&scan->lock);
}

static struct error *work(void *arg)
{
	struct scan *scan = arg;
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	_cleanup_free_ uint8_t *buf = sys_malloc(BUFFER);
	struct scan_stats stats = {0};
	struct scan_hits hits = {0};
	struct scan_window window;
	uint64_t paddr;
	struct error *err;

	if (!buf)
		return &error_nomem;
	if ((err = dump_scratch_create(scan->reader, &scratch)))
		return err;
	while (take(scan, scratch, &paddr)) {
		fill(scan, scratch, paddr, buf, &window, &stats);
		for (size_t i = 0; i < scan->nr_matchers; i++)
			scan->matchers[i].match(scan->matchers[i].arg, &window, &hits);
	}
	merge(scan, &hits, &stats);
	scan_hits_deinit(&hits);
	return NULL;
}

static int compare_hits(const void *a, const void *b)
{
	const struct scan_hit *left = a, *right = b;

	if (left->paddr != right->paddr)
		return left->paddr < right->paddr ? -1 : 1;
	return left->kind < right->kind ? -1 : left->kind > right->kind;
}

struct error *scan_memory(const struct dump_reader *reader, const struct scan_options *options,
			  const struct scan_matcher *matchers, size_t nr_matchers,
			  struct scan_hits *hits, struct scan_stats *stats)
{
	struct scan_hits found = {0};
	struct scan scan = {
		.reader = reader,
		.matchers = matchers,
		.nr_matchers = nr_matchers,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.next = options->start,
		.end = min_u64(options->end ? options->end : reader->facts.max_paddr, MAX_PADDR),
		.hits = &found,
	};
	struct error *err = workers_run(options->nr_threads, work, &scan);

	pthread_mutex_destroy(&scan.lock);
	if (!err && found.nomem)
		err = &error_nomem;
	if (err) {
		scan_hits_deinit(&found);
		return err;
	}
	if (found.nr)
		qsort(found.hits, found.nr, sizeof(found.hits[0]), compare_hits);
	*hits = found;
	if (stats)
		*stats = scan.stats;
	return NULL;
}
