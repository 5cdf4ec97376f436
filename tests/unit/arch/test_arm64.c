// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/tables.h"

#include <stdio.h>

#define RW   (3 | 1ULL << 54)             /* page or table, UXN; PXN not set: executable */
#define RO   (3 | 1ULL << 7 | 3ULL << 53) /* page, read-only, neither kernel nor user executes it */
#define SECT (1 | 1ULL << 54)

static void init(struct tables *t)
{
	tables_init(t, &arch_arm64, false);
	t->facts.max_paddr = 0x80000000;
}

/** Makes the tables from root on that lead to vaddr, and its entry. The index of the root has
 * root_bits; that of the others page_shift - 3. */
static void map(struct tables *t, uint64_t root, unsigned int root_bits, unsigned int page_shift,
		unsigned int nr_levels, uint64_t vaddr, unsigned int leaf_level, uint64_t entry)
{
	unsigned int width = page_shift - 3, bits = root_bits;
	uint64_t table = root;

	for (unsigned int level = nr_levels - 1;; level--) {
		unsigned int index = vaddr >> (page_shift + level * width) & ((1U << bits) - 1);

		if (level == leaf_level) {
			tables_entry(t, table, index, entry);
			return;
		}
		if (!tables_get(t, table, index))
			tables_entry(t, table, index, tables_new(t) | 3);
		table = tables_get(t, table, index) & ~0xfffULL;
		bits = width;
	}
}

/** 6.12 as Debian builds it, on a CPU with 48-bit addresses: values of a real dump. */
static void test_va52_on_48(void **state)
{
	struct tables t;
	uint64_t vaddr;

	init(&t);
	map(&t, 0x41f16000, 9, 12, 4, 0xffffb9f9ef516000, 0, 0x41f16000 | RW);
	map(&t, 0x41f16000, 9, 12, 4, 0xffff800080000000, 2, 0x40000000 | SECT);
	tables_symbol(&t, "_text", 0xffffb9f9ed800000);
	tables_symbol(&t, "_end", 0xffffb9f9efcf0000);
	assert_ok(tables_learn(&t, "PAGESIZE=4096\n"
				   "SYMBOL(swapper_pg_dir)=ffffb9f9ef516000\n"
				   "NUMBER(VA_BITS)=52\n"
				   "NUMBER(TCR_EL1_T1SZ)=0x10\n"
				   "NUMBER(MAX_PHYSMEM_BITS)=48\n"
				   "NUMBER(kimage_voffset)=0xffffb9f9ad600000\n"
				   "NUMBER(PHYS_OFFSET)=0xfff0bb9ac0000000\n"));
	assert_int_equal(t.as.paging.nr_levels, 4);
	assert_true(t.as.paging.first == 0xffff000000000000);
	assert_walk(&t, 0xffffb9f9ef516abc, 0x41f16abc, 0, MAP_WRITE | MAP_EXEC);
	assert_walk(&t, 0xffff80009fedcba8, 0x5fedcba8, 2, MAP_WRITE | MAP_EXEC);
	assert_hole(&t, 0xffff900000000000, 3);
	assert_hole(&t, 0x0000800080000000, 3); // user space has a root of its own
	// where no table says otherwise
	assert_linear(&t, 0xffffb9f9ed812345, 0x40212345);
	assert_linear(&t, 0xffff446580000000, 0x40000000);
	assert_true(arch_arm64.phys_to_virt(&t.as, 0x7ffff000, &vaddr));
	assert_true(vaddr == 0xffff4465bffff000);
	assert_false(arch_arm64.phys_to_virt(&t.as, 0x80000000, &vaddr));
	tables_deinit(&t);
}

