// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts of s390x from the image of the kernel. */
#include "arch/recover.h"

#include "util/bytes.h"

enum {
	KERNEL_OFFSET,
	KERNEL_OFFSET_PHYS,
	IDENTITY_BASE,
	SECTION_SIZE_BITS,
	MAX_PHYSMEM_BITS,
	VMEMMAP_BASE,
};

static const struct arch_fact facts[] = {
	[KERNEL_OFFSET] = {"kernel_offset", "KERNELOFFSET", false},
	[KERNEL_OFFSET_PHYS] = {"kernel_offset_phys", "KERNELOFFPHYS", false},
	[IDENTITY_BASE] = {"identity_base", "IDENTITYBASE", false},
	[SECTION_SIZE_BITS] = {"section_size_bits", "NUMBER(SECTION_SIZE_BITS)", true},
	[MAX_PHYSMEM_BITS] = {"max_physmem_bits", "NUMBER(MAX_PHYSMEM_BITS)", true},
	[VMEMMAP_BASE] = {"vmemmap_base", "SYMBOL(vmemmap)", false},
};

/** struct vm_layout: kaslr_offset, kaslr_offset_phys, identity_base, identity_size, which image and
 * identity mapping have of their own since Linux commit c98d2ecae08f (6.10). */
static bool s390x_recover(const struct arch_image *image, arch_say_fn *say, void *arg,
			  uint64_t *voffset)
{
	uint8_t raw[3 * 8];
	uint64_t vaddr;

	if (!image->symbol(image->arg, "vm_layout", &vaddr) ||
	    !image->symbol(image->arg, "lowcore_ptr", voffset) ||
	    !image->read(image->arg, vaddr, raw, sizeof(raw)))
		return false;
	*voffset = load_u64(raw, true) - load_u64(raw + 8, true);
	say(arg, KERNEL_OFFSET, "image", load_u64(raw, true));
	say(arg, KERNEL_OFFSET_PHYS, "image", load_u64(raw + 8, true));
	say(arg, IDENTITY_BASE, "image", load_u64(raw + 16, true));
	say(arg, SECTION_SIZE_BITS, "image", 28);
	say(arg, MAX_PHYSMEM_BITS, "image", 46);
	return true;
}

const struct arch_recover arch_s390x_recover = {
	.facts = facts,
	.nr_facts = sizeof(facts) / sizeof(facts[0]),
	.recover = s390x_recover,
};
