// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_fallocate sys_fstatvfs
#include "dump/kdump_space.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "dump/kdump_header.h"
#include "tests/support/stream.h"
#include "tests/support/test.h"
#include "util/file.h"
#include "util/sys.h"

#define BS    4096U
#define START 12388U
#define MIB   (1ULL << 20)
#define FRONT (4ULL * BS) // behind START, in whole blocks

int __real_sys_fallocate(int fd, int mode, off_t off, off_t len);
int __wrap_sys_fallocate(int fd, int mode, off_t off, off_t len);
int __wrap_sys_fstatvfs(int fd, struct statvfs *ret);

static uint64_t disk_end; // bytes of the file from here on find no room
static uint64_t disk_free;
static uint64_t allocated_end;

int __wrap_sys_fallocate(int fd, int mode, off_t off, off_t len)
{
	if (mode == FALLOC_FL_KEEP_SIZE && (uint64_t)off + (uint64_t)len > disk_end) {
		errno = ENOSPC;
		return -1;
	}
	if (mode == FALLOC_FL_KEEP_SIZE)
		allocated_end = (uint64_t)off + (uint64_t)len;
	return __real_sys_fallocate(fd, mode, off, len);
}

int __wrap_sys_fstatvfs(int fd, struct statvfs *ret)
{
	(void)fd;
	*ret = (struct statvfs){.f_frsize = 1, .f_bavail = disk_free};
	return 0;
}

struct fixture {
	struct target *target;
	struct kdump_space space;
};

/* Bitmaps of two blocks each, so an index of n blocks has 16384 + 24 * n bytes. */
static void begin(struct fixture *f, uint64_t limit, bool sparse)
{
	struct kdump_header header = {.block_size = BS, .bitmap_blocks = 4};

	disk_end = UINT64_MAX;
	disk_free = UINT64_MAX;
	allocated_end = 0;
	f->target = file_target(workdir_path("space"));
	kdump_space_init(&f->space, f->target, &header, START, limit, sparse);
}

static void end(struct fixture *f)
{
	kdump_space_deinit(&f->space);
	target_destroy(f->target);
}

static uint64_t take(struct fixture *f, size_t len, uint64_t nr_blocks)
{
	uint64_t off = 0;

	assert_ok(kdump_space_take(&f->space, len, nr_blocks, &off));
	return off;
}

/* Data follow each other, and pass over an index only while it is valid. */
static void data_flow_around_the_index(void **state)
{
	struct fixture f;
	uint64_t off;

	(void)state;
	begin(&f, UINT64_MAX, false);
	assert_int_equal(take(&f, 1000, 2), START);
	assert_int_equal(take(&f, 0, 5), START + 1000);
	assert_int_equal(take(&f, 500, 0), START + 1000);
	assert_ok(kdump_space_take_index(&f.space, 7, MIB, &off));
	assert_int_equal(off, MIB + FRONT);
	// it is not to be overwritten before it is written, nor while it is valid
	assert_int_equal(take(&f, MIB, 2), START + 1500);
	assert_int_equal(take(&f, 4000, 2), off + 5 * BS);
	kdump_space_keep_index(&f.space);
	assert_int_equal(take(&f, 4000, 2), off + 5 * BS + 4000);
	assert_int_equal(f.space.written_end, off + 5 * BS);
	end(&f);
}

static void a_newer_index_makes_room(void **state)
{
	uint64_t first, second, third;
	struct fixture f;

	(void)state;
	begin(&f, UINT64_MAX, false);
	assert_ok(kdump_space_take_index(&f.space, 100, MIB, &first));
	kdump_space_keep_index(&f.space);
	take(&f, MIB - 2 * BS, 100);
	// the next one does not go over the valid one
	assert_ok(kdump_space_take_index(&f.space, 200, 0, &second));
	assert_int_equal(second, first + 5 * BS);
	kdump_space_keep_index(&f.space);
	assert_int_equal(take(&f, 4 * BS, 0), START + MIB - 2 * BS);
	// one that could not be written is as if it had never been, but for what was written
	assert_ok(kdump_space_take_index(&f.space, 300, 2 * MIB, &third));
	kdump_space_drop_index(&f.space);
	assert_int_equal(f.space.valid.off, second);
	assert_true(f.space.written_end > third);
	assert_int_equal(kdump_space_take_last(&f.space, 100), second + 6 * BS);
	end(&f);
}

/* Nothing is lost when the last index does not meet the valid one. */
static void the_last_index_follows_the_data(void **state)
{
	struct fixture f;
	uint64_t off;

	(void)state;
	begin(&f, UINT64_MAX, false);
	take(&f, MIB, 1000);
	assert_ok(kdump_space_take_index(&f.space, 1000, 2 * MIB, &off));
	kdump_space_keep_index(&f.space);
	take(&f, MIB, 1000);
	assert_int_equal(kdump_space_take_last(&f.space, 2000), 2 * MIB + FRONT);
	end(&f);
}

/* Holes cost time or are there already: indexes are appended. */
static void without_holes_nothing_stands_ahead(void **state)
{
	struct fixture f;
	uint64_t off;

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(&f, UINT64_MAX, i);
		f.space.ahead &= i;
		take(&f, 100, 1);
		assert_ok(kdump_space_take_index(&f.space, 1, MIB, &off));
		assert_int_equal(off, FRONT);
		assert_int_equal(take(&f, 100, 1), START + 100);
		assert_int_equal(take(&f, BS, 1), FRONT + 5 * BS);
		end(&f);
	}
}

