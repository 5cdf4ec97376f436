// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_calloc sys_malloc
#include "dump/copy.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "dump/writer.h"
#include "tests/support/memreader.h"
#include "tests/support/test.h"
#include "util/bits.h"
#include "util/progress.h"
#include "util/sys.h"

#define MAX_CHUNKS 256
#define CHUNK      64 // blocks of 4096

static atomic_int allocs_left = -1;

void *__real_sys_malloc(size_t size);
void *__wrap_sys_malloc(size_t size);
void *__real_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);

void *__wrap_sys_malloc(size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_malloc(size) : NULL;
}

void *__wrap_sys_calloc(size_t nr, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_calloc(nr, size) : NULL;
}

struct seen {
	bool set;
	uint64_t pfn;
	size_t nr;
	uint64_t kept;
};

/* A writer that looks at what it gets. */
struct spy {
	struct dump_writer base;
	struct dump_writer_ops ops;
	const struct memreader *m;
	pthread_mutex_t lock;
	struct seen chunks[MAX_CHUNKS]; /* by seq, of the current pass */
	uint64_t nr_chunks, nr_planned, planned_pfn, kept, planned, nr_blocks, nr_lost;
	int nr_workers, nr_passes, nr_begun;
	uint64_t fail_seq;
	bool fail_plan, fail_begin, fail_finish;
	unsigned int finished_whole, finished_incomplete;
	atomic_bool *stop;
	uint64_t stop_seq;
};

static struct spy *to_spy(struct dump_writer *writer)
{
	return (struct spy *)writer;
}

static struct error *spy_plan(struct dump_writer *writer, const struct dump_chunk *chunk)
{
	struct spy *spy = to_spy(writer);

	assert_null(chunk->data);
	assert_null(chunk->blocks);
	assert_null(chunk->lost);
	assert_true(!spy->nr_planned || chunk->pfn > spy->planned_pfn);
	assert_int_equal(spy->nr_begun, 0);
	spy->planned_pfn = chunk->pfn;
	spy->nr_planned++;
	spy->planned += bits_count(chunk->keep, bits_words(chunk->nr));
	return spy->fail_plan ? error_create(ERROR_FORMAT, "no plan") : NULL;
}

static struct error *spy_begin(struct dump_writer *writer)
{
	to_spy(writer)->nr_begun++;
	return to_spy(writer)->fail_begin ? error_create(ERROR_FORMAT, "no start") : NULL;
}

static struct error *spy_worker(struct dump_writer *writer, void **ret)
{
	struct spy *spy = to_spy(writer);

	pthread_mutex_lock(&spy->lock);
	spy->nr_workers++;
	pthread_mutex_unlock(&spy->lock);
	*ret = writer;
	return NULL;
}

static void spy_worker_end(void *worker)
{
	struct spy *spy = worker;

	pthread_mutex_lock(&spy->lock);
	spy->nr_workers--;
	pthread_mutex_unlock(&spy->lock);
}

/* Each block is what the machine has there. */
static void check_block(const struct spy *spy, const struct dump_chunk *chunk, size_t i,
			uint8_t *want, uint8_t *got, struct codec_set *set)
{
	size_t bs = spy->m->reader.facts.block_size;
	const char *why;

	memreader_fill(spy->m, chunk->pfn + i, want);
	if (!chunk->blocks) {
		assert_memory_equal(want, chunk->data + i * bs, bs);
		return;
	}
	assert_true(codec_set_decode(set, chunk->blocks[i].codec, chunk->blocks[i].data,
				     chunk->blocks[i].len, got, &why));
	assert_memory_equal(want, got, bs);
}

