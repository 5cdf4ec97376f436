// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts of ppc64 (Book3S) from the image of the kernel, which is in the direct map. */
#include "arch/recover.h"

#define KERNEL_BASE 0xc000000000000000ULL

enum {
	PAGE_SIZE,
	SECTION_SIZE_BITS,
	MAX_PHYSMEM_BITS,
	VMEMMAP_BASE,
};

static const struct arch_fact facts[] = {
	[PAGE_SIZE] = {"page_size", "PAGESIZE", true},
	[SECTION_SIZE_BITS] = {"section_size_bits", "NUMBER(SECTION_SIZE_BITS)", true},
	[MAX_PHYSMEM_BITS] = {"max_physmem_bits", "NUMBER(MAX_PHYSMEM_BITS)", true},
	[VMEMMAP_BASE] = {"vmemmap_base", "SYMBOL(vmemmap)", false},
};

static bool ppc64_recover(const struct arch_image *image, arch_say_fn *say, void *arg,
			  uint64_t *voffset)
{
	uint64_t text, vaddr;

	if (!image->symbol(image->arg, "_stext", &text) || text >> 60 != KERNEL_BASE >> 60 ||
	    !image->symbol(image->arg, "paca_ptrs", &vaddr))
		return false;
	*voffset = KERNEL_BASE;
	// only CONFIG_PPC_64K_PAGES has it
	if (image->symbol(image->arg, "__hash_page_64K", &vaddr))
		say(arg, PAGE_SIZE, "image", 65536);
	else if (image->complete)
		say(arg, PAGE_SIZE, "image", 4096);
	say(arg, SECTION_SIZE_BITS, "image", 24);
	say(arg, MAX_PHYSMEM_BITS, "image", 51);
	return true;
}

const struct arch_recover arch_ppc64_recover = {
	.facts = facts,
	.nr_facts = sizeof(facts) / sizeof(facts[0]),
	.recover = ppc64_recover,
};