/* Whatever there is, the file stays within its limit and the last index finds room. */
static void the_limit_is_kept(void **state)
{
	(void)state;
	for (uint64_t limit = BS; limit < 2 * MIB; limit += 13 * BS + 77) {
		struct error *err = NULL;
		uint64_t off, blocks = 0, data = 0;
		struct fixture f;

		begin(&f, limit, false);
		while (!err) {
			err = kdump_space_take(&f.space, 10000, 10, &off);
			if (err)
				break;
			blocks += 10;
			data += 10000;
			assert_true(off + 10000 <= limit);
			if (blocks % 200)
				continue;
			if (error_ignore(kdump_space_take_index(&f.space, blocks, data, &off)))
				continue;
			assert_true(off + 4 * BS + 24 * blocks <= limit);
			kdump_space_keep_index(&f.space);
		}
		assert_err(err, ERROR_NO_SPACE, "bytes that it may have are used up");
		if (!blocks)
			assert_true(limit < START + 10000 + 6 * BS);
		else
			assert_true(kdump_space_take_last(&f.space, blocks) + 4 * BS +
					    24 * blocks <=
				    limit);
		// most of it is for data
		assert_true(data + data / 5 + 30 * BS > limit);
		end(&f);
	}
}

/* Space is allocated where others might take it, and when there is none the index still has its. */
static void the_disk_gets_full(void **state)
{
	struct error *err = NULL;
	uint64_t off, blocks = 0;
	struct fixture f;

	(void)state;
	begin(&f, UINT64_MAX, false);
	take(&f, MIB, 100);
	assert_int_equal(allocated_end, 0);
	disk_free = 200 * MIB;
	disk_end = 64 * MIB;
	for (; !err; blocks += 1000)
		err = kdump_space_take(&f.space, MIB, 1000, &off);
	assert_err(err, ERROR_NO_SPACE, "no space for");
	assert_in_range(blocks, 60000, 63000);
	assert_true(kdump_space_take_last(&f.space, blocks - 1000) + 4 * BS +
			    24 * (blocks - 1000) <=
		    allocated_end);
	end(&f);
}

/* An index that would take the last space is left out. */
static void an_index_between_needs_room_for_two(void **state)
{
	struct fixture f;
	uint64_t off;

	(void)state;
	begin(&f, UINT64_MAX, false);
	disk_free = 0;
	disk_end = 2 * MIB;
	take(&f, MIB, 100);
	assert_err(kdump_space_take_index(&f.space, 100, 4 * MIB, &off), ERROR_NO_SPACE,
		   "no space for");
	assert_int_equal(f.space.next.end, 0);
	assert_ok(kdump_space_take_index(&f.space, 100, MIB / 2, &off));
	end(&f);
	begin(&f, MIB, false);
	assert_err(kdump_space_take_index(&f.space, 50000, MIB, &off), ERROR_NO_SPACE, "used up");
	end(&f);
}

static uint64_t allocated(struct target *target)
{
	struct stat st;

	assert_int_equal(fstat(target->fd, &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

/* What nobody refers to is given back, before the valid index and behind it. */
static void a_cut_spares_the_valid_index(void **state)
{
	static const char junk[8 * BS];
	struct fixture f;
	uint64_t off, before;
	struct stat st;
	char c;

	(void)state;
	begin(&f, UINT64_MAX, false);
	take(&f, 4 * BS, 10);
	assert_ok(kdump_space_take_index(&f.space, 10, 64 * BS, &off));
	assert_ok(target_write(f.target, off, "index", 6));
	kdump_space_keep_index(&f.space);
	for (uint64_t pos = 0; pos < 48 * BS; pos += sizeof(junk))
		assert_ok(target_write(f.target, pos, junk, sizeof(junk)));
	assert_ok(target_write(f.target, off + 32 * BS, junk, sizeof(junk)));
	before = allocated(f.target);
	assert_ok(kdump_space_cut(&f.space, 8 * BS));
	assert_true(allocated(f.target) + 40 * BS <= before);
	assert_int_equal(fstat(f.target->fd, &st), 0);
	assert_int_equal(st.st_size, off + 5 * BS);
	assert_ok(target_read(f.target, off, &c, 1));
	assert_int_equal(c, 'i');
	assert_int_equal(kdump_space_take_last(&f.space, 10), 8 * BS);
	kdump_space_drop_index(&f.space);
	// behind the index everything goes
	assert_ok(kdump_space_cut(&f.space, off + 6 * BS));
	assert_int_equal(fstat(f.target->fd, &st), 0);
	assert_int_equal(st.st_size, off + 6 * BS);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_flow_around_the_index),
		cmocka_unit_test(a_newer_index_makes_room),
		cmocka_unit_test(the_last_index_follows_the_data),
		cmocka_unit_test(without_holes_nothing_stands_ahead),
		cmocka_unit_test(the_limit_is_kept),
		cmocka_unit_test(the_disk_gets_full),
		cmocka_unit_test(an_index_between_needs_room_for_two),
		cmocka_unit_test(a_cut_spares_the_valid_index),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
