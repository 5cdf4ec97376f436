// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/fakelog.h"
#include "tests/support/test.h"

#define MEMORY (1U << 20)

enum { RESERVED, COMMITTED, FINALIZED, REUSABLE };

struct seen {
	size_t nr, stop_at;
	struct printk_record records[1024];
	char texts[1024][256];
	char subsystem[16], device[48 + 1]; /* of the last one */
};

static bool see(void *arg, const struct printk_record *record)
{
	struct seen *seen = arg;

	assert_true(seen->nr < 1024 && record->len < 256);
	memcpy(seen->texts[seen->nr], record->text, record->len);
	seen->texts[seen->nr][record->len] = '\0';
	snprintf(seen->subsystem, sizeof(seen->subsystem), "%s", record->subsystem);
	snprintf(seen->device, sizeof(seen->device), "%s", record->device);
	seen->records[seen->nr++] = *record;
	return seen->nr != seen->stop_at;
}

static struct seen *walk(struct fakelog *log, struct printk_summary *summary)
{
	static struct seen seen;

	seen = (struct seen){0};
	kernel_close(log->fake->kernel); // with what it has read
	fakekernel_open(log->fake, log->vmcoreinfo);
	assert_ok(printk_walk(log->fake->kernel, see, &seen, summary));
	assert_int_equal(seen.nr, summary->records);
	return &seen;
}

static void test_fields(void **state)
{
	static const struct {
		uint8_t word;
		bool big_endian;
	} kinds[] = {{8, false}, {8, true}, {4, false}, {4, true}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct printk_record record = {
			.ts_nsec = UINT64_C(0x1122334455667788),
			.level = 3,
			.facility = 23,
			.flags = 0x12,
			.caller_id = PRINTK_CALLER_CPU | 5,
			.text = "one\ntwo",
			.len = 7,
			.subsystem = "pci",
			.device = "+pci:0000:00:1f.2 and so on up to the very last byte", /* > 48 */
		};
		struct printk_summary summary;
		struct fakekernel fake;
		struct fakelog log;
		struct seen *seen;

		fakekernel_init(&fake, kinds[i].word, kinds[i].big_endian, MEMORY);
		fakelog_init(&log, &fake, 4, 10);
		fakelog_say(&log, 5, "first");
		fakelog_add(&log, &record, FINALIZED);
		seen = walk(&log, &summary);
		assert_int_equal(seen->nr, 2);
		assert_int_equal(summary.dropped, 0);
		assert_string_equal(seen->texts[0], "first");
		assert_int_equal(seen->records[0].seq, 0);
		assert_int_equal(seen->records[0].level, 6);
		assert_string_equal(seen->texts[1], "one\ntwo");
		assert_int_equal(seen->records[1].seq, 1);
		assert_true(seen->records[1].ts_nsec == record.ts_nsec);
		assert_int_equal(seen->records[1].level, 3);
		assert_int_equal(seen->records[1].facility, 23);
		assert_int_equal(seen->records[1].flags, 0x12);
		assert_int_equal(seen->records[1].caller_id, PRINTK_CALLER_CPU | 5);
		assert_string_equal(seen->subsystem, "pci");
		assert_memory_equal(seen->device, record.device, 48);
		assert_int_equal(seen->device[48], '\0');
		fakekernel_deinit(&fake);
	}
}

/* QEMU 7.2 says big-endian of a little-endian ppc64; the address space knows better. */
static void test_byte_order_of_the_kernel(void **state)
{
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	struct seen seen = {0};

	fakekernel_init(&fake, 8, false, MEMORY);
	fakelog_init(&log, &fake, 4, 10);
	fakelog_say(&log, 5, "first");
	kernel_close(fake.kernel);
	fake.reader.facts.big_endian = true;
	fakekernel_open(&fake, log.vmcoreinfo);
	fake.kernel->as.big_endian = false;
	assert_ok(printk_walk(fake.kernel, see, &seen, &summary));
	assert_int_equal(seen.nr, 1);
	assert_string_equal(seen.texts[0], "first");
	fakekernel_deinit(&fake);
}

/* Records of all lengths, several times around the ring: what is left is an unbroken run up to the
 * last one, with every text as it went in. */
