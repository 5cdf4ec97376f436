// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/tables.h"

#define ROOT       0x2750000ULL
#define ROOT_VADDR 0xc000000002750000ULL

#define TABLE (1ULL << 63)
#define LEAF  (3ULL << 62)
#define RW    (LEAF | 0x18e) /* read, write, privileged, dirty, accessed */
#define RX    (LEAF | 0x10d)

#define SYMBOLS(pagesize)                           \
	"PAGESIZE=" pagesize "\n"                   \
	"SYMBOL(swapper_pg_dir)=c000000002750000\n" \
	"SYMBOL(mem_section)=c000000003000000\n"

/** Tables from ROOT on that lead to vaddr, and its entry. Big-endian whatever the machine is;
 * radix says in each entry how large the next table is. */
static void map(struct tables *t, const unsigned int bits[4], unsigned int page_shift, bool radix,
		uint64_t vaddr, unsigned int leaf_level, uint64_t value)
{
	unsigned int shift = page_shift + bits[0] + bits[1] + bits[2];
	uint64_t table = ROOT;

	for (unsigned int level = 3;; level--) {
		uint64_t slot = table + 8 * (vaddr >> shift & ((1U << bits[level]) - 1));
		uint64_t next;

		if (level == leaf_level) {
			tables_u64(t, slot, value, true);
			return;
		}
		next = __builtin_bswap64(tables_get(t, slot, 0));
		if (t->as.big_endian)
			next = tables_get(t, slot, 0);
		if (!next) {
			next = TABLE | tables_new(t) | (radix ? bits[level - 1] : 0);
			tables_u64(t, slot, next, true);
		}
		table = next & 0x3fffffffffffff00;
		shift -= bits[level - 1];
	}
}

static void test_radix(void **state)
{
	static const unsigned int bits_4k[] = {9, 9, 9, 13}, bits_64k[] = {5, 9, 9, 13};
	struct tables t;
	uint64_t vaddr;

	tables_init(&t, &arch_ppc64, false);
	map(&t, bits_4k, 12, true, 0xc000000002600000, 1, 0x2600000 | RW);
	map(&t, bits_4k, 12, true, 0xc00c000000000000, 2, 0x40000000 | RX);
	map(&t, bits_4k, 12, true, 0xc008000000001000, 0, 0x1abcdef0123000 | RX);
	assert_ok(tables_learn(&t, SYMBOLS("4096") "NUMBER(RADIX_MMU)=1\n"));
	assert_walk(&t, ROOT_VADDR + 8, ROOT + 8, 1, MAP_WRITE);
	assert_walk(&t, 0xc00c000012345678, 0x52345678, 2, MAP_EXEC);
	assert_walk(&t, 0xc008000000001fff, 0x1abcdef0123fff, 0, MAP_EXEC);
	assert_hole(&t, 0xc008000000002000, 0);
	assert_hole(&t, 0xc010000000000000, 3);
	assert_hole(&t, 0x0008000000001000, 3);
	assert_linear(&t, 0xc000000000001234, 0x1234);
	assert_true(arch_ppc64.phys_to_virt(&t.as, 0x3fffffff, &vaddr));
	assert_true(vaddr == 0xc00000003fffffff);
	tables_deinit(&t);

	tables_init(&t, &arch_ppc64, true);
	map(&t, bits_64k, 16, true, 0xc000000002600000, 1, 0x2600000 | RW);
	map(&t, bits_64k, 16, true, 0xc0080000001f0000, 0, 0x12340000 | RW);
	assert_ok(tables_learn(&t, SYMBOLS("65536") "NUMBER(RADIX_MMU)=1\n"));
	assert_walk(&t, 0xc0080000001fabcd, 0x1234abcd, 0, MAP_WRITE);
	tables_deinit(&t);
}