static void check_chunk(struct spy *spy, const struct dump_chunk *chunk)
{
	size_t bs = spy->m->reader.facts.block_size;
	uint8_t *buf = malloc(2 * bs);
	struct codec_set set;

	assert_non_null(buf);
	codec_set_init(&set, bs);
	assert_true(!chunk->blocks != !chunk->data);
	for (size_t i = 0; i < chunk->nr; i++) {
		enum mem_kind kind = memreader_kind(spy->m, chunk->pfn + i);

		if (bits_test(chunk->keep, i))
			check_block(spy, chunk, i, buf, buf + bs, &set);
		if (bits_test(chunk->lost, i)) {
			assert_false(bits_test(chunk->keep, i));
			assert_int_equal(kind, MEM_UNREADABLE);
			assert_true(!chunk->data || !chunk->data[i * bs]);
		}
		assert_true(kind != MEM_UNREADABLE || !bits_test(chunk->keep, i));
	}
	codec_set_deinit(&set);
	free(buf);
}

static struct error *spy_chunk(struct dump_writer *writer, void *worker, uint64_t seq,
			       const struct dump_chunk *chunk)
{
	struct spy *spy = to_spy(writer);
	struct seen *seen;

	assert_ptr_equal(worker, writer);
	assert_in_range(seq, 0, MAX_CHUNKS - 1);
	check_chunk(spy, chunk);
	pthread_mutex_lock(&spy->lock);
	seen = &spy->chunks[seq];
	assert_false(seen->set);
	*seen = (struct seen){
		.set = true,
		.pfn = chunk->pfn,
		.nr = chunk->nr,
		.kept = bits_count(chunk->keep, bits_words(chunk->nr)),
	};
	spy->nr_chunks++;
	spy->kept += seen->kept;
	spy->nr_lost += bits_count(chunk->lost, bits_words(chunk->nr));
	spy->nr_blocks += chunk->blocks ? seen->kept : 0;
	spy->base.stats.written = spy->kept;
	if (spy->stop && seq == spy->stop_seq)
		atomic_store(spy->stop, true);
	pthread_mutex_unlock(&spy->lock);
	return seq == spy->fail_seq ? error_create(ERROR_NO_SPACE, "chunk %d", (int)seq) : NULL;
}

/* All chunks of the pass are there, in the order of memory. */
static void check_order(struct spy *spy)
{
	for (uint64_t i = 0; i < spy->nr_chunks; i++) {
		assert_true(spy->chunks[i].set);
		assert_true(!i || spy->chunks[i].pfn > spy->chunks[i - 1].pfn);
		assert_int_equal(spy->chunks[i].pfn % dump_chunk_blocks(spy->base.block_size), 0);
	}
}

static struct error *spy_end_pass(struct dump_writer *writer)
{
	struct spy *spy = to_spy(writer);

	assert_int_equal(spy->nr_workers, 0);
	check_order(spy);
	memset(spy->chunks, 0, sizeof(spy->chunks));
	spy->nr_chunks = 0;
	spy->nr_passes++;
	return NULL;
}

static struct error *spy_finish(struct dump_writer *writer, bool incomplete)
{
	struct spy *spy = to_spy(writer);

	assert_int_equal(spy->nr_workers, 0);
	spy->finished_incomplete += incomplete;
	spy->finished_whole += !incomplete;
	return spy->fail_finish ? error_create(ERROR_OS, "no end") : NULL;
}

static const struct dump_writer_ops spy_ops = {
	.begin = spy_begin,
	.worker_create = spy_worker,
	.worker_destroy = spy_worker_end,
	.chunk = spy_chunk,
	.end_pass = spy_end_pass,
	.finish = spy_finish,
};

static void spy_init(struct spy *spy, const struct memreader *m)
{
	memset(spy, 0, sizeof(*spy));
	spy->ops = spy_ops;
	spy->base.ops = &spy->ops;
	spy->base.block_size = m->reader.facts.block_size;
	spy->m = m;
	spy->fail_seq = UINT64_MAX;
	pthread_mutex_init(&spy->lock, NULL);
}

#define MAP "3t 5z 2000. 7r 300t 3! 60x 200r 20z 4000x 400t 10x 10."

static struct dump_copy_stats stats;
static bool usable;