static void check_wraps(uint8_t word, bool exact_fit)
{
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	size_t wrapped = 0, fitted = 0;

	fakekernel_init(&fake, word, false, MEMORY);
	fakelog_init(&log, &fake, 5, 10);
	log.exact_fit = exact_fit;
	for (unsigned int n = 0; n < 2000; n++) {
		uint64_t before = log.head_lpos & 1023;
		char text[256];
		struct seen *seen;

		snprintf(text, sizeof(text), "%u %.*s", n, (int)((n * n * 31 + n * 7) % 141),
			 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst"
			 "uvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl");
		fakelog_say(&log, n, text);
		fitted += !(log.head_lpos & 1023);
		wrapped += (log.head_lpos & 1023) && (log.head_lpos & 1023) < before;
		seen = walk(&log, &summary);
		assert_int_equal(summary.dropped, 0);
		assert_in_range(seen->nr, n < 4 ? n + 1 : 4, 32);
		for (size_t i = 0; i < seen->nr; i++) {
			assert_int_equal(seen->records[i].seq, n + 1 - seen->nr + i);
			assert_int_equal(strtol(seen->texts[i], NULL, 10), n + 1 - seen->nr + i);
		}
		assert_string_equal(seen->texts[seen->nr - 1], text);
	}
	assert_true(wrapped > 10);
	assert_int_equal(fitted > 0, exact_fit);
	fakekernel_deinit(&fake);
}

static void test_wraps(void **state)
{
	check_wraps(8, false);
	check_wraps(8, true);
	check_wraps(4, false);
	check_wraps(4, true);
}

static void start(struct fakekernel *fake, struct fakelog *log)
{
	fakekernel_init(fake, 8, false, MEMORY);
	fakelog_init(log, fake, 4, 10);
	fakelog_say(log, 1, "begin");
}

static void test_states(void **state)
{
	const struct printk_record record = {.text = "text", .len = 4};
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	struct seen *seen;

	start(&fake, &log);
	fakelog_add(&log, &record, RESERVED);
	fakelog_add(&log, &record, REUSABLE);
	fakelog_add(&log, &record, COMMITTED);
	seen = walk(&log, &summary);
	assert_int_equal(seen->nr, 2);
	assert_int_equal(seen->records[1].seq, 3);
	assert_int_equal(summary.dropped, 0);
	fakekernel_deinit(&fake);
}

static void test_without_block(void **state)
{
	const struct printk_record empty = {.text = "", .len = 0};
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	struct seen *seen;
	uint64_t id;

	start(&fake, &log);
	fakelog_add(&log, &empty, FINALIZED);
	id = fakelog_add(&log, &empty, FINALIZED); // no room for its text
	fake_u64(&fake, fakelog_desc(&log, id) + 8, 1);
	fake_u64(&fake, fakelog_desc(&log, id) + 16, 1);
	fakelog_say(&log, 4, "end");
	seen = walk(&log, &summary);
	assert_int_equal(seen->nr, 3);
	assert_string_equal(seen->texts[1], "");
	assert_string_equal(seen->texts[2], "end");
	assert_int_equal(summary.dropped, 1);
	fakekernel_deinit(&fake);
}

/* One number of the second of three records is wrong: the others come all the same. */
static void test_damaged_record(void **state)
{
	enum { DESC, INFO, BLOCK };
	static const struct {
		int where;
		uint64_t off, value;
	} damage[] = {
		{DESC, 0, UINT64_C(2) << 62 | 12345},    // another id
		{DESC, 8, UINT64_C(0x5555555555555550)}, // a block far away
		{DESC, 8, 4},                            // not aligned
		{DESC, 16, 0 - UINT64_C(1016)},          // ends before it begins
		{DESC, 16, UINT64_C(1) << 40},           // longer than the ring
		{INFO, 0, 77},                           // seq of another descriptor
		{BLOCK, 0, 99},                          // text of another record
	};

	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		struct printk_summary summary;
		struct fakekernel fake;
		struct fakelog log;
		struct seen *seen;
		uint64_t id, at, block;

		start(&fake, &log);
		block = log.text + (log.head_lpos & 1023);
		fakelog_say(&log, 2, "middle");
		id = log.head_id;
		fakelog_say(&log, 3, "end");
		at = damage[i].where == DESC   ? fakelog_desc(&log, id)
		     : damage[i].where == INFO ? fakelog_info(&log, id)
					       : block;
		fake_u64(&fake, at + damage[i].off, damage[i].value);
		seen = walk(&log, &summary);
		assert_int_equal(seen->nr, 2);
		assert_int_equal(summary.dropped, 1);
		assert_string_equal(seen->texts[0], "begin");
		assert_string_equal(seen->texts[1], "end");
		fakekernel_deinit(&fake);
	}
}

