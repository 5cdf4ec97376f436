// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/addrspace.h"
#include "arch/arch.h"
#include "arch/recover.h"
#include "dump/facts.h"
#include "dump/notes.h"
#include "tests/support/test.h"
#include "util/bytes.h"

#define TEXT 0xffffffff91000000ULL
#define BASE 0xffffffff92000000ULL /* of the variables */

#define MAX 32

/* Variables of 8 bytes, one after the other, and what is said of facts. */
struct fixture {
	struct arch_image image;
	struct dump_facts facts;
	struct {
		const char *name;
		uint64_t value;
	} variables[MAX];
	size_t nr;
	const char *damaged; /* the variable that cannot be read */
	struct {
		const char *fact, *source;
		uint64_t value;
	} said[MAX];
	size_t nr_said;
	uint8_t params[4096]; /* boot_params, at BASE + 0x1000 */
	uint8_t ram[4096];    /* pfn_mapped, at BASE + 0x2000 */
};

static bool symbol(void *arg, const char *name, uint64_t *ret)
{
	const struct fixture *f = arg;

	*ret = !strcmp(name, "_text")         ? TEXT
	       : !strcmp(name, "boot_params") ? BASE + 0x1000
	       : !strcmp(name, "pfn_mapped")  ? BASE + 0x2000
					      : 0;
	for (size_t i = 0; !*ret && i < f->nr; i++) {
		if (!strcmp(f->variables[i].name, name))
			*ret = BASE + 8 * i;
	}
	return *ret;
}

static bool read_image(void *arg, uint64_t vaddr, void *buf, size_t len)
{
	const struct fixture *f = arg;
	size_t i = (vaddr - BASE) / 8;
	uint8_t raw[8];

	if (vaddr >= BASE + 0x1000 && vaddr + len <= BASE + 0x2000) {
		memcpy(buf, f->params + (vaddr - BASE - 0x1000), len);
		return true;
	}
	if (vaddr >= BASE + 0x2000 && vaddr + len <= BASE + 0x3000) {
		memcpy(buf, f->ram + (vaddr - BASE - 0x2000), len);
		return true;
	}
	if (i >= f->nr || (f->damaged && !strcmp(f->damaged, f->variables[i].name)))
		return false;
	store_u64(raw, f->variables[i].value, false);
	memcpy(buf, raw, len);
	return true;
}

static void say(void *arg, size_t fact, const char *source, uint64_t value)
{
	struct fixture *f = arg;

	assert_in_range(fact, 0, arch_x86_64_recover.nr_facts - 1);
	assert_true(f->nr_said < MAX);
	f->said[f->nr_said].fact = arch_x86_64_recover.facts[fact].name;
	f->said[f->nr_said].source = source;
	f->said[f->nr_said++].value = value;
}

static void add(struct fixture *f, const char *name, uint64_t value)
{
	f->variables[f->nr].name = name;
	f->variables[f->nr++].value = value;
}

static void init(struct fixture *f)
{
	*f = (struct fixture){
		.image = {.facts = &f->facts,
			  .word = 8,
			  .complete = true,
			  .placed = true,
			  .voffset = 0xffffffff80000000 - 0x3000000,
			  .symbol = symbol,
			  .read = read_image,
			  .arg = f},
	};
	add(f, "phys_base", 0x3000000);
	add(f, "page_offset_base", 0xffff888000000000);
	add(f, "vmalloc_base", 0xffffc90000000000);
	add(f, "vmemmap_base", 0xffffea0000000000);
	store_u64(f->params + 0x258, 0x1000000, false);
}

static bool recover(struct fixture *f, uint64_t *voffset)
{
	f->nr_said = 0;
	return arch_x86_64_recover.recover(&f->image, say, f, voffset);
}

static void expect(const struct fixture *f, const char *fact, const char *source, uint64_t value)
{
	for (size_t i = 0; i < f->nr_said; i++) {
		if (!strcmp(f->said[i].fact, fact) && !strcmp(f->said[i].source, source)) {
			assert_int_equal(f->said[i].value, value);
			return;
		}
	}
	fail_msg("%s says nothing of %s", source, fact);
}

static bool says(const struct fixture *f, const char *fact, const char *source)
{
	for (size_t i = 0; i < f->nr_said; i++) {
		if (!strcmp(f->said[i].fact, fact) && !strcmp(f->said[i].source, source))
			return true;
	}
	return false;
}

static void test_variables(void **state)
{
	struct fixture f;
	uint64_t voffset;

	init(&f);
	assert_true(recover(&f, &voffset));
	assert_int_equal(voffset, 0xffffffff80000000 - 0x3000000);
	expect(&f, "phys_base", "image", 0x3000000);
	expect(&f, "phys_base", "symbol table", 0x3000000);
	expect(&f, "kaslr_offset", "boot_params", 0x10000000);
	expect(&f, "page_offset", "image", 0xffff888000000000);
	expect(&f, "vmalloc_base", "image", 0xffffc90000000000);
	expect(&f, "vmemmap_base", "image", 0xffffea0000000000);
	// no such variables: the kernel is built without
	expect(&f, "pgtable_l5_enabled", "image", 0);
	expect(&f, "sme_mask", "image", 0);
	expect(&f, "max_physmem_bits", "image", 46);
	expect(&f, "section_size_bits", "image", 27);
	expect(&f, "kernel_image_size", "image", 512 << 20);
	add(&f, "__pgtable_l5_enabled", 1);
	add(&f, "sme_me_mask", 1ULL << 47);
	add(&f, "kaslr_get_random_long", 0);
	assert_true(recover(&f, &voffset));
	expect(&f, "pgtable_l5_enabled", "image", 1);
	expect(&f, "sme_mask", "image", 1ULL << 47);
	expect(&f, "max_physmem_bits", "image", 52);
	expect(&f, "kernel_image_size", "image", 1 << 30);
}

