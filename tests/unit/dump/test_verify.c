// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/verify.h"

#include <stdlib.h>

#include "dump/notes.h"
#include "dump/reader.h"
#include "tests/support/memreader.h"
#include "tests/support/output.h"
#include "tests/support/test.h"
#include "util/rows.h"

static const struct dump_format full = {.name = "full"}, plain = {.name = "plain", .plain = true};

/* Two machines, and what comes of comparing them. */
struct pair {
	struct memreader a, b;
	struct dump_verify result;
};

static struct pair *compare(const char *first, const struct dump_format *first_format,
			    const char *second, const struct dump_format *second_format)
{
	static struct pair p;
	const struct dump_copy_options how = {.nr_threads = 2};

	memreader_init(&p.a, 4096, first);
	memreader_init(&p.b, 4096, second);
	p.a.reader.format = first_format;
	p.b.reader.format = second_format;
	assert_ok(dump_verify(&p.a.reader, &p.b.reader, &how, &p.result));
	return &p;
}

static void expect(const struct pair *p, const uint64_t *blocks)
{
	for (size_t i = 0; i < VERIFY_NR; i++)
		assert_int_equal(p->result.blocks[i], blocks[i]);
}

static void the_same(void **state)
{
	const struct pair *p = compare("3t 1000. 300r 10x 20z 5000h 10t", &full,
				       "3t 1000. 300r 10x 20z 5000h 10t", &full);

	(void)state;
	expect(p, (uint64_t[VERIFY_NR]){[VERIFY_SAME] = 3 + 300 + 20 + 5000 + 10});
	assert_true(dump_verify_clean(&p->result));
	assert_true(p->result.notes_compared);
	assert_int_equal(p->result.nr_differences, 0);
	// what is known to be zero was not read
	assert_true(p->a.nr_reads < 20);
}

static void each_difference_has_its_kind(void **state)
{
	const struct pair *p = compare("10t 10t 10x 10. 10x 10t 4!", &full,
				       "10t 10r 10t 10t 10. 10x 4t", &full);

	(void)state;
	expect(p, (uint64_t[VERIFY_NR]){
			  [VERIFY_SAME] = 10,
			  [VERIFY_BYTES] = 10,
			  [VERIFY_SECOND] = 20,
			  [VERIFY_RAM] = 10,
			  [VERIFY_FIRST] = 10,
			  [VERIFY_UNREADABLE] = 4,
		  });
	assert_false(dump_verify_clean(&p->result));
	assert_int_equal(p->result.nr_differences, 5);
	assert_int_equal(p->result.differences[0].start, 10 * 4096);
	assert_int_equal(p->result.differences[0].end, 20 * 4096);
	assert_int_equal(p->result.differences[0].kind, VERIFY_BYTES);
}

/* A raw image has zeros where a dump has nothing; other bytes there are a difference. */
static void absent_is_zero_in_plain_formats(void **state)
{
	const struct pair *p = compare("10t 10x 10. 10z 5t", &full, "10t 10z 10h 10z 5t", &plain);

	(void)state;
	expect(p, (uint64_t[VERIFY_NR]){[VERIFY_SAME] = 25, [VERIFY_ZERO] = 20});
	assert_true(dump_verify_clean(&p->result));
	assert_false(p->result.notes_compared);
	p = compare("10t 10x 10. 10z 5t", &full, "10t 10z 10t 10z 5t", &plain);
	assert_int_equal(p->result.blocks[VERIFY_SECOND], 10);
	p = compare("10t 10z", &full, "10t 10.", &plain);
	expect(p, (uint64_t[VERIFY_NR]){[VERIFY_SAME] = 10, [VERIFY_ZERO] = 10});
	p = compare("10t 10z", &full, "10t 10.", &full);
	expect(p, (uint64_t[VERIFY_NR]){[VERIFY_SAME] = 10, [VERIFY_FIRST] = 10});
}