static struct error *copy(const struct memreader *m, const struct dump_selector *selector,
			  struct spy *spy, unsigned int threads)
{
	struct dump_copy_options options = {.nr_threads = threads};

	options.stop = spy->stop;
	return dump_copy(&m->reader, selector, &spy->base, &options, &stats, &usable);
}

static void test_all(void **state)
{
	(void)state;
	for (unsigned int threads = 0; threads <= 5; threads++) {
		struct memreader m;
		struct spy spy;

		memreader_init(&m, 4096, MAP);
		spy_init(&spy, &m);
		assert_ok(copy(&m, NULL, &spy, threads));
		check_order(&spy);
		assert_int_equal(spy.kept, 935);
		assert_int_equal(spy.nr_lost, 3);
		assert_int_equal(stats.kept, 935);
		assert_int_equal(stats.unreadable, 3);
		assert_int_equal(spy.finished_whole, 1);
		assert_int_equal(spy.finished_incomplete, 0);
		// neither absent nor excluded chunks
		assert_int_equal(spy.nr_chunks, 18);
		assert_int_equal(spy.chunks[1].pfn, 31 * CHUNK);
		assert_int_equal(spy.chunks[17].nr, 7018 - 109 * CHUNK);
	}
}

static void test_progress(void **state)
{
	struct progress progress;
	struct dump_copy_options options = {.nr_threads = 2, .progress = &progress};
	struct memreader m;
	struct spy spy;

	(void)state;
	memreader_init(&m, 4096, MAP);
	spy_init(&spy, &m);
	progress_begin(&progress, PROGRESS_NEVER, "copying", 0);
	assert_ok(dump_copy(&m.reader, NULL, &spy.base, &options, &stats, &usable));
	assert_int_equal(atomic_load(&progress.done), 938 * 4096);
	progress_end(&progress);
}

/* 24 TiB with a few pages at both ends. */
static void test_holes(void **state)
{
	struct memreader m;
	struct spy spy;

	(void)state;
	memreader_init(&m, 4096, "10t 6442450000. 100t 300000000x 1t");
	spy_init(&spy, &m);
	assert_ok(copy(&m, NULL, &spy, 2));
	assert_int_equal(spy.nr_chunks, 4);
	assert_int_equal(spy.kept, 111);
	assert_in_range(m.nr_run_calls, 3, 20);
}

static void test_reads_are_large(void **state)
{
	struct memreader m;
	struct spy spy;

	(void)state;
	memreader_init(&m, 4096, "1024t 5x 251t");
	spy_init(&spy, &m);
	assert_ok(copy(&m, NULL, &spy, 1));
	assert_int_equal(m.nr_reads, 1280 / CHUNK);
}

static void test_block_sizes(void **state)
{
	(void)state;
	for (uint32_t bs = 512; bs <= 4U << 20; bs *= 8) {
		struct memreader m;
		struct spy spy;

		memreader_init(&m, bs, "5t 2! 3. 3z 1x 1r");
		spy_init(&spy, &m);
		assert_ok(copy(&m, NULL, &spy, 2));
		assert_int_equal(spy.kept, 9);
		check_order(&spy);
	}
}

/* Files may have larger blocks than the source: what one lacks of its parts is zero. */
struct wide {
	struct spy spy;
	uint8_t first[8], second[8];
};

static struct error *wide_chunk(struct dump_writer *writer, void *worker, uint64_t seq,
				const struct dump_chunk *chunk)
{
	struct wide *wide = (struct wide *)writer;

	(void)worker;
	assert_int_equal(seq, 0);
	assert_int_equal(chunk->nr, 6);
	wide->spy.kept = chunk->keep[0];
	wide->spy.nr_lost = chunk->lost[0];
	for (size_t i = 0; i < 8; i++) {
		wide->first[i] = chunk->data[i * 4096];
		wide->second[i] = chunk->data[8 * 4096 + i * 4096];
	}
	return NULL;
}

