// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory sections as witnesses of where the struct pages are and how large sections are. */
#include "kernel/find_kernel.h"

#include <stdio.h>

#include "dump/vmcoreinfo.h"
#include "tests/support/mem.h"
#include "tests/support/test.h"

#define DIRECT  0xffff888000000000ULL
#define VMEMMAP 0xffffea0000000000ULL
#define ROOTS   0x10000ULL
#define SECTION 0x20000ULL

/* Direct map only; reads by physical address. */
static void init(struct found_kernel *kernel, struct mem *mem, const char *more)
{
	static const struct linear_map direct = {
		.start = DIRECT, .last = DIRECT + 0xffffffff, .kind = LINEAR_DIRECT_MAP};
	char text[512];

	snprintf(text, sizeof(text),
		 "PAGESIZE=4096\nSYMBOL(mem_section)=%llx\nSIZE(mem_section)=32\n"
		 "OFFSET(mem_section.section_mem_map)=8\n%s",
		 DIRECT + ROOTS, more);
	*kernel = (struct found_kernel){.facts = {.word = 8, .max_paddr = 0x80000000}};
	kernel->as.read = mem_read;
	kernel->as.read_arg = mem;
	assert_true(addrspace_add_linear(&kernel->as, &direct));
	assert_ok(vmcoreinfo_create(text, strlen(text), &kernel->info));
}

static void say(struct found_kernel *kernel, const char *fact, uint64_t value)
{
	evidence_say(&kernel->evidence, fact, FACT_DEC, "image", value);
}

/* Sections [first, last] are present; of 128 in a root. */
static void put_sections(struct mem *mem, uint64_t first, uint64_t last)
{
	for (uint64_t at = 0; at < 0x10000; at += 4096) {
		*mem_at(mem, ROOTS + at) = 0;
		*mem_at(mem, SECTION + at) = 0;
	}
	for (uint64_t nr = first; nr <= last; nr++) {
		mem_write_u64(mem, ROOTS + nr / 128 * 8, DIRECT + SECTION + nr / 128 * 4096);
		mem_write_u64(mem, SECTION + nr * 32 + 8, VMEMMAP | 0x0b);
	}
}

static void expect(struct found_kernel *kernel, const char *fact, enum fact_state want,
		   uint64_t value)
{
	const struct fact *found = evidence_find(&kernel->evidence, fact);
	const struct witness *witness;

	if (!found) {
		assert_int_equal(want, FACT_UNKNOWN);
		return;
	}
	assert_int_equal(fact_judge(found, &witness), want);
	if (witness)
		assert_int_equal(witness->value, value);
}

/* A size that is known is confirmed, or not; one that is not is found out. */
static void test_size(void **state)
{
	static const struct {
		uint64_t known, first, last, max_paddr, found;
		enum fact_state state;
	} cases[] = {
		{27, 0, 15, 0x80000000, 27, FACT_AGREED},
		{28, 0, 15, 0x80000000, 28, FACT_SINGLE},
		{0, 8, 15, 0x80000000, 27, FACT_SINGLE},
		{0, 2, 3, 0x80000000, 29, FACT_SINGLE},
		{0, 1, 1, 0x80000000, 30, FACT_SINGLE},
		{0, 130, 140, 0x468000000, 27, FACT_SINGLE},
		// memory ends where no section does
		{0, 8, 15, 0x180000000, 0, FACT_UNKNOWN},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mem *mem = mem_create();
		struct found_kernel kernel;

		put_sections(mem, cases[i].first, cases[i].last);
		init(&kernel, mem, "");
		kernel.facts.max_paddr = cases[i].max_paddr;
		say(&kernel, "max_physmem_bits", 40);
		if (cases[i].known)
			say(&kernel, "section_size_bits", cases[i].known);
		found_kernel_sections(&kernel);
		expect(&kernel, "section_size_bits", cases[i].state, cases[i].found);
		if (cases[i].found)
			expect(&kernel, "vmemmap_base", FACT_SINGLE, VMEMMAP);
		vmcoreinfo_destroy(kernel.info);
		mem_destroy(mem);
	}
}

/* LENGTH(mem_section) says where to stop. */
static void test_length(void **state)
{
	struct mem *mem = mem_create();
	struct found_kernel kernel;

	put_sections(mem, 130, 140);
	init(&kernel, mem, "LENGTH(mem_section)=2\n");
	found_kernel_sections(&kernel);
	expect(&kernel, "vmemmap_base", FACT_SINGLE, VMEMMAP);
	expect(&kernel, "section_size_bits", FACT_UNKNOWN, 0);
	vmcoreinfo_destroy(kernel.info);
	init(&kernel, mem, "LENGTH(mem_section)=1\n");
	found_kernel_sections(&kernel);
	expect(&kernel, "vmemmap_base", FACT_UNKNOWN, 0);
	vmcoreinfo_destroy(kernel.info);
	mem_destroy(mem);
}

/* Roots that lead nowhere, sizes that make no sense, and none at all. */
static void test_damage(void **state)
{
	static const char small[] = "SYMBOL(mem_section)=1\nPAGESIZE=4096\nSIZE(mem_section)=4\n"
				    "OFFSET(mem_section.section_mem_map)=0\n";
	struct mem *mem = mem_create();
	struct found_kernel kernel;

	put_sections(mem, 8, 15);
	mem_write_u64(mem, ROOTS, 0x1234);
	init(&kernel, mem, "LENGTH(mem_section)=100000000000\n");
	say(&kernel, "max_physmem_bits", 4000);
	found_kernel_sections(&kernel);
	expect(&kernel, "vmemmap_base", FACT_UNKNOWN, 0);
	vmcoreinfo_destroy(kernel.info);
	init(&kernel, mem, "");
	kernel.facts.word = 4;
	found_kernel_sections(&kernel);
	assert_int_equal(kernel.evidence.nr, 0);
	vmcoreinfo_destroy(kernel.info);
	init(&kernel, mem, "");
	vmcoreinfo_destroy(kernel.info);
	assert_ok(vmcoreinfo_create(small, strlen(small), &kernel.info));
	found_kernel_sections(&kernel);
	assert_int_equal(kernel.evidence.nr, 0);
	vmcoreinfo_destroy(kernel.info);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
