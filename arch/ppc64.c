// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ppc64, of either byte order, from Linux 4.7 on (arch/powerpc/include/asm/book3s/64). The kernel
 * is linear from 0xc000000000000000 on. On top of that
 *   - radix kernels have page tables for everything;
 *   - hash kernels keep Linux page tables for vmalloc and I/O only. Their virtual struct page array
 *     stands in a list, vmemmap_list.
 * Tables are big-endian on little-endian kernels too.
 */
#include "arch/arch.h"

#include <elf.h>

#include "arch/learn.h"
#include "arch/recover.h"
#include "arch/unwind.h"
#include "dump/vmcoreinfo.h"
#include "util/bytes.h"

#define PAGE_OFFSET 0xc000000000000000ULL

#define PTE_PRESENT    (1ULL << 63)
#define PTE_PTE        (1ULL << 62) /* a leaf, at whatever level */
#define PTE_EXEC       (1ULL << 0)
#define PTE_WRITE      (1ULL << 1)
#define PTE_PRIVILEGED (1ULL << 3)
#define PTE_RPN        ((1ULL << 53) - 1)    /* _PAGE_PA_MAX; above it hash has flags */
#define TABLE_ADDR     0x3fffffffffffff00ULL /* ~PMD_MASKED_BITS */
#define TABLE_BITS     0x1fULL               /* radix: index bits of the next table */

#define NR_LEVELS 4

#define MAX_BACKINGS (1U << 24) /* of 4 KiB at least: struct pages for 4 TiB at the worst */

static enum pte_type ppc64_pte(const struct paging *paging, unsigned int level, uint64_t entry,
			       uint64_t *paddr, unsigned int *flags)
{
	if (level && !(entry & PTE_PTE)) {
		uint64_t bits = entry & TABLE_BITS;

		*paddr = entry & TABLE_ADDR;
		return *paddr && (!bits || bits == paging->bits[level - 1]) ? PTE_TABLE : PTE_NONE;
	}
	if (!(entry & PTE_PRESENT))
		return PTE_NONE;
	*paddr = entry & paging->addr_mask & ~0ULL << paging->shift[level];
	*flags = (entry & PTE_WRITE ? MAP_WRITE : 0) | (entry & PTE_PRIVILEGED ? 0 : MAP_USER) |
		 (entry & PTE_EXEC ? MAP_EXEC : 0);
	return PTE_LEAF;
}

static bool is_linear(const struct addrspace *as, uint64_t pointer)
{
	return pointer >= as->linear[0].start && pointer <= as->linear[0].last;
}

/** QEMU says big-endian of little-endian guests too. A pointer of the kernel into its linear map
 * tells. */
static void find_byte_order(struct addrspace *as, const struct arch_env *env)
{
	uint64_t pointer;

	if (learn_variable(as, env, "mem_section", 8, &pointer) && !is_linear(as, pointer) &&
	    is_linear(as, __builtin_bswap64(pointer)))
		as->big_endian = !as->big_endian;
}

static void set_paging(struct addrspace *as, uint8_t page_shift, uint64_t root,
		       const uint8_t bits[static NR_LEVELS])
{
	uint8_t shift = page_shift;

	as->paging = (struct paging){
		.page_shift = page_shift,
		.nr_levels = NR_LEVELS,
		.entry_size = 8,
		.big_endian = true,
		.root = root,
		.addr_mask = PTE_RPN & ~0ULL << page_shift,
	};
	for (unsigned int i = 0; i < NR_LEVELS; i++) {
		as->paging.bits[i] = bits[i];
		as->paging.shift[i] = shift;
		shift = (uint8_t)(shift + bits[i]);
	}
}

static void set_radix_paging(struct addrspace *as, uint8_t page_shift, uint64_t root)
{
	// RADIX_PTE_INDEX_SIZE and so on, radix-4k.h and radix-64k.h
	static const uint8_t bits_4k[] = {9, 9, 9, 13}, bits_64k[] = {5, 9, 9, 13};

	set_paging(as, page_shift, root, page_shift == 16 ? bits_64k : bits_4k);
	// what a root of 52 bits translates in the kernel's quadrant
	as->paging.first = PAGE_OFFSET;
	as->paging.last = PAGE_OFFSET + (1ULL << 52) - 1;
}

/** Index sizes of hash kernels changed often and are in variables; without symbols they are taken
 * for today's. */
static void set_hash_paging(struct addrspace *as, const struct arch_env *env, uint8_t page_shift,
			    uint64_t root)
{
	static const char *const names[NR_LEVELS] = {"__pte_index_size", "__pmd_index_size",
						     "__pud_index_size", "__pgd_index_size"};
	// H_PTE_INDEX_SIZE and so on, hash-4k.h and hash-64k.h
	static const uint8_t bits_4k[] = {9, 7, 9, 9}, bits_64k[] = {8, 10, 10, 8};
	uint8_t bits[NR_LEVELS];
	unsigned int known = 0;

	for (unsigned int i = 0; i < NR_LEVELS; i++) {
		uint64_t size;

		if (!learn_variable(as, env, names[i], 8, &size) || !size || size > 13)
			break;
		bits[i] = (uint8_t)size;
		known++;
	}
	set_paging(as, page_shift, root,
		   known == NR_LEVELS ? bits
		   : page_shift == 16 ? bits_64k
				      : bits_4k);
	// vmalloc was at 0xd000000000000000 before Linux commit 0034d395f89d (5.2)
	as->paging.first = page_shift == 16 ? 0xc008000000000000ULL : 0xc0003d0000000000ULL;
	as->paging.last = 0xdfffffffffffffffULL;
}

