// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include "arch/addrspace.h"
#include "arch/arch.h"
#include "dump/vmcoreinfo.h"
#include "tests/support/mem.h"

struct machine {
	struct mem *mem;
	struct vmcoreinfo *info;
	struct addrspace as;
	struct error *err; // of learn
};

static bool symbol(void *arg, const char *name, uint64_t *ret)
{
	return vmcoreinfo_symbol(((struct machine *)arg)->info, name, ret);
}

static bool read_mem(void *arg, uint64_t paddr, void *buf, size_t len)
{
	return mem_read(((struct machine *)arg)->mem, paddr, buf, len);
}

static void learn(struct machine *m)
{
	const struct dump_facts *facts = &m->mem->reader.facts;
	struct arch_env env = {.facts = facts, .symbol = symbol, .read = read_mem, .arg = m};

	assert_ok(vmcoreinfo_create(facts->vmcoreinfo, facts->vmcoreinfo_len, &m->info));
	env.vmcoreinfo = m->info;
	m->as = (struct addrspace){.arch = &arch_x86_64, .read = read_mem, .read_arg = m};
	m->err = arch_x86_64.learn(&m->as, &env);
}

static void deinit(struct machine *m)
{
	vmcoreinfo_destroy(m->info);
	mem_destroy(m->mem);
}

static uint64_t paddr_of(const struct machine *m, uint64_t vaddr)
{
	struct mapping map;

	addrspace_translate(&m->as, vaddr, &map);
	return map.status == MAP_OK ? map.paddr : UINT64_MAX;
}

static void four_levels(void **state)
{
	struct machine m = {.mem = mem_create()};
	struct mapping map;
	uint64_t vaddr = 0;

	mem_kernel(m.mem, 4);
	m.mem->reader.facts.max_paddr = 0x3fffffff;
	learn(&m);
	assert_ok(m.err);
	assert_int_equal(m.as.paging.nr_levels, 4);
	assert_int_equal(m.as.paging.root, 0x1002000);
	assert_int_equal(paddr_of(&m, MEM_IMAGE + 0x201234), 0x1201234);
	assert_int_equal(paddr_of(&m, MEM_DIRECT_MAP + 0x1234567), 0x1234567);
	addrspace_translate(&m.as, MEM_IMAGE + 0x1000, &map);
	assert_int_equal(map.len, MEM_IMAGE_SIZE - 0x1000); // both leaves in one
	assert_int_equal(paddr_of(&m, MEM_IMAGE + MEM_IMAGE_SIZE), UINT64_MAX);
	assert_true(arch_x86_64.phys_to_virt(&m.as, 0x1234000, &vaddr));
	assert_int_equal(vaddr, MEM_DIRECT_MAP + 0x1234000);
	assert_false(arch_x86_64.phys_to_virt(&m.as, 0x3fffffff, &vaddr));
	deinit(&m);
}

static void five_levels(void **state)
{
	struct machine m = {.mem = mem_create()};
	uint64_t vaddr = 0;

	mem_kernel(m.mem, 5);
	learn(&m);
	assert_ok(m.err);
	assert_int_equal(m.as.paging.nr_levels, 5);
	assert_int_equal(paddr_of(&m, MEM_IMAGE + 0x1234), 0x1001234);
	assert_int_equal(paddr_of(&m, MEM_DIRECT_MAP_5 + 0x1234567), 0x1234567);
	assert_true(arch_x86_64.phys_to_virt(&m.as, 0x1000, &vaddr));
	assert_int_equal(vaddr, MEM_DIRECT_MAP_5 + 0x1000);
	deinit(&m);
}

static void phys_base_and_root_by_all_their_names(void **state)
{
	static const char *const infos[] = {
		"SYMBOL(init_level4_pgt)=ffffffff80002000\n",
		"SYMBOL(swapper_pg_dir)=ffffffff80002000\n",
	};
	const struct dump_segment segments[] = {
		{.paddr = 0x5000, .vaddr = 0},
		{.paddr = 0x1200000, .vaddr = 0xffffffff80200000, .memsz = 0x1000},
	};

	for (size_t i = 0; i < 2; i++) {
		struct machine m = {.mem = mem_create()};
		struct dump_facts *facts = &m.mem->reader.facts;

		mem_kernel(m.mem, 4);
		facts->vmcoreinfo = infos[i];
		facts->vmcoreinfo_len = strlen(infos[i]);
		if (i) // the header of a kdump file
			facts->phys_base = MEM_PHYS_BASE;
		else
			facts->segments = segments, facts->nr_segments = 2;
		learn(&m);
		assert_ok(m.err);
		assert_int_equal(m.as.paging.root, 0x1002000);
		assert_int_equal(paddr_of(&m, MEM_IMAGE + 0x345678), 0x1345678);
		deinit(&m);
	}
}