/** The same kernel with LPA2: five levels, 16 entries in the root, bits 9:8 are address. */
static void test_lpa2(void **state)
{
	struct tables t;
	uint64_t vaddr;

	init(&t);
	t.facts.max_paddr = 0xe400080000000;
	map(&t, 0x41f16000, 4, 12, 5, 0xffffa640b6f16000, 0, 0x41f16000 | RW);
	map(&t, 0x41f16000, 4, 12, 5, 0xfff4000000000000, 0, 0x2400012345300 | RO);
	map(&t, 0x41f16000, 4, 12, 5, 0xfff8000000000000, 3, 0x18000000000 | SECT | 0x200);
	assert_ok(tables_learn(&t, "PAGESIZE=4096\n"
				   "SYMBOL(swapper_pg_dir)=ffffa640b6f16000\n"
				   "NUMBER(VA_BITS)=52\n"
				   "NUMBER(TCR_EL1_T1SZ)=0xc\n"
				   "NUMBER(MAX_PHYSMEM_BITS)=52\n"
				   "NUMBER(kimage_voffset)=0xffffa64075000000\n"
				   "NUMBER(PHYS_OFFSET)=0x40000000\n"));
	assert_int_equal(t.as.paging.nr_levels, 5);
	assert_int_equal(t.as.paging.bits[4], 4);
	assert_walk(&t, 0xfff4000000000123, 0xe400012345123, 0, 0);
	assert_walk(&t, 0xfff8001234567890, 0x8019234567890, 3, MAP_WRITE | MAP_EXEC);
	assert_linear(&t, 0xfff0000000001000, 0x40001000);
	assert_true(arch_arm64.phys_to_virt(&t.as, 0xe400012345000, &vaddr));
	assert_true(vaddr == 0xfffe3fffd2345000);
	tables_deinit(&t);
}

static void test_16k(void **state)
{
	struct tables t;

	// 47 bits and three levels, where a kernel built for 52 has no LPA2
	init(&t);
	map(&t, 0x48000000, 11, 14, 3, 0xffffc00080000000, 0, 0x48000000 | RW);
	map(&t, 0x48000000, 11, 14, 3, 0xffff900000000000, 1, 0x56000300 | SECT);
	map(&t, 0x48000000, 11, 14, 3, 0xffffa00000000000, 2, 0x1000000000 | SECT);
	assert_ok(tables_learn(&t, "PAGESIZE=16384\n"
				   "SYMBOL(swapper_pg_dir)=ffffc00080000000\n"
				   "NUMBER(VA_BITS)=52\n"
				   "NUMBER(TCR_EL1_T1SZ)=0x11\n"
				   "NUMBER(MAX_PHYSMEM_BITS)=48\n"
				   "NUMBER(kimage_voffset)=0xffffc00038000000\n"
				   "NUMBER(PHYS_OFFSET)=0xfff0800040000000\n"));
	assert_int_equal(t.as.paging.nr_levels, 3);
	assert_walk(&t, 0xffffc00080003fff, 0x48003fff, 0, MAP_WRITE | MAP_EXEC);
	assert_walk(&t, 0xffff900001ffffff, 0x57ffffff, 1, MAP_WRITE | MAP_EXEC);
	assert_hole(&t, 0xffffa00000000000, 2); // no block of 64G without LPA2
	assert_linear(&t, 0xffff800000001000, 0x40001000);
	tables_deinit(&t);

	// 48 bits: a root of two entries
	init(&t);
	map(&t, 0x48000000, 1, 14, 4, 0xffff800080000000, 0, 0x48000000 | RW);
	map(&t, 0x48000000, 1, 14, 4, 0xffff000000000000, 0, 0x50000000 | RW);
	assert_ok(tables_learn(&t, "PAGESIZE=16384\n"
				   "SYMBOL(swapper_pg_dir)=ffff800080000000\n"
				   "NUMBER(VA_BITS)=48\n"
				   "NUMBER(TCR_EL1_T1SZ)=0x10\n"
				   "NUMBER(kimage_voffset)=0xffff800038000000\n"
				   "NUMBER(PHYS_OFFSET)=0x40000000\n"));
	assert_int_equal(t.as.paging.bits[3], 1);
	assert_walk(&t, 0xffff000000000010, 0x50000010, 0, MAP_WRITE | MAP_EXEC);
	tables_deinit(&t);

	// 52 bits: 32 entries, and blocks of 64G
	init(&t);
	map(&t, 0x48000000, 5, 14, 4, 0xffff800080000000, 0, 0x48000000 | RW);
	map(&t, 0x48000000, 5, 14, 4, 0xfff0000000000000, 2, 0x3000000000300 | SECT);
	assert_ok(tables_learn(&t, "PAGESIZE=16384\n"
				   "SYMBOL(swapper_pg_dir)=ffff800080000000\n"
				   "NUMBER(VA_BITS)=52\n"
				   "NUMBER(TCR_EL1_T1SZ)=0xc\n"
				   "NUMBER(kimage_voffset)=0xffff800038000000\n"
				   "NUMBER(PHYS_OFFSET)=0x40000000\n"));
	assert_int_equal(t.as.paging.bits[3], 5);
	assert_walk(&t, 0xfff0000123456789, 0xf000123456789, 2, MAP_WRITE | MAP_EXEC);
	tables_deinit(&t);
}

