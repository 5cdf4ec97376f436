// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * i386, two-level page tables and PAE (arch/x86/include/asm/pgtable-2level.h, pgtable-3level.h).
 * Low memory is mapped from PAGE_OFFSET on, which CONFIG_VMSPLIT_* sets and nothing exports: of the
 * possible ones it is the one by which the page tables map themselves.
 */
#include "arch/arch.h"

#include <elf.h>

#include "arch/learn.h"
#include "dump/vmcoreinfo.h"

#define PTE_PRESENT (1ULL << 0)
#define PTE_RW      (1ULL << 1)
#define PTE_USER    (1ULL << 2)
#define PTE_PSE     (1ULL << 7)
#define PTE_NX      (1ULL << 63) /* PAE */

// Address bits 39:32 of a 4M page (PSE-36).
#define PSE36_HIGH  0x1fe000ULL
#define PSE36_SHIFT 19

static enum pte_type i386_pte(const struct paging *paging, unsigned int level, uint64_t entry,
			      uint64_t *paddr, unsigned int *flags)
{
	bool leaf = level == 0 || (level == 1 && entry & PTE_PSE);

	if (!(entry & PTE_PRESENT))
		return PTE_NONE;
	*paddr = entry & paging->addr_mask;
	if (!leaf)
		return PTE_TABLE;
	*paddr &= ~0ULL << paging->shift[level];
	if (level == 1 && paging->entry_size == 4)
		*paddr |= (entry & PSE36_HIGH) << PSE36_SHIFT;
	*flags = (entry & PTE_RW ? MAP_WRITE : 0) | (entry & PTE_USER ? MAP_USER : 0) |
		 (entry & PTE_NX ? 0 : MAP_EXEC);
	return PTE_LEAF;
}

static void set_paging(struct addrspace *as, bool pae)
{
	learn_levels(as, 12, pae ? 3 : 2, pae ? 9 : 10);
	if (pae)
		as->paging.bits[2] = 2;
	else
		as->paging.entry_size = 4;
	as->paging.last = UINT32_MAX;
	as->paging.addr_mask = pae ? 0x000ffffffffff000ULL : 0xfffff000ULL;
}

static struct error *i386_learn(struct addrspace *as, const struct arch_env *env)
{
	// arch/x86/Kconfig, choice "Memory split"
	static const uint32_t page_offsets[] = {0xc0000000, 0xb0000000, 0x80000000, 0x78000000,
						0x40000000};
	const char *pae = vmcoreinfo_text(env->vmcoreinfo, "CONFIG_X86_PAE");
	struct error *err;
	uint64_t root;

	err = learn_swapper(env, &root);
	if (err)
		return err;
	set_paging(as, pae && *pae == 'y');
	for (size_t i = 0; i < sizeof(page_offsets) / sizeof(page_offsets[0]); i++) {
		struct mapping map;

		if (root < page_offsets[i])
			continue;
		as->paging.root = root - page_offsets[i];
		pgtable_walk(as, root, &map);
		if (map.status != MAP_OK || map.paddr != as->paging.root)
			continue;
		learn_lowmem(as, page_offsets[i], 0);
		return NULL;
	}
	as->paging.nr_levels = 0;
	return error_create(ERROR_NOT_FOUND, "no page tables that map themselves at 0x%llx",
			    (unsigned long long)root);
}

const struct arch arch_i386 = {
	.name = "i686",
	.e_machine = EM_386,
	.word = 4,
	.default_page_shift = 12,
	// struct elf_prstatus with struct user_regs_struct: bx, cx, dx, si, di, bp, ax, ...
	.prstatus =
		{.size = 144, .pid = 24, .reg = 72, .reg_size = 68, .ip = 48, .sp = 60, .fp = 20},
	.learn = i386_learn,
	.pte = i386_pte,
	.phys_to_virt = learn_phys_to_virt,
};