/** Adds a stretch of struct pages to the linear maps, to one that it continues if there is one. */
static bool add_vmemmap(struct addrspace *as, uint64_t vaddr, uint64_t paddr, uint64_t size)
{
	struct linear_map map = {
		.kind = LINEAR_VMEMMAP, .start = vaddr, .last = vaddr + size - 1, .paddr = paddr};

	for (size_t i = 0; i < as->nr_linear; i++) {
		struct linear_map *other = &as->linear[i];

		if (other->kind != LINEAR_VMEMMAP || other->start - vaddr != other->paddr - paddr)
			continue;
		if (other->last + 1 == vaddr) {
			other->last = map.last;
			return true;
		}
		if (map.last + 1 == other->start) {
			other->start = vaddr;
			other->paddr = paddr;
			return true;
		}
	}
	return addrspace_add_linear(as, &map);
}

static bool vmemmap_page_shift(const struct addrspace *as, const struct arch_env *env,
			       uint64_t *ret)
{
	uint64_t psize, defs, size, off;
	uint8_t shift[4];

	if (!vmcoreinfo_size(env->vmcoreinfo, "mmu_psize_def", &size) ||
	    !vmcoreinfo_offset(env->vmcoreinfo, "mmu_psize_def.shift", &off) ||
	    !learn_variable(as, env, "mmu_vmemmap_psize", 4, &psize) ||
	    !env->symbol(env->arg, "mmu_psize_defs", &defs) || psize > 16 ||
	    !as->read(as->read_arg, defs - PAGE_OFFSET + psize * size + off, shift, sizeof(shift)))
		return false;
	*ret = load_u32(shift, as->big_endian);
	return *ret >= 12 && *ret <= 34;
}

static struct error *find_vmemmap(struct addrspace *as, const struct arch_env *env)
{
	uint64_t node, shift, off_list, off_phys, off_virt;

	if (!vmcoreinfo_offset(env->vmcoreinfo, "vmemmap_backing.list", &off_list) ||
	    !vmcoreinfo_offset(env->vmcoreinfo, "vmemmap_backing.phys", &off_phys) ||
	    !vmcoreinfo_offset(env->vmcoreinfo, "vmemmap_backing.virt_addr", &off_virt) ||
	    !vmemmap_page_shift(as, env, &shift) ||
	    !learn_variable(as, env, "vmemmap_list", 8, &node))
		return error_create(ERROR_NOT_FOUND,
				    "no vmemmap_list of the hash MMU by way of vmcoreinfo");
	for (unsigned int i = 0; node; i++) {
		uint64_t at = node - PAGE_OFFSET;
		uint8_t list[8], phys[8], virt[8];

		if (!as->read(as->read_arg, at + off_list, list, sizeof(list)) ||
		    !as->read(as->read_arg, at + off_phys, phys, sizeof(phys)) ||
		    !as->read(as->read_arg, at + off_virt, virt, sizeof(virt)))
			return error_create(ERROR_NOT_FOUND,
					    "entry 0x%llx of vmemmap_list is not in the dump",
					    (unsigned long long)node);
		if (i == MAX_BACKINGS ||
		    !add_vmemmap(as, load_u64(virt, as->big_endian), load_u64(phys, as->big_endian),
				 1ULL << shift))
			return error_create(
				ERROR_UNSUPPORTED,
				"vmemmap_list has more than %u separate stretches or no end",
				ADDRSPACE_MAX_LINEAR - 1);
		node = load_u64(list, as->big_endian);
	}
	return NULL;
}

/** NUMBER(RADIX_MMU) came with Linux commit 36e826b568e4 (6.6). Without it, tables that map
 * themselves are radix ones: those of a hash kernel do not have the linear map. */
static bool is_radix(const struct addrspace *as, const struct arch_env *env, uint64_t root)
{
	int64_t radix;

	if (vmcoreinfo_number(env->vmcoreinfo, "RADIX_MMU", &radix))
		return radix != 0;
	return learn_maps_itself(as, root);
}

static struct error *ppc64_learn(struct addrspace *as, const struct arch_env *env)
{
	uint8_t page_shift;
	struct error *err;
	uint64_t root;

	err = learn_page_shift(as, env, &page_shift);
	if (err)
		return err;
	learn_direct_map(as, env, PAGE_OFFSET, 0, PAGE_OFFSET, PAGE_OFFSET + (1ULL << 51) - 1,
			 true);
	find_byte_order(as, env);
	err = learn_swapper(env, &root);
	if (err)
		return err;
	set_radix_paging(as, page_shift, root - PAGE_OFFSET);
	if (is_radix(as, env, root))
		return learn_check_root(as, root);
	as->linear[0].fallback = false;
	set_hash_paging(as, env, page_shift, root - PAGE_OFFSET);
	return find_vmemmap(as, env);
}

const struct arch arch_ppc64 = {
	.name = "ppc64",
	.e_machine = EM_PPC64,
	.word = 8,
	.section_size_bits = 24,
	// struct elf_prstatus with struct pt_regs: r0 to r31, nip, msr, ...
	.prstatus = {.size = 504,
		     .pid = 32,
		     .reg = 112,
		     .reg_size = 384,
		     .ip = 256,
		     .sp = 8,
		     .fp = UINT16_MAX},
	.learn = ppc64_learn,
	.pte = ppc64_pte,
	.phys_to_virt = learn_phys_to_virt,
	.recover = &arch_ppc64_recover,
	.unwind = &arch_ppc64_unwind,
};