static void blocks_of_two_sizes(void **state)
{
	const struct dump_copy_options how = {.nr_threads = 1};
	struct dump_verify result;
	struct memreader a, b;

	(void)state;
	memreader_init(&a, 16384, "2z 2. 1z");
	memreader_init(&b, 4096, "7z 9. 4z");
	a.reader.format = b.reader.format = &full;
	assert_ok(dump_verify(&a.reader, &b.reader, &how, &result));
	assert_int_equal(result.block_size, 4096);
	assert_int_equal(result.blocks[VERIFY_SAME], 11);
	assert_int_equal(result.blocks[VERIFY_ZERO], 1); // rounded up
	assert_true(dump_verify_clean(&result));
}

static void set_notes(struct memreader *m, const char *name, const char *text, void **buf)
{
	size_t len = 0;

	*buf = NULL;
	assert_ok(notes_append(buf, &len, false, "CORE", 1, "registers", 9));
	assert_ok(notes_append(buf, &len, false, name, 0, text, strlen(text)));
	m->reader.facts.notes = *buf;
	m->reader.facts.notes_len = len;
	m->reader.format = &full;
	assert_true(notes_scan(&m->reader.facts));
}

static bool same_notes(const char *name, const char *text, const char *other, const char *value)
{
	const struct dump_copy_options how = {.nr_threads = 1};
	struct dump_verify result;
	struct memreader a, b;
	void *left, *right;

	memreader_init(&a, 4096, "1t");
	memreader_init(&b, 4096, "1t");
	set_notes(&a, name, text, &left);
	set_notes(&b, other, value, &right);
	assert_ok(dump_verify(&a.reader, &b.reader, &how, &result));
	assert_int_equal(dump_verify_clean(&result), result.notes_same);
	free(left);
	free(right);
	return result.notes_same;
}

static void notes_count(void **state)
{
	(void)state;
	assert_true(same_notes("VMCOREINFO", "A=1", "VMCOREINFO", "A=1"));
	assert_false(same_notes("VMCOREINFO", "A=1", "VMCOREINFO", "A=2"));
	assert_false(same_notes("VMCOREINFO", "A=1", "CORE", "A=1"));
	assert_true(same_notes("QEMU", "A=1", "QEMU", "A=1"));
	assert_false(same_notes("QEMU", "A=1", "LINUX", "A=1"));
	assert_false(same_notes("QEMU", "A=1", "QEMU", "A=12"));
}

static int report(void *arg)
{
	const struct pair *p = compare("10t 10t 10x", &full, "10t 10r 10t", &full);
	struct rows rows;

	rows_begin(&rows, stdout, *(const bool *)arg, "verify");
	dump_verify_report(&rows, &p->result);
	rows_end(&rows);
	return fflush(stdout);
}

static void the_report(void **state)
{
	struct output out;
	bool as_json = false;

	(void)state;
	output_of(report, &as_json, &out);
	assert_int_equal(out.code, 0);
	assert_non_null(strstr(out.out, "CLEAN: no\n"));
	assert_non_null(strstr(out.out, "THE SAME: 10\n"));
	assert_non_null(strstr(out.out, "0xa000 to 0x14000: other bytes\n"));
	as_json = true;
	output_of(report, &as_json, &out);
	assert_non_null(strstr(out.out, "\"clean\": false"));
	assert_non_null(strstr(out.out, "\"pages_second\": 10"));
}

static void an_interruption_ends_it(void **state)
{
	atomic_bool stop = true;
	const struct dump_copy_options how = {.nr_threads = 1, .stop = &stop};
	struct dump_verify result;
	struct memreader a;

	(void)state;
	memreader_init(&a, 4096, "1t");
	a.reader.format = &full;
	assert_err(dump_verify(&a.reader, &a.reader, &how, &result), ERROR_INTERRUPTED, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same),
		cmocka_unit_test(each_difference_has_its_kind),
		cmocka_unit_test(absent_is_zero_in_plain_formats),
		cmocka_unit_test(blocks_of_two_sizes),
		cmocka_unit_test(notes_count),
		cmocka_unit_test(the_report),
		cmocka_unit_test(an_interruption_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
