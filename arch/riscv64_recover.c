// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts of riscv64 from the image of the kernel: struct kernel_mapping, in which it notes where it
 * is (Linux commit 658e2c5125bb, 5.14). */
#include "arch/recover.h"

#include "util/bytes.h"

// asm/pgtable.h: the image is in the last 2 GiB
#define KERNEL_LINK_ADDR 0xffffffff80000000ULL

// struct kernel_mapping, in words: page_offset, virt_addr, virt_offset since Linux commit
// 26e7aacb83df (6.6), phys_addr, size, va_pa_offset, va_kernel_pa_offset
#define MAP_PAGE_OFFSET 0
#define MAP_VIRT        1
#define MAP_PHYS        2 /* or one more */
#define MAP_LINEAR      2 /* behind it */
#define MAP_IMAGE       3
#define MAP_WORDS       7

enum {
	PAGE_OFFSET,
	PHYS_RAM_BASE,
	VA_KERNEL_PA_OFFSET,
	VA_BITS,
	LINK_ADDR,
	SECTION_SIZE_BITS,
	MAX_PHYSMEM_BITS,
	VMEMMAP_BASE,
};

static const struct arch_fact facts[] = {
	[PAGE_OFFSET] = {"page_offset", "NUMBER(PAGE_OFFSET)", false},
	[PHYS_RAM_BASE] = {"phys_ram_base", "NUMBER(phys_ram_base)", true},
	[VA_KERNEL_PA_OFFSET] = {"va_kernel_pa_offset", "NUMBER(va_kernel_pa_offset)", false},
	[VA_BITS] = {"va_bits", "NUMBER(VA_BITS)", true},
	[LINK_ADDR] = {"kernel_link_addr", "NUMBER(KERNEL_LINK_ADDR)", false},
	[SECTION_SIZE_BITS] = {"section_size_bits", "NUMBER(SECTION_SIZE_BITS)", true},
	[MAX_PHYSMEM_BITS] = {"max_physmem_bits", "NUMBER(MAX_PHYSMEM_BITS)", true},
	[VMEMMAP_BASE] = {"vmemmap_base", "SYMBOL(vmemmap)", false},
};

/** The words of kernel_map, and which of them is phys_addr: the one that the offset of the image
 * agrees with. */
static bool read_map(const struct arch_image *image, uint64_t map[MAP_WORDS], unsigned int *phys)
{
	uint8_t raw[MAP_WORDS * 8];
	uint64_t vaddr;

	if (!image->symbol(image->arg, "kernel_map", &vaddr) ||
	    !image->read(image->arg, vaddr, raw, sizeof(raw)))
		return false;
	for (unsigned int i = 0; i < MAP_WORDS; i++)
		map[i] = load_u64(raw + 8 * i, image->big_endian);
	for (*phys = MAP_PHYS; *phys <= MAP_PHYS + 1; ++*phys) {
		if (map[MAP_VIRT] - map[*phys] == map[*phys + MAP_IMAGE] && map[*phys])
			return true;
	}
	return false;
}

/** pgtable_l4_enabled and pgtable_l5_enabled are of one byte (Linux commit e8a62cc26ddf, 5.17);
 * without them there is nothing but Sv39. */
static void recover_va_bits(const struct arch_image *image, arch_say_fn *say, void *arg)
{
	static const char *const names[] = {"pgtable_l4_enabled", "pgtable_l5_enabled"};
	uint64_t bits = 39;

	for (unsigned int i = 0; i < 2; i++) {
		uint64_t vaddr;
		uint8_t on = 0;

		if (image->symbol(image->arg, names[i], &vaddr)) {
			if (!image->read(image->arg, vaddr, &on, 1) || on > 1)
				return;
		} else if (!image->complete) {
			return;
		}
		bits += on ? 9 : 0;
	}
	say(arg, VA_BITS, "image", bits);
}

static bool riscv64_recover(const struct arch_image *image, arch_say_fn *say, void *arg,
			    uint64_t *voffset)
{
	uint64_t map[MAP_WORDS], value;
	unsigned int phys;

	if (!read_map(image, map, &phys))
		return false;
	*voffset = map[phys + MAP_IMAGE];
	say(arg, VA_KERNEL_PA_OFFSET, "image", *voffset);
	if (image->placed)
		say(arg, VA_KERNEL_PA_OFFSET, "symbol table", image->voffset);
	say(arg, PAGE_OFFSET, "image", map[MAP_PAGE_OFFSET]);
	say(arg, PHYS_RAM_BASE, "kernel_map", map[MAP_PAGE_OFFSET] - map[phys + MAP_LINEAR]);
	if (arch_image_variable(image, "phys_ram_base", 8, &value))
		say(arg, PHYS_RAM_BASE, "image", value);
	recover_va_bits(image, say, arg);
	say(arg, LINK_ADDR, "image", KERNEL_LINK_ADDR);
	say(arg, SECTION_SIZE_BITS, "image", 27);
	say(arg, MAX_PHYSMEM_BITS, "image", 56);
	return true;
}

const struct arch_recover arch_riscv64_recover = {
	.facts = facts,
	.nr_facts = sizeof(facts) / sizeof(facts[0]),
	.recover = riscv64_recover,
};
