// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <elf.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "kernel/kernel.h"
#include "tests/support/mem.h"

#define VIRT 0xffffc90000000000ULL

static struct kernel *open_kernel(struct mem *mem)
{
	struct kernel *kernel = NULL;

	assert_ok(kernel_open(&mem->reader, NULL, &kernel));
	return kernel;
}

static void opens_and_reads(void **state)
{
	struct mem *mem = mem_create();
	struct kernel *kernel;
	uint64_t value = 0;
	uint32_t half = 0;
	uint8_t raw[4];

	mem_kernel(mem, 4);
	mem_info(mem, "SYMBOL(prb)=ffffffff80201000");
	mem_write_u64(mem, MEM_PHYS_BASE + 0x201008, 0x1122334455667788);
	kernel = open_kernel(mem);
	assert_true(kernel->translates);
	assert_null(kernel->reason);
	assert_int_equal(kernel->page_size, 4096);
	assert_int_equal(kernel->page_shift, 12);
	assert_true(kernel_symbol(kernel, "prb", &value));
	assert_int_equal(value, 0xffffffff80201000);
	assert_false(kernel_symbol(kernel, "jiffies", &value));
	assert_true(kernel_read_u64(kernel, 0xffffffff80201008, &value));
	assert_int_equal(value, 0x1122334455667788);
	assert_true(kernel_read_u32(kernel, 0xffffffff80201008, &half));
	assert_int_equal(half, 0x55667788);
	assert_true(kernel_read_word(kernel, 0xffffffff80201008, &value));
	assert_int_equal(value, 0x1122334455667788);
	assert_true(kernel_read_phys(kernel, MEM_PHYS_BASE + 0x201008, raw, 4));
	assert_memory_equal(raw, "\x88\x77\x66\x55", 4);
	assert_false(
		kernel_read_u64(kernel, 0xffffffff80209000, &value)); // mapped, not in the dump
	assert_false(kernel_read_u64(kernel, VIRT, &value));          // not mapped
	assert_false(kernel_read_phys(kernel, 0x5000000, &half, 4));
	assert_int_equal(value, 0x1122334455667788);
	kernel_close(kernel);
	mem_destroy(mem);
}

static void reads_what_is_not_contiguous(void **state)
{
	struct mem *mem = mem_create();
	struct kernel *kernel;
	uint8_t *buf = malloc(0x20000);

	assert_non_null(buf);
	mem_kernel(mem, 4);
	// 16 pages in descending order, then 16 in ascending order
	for (uint64_t i = 0; i < 32; i++) {
		uint64_t paddr = 0x2000000 + (i < 16 ? 15 - i : i) * MEM_PAGE;

		memset(mem_at(mem, paddr), (int)i + 1, MEM_PAGE);
		mem_map(mem, VIRT + i * MEM_PAGE, paddr, 0, MEM_PTE_RW);
	}
	kernel = open_kernel(mem);
	assert_true(kernel_read(kernel, VIRT + 0x800, buf, 0x1f800));
	for (uint64_t i = 0; i < 0x1f800; i++)
		assert_int_equal(buf[i], (i + 0x800) / MEM_PAGE + 1);
	// ends where nothing is mapped, and where a page is missing
	assert_int_equal(kernel_read_some(kernel, VIRT + 0x1f000, buf, 0x2000), 0x1000);
	assert_false(kernel_read(kernel, VIRT + 0x1f000, buf, 0x1001));
	kernel_close(kernel);
	mem_drop(mem, 0x2000000 + 20 * MEM_PAGE);
	kernel = open_kernel(mem);
	assert_int_equal(kernel_read_some(kernel, VIRT + 0x10000, buf, 0x10000), 0x4000);
	assert_int_equal(kernel_read_some(kernel, VIRT + 0x10000, buf, 0x5000), 0x4000);
	assert_int_equal(kernel_read_some(kernel, VIRT + 0x14000, buf, 0x1000), 0);
	kernel_close(kernel);
	free(buf);
	mem_destroy(mem);
}

static void clone_reads_for_itself(void **state)
{
	struct mem *mem = mem_create();
	struct kernel *kernel, *clone = NULL;
	uint64_t value = 0;

	mem_kernel(mem, 4);
	mem_write_u64(mem, MEM_PHYS_BASE + 0x1000, 4711);
	kernel = open_kernel(mem);
	assert_ok(kernel_clone(kernel, &clone));
	assert_true(clone->translates);
	assert_ptr_equal(kernel_vmcoreinfo(clone), kernel->vmcoreinfo);
	assert_ptr_equal(clone->as.read_arg, clone);
	assert_true(clone->cache != kernel->cache && clone->scratch != kernel->scratch);
	assert_true(kernel_read_u64(clone, MEM_IMAGE + 0x1000, &value));
	assert_int_equal(value, 4711);
	assert_true(kernel_symbol(clone, "init_top_pgt", &value));
	kernel_close(clone);
	assert_true(kernel_read_u64(kernel, MEM_IMAGE + 0x1000, &value));
	kernel_close(kernel);
	mem_destroy(mem);
}

