// SPDX-License-Identifier: GPL-2.0-or-later
/* What the image says by itself: facts that only trying tells, with an arm64 kernel. */
#include "kernel/find_kernel.h"

#include <elf.h>
#include <stdio.h>

#include "arch/arch.h"
#include "dump/vmcoreinfo.h"
#include "tests/support/mkimage.h"
#include "tests/support/test.h"
#include "util/bytes.h"

#define PHYS    0x40200000ULL
#define VIRT    0xffffb9f9ed800000ULL
#define VOFFSET (VIRT - PHYS)
#define ROOT    0x210000ULL /* offsets in the image */
#define TABLES  0x211000ULL
#define VARS    0x203000ULL

static const struct {
	const char *name;
	uint64_t off;
} named[] = {
	{"_text", 0},
	{"_stext", 0x10000},
	{"__start_rodata", 0x100000},
	{"linux_proc_banner", 0x100040},
	{"linux_banner", 0x100100},
	{"__end_rodata", 0x140000},
	{"init_uts_ns", 0x202000},
	{"kimage_voffset", VARS},
	{"memstart_addr", VARS + 8},
	{"saved_command_line", VARS + 16},
	{"swapper_pg_dir", ROOT},
	{"_end", 0x240000},
};
#define NR_NAMED (sizeof(named) / sizeof(named[0]))
#define NR       (NR_NAMED + 700)

/* Maps 2 MiB in tables of 4K with 48-bit addresses. */
static void map(struct mem *mem, uint64_t *next, uint64_t vaddr, uint64_t paddr)
{
	uint64_t table = PHYS + ROOT;

	for (unsigned int shift = 39; shift > 21; shift -= 9) {
		uint8_t *entry = mem_at(mem, table + (vaddr >> shift & 511) * 8);

		if (!load_u64(entry, false)) {
			store_u64(entry, *next | 3, false);
			memset(mem_at(mem, *next), 0, MEM_PAGE);
			*next += MEM_PAGE;
		}
		table = load_u64(entry, false) & ~0xfffULL;
	}
	mem_write_u64(mem, table + (vaddr >> 21 & 511) * 8, paddr | 0x401);
}

static void put_symbols(struct mem *mem)
{
	struct mksymbol *symbols = calloc(NR, sizeof(*symbols));
	struct mkkallsyms mk;
	size_t nr = 0;

	assert_non_null(symbols);
	for (size_t i = 0; i < NR_NAMED; i++) {
		for (size_t k = 0; i == 2 && k < NR - NR_NAMED; k++, nr++) {
			symbols[nr] = (struct mksymbol){.addr = VIRT + 0x20000 + 64 * k,
							.type = 't'};
			snprintf(symbols[nr].name, sizeof(symbols[0].name), "sym_%zu", k);
		}
		symbols[nr] = (struct mksymbol){.addr = VIRT + named[i].off, .type = 'D'};
		snprintf(symbols[nr++].name, sizeof(symbols[0].name), "%s", named[i].name);
	}
	mkkallsyms(&mk, &mklayouts[11], symbols, NR, PHYS + 0x102000, VOFFSET);
	mkimage_put(mem, mk.addr, mk.data, mk.len);
	mkkallsyms_deinit(&mk);
	free(symbols);
}

/* A kernel whose direct map is where PAGE_OFFSET and PHYS_OFFSET say. */
static struct mem *make(uint64_t page_offset, uint64_t phys_offset)
{
	struct mem *mem = mem_create();
	uint64_t next = PHYS + TABLES, direct = page_offset - phys_offset;

	mem->reader.facts.machine = EM_AARCH64;
	put_symbols(mem);
	mem_write_u64(mem, PHYS + 24, 0xa);
	mkimage_put(mem, PHYS + 56, "ARM\x64", 4);
	mkimage_put(mem, PHYS + 0x100040, "%s version %s (builder)", 23);
	mkimage_put(mem, PHYS + 0x100100, "Linux version 6.12-test (builder)\n", 35);
	mkimage_put(mem, PHYS + 0x202000, "Linux", 6);
	mkimage_put(mem, PHYS + 0x202000 + 130, "6.12-test", 10);
	mem_write_u64(mem, PHYS + VARS, VOFFSET);
	mem_write_u64(mem, PHYS + VARS + 8, phys_offset);
	mem_write_u64(mem, PHYS + VARS + 16, direct + 0x40100000);
	mkimage_put(mem, 0x40100000, "quiet", 6);
	memset(mem_at(mem, PHYS + ROOT), 0, MEM_PAGE);
	map(mem, &next, VIRT, PHYS);
	map(mem, &next, VIRT + 0x200000, PHYS + 0x200000);
	map(mem, &next, direct + 0x40000000, 0x40000000);
	return mem;
}

