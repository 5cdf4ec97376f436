// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts of x86_64 from the image of the kernel, and from the registers that QEMU leaves in notes.
 */
#include "arch/addrspace.h"
#include "arch/recover.h"
#include "dump/facts.h"
#include "dump/notes.h"
#include "util/bytes.h"
#include "util/checked.h"

// arch/x86/include/asm/page_64_types.h
#define START_KERNEL_MAP 0xffffffff80000000ULL

// struct boot_params, arch/x86/include/uapi/asm/bootparam.h: hdr.pref_address is where the image
// was linked to load
#define PREF_ADDRESS 0x258

// struct QEMUCPUState, target/i386/arch_dump.c
#define QEMU_CR  392
#define QEMU_LEN 440
#define CR0_PG   (1ULL << 31)
#define CR3_ROOT 0x000fffffffffe000ULL /* without PCID and the bit of the user's half (PTI) */
#define CR4_LA57 (1ULL << 12)

// The last entry of a root table is the way to the image, in all of them the same.
#define ROOT_LAST 4088
#define PTE_ADDR  0x000ffffffffff000ULL

// kernel_randomize_memory() in arch/x86/mm/kaslr.c moves regions in steps of a PUD.
#define PUD_SIZE (1ULL << 30)

// Stretches between the direct map and the first thing in the vmalloc area.
#define MAX_STRETCHES 64

#define MAX_RANGES 128 /* E820_MAX_ENTRIES without NUMA */

enum {
	PHYS_BASE,
	KASLR_OFFSET,
	PAGE_OFFSET,
	VMALLOC_BASE,
	VMEMMAP_BASE,
	PAGING_L5,
	SME_MASK,
	IMAGE_SIZE,
	SECTION_SIZE_BITS,
	MAX_PHYSMEM_BITS,
};

static const struct arch_fact facts[] = {
	[PHYS_BASE] = {"phys_base", "NUMBER(phys_base)", true},
	[KASLR_OFFSET] = {"kaslr_offset", "KERNELOFFSET", false},
	[PAGE_OFFSET] = {"page_offset", NULL, false},
	[VMALLOC_BASE] = {"vmalloc_base", "NUMBER(VMALLOC_START)", false},
	[VMEMMAP_BASE] = {"vmemmap_base", "SYMBOL(vmemmap)", false},
	[PAGING_L5] = {"pgtable_l5_enabled", "NUMBER(pgtable_l5_enabled)", true},
	[SME_MASK] = {"sme_mask", "NUMBER(sme_mask)", true},
	[IMAGE_SIZE] = {"kernel_image_size", "NUMBER(KERNEL_IMAGE_SIZE)", true},
	[SECTION_SIZE_BITS] = {"section_size_bits", "NUMBER(SECTION_SIZE_BITS)", true},
	[MAX_PHYSMEM_BITS] = {"max_physmem_bits", "NUMBER(MAX_PHYSMEM_BITS)", true},
};

/** The next note of QEMU with the registers of a CPU that has paging on; NULL when there is none.
 */
static const uint8_t *next_qemu(struct bytes *cursor)
{
	struct note note;

	while (note_next(cursor, &note)) {
		if (note_is(&note, "QEMU", 0) && note.desc.len >= QEMU_LEN &&
		    load_u64(note.desc.data + QEMU_CR, false) & CR0_PG)
			return note.desc.data;
	}
	return NULL;
}

static void recover_kaslr(const struct arch_image *image, arch_say_fn *say, void *arg)
{
	uint64_t text, params, start;
	uint8_t raw[8];

	if (!image->symbol(image->arg, "_text", &text) ||
	    !image->symbol(image->arg, "boot_params", &params) ||
	    !image->read(image->arg, params + PREF_ADDRESS, raw, sizeof(raw)))
		return;
	start = load_u64(raw, false);
	// a loader that is none of the usual leaves the header empty
	if (start && start % 4096 == 0 && text - START_KERNEL_MAP >= start)
		say(arg, KASLR_OFFSET, "boot_params", text - START_KERNEL_MAP - start);
}

/** What the configuration and the paging mode make of arch/x86/include/asm/page_64_types.h and
 * sparsemem.h. */
static void recover_sizes(const struct arch_image *image, arch_say_fn *say, void *arg)
{
	uint64_t vaddr, l5 = 0;

	// comes with CONFIG_RANDOMIZE_BASE
	if (image->symbol(image->arg, "kaslr_get_random_long", &vaddr))
		say(arg, IMAGE_SIZE, "image", 1ULL << 30);
	else if (image->complete)
		say(arg, IMAGE_SIZE, "image", 512ULL << 20);
	say(arg, SECTION_SIZE_BITS, "image", 27);
	if (arch_image_variable(image, "__pgtable_l5_enabled", 4, &l5) ||
	    (image->complete && !image->symbol(image->arg, "__pgtable_l5_enabled", &vaddr)))
		say(arg, MAX_PHYSMEM_BITS, "image", l5 ? 52 : 46);
}

