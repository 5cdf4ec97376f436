// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/reader.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/dump.h"
#include "tests/support/mkelf.h"
#include "tests/support/stream.h"

/* A file of the workdir with memory as it is from paddr on. */
static void put_file(const char *name, uint64_t paddr, size_t len)
{
	int fd = open(workdir_path(name), O_RDWR | O_CREAT | O_TRUNC, 0600);
	uint8_t *buf = malloc(len);

	assert_true(fd >= 0 && buf);
	mkfile_memory(buf, paddr, len);
	assert_int_equal(write(fd, buf, len), len);
	close(fd);
	free(buf);
}

static char *named(const char *name, const char *rest)
{
	char *text = NULL;

	assert_true(asprintf(&text, "%s%s", workdir_path(name), rest) > 0);
	return text;
}

static struct error *try_open(struct dump *d, char **texts, size_t nr, const char *machine)
{
	const struct dump_open_options options = {.machine = machine};
	struct error *err;

	err = dump_open_inputs((const char *const *)texts, nr, &options, &d->reader);
	if (!err)
		assert_ok(dump_scratch_create(d->reader, &d->scratch));
	for (size_t i = 0; i < nr; i++)
		free(texts[i]);
	return err;
}

static void files_at_addresses(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	char *texts[3];

	(void)state;
	put_file("low", 0x1000, 0x3000);
	put_file("high", 0x40000000, 0x2000);
	texts[0] = named("high", "@0x40000000");
	texts[1] = named("low", "@0x1000,8K");
	texts[2] = named("low", "@0x3000");
	assert_ok(try_open(&d, texts, 3, NULL));
	assert_string_equal(d.reader->variant, "3 parts");
	expect(&d, 0x1000, 0x3000, DUMP_ABSENT);
	expect(&d, 0x40000000, 0x2000, DUMP_ABSENT);
}

static void a_file_named_again_goes_on(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	char *texts[2];
	uint8_t byte;

	(void)state;
	put_file("ram", 0, 0x5000);
	texts[0] = named("ram", "@0,0x3000");
	texts[1] = named("ram", "@4G");
	assert_ok(try_open(&d, texts, 2, "q35"));
	assert_int_equal(d.reader->facts.machine, EM_X86_64);
	expect(&d, 0, 0x3000, DUMP_ABSENT);
	expect_run(&d, 4ULL << 30, 4ULL << 30, (4ULL << 30) + 0x2000, DUMP_OK);
	assert_true(dump_read_full(d.reader, d.scratch, 4ULL << 30, &byte, 1));
	assert_int_equal(byte, mkfile_byte(0x3000));
}

static void files_of_one_machine(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	char *texts[2];

	(void)state;
	put_file("node0", 0x40000000, 0x3000);
	put_file("node1", 0x40003000, 0x2000);
	texts[0] = named("node0", "");
	texts[1] = named("node1", "");
	assert_ok(try_open(&d, texts, 2, "virt-arm64"));
	assert_int_equal(d.reader->facts.machine, EM_AARCH64);
	expect(&d, 0x40000000, 0x5000, DUMP_ABSENT);
}

static void a_name_that_exists_is_a_name(void **state)
{
	_cleanup_dump_ struct dump d = {0};
	char *text;

	(void)state;
	put_file("odd@0x1000", 0, 0x1000);
	text = named("odd@0x1000", "");
	assert_err(try_open(&d, &text, 1, NULL), ERROR_FORMAT, "not a dump that we know");
	text = named("odd@0x1000", "@0x7000");
	assert_ok(try_open(&d, &text, 1, NULL));
	expect_run(&d, 0x7000, 0x7000, 0x8000, DUMP_OK);
}

static void a_dump_says_itself_what_it_is(void **state)
{
	static const struct mkelf_segment one = {.memsz = 0x2000, .filesz = 0x2000};
	static const struct mkelf elf = {.segments = &one, .nr_segments = 1, .machine = EM_S390};
	const struct dump_open_options options = {.machine = "q35"};
	_cleanup_dump_ struct dump d = {0};
	const char *path;

	(void)state;
	mkelf(&elf, &d.file);
	path = mkfile_path(&d.file);
	assert_ok(dump_open_inputs(&path, 1, &options, &d.reader));
	assert_int_equal(d.reader->facts.machine, EM_S390);
}

static void what_is_wrong_is_said(void **state)
{
	struct dump d = {0};
	char *texts[2];

	(void)state;
	put_file("ram", 0, 0x5000);
	texts[0] = named("ram", "@0x1000,0x6000");
	assert_err(try_open(&d, texts, 1, NULL), ERROR_USAGE,
		   "has 0x5000 bytes from offset 0 on, not the 0x6000 that should stand at 0x1000");
	texts[0] = named("ram", "@0x1000,");
	assert_err(try_open(&d, texts, 1, NULL), ERROR_USAGE, "'' is no size");
	texts[0] = named("ram", "@0xq");
	assert_err(try_open(&d, texts, 1, NULL), ERROR_USAGE, "no size");
	texts[0] = named("ram", "@0");
	texts[1] = named("ram", "");
	assert_err(try_open(&d, texts, 2, NULL), ERROR_USAGE, "need an @ADDRESS");
	texts[0] = named("missing", "@0");
	assert_err(try_open(&d, texts, 1, NULL), ERROR_OS, "missing: No such file");
	texts[0] = named("", "");
	assert_err(try_open(&d, texts, 1, NULL), ERROR_FORMAT, "folder without dump_info.txt");
	assert_err(dump_open_inputs(NULL, 0, NULL, &d.reader), ERROR_USAGE, "0 inputs");
	assert_null(d.reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_at_addresses),
		cmocka_unit_test(a_file_named_again_goes_on),
		cmocka_unit_test(files_of_one_machine),
		cmocka_unit_test(a_name_that_exists_is_a_name),
		cmocka_unit_test(a_dump_says_itself_what_it_is),
		cmocka_unit_test(what_is_wrong_is_said),
	};

	return cmocka_run_group_tests(tests, workdir_setup, workdir_teardown);
}
