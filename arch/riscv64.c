// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * riscv64: Sv39, Sv48 and Sv57 (arch/riscv/include/asm/pgtable-64.h, mm/init.c). The kernel exports
 * its layout since Linux commit 649d6b1019a2 (6.2).
 */
#include "arch/arch.h"

#include <elf.h>

#include "arch/learn.h"
#include "arch/recover.h"
#include "arch/unwind.h"
#include "dump/facts.h"
#include "dump/vmcoreinfo.h"
#include "util/checked.h"

#define PTE_VALID     (1ULL << 0)
#define PTE_WRITE     (1ULL << 2)
#define PTE_EXEC      (1ULL << 3)
#define PTE_LEAF_MASK (7ULL << 1) /* any of read, write, execute */
#define PTE_USER      (1ULL << 4)
#define PTE_PFN       0x003ffffffffffc00ULL /* shifted right by 2 it is the address */
#define PTE_NAPOT     (1ULL << 63)
#define PTE_NAPOT_64K (8ULL << 10) /* the only size there is: 2^n pages have bit n-1 set alone */
#define PTE_NAPOT_LOW (15ULL << 10)
#define PTE_CUSTOM    (127ULL << 54) /* T-Head's memory types use bit 63 together with these */
#define KERNEL_ALIGN  (2ULL << 20)   /* PMD_SIZE, at which the image is loaded */

static bool is_napot(unsigned int level, uint64_t entry)
{
	return level == 0 && (entry & (PTE_NAPOT | PTE_CUSTOM)) == PTE_NAPOT &&
	       (entry & PTE_NAPOT_LOW) == PTE_NAPOT_64K;
}

static unsigned int riscv64_leaf_shift(const struct paging *paging, unsigned int level,
				       uint64_t entry)
{
	return is_napot(level, entry) ? 16 : paging->shift[level];
}

static enum pte_type riscv64_pte(const struct paging *paging, unsigned int level, uint64_t entry,
				 uint64_t *paddr, unsigned int *flags)
{
	if (!(entry & PTE_VALID))
		return PTE_NONE;
	*paddr = (entry & paging->addr_mask) << 2;
	if (!(entry & PTE_LEAF_MASK))
		return level ? PTE_TABLE : PTE_NONE;
	*paddr &= ~0ULL << riscv64_leaf_shift(paging, level, entry);
	*flags = (entry & PTE_WRITE ? MAP_WRITE : 0) | (entry & PTE_USER ? MAP_USER : 0) |
		 (entry & PTE_EXEC ? MAP_EXEC : 0);
	return PTE_LEAF;
}

/** The image's distance from physical memory is exported since Linux commit fbe7d19d2b7f (6.5). */
static struct error *find_root(struct addrspace *as, const struct arch_env *env, uint64_t ram_base,
			       uint64_t *voffset)
{
	struct error *err;
	uint64_t root;
	int64_t number;

	err = learn_swapper(env, &root);
	if (err)
		return err;
	if (vmcoreinfo_number(env->vmcoreinfo, "va_kernel_pa_offset", &number)) {
		as->paging.root = root - (uint64_t)number;
		err = learn_check_root(as, root);
	} else {
		err = learn_probe_root(
			as, root, align_down(ram_base, KERNEL_ALIGN) + (root & (KERNEL_ALIGN - 1)),
			KERNEL_ALIGN, env->facts->max_paddr);
	}
	if (!err)
		*voffset = root - as->paging.root;
	return err;
}

static struct error *riscv64_learn(struct addrspace *as, const struct arch_env *env)
{
	uint64_t va_bits, page_offset, ram_base, voffset;
	uint64_t end = UINT64_MAX;
	struct error *err;
	int64_t link;

	err = learn_number(env, "PAGE_OFFSET", &page_offset);
	if (!err)
		err = learn_number(env, "phys_ram_base", &ram_base);
	if (err)
		return err;
	// modules and the image follow the direct map
	if (vmcoreinfo_number(env->vmcoreinfo, "KERNEL_LINK_ADDR", &link))
		end = (uint64_t)link - 1;
	learn_direct_map(as, env, page_offset, ram_base, page_offset, end, true);

	err = learn_number(env, "VA_BITS", &va_bits);
	if (err)
		return err;
	if (va_bits != 39 && va_bits != 48 && va_bits != 57)
		return error_create(ERROR_FORMAT, "NUMBER(VA_BITS) %lld is none of 39, 48 and 57",
				    (long long)va_bits);
	learn_levels(as, 12, (uint8_t)((va_bits - 12) / 9), 9);
	as->paging.first = 0 - (1ULL << (va_bits - 1));
	as->paging.last = (1ULL << (va_bits - 1)) - 1;
	as->paging.addr_mask = PTE_PFN;
	err = find_root(as, env, ram_base, &voffset);
	if (err) {
		as->paging.nr_levels = 0;
		return err;
	}
	learn_image(as, env, voffset);
	return NULL;
}

const struct arch arch_riscv64 = {
	.name = "riscv64",
	.e_machine = EM_RISCV,
	.word = 8,
	.default_page_shift = 12,
	.section_size_bits = 27,
	// struct elf_prstatus with struct user_regs_struct: pc, ra, sp, gp, tp, t0 to t2, s0, ...
	.prstatus =
		{.size = 376, .pid = 32, .reg = 112, .reg_size = 256, .ip = 0, .sp = 16, .fp = 64},
	.learn = riscv64_learn,
	.pte = riscv64_pte,
	.leaf_shift = riscv64_leaf_shift,
	.phys_to_virt = learn_phys_to_virt,
	.recover = &arch_riscv64_recover,
	.unwind = &arch_riscv64_unwind,
};
