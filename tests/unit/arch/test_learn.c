// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/learn.h"

#include <elf.h>

#include "dump/machine.h"
#include "dump/vmcoreinfo.h"
#include "tests/support/tables.h"

/* The pieces are tested where they are used, in the tests of the architectures; here is what these
 * do not reach. */

static void test_page_shift(void **state)
{
	static const char *const bad[] = {"PAGESIZE=2048\n", "PAGESIZE=131072\n",
					  "PAGESIZE=12288\n", "PAGESIZE=0\n"};
	struct arch fixed = {.default_page_shift = 12}, told = {.default_page_shift = 0};
	struct addrspace as = {.arch = &fixed};
	struct arch_env env = {0};
	struct vmcoreinfo *info;
	uint8_t shift = 0;

	assert_ok(vmcoreinfo_create("", 0, &info));
	env.vmcoreinfo = info;
	assert_ok(learn_page_shift(&as, &env, &shift));
	assert_int_equal(shift, 12);
	as.arch = &told;
	assert_err(learn_page_shift(&as, &env, &shift), ERROR_NOT_FOUND, "no PAGESIZE");
	vmcoreinfo_destroy(info);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_ok(vmcoreinfo_create(bad[i], strlen(bad[i]), &info));
		env.vmcoreinfo = info;
		assert_err(learn_page_shift(&as, &env, &shift), ERROR_FORMAT, "is no page size");
		vmcoreinfo_destroy(info);
	}
}

static void test_direct_map(void **state)
{
	struct dump_facts facts = {.max_paddr = 0x80000000};
	struct arch_env env = {.facts = &facts};
	struct addrspace as = {0};
	const struct linear_map *map;

	// cut where the caller says and where memory ends
	learn_direct_map(&as, &env, 0xffff000000000000, 0x40000000, 0xffff000000000000,
			 0xffff7fffffffffff, true);
	map = addrspace_linear(&as, LINEAR_DIRECT_MAP);
	assert_non_null(map);
	assert_true(map->start == 0xffff000000000000 && map->paddr == 0x40000000);
	assert_true(map->last == 0xffff00003fffffff && map->fallback);

	// as far as it may go where the end of memory is not known
	as.nr_linear = 0;
	facts.max_paddr = 0;
	learn_direct_map(&as, &env, 0xc000000000000000, 0, 0xc000000000000000, 0xc007ffffffffffff,
			 false);
	assert_true(as.linear[0].last == 0xc007ffffffffffff && !as.linear[0].fallback);

	// none, where memory does not reach into the window
	as.nr_linear = 0;
	facts.max_paddr = 0x1000;
	learn_direct_map(&as, &env, 0xffff000000000000, 0x40000000, 0xffff000000000000,
			 0xffff7fffffffffff, true);
	assert_int_equal(as.nr_linear, 0);
}

/** A dump that claims 2^56 bytes does not keep us for ever. */
static void test_probe_ends(void **state)
{
	struct tables t;

	tables_init(&t, &arch_riscv64, false);
	learn_levels(&t.as, 12, 3, 9);
	t.as.paging.last = UINT64_MAX;
	assert_err(learn_probe_root(&t.as, 0xffffffff80000000, 0, 4096, 1ULL << 56),
		   ERROR_NOT_FOUND, "0xffffffff80000000");
	assert_int_equal(t.as.paging.nr_levels, 0);
	tables_deinit(&t);
}

/** Low memory goes on behind a hole and ends at the first thing that lies elsewhere. */
static void test_lowmem(void **state)
{
	struct tables t;
	const struct linear_map *map;

	tables_init(&t, &arch_i386, false);
	tables_zero(&t, 0x1000, 4096);
	for (uint32_t i = 0; i < 8; i++)
		tables_u32(&t, 0x1000 + (0x300 + i) * 4, i << 22 | 0x1e3, false);
	tables_u32(&t, 0x1000 + 0x303 * 4, 0, false);
	tables_u32(&t, 0x1000 + 0x30a * 4, 0x10001e3, false);
	tables_u32(&t, 0x1000 + 0x30b * 4, 0x2c001e3, false);
	learn_levels(&t.as, 12, 2, 10);
	t.as.paging.entry_size = 4;
	t.as.paging.root = 0x1000;
	t.as.paging.last = UINT32_MAX;
	t.as.paging.addr_mask = 0xfffff000;
	learn_lowmem(&t.as, 0xc0000000, 0);
	map = addrspace_linear(&t.as, LINEAR_DIRECT_MAP);
	assert_non_null(map);
	assert_true(map->start == 0xc0000000 && map->last == 0xc1ffffff && map->paddr == 0);
	tables_deinit(&t);
}