static void what_is_missing_is_named(void **state)
{
	static const struct {
		const char *info, *message;
		enum error_code code;
	} cases[] = {
		{"", "NUMBER(phys_base)", ERROR_NOT_FOUND},
		{"NUMBER(phys_base)=16777216\n", "SYMBOL(init_top_pgt)", ERROR_NOT_FOUND},
		{"NUMBER(phys_base)=16777216\nSYMBOL(init_top_pgt)=ffffffff80002010\n",
		 "no page table", ERROR_FORMAT},
		{"NUMBER(phys_base)=16777216\nSYMBOL(init_top_pgt)=12000\n", "no page table",
		 ERROR_FORMAT},
		{"NUMBER(phys_base)=-9223372036854775808\nSYMBOL(init_top_pgt)=ffffffff80002000\n",
		 "no page table", ERROR_FORMAT},
		// some other page of the image is no root
		{"NUMBER(phys_base)=16777216\nSYMBOL(init_top_pgt)=ffffffff80003000\n",
		 "do not map themselves", ERROR_FORMAT},
	};
	const struct dump_segment segment = {.paddr = 0x1000, .vaddr = 0xffff888000001000};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct machine m = {.mem = mem_create()};
		struct dump_facts *facts = &m.mem->reader.facts;

		mem_kernel(m.mem, 4);
		mem_at(m.mem, MEM_PHYS_BASE + 0x3000);
		facts->vmcoreinfo = cases[i].info;
		facts->vmcoreinfo_len = strlen(cases[i].info);
		facts->segments = &segment;
		facts->nr_segments = 1;
		learn(&m);
		assert_err(m.err, cases[i].code, cases[i].message);
		assert_int_equal(m.as.paging.nr_levels, 0);
		deinit(&m);
	}
}

static void without_tables_by_the_image(void **state)
{
	struct machine m = {.mem = mem_create()};
	struct mapping map;

	mem_kernel(m.mem, 4);
	mem_info(m.mem, "NUMBER(KERNEL_IMAGE_SIZE)=1073741824");
	for (uint64_t paddr = m.mem->root; paddr != m.mem->next_table;
	     paddr = paddr == m.mem->root ? MEM_TABLES : paddr + MEM_PAGE)
		mem_drop(m.mem, paddr);
	learn(&m);
	assert_ok(m.err);
	addrspace_translate(&m.as, MEM_IMAGE + 0x5678, &map);
	assert_int_equal(map.status, MAP_OK);
	assert_int_equal(map.paddr, 0x1005678);
	assert_int_equal(map.len, (1 << 30) - 0x5678);
	addrspace_translate(&m.as, MEM_IMAGE + (1 << 30), &map);
	assert_int_equal(map.status, MAP_NO_TABLE);
	deinit(&m);
}

static void direct_map_is_checked(void **state)
{
	// what QEMU writes, a lie, and something that is not aligned
	const struct dump_segment segments[] = {
		// the kernel image, which /proc/vmcore has first
		{.paddr = MEM_PHYS_BASE, .vaddr = MEM_IMAGE},
		{.paddr = 0x1000, .vaddr = 0},
		{.paddr = 0x1000, .vaddr = 0x1000},
		{.paddr = 0, .vaddr = 0xffff990000000000},
		{.paddr = 0, .vaddr = MEM_DIRECT_MAP + 0x1000},
	};
	struct machine m = {.mem = mem_create()};
	uint64_t vaddr = 0;

	mem_kernel(m.mem, 4);
	// below the direct map something else is mapped (PTI puts the LDT there)
	mem_map(m.mem, 0xffff880000000000, 0x5000, 0, MEM_PTE_RW);
	m.mem->reader.facts.segments = segments;
	m.mem->reader.facts.nr_segments = 5;
	learn(&m);
	assert_ok(m.err);
	assert_true(arch_x86_64.phys_to_virt(&m.as, 0x7000, &vaddr));
	assert_int_equal(vaddr, MEM_DIRECT_MAP + 0x7000);
	deinit(&m);
}

