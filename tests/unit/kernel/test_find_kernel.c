// SPDX-License-Identifier: GPL-2.0-or-later
/* Bringing notes and symbols together. */
#include "kernel/find_kernel.h"

#include <stdio.h>

#include "kernel/btf.h"
#include "kernel/kallsyms.h"
#include "tests/support/mkimage.h"
#include "tests/support/test.h"

#define NOTE 0x5000000ULL

struct fixture {
	struct mem *mem;
	struct mkimage made;
	struct find_memory memory;
	struct found_kernel *kernel;
};

static void init(struct fixture *f, const struct mkimage_options *options)
{
	static const struct find_options find;

	f->mem = mem_create();
	mkimage(&f->made, f->mem, options);
	assert_ok(find_memory_init(&f->memory, &f->mem->reader));
	assert_ok(found_kernel_create(&f->memory, &find, &f->kernel));
}

static void deinit(struct fixture *f)
{
	found_kernel_destroy(f->kernel);
	find_memory_deinit(&f->memory);
	mem_destroy(f->mem);
}

static void load(struct fixture *f)
{
	struct kallsyms_tables tables = {0};

	assert_true(kallsyms_find(mem_read, f->mem, f->made.digits, &tables));
	assert_ok(found_kernel_load(f->kernel, &tables, false));
	assert_true(f->kernel->has_image);
}

static bool attach(struct fixture *f, const char *text)
{
	bool attached = false;

	assert_ok(found_kernel_attach(f->kernel, text, strlen(text), FOUND_INFO_NOTE, NOTE + 24,
				      &attached));
	return attached;
}

static void test_attach(void **state)
{
	const struct mkimage_options options = {.note = NOTE};
	struct fixture f;
	char wrong[2048];

	init(&f, &options);
	load(&f);
	assert_false(attach(&f, "OSRELEASE=1\n"));
	assert_false(attach(&f, ""));
	// of another kernel, or the same elsewhere
	snprintf(wrong, sizeof(wrong), "%s", f.made.info);
	strstr(wrong, "ffffffff8a000000")[9] = 'b';
	assert_false(attach(&f, wrong));
	// with addresses that are right, but in another place of memory
	snprintf(wrong, sizeof(wrong), "%s", f.made.info);
	strstr(wrong, "NUMBER(phys_base)=")[18] ^= 1;
	assert_false(attach(&f, wrong));
	assert_null(f.kernel->vmcoreinfo);
	assert_true(attach(&f, f.made.info));
	assert_true(f.kernel->translates);
	assert_false(f.kernel->crashed);
	assert_string_equal(f.kernel->vmcoreinfo, f.made.info);
	assert_ok(found_kernel_finish(f.kernel));
	assert_int_equal(f.kernel->role, FOUND_RUNNING);
	deinit(&f);
}

/* A note alone has to lead to a kernel that says the same release. */
static void test_note_alone(void **state)
{
	const struct mkimage_options options = {.note = NOTE, .crashed = true};
	struct fixture f;
	char wrong[2048];

	init(&f, &options);
	snprintf(wrong, sizeof(wrong), "%s", f.made.info);
	*strstr(wrong, MKIMAGE_RELEASE) = '6';
	assert_false(attach(&f, wrong));
	assert_true(attach(&f, f.made.info));
	assert_true(f.kernel->crashed);
	assert_null(f.kernel->kallsyms);
	// then it finds the symbols
	assert_ok(found_kernel_finish(f.kernel));
	assert_non_null(f.kernel->kallsyms);
	assert_true(f.kernel->has_image);
	assert_int_equal(f.kernel->image.voffset, f.made.voffset);
	assert_int_equal(f.kernel->image.texts, 3);
	assert_int_equal(f.kernel->role, FOUND_CRASHED);
	deinit(&f);
}