static void test_image(void **state)
{
	const struct linear_map *map;
	struct arch_env env;
	struct tables t;

	tables_init(&t, &arch_loongarch64, false);
	(void)error_ignore(tables_learn(&t, ""));
	t.as.nr_linear = 0;
	env = tables_env(&t);
	learn_image(&t.as, &env, 0xffff800040000000);
	assert_int_equal(t.as.nr_linear, 0);
	tables_symbol(&t, "_text", 0xffff800080000000);
	learn_image(&t.as, &env, 0xffff800040000000);
	assert_int_equal(t.as.nr_linear, 0);
	tables_symbol(&t, "_end", 0xffff800082000000);
	learn_image(&t.as, &env, 0xffff800040000000);
	map = addrspace_linear(&t.as, LINEAR_KERNEL_IMAGE);
	assert_non_null(map);
	assert_true(map->start == 0xffff800080000000 && map->last == 0xffff800081ffffff);
	assert_true(map->paddr == 0x40000000 && map->fallback);
	tables_deinit(&t);
}

/** The two tables that know an NT_PRSTATUS agree. */
static void test_prstatus(void **state)
{
	for (size_t i = 0; i < nr_archs; i++) {
		const struct prstatus_layout *layout = &archs[i]->prstatus;
		const struct machine *machine = machine_find(archs[i]->e_machine, archs[i]->word,
							     archs[i]->e_machine == EM_S390);

		assert_non_null(machine);
		assert_int_equal(layout->size, machine->prstatus_len);
		assert_true(layout->reg + layout->reg_size <= layout->size);
		assert_int_equal(layout->pid, archs[i]->word == 8 ? 32 : 24);
		assert_int_equal(layout->reg, archs[i]->word == 8 ? 112 : 72);
		assert_true(layout->ip < layout->reg_size && layout->sp < layout->reg_size);
		assert_true(layout->fp == UINT16_MAX || layout->fp < layout->reg_size);
		assert_ptr_equal(arch_find(archs[i]->e_machine, archs[i]->word), archs[i]);
	}
}

static void test_phys_to_virt(void **state)
{
	struct addrspace as = {0};
	uint64_t vaddr = 1;

	assert_false(learn_phys_to_virt(&as, 0, &vaddr));
	addrspace_add_linear(&as, &(struct linear_map){.kind = LINEAR_KERNEL_IMAGE, .last = ~0ULL});
	assert_false(learn_phys_to_virt(&as, 0x1000, &vaddr));
	addrspace_add_linear(&as, &(struct linear_map){.kind = LINEAR_DIRECT_MAP,
						       .start = 0x10000,
						       .last = 0x1ffff,
						       .paddr = 0xfffffffffffff000});
	// mod 2^64, as PHYS_OFFSET of arm64 may be
	assert_true(learn_phys_to_virt(&as, 0x800, &vaddr));
	assert_true(vaddr == 0x11800);
	assert_false(learn_phys_to_virt(&as, 0xf000, &vaddr));
}

static void test_variable(void **state)
{
	static const char text[] = "PAGESIZE=4096\nSYMBOL(swapper_pg_dir)=9000000002000000\n"
				   "SYMBOL(there)=9000000000001004\n"
				   "SYMBOL(absent)=9000000000005000\n"
				   "SYMBOL(unmapped)=ffff900000000000\n";
	struct arch_env env = {0};
	struct tables t;
	uint64_t value = 0;

	tables_init(&t, &arch_loongarch64, false);
	tables_u32(&t, 0x1004, 0x12345678, false);
	tables_u32(&t, 0x1008, 0x9abcdef0, false);
	tables_zero(&t, 0x2000000, 4096);
	assert_ok(tables_learn(&t, text));
	env = tables_env(&t);
	assert_true(learn_variable(&t.as, &env, "there", 4, &value));
	assert_true(value == 0x12345678);
	assert_true(learn_variable(&t.as, &env, "there", 8, &value));
	assert_true(value == 0x9abcdef012345678);
	assert_false(learn_variable(&t.as, &env, "absent", 8, &value));
	assert_false(learn_variable(&t.as, &env, "unmapped", 8, &value));
	assert_false(learn_variable(&t.as, &env, "unknown", 8, &value));
	tables_deinit(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_shift),   cmocka_unit_test(test_direct_map),
		cmocka_unit_test(test_phys_to_virt), cmocka_unit_test(test_variable),
		cmocka_unit_test(test_probe_ends),   cmocka_unit_test(test_lowmem),
		cmocka_unit_test(test_image),        cmocka_unit_test(test_prstatus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
