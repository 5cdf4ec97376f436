// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/scan.h"

#include <stdlib.h>

#include "tests/support/mem.h"
#include "tests/support/memreader.h"
#include "tests/support/test.h"
#include "util/checked.h"

#define WINDOW 0x40000ULL
#define DIGITS "0\0001\0002\0003\0004\0005\0006\0007\0008\0009"

static void put(struct mem *mem, uint64_t paddr, const void *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*mem_at(mem, paddr + i) = ((const uint8_t *)data)[i];
}

static void scan(const struct dump_reader *reader, unsigned int nr_threads, struct scan_hits *hits,
		 struct scan_stats *stats)
{
	const struct scan_options options = {.nr_threads = nr_threads};
	const struct scan_matcher matcher = {.match = scan_marks};

	assert_ok(scan_memory(reader, &options, &matcher, 1, hits, stats));
}

static void expect(const struct scan_hits *hits, size_t i, unsigned int kind, uint64_t paddr)
{
	assert_in_range(i, 0, hits->nr - 1);
	assert_int_equal(hits->hits[i].kind, kind);
	assert_int_equal(hits->hits[i].paddr, paddr);
}

/* Every mark, at each place that its format allows, inside windows and across their borders. */
static void test_marks(void **state)
{
	static const struct {
		unsigned int kind;
		const char *text;
		size_t len, align;
	} marks[] = {
		{SCAN_TOKENS, DIGITS, sizeof(DIGITS), 1},
		{SCAN_VMCOREINFO, "OSRELEASE=", 10, 4},
		{SCAN_BANNER, "Linux version ", 14, 4},
		{SCAN_BTF_LE, "\x9f\xeb\x01\0\x18\0\0\0", 8, 4},
		{SCAN_BTF_BE, "\xeb\x9f\x01\0\0\0\0\x18", 8, 4},
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		for (uint64_t at = WINDOW - 32; at < WINDOW + 8; at += marks[i].align) {
			struct mem *mem = mem_create();
			struct scan_hits hits;
			struct scan_stats stats;

			put(mem, at, marks[i].text, marks[i].len);
			put(mem, at + 0x1234, "x", 1);
			scan(&mem->reader, 1, &hits, &stats);
			assert_int_equal(hits.nr, 1);
			expect(&hits, 0, marks[i].kind, at);
			assert_int_equal(hits.nr_kind[marks[i].kind], 1);
			assert_int_equal(stats.bytes, mem->nr_pages * MEM_PAGE);
			scan_hits_deinit(&hits);
			mem_destroy(mem);
		}
	}
}

static void test_no_marks(void **state)
{
	struct mem *mem = mem_create();
	struct scan_hits hits;

	// cut, misplaced, in the middle of a line, of another version
	put(mem, 0x1000, DIGITS, sizeof(DIGITS) - 2);
	put(mem, 0x2002, "OSRELEASE=", 10);
	put(mem, 0x3004, "xOSRELEASE=", 11);
	put(mem, 0x3fff, "xOSRELEASE ", 11);
	put(mem, 0x4104, "Linux Version ", 14);
	put(mem, 0x5000, "\x9f\xeb\x02\0\x18\0\0\0", 8);
	scan(&mem->reader, 1, &hits, NULL);
	assert_int_equal(hits.nr, 0);
	assert_null(hits.hits);
	scan_hits_deinit(&hits);
	mem_destroy(mem);
}

/* What is preceded by text at the start of a page may be the end of another page. */
static void test_page_start(void **state)
{
	struct mem *mem = mem_create();
	struct scan_hits hits;

	put(mem, 0x2000 - 4, "textOSRELEASE=", 14);
	scan(&mem->reader, 1, &hits, NULL);
	assert_int_equal(hits.nr, 1);
	expect(&hits, 0, SCAN_VMCOREINFO, 0x2000);
	scan_hits_deinit(&hits);
	mem_destroy(mem);
}

/* A mark that runs into memory that is not there is none; what is there next to it is found. */
static void test_holes(void **state)
{
	struct mem *mem = mem_create();
	struct scan_hits hits;

	put(mem, 0x1ff8, "Linux version ", 14);
	mem_drop(mem, 0x2000);
	put(mem, 0x3000, "Linux version ", 14);
	put(mem, 0x7fff0000, "Linux version ", 14);
	scan(&mem->reader, 1, &hits, NULL);
	assert_int_equal(hits.nr, 2);
	expect(&hits, 0, SCAN_BANNER, 0x3000);
	expect(&hits, 1, SCAN_BANNER, 0x7fff0000);
	scan_hits_deinit(&hits);
	mem_destroy(mem);
}

