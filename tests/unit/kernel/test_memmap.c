// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "kernel/kernel.h"
#include "kernel/memmap.h"
#include "tests/support/mem.h"

// Physical addresses; virtual ones are in the direct map.
#define ROOTS    0x2000000ULL
#define SECTIONS 0x2100000ULL // one page for each root
#define POINTER  0x2200000ULL
#define VMEMMAP  0xffffea0000000000ULL

#define PRESENT 3ULL // SECTION_MARKED_PRESENT and SECTION_HAS_MEM_MAP

static struct mem *machine(void)
{
	struct mem *mem = mem_create();

	mem_kernel(mem, 4);
	mem_info(mem, "SIZE(page)=64");
	return mem;
}

/** Extreme sections of 32 bytes as 6.1 has them: 128 in a root page. */
static struct mem *extreme(void)
{
	struct mem *mem = machine();

	mem_info(mem, "SYMBOL(mem_section)=%llx", MEM_DIRECT_MAP + ROOTS);
	mem_info(mem, "LENGTH(mem_section)=4096");
	mem_info(mem, "SIZE(mem_section)=32");
	mem_info(mem, "OFFSET(mem_section.section_mem_map)=0");
	mem_info(mem, "NUMBER(SECTION_SIZE_BITS)=27");
	mem_info(mem, "NUMBER(MAX_PHYSMEM_BITS)=46");
	for (uint64_t paddr = 0; paddr < 4096 * 8; paddr += MEM_PAGE)
		mem_at(mem, ROOTS + paddr);
	return mem;
}

static void set_section(struct mem *mem, uint64_t nr, uint64_t value)
{
	uint64_t page = SECTIONS + nr / 128 * MEM_PAGE;

	mem_write_u64(mem, ROOTS + nr / 128 * 8, MEM_DIRECT_MAP + page);
	mem_write_u64(mem, page + nr % 128 * 32, value);
}

struct opened {
	struct mem *mem;
	struct kernel *kernel;
	struct memmap map;
	struct error *err;
};

static struct opened init(struct mem *mem)
{
	struct opened o = {.mem = mem};

	assert_ok(kernel_open(&mem->reader, NULL, &o.kernel));
	assert_true(o.kernel->translates);
	o.err = memmap_init(&o.map, o.kernel);
	return o;
}

static void deinit(struct opened *o)
{
	kernel_close(o->kernel);
	mem_destroy(o->mem);
}

static void expect_run(struct opened *o, uint64_t ask, uint64_t pfn, uint64_t end, uint64_t vaddr)
{
	struct memmap_run run;

	memmap_run(&o->map, o->kernel, ask, &run);
	assert_int_equal(run.pfn, pfn);
	assert_int_equal(run.end, end);
	assert_int_equal(run.vaddr, vaddr);
	assert_false(run.unreadable);
}

static void extreme_with_vmemmap(void **state)
{
	struct mem *mem = extreme();
	struct opened o;

	// all flags there are and may be one day; pfn of a section is 0x8000 times its number
	set_section(mem, 0, VMEMMAP | PRESENT | 4 | 8);
	set_section(mem, 1, VMEMMAP | PRESENT | 0x7c);
	set_section(mem, 3, VMEMMAP | PRESENT);
	set_section(mem, 4, VMEMMAP | 1); // present, but without struct pages
	set_section(mem, 127, VMEMMAP | PRESENT);
	set_section(mem, 128, VMEMMAP | PRESENT);
	o = init(mem);
	assert_ok(o.err);
	assert_int_equal(o.map.model, MEMMAP_SPARSE_EXTREME);
	assert_int_equal(o.map.nr_sections, 1 << 19);
	expect_run(&o, 0x1234, 0, 0x10000, VMEMMAP);
	expect_run(&o, 0x8001, 0x8000, 0x10000, VMEMMAP + 0x8000 * 64);
	expect_run(&o, 0x10000, 0x10000, 0x18000, 0);
	expect_run(&o, 0x18000, 0x18000, 0x20000, VMEMMAP + 0x18000 * 64);
	expect_run(&o, 0x20000, 0x20000, 0x3f8000, 0);
	expect_run(&o, 0x3fffff, 0x3f8000, 0x400000, VMEMMAP + 0x3f8000 * 64);
	expect_run(&o, 0x400000, 0x400000, 0x408000, VMEMMAP + 0x400000 * 64);
	expect_run(&o, 0x800000, 0x800000, 0xc00000, 0); // a root that is empty
	expect_run(&o, 1ULL << 34, 1ULL << 34, UINT64_MAX, 0);
	deinit(&o);
}