/* What cannot be found among symbols of which some are lost says nothing. */
static void test_damage(void **state)
{
	struct fixture f;
	uint64_t voffset;

	init(&f);
	f.image.complete = false;
	assert_true(recover(&f, &voffset));
	assert_false(says(&f, "pgtable_l5_enabled", "image"));
	assert_false(says(&f, "sme_mask", "image"));
	assert_false(says(&f, "kernel_image_size", "image"));
	assert_false(says(&f, "max_physmem_bits", "image"));
	f.damaged = "phys_base";
	assert_true(recover(&f, &voffset));
	assert_int_equal(voffset, f.image.voffset);
	assert_false(says(&f, "phys_base", "image"));
	expect(&f, "phys_base", "symbol table", 0x3000000);
	// a headerless image cannot be placed then
	f.image.placed = false;
	assert_false(recover(&f, &voffset));
	f.damaged = NULL;
	assert_true(recover(&f, &voffset));
	assert_false(says(&f, "phys_base", "symbol table"));
	// not the image of such a kernel
	f.variables[0].name = "memstart_addr";
	assert_false(recover(&f, &voffset));
}

static void test_kaslr(void **state)
{
	static const uint64_t none[] = {0, 0x1000001, 0x12000000, UINT64_MAX};
	struct fixture f;
	uint64_t voffset;

	init(&f);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		store_u64(f.params + 0x258, none[i], false);
		assert_true(recover(&f, &voffset));
		assert_false(says(&f, "kaslr_offset", "boot_params"));
	}
}

/* Notes of QEMU: of CPUs with paging on. */
static void test_registers(void **state)
{
	struct fixture f;
	uint8_t regs[440] = {0};
	uint64_t voffset, roots[4];
	void *notes = NULL;
	size_t len = 0;

	init(&f);
	store_u64(regs + 392, 0x80050033, false);
	store_u64(regs + 392 + 24, 0x0000000123457001, false);
	store_u64(regs + 392 + 32, 0x1000, false);
	assert_ok(notes_append(&notes, &len, false, "CORE", 1, regs, 336));
	assert_ok(notes_append(&notes, &len, false, "QEMU", 0, regs, sizeof(regs)));
	store_u64(regs + 392, 0x60000010, false);
	store_u64(regs + 392 + 32, 0, false);
	assert_ok(notes_append(&notes, &len, false, "QEMU", 0, regs, sizeof(regs)));
	assert_ok(notes_append(&notes, &len, false, "QEMU", 0, regs, 100));
	f.facts.notes = notes;
	f.facts.notes_len = len;
	assert_true(recover(&f, &voffset));
	expect(&f, "pgtable_l5_enabled", "registers", 1);
	assert_int_equal(arch_x86_64_recover.roots(&f.facts, roots, 4), 1);
	// without PCID and the user's half
	assert_int_equal(roots[0], 0x123456000);
	assert_int_equal(arch_x86_64_recover.roots(&f.facts, roots, 0), 0);
	free(notes);
}

static void test_ram(void **state)
{
	struct arch_ram ram[4];
	struct fixture f;

	init(&f);
	assert_int_equal(arch_x86_64_recover.ram(&f.image, ram, 4), 0);
	add(&f, "nr_pfn_mapped", 2);
	store_u64(f.ram + 8, 0x30000, false);
	store_u64(f.ram + 16, 0x100000, false);
	store_u64(f.ram + 24, 0x110000, false);
	assert_int_equal(arch_x86_64_recover.ram(&f.image, ram, 4), 2);
	assert_int_equal(ram[0].start, 0);
	assert_int_equal(ram[0].end, 0x30000000);
	assert_int_equal(ram[1].start, 0x100000000);
	assert_int_equal(ram[1].end, 0x110000000);
	assert_int_equal(arch_x86_64_recover.ram(&f.image, ram, 1), 0);
	store_u64(f.ram + 24, UINT64_MAX, false);
	assert_int_equal(arch_x86_64_recover.ram(&f.image, ram, 4), 0);
	f.variables[f.nr - 1].value = 100000;
	assert_int_equal(arch_x86_64_recover.ram(&f.image, ram, 4), 0);
}

static void test_root_mark(void **state)
{
	uint64_t value, mask;
	struct fixture f;
	size_t off;

	init(&f);
	assert_false(arch_x86_64_recover.root_mark(&f.image, f.image.voffset, &off, &value, &mask));
	add(&f, "level3_kernel_pgt", 0);
	add(&f, "level4_kernel_pgt", 0);
	assert_true(arch_x86_64_recover.root_mark(&f.image, f.image.voffset, &off, &value, &mask));
	assert_int_equal(off, 4088);
	// PA of the symbol, which is the fifth here
	assert_int_equal(value, (BASE + 32 - f.image.voffset) & mask);
	add(&f, "__pgtable_l5_enabled", 1);
	assert_true(arch_x86_64_recover.root_mark(&f.image, f.image.voffset, &off, &value, &mask));
	assert_int_equal(value, (BASE + 40 - f.image.voffset) & mask);
}

/* Without a direct map the page tables say nothing. */
static void test_walk(void **state)
{
	struct addrspace as = {.arch = &arch_x86_64};
	struct fixture f;

	init(&f);
	arch_x86_64_recover.walk(&as, say, &f);
	assert_int_equal(f.nr_said, 0);
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
