// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * loongarch64: windows of the address space that are physical memory as it is (DMW), the cached one
 * being the kernel's direct map with its image in it, and page tables for the rest
 * (arch/loongarch/include/asm/addrspace.h, loongarch.h, pgtable.h, pgtable-bits.h). Tables point at
 * tables by their addresses in the cached window; where nothing is mapped they point at one of the
 * invalid_*_table, in which nothing is.
 */
#include "arch/arch.h"

#include <elf.h>

#include "arch/learn.h"
#include "dump/vmcoreinfo.h"

#define WINDOW_CACHED       0x9000000000000000ULL /* CSR_DMW1_BASE */
#define WINDOW_UNCACHED     0x8000000000000000ULL
#define WINDOW_WRITECOMBINE 0xa000000000000000ULL
#define WINDOW_MASK         0x0000ffffffffffffULL /* TO_PHYS_MASK */

#define PTE_PLV_USER 0xcULL      /* both bits */
#define PTE_HUGE     (1ULL << 6) /* in a directory */
#define PTE_PRESENT  (1ULL << 7)
#define PTE_WRITE    (1ULL << 8)
#define PTE_NO_EXEC  (1ULL << 62)

static enum pte_type loongarch64_pte(const struct paging *paging, unsigned int level,
				     uint64_t entry, uint64_t *paddr, unsigned int *flags)
{
	bool leaf = level == 0 || (level == 1 && entry & PTE_HUGE);

	if (leaf ? !(entry & PTE_PRESENT) : (entry & ~WINDOW_MASK) != WINDOW_CACHED)
		return PTE_NONE;
	*paddr = entry & paging->addr_mask;
	if (!leaf)
		return PTE_TABLE;
	*paddr &= ~0ULL << paging->shift[level];
	*flags = (entry & PTE_WRITE ? MAP_WRITE : 0) |
		 ((entry & PTE_PLV_USER) == PTE_PLV_USER ? MAP_USER : 0) |
		 (entry & PTE_NO_EXEC ? 0 : MAP_EXEC);
	return PTE_LEAF;
}

/** CONFIG_PGTABLE_LEVELS, by the tables for nothing that there are. */
static uint8_t find_levels(const struct arch_env *env)
{
	uint64_t ignored;

	if (env->symbol(env->arg, "invalid_pud_table", &ignored))
		return 4;
	if (env->symbol(env->arg, "invalid_pte_table", &ignored) &&
	    !env->symbol(env->arg, "invalid_pmd_table", &ignored))
		return 2;
	return 3;
}

/** vm_map_base, below which only the windows are: 2^vabits from the end, and VMALLOC_START,
 * exported since Linux commit 55c49fee57af (6.9), is not far above it. */
static uint64_t find_map_base(const struct arch_env *env)
{
	int64_t vmalloc;

	if (!vmcoreinfo_number(env->vmcoreinfo, "VMALLOC_START", &vmalloc) || vmalloc >= -1)
		return 0 - (1ULL << 47);
	return ~0ULL << (64 - __builtin_clzll(~(uint64_t)vmalloc));
}

static struct error *loongarch64_learn(struct addrspace *as, const struct arch_env *env)
{
	static const uint64_t windows[] = {WINDOW_CACHED, WINDOW_UNCACHED, WINDOW_WRITECOMBINE};
	uint8_t page_shift;
	struct error *err;
	uint64_t root;

	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		struct linear_map window = {.kind = LINEAR_DIRECT_MAP,
					    .start = windows[i],
					    .last = windows[i] + WINDOW_MASK};

		addrspace_add_linear(as, &window);
	}
	err = learn_page_shift(as, env, &page_shift);
	if (!err)
		err = learn_swapper(env, &root);
	if (err)
		return err;
	learn_levels(as, page_shift, find_levels(env), (uint8_t)(page_shift - 3));
	as->paging.first = find_map_base(env);
	as->paging.last = UINT64_MAX;
	as->paging.addr_mask = WINDOW_MASK & ~0ULL << page_shift;
	as->paging.root = root & WINDOW_MASK;
	return NULL;
}

const struct arch arch_loongarch64 = {
	.name = "loongarch64",
	.e_machine = EM_LOONGARCH,
	.word = 8,
	.section_size_bits = 29,
	// struct elf_prstatus with struct user_pt_regs: r0 to r31, orig_a0, csr_era, ...
	.prstatus = {.size = 480,
		     .pid = 32,
		     .reg = 112,
		     .reg_size = 360,
		     .ip = 264,
		     .sp = 24,
		     .fp = 176},
	.learn = loongarch64_learn,
	.pte = loongarch64_pte,
	.phys_to_virt = learn_phys_to_virt,
};