/* As well by the symbols that it exports: no mark is needed. */
static void test_exported(void **state)
{
	static const unsigned int layouts[] = {4, 14};

	for (size_t i = 0; i < 2; i++) {
		const struct mkimage_options options = {.layout = &mklayouts[layouts[i]]};
		const struct kallsyms_tables *t;
		struct fixture f;
		char text[4096];
		uint64_t vaddr;
		int n;

		init(&f, &options);
		t = &f.made.tables;
		n = snprintf(text, sizeof(text), "%s", f.made.info);
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      "SYMBOL(kallsyms_names)=%llx\nSYMBOL(kallsyms_num_syms)=%llx\n"
			      "SYMBOL(kallsyms_token_table)=%llx\n"
			      "SYMBOL(kallsyms_token_index)=%llx\nSYMBOL(kallsyms_offsets)=%llx\n",
			      (unsigned long long)(t->names + f.made.voffset),
			      (unsigned long long)(t->num_syms + f.made.voffset),
			      (unsigned long long)(t->token_table + f.made.voffset),
			      (unsigned long long)(t->token_index + f.made.voffset),
			      (unsigned long long)(t->offsets + f.made.voffset));
		if (t->base_place)
			snprintf(text + n, sizeof(text) - (size_t)n,
				 "SYMBOL(kallsyms_relative_base)=%llx\n",
				 (unsigned long long)(t->base_place + f.made.voffset));
		assert_true(attach(&f, text));
		assert_ok(found_kernel_finish(f.kernel));
		assert_non_null(f.kernel->kallsyms);
		assert_int_equal(f.kernel->kallsyms->tables.names, t->names);
		assert_true(kallsyms_lookup(f.kernel->kallsyms, "init_task", &vaddr));
		assert_int_equal(vaddr, f.made.virt + MKIMAGE_INIT_TASK);
		assert_int_equal(f.kernel->image.voffset, f.made.voffset);
		deinit(&f);
	}
}

/* Without a note one is made; with types unless they are damaged. */
static void test_by_image(void **state)
{
	for (unsigned int damaged = 0; damaged < 2; damaged++) {
		const struct mkimage_options options = {0};
		struct fixture f;

		init(&f, &options);
		if (damaged)
			mkimage_wipe(f.mem, mkimage_at(&f.made, MKIMAGE_BTF));
		load(&f);
		assert_ok(found_kernel_finish(f.kernel));
		assert_int_equal(f.kernel->source, FOUND_INFO_IMAGE);
		assert_true(f.kernel->translates);
		assert_int_equal(!f.kernel->btf, damaged);
		assert_int_equal(!strstr(f.kernel->vmcoreinfo, "SIZE(page)=64"), damaged);
		assert_non_null(strstr(f.kernel->vmcoreinfo, "SYMBOL(swapper_pg_dir)="));
		deinit(&f);
	}
}

/* An image that says that it is elsewhere is a copy. */
static void test_copy(void **state)
{
	const struct mkimage_options options = {.never_ran = true};
	struct fixture f;

	init(&f, &options);
	load(&f);
	assert_true(f.kernel->misplaced);
	assert_ok(found_kernel_finish(f.kernel));
	assert_false(f.kernel->translates);
	assert_int_equal(f.kernel->role, FOUND_REMAINS);
	assert_non_null(f.kernel->reason);
	deinit(&f);
}

/* Symbols without an image that can be located, and no note: still a kernel, of which little is
 * known. */
static void test_symbols_alone(void **state)
{
	const struct mkimage_options options = {0};
	struct kallsyms_tables tables = {0};
	struct fixture f;

	init(&f, &options);
	mkimage_wipe(f.mem, mkimage_at(&f.made, MKIMAGE_BANNER));
	mkimage_wipe(f.mem, mkimage_at(&f.made, MKIMAGE_UTS));
	assert_true(kallsyms_find(mem_read, f.mem, f.made.digits, &tables));
	assert_ok(found_kernel_load(f.kernel, &tables, false));
	assert_false(f.kernel->has_image);
	assert_ok(found_kernel_finish(f.kernel));
	assert_false(f.kernel->translates);
	assert_non_null(strstr(f.kernel->reason->message, "no VMCOREINFO"));
	deinit(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attach),   cmocka_unit_test(test_note_alone),
		cmocka_unit_test(test_exported), cmocka_unit_test(test_by_image),
		cmocka_unit_test(test_copy),     cmocka_unit_test(test_symbols_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