static void direct_map_may_not_be_found(void **state)
{
	struct machine m = {.mem = mem_create()};
	uint64_t vaddr;

	mem_kernel(m.mem, 4);
	mem_write_u64(m.mem, mem_entry(m.mem, MEM_DIRECT_MAP, 3), 0);
	learn(&m);
	assert_ok(m.err);
	assert_false(arch_x86_64.phys_to_virt(&m.as, 0x7000, &vaddr));
	deinit(&m);
}

static void entries(void **state)
{
	static const struct {
		unsigned int level;
		uint64_t entry, paddr;
		enum pte_type type;
		unsigned int flags;
	} cases[] = {
		{0, 0x8000000000123067, 0x123000, PTE_LEAF, MAP_WRITE | MAP_USER},
		{0, 0x0000000000123061, 0x123000, PTE_LEAF, MAP_EXEC},
		{0, 0x00000000001230e1, 0x123000, PTE_LEAF, MAP_EXEC}, // bit 7 is PAT here
		{0, 0x8000000000123060, 0, PTE_NONE, 0},
		{0, 0, 0, PTE_NONE, 0},
		// PROT_NONE: bit 8 without bit 0; inverted since 4.19
		{0, 0x8000000000123120, 0x123000, PTE_LEAF, 0},
		{0, 0x800fffffffedc120, 0x123000, PTE_LEAF, 0},
		// swap entries leave bit 8 clear, and so do migration entries
		{0, 0x3fffffffffe00a00, 0, PTE_NONE, 0},
		{1, 0x8000000000200000 | 0x63, 0x200000, PTE_TABLE, 0},
		{1, 0x8000000000601000 | 0xe3, 0x600000, PTE_LEAF, MAP_WRITE}, // PAT is bit 12
		{1, 0x8000000000400000 | 0x1a0, 0x400000, PTE_LEAF, 0},        // PROT_NONE
		{1, 0x8000000000400000 | 0x120, 0, PTE_NONE, 0},
		{2, 0x80000000c0001000 | 0xe1, 0xc0000000, PTE_LEAF, 0},
		{2, 0x00000000c0001000 | 0x67, 0xc0001000, PTE_TABLE, 0},
		{3, 0x00000000c0001000 | 0xe7, 0xc0001000, PTE_TABLE, 0}, // no 512 GiB pages
		{4, 0x00000000c0001000 | 0x67, 0xc0001000, PTE_TABLE, 0},
		// software and protection-key bits are not address
		{0, 0xfff0000000123e61, 0x123000, PTE_LEAF, 0},
		// encrypted: the C-bit is bit 47
		{0, 0x0000800000123061, 0x123000, PTE_LEAF, MAP_EXEC},
		{1, 0x0000800000600000 | 0xe1, 0x600000, PTE_LEAF, MAP_EXEC},
		{2, 0x0000800000004000 | 0x67, 0x4000, PTE_TABLE, 0},
	};
	const struct paging paging = {
		.shift = {12, 21, 30, 39, 48},
		.addr_mask = 0x000ffffffffff000,
		.enc_mask = 1ULL << 47,
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t paddr = 0;
		unsigned int flags = 0;

		assert_int_equal(
			arch_x86_64.pte(&paging, cases[i].level, cases[i].entry, &paddr, &flags),
			cases[i].type);
		if (cases[i].type != PTE_NONE)
			assert_int_equal(paddr, cases[i].paddr);
		if (cases[i].type == PTE_LEAF)
			assert_int_equal(flags, cases[i].flags);
	}
}

static void memory_encryption(void **state)
{
	struct machine m = {.mem = mem_create()};

	mem_kernel(m.mem, 4);
	// all of the kernel's half is encrypted, by the bit that sme_mask names
	for (unsigned int level = 1; level < 4; level++) {
		uint64_t at = mem_entry(m.mem, MEM_IMAGE, level), entry;

		memcpy(&entry, mem_at(m.mem, at), 8);
		mem_write_u64(m.mem, at, entry | 1ULL << 47);
	}
	mem_info(m.mem, "NUMBER(sme_mask)=140737488355328");
	learn(&m);
	assert_ok(m.err);
	assert_int_equal(paddr_of(&m, MEM_IMAGE + 0x1234), 0x1001234);
	deinit(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_levels),
		cmocka_unit_test(five_levels),
		cmocka_unit_test(phys_base_and_root_by_all_their_names),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(without_tables_by_the_image),
		cmocka_unit_test(direct_map_is_checked),
		cmocka_unit_test(direct_map_may_not_be_found),
		cmocka_unit_test(entries),
		cmocka_unit_test(memory_encryption),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
