// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_pwrite sys_fsync sys_fallocate sys_calloc sys_malloc sys_realloc sys_rename
#include "dump/writer.h"

#include <elf.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dump/copy.h"
#include "dump/kdump_header.h"
#include "dump/notes.h"
#include "tests/support/memreader.h"
#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/file.h"
#include "util/sys.h"

#define ALL_WORK 1000000000

static atomic_int writes_left = ALL_WORK;
static atomic_int allocs_left = -1;
static bool once; /* only one write fails */
static bool fails_rename;
static void (*on_write)(void); /* called before each write */

ssize_t __real_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off);
int __wrap_sys_fsync(int fd);
int __wrap_sys_fallocate(int fd, int mode, off_t off, off_t len);
int __real_sys_rename(const char *from, const char *to);
int __wrap_sys_rename(const char *from, const char *to);
void *__real_sys_malloc(size_t size);
void *__wrap_sys_malloc(size_t size);
void *__real_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);
void *__real_sys_realloc(void *old, size_t size);
void *__wrap_sys_realloc(void *old, size_t size);

ssize_t __wrap_sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	int left;

	if (on_write)
		on_write();
	left = atomic_fetch_sub(&writes_left, 1);
	if (left == 0 || (left < 0 && left > -1000 && !once)) {
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

/* A file system that cannot do it, so that writes fail. */
int __wrap_sys_fallocate(int fd, int mode, off_t off, off_t len)
{
	(void)fd;
	(void)mode;
	(void)off;
	(void)len;
	errno = EOPNOTSUPP;
	return -1;
}

int __wrap_sys_rename(const char *from, const char *to)
{
	if (fails_rename) {
		errno = EACCES;
		return -1;
	}
	return __real_sys_rename(from, to);
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
	const struct memreader *m;
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

static void prepare(struct run *run, const struct memreader *m, const struct codec *codec)
{
	*run = (struct run){.m = m, .how = {.nr_threads = 1}, .facts = m->reader.facts};
	run->options.codec = codec;
	run->options.codec_level = codec ? codec->default_level : 0;
	run->options.share_zero = true;
	run->facts.nr_segments = 0;
	snprintf(run->path, sizeof(run->path), "%s", workdir_path("dump"));
	snprintf(run->working, sizeof(run->working), "%s.incomplete", run->path);
}

static struct error *go(struct run *run)
{
	struct target *target = run->stream ? stream_target(workdir_path("flat"))
					    : file_target(run->path);
	struct dump_writer *writer = NULL;
	struct error *err;

	err = kdump_writer_create(target, &run->facts, &run->m->reader, &run->options, &writer);
	if (!err) {
		err = dump_copy(&run->m->reader, run->selector, writer, &run->how, &run->copied,
				&run->usable);
		run->written = writer->stats;
	}
	dump_writer_destroy(writer);
	target_destroy(target);
	if (!err && run->stream)
		unflatten(workdir_path("flat"), run->path);
	return err;
}

/* What stands in the file, all of it right; partial: what should be there may be left out. */
static uint64_t check(const struct run *run, const char *path, bool partial)
{
	_cleanup_reader_ struct dump_reader *copy = NULL;
	uint64_t present;

	assert_ok(dump_open(path, &copy));
	assert_string_equal(copy->format->name, "kdump");
	assert_true(partial || !copy->warning[0]);
	assert_int_equal(copy->facts.incomplete, partial);
	assert_int_equal(copy->facts.block_size, run->facts.block_size);
	assert_int_equal(memreader_compare(run->m, copy, partial, &present), MEM_SAME);
	return present;
}

static void test_codecs(void **state)
{
	(void)state;
	for (size_t i = 0; i < 8 * (nr_codecs + 1); i++) {
		const struct codec *codec = i / 8 < nr_codecs ? codecs[i / 8] : NULL;
		struct memreader m;
		struct run run;

		if (codec && !codec_available(codec))
			continue;
		memreader_init(&m, 4096, SMALL);
		prepare(&run, &m, codec);
		run.how.nr_threads = i & 1 ? 4 : 1;
		run.stream = i & 2;
		run.options.share_zero = i & 4;
		assert_ok(go(&run));
		assert_int_equal(check(&run, run.path, false), 935);
		assert_int_equal(run.written.written, 935);
		assert_int_equal(run.written.zero, run.options.share_zero ? 25 : 0);
		assert_int_equal(run.copied.kept, 935);
		assert_int_equal(run.copied.unreadable, 3);
	}
}

/* The sizes of blocks that kernels have. */
static void test_block_sizes(void **state)
{
	(void)state;
	for (uint32_t bs = 4096; bs <= 1U << 20; bs *= 4) {
		struct memreader m;
		struct run run;

		memreader_init(&m, bs, "3t 2z 10. 7r 3! 1x 20t 5.");
		prepare(&run, &m, codec_find(CODEC_ZLIB));
		run.how.nr_threads = 2;
		assert_ok(go(&run));
		assert_int_equal(check(&run, run.path, false), 32);
	}
}

static void test_bad_block_size(void **state)
{
	static const uint32_t sizes[] = {0, 2048, 4097, 1U << 21};
	struct memreader m;
	struct run run;

	(void)state;
	memreader_init(&m, 4096, "3t");
	prepare(&run, &m, NULL);
	for (size_t i = 0; i < 4; i++) {
		run.facts.block_size = sizes[i];
		assert_err(go(&run), ERROR_UNSUPPORTED, "no kdump file can have blocks");
	}
	run.facts.block_size = 4096;
	run.facts.max_paddr = 1ULL << 57;
	assert_err(go(&run), ERROR_UNSUPPORTED, "0x200000000000000");
}

static void test_machines(void **state)
{
	static const struct {
		const char *name;
		uint16_t machine;
		uint8_t word;
		bool big_endian;
		uint64_t phys_base;
	} machines[] = {
		{"x86_64", EM_X86_64, 8, false, 0x12600000},
		{"s390x", EM_S390, 8, true, 0},
		{"i686", EM_386, 4, false, 0},
		{"ppc", EM_PPC, 4, true, 0},
		{"armv7l", EM_ARM, 4, false, 108 * 4096},
		{"aarch64", EM_AARCH64, 8, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		_cleanup_reader_ struct dump_reader *copy = NULL;
		struct memreader m;
		struct run run;

		memreader_init(&m, 4096, "108. 7r 300t 3! 60x 200r 20z 400t 30x 30.");
		prepare(&run, &m, codec_find(CODEC_ZLIB));
		snprintf(run.facts.uts.machine, sizeof(run.facts.uts.machine), "%s",
			 machines[i].name);
		run.facts.machine = machines[i].machine;
		run.facts.word = machines[i].word;
		run.facts.big_endian = machines[i].big_endian;
		run.facts.phys_base = machines[i].phys_base;
		run.facts.dump_level = 31;
		run.facts.time_usec = 5;
		assert_ok(go(&run));
		assert_int_equal(check(&run, run.path, false), 927);
		assert_ok(dump_open(run.path, &copy));
		assert_int_equal(copy->facts.machine, machines[i].machine);
		assert_int_equal(copy->facts.word, machines[i].word);
		assert_int_equal(copy->facts.big_endian, machines[i].big_endian);
		assert_int_equal(copy->facts.phys_base, machines[i].phys_base);
		assert_int_equal(copy->facts.dump_level, 31);
		assert_int_equal(copy->facts.time_sec, 1700000000);
		assert_int_equal(copy->facts.time_usec, 5);
		assert_int_equal(copy->facts.nr_cpus, 2);
		assert_string_equal(copy->facts.uts.release, "6.1.0-test");
	}
}

/* Notes as they were, and the sub header pointing into them. */
static void test_notes(void **state)
{
	static const char info[] = "OSRELEASE=6.1.0-test\nPAGESIZE=4096\n", erased[] = "erase x\n";
	_cleanup_free_ void *notes = NULL;
	size_t len = 0;

	(void)state;
	assert_ok(notes_append(&notes, &len, false, "CORE", NT_PRSTATUS, info, 30));
	for (int i = 0; i < 4; i++) {
		_cleanup_reader_ struct dump_reader *copy = NULL;
		struct kdump_header header;
		struct memreader m;
		struct run run;
		char text[64];

		memreader_init(&m, 4096, SMALL);
		prepare(&run, &m, codec_find(CODEC_ZLIB));
		run.stream = i & 1;
		run.facts.notes = notes;
		run.facts.notes_len = len;
		run.facts.vmcoreinfo = info;
		run.facts.vmcoreinfo_len = strlen(info);
		if (i & 2) {
			run.facts.eraseinfo = erased;
			run.facts.eraseinfo_len = strlen(erased);
		}
		assert_ok(go(&run));
		assert_ok(dump_open(run.path, &copy));
		assert_ok(kdump_header_read(copy->file, &header));
		assert_int_equal(header.size_vmcoreinfo, strlen(info));
		assert_true(header.off_vmcoreinfo > header.off_note &&
			    header.off_vmcoreinfo + header.size_vmcoreinfo <=
				    header.off_note + header.size_note);
		assert_ok(file_read_full(copy->file, header.off_vmcoreinfo, text, strlen(info)));
		assert_memory_equal(text, info, strlen(info));
		assert_true(copy->facts.notes_len > len);
		assert_memory_equal(copy->facts.notes, notes, len);
		assert_int_equal(copy->facts.vmcoreinfo_len, strlen(info));
		assert_int_equal(header.size_eraseinfo, i & 2 ? strlen(erased) : 0);
		if (i & 2) {
			assert_ok(file_read_full(copy->file, header.off_eraseinfo, text,
						 strlen(erased)));
			assert_memory_equal(text, erased, strlen(erased));
		}
	}
}

/* Three passes, which take blocks by their number, the later ones first. */
static void select_third(const struct dump_selector *selector, void *worker, unsigned int pass,
			 bool plan, uint64_t pfn, size_t nr, uint64_t *keep)
{
	(void)selector;
	(void)worker;
	(void)plan;
	for (size_t i = 0; i < nr; i++) {
		if ((pfn + i) / 5 % 3 != 2 - pass)
			keep[i / 64] &= ~(1ULL << i % 64);
	}
}

static struct error *no_worker(const struct dump_selector *selector, void **ret)
{
	(void)selector;
	*ret = NULL;
	return NULL;
}

static void test_passes(void **state)
{
	static const struct dump_selector selector = {
		.nr_passes = 3,
		.worker_create = no_worker,
		.select = select_third,
	};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct memreader m;
		struct run run;

		memreader_init(&m, 4096, SMALL);
		prepare(&run, &m, codec_find(CODEC_ZLIB));
		run.selector = &selector;
		run.how.nr_threads = i & 1 ? 3 : 1;
		run.stream = i & 2;
		assert_ok(go(&run));
		assert_int_equal(check(&run, run.path, false), 935);
		assert_int_equal(run.written.written, 935);
	}
}

/* Blocks that are encoded already are not decoded. */
static void test_verbatim(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * nr_codecs; i++) {
		struct memreader m;
		struct run run;

		if (!codec_available(codecs[i / 2]))
			continue;
		memreader_init(&m, 4096, SMALL);
		memreader_encode(&m, codecs[i / 2]);
		prepare(&run, &m, codecs[i / 2]);
		run.stream = i % 2;
		assert_ok(go(&run));
		assert_int_equal(check(&run, run.path, false), 935);
		assert_int_equal(run.written.zero, 25);
		assert_true(m.nr_block_calls > 10);
		// the chunks with something unreadable, and none that is useful after them
		assert_true(m.nr_reads > 0);
	}
}

/* A machine of 7 MiB of data, so that there are commits. */
#define LARGE "256x 500t 256z 1000r 5! 300t"

static unsigned int nr_snapshots, nr_opened;
static struct run *snapshot_run;

/* Killed here: block 0 is nothing yet, or points at an index that is whole. */
static void take_snapshot(void)
{
	struct kdump_header header;
	uint8_t page[8];
	struct file *file;
	size_t done;

	nr_snapshots++;
	on_write = NULL;
	assert_ok(file_open(snapshot_run->working, &file));
	assert_ok(file_read(file, 0, page, sizeof(page), &done));
	if (done == sizeof(page) && !memcmp(page, "KDUMP   ", 8)) {
		assert_ok(kdump_header_read(file, &header));
		assert_true(header.status & KDUMP_STATUS_INCOMPLETE);
		assert_true(check(snapshot_run, snapshot_run->working, true) > 0);
		nr_opened++;
	}
	file_close(file);
	on_write = take_snapshot;
}

static void test_killed(void **state)
{
	struct memreader m;
	struct run run;

	(void)state;
	memreader_init(&m, 4096, LARGE);
	prepare(&run, &m, NULL);
	snapshot_run = &run;
	on_write = take_snapshot;
	assert_ok(go(&run));
	on_write = NULL;
	assert_int_equal(check(&run, run.path, false), 2056);
	assert_in_range(nr_snapshots, 20, 50);
	assert_true(nr_opened > nr_snapshots / 2);
}

/* Each write in turn fails, alone or with all that follow. */
static void test_full(void **state)
{
	unsigned int nr_usable = 0, nr_whole = 0;
	struct memreader m;
	int n = 0;

	(void)state;
	memreader_init(&m, 4096, LARGE);
	for (;; n++) {
		struct error *err;
		struct run run;

		prepare(&run, &m, NULL);
		run.how.nr_threads = 1 + (unsigned int)n % 3;
		atomic_store(&writes_left, n / 2);
		once = n % 2;
		err = go(&run);
		atomic_store(&writes_left, ALL_WORK);
		if (!err)
			break;
		assert_err(err, ERROR_NO_SPACE, "No space left on device");
		assert_int_equal(access(run.path, F_OK), -1);
		if (!run.usable)
			continue;
		nr_usable++;
		assert_int_equal(check(&run, run.working, true), run.written.written);
		// when only one write failed, all that was handed over before is there
		if (once) {
			nr_whole++;
			assert_true(run.written.written + 256 * 3 >= run.copied.kept);
		}
	}
	assert_in_range(n, 40, 100);
	assert_true(nr_usable > (unsigned int)n / 2 && nr_whole > (unsigned int)n / 4);
}

static void test_limit(void **state)
{
	(void)state;
	for (uint64_t limit = 1000; limit < 30000000; limit = limit * 2 + 300000) {
		struct memreader m;
		struct error *err;
		struct run run;

		memreader_init(&m, 4096, LARGE);
		prepare(&run, &m, NULL);
		run.options.limit = limit;
		run.how.nr_threads = 2;
		err = go(&run);
		if (!err) {
			assert_true(limit > 7400000);
			continue;
		}
		assert_err(err, ERROR_NO_SPACE, "that it may have are used up");
		assert_int_equal(run.usable, limit > 300000);
		if (run.usable) {
			assert_int_equal(check(&run, run.working, true), run.written.written);
			assert_true(run.written.file_bytes <= limit);
			assert_true(run.written.data_bytes > limit / 2);
		}
	}
}

static atomic_bool stop;
static unsigned int stop_after;

static void count_down(void)
{
	if (!stop_after--)
		atomic_store(&stop, true);
}

static void test_stop(void **state)
{
	(void)state;
	for (unsigned int n = 0; n < 10; n += 3) {
		struct memreader m;
		struct run run;

		memreader_init(&m, 4096, LARGE);
		prepare(&run, &m, NULL);
		run.how.stop = &stop;
		atomic_store(&stop, n == 0);
		stop_after = n;
		on_write = n ? count_down : NULL;
		assert_err(go(&run), ERROR_INTERRUPTED, "interrupted");
		on_write = NULL;
		assert_int_equal(run.usable, n > 0);
		if (run.usable)
			assert_int_equal(check(&run, run.working, true), run.written.written);
		assert_int_equal(run.written.written, run.copied.kept);
	}
}

/* A stream that is not whole is ended properly. */
static void test_stream_limit(void **state)
{
	struct memreader m;
	struct run run;

	(void)state;
	memreader_init(&m, 4096, LARGE);
	prepare(&run, &m, NULL);
	run.stream = true;
	run.options.limit = 4000000;
	assert_err(go(&run), ERROR_NO_SPACE, "4000000");
	assert_true(run.usable);
	unflatten(workdir_path("flat"), run.path);
	assert_int_equal(check(&run, run.path, true), run.written.written);
	assert_true(run.written.written > 500);
}

/* The dump is whole, only its name could not be given. */
static void test_rename_fails(void **state)
{
	struct memreader m;
	struct run run;

	(void)state;
	memreader_init(&m, 4096, LARGE);
	prepare(&run, &m, NULL);
	fails_rename = true;
	assert_err(go(&run), ERROR_OS, "rename");
	fails_rename = false;
	assert_true(run.usable);
	assert_int_equal(check(&run, run.working, true), 2056);
}

static void test_incomplete_source(void **state)
{
	struct memreader m;
	struct run run;

	(void)state;
	memreader_init(&m, 4096, SMALL);
	prepare(&run, &m, NULL);
	run.facts.incomplete = true;
	assert_ok(go(&run));
	assert_int_equal(check(&run, run.path, true), 935);
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
		err = kdump_writer_create(target, &m.reader.facts, &m.reader, &options, &writer);
		if (!err)
			err = dump_copy(&m.reader, NULL, writer, &how, &stats, &usable);
		dump_writer_destroy(writer);
		allocs_left = -1;
		target_destroy(target);
		if (!err)
			break;
		assert_ptr_equal(err, &error_nomem);
	}
	assert_in_range(n, 12, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codecs),         cmocka_unit_test(test_block_sizes),
		cmocka_unit_test(test_bad_block_size), cmocka_unit_test(test_machines),
		cmocka_unit_test(test_notes),          cmocka_unit_test(test_passes),
		cmocka_unit_test(test_verbatim),       cmocka_unit_test(test_killed),
		cmocka_unit_test(test_full),           cmocka_unit_test(test_limit),
		cmocka_unit_test(test_stop),           cmocka_unit_test(test_stream_limit),
		cmocka_unit_test(test_rename_fails),   cmocka_unit_test(test_incomplete_source),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
