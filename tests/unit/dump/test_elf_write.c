// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pwrite sys_fsync sys_calloc sys_malloc sys_realloc
#include "dump/writer.h"

#include <elf.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dump/copy.h"
#include "dump/notes.h"
#include "tests/support/memreader.h"
#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/sys.h"

#define ALL_WORK 500000000
#define DIRECT   0xffff888000000000ULL

static atomic_int writes_left = ALL_WORK;
static atomic_int allocs_left = -1;
static bool once; /* only one write fails */

ssize_t __real_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
int __wrap_sys_fsync(int fd);
void *__real_sys_malloc(size_t size);
void *__wrap_sys_malloc(size_t size);
void *__real_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);
void *__real_sys_realloc(void *old, size_t size);
void *__wrap_sys_realloc(void *old, size_t size);

ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	int left = atomic_fetch_sub(&writes_left, 1);

	if (left == 0 || (left < 0 && !once && off > 8192)) {
		errno = ENOSPC;
		return -1;
	}
	return __real_sys_pwrite(fd, buf, len, off);
}

int __wrap_sys_fsync(int fd)
{
	(void)fd;
	return 0;
}

void *__wrap_sys_malloc(size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_malloc(size) : NULL;
}

void *__wrap_sys_calloc(size_t nr, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_calloc(nr, size) : NULL;
}

void *__wrap_sys_realloc(void *old, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_realloc(old, size) : NULL;
}

#define SMALL "3t 5z 100. 7r 300t 3! 60x 200r 20z 400t 30x 30."

/* A copy of the machine, and what came of it. */
struct run {
	const struct dump_reader *source;
	const struct dump_selector *selector;
	struct dump_writer_options options;
	struct dump_copy_options how;
	bool stream;
	struct dump_facts facts;
	char path[300], working[320];
	struct dump_writer_stats written;
	struct dump_copy_stats copied;
	bool usable;
};

static void prepare(struct run *run, const struct dump_reader *source)
{
	*run = (struct run){
		.source = source,
		.options = {.share_zero = true},
		.how = {.nr_threads = 1},
		.facts = source->facts,
	};
	snprintf(run->path, sizeof(run->path), "%s", workdir_path("dump"));
	snprintf(run->working, sizeof(run->working), "%s.incomplete", run->path);
}

static struct error *go(struct run *run)
{
	struct target *target = run->stream ? stream_target(workdir_path("flat"))
					    : file_target(run->path);
	struct dump_writer *writer = NULL;
	struct error *err;

	err = elf_writer_create(target, &run->facts, run->source, &run->options, &writer);
	if (!err) {
		err = dump_copy(run->source, run->selector, writer, &run->how, &run->copied,
				&run->usable);
		run->written = writer->stats;
	}
	dump_writer_destroy(writer);
	target_destroy(target);
	if (run->stream && (!err || run->usable))
		unflatten(workdir_path("flat"), run->path);
	return err;
}

static uint64_t check(const struct memreader *m, const char *path, bool partial)
{
	_cleanup_reader_ struct dump_reader *copy = NULL;
	uint64_t present;

	assert_ok(dump_open(path, &copy));
	assert_string_equal(copy->format->name, "elf");
	assert_int_equal(copy->facts.incomplete, partial);
	assert_int_equal(memreader_compare(m, copy, partial, &present), MEM_SAME);
	return present;
}

static void test_copies(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 16; i++) {
		struct memreader m;
		struct run run;

		memreader_init(&m, i & 8 ? 65536 : 4096, SMALL);
		prepare(&run, &m.reader);
		run.how.nr_threads = i & 1 ? 4 : 1;
		run.stream = i & 2;
		run.options.share_zero = i & 4;
		assert_ok(go(&run));
		assert_int_equal(check(&m, run.path, false), 935);
		assert_int_equal(run.written.written, 935);
		assert_int_equal(run.written.zero, i & 4 ? 25 : 0);
		assert_int_equal(run.written.data_bytes,
				 (i & 4 ? 910ULL : 935ULL) * m.reader.facts.block_size);
		assert_int_equal(run.copied.unreadable, 3);
	}
}

