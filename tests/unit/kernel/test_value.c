// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "kernel/kernel.h"
#include "kernel/memmap.h"
#include "kernel/value.h"
#include "tests/support/mem.h"

#define PAGES \
	0x400000 // where the pages of a test begin in the image, behind what is mapped already
#define VMEMMAP 0xffffea0000000000ULL

static void map(struct mem *mem, unsigned int page, uint64_t bits)
{
	uint64_t off = PAGES + page * MEM_PAGE;

	mem_map(mem, MEM_IMAGE + off, MEM_PHYS_BASE + off, 0, bits);
	mem_at(mem, MEM_PHYS_BASE + off);
}

static uint64_t pfn_of(unsigned int page)
{
	return (MEM_PHYS_BASE + PAGES) / MEM_PAGE + page;
}

static void fill(struct mem *mem, unsigned int page, uint64_t value, unsigned int from,
		 unsigned int to)
{
	for (unsigned int i = from; i < to; i++)
		mem_write_u64(mem, MEM_PHYS_BASE + PAGES + page * MEM_PAGE + i * 8, value);
}

struct opened {
	struct mem *mem;
	struct kernel *kernel;
	struct memmap map;
	struct page_values values;
};

static struct opened init(struct mem *mem)
{
	struct opened o = {.mem = mem};

	assert_ok(kernel_open(&mem->reader, NULL, &o.kernel));
	assert_true(o.kernel->translates);
	assert_ok(memmap_init(&o.map, o.kernel));
	assert_ok(page_values_init(&o.values, o.kernel, &o.map));
	return o;
}

static void deinit(struct opened *o)
{
	page_values_deinit(&o->values);
	kernel_close(o->kernel);
	mem_destroy(o->mem);
}

/** A kernel with one section, whose struct pages are in two places. */
static struct mem *machine(void)
{
	struct mem *mem = mem_create();

	mem_kernel(mem, 4);
	mem_info(mem, "SIZE(page)=64\nSYMBOL(mem_section)=%llx", MEM_DIRECT_MAP + 0x2000000);
	mem_info(mem, "LENGTH(mem_section)=2048\nSIZE(mem_section)=16");
	mem_info(mem, "OFFSET(mem_section.section_mem_map)=0");
	for (uint64_t off = 0; off < 2048 * 8; off += MEM_PAGE)
		mem_at(mem, 0x2000000 + off);
	mem_write_u64(mem, 0x2000000, MEM_DIRECT_MAP + 0x2100000);
	mem_write_u64(mem, 0x2100000, VMEMMAP | 3);
	mem_map(mem, VMEMMAP, 0x6003000, 0, MEM_PTE_RW);
	mem_map(mem, VMEMMAP + 0x5000, 0x6001000, 0, MEM_PTE_RW);
	mem->reader.facts.max_paddr = 0x7000000; // struct pages up to VMEMMAP + 0x1c0000
	return mem;
}

static void pages_of_the_image(void **state)
{
	struct mem *mem = machine();
	struct opened o;

	map(mem, 0, 0); // text, whatever it looks like
	for (unsigned int page = 1; page < 8; page++)
		map(mem, page, MEM_PTE_NX | (page % 2 ? MEM_PTE_RW : 0));
	fill(mem, 1, 0x6f74207369207369, 0, 512); // strings
	fill(mem, 2, 0x0000000500000007, 0, 512); // pairs of small numbers, as BTF has them
	fill(mem, 3, 0xffffffff81000010, 0, 512); // pointers to symbols
	fill(mem, 4, 0x6f74207369207369, 0, 448); // one eighth is zero
	fill(mem, 5, 0x6f74207369207369, 0, 449); // less
	fill(mem, 6, 0x6f74207369207369, 0, 512);
	fill(mem, 6, 0xffff888001234560, 0, 64); // pointers into the direct map
	mem_drop(mem, pfn_of(7) * MEM_PAGE);
	o = init(mem);
	assert_int_equal(o.values.image_pfn, MEM_PHYS_BASE / MEM_PAGE);
	assert_int_equal(o.values.image_end, pfn_of(8));
	assert_int_equal(page_value(&o.values, pfn_of(0)), VALUE_KERNEL);
	assert_int_equal(page_value(&o.values, pfn_of(1)), VALUE_KERNEL);
	assert_int_equal(page_value(&o.values, pfn_of(2)), VALUE_KERNEL);
	assert_int_equal(page_value(&o.values, pfn_of(3)), VALUE_VARIABLES);
	assert_int_equal(page_value(&o.values, pfn_of(4)), VALUE_VARIABLES);
	assert_int_equal(page_value(&o.values, pfn_of(5)), VALUE_KERNEL);
	assert_int_equal(page_value(&o.values, pfn_of(6)), VALUE_VARIABLES);
	assert_int_equal(page_value(&o.values, pfn_of(7)), VALUE_KERNEL);
	// given back to the page allocator
	deinit(&o);
}

static void pages_elsewhere(void **state)
{
	struct opened o = init(machine());

	assert_int_equal(page_value(&o.values, 0x10), VALUE_RESERVED);
	assert_int_equal(page_value(&o.values, 0x6000), VALUE_RESERVED);
	assert_int_equal(page_value(&o.values, 0x6001), VALUE_REST);
	assert_int_equal(page_value(&o.values, 0x6002), VALUE_RESERVED);
	assert_int_equal(page_value(&o.values, 0x6003), VALUE_REST);
	assert_int_equal(page_value(&o.values, 0x6004), VALUE_RESERVED);
	assert_int_equal(page_value(&o.values, UINT64_MAX), VALUE_RESERVED);
	assert_int_equal(o.values.nr_memmap, 2);
	deinit(&o);
}

static void without_image(void **state)
{
	struct mem *mem = machine();
	struct kernel *kernel = NULL;
	struct page_values values;
	struct memmap memmap;

	assert_ok(kernel_open(&mem->reader, NULL, &kernel));
	assert_ok(memmap_init(&memmap, kernel));
	kernel->as.nr_linear = 0; // as on a machine whose image is not known
	assert_ok(page_values_init(&values, kernel, &memmap));
	assert_int_equal(values.image_end, 0);
	assert_int_equal(page_value(&values, 0), VALUE_RESERVED);
	assert_int_equal(page_value(&values, MEM_PHYS_BASE / MEM_PAGE), VALUE_RESERVED);
	page_values_deinit(&values);
	kernel_close(kernel);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_the_image),
		cmocka_unit_test(pages_elsewhere),
		cmocka_unit_test(without_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
