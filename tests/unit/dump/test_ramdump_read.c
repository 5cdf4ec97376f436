// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/format.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/dump.h"
#include "tests/support/stream.h"

static void put(const char *name, const void *data, size_t len)
{
	int fd = open(workdir_path(name), O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static void put_memory(const char *name, uint64_t paddr, size_t len)
{
	uint8_t *buf = malloc(len);

	assert_non_null(buf);
	mkfile_memory(buf, paddr, len);
	put(name, buf, len);
	free(buf);
}

static struct error *try_open(struct dump *d, const char *index, const char *machine)
{
	const struct dump_open_options options = {.machine = machine};
	const char *path = workdir_path("phone");
	struct error *err;

	put("phone/dump_info.txt", index, strlen(index));
	err = dump_open_inputs(&path, 1, &options, &d->reader);
	if (!err)
		assert_ok(dump_scratch_create(d->reader, &d->scratch));
	return err;
}

static void files_stand_where_the_index_says(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	(void)state;
	put_memory("phone/DDRCS0_0.BIN", 0x80000000, 0x8000);
	put_memory("phone/DDRCS1_0.BIN", 0x880000000, 0x4000);
	put_memory("phone/OCIMEM.BIN", 0x14680000, 0x1000);
	assert_ok(try_open(&d,
			   " 8 0x0000000080000000 32768 DDR CS0 part0 Memory DDRCS0_0.BIN\r\n"
			   "\n"
			   " 1 0x0000000014680000 4096 OCIMEM OCIMEM.BIN\n"
			   " 8 0x880000000 16384 DDR ddrcs1_0.bin\n"
			   " 8 0x0000000880000000 16384 DDR DDRCS1_0.BIN\n",
			   "virt-arm64"));
	assert_string_equal(d.reader->format->name, "ramdump");
	assert_int_equal(d.reader->facts.machine, EM_AARCH64);
	assert_true(d.reader->facts.truncated); // ddrcs1_0.bin is not there
	expect(&d, 0x80000000, 0x8000, DUMP_ABSENT);
	expect(&d, 0x880000000, 0x4000, DUMP_ABSENT);
	expect(&d, 0x14680000, 0, DUMP_ABSENT);
}

static void what_is_missing_is_left_out(void **state)
{
	_cleanup_dump_ struct dump d = {0};

	(void)state;
	put_memory("phone/DDRCS0_0.BIN", 0x80000000, 0x8000);
	assert_ok(try_open(&d,
			   "8 0x80000000 0xc000 DDRCS0_0.BIN\n"
			   "8 0xa0000000 0x1000 DDRCS0_1.BIN\n",
			   NULL));
	assert_true(d.reader->facts.truncated);
	assert_non_null(strstr(d.reader->warning, "memory from 0x80008000 to 0x8000c000 is not"));
	expect(&d, 0x80000000, 0x8000, DUMP_EXCLUDED);
	expect(&d, 0xa0000000, 0, DUMP_EXCLUDED);
}

static void a_bad_index(void **state)
{
	struct dump d = {0};

	(void)state;
	put_memory("phone/DDRCS0_0.BIN", 0, 0x1000);
	assert_err(try_open(&d, "", NULL), ERROR_FORMAT, "names no file of RAM");
	assert_err(try_open(&d, "8 0x0 4096 DDRMISSING.BIN\n", NULL), ERROR_FORMAT,
		   "names no file of RAM");
	assert_err(try_open(&d, "x\n8 80000000 4096 DDRCS0_0.BIN\n", NULL), ERROR_FORMAT,
		   "dump_info.txt: line 2: no address (0x...) and length of DDRCS0_0.BIN");
	assert_err(try_open(&d, "8 0x80000000 DDR DDRCS0_0.BIN\n", NULL), ERROR_FORMAT, "line 1");
	assert_err(try_open(&d, "8 0x80000000z 4096 DDRCS0_0.BIN\n", NULL), ERROR_FORMAT, "line 1");
	assert_err(try_open(&d, "8 0x0 4096 ../DDR/x.BIN\n", NULL), ERROR_FORMAT, "names no file");
	assert_null(d.reader);
}

static int setup(void **state)
{
	return workdir_setup(state) || mkdir(workdir_path("phone"), 0700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_stand_where_the_index_says),
		cmocka_unit_test(what_is_missing_is_left_out),
		cmocka_unit_test(a_bad_index),
	};

	return cmocka_run_group_tests(tests, setup, workdir_teardown);
}