static void test_byte_order(void **state)
{
	_cleanup_reader_ struct dump_reader *copy = NULL;
	struct memreader m;
	struct run run;

	(void)state;
	memreader_init(&m, 4096, SMALL);
	prepare(&run, &m.reader);
	run.facts.machine = EM_S390;
	run.facts.big_endian = true;
	assert_ok(go(&run));
	assert_int_equal(check(&m, run.path, false), 935);
	assert_ok(dump_open(run.path, &copy));
	assert_int_equal(copy->facts.machine, EM_S390);
	assert_true(copy->facts.big_endian);
}

/* Bytes of the file, for a look at the headers. */
static uint8_t *load(const char *path, size_t *len)
{
	_cleanup_file_ struct file *file = NULL;
	uint8_t *data;

	assert_ok(file_open(path, &file));
	*len = file->size;
	data = malloc(*len);
	assert_non_null(data);
	assert_ok(file_read_full(file, 0, data, *len));
	return data;
}

/* What crash, makedumpfile and drgn insist on. */
static void check_headers(const uint8_t *e, size_t len, size_t *nr_loads)
{
	uint64_t notes_end, last = 0;
	size_t nr = load_u16(e + 56, false);

	assert_memory_equal(e, ELFMAG, SELFMAG);
	assert_int_equal(e[EI_CLASS], ELFCLASS64);
	assert_int_equal(load_u16(e + 16, false), ET_CORE);
	assert_int_equal(load_u64(e + 32, false), 64); // e_phoff
	assert_int_equal(load_u16(e + 52, false), 64); // e_ehsize
	assert_int_equal(load_u16(e + 54, false), 56); // e_phentsize
	assert_int_equal(load_u64(e + 40, false), 0);  // e_shoff
	assert_int_equal(load_u32(e + 64, false), PT_NOTE);
	notes_end = load_u64(e + 64 + 8, false) + load_u64(e + 64 + 32, false);
	for (size_t i = 1; i < nr; i++) {
		const uint8_t *p = e + 64 + i * 56;
		uint64_t off = load_u64(p + 8, false);

		assert_int_equal(load_u32(p, false), PT_LOAD);
		assert_int_equal(load_u64(p + 48, false), 0); // p_align
		assert_int_equal(off % 4096, 0);
		assert_true(off >= notes_end);
		assert_true(load_u64(p + 32, false) <= load_u64(p + 40, false));
		assert_true(off + load_u64(p + 32, false) <= len);
		// the aliases come last
		if (load_u64(p + 16, false) < 0xffffffff80000000ULL) {
			assert_true(off >= last);
			last = off;
			(*nr_loads)++;
		}
	}
}

static void test_headers(void **state)
{
	static const char info[] = "OSRELEASE=6.1.0-test\n";
	// the text begins in the middle of a segment, and runs over the zero and excluded blocks
	static const struct dump_segment segments[] = {
		{.paddr = 0x80000, .memsz = 0x100000, .vaddr = 0xffffffff81000000ULL},
		{.paddr = 0, .memsz = 0x5000000, .vaddr = DIRECT},
	};
	struct memreader m;
	size_t len, nr_loads = 0, nr_alias = 0;
	uint8_t *e;
	struct run run;

	(void)state;
	memreader_init(&m, 4096, SMALL);
	prepare(&run, &m.reader);
	run.facts.segments = segments;
	run.facts.nr_segments = 2;
	run.facts.vmcoreinfo = info;
	run.facts.vmcoreinfo_len = strlen(info);
	assert_ok(go(&run));
	e = load(run.path, &len);
	check_headers(e, len, &nr_loads);
	// 8 and 1100 blocks; the second one is cut by what is lost, and by what is excluded
	assert_int_equal(nr_loads, 3);
	for (size_t i = 1; i < load_u16(e + 56, false); i++) {
		const uint8_t *p = e + 64 + i * 56;
		uint64_t vaddr = load_u64(p + 16, false), paddr = load_u64(p + 24, false);
		uint64_t off = load_u64(p + 8, false), filesz = load_u64(p + 32, false);

		if (vaddr == paddr + DIRECT)
			continue;
		assert_int_equal(vaddr, paddr - 0x80000 + 0xffffffff81000000ULL);
		nr_alias++;
		// the same bytes of the file as the direct map has
		for (size_t j = 1; j <= nr_loads; j++) {
			const uint8_t *q = e + 64 + j * 56;
			uint64_t base = load_u64(q + 24, false);

			if (paddr >= base && paddr < base + load_u64(q + 40, false)) {
				assert_int_equal(off - load_u64(q + 8, false), paddr - base);
				assert_true(paddr + filesz <= base + load_u64(q + 32, false));
			}
		}
	}
	assert_int_equal(nr_alias, 1);
	free(e);
	assert_int_equal(check(&m, run.path, false), 935);
}