static void test_threads(void **state)
{
	struct mem *mem = mem_create();

	for (uint64_t i = 0; i < 40; i++)
		put(mem, i * WINDOW / 2 + 8 * i, i & 1 ? "OSRELEASE=" : "Linux version ",
		    i & 1 ? 10 : 14);
	for (unsigned int nr_threads = 0; nr_threads < 5; nr_threads++) {
		struct scan_stats stats = {0};
		struct scan_hits hits;

		scan(&mem->reader, nr_threads, &hits, &stats);
		assert_int_equal(hits.nr, 40);
		for (uint64_t i = 0; i < 40; i++)
			expect(&hits, i, i & 1 ? SCAN_VMCOREINFO : SCAN_BANNER,
			       i * WINDOW / 2 + 8 * i);
		assert_int_equal(stats.bytes, 40 * MEM_PAGE);
		assert_int_equal(stats.unreadable, 0);
		scan_hits_deinit(&hits);
	}
	mem_destroy(mem);
}

/* More hits than anybody wants are counted, and cost no memory. */
static void test_flood(void **state)
{
	struct mem *mem = mem_create();
	struct scan_hits hits;

	for (uint64_t at = 0; at < 0x20000; at += 16)
		put(mem, at, "Linux version ", 14);
	put(mem, 0x30000, "OSRELEASE=", 10);
	scan(&mem->reader, 1, &hits, NULL);
	assert_int_equal(hits.nr_kind[SCAN_BANNER], 0x2000);
	assert_int_equal(hits.nr, SCAN_MAX_HITS + 1);
	expect(&hits, SCAN_MAX_HITS, SCAN_VMCOREINFO, 0x30000);
	scan_hits_deinit(&hits);
	mem_destroy(mem);
}

static void test_range(void **state)
{
	const struct scan_options options = {.start = 0x3000, .end = 0x50000, .nr_threads = 1};
	const struct scan_matcher matcher = {.match = scan_marks};
	struct mem *mem = mem_create();
	struct scan_hits hits;

	put(mem, 0x2000, "Linux version ", 14);
	put(mem, 0x3000, "Linux version ", 14);
	put(mem, 0x100000, "Linux version ", 14);
	assert_ok(scan_memory(&mem->reader, &options, &matcher, 1, &hits, NULL));
	assert_int_equal(hits.nr, 1);
	expect(&hits, 0, SCAN_BANNER, 0x3000);
	scan_hits_deinit(&hits);
	mem_destroy(mem);
}

static void test_unreadable(void **state)
{
	struct scan_stats stats = {0};
	struct scan_hits hits;
	struct memreader m;

	memreader_init(&m, 4096, "100t 3! 50. 7x 20z 1! 300r");
	scan(&m.reader, 2, &hits, &stats);
	assert_int_equal(stats.bytes, 420 * 4096);
	assert_int_equal(stats.unreadable, 4 * 4096);
	scan_hits_deinit(&hits);
}

static void count_pages(void *arg, const struct scan_window *window, struct scan_hits *hits)
{
	assert_int_equal(window->paddr % SCAN_PAGE, 0);
	assert_int_equal(window->len % SCAN_PAGE, 0);
	for (size_t off = 0; off < window->len; off += SCAN_PAGE) {
		if (window->data[off])
			scan_hit(hits, SCAN_OTHER, window->paddr + off, window->data[off]);
	}
}

/* Matchers of one's own see each page once. */
static void test_matchers(void **state)
{
	const struct scan_matcher matchers[] = {{.match = scan_marks}, {.match = count_pages}};
	const struct scan_options options = {.nr_threads = 3};
	struct mem *mem = mem_create();
	struct scan_hits hits;

	for (uint64_t i = 0; i < 200; i++)
		*mem_at(mem, i * 0x3000) = (uint8_t)(i + 1);
	put(mem, 0x3004, "Linux version ", 14);
	assert_ok(scan_memory(&mem->reader, &options, matchers, 2, &hits, NULL));
	assert_int_equal(hits.nr, 201);
	expect(&hits, 2, SCAN_BANNER, 0x3004);
	for (uint64_t i = 2; i < 200; i++) {
		expect(&hits, i + 1, SCAN_OTHER, i * 0x3000);
		assert_int_equal(hits.hits[i + 1].value, (uint8_t)(i + 1));
	}
	scan_hits_deinit(&hits);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks),      cmocka_unit_test(test_no_marks),
		cmocka_unit_test(test_page_start), cmocka_unit_test(test_holes),
		cmocka_unit_test(test_threads),    cmocka_unit_test(test_flood),
		cmocka_unit_test(test_range),      cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_matchers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
