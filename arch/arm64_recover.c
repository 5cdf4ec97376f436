// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts of arm64 from the image of the kernel: its header, and what it noted of its own place. */
#include "arch/recover.h"

#include <string.h>

#include "util/bytes.h"

// struct arm64_image_header (arch/arm64/include/asm/image.h), at _text
#define HEADER_LEN   64
#define HEADER_FLAGS 24
#define HEADER_MAGIC 56
#define FLAGS_PAGE   1 /* bits 1 and 2: 1 for 4K, 2 for 16K, 3 for 64K */

enum {
	PAGE_SIZE,
	KIMAGE_VOFFSET,
	PHYS_OFFSET,
	VA_BITS,
	TCR_T1SZ,
	MAX_PHYSMEM_BITS,
	SECTION_SIZE_BITS,
	VMEMMAP_BASE,
};

static const struct arch_fact facts[] = {
	[PAGE_SIZE] = {"page_size", "PAGESIZE", true},
	[KIMAGE_VOFFSET] = {"kimage_voffset", "NUMBER(kimage_voffset)", false},
	[PHYS_OFFSET] = {"phys_offset", "NUMBER(PHYS_OFFSET)", false},
	[VA_BITS] = {"va_bits", "NUMBER(VA_BITS)", true},
	[TCR_T1SZ] = {"tcr_el1_t1sz", "NUMBER(TCR_EL1_T1SZ)", false},
	[MAX_PHYSMEM_BITS] = {"max_physmem_bits", "NUMBER(MAX_PHYSMEM_BITS)", true},
	[SECTION_SIZE_BITS] = {"section_size_bits", "NUMBER(SECTION_SIZE_BITS)", true},
	[VMEMMAP_BASE] = {"vmemmap_base", "SYMBOL(vmemmap)", false},
};

/** CONFIG_ARM64_VA_BITS, what the CPU has of them, and the physical bits that go with that. A
 * kernel built for 52 bits runs with 48 (16K: 47) where the CPU has no more. */
static const struct arch_guess guesses[] = {
	{{48, 64 - 48, 48}}, {{52, 64 - 48, 48}}, {{52, 64 - 52, 52}}, {{39, 64 - 39, 48}},
	{{47, 64 - 47, 48}}, {{52, 64 - 47, 48}}, {{42, 64 - 42, 48}}, {{36, 64 - 36, 48}},
};

static void recover_page_size(const struct arch_image *image, arch_say_fn *say, void *arg)
{
	uint8_t header[HEADER_LEN];
	uint64_t text, code;

	// without KALLSYMS_ALL it is the first symbol that begins a page
	if (!image->symbol(image->arg, "_text", &text) ||
	    !image->read(image->arg, text, header, sizeof(header)) ||
	    memcmp(header + HEADER_MAGIC, "ARM\x64", 4) != 0)
		return;
	code = load_u64(header + HEADER_FLAGS, false) >> FLAGS_PAGE & 3;
	if (code)
		say(arg, PAGE_SIZE, "image", 1024ULL << 2 * code);
}

static bool arm64_recover(const struct arch_image *image, arch_say_fn *say, void *arg,
			  uint64_t *voffset)
{
	uint64_t value, vaddr;

	if (!image->symbol(image->arg, "kimage_voffset", &vaddr))
		return false;
	*voffset = image->voffset;
	if (arch_image_variable(image, "kimage_voffset", 8, voffset))
		say(arg, KIMAGE_VOFFSET, "image", *voffset);
	else if (!image->placed)
		return false;
	if (image->placed)
		say(arg, KIMAGE_VOFFSET, "symbol table", image->voffset);
	if (arch_image_variable(image, "memstart_addr", 8, &value))
		say(arg, PHYS_OFFSET, "image", value);
	recover_page_size(image, say, arg);
	return true;
}

const struct arch_recover arch_arm64_recover = {
	.facts = facts,
	.nr_facts = sizeof(facts) / sizeof(facts[0]),
	.guessed = {VA_BITS, TCR_T1SZ, MAX_PHYSMEM_BITS},
	.nr_guessed = 3,
	.nr_guesses = sizeof(guesses) / sizeof(guesses[0]),
	.guesses = guesses,
	.recover = arm64_recover,
};
