// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * x86_64: everything from VMCOREINFO and the page tables. KASLR needs no word: SYMBOL()s are
 * run-time addresses and the tables say the rest. The linear maps only stand in where a table is
 * missing, because the tables know about holes, modules and protections.
 */
#include "arch/arch.h"

#include <elf.h>

#include "arch/learn.h"
#include "arch/recover.h"
#include "arch/unwind.h"
#include "dump/facts.h"
#include "dump/vmcoreinfo.h"
#include "util/checked.h"

// arch/x86/include/asm/page_64_types.h
#define START_KERNEL_MAP 0xffffffff80000000ULL
#define IMAGE_SIZE       (512ULL << 20) /* without KASLR; with it the size is exported */
#define IMAGE_SIZE_MAX   (1ULL << 30)

// arch/x86/include/asm/pgtable_types.h
#define PTE_PRESENT  (1ULL << 0)
#define PTE_RW       (1ULL << 1)
#define PTE_USER     (1ULL << 2)
#define PTE_PSE      (1ULL << 7)
#define PTE_PROTNONE (1ULL << 8)
#define PTE_NX       (1ULL << 63)
#define PTE_ADDR     0x000ffffffffff000ULL
#define PTE_ADDR_TOP (1ULL << 51)

// Stretches of the upper half looked at in search of the direct map, which is its first part.
#define DIRECT_MAP_TRIES 64

static enum pte_type x86_64_pte(const struct paging *paging, unsigned int level, uint64_t entry,
				uint64_t *paddr, unsigned int *flags)
{
	bool leaf = level == 0 || (level <= 2 && entry & PTE_PSE);

	if (!(entry & (PTE_PRESENT | PTE_PROTNONE)) || (!(entry & PTE_PRESENT) && !leaf))
		return PTE_NONE;
	// PROT_NONE entries hold the inverted address, Linux commit 6b28baca9b1f (4.19)
	if (!(entry & PTE_PRESENT) && entry & PTE_ADDR_TOP)
		entry ^= PTE_ADDR;
	*paddr = entry & paging->addr_mask & ~paging->enc_mask;
	if (!leaf)
		return PTE_TABLE;
	// the PAT bit of large pages is bit 12, below their address
	*paddr &= ~((1ULL << paging->shift[level]) - 1);
	*flags = (entry & PTE_RW ? MAP_WRITE : 0) | (entry & PTE_USER ? MAP_USER : 0) |
		 (entry & PTE_NX ? 0 : MAP_EXEC);
	return PTE_LEAF;
}

/** Physical address of START_KERNEL_MAP, which may be below 0. */
static struct error *find_phys_base(const struct arch_env *env, uint64_t *ret)
{
	const struct dump_facts *facts = env->facts;
	int64_t number;

	if (vmcoreinfo_number(env->vmcoreinfo, "phys_base", &number)) {
		*ret = (uint64_t)number;
		return NULL;
	}
	for (size_t i = 0; i < facts->nr_segments; i++) {
		const struct dump_segment *seg = &facts->segments[i];

		if (seg->vaddr >= START_KERNEL_MAP &&
		    seg->vaddr - START_KERNEL_MAP < IMAGE_SIZE_MAX) {
			*ret = seg->paddr - (seg->vaddr - START_KERNEL_MAP);
			return NULL;
		}
	}
	if (!facts->nr_segments) { // a format whose header has it
		*ret = facts->phys_base;
		return NULL;
	}
	return error_create(ERROR_NOT_FOUND,
			    "no NUMBER(phys_base) in vmcoreinfo and no kernel segment in the dump");
}

static struct error *find_root(const struct arch_env *env, uint64_t phys_base, uint64_t *vaddr,
			       uint64_t *ret)
{
	// init_level4_pgt became init_top_pgt with Linux commit 65ade2f872b4 (4.13)
	static const char *const names[] = {"init_top_pgt", "init_level4_pgt", "swapper_pg_dir"};
	size_t i = 0;

	while (!env->symbol(env->arg, names[i], vaddr)) {
		if (++i == sizeof(names) / sizeof(names[0]))
			return error_create(ERROR_NOT_FOUND,
					    "no SYMBOL(init_top_pgt), "
					    "SYMBOL(init_level4_pgt) or "
					    "SYMBOL(swapper_pg_dir) in vmcoreinfo");
	}
	*ret = *vaddr - START_KERNEL_MAP + phys_base;
	if (*vaddr < START_KERNEL_MAP || *ret & ~PTE_ADDR)
		return error_create(
			ERROR_FORMAT, "SYMBOL(%s) 0x%llx with phys_base 0x%llx is no page table",
			names[i], (unsigned long long)*vaddr, (unsigned long long)phys_base);
	return NULL;
}

