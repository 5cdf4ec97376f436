// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/addrspace.h"
#include "arch/arch.h"
#include "dump/notes.h"
#include "tests/support/imagevars.h"
#include "util/bytes.h"

#define TEXT    0xffffffff91000000ULL
#define VOFFSET (0xffffffff80000000ULL - 0x3000000)

static struct imagevars *make(void)
{
	struct imagevars *vars = imagevars_create(&arch_x86_64_recover, false);

	vars->image.voffset = VOFFSET;
	imagevars_add(vars, "_text", TEXT, 0);
	imagevars_add(vars, "phys_base", 0, 0x3000000);
	imagevars_add(vars, "page_offset_base", 0, 0xffff888000000000);
	imagevars_add(vars, "vmalloc_base", 0, 0xffffc90000000000);
	imagevars_add(vars, "vmemmap_base", 0, 0xffffea0000000000);
	store_u64(imagevars_add(vars, "boot_params", 0, 0) + 0x258, 0x1000000, false);
	return vars;
}

static void test_variables(void **state)
{
	struct imagevars *vars = make();

	assert_true(imagevars_recover(vars));
	assert_int_equal(vars->voffset, VOFFSET);
	imagevars_expect(vars, "phys_base", "image", 0x3000000);
	imagevars_expect(vars, "phys_base", "symbol table", 0x3000000);
	imagevars_expect(vars, "kaslr_offset", "boot_params", 0x10000000);
	imagevars_expect(vars, "page_offset", "image", 0xffff888000000000);
	imagevars_expect(vars, "vmalloc_base", "image", 0xffffc90000000000);
	imagevars_expect(vars, "vmemmap_base", "image", 0xffffea0000000000);
	// no such variables: the kernel is built without
	imagevars_expect(vars, "pgtable_l5_enabled", "image", 0);
	imagevars_expect(vars, "sme_mask", "image", 0);
	imagevars_expect(vars, "max_physmem_bits", "image", 46);
	imagevars_expect(vars, "section_size_bits", "image", 27);
	imagevars_expect(vars, "kernel_image_size", "image", 512 << 20);
	imagevars_add(vars, "__pgtable_l5_enabled", 0, 1);
	imagevars_add(vars, "sme_me_mask", 0, 1ULL << 47);
	imagevars_add(vars, "kaslr_get_random_long", 0, 0);
	assert_true(imagevars_recover(vars));
	imagevars_expect(vars, "pgtable_l5_enabled", "image", 1);
	imagevars_expect(vars, "sme_mask", "image", 1ULL << 47);
	imagevars_expect(vars, "max_physmem_bits", "image", 52);
	imagevars_expect(vars, "kernel_image_size", "image", 1 << 30);
	imagevars_destroy(vars);
}

/* What cannot be found among symbols of which some are lost says nothing. */
static void test_damage(void **state)
{
	struct imagevars *vars = make();

	vars->image.complete = false;
	assert_true(imagevars_recover(vars));
	assert_false(imagevars_says(vars, "pgtable_l5_enabled", "image"));
	assert_false(imagevars_says(vars, "sme_mask", "image"));
	assert_false(imagevars_says(vars, "kernel_image_size", "image"));
	assert_false(imagevars_says(vars, "max_physmem_bits", "image"));
	vars->image.placed = false;
	assert_true(imagevars_recover(vars));
	assert_false(imagevars_says(vars, "phys_base", "symbol table"));
	vars->image.placed = true;
	imagevars_damage(vars, "phys_base");
	assert_true(imagevars_recover(vars));
	assert_int_equal(vars->voffset, VOFFSET);
	assert_false(imagevars_says(vars, "phys_base", "image"));
	imagevars_expect(vars, "phys_base", "symbol table", 0x3000000);
	// a headerless image cannot be placed then
	vars->image.placed = false;
	assert_false(imagevars_recover(vars));
	// not the image of such a kernel
	vars->image.placed = true;
	imagevars_rename(vars, "phys_base", "memstart_addr");
	assert_false(imagevars_recover(vars));
	imagevars_destroy(vars);
}

static void test_kaslr(void **state)
{
	static const uint64_t none[] = {0, 0x1000001, 0x12000000, UINT64_MAX};
	struct imagevars *vars = make();
	uint8_t *params = vars->vars[5].data;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		store_u64(params + 0x258, none[i], false);
		assert_true(imagevars_recover(vars));
		assert_false(imagevars_says(vars, "kaslr_offset", "boot_params"));
	}
	imagevars_destroy(vars);
}