static void arrays_of_their_own(void **state)
{
	struct mem *mem = extreme();
	struct opened o;
	uint64_t pfn = 0, second = MEM_DIRECT_MAP + 0x3000000;

	// without vmemmap each section has its array anywhere
	set_section(mem, 0, (MEM_DIRECT_MAP + 0x5000000) | PRESENT);
	set_section(mem, 1, (second - 0x8000 * 64) | PRESENT);
	o = init(mem);
	assert_ok(o.err);
	expect_run(&o, 0, 0, 0x8000, MEM_DIRECT_MAP + 0x5000000);
	expect_run(&o, 0x8000, 0x8000, 0x10000, second);
	assert_true(memmap_pfn(&o.map, o.kernel, second + 64 * 5, 0x8001, &pfn));
	assert_int_equal(pfn, 0x8005);
	assert_true(memmap_pfn(&o.map, o.kernel, second, 0xffff, &pfn));
	assert_int_equal(pfn, 0x8000);
	assert_false(memmap_pfn(&o.map, o.kernel, second + 3, 0x8000, &pfn));
	assert_false(memmap_pfn(&o.map, o.kernel, second - 64, 0x8000, &pfn));
	assert_false(memmap_pfn(&o.map, o.kernel, second, 0, &pfn));
	assert_false(memmap_pfn(&o.map, o.kernel, second, 0x10000, &pfn));
	deinit(&o);
}

static void pfn_across_sections(void **state)
{
	struct mem *mem = extreme();
	struct opened o;
	uint64_t pfn = 0;

	set_section(mem, 0, VMEMMAP | PRESENT);
	set_section(mem, 2, VMEMMAP | PRESENT);
	o = init(mem);
	assert_ok(o.err);
	assert_true(memmap_pfn(&o.map, o.kernel, VMEMMAP + 64 * 7, 0x10000, &pfn));
	assert_int_equal(pfn, 7);
	assert_true(memmap_pfn(&o.map, o.kernel, VMEMMAP + 64 * 0x17fff, 7, &pfn));
	assert_int_equal(pfn, 0x17fff);
	assert_false(memmap_pfn(&o.map, o.kernel, VMEMMAP + 64 * 0x8000, 7, &pfn));
	assert_false(memmap_pfn(&o.map, o.kernel, 0, 7, &pfn));
	deinit(&o);
}

static void symbol_of_a_pointer(void **state)
{
	struct mem *mem = extreme();
	struct opened o;

	// 4.15.0: the first of the roots would be ROOTS, whose words are no sections
	mem_write_u64(mem, POINTER, MEM_DIRECT_MAP + ROOTS);
	mem->info[0] = '\0';
	mem_info(mem,
		 "PAGESIZE=4096\nSYMBOL(init_top_pgt)=%llx\nNUMBER(phys_base)=%llu\nSIZE(page)=64\n"
		 "SYMBOL(mem_section)=%llx\nLENGTH(mem_section)=2048\nSIZE(mem_section)=16\n"
		 "OFFSET(mem_section.section_mem_map)=0",
		 MEM_ROOT, MEM_PHYS_BASE, MEM_DIRECT_MAP + POINTER);
	mem_write_u64(mem, ROOTS, MEM_DIRECT_MAP + SECTIONS);
	mem_write_u64(mem, SECTIONS + 16, VMEMMAP | PRESENT);
	o = init(mem);
	assert_ok(o.err);
	assert_int_equal(o.map.mem_section, MEM_DIRECT_MAP + ROOTS);
	assert_int_equal(o.map.nr_sections, 2048 * 256); // SECTION_SIZE_BITS not exported either
	expect_run(&o, 0x8000, 0x8000, 0x10000, VMEMMAP + 0x8000 * 64);
	deinit(&o);
}