static void set_paging(struct addrspace *as, const struct vmcoreinfo *info, uint64_t root)
{
	int64_t l5 = 0, sme_mask = 0;

	(void)vmcoreinfo_number(info, "pgtable_l5_enabled", &l5);
	(void)vmcoreinfo_number(info, "sme_mask", &sme_mask);
	learn_levels(as, 12, l5 ? 5 : 4, 9);
	as->paging.first = 0 - (1ULL << (l5 ? 56 : 47));
	as->paging.last = (1ULL << (l5 ? 56 : 47)) - 1;
	as->paging.root = root;
	as->paging.addr_mask = PTE_ADDR;
	as->paging.enc_mask = (uint64_t)sme_mask;
}

/** The page tables themselves are RAM, so a direct map that starts at base has them. So has the
 * kernel image. */
static bool is_direct_map(const struct addrspace *as, uint64_t base)
{
	struct mapping map;

	pgtable_walk(as, base + as->paging.root, &map);
	return base + as->paging.root < START_KERNEL_MAP && map.status == MAP_OK &&
	       map.paddr == as->paging.root;
}

/** page_offset_base: from the segments, else it is the first thing that the upper half maps. */
static bool find_direct_map(const struct addrspace *as, const struct dump_facts *facts,
			    uint64_t *ret)
{
	uint64_t vaddr = as->paging.first;
	struct mapping map;

	for (size_t i = 0; i < facts->nr_segments; i++) {
		*ret = facts->segments[i].vaddr - facts->segments[i].paddr;
		if (is_direct_map(as, *ret))
			return true;
	}
	for (unsigned int i = 0; i < DIRECT_MAP_TRIES && vaddr < START_KERNEL_MAP; i++) {
		pgtable_walk(as, vaddr, &map);
		*ret = vaddr - map.paddr;
		if (map.status == MAP_OK && is_direct_map(as, *ret))
			return true;
		if (!map.len)
			return false;
		vaddr += map.len;
	}
	return false;
}

static struct error *x86_64_learn(struct addrspace *as, const struct arch_env *env)
{
	struct linear_map image = {.kind = LINEAR_KERNEL_IMAGE, .fallback = true};
	uint64_t phys_base = 0, root_vaddr = 0, root = 0, direct;
	int64_t image_size = IMAGE_SIZE;
	struct mapping map;
	struct error *err;
	bool found;

	err = find_phys_base(env, &phys_base);
	if (err)
		return err;
	(void)vmcoreinfo_number(env->vmcoreinfo, "KERNEL_IMAGE_SIZE", &image_size);
	image.start = START_KERNEL_MAP;
	image.last = START_KERNEL_MAP + min_u64((uint64_t)image_size, IMAGE_SIZE_MAX) - 1;
	image.paddr = phys_base;
	addrspace_add_linear(as, &image);

	err = find_root(env, phys_base, &root_vaddr, &root);
	if (err)
		return err;
	set_paging(as, env->vmcoreinfo, env->root ? env->root : root);
	found = env->facts->max_paddr && find_direct_map(as, env->facts, &direct);
	pgtable_walk(as, root_vaddr, &map);
	// a lower table of the image that was wiped out: the direct map speaks for the root
	if (found && map.status == MAP_UNMAPPED)
		as->linear[0].fallback = false;
	else if ((!env->root || map.status != MAP_OK || map.paddr != root) &&
		 (err = learn_check_root(as, root_vaddr)))
		return err;
	if (found)
		learn_direct_map(as, env, direct, 0, direct, START_KERNEL_MAP - 1, true);
	return NULL;
}

const struct arch arch_x86_64 = {
	.name = "x86_64",
	.e_machine = EM_X86_64,
	.word = 8,
	.default_page_shift = 12,
	.section_size_bits = 27,
	// struct elf_prstatus with struct user_regs_struct, arch/x86/include/asm/user_64.h
	.prstatus = {.size = 336,
		     .pid = 32,
		     .reg = 112,
		     .reg_size = 216,
		     .ip = 128,
		     .sp = 152,
		     .fp = 32},
	.learn = x86_64_learn,
	.pte = x86_64_pte,
	.phys_to_virt = learn_phys_to_virt,
	.recover = &arch_x86_64_recover,
	.unwind = &arch_x86_64_unwind,
};