static void test_larger_blocks(void **state)
{
	static struct wide wide;
	struct memreader m;

	(void)state;
	memreader_init(&m, 4096, "2. 3t 2x 1t 8. 8t 8x 2t 1! 5t 3r");
	spy_init(&wide.spy, &m);
	wide.spy.ops.chunk = wide_chunk;
	wide.spy.base.block_size = 8 * 4096;
	assert_ok(copy(&m, NULL, &wide.spy, 1));
	assert_int_equal(wide.spy.kept, 0x25);
	assert_int_equal(wide.spy.nr_lost, 0x10);
	assert_memory_equal(wide.first, "\0\0ttt\0\0t", 8);
	assert_int_equal(stats.kept, 3);
	assert_int_equal(stats.unreadable, 1);
}

/* Neighbours make one range; the first sixteen are remembered. */
static void test_damage(void **state)
{
	static const char map[] =
		"4t 300! 4t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t "
		"1! 2t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t 1! 2t";
	struct memreader m;
	struct spy spy;

	(void)state;
	memreader_init(&m, 4096, map);
	spy_init(&spy, &m);
	assert_ok(copy(&m, NULL, &spy, 1));
	assert_int_equal(stats.unreadable, 320);
	assert_int_equal(stats.nr_damage, COPY_MAX_DAMAGE);
	assert_int_equal(stats.damage[0].start, 4 * 4096);
	assert_int_equal(stats.damage[0].end, 304 * 4096);
	assert_string_equal(stats.damage[0].why, "mem: bad block 4");
	assert_int_equal(stats.damage[1].start, 308 * 4096);
	assert_int_equal(stats.damage[1].end, 309 * 4096);
	assert_string_equal(stats.damage[15].why, "mem: bad block 350");
	assert_int_equal(spy.kept, 48);
}

struct counting {
	struct dump_selector base;
	atomic_int nr_workers, nr_selects, nr_plans;
};

static struct error *counting_worker(const struct dump_selector *selector, void **ret)
{
	struct counting *counting = (struct counting *)selector;

	atomic_fetch_add(&counting->nr_workers, 1);
	*ret = counting;
	return NULL;
}

static void counting_end(const struct dump_selector *selector, void *worker)
{
	assert_ptr_equal(selector, worker);
	atomic_fetch_sub(&((struct counting *)selector)->nr_workers, 1);
}

/* Pass p takes blocks whose number ends in p; nobody takes those that end in 7 of 8. It also sets
 * bits of blocks that are not there, which must do no harm. */
static void counting_select(const struct dump_selector *selector, void *worker, unsigned int pass,
			    bool plan, uint64_t pfn, size_t nr, uint64_t *keep)
{
	struct counting *counting = (struct counting *)selector;

	assert_ptr_equal(selector, worker);
	atomic_fetch_add(plan ? &counting->nr_plans : &counting->nr_selects, 1);
	for (size_t i = 0; i < nr; i++) {
		if ((pfn + i) % 8 == 5)
			bits_set(keep, i);
		if ((pfn + i) % 8 == 7 || (pfn + i) % counting->base.nr_passes != pass)
			bits_clear(keep, i);
	}
}

static const struct counting counting = {
	.base = {.worker_create = counting_worker,
		 .worker_destroy = counting_end,
		 .select = counting_select},
};

static void test_passes(void **state)
{
	(void)state;
	for (unsigned int nr = 1; nr <= 3; nr++) {
		struct counting c = counting;
		struct memreader m;
		struct spy spy;

		memreader_init(&m, 4096, "800t 1. 799t");
		spy_init(&spy, &m);
		c.base.nr_passes = nr;
		assert_ok(copy(&m, &c.base, &spy, nr));
		assert_int_equal(spy.kept, 1399);
		assert_int_equal(stats.kept, 1399);
		assert_int_equal(spy.nr_passes, nr - 1);
		assert_int_equal(c.nr_selects, nr * 25);
		assert_int_equal(c.nr_plans, 0);
		assert_int_equal(c.nr_workers, 0);
	}
}