static void opens_whatever_is_missing(void **state)
{
	static const struct {
		uint16_t machine;
		const char *info, *reason;
		enum error_code code;
	} cases[] = {
		{EM_X86_64, NULL, "no VMCOREINFO", ERROR_NOT_FOUND},
		{EM_NONE, "PAGESIZE=4096\n", "machine 0", ERROR_UNSUPPORTED},
		{EM_X86_64, "PAGESIZE=4096\n", "phys_base", ERROR_NOT_FOUND},
		{EM_X86_64, "\n\n==\nPAGESIZE=\n", "phys_base", ERROR_NOT_FOUND},
	};
	// otherwise phys_base is believed to be in the header
	const struct dump_segment segment = {.paddr = 0, .memsz = 4096};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mem *mem = mem_create();
		struct dump_facts *facts = &mem->reader.facts;
		struct kernel *kernel;
		uint64_t value;

		facts->machine = cases[i].machine;
		facts->vmcoreinfo = cases[i].info;
		facts->vmcoreinfo_len = cases[i].info ? strlen(cases[i].info) : 0;
		facts->segments = &segment;
		facts->nr_segments = 1;
		mem_at(mem, 0);
		kernel = open_kernel(mem);
		assert_false(kernel->translates);
		assert_int_equal(kernel->reason->code, cases[i].code);
		assert_non_null(strstr(kernel->reason->message, cases[i].reason));
		assert_non_null(kernel_vmcoreinfo(kernel));
		assert_false(kernel_read_u64(kernel, MEM_IMAGE, &value));
		assert_true(kernel_read_phys(kernel, 0, &value, 8));
		kernel_close(kernel);
		mem_destroy(mem);
	}
}

static void page_size_by_vmcoreinfo_then_machine_then_dump(void **state)
{
	static const struct {
		uint16_t machine;
		const char *info;
		uint32_t page_size;
	} cases[] = {
		{EM_X86_64, "PAGESIZE=65536\n", 65536},
		{EM_X86_64, "", 4096},
		{EM_X86_64, "PAGESIZE=0\n", 4096},
		{EM_X86_64, "PAGESIZE=12288\n", 4096},
		{EM_X86_64, "PAGESIZE=1\n", 4096},
		{EM_X86_64, "PAGESIZE=9223372036854775808\n", 4096},
		{EM_NONE, "", 16384},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mem *mem = mem_create();
		struct kernel *kernel;

		mem->reader.facts.machine = cases[i].machine;
		mem->reader.facts.block_size = 16384;
		mem->reader.facts.vmcoreinfo = cases[i].info;
		mem->reader.facts.vmcoreinfo_len = strlen(cases[i].info);
		kernel = open_kernel(mem);
		assert_int_equal(kernel->page_size, cases[i].page_size);
		assert_int_equal(1U << kernel->page_shift, cases[i].page_size);
		kernel_close(kernel);
		mem_destroy(mem);
	}
}

static void users_vmcoreinfo_replaces_the_dumps(void **state)
{
	struct mem *mem = mem_create();
	struct kernel_options options = {.vmcoreinfo = "PAGESIZE=8192\nSYMBOL(a)=17\n"};
	struct kernel *kernel = NULL;
	uint64_t value = 0;

	mem_kernel(mem, 4);
	options.vmcoreinfo_len = strlen(options.vmcoreinfo);
	assert_ok(kernel_open(&mem->reader, &options, &kernel));
	assert_int_equal(kernel->page_size, 8192);
	assert_true(kernel_symbol(kernel, "a", &value));
	assert_int_equal(value, 0x17);
	assert_false(kernel_symbol(kernel, "init_top_pgt", &value));
	assert_false(kernel->translates);
	kernel_close(kernel);
	mem_destroy(mem);
}

static void numbers_in_the_byte_order_of_the_kernel(void **state)
{
	struct mem *mem = mem_create();
	struct kernel *kernel;
	uint64_t value = 0;

	mem->reader.facts.word = 4;
	mem_kernel(mem, 4); // tables of x86_64 lend themselves to any machine
	memcpy(mem_at(mem, 0x3000), "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	kernel = open_kernel(mem);
	assert_false(kernel->translates); // there is no such machine
	assert_true(addrspace_add_linear(&kernel->as,
					 &(struct linear_map){.last = 0xffff, .paddr = 0}));
	kernel->as.big_endian = true;
	assert_true(kernel_read_word(kernel, 0x3000, &value));
	assert_int_equal(value, 0x01020304);
	assert_true(kernel_read_u64(kernel, 0x3000, &value));
	assert_int_equal(value, 0x0102030405060708);
	kernel_close(kernel);
	mem_destroy(mem);
}

static void reads_through_tagged_pointers(void **state)
{
	const struct linear_map map = {.start = 0xffff000000000000, .last = 0xffff00000000ffff};
	struct mem *mem = mem_create();
	struct kernel *kernel;
	uint64_t value = 0;

	mem_write_u64(mem, 0x3000, 4711);
	kernel = open_kernel(mem);
	kernel->as.arch = &arch_arm64;
	kernel->as.paging.first = map.start;
	assert_true(addrspace_add_linear(&kernel->as, &map));
	assert_true(kernel_read_u64(kernel, 0xf4ff000000003000, &value));
	assert_int_equal(value, 4711);
	assert_true(kernel_read_u64(kernel, 0x00ea000000003000, &value)); // bit 55 tells the half
	assert_false(kernel_read_u64(kernel, 0xf47f000000003000, &value));
	kernel_close(kernel);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_reads),
		cmocka_unit_test(reads_what_is_not_contiguous),
		cmocka_unit_test(clone_reads_for_itself),
		cmocka_unit_test(opens_whatever_is_missing),
		cmocka_unit_test(page_size_by_vmcoreinfo_then_machine_then_dump),
		cmocka_unit_test(users_vmcoreinfo_replaces_the_dumps),
		cmocka_unit_test(numbers_in_the_byte_order_of_the_kernel),
		cmocka_unit_test(reads_through_tagged_pointers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