#define IMAGE_64K                                   \
	"PAGESIZE=65536\n"                          \
	"SYMBOL(swapper_pg_dir)=ffff800080000000\n" \
	"NUMBER(kimage_voffset)=0xffff800038000000\n"

static void test_64k(void **state)
{
	struct tables t;

	// a kernel of 52 bits on a CPU of 48: 1024 entries in the root, the last 64 are used
	init(&t);
	map(&t, 0x48000000, 10, 16, 3, 0xffff800080000000, 0, 0x48000000 | RW);
	map(&t, 0x48000000, 10, 16, 3, 0xffff000000000000, 1, 0x20000000 | SECT);
	map(&t, 0x48000000, 10, 16, 3, 0xffff000020000000, 0, 0x9234567da000 | RW);
	assert_ok(tables_learn(&t, IMAGE_64K "NUMBER(VA_BITS)=52\n"
					     "NUMBER(TCR_EL1_T1SZ)=0x10\n"
					     "NUMBER(MAX_PHYSMEM_BITS)=52\n"
					     "NUMBER(PHYS_OFFSET)=0xfff1000040000000\n"));
	assert_int_equal(t.as.paging.nr_levels, 3);
	assert_walk(&t, 0xffff80008000ffff, 0x4800ffff, 0, MAP_WRITE | MAP_EXEC);
	assert_walk(&t, 0xffff00001fffffff, 0x3fffffff, 1, MAP_WRITE | MAP_EXEC);
	// bits 15:12 of the entry are 51:48 of the address
	assert_walk(&t, 0xffff000020001111, 0xa9234567d1111, 0, MAP_WRITE | MAP_EXEC);
	assert_hole(&t, 0xfff0000000000000, 2); // not an address of this CPU
	assert_linear(&t, 0xffff000000002000, 0x40002000);
	tables_deinit(&t);

	// 48 bits, a root of 64 entries
	init(&t);
	map(&t, 0x48000000, 6, 16, 3, 0xffff800080000000, 0, 0x48000000 | RW);
	assert_ok(tables_learn(&t, IMAGE_64K "NUMBER(VA_BITS)=48\n"));
	assert_int_equal(t.as.paging.bits[2], 6);
	assert_walk(&t, 0xffff800080000000, 0x48000000, 0, MAP_WRITE | MAP_EXEC);
	tables_deinit(&t);

	// 48 bits with CONFIG_ARM64_USER_VA_BITS_52: again 1024 entries
	init(&t);
	map(&t, 0x48000000, 10, 16, 3, 0xffff800080000000, 0, 0x48000000 | RW);
	tables_zero(&t, 0x48000000, 8192);
	assert_ok(tables_learn(&t, IMAGE_64K "NUMBER(VA_BITS)=48\n"));
	assert_int_equal(t.as.paging.bits[2], 10);
	assert_walk(&t, 0xffff800080000000, 0x48000000, 0, MAP_WRITE | MAP_EXEC);
	tables_deinit(&t);

	// 42 bits, two levels
	init(&t);
	map(&t, 0x48000000, 13, 16, 2, 0xfffffe0080000000, 0, 0x48000000 | RW);
	assert_ok(tables_learn(&t, "PAGESIZE=65536\n"
				   "SYMBOL(swapper_pg_dir)=fffffe0080000000\n"
				   "NUMBER(kimage_voffset)=0xfffffe0038000000\n"
				   "NUMBER(VA_BITS)=42\n"));
	assert_walk(&t, 0xfffffe0080000008, 0x48000008, 0, MAP_WRITE | MAP_EXEC);
	tables_deinit(&t);
}