/* A length beyond the block is cut to it. */
static void test_text_is_bounded(void **state)
{
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	struct seen *seen;

	start(&fake, &log);
	fake_u16(&fake, fakelog_info(&log, log.head_id) + 16, 0xffff);
	seen = walk(&log, &summary);
	assert_int_equal(seen->nr, 1);
	assert_int_equal(seen->records[0].len, 8); // "begin" in a block of 16
	fakekernel_deinit(&fake);
}

static void test_holes(void **state)
{
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	struct seen *seen;

	fakekernel_init(&fake, 8, false, MEMORY);
	fakelog_init(&log, &fake, 9, 16);
	for (unsigned int i = 0; i < 512; i++)
		fakelog_say(&log, i, "text");
	// of three pages of descriptors the one in the middle
	fake.hole[0] = 0x4000;
	fake.hole[1] = 0x5000;
	seen = walk(&log, &summary);
	assert_int_equal(seen->nr + summary.dropped, 512);
	assert_int_equal(summary.dropped, 172); // 4096 / 24, and one more in part at either end
	assert_int_equal(seen->records[169].seq, 169);
	assert_int_equal(seen->records[170].seq, 342);
	fakekernel_deinit(&fake);
}

/* A lost tail gives at most one round of the ring. */
static void test_bad_tail(void **state)
{
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	struct seen *seen;

	start(&fake, &log);
	for (unsigned int i = 0; i < 40; i++)
		fakelog_say(&log, i, "text");
	fake_u64(&fake, log.ring + 32, 12345);
	seen = walk(&log, &summary);
	assert_int_equal(seen->nr, 16);
	assert_int_equal(seen->records[15].seq, 40);
	fakekernel_deinit(&fake);
}

static void test_stop(void **state)
{
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;
	struct seen seen = {.stop_at = 2};

	start(&fake, &log);
	fakelog_say(&log, 2, "two");
	fakelog_say(&log, 3, "three");
	assert_ok(printk_walk(fake.kernel, see, &seen, &summary));
	assert_int_equal(seen.nr, 2);
	fakekernel_deinit(&fake);
}

static void test_clear_seq(void **state)
{
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;

	start(&fake, &log);
	fake_u32(&fake, log.clear_seq, 6);
	fake_u64(&fake, log.clear_seq + 8, 111);
	fake_u64(&fake, log.clear_seq + 16, 222);
	walk(&log, &summary);
	assert_int_equal(summary.clear_seq, 111);
	fake_u32(&fake, log.clear_seq, 7);
	walk(&log, &summary);
	assert_int_equal(summary.clear_seq, 222);
	fakekernel_deinit(&fake);
}

/* Reopens the kernel with a key renamed, so that it is missing. */
static void lose(struct fakelog *log, const char *key)
{
	char *p = strstr(log->vmcoreinfo, key);

	assert_non_null(p);
	*p = '#';
	kernel_close(log->fake->kernel);
	fakekernel_open(log->fake, log->vmcoreinfo);
}

static void test_before_the_latch(void **state)
{
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;

	start(&fake, &log);
	fake_u64(&fake, log.clear_seq, 333);
	lose(&log, "OFFSET(latched_seq");
	walk(&log, &summary);
	assert_int_equal(summary.clear_seq, 333);
	fakekernel_deinit(&fake);
}

static void assert_walk_fails(struct fakelog *log, enum error_code code, const char *text)
{
	struct printk_summary summary;
	struct seen seen = {0};

	assert_err(printk_walk(log->fake->kernel, see, &seen, &summary), code, text);
}

static void test_missing_keys(void **state)
{
	struct printk_summary summary;
	struct fakekernel fake;
	struct fakelog log;

	start(&fake, &log);
	lose(&log, "OFFSET(prb_desc.");
	lose(&log, "SIZE(printk_info)");
	assert_int_equal(walk(&log, &summary)->nr, 1); // by the usual values
	lose(&log, "OFFSET(printk_ringbuffer.text");
	assert_walk_fails(&log, ERROR_NOT_FOUND,
			  "fake: no kernel log: VMCOREINFO does not have "
			  "printk_ringbuffer.text_data_ring");
	lose(&log, "SYMBOL(prb)");
	assert_walk_fails(&log, ERROR_NOT_FOUND, "SYMBOL(prb)");
	fakekernel_deinit(&fake);

	fakekernel_init(&fake, 4, false, MEMORY);
	fakelog_init(&log, &fake, 4, 10);
	lose(&log, "OFFSET(prb_desc_ring.descs");
	assert_walk_fails(&log, ERROR_NOT_FOUND, "prb_desc_ring.descs");
	fakekernel_deinit(&fake);
}