static bool x86_64_recover(const struct arch_image *image, arch_say_fn *say, void *arg,
			   uint64_t *voffset)
{
	static const struct {
		size_t fact;
		const char *symbol;
		uint8_t size;
		bool optional; /* where the variable is missing the feature is too */
	} variables[] = {
		{PAGE_OFFSET, "page_offset_base", 8, false},
		{VMALLOC_BASE, "vmalloc_base", 8, false},
		{VMEMMAP_BASE, "vmemmap_base", 8, false},
		{PAGING_L5, "__pgtable_l5_enabled", 4, true},
		{SME_MASK, "sme_me_mask", 8, true},
	};
	struct bytes cursor = bytes_make(image->facts->notes, image->facts->notes_len, false, 8);
	uint64_t value, vaddr;
	const uint8_t *regs;

	if (!image->symbol(image->arg, "phys_base", &vaddr))
		return false;
	*voffset = image->voffset;
	if (arch_image_variable(image, "phys_base", 8, &value)) {
		*voffset = START_KERNEL_MAP - value;
		say(arg, PHYS_BASE, "image", value);
	} else if (!image->placed) {
		return false;
	}
	if (image->placed)
		say(arg, PHYS_BASE, "symbol table", START_KERNEL_MAP - image->voffset);
	recover_kaslr(image, say, arg);
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (arch_image_variable(image, variables[i].symbol, variables[i].size, &value))
			say(arg, variables[i].fact, "image", value);
		else if (variables[i].optional && image->complete &&
			 !image->symbol(image->arg, variables[i].symbol, &vaddr))
			say(arg, variables[i].fact, "image", 0);
	}
	recover_sizes(image, say, arg);
	while ((regs = next_qemu(&cursor)))
		say(arg, PAGING_L5, "registers",
		    !!(load_u64(regs + QEMU_CR + 4 * 8, false) & CR4_LA57));
	return true;
}

/** pfn_mapped[], the ranges that init_memory_mapping() has mapped: struct range of two pfns, the
 * end exclusive. */
static size_t x86_64_ram(const struct arch_image *image, struct arch_ram *ranges, size_t max)
{
	uint64_t nr, vaddr;
	uint8_t raw[16];

	if (!arch_image_variable(image, "nr_pfn_mapped", 4, &nr) || nr > MAX_RANGES || nr > max ||
	    !image->symbol(image->arg, "pfn_mapped", &vaddr))
		return 0;
	for (size_t i = 0; i < nr; i++) {
		if (!image->read(image->arg, vaddr + i * sizeof(raw), raw, sizeof(raw)) ||
		    !checked_shl(load_u64(raw, false), 12, &ranges[i].start) ||
		    !checked_shl(load_u64(raw + 8, false), 12, &ranges[i].end))
			return 0;
	}
	return nr;
}

static size_t x86_64_roots(const struct dump_facts *dump, uint64_t *roots, size_t max)
{
	struct bytes cursor = bytes_make(dump->notes, dump->notes_len, false, 8);
	const uint8_t *regs;
	size_t nr = 0;

	while (nr < max && (regs = next_qemu(&cursor)))
		roots[nr++] = load_u64(regs + QEMU_CR + 3 * 8, false) & CR3_ROOT;
	return nr;
}

/** The direct map is followed by the vmalloc area, which has something at its very beginning: the
 * interrupt stacks. */
static void x86_64_walk(const struct addrspace *as, arch_say_fn *say, void *arg)
{
	const struct linear_map *direct = addrspace_linear(as, LINEAR_DIRECT_MAP);
	struct mapping map;
	uint64_t vaddr;

	if (!direct)
		return;
	say(arg, PAGE_OFFSET, "page tables", direct->start - direct->paddr);
	vaddr = direct->last + 1;
	for (unsigned int i = 0; i < MAX_STRETCHES && vaddr < START_KERNEL_MAP; i++) {
		pgtable_walk(as, vaddr, &map);
		// a table that is not to be had might be what comes first
		if (map.status == MAP_NO_TABLE)
			return;
		if (map.status == MAP_OK && vaddr - map.paddr != direct->start - direct->paddr) {
			say(arg, VMALLOC_BASE, "page tables", align_down(vaddr, PUD_SIZE));
			return;
		}
		vaddr += map.len;
	}
}

static bool x86_64_root_mark(const struct arch_image *image, uint64_t voffset, size_t *off,
			     uint64_t *value, uint64_t *mask)
{
	uint64_t l5 = 0, table;

	(void)arch_image_variable(image, "__pgtable_l5_enabled", 4, &l5);
	if (!image->symbol(image->arg, l5 ? "level4_kernel_pgt" : "level3_kernel_pgt", &table))
		return false;
	*off = ROOT_LAST;
	*value = (table - voffset) & PTE_ADDR;
	*mask = PTE_ADDR;
	return true;
}

const struct arch_recover arch_x86_64_recover = {
	.facts = facts,
	.nr_facts = sizeof(facts) / sizeof(facts[0]),
	.recover = x86_64_recover,
	.ram = x86_64_ram,
	.walk = x86_64_walk,
	.roots = x86_64_roots,
	.root_mark = x86_64_root_mark,
};