/* Without a known mapping p_vaddr is p_paddr, which readers pass over. */
static void test_no_mapping(void **state)
{
	struct memreader m;
	size_t len, nr_loads = 0;
	uint8_t *e;
	struct run run;

	(void)state;
	memreader_init(&m, 4096, "3. 5t 7. 8x");
	prepare(&run, &m.reader);
	assert_ok(go(&run));
	e = load(run.path, &len);
	check_headers(e, len, &nr_loads);
	assert_int_equal(nr_loads, 2);
	assert_int_equal(load_u64(e + 64 + 56 + 16, false), 3 * 4096);
	assert_int_equal(load_u64(e + 64 + 2 * 56 + 16, false), 15 * 4096);
	assert_int_equal(load_u64(e + 64 + 2 * 56 + 32, false), 0);
	assert_int_equal(load_u64(e + 64 + 2 * 56 + 40, false), 8 * 4096);
	free(e);
}

static void test_notes(void **state)
{
	static const char info[] = "OSRELEASE=6.1.0-test\n", erased[] = "erase x\n";
	_cleanup_reader_ struct dump_reader *copy = NULL;
	_cleanup_free_ void *notes = NULL;
	struct memreader m;
	struct run run;
	size_t len = 0;

	(void)state;
	assert_ok(notes_append(&notes, &len, false, "CORE", NT_PRSTATUS, info, 20));
	memreader_init(&m, 4096, SMALL);
	prepare(&run, &m.reader);
	run.facts.notes = notes;
	run.facts.notes_len = len;
	run.facts.vmcoreinfo = info;
	run.facts.vmcoreinfo_len = strlen(info);
	run.facts.eraseinfo = erased;
	run.facts.eraseinfo_len = strlen(erased);
	assert_ok(go(&run));
	assert_ok(dump_open(run.path, &copy));
	assert_memory_equal(copy->facts.notes, notes, len);
	assert_int_equal(copy->facts.vmcoreinfo_len, strlen(info));
	assert_memory_equal(copy->facts.vmcoreinfo, info, strlen(info));
	assert_int_equal(copy->facts.eraseinfo_len, strlen(erased));
	assert_int_equal(copy->facts.nr_cpus, 1);
}

/* Memory of which every second block is RAM. */
static void comb_run(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t paddr,
		     struct dump_run *ret)
{
	uint64_t pfn = paddr / 4096;

	(void)reader;
	(void)scratch;
	ret->start = pfn * 4096;
	ret->end = (pfn + 1) * 4096;
	ret->status = pfn % 2 ? DUMP_ABSENT : DUMP_OK;
}

static enum dump_status comb_read(const struct dump_reader *reader, struct dump_scratch *scratch,
				  uint64_t paddr, void *buf, size_t len, size_t *done)
{
	(void)reader;
	(void)scratch;
	assert_int_equal(len, 4096);
	memset(buf, 0, len);
	if (paddr / 4096 == 131000)
		memset(buf, 0x5a, len);
	*done = len;
	return DUMP_OK;
}