/** Without NUMBER(RADIX_MMU) it is the tables that tell. */
static void test_radix_by_tables(void **state)
{
	static const unsigned int bits[] = {5, 9, 9, 13};
	struct tables t;

	tables_init(&t, &arch_ppc64, false);
	map(&t, bits, 16, true, 0xc000000002600000, 1, 0x2600000 | RW);
	tables_u64(&t, 0x3000000, 0xc00000003fff0000, false);
	assert_ok(tables_learn(&t, SYMBOLS("65536")));
	assert_true(t.as.linear[0].fallback);
	assert_walk(&t, ROOT_VADDR, ROOT, 1, MAP_WRITE);

	// and the same file as QEMU writes it: little-endian memory under a big-endian header
	t.facts.big_endian = true;
	assert_ok(tables_learn(&t, SYMBOLS("65536")));
	assert_false(t.as.big_endian);
	assert_walk(&t, ROOT_VADDR, ROOT, 1, MAP_WRITE);
	tables_u64(&t, 0x3000000, 0xc00000003fff0000, true);
	assert_ok(tables_learn(&t, SYMBOLS("65536")));
	assert_true(t.as.big_endian);

	// the key is believed first
	assert_err(tables_learn(&t, SYMBOLS("65536") "NUMBER(RADIX_MMU)=0\n"), ERROR_NOT_FOUND,
		   "hash MMU");
	tables_deinit(&t);
}

#define BACKING                                        \
	"SYMBOL(vmemmap_list)=c000000003000010\n"      \
	"SYMBOL(mmu_vmemmap_psize)=c000000003000018\n" \
	"SYMBOL(mmu_psize_defs)=c000000003000020\n"    \
	"SIZE(mmu_psize_def)=80\n"                     \
	"OFFSET(mmu_psize_def.shift)=4\n"              \
	"OFFSET(vmemmap_backing.list)=0\n"             \
	"OFFSET(vmemmap_backing.phys)=8\n"             \
	"OFFSET(vmemmap_backing.virt_addr)=16\n"

/** One entry of vmemmap_list; entry 0 is the last. */
static void backing(struct tables *t, unsigned int nr, uint64_t vaddr, uint64_t paddr)
{
	uint64_t at = 0x3001000 + nr * 24ULL;

	tables_u64(t, at, nr ? 0xc000000000000000 + at - 24 : 0, false);
	tables_u64(t, at + 8, paddr, false);
	tables_u64(t, at + 16, vaddr, false);
	tables_u64(t, 0x3000010, 0xc000000000000000 + at, false);
}

static void init_hash(struct tables *t)
{
	tables_init(t, &arch_ppc64, false);
	tables_zero(t, ROOT, 0x1000);
	tables_zero(t, 0x3000000, 0x1000);
	tables_u32(t, 0x3000018, 5, false);
	tables_u32(t, 0x3000020 + 5 * 80 + 4, 24, false);
}

static void test_hash(void **state)
{
	static const unsigned int bits_64k[] = {8, 10, 10, 8}, bits_4k[] = {9, 7, 9, 9};
	struct tables t;

	init_hash(&t);
	map(&t, bits_64k, 16, false, 0xc008000000010000, 0, 0x0080000012340000 | RW);
	backing(&t, 0, 0xc00c000000000000, 0x10000000);
	backing(&t, 1, 0xc00c000001000000, 0x11000000);
	backing(&t, 2, 0xc00c000004000000, 0x20000000);
	backing(&t, 3, 0xc00c000003000000, 0x1f000000);
	backing(&t, 4, 0xc00c000005000000, 0x30000000);
	assert_ok(tables_learn(&t, SYMBOLS("65536") BACKING));
	assert_walk(&t, 0xc008000000010123, 0x12340123, 0, MAP_WRITE); // flags above the address
	assert_linear(&t, 0xc000000000001234, 0x1234);
	assert_true(t.as.paging.first == 0xc008000000000000);
	assert_true(t.as.paging.last == 0xdfffffffffffffff);
	assert_linear(&t, 0xc00c000001fffff0, 0x11fffff0);
	assert_linear(&t, 0xc00c000003000000, 0x1f000000);
	assert_linear(&t, 0xc00c000004ffffff, 0x20ffffff);
	assert_linear(&t, 0xc00c000005000000, 0x30000000);
	assert_int_equal(t.as.nr_linear, 4); // what continues is one
	tables_deinit(&t);

	init_hash(&t);
	map(&t, bits_4k, 12, false, 0xc0003d0000001000, 0, 0x12345000 | RW);
	assert_ok(tables_learn(&t, SYMBOLS("4096") BACKING));
	assert_walk(&t, 0xc0003d0000001008, 0x12345008, 0, MAP_WRITE);
	assert_true(t.as.paging.first == 0xc0003d0000000000);
	tables_deinit(&t);
}