/* A writer that plans gets all passes at once, and the same blocks as were planned. */
static void test_plan(void **state)
{
	(void)state;
	for (unsigned int nr = 1; nr <= 3; nr++) {
		struct counting c = counting;
		struct memreader m;
		struct spy spy;

		memreader_init(&m, 4096, "800t 1. 799t");
		spy_init(&spy, &m);
		spy.ops.plan = spy_plan;
		c.base.nr_passes = nr;
		assert_ok(copy(&m, &c.base, &spy, 2));
		assert_int_equal(spy.planned, 1399);
		assert_int_equal(spy.kept, 1399);
		assert_int_equal(spy.nr_planned, 25);
		assert_int_equal(spy.nr_passes, 0);
		assert_int_equal(c.nr_plans, nr * 25);
		assert_int_equal(c.nr_selects, nr * 25);
		assert_int_equal(c.nr_workers, 0);
	}
}

/* Encoded blocks go through as they are, and raw ones beside them. */
static void test_blocks(void **state)
{
	struct memreader m;
	struct spy spy;

	(void)state;
	memreader_init(&m, 4096, "500t 12r 256r 40z 216t 700t");
	memreader_encode(&m, codec_find(CODEC_ZLIB));
	spy_init(&spy, &m);
	spy.base.blocks_codec = CODEC_ZLIB;
	assert_ok(copy(&m, NULL, &spy, 1));
	assert_int_equal(spy.kept, 1724);
	assert_int_equal(spy.nr_blocks, 1724);
	assert_int_equal(m.nr_reads, 0);
}

/* What has to be decoded or cannot be had is read in the other way, and asked for seldom. */
static void test_useless_blocks(void **state)
{
	struct memreader m;
	struct spy spy;

	(void)state;
	memreader_init(&m, 4096, "11264t"); // 176 chunks
	memreader_encode(&m, codec_find(CODEC_ZLIB));
	spy_init(&spy, &m);
	spy.base.blocks_codec = CODEC_LZO;
	assert_ok(copy(&m, NULL, &spy, 1));
	assert_int_equal(spy.kept, 11264);
	assert_int_equal(spy.nr_blocks, 0);
	assert_int_equal(m.nr_block_calls, 2);

	memreader_init(&m, 4096, "10t 1! 53t 64t");
	memreader_encode(&m, codec_find(CODEC_ZLIB));
	spy_init(&spy, &m);
	spy.base.blocks_codec = CODEC_ZLIB;
	assert_ok(copy(&m, NULL, &spy, 1));
	assert_int_equal(spy.kept, 127);
	assert_int_equal(stats.unreadable, 1);
	assert_int_equal(spy.nr_blocks, 0);

	// a writer that wants none, and one of other blocks
	memreader_init(&m, 4096, "256t");
	memreader_encode(&m, codec_find(CODEC_ZLIB));
	spy_init(&spy, &m);
	assert_ok(copy(&m, NULL, &spy, 1));
	assert_int_equal(m.nr_block_calls, 0);
}

/* Blocks whose lengths lie never reach a writer. */
static uint32_t bad_len;
static uint8_t bad_codec;

static void bad_blocks(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t pfn,
		       size_t nr, struct dump_block *blocks, size_t *done)
{
	static uint8_t junk[8192];

	(void)reader;
	(void)scratch;
	(void)pfn;
	(void)nr;
	blocks[0] = (struct dump_block){
		.data = junk, .len = bad_len, .codec = bad_codec, .status = DUMP_OK};
	*done = bad_codec != 99;
}