/* More ranges of RAM than e_phnum can count. */
static void test_xnum(void **state)
{
	struct memreader m;
	struct dump_scratch *scratch;
	struct dump_reader *copy;
	struct run run;
	uint8_t block[4096];
	size_t done;

	(void)state;
	memreader_init(&m, 4096, "131072t");
	m.ops.run = comb_run;
	m.ops.read = comb_read;
	prepare(&run, &m.reader);
	run.how.nr_threads = 2;
	assert_ok(go(&run));
	assert_int_equal(run.written.written, 65536);
	assert_int_equal(run.written.zero, 65535);
	assert_ok(dump_open(run.path, &copy));
	assert_int_equal(copy->facts.nr_segments, 65536);
	assert_ok(dump_scratch_create(copy, &scratch));
	assert_int_equal(dump_read(copy, scratch, 131000ULL * 4096, block, 4096, &done), DUMP_OK);
	assert_int_equal(block[4095], 0x5a);
	assert_int_equal(dump_read(copy, scratch, 131001ULL * 4096, block, 4096, &done),
			 DUMP_ABSENT);
	assert_int_equal(dump_read(copy, scratch, 131002ULL * 4096, block, 4096, &done), DUMP_OK);
	dump_scratch_destroy(scratch);
	dump_close(copy);
}

/* Every second block of RAM is chosen: there are too many gaps, which become holes. */
static void select_even(const struct dump_selector *selector, void *worker, unsigned int pass,
			bool plan, uint64_t pfn, size_t nr, uint64_t *keep)
{
	(void)selector;
	(void)worker;
	(void)pass;
	(void)plan;
	(void)pfn;
	for (size_t i = 0; i < (nr + 63) / 64; i++)
		keep[i] &= 0x5555555555555555ULL;
}

static struct error *no_worker(const struct dump_selector *selector, void **ret)
{
	(void)selector;
	*ret = NULL;
	return NULL;
}

static void test_bridged(void **state)
{
	static const struct dump_selector selector = {
		.nr_passes = 1,
		.worker_create = no_worker,
		.select = select_even,
	};
	struct memreader m;
	struct dump_scratch *scratch;
	struct dump_reader *copy;
	struct run run;
	uint8_t block[4096], want[4096];
	size_t done;

	(void)state;
	memreader_init(&m, 4096, "131040z 32t");
	prepare(&run, &m.reader);
	run.selector = &selector;
	assert_ok(go(&run));
	assert_int_equal(run.written.written, 65536);
	assert_ok(dump_open(run.path, &copy));
	assert_true(copy->facts.nr_segments < 65534);
	assert_ok(dump_scratch_create(copy, &scratch));
	for (uint64_t pfn = 131040; pfn < 131072; pfn += 2) {
		memreader_fill(&m, pfn, want);
		assert_int_equal(dump_read(copy, scratch, pfn * 4096, block, 4096, &done), DUMP_OK);
		assert_memory_equal(block, want, 4096);
	}
	dump_scratch_destroy(scratch);
	dump_close(copy);
}

/* More unreadable ranges than there is room for: the rest reads as zero, and the file says so. */
static enum dump_status every_third(const struct dump_reader *reader, struct dump_scratch *scratch,
				    uint64_t paddr, void *buf, size_t len, size_t *done)
{
	(void)reader;
	(void)scratch;
	while (*done < len) {
		if ((paddr + *done) / 4096 % 3 == 0)
			return DUMP_UNREADABLE;
		memset((uint8_t *)buf + *done, 7, 4096);
		*done += 4096;
	}
	return DUMP_OK;
}

static void test_many_lost(void **state)
{
	for (unsigned int nr = 600; nr <= 1200; nr += 600) {
		struct dump_scratch *scratch;
		struct dump_reader *copy;
		uint64_t excluded = 0;
		struct memreader m;
		struct run run;
		char map[16];

		(void)state;
		snprintf(map, sizeof(map), "%ut", nr);
		memreader_init(&m, 4096, map);
		m.ops.read = every_third;
		prepare(&run, &m.reader);
		assert_ok(go(&run));
		assert_int_equal(run.copied.unreadable, nr / 3);
		assert_ok(dump_open(run.path, &copy));
		assert_int_equal(copy->facts.incomplete, nr == 1200);
		assert_ok(dump_scratch_create(copy, &scratch));
		for (uint64_t pfn = 0; pfn < nr; pfn++) {
			uint8_t byte = 1;
			size_t done;
			enum dump_status status = dump_read(copy, scratch, pfn * 4096, &byte, 1,
							    &done);

			excluded += status == DUMP_EXCLUDED;
			if (status == DUMP_OK)
				assert_int_equal(byte, pfn % 3 ? 7 : 0);
		}
		assert_int_equal(excluded, nr == 600 ? 200 : 256);
		dump_scratch_destroy(scratch);
		dump_close(copy);
	}
}

