// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 32-bit ARM: short descriptors (arch/arm/include/asm/pgtable-2level-hwdef.h), taken as the
 * hardware reads them, 4096 entries of 1 MiB and tables of 256 entries, and LPAE
 * (pgtable-3level-hwdef.h). Where RAM begins nothing exports: it is where the page tables map
 * themselves.
 */
#include "arch/arch.h"

#include <elf.h>

#include "arch/learn.h"
#include "dump/facts.h"
#include "dump/vmcoreinfo.h"

// Short descriptors, first level
#define PMD_TYPE     3ULL
#define PMD_TABLE    1ULL
#define PMD_SECTION  2ULL /* bit 0 is then PXN */
#define PMD_XN       (1ULL << 4)
#define PMD_AP_USER  (1ULL << 11)
#define PMD_APX      (1ULL << 15) /* read-only */
#define PMD_SUPER    (1ULL << 18) /* of 16 MiB, the entry stands 16 times */
// second level
#define PTE_SMALL    2ULL /* bit 0 is then XN */
#define PTE_LARGE    1ULL /* of 64 KiB, the entry stands 16 times */
#define PTE_SMALL_XN (1ULL << 0)
#define PTE_LARGE_XN (1ULL << 15)
#define PTE_AP_USER  (1ULL << 5)
#define PTE_APX      (1ULL << 9)

// LPAE, the same as arm64's
#define LPAE_BLOCK  1ULL
#define LPAE_PAGE   3ULL
#define LPAE_USER   (1ULL << 6)
#define LPAE_RDONLY (1ULL << 7)
#define LPAE_XN     (1ULL << 54)

#define TABLE_ADDR 0xfffffc00ULL /* a short-descriptor table has 1 KiB */

#define PHYS_ALIGN  (2ULL << 20)  /* of PHYS_OFFSET, since Linux commit 9443076e4330 (5.11) */
#define SPLIT_ALIGN 0xf0000000ULL /* CONFIG_VMSPLIT_*: all values of PAGE_OFFSET */

static unsigned int arm_leaf_shift(const struct paging *paging, unsigned int level, uint64_t entry)
{
	if (paging->entry_size == 4 && level == 1 && entry & PMD_SUPER)
		return 24;
	if (paging->entry_size == 4 && level == 0 && (entry & 3) == PTE_LARGE)
		return 16;
	return paging->shift[level];
}

static enum pte_type lpae_pte(const struct paging *paging, unsigned int level, uint64_t entry,
			      uint64_t *paddr, unsigned int *flags)
{
	enum pte_type type = level ? PTE_TABLE : PTE_LEAF;

	if ((entry & 3) == LPAE_BLOCK && level > 0)
		type = PTE_LEAF;
	else if ((entry & 3) != LPAE_PAGE)
		return PTE_NONE;
	*paddr = entry & paging->addr_mask;
	if (type == PTE_LEAF)
		*paddr &= ~0ULL << paging->shift[level];
	*flags = (entry & LPAE_RDONLY ? 0 : MAP_WRITE) | (entry & LPAE_USER ? MAP_USER : 0) |
		 (entry & LPAE_XN ? 0 : MAP_EXEC);
	return type;
}

static enum pte_type section_pte(uint64_t entry, uint64_t *paddr, unsigned int *flags)
{
	if ((entry & PMD_TYPE) == PMD_TABLE) {
		*paddr = entry & TABLE_ADDR;
		return PTE_TABLE;
	}
	if (!(entry & PMD_SECTION))
		return PTE_NONE;
	if (entry & PMD_SUPER) // address bits 35:32 and 39:36
		*paddr = (entry & 0xff000000) | (entry >> 20 & 15) << 32 | (entry >> 5 & 15) << 36;
	else
		*paddr = entry & 0xfff00000;
	*flags = (entry & PMD_APX ? 0 : MAP_WRITE) | (entry & PMD_AP_USER ? MAP_USER : 0) |
		 (entry & PMD_XN ? 0 : MAP_EXEC);
	return PTE_LEAF;
}

static enum pte_type arm_pte(const struct paging *paging, unsigned int level, uint64_t entry,
			     uint64_t *paddr, unsigned int *flags)
{
	bool large = (entry & 3) == PTE_LARGE;

	if (paging->entry_size == 8)
		return lpae_pte(paging, level, entry, paddr, flags);
	if (level)
		return section_pte(entry, paddr, flags);
	if (!(entry & 3))
		return PTE_NONE;
	*paddr = entry & (large ? 0xffff0000 : 0xfffff000);
	*flags = (entry & PTE_APX ? 0 : MAP_WRITE) | (entry & PTE_AP_USER ? MAP_USER : 0) |
		 (entry & (large ? PTE_LARGE_XN : PTE_SMALL_XN) ? 0 : MAP_EXEC);
	return PTE_LEAF;
}

static void set_paging(struct addrspace *as, bool lpae)
{
	learn_levels(as, 12, lpae ? 3 : 2, lpae ? 9 : 8);
	if (lpae) {
		as->paging.bits[2] = 2;
	} else {
		as->paging.bits[1] = 12;
		as->paging.entry_size = 4;
	}
	as->paging.last = UINT32_MAX;
	as->paging.addr_mask = lpae ? 0xfffffff000ULL : 0xfffff000ULL;
}

static struct error *arm_learn(struct addrspace *as, const struct arch_env *env)
{
	const char *lpae = vmcoreinfo_text(env->vmcoreinfo, "CONFIG_ARM_LPAE");
	uint64_t root, page_offset;
	struct error *err;

	err = learn_swapper(env, &root);
	if (err)
		return err;
	set_paging(as, lpae && *lpae == 'y');
	err = learn_probe_root(as, root, root & (PHYS_ALIGN - 1), PHYS_ALIGN,
			       env->facts->max_paddr);
	if (err)
		return err;
	page_offset = root & SPLIT_ALIGN;
	learn_lowmem(as, page_offset, as->paging.root - (root - page_offset));
	return NULL;
}

const struct arch arch_arm = {
	.name = "armv7l",
	.e_machine = EM_ARM,
	.word = 4,
	.default_page_shift = 12,
	.section_size_bits = 28,
	// struct elf_prstatus with the registers r0 to r15, cpsr, orig_r0; r11 is the frame pointer
	.prstatus =
		{.size = 148, .pid = 24, .reg = 72, .reg_size = 72, .ip = 60, .sp = 52, .fp = 44},
	.learn = arm_learn,
	.pte = arm_pte,
	.leaf_shift = arm_leaf_shift,
	.phys_to_virt = learn_phys_to_virt,
};