static void test_bad_blocks(void **state)
{
	static const struct {
		uint32_t len;
		uint8_t codec;
	} bad[] = {{0, CODEC_ZLIB},    {4096, CODEC_ZLIB}, {8192, CODEC_ZLIB}, {4095, CODEC_NONE},
		   {8192, CODEC_NONE}, {0, CODEC_NONE},    {100, CODEC_LZO},   {100, 99}};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct memreader m;
		struct spy spy;

		memreader_init(&m, 4096, "100t");
		m.ops.blocks = bad_blocks;
		bad_len = bad[i].len;
		bad_codec = bad[i].codec;
		spy_init(&spy, &m);
		spy.base.blocks_codec = CODEC_ZLIB;
		assert_ok(copy(&m, NULL, &spy, 1));
		assert_int_equal(spy.kept, 100);
		assert_int_equal(spy.nr_blocks, 0);
	}
}

static void test_writer_fails(void **state)
{
	(void)state;
	for (unsigned int threads = 1; threads <= 4; threads++) {
		for (uint64_t seq = 0; seq < 8; seq += 7) {
			struct memreader m;
			struct spy spy;

			memreader_init(&m, 4096, "10240t");
			spy_init(&spy, &m);
			spy.fail_seq = seq;
			assert_err(copy(&m, NULL, &spy, threads), ERROR_NO_SPACE, "chunk");
			assert_int_equal(spy.finished_incomplete, 1);
			assert_int_equal(spy.finished_whole, 0);
			assert_true(usable);
			assert_true(threads > 1 || spy.nr_chunks == seq + 1);
			// what could not be written does not count
			assert_int_equal(stats.kept, spy.kept - CHUNK);
		}
	}
}

static void test_failures(void **state)
{
	struct memreader m;
	struct spy spy;

	(void)state;
	memreader_init(&m, 4096, "1024t");
	spy_init(&spy, &m);
	spy.fail_begin = true;
	assert_err(copy(&m, NULL, &spy, 1), ERROR_FORMAT, "no start");
	assert_int_equal(spy.nr_chunks, 0);
	assert_false(usable); // nothing in it

	spy_init(&spy, &m);
	spy.ops.plan = spy_plan;
	spy.fail_plan = true;
	assert_err(copy(&m, NULL, &spy, 1), ERROR_FORMAT, "no plan");
	assert_int_equal(spy.nr_begun, 0);

	spy_init(&spy, &m);
	spy.fail_finish = true;
	assert_err(copy(&m, NULL, &spy, 1), ERROR_OS, "no end");
	assert_int_equal(spy.finished_whole, 1);
	assert_int_equal(spy.finished_incomplete, 1);
	assert_false(usable);
}

static void test_stop(void **state)
{
	(void)state;
	for (unsigned int threads = 1; threads <= 3; threads += 2) {
		atomic_bool stop = false;
		struct memreader m;
		struct spy spy;

		memreader_init(&m, 4096, "10240t");
		spy_init(&spy, &m);
		spy.stop = &stop;
		spy.stop_seq = 5;
		assert_err(copy(&m, NULL, &spy, threads), ERROR_INTERRUPTED, "interrupted");
		assert_in_range(spy.nr_chunks, 6, threads > 1 ? 159 : 6);
		assert_int_equal(spy.finished_incomplete, 1);
		assert_true(usable);
	}
}

static void test_no_memory(void **state)
{
	int n = 0;

	(void)state;
	for (;; n++) {
		struct counting c = counting;
		struct memreader m;
		struct error *err;
		struct spy spy;

		memreader_init(&m, 4096, "100t");
		spy_init(&spy, &m);
		c.base.nr_passes = 1;
		allocs_left = n;
		err = copy(&m, &c.base, &spy, 1);
		allocs_left = -1;
		assert_int_equal(c.nr_workers, 0);
		if (!err)
			break;
		assert_ptr_equal(err, &error_nomem);
	}
	assert_int_equal(n, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_reads_are_large),
		cmocka_unit_test(test_block_sizes),
		cmocka_unit_test(test_larger_blocks),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_passes),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_useless_blocks),
		cmocka_unit_test(test_bad_blocks),
		cmocka_unit_test(test_writer_fails),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
