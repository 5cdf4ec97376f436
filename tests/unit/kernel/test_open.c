// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/open.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "tests/support/mem.h"
#include "tests/support/mkimage.h"
#include "tests/support/test.h"

static struct mem *machine(void)
{
	struct mem *mem = mem_create();

	mem_kernel(mem, 4);
	mem_at(mem, MEM_PHYS_BASE);
	mem->reader.facts.max_paddr = 0x8000000;
	return mem;
}

static void own_text(void **state)
{
	struct kernel_opened opened = {0};
	struct mem *mem = machine();

	assert_ok(kernel_open_best(&mem->reader, NULL, 0, &opened));
	assert_true(opened.kernel->translates);
	assert_null(opened.vmcoreinfo);
	assert_null(opened.source);
	kernel_opened_deinit(&opened);
	assert_null(opened.kernel);
	mem_destroy(mem);
}

static void given_text(void **state)
{
	struct kernel_opened opened = {0};
	struct mem *mem = machine();
	char *text = strdup(mem->info);

	mem->reader.facts.vmcoreinfo = NULL;
	mem->reader.facts.vmcoreinfo_len = 0;
	assert_ok(kernel_open_best(&mem->reader, text, strlen(text), &opened));
	assert_true(opened.kernel->translates);
	assert_memory_equal(opened.vmcoreinfo, text, strlen(text));
	assert_non_null(opened.source);
	kernel_opened_deinit(&opened);
	// a text that tells nothing is not made up for
	assert_ok(kernel_open_best(&mem->reader, "COFFEE=1\n", 9, &opened));
	assert_false(opened.kernel->translates);
	kernel_opened_deinit(&opened);
	free(text);
	mem_destroy(mem);
}

/* From a note in memory, or made from the image. */
static void found_text(void **state)
{
	for (unsigned int note = 0; note < 2; note++) {
		const struct mkimage_options options = {.note = note ? 0x5000000 : 0};
		struct kernel_opened opened = {0};
		struct mem *mem = mem_create();
		struct mkimage made;

		mkimage(&made, mem, &options);
		assert_ok(kernel_open_best(&mem->reader, NULL, 0, &opened));
		assert_true(opened.kernel->translates);
		assert_non_null(memmem(opened.vmcoreinfo, opened.vmcoreinfo_len, "OSRELEASE=", 10));
		assert_non_null(opened.source);
		kernel_opened_deinit(&opened);
		mem_destroy(mem);
	}
}

static void nothing_found(void **state)
{
	struct kernel_opened opened = {0};
	struct mem *mem = mem_create();

	mem_at(mem, 0);
	assert_ok(kernel_open_best(&mem->reader, NULL, 0, &opened));
	assert_false(opened.kernel->translates);
	assert_null(opened.vmcoreinfo);
	kernel_opened_deinit(&opened);
	mem_destroy(mem);
}

static void files(void **state)
{
	char path[] = "/tmp/vmcoreinfo.XXXXXX";
	int fd = mkstemp(path);
	char *text = NULL;
	size_t len = 0;

	assert_true(fd >= 0);
	assert_err(vmcoreinfo_load(path, &text, &len), ERROR_FORMAT, "KEY=VALUE");
	assert_int_equal(write(fd, "PAGESIZE=4096\n", 14), 14);
	assert_ok(vmcoreinfo_load(path, &text, &len));
	assert_int_equal(len, 14);
	assert_memory_equal(text, "PAGESIZE=4096\n", 14);
	free(text);
	close(fd);
	unlink(path);
	assert_err(vmcoreinfo_load(path, &text, &len), ERROR_OS, "/tmp/vmcoreinfo.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_text),   cmocka_unit_test(given_text),
		cmocka_unit_test(found_text), cmocka_unit_test(nothing_found),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