static void test_nothing_known(void **state)
{
	struct fakekernel fake;
	struct fakelog log = {.fake = &fake};

	fakekernel_init(&fake, 8, false, MEMORY);
	fakekernel_open(&fake, NULL);
	assert_walk_fails(&log, ERROR_NOT_FOUND, "fake: no kernel log: the dump has no VMCOREINFO");
	kernel_close(fake.kernel);
	fakekernel_open(&fake, "SYMBOL(log_buf)=ffff800000000000\n");
	assert_walk_fails(&log, ERROR_UNSUPPORTED, "before Linux 5.10");
	kernel_close(fake.kernel);
	fakekernel_open(&fake, "SYMBOL(prb)=ffff700000000000\n");
	assert_walk_fails(&log, ERROR_NOT_FOUND, "prb at 0xffff700000000000 cannot be read");
	fake.kernel->translates = false;
	fake.kernel->reason = error_create(ERROR_NOT_FOUND, "no SYMBOL(init_top_pgt)");
	assert_walk_fails(&log, ERROR_NOT_FOUND, "fake: no kernel log: no SYMBOL(init_top_pgt)");
	fakekernel_deinit(&fake);
}

static void test_hostile_header(void **state)
{
	static const struct {
		uint64_t off;
		uint32_t value;
		const char *text;
	} damage[] = {
		{0, 0, "has 2^0 records and 2^10 bytes"},
		{0, 27, "has 2^27 records"},
		{0, 0xffffffff, "has 2^4294967295 records"},
		{48, 3, "2^3 bytes of text"},
		{48, 32, "2^32 bytes of text"},
	};

	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		struct fakekernel fake;
		struct fakelog log;

		start(&fake, &log);
		fake_u32(&fake, log.ring + damage[i].off, damage[i].value);
		assert_walk_fails(&log, ERROR_FORMAT, damage[i].text);
		fakekernel_deinit(&fake);
	}
}

/* Arrays that are not there, as large as can be: ends, soon, and says so. */
static void test_hostile_arrays(void **state)
{
	struct fakekernel fake;
	struct fakelog log;

	start(&fake, &log);
	fake_u32(&fake, log.ring, 26);
	fake_u64(&fake, log.ring + 8, UINT64_C(0xffff900000000000));
	fake_u64(&fake, log.ring + 32, 0);
	assert_walk_fails(&log, ERROR_FORMAT,
			  "of the 67108864 records in the ring buffer at "
			  "0xffff800000000200 none makes sense");
	fakekernel_deinit(&fake);
}

static void test_hostile_layout(void **state)
{
	static const char *const lines[] = {
		"SIZE(prb_desc)=5\n",
		"OFFSET(prb_desc.text_blk_lpos)=16\n",
		"OFFSET(printk_info.text_len)=86\n",
		"LENGTH(printk_info_device)=49\n",
		"OFFSET(printk_info.seq)=18446744073709551615\n",
		"SIZE(printk_info)=4097\n",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct fakekernel fake;
		struct fakelog log;
		char text[8192];

		start(&fake, &log);
		snprintf(text, sizeof(text), "%s%s", lines[i], log.vmcoreinfo);
		kernel_close(fake.kernel);
		fakekernel_open(&fake, text);
		assert_walk_fails(&log, ERROR_FORMAT, "VMCOREINFO");
		fakekernel_deinit(&fake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_byte_order_of_the_kernel),
		cmocka_unit_test(test_wraps),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_without_block),
		cmocka_unit_test(test_damaged_record),
		cmocka_unit_test(test_text_is_bounded),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_bad_tail),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_clear_seq),
		cmocka_unit_test(test_before_the_latch),
		cmocka_unit_test(test_missing_keys),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_hostile_header),
		cmocka_unit_test(test_hostile_arrays),
		cmocka_unit_test(test_hostile_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