/** Before 5.4 the image was below the direct map. */
static void test_old_layout(void **state)
{
	struct tables t;

	init(&t);
	map(&t, 0x41000000, 9, 12, 3, 0xffffff8008c00000, 0, 0x41000000 | RW);
	assert_ok(tables_learn(&t, "PAGESIZE=4096\n"
				   "SYMBOL(swapper_pg_dir)=ffffff8008c00000\n"
				   "NUMBER(VA_BITS)=39\n"
				   "NUMBER(kimage_voffset)=0xffffff7fc7c00000\n"
				   "NUMBER(PHYS_OFFSET)=0x40000000\n"));
	assert_int_equal(t.as.paging.nr_levels, 3);
	assert_walk(&t, 0xffffff8008c00008, 0x41000008, 0, MAP_WRITE | MAP_EXEC);
	assert_linear(&t, 0xffffffc000002000, 0x40002000);
	assert_null(addrspace_linear(&t.as, LINEAR_KERNEL_IMAGE));
	tables_deinit(&t);
}

/** 5.4 to 5.8 export no TCR_EL1_T1SZ, and PHYS_OFFSET belongs to the bits in use. */
static void test_va52_without_t1sz(void **state)
{
	static const char text[] = IMAGE_64K "NUMBER(VA_BITS)=52\n"
					     "NUMBER(PHYS_OFFSET)=0x40000000\n";
	char vmcoreinfo[512];
	struct tables t;

	init(&t);
	map(&t, 0x48000000, 10, 16, 3, 0xffff800080000000, 0, 0x48000000 | RW);
	snprintf(vmcoreinfo, sizeof(vmcoreinfo), "%sSYMBOL(mem_section)=ffff00003fffe000\n", text);
	assert_ok(tables_learn(&t, vmcoreinfo));
	assert_linear(&t, 0xffff000000002000, 0x40002000);
	snprintf(vmcoreinfo, sizeof(vmcoreinfo), "%sSYMBOL(mem_section)=fff000003fffe000\n", text);
	assert_ok(tables_learn(&t, vmcoreinfo));
	assert_linear(&t, 0xfff0000000002000, 0x40002000);
	// it ends where the kernel's other ranges begin, which are there for 48 bits too
	t.facts.max_paddr = 0;
	assert_ok(tables_learn(&t, vmcoreinfo));
	assert_true(addrspace_linear(&t.as, LINEAR_DIRECT_MAP)->last == 0xffff7fffffffffff);
	tables_deinit(&t);
}