/* Notes of QEMU: of CPUs with paging on. */
static void test_registers(void **state)
{
	struct imagevars *vars = make();
	uint8_t regs[440] = {0};
	uint64_t roots[4];
	void *notes = NULL;
	size_t len = 0;

	store_u64(regs + 392, 0x80050033, false);
	store_u64(regs + 392 + 24, 0x0000000123457001, false);
	store_u64(regs + 392 + 32, 0x1000, false);
	assert_ok(notes_append(&notes, &len, false, "CORE", 1, regs, 336));
	assert_ok(notes_append(&notes, &len, false, "QEMU", 0, regs, sizeof(regs)));
	store_u64(regs + 392, 0x60000010, false);
	store_u64(regs + 392 + 32, 0, false);
	assert_ok(notes_append(&notes, &len, false, "QEMU", 0, regs, sizeof(regs)));
	assert_ok(notes_append(&notes, &len, false, "QEMU", 0, regs, 100));
	vars->facts.notes = notes;
	vars->facts.notes_len = len;
	assert_true(imagevars_recover(vars));
	imagevars_expect(vars, "pgtable_l5_enabled", "registers", 1);
	assert_int_equal(arch_x86_64_recover.roots(&vars->facts, roots, 4), 1);
	// without PCID and the user's half
	assert_int_equal(roots[0], 0x123456000);
	assert_int_equal(arch_x86_64_recover.roots(&vars->facts, roots, 0), 0);
	free(notes);
	imagevars_destroy(vars);
}

static void test_ram(void **state)
{
	struct imagevars *vars = make();
	struct arch_ram ram[4];
	uint8_t *mapped, *nr;

	assert_int_equal(arch_x86_64_recover.ram(&vars->image, ram, 4), 0);
	nr = imagevars_add(vars, "nr_pfn_mapped", 0, 2);
	mapped = imagevars_add(vars, "pfn_mapped", 0, 0);
	store_u64(mapped + 8, 0x30000, false);
	store_u64(mapped + 16, 0x100000, false);
	store_u64(mapped + 24, 0x110000, false);
	assert_int_equal(arch_x86_64_recover.ram(&vars->image, ram, 4), 2);
	assert_int_equal(ram[0].start, 0);
	assert_int_equal(ram[0].end, 0x30000000);
	assert_int_equal(ram[1].start, 0x100000000);
	assert_int_equal(ram[1].end, 0x110000000);
	assert_int_equal(arch_x86_64_recover.ram(&vars->image, ram, 1), 0);
	store_u64(mapped + 24, UINT64_MAX, false);
	assert_int_equal(arch_x86_64_recover.ram(&vars->image, ram, 4), 0);
	store_u64(nr, 100000, false);
	assert_int_equal(arch_x86_64_recover.ram(&vars->image, ram, 4), 0);
	imagevars_destroy(vars);
}

static void test_root_mark(void **state)
{
	struct imagevars *vars = make();
	uint64_t value, mask;
	size_t off;

	assert_false(arch_x86_64_recover.root_mark(&vars->image, VOFFSET, &off, &value, &mask));
	imagevars_add(vars, "level3_kernel_pgt", 0xffffffff94000000, 0);
	imagevars_add(vars, "level4_kernel_pgt", 0xffffffff94001000, 0);
	assert_true(arch_x86_64_recover.root_mark(&vars->image, VOFFSET, &off, &value, &mask));
	assert_int_equal(off, 4088);
	assert_int_equal(value, 0x17000000);
	assert_int_equal(value & ~mask, 0);
	imagevars_add(vars, "__pgtable_l5_enabled", 0, 1);
	assert_true(arch_x86_64_recover.root_mark(&vars->image, VOFFSET, &off, &value, &mask));
	assert_int_equal(value, 0x17001000);
	imagevars_destroy(vars);
}

/* Without a direct map the page tables say nothing. */
static void test_walk(void **state)
{
	struct addrspace as = {.arch = &arch_x86_64};
	struct imagevars *vars = make();

	arch_x86_64_recover.walk(&as, imagevars_say, vars);
	assert_int_equal(vars->nr_said, 0);
	imagevars_destroy(vars);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_variables), cmocka_unit_test(test_damage),
		cmocka_unit_test(test_kaslr),     cmocka_unit_test(test_registers),
		cmocka_unit_test(test_ram),       cmocka_unit_test(test_root_mark),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