#define LARGE "256x 500t 256z 1000r 5! 300t"

/* Each write in turn fails, alone or all that need new space from then on. */
static void test_full(void **state)
{
	struct memreader m;
	unsigned int nr_usable = 0;
	int n = 0;

	(void)state;
	memreader_init(&m, 4096, LARGE);
	for (;; n++) {
		struct error *err;
		struct run run;

		prepare(&run, &m.reader);
		run.how.nr_threads = 1 + (unsigned int)n % 3;
		once = n % 2;
		atomic_store(&writes_left, n / 2);
		err = go(&run);
		atomic_store(&writes_left, ALL_WORK);
		if (!err)
			break;
		assert_err(err, ERROR_NO_SPACE, "No space left on device");
		assert_int_equal(access(run.path, F_OK), -1);
		if (!run.usable)
			continue;
		nr_usable++;
		assert_int_equal(check(&m, run.working, true), run.written.written);
	}
	assert_in_range(n, 40, 80);
	assert_true(nr_usable > 24);
}

static void test_limit(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct memreader m;
		struct run run;

		memreader_init(&m, 4096, LARGE);
		prepare(&run, &m.reader);
		run.stream = i;
		run.options.limit = 5000000;
		assert_err(go(&run), ERROR_NO_SPACE, "the 5000000 bytes that it may have");
		assert_true(run.usable);
		assert_in_range(check(&m, run.stream ? run.path : run.working, true), 700, 1221);
		if (!i)
			assert_in_range(run.written.file_bytes, 3000000, 5000000);
	}
}

static void test_stop(void **state)
{
	static const atomic_bool stop = true;
	struct memreader m;
	struct run run;

	(void)state;
	memreader_init(&m, 4096, LARGE);
	prepare(&run, &m.reader);
	run.how.stop = &stop;
	assert_err(go(&run), ERROR_INTERRUPTED, "interrupted");
	assert_false(run.usable);
}

static void test_bad_block_size(void **state)
{
	struct memreader m;
	struct run run;

	(void)state;
	memreader_init(&m, 4096, "3t");
	prepare(&run, &m.reader);
	run.facts.block_size = 0;
	assert_err(go(&run), ERROR_UNSUPPORTED, "blocks of 0 bytes");
	run.facts.block_size = 4097;
	assert_err(go(&run), ERROR_UNSUPPORTED, "blocks of 4097 bytes");
}

static void test_no_memory(void **state)
{
	struct memreader m;
	int n = 0;

	(void)state;
	memreader_init(&m, 4096, SMALL);
	for (;; n++) {
		struct target *target = file_target(workdir_path("dump"));
		struct dump_copy_options how = {.nr_threads = 1};
		struct dump_writer_options options = {0};
		struct dump_writer *writer = NULL;
		struct dump_copy_stats stats;
		struct error *err;
		bool usable;

		allocs_left = n;
		err = elf_writer_create(target, &m.reader.facts, &m.reader, &options, &writer);
		if (!err)
			err = dump_copy(&m.reader, NULL, writer, &how, &stats, &usable);
		dump_writer_destroy(writer);
		allocs_left = -1;
		target_destroy(target);
		if (!err)
			break;
		assert_ptr_equal(err, &error_nomem);
	}
	assert_in_range(n, 8, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies),    cmocka_unit_test(test_byte_order),
		cmocka_unit_test(test_headers),   cmocka_unit_test(test_no_mapping),
		cmocka_unit_test(test_notes),     cmocka_unit_test(test_xnum),
		cmocka_unit_test(test_bridged),   cmocka_unit_test(test_many_lost),
		cmocka_unit_test(test_full),      cmocka_unit_test(test_limit),
		cmocka_unit_test(test_stop),      cmocka_unit_test(test_bad_block_size),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