/** Index sizes that differ from today's, as Linux 4.12 had them, with vmalloc at 0xd. */
static void test_hash_index_sizes(void **state)
{
	static const unsigned int bits[] = {8, 10, 7, 8};
	static const char *const names[] = {"__pte_index_size", "__pmd_index_size",
					    "__pud_index_size", "__pgd_index_size"};
	struct tables t;

	init_hash(&t);
	for (unsigned int i = 0; i < 4; i++) {
		tables_symbol(&t, names[i], 0xc000000003000800 + i * 8);
		tables_u64(&t, 0x3000800 + i * 8ULL, bits[i], false);
	}
	map(&t, bits, 16, false, 0xd000100000010000, 0, 0x12340000 | RW);
	assert_ok(tables_learn(&t, SYMBOLS("65536") BACKING));
	assert_walk(&t, 0xd000100000010000, 0x12340000, 0, MAP_WRITE);
	assert_int_equal(t.as.paging.shift[3], 41);
	// nonsense in the variables is not believed
	tables_u64(&t, 0x3000808, 14, false);
	assert_ok(tables_learn(&t, SYMBOLS("65536") BACKING));
	assert_int_equal(t.as.paging.shift[3], 44);
	tables_deinit(&t);
}

static void test_bad_list(void **state)
{
	struct tables t;

	init_hash(&t);
	assert_err(tables_learn(&t, SYMBOLS("65536") "NUMBER(RADIX_MMU)=0\n"), ERROR_NOT_FOUND,
		   "no vmemmap_list");
	assert_linear(&t, 0xc000000000001234, 0x1234);
	// a loop ends
	backing(&t, 0, 0xc00c000000000000, 0x10000000);
	tables_u64(&t, 0x3001000, 0xc000000003001000, false);
	assert_err(tables_learn(&t, SYMBOLS("65536") BACKING), ERROR_UNSUPPORTED, "stretches");
	// a pointer to nowhere
	tables_u64(&t, 0x3001000, 0xc000000013001000, false);
	assert_err(tables_learn(&t, SYMBOLS("65536") BACKING), ERROR_NOT_FOUND,
		   "entry 0xc000000013001000");
	assert_linear(&t, 0xc00c000000000000, 0x10000000);
	assert_err(tables_learn(&t, SYMBOLS("65536") "NUMBER(RADIX_MMU)=1\n"), ERROR_FORMAT,
		   "do not map themselves");
	assert_err(tables_learn(&t, "NUMBER(RADIX_MMU)=1\n"), ERROR_NOT_FOUND, "PAGESIZE");
	assert_err(tables_learn(&t, "PAGESIZE=65536\nNUMBER(RADIX_MMU)=1\n"), ERROR_NOT_FOUND,
		   "swapper_pg_dir");
	tables_deinit(&t);
}

static void test_entries(void **state)
{
	struct paging paging = {
		.bits = {5, 9, 9, 13}, .shift = {16, 21, 30, 39}, .addr_mask = 0x001fffffffff0000};
	uint64_t paddr;
	unsigned int flags;

	assert_int_equal(arch_ppc64.pte(&paging, 1, TABLE | 0x3000000 | 5, &paddr, &flags),
			 PTE_TABLE);
	assert_int_equal(arch_ppc64.pte(&paging, 1, TABLE | 0x3000000 | 9, &paddr, &flags),
			 PTE_NONE); // of another size than ours
	assert_int_equal(arch_ppc64.pte(&paging, 1, TABLE, &paddr, &flags), PTE_NONE);
	assert_int_equal(arch_ppc64.pte(&paging, 0, 0x3000000 | 1ULL << 62, &paddr, &flags),
			 PTE_NONE);
	assert_int_equal(arch_ppc64.pte(&paging, 2, 0x47600000 | LEAF | 6, &paddr, &flags),
			 PTE_LEAF);
	assert_true(paddr == 0x40000000);
	assert_int_equal(flags, MAP_WRITE | MAP_USER);
	assert_int_equal(arch_ppc64.pte(&paging, 0, 0x47600000 | LEAF | 0xc, &paddr, &flags),
			 PTE_LEAF);
	assert_int_equal(flags, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_radix),    cmocka_unit_test(test_radix_by_tables),
		cmocka_unit_test(test_hash),     cmocka_unit_test(test_hash_index_sizes),
		cmocka_unit_test(test_bad_list), cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