static void plain_array(void **state)
{
	struct mem *mem = machine();
	struct opened o;

	mem_info(mem, "SYMBOL(mem_section)=%llx", MEM_DIRECT_MAP + SECTIONS + 0xff0);
	mem_info(mem, "LENGTH(mem_section)=512");
	mem_info(mem, "SIZE(mem_section)=16");
	mem_info(mem, "OFFSET(mem_section.section_mem_map)=8");
	mem_info(mem, "NUMBER(SECTION_SIZE_BITS)=27");
	mem_info(mem, "NUMBER(MAX_PHYSMEM_BITS)=36");
	for (uint64_t i = 0; i < 3; i++)
		mem_at(mem, SECTIONS + i * MEM_PAGE);
	mem_write_u64(mem, SECTIONS + 0xff0 + 8, VMEMMAP | PRESENT);
	mem_write_u64(mem, SECTIONS + 0xff0 + 8 + 300 * 16, VMEMMAP | PRESENT);
	o = init(mem);
	assert_ok(o.err);
	assert_int_equal(o.map.model, MEMMAP_SPARSE);
	assert_int_equal(o.map.nr_sections, 512);
	expect_run(&o, 5, 0, 0x8000, VMEMMAP);
	expect_run(&o, 0x8000, 0x8000, 256 * 0x8000, 0); // to the end of what was read at once
	expect_run(&o, 300 * 0x8000 + 9, 300 * 0x8000, 301 * 0x8000,
		   VMEMMAP + 300ULL * 0x8000 * 64);
	expect_run(&o, 512 * 0x8000, 512 * 0x8000, UINT64_MAX, 0);
	deinit(&o);
}

static void flat(void **state)
{
	struct mem *mem = machine();
	struct opened o;
	uint64_t pfn = 0;

	mem_info(mem, "SYMBOL(contig_page_data)=%llx", MEM_DIRECT_MAP + POINTER);
	mem_info(mem, "OFFSET(pglist_data.node_mem_map)=8");
	mem_info(mem, "OFFSET(pglist_data.node_start_pfn)=16");
	mem_info(mem, "OFFSET(pglist_data.node_spanned_pages)=32");
	mem_write_u64(mem, POINTER + 8, MEM_DIRECT_MAP + 0x3000000);
	mem_write_u64(mem, POINTER + 16, 0x100);
	mem_write_u64(mem, POINTER + 32, 0x4000);
	o = init(mem);
	assert_ok(o.err);
	assert_int_equal(o.map.model, MEMMAP_FLAT);
	expect_run(&o, 0xff, 0, 0x100, 0);
	expect_run(&o, 0x100, 0x100, 0x4100, MEM_DIRECT_MAP + 0x3000000);
	expect_run(&o, 0x4100, 0x4100, UINT64_MAX, 0);
	assert_true(memmap_pfn(&o.map, o.kernel, MEM_DIRECT_MAP + 0x3000000 + 64, 0x2000, &pfn));
	assert_int_equal(pfn, 0x101);
	deinit(&o);
}

static void damage_is_told_apart_from_holes(void **state)
{
	struct mem *mem = extreme();
	struct memmap_run run;
	struct opened o;

	set_section(mem, 0, VMEMMAP | PRESENT);
	set_section(mem, 1280, VMEMMAP | PRESENT); // behind those that init looks at
	mem_write_u64(mem, ROOTS + 11 * 8, 0x1234);
	mem_drop(mem, ROOTS + 512 * 8);
	mem_drop(mem, SECTIONS + 10 * MEM_PAGE);
	o = init(mem);
	assert_ok(o.err);
	for (uint64_t root = 10; root <= 12; root++) {
		memmap_run(&o.map, o.kernel, root * 0x400000 + 5, &run);
		assert_int_equal(run.unreadable, root != 12);
		assert_int_equal(run.vaddr, 0);
		assert_int_equal(run.end, (root + 1) * 0x400000);
	}
	memmap_run(&o.map, o.kernel, 512ULL * 0x400000, &run);
	assert_true(run.unreadable);
	deinit(&o);
}