static void expect(const struct found_kernel *kernel, const char *fact, uint64_t want)
{
	uint64_t value;

	if (!evidence_value(&kernel->evidence, fact, &value))
		fail_msg("%s is not known", fact);
	assert_int_equal(value, want);
}

/* 48 bits; 52 that run with 48, where the tables are the same and only the direct map differs. */
static void test_guess(void **state)
{
	static const struct {
		uint64_t page_offset, phys_offset, va_bits;
	} cases[] = {
		{0xffff000000000000, 0x40000000, 48},
		{0xfff0000000000000, 0xfff0bb9ac0000000, 52},
	};
	const struct find_options options = {.nr_threads = 1};

	for (size_t i = 0; i < 2; i++) {
		struct mem *mem = make(cases[i].page_offset, cases[i].phys_offset);
		struct find_result *result;
		struct found_kernel *kernel;
		const struct linear_map *direct;

		assert_ok(kernel_find(&mem->reader, &options, &result));
		assert_int_equal(result->nr, 1);
		kernel = result->kernels[0];
		assert_true(kernel->translates);
		assert_int_equal(kernel->source, FOUND_INFO_IMAGE);
		expect(kernel, "va_bits", cases[i].va_bits);
		expect(kernel, "tcr_el1_t1sz", 16);
		expect(kernel, "page_size", 4096);
		expect(kernel, "phys_offset", cases[i].phys_offset);
		expect(kernel, "kimage_voffset", VOFFSET);
		expect(kernel, "page_table_root", PHYS + ROOT);
		direct = addrspace_linear(&kernel->as, LINEAR_DIRECT_MAP);
		assert_non_null(direct);
		assert_int_equal(direct->start - direct->paddr,
				 cases[i].page_offset - cases[i].phys_offset);
		assert_non_null(strstr(kernel->vmcoreinfo, "NUMBER(TCR_EL1_T1SZ)=0x10\n"));
		assert_non_null(strstr(kernel->vmcoreinfo, "PAGESIZE=4096\n"));
		find_result_destroy(result);
		mem_destroy(mem);
	}
}

/* Page tables that agree with no guess: the facts stay unknown, and nothing is made up. */
static void test_no_guess(void **state)
{
	const struct find_options options = {.nr_threads = 1};
	struct mem *mem = make(0xffff000000000000, 0x40000000);
	struct find_result *result;
	struct found_kernel *kernel;
	uint64_t value;

	mem_write_u64(mem, PHYS + VARS + 8, 0x40200000);
	assert_ok(kernel_find(&mem->reader, &options, &result));
	assert_int_equal(result->nr, 1);
	kernel = result->kernels[0];
	assert_false(kernel->translates);
	assert_non_null(strstr(kernel->reason->message, "VA_BITS"));
	assert_false(evidence_value(&kernel->evidence, "va_bits", &value));
	expect(kernel, "kimage_voffset", VOFFSET);
	find_result_destroy(result);
	mem_destroy(mem);
}

/* For a kernel with a note the image is a second opinion, and the note stays. */
static void test_second_opinion(void **state)
{
	const struct mkimage_options options = {.note = 0x5000000};
	const struct find_options find = {.nr_threads = 1};
	struct mem *mem = mem_create();
	struct find_result *result;
	struct addrspace as;
	struct mkimage made;

	mkimage(&made, mem, &options);
	assert_ok(kernel_find(&mem->reader, &find, &result));
	assert_ok(found_kernel_by_image(result->kernels[0], &as));
	assert_int_equal(as.paging.root, made.phys + MKIMAGE_ROOT);
	assert_string_equal(result->kernels[0]->vmcoreinfo, made.info);
	assert_int_equal(result->kernels[0]->source, FOUND_INFO_NOTE);
	assert_ok(found_kernel_synthesise(result->kernels[0]));
	assert_int_equal(result->kernels[0]->source, FOUND_INFO_IMAGE);
	assert_non_null(strstr(result->kernels[0]->vmcoreinfo, "SYMBOL(vmemmap)="));
	find_result_destroy(result);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guess),
		cmocka_unit_test(test_no_guess),
		cmocka_unit_test(test_second_opinion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