static void test_entries(void **state)
{
	struct paging paging = {.page_shift = 12,
				.nr_levels = 4,
				.shift = {12, 21, 30, 39},
				.addr_mask = 0xfffffffff000};
	uint64_t paddr;
	unsigned int flags;

	// reserved types: a block among pages, blocks of 512G
	assert_int_equal(arch_arm64.pte(&paging, 0, 0x40000001, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_arm64.pte(&paging, 3, 0x8000000001, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_arm64.pte(&paging, 0, 0x40000002, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_arm64.pte(&paging, 2, 0x40000701, &paddr, &flags), PTE_LEAF);
	assert_true(paddr == 0x40000000);
	assert_int_equal(arch_arm64.pte(&paging, 1, 0x1800000040001003, &paddr, &flags), PTE_TABLE);
	assert_true(paddr == 0x40001000);
	// a user page that is read-only until it is written (DBM), not executable; shareable bits
	// 9:8
	assert_int_equal(arch_arm64.pte(&paging, 0, 0x006800004567afc3, &paddr, &flags), PTE_LEAF);
	assert_true(paddr == 0x4567a000);
	assert_int_equal(flags, MAP_USER | MAP_WRITE);
}

static void test_strip(void **state)
{
	struct addrspace as = {.paging = {.first = 0xffff000000000000, .last = UINT64_MAX}};

	// a tag of KASAN, an authentication code of 48-bit and of 52-bit addresses, and user space
	assert_true(arch_arm64.strip(&as, 0xf3ff000012345678) == 0xffff000012345678);
	assert_true(arch_arm64.strip(&as, 0x5aa5800012345678) == 0xffff800012345678);
	assert_true(arch_arm64.strip(&as, 0xb400aaaa12345678) == 0x0000aaaa12345678);
	as.paging.first = 0xfff0000000000000;
	assert_true(arch_arm64.strip(&as, 0x5af4800012345678) == 0xfff4800012345678);
	// while nothing is known nothing is touched
	as.paging.first = 0;
	assert_true(arch_arm64.strip(&as, 0x5aa5800012345678) == 0x5aa5800012345678);
}

static void test_contradictions(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
		const char *message;
	} bad[] = {
		{"", ERROR_NOT_FOUND, "no PAGESIZE"},
		{"PAGESIZE=12288\n", ERROR_FORMAT, "PAGESIZE 12288"},
		{"PAGESIZE=4096\n", ERROR_NOT_FOUND, "no NUMBER(VA_BITS)"},
		{"PAGESIZE=4096\nNUMBER(VA_BITS)=42\n", ERROR_FORMAT,
		 "PAGESIZE 4096 and NUMBER(VA_BITS) 42"},
		{"PAGESIZE=65536\nNUMBER(VA_BITS)=39\n", ERROR_FORMAT,
		 "PAGESIZE 65536 and NUMBER(VA_BITS) 39"},
		{"PAGESIZE=4096\nNUMBER(VA_BITS)=47\n", ERROR_FORMAT, "NUMBER(VA_BITS) 47"},
		{"PAGESIZE=65536\nNUMBER(VA_BITS)=36\n", ERROR_FORMAT, "NUMBER(VA_BITS) 36"},
		{"PAGESIZE=4096\nNUMBER(VA_BITS)=-1\n", ERROR_FORMAT, "NUMBER(VA_BITS) -1"},
		{"PAGESIZE=4096\nNUMBER(VA_BITS)=48\nNUMBER(TCR_EL1_T1SZ)=0xc\n", ERROR_FORMAT,
		 "NUMBER(VA_BITS) 48 and NUMBER(TCR_EL1_T1SZ) 12"},
		{"PAGESIZE=16384\nNUMBER(VA_BITS)=52\nNUMBER(TCR_EL1_T1SZ)=0x10\n", ERROR_FORMAT,
		 "NUMBER(VA_BITS) 52 and NUMBER(TCR_EL1_T1SZ) 16"},
		{"PAGESIZE=4096\nNUMBER(VA_BITS)=48\nNUMBER(TCR_EL1_T1SZ)=0x10\n", ERROR_NOT_FOUND,
		 "SYMBOL(swapper_pg_dir)"},
		{"PAGESIZE=4096\nNUMBER(VA_BITS)=48\nSYMBOL(swapper_pg_dir)=ffff800008c00000\n",
		 ERROR_NOT_FOUND, "NUMBER(kimage_voffset)"},
	};
	struct tables t;

	init(&t);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(tables_learn(&t, bad[i].text), bad[i].code, bad[i].message);
	tables_deinit(&t);
}

static void test_hostile_tables(void **state)
{
	static const char text[] = "PAGESIZE=4096\n"
				   "SYMBOL(swapper_pg_dir)=ffff800008c00000\n"
				   "NUMBER(VA_BITS)=48\n"
				   "NUMBER(kimage_voffset)=0xffff7fffc7c00000\n";
	struct mapping map;
	struct tables t;

	// the root is not in the dump
	init(&t);
	assert_ok(tables_learn(&t, text));
	pgtable_walk(&t.as, 0xffff800008c00000, &map);
	assert_int_equal(map.status, MAP_NO_TABLE);

	// every entry points back at the root: its own page in the end, but not in the place asked
	// for
	for (unsigned int i = 0; i < 512; i++)
		tables_entry(&t, 0x41000000, i, 0x41000003);
	assert_ok(tables_learn(&t, text));
	assert_walk(&t, 0xffff123456789abc, 0x41000abc, 0, MAP_WRITE | MAP_EXEC);

	// tables of something else
	for (unsigned int i = 0; i < 512; i++)
		tables_entry(&t, 0x41000000, i, 0x7f00000000001);
	assert_err(tables_learn(&t, text), ERROR_FORMAT,
		   "do not map themselves at 0xffff800008c00000");
	assert_int_equal(t.as.paging.nr_levels, 0);
	tables_deinit(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_va52_on_48),
		cmocka_unit_test(test_lpa2),
		cmocka_unit_test(test_16k),
		cmocka_unit_test(test_64k),
		cmocka_unit_test(test_old_layout),
		cmocka_unit_test(test_va52_without_t1sz),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_strip),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_hostile_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