static void what_is_missing_is_named(void **state)
{
	static const char sparse[] = "SIZE(page)=64\nSYMBOL(mem_section)=ffff888002000000\n";
	static const char flat_node[] =
		"SIZE(page)=64\nSYMBOL(contig_page_data)=ffff888003000000\n";
	static const struct {
		const char *before, *info, *message;
	} cases[] = {
		{"", "", "SIZE(page)"},
		{"", "SIZE(page)=0", "SIZE(page)"},
		{"", "SIZE(page)=18446744073709551615", "SIZE(page)"},
		{"", "SIZE(page)=64", "SYMBOL(mem_section)"},
		{sparse, "", "SIZE(mem_section)"},
		{sparse, "SIZE(mem_section)=4097", "SIZE(mem_section)"},
		{sparse, "SIZE(mem_section)=0", "SIZE(mem_section)"},
		{sparse, "SIZE(mem_section)=16", "section_mem_map"},
		{sparse, "SIZE(mem_section)=16\nOFFSET(mem_section.section_mem_map)=9",
		 "section_mem_map"},
		{sparse, "SIZE(mem_section)=16\nOFFSET(mem_section.section_mem_map)=0",
		 "LENGTH(mem_section)"},
		{sparse,
		 "SIZE(mem_section)=16\nOFFSET(mem_section.section_mem_map)=0\n"
		 "NUMBER(SECTION_SIZE_BITS)=12",
		 "SECTION_SIZE_BITS"},
		{sparse,
		 "SIZE(mem_section)=16\nOFFSET(mem_section.section_mem_map)=0\n"
		 "NUMBER(MAX_PHYSMEM_BITS)=64",
		 "MAX_PHYSMEM_BITS"},
		{sparse,
		 "SIZE(mem_section)=16\nOFFSET(mem_section.section_mem_map)=0\n"
		 "NUMBER(MAX_PHYSMEM_BITS)=20",
		 "MAX_PHYSMEM_BITS"},
		{sparse,
		 "SIZE(mem_section)=16\nOFFSET(mem_section.section_mem_map)=0\n"
		 "LENGTH(mem_section)=18446744073709551615",
		 "LENGTH(mem_section)"},
		// well, but no memory behind it
		{sparse,
		 "SIZE(mem_section)=16\nOFFSET(mem_section.section_mem_map)=0\n"
		 "LENGTH(mem_section)=2048",
		 "no sections"},
		{flat_node, "", "node_mem_map"},
		{flat_node,
		 "OFFSET(pglist_data.node_mem_map)=0\nOFFSET(pglist_data.node_start_pfn)=8\n"
		 "OFFSET(pglist_data.node_spanned_pages)=16",
		 "not in the dump"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mem *mem = mem_create();
		struct opened o;

		mem_kernel(mem, 4);
		mem_info(mem, "%s%s", cases[i].before, cases[i].info);
		o = init(mem);
		assert_err(o.err, ERROR_NOT_FOUND, cases[i].message);
		deinit(&o);
	}
}

static void needs_a_kernel_that_translates(void **state)
{
	struct mem *mem = mem_create();
	struct kernel *kernel = NULL;
	struct memmap map;

	assert_ok(kernel_open(&mem->reader, NULL, &kernel));
	assert_err(memmap_init(&map, kernel), ERROR_NOT_FOUND, "no VMCOREINFO");
	kernel_close(kernel);
	mem_destroy(mem);
}

/* Sections that are garbage are no sections: nothing has the present bit but one. */
static void garbage_is_not_believed(void **state)
{
	struct mem *mem = extreme();
	struct opened o;

	for (uint64_t nr = 0; nr < 128; nr++)
		set_section(mem, nr, 0xffff888012345678 + 2 * nr);
	o = init(mem);
	assert_err(o.err, ERROR_NOT_FOUND, "no sections");
	deinit(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extreme_with_vmemmap),
		cmocka_unit_test(arrays_of_their_own),
		cmocka_unit_test(pfn_across_sections),
		cmocka_unit_test(symbol_of_a_pointer),
		cmocka_unit_test(plain_array),
		cmocka_unit_test(flat),
		cmocka_unit_test(damage_is_told_apart_from_holes),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(needs_a_kernel_that_translates),
		cmocka_unit_test(garbage_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
