// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * arm64: pages of 4K, 16K and 64K, virtual addresses of 36 to 52 bits, physical ones of 48 and 52
 * (arch/arm64/include/asm/pgtable-hwdef.h, memory.h, pgtable-prot.h).
 *
 * Traps:
 *   - a kernel built for 52 bits runs with 48 (16K: 47) where the CPU cannot do more. With 64K its
 *     root table has 1024 entries all the same, of which TTBR1 points at the last 64
 *     (TTBR1_BADDR_4852_OFFSET), so that the index is that of 52 bits;
 *   - PHYS_OFFSET is mod 2^64: KASLR of the direct map, and that step from 52 to 48 bits, put it
 *     far below 0;
 *   - a 52-bit physical address is spread over the entry, in two ways.
 */
#include "arch/arch.h"

#include <elf.h>

#include "arch/learn.h"
#include "arch/recover.h"
#include "arch/unwind.h"
#include "dump/vmcoreinfo.h"
#include "util/checked.h"

#define PTE_BLOCK  1U
#define PTE_PAGE   3U /* in the last table; in the others a table */
#define PTE_USER   (1ULL << 6)
#define PTE_RDONLY (1ULL << 7)
#define PTE_DBM    (1ULL << 51) /* writable, though still read-only */
#define PTE_PXN    (1ULL << 53)
#define PTE_UXN    (1ULL << 54)

// Where an entry has address bits 51:48 (64K, FEAT_LPA), and 51:50 (4K and 16K, FEAT_LPA2).
#define LPA_HIGH   0xf000ULL
#define LPA_SHIFT  36
#define LPA2_HIGH  0x300ULL
#define LPA2_SHIFT 42

/** Bits [high:low]. */
static uint64_t bits(unsigned int high, unsigned int low)
{
	return ~0ULL >> (63 - high) & ~0ULL << low;
}

static uint64_t high_bits(const struct paging *paging)
{
	return paging->addr_mask & (paging->page_shift == 16 ? LPA_HIGH : LPA2_HIGH);
}

static enum pte_type arm64_pte(const struct paging *paging, unsigned int level, uint64_t entry,
			       uint64_t *paddr, unsigned int *flags)
{
	uint64_t wide = high_bits(paging);
	// blocks of 2M and 1G, 32M, 512M; of the next level too where addresses have 52 bits
	unsigned int max_block = (paging->page_shift == 12 ? 2 : 1) + (wide != 0);
	enum pte_type type = level ? PTE_TABLE : PTE_LEAF;

	if ((entry & 3) == PTE_BLOCK && level > 0 && level <= max_block)
		type = PTE_LEAF;
	else if ((entry & 3) != PTE_PAGE)
		return PTE_NONE;
	*paddr = entry & paging->addr_mask & ~wide;
	*paddr &= bits(63, type == PTE_LEAF ? paging->shift[level] : paging->page_shift);
	*paddr |= (entry & wide) << (paging->page_shift == 16 ? LPA_SHIFT : LPA2_SHIFT);
	*flags = (entry & PTE_RDONLY && !(entry & PTE_DBM) ? 0 : MAP_WRITE) |
		 (entry & PTE_USER ? MAP_USER : 0) |
		 (entry & (entry & PTE_USER ? PTE_UXN : PTE_PXN) ? 0 : MAP_EXEC);
	return type;
}

struct layout {
	uint8_t page_shift;
	uint8_t va_config; /**< CONFIG_ARM64_VA_BITS */
	uint8_t va_bits;   /**< of the CPU, vabits_actual */
};

/** 64 - TCR_EL1_T1SZ, exported since Linux commit bbdbc11804ff (5.9). Before that only a kernel
 * built for 52 bits leaves a doubt, which an address in its direct map settles. */
static uint64_t find_va_bits(const struct arch_env *env, uint64_t va_config)
{
	uint64_t address;
	int64_t t1sz;

	if (vmcoreinfo_number(env->vmcoreinfo, "TCR_EL1_T1SZ", &t1sz) ||
	    vmcoreinfo_number(env->vmcoreinfo, "tcr_el1_t1sz", &t1sz))
		return 64 - (uint64_t)t1sz;
	if (va_config == 52 && env->symbol(env->arg, "mem_section", &address) &&
	    address & 1ULL << 51)
		return 48;
	return va_config;
}

static bool va_bits_possible(uint8_t page_shift, uint64_t va_bits)
{
	switch (va_bits) {
	case 36:
	case 47: return page_shift == 14;
	case 39: return page_shift == 12;
	case 42: return page_shift == 16;
	case 48:
	case 52: return true;
	default: return false;
	}
}

static struct error *find_layout(const struct addrspace *as, const struct arch_env *env,
				 struct layout *ret)
{
	uint64_t va_config, va_bits;
	struct error *err;

	err = learn_page_shift(as, env, &ret->page_shift);
	if (!err)
		err = learn_number(env, "VA_BITS", &va_config);
	if (err)
		return err;
	if (!va_bits_possible(ret->page_shift, va_config))
		return error_create(ERROR_FORMAT,
				    "PAGESIZE %u and NUMBER(VA_BITS) %lld contradict each other",
				    1U << ret->page_shift, (long long)va_config);
	va_bits = find_va_bits(env, va_config);
	if (va_bits != va_config &&
	    (va_config != 52 || va_bits != (ret->page_shift == 14 ? 47 : 48)))
		return error_create(
			ERROR_FORMAT,
			"NUMBER(VA_BITS) %llu and NUMBER(TCR_EL1_T1SZ) %lld contradict each other",
			(unsigned long long)va_config, (long long)(64 - va_bits));
	ret->va_config = (uint8_t)va_config;
	ret->va_bits = (uint8_t)va_bits;
	return NULL;
}

/** 4K and 16K tables with 52-bit output addresses. MAX_PHYSMEM_BITS is 52 just where the CPU has
 * them (PHYS_MASK_SHIFT follows lpa2_is_enabled()), as are the virtual addresses. */
static bool has_lpa2(const struct arch_env *env, const struct layout *layout)
{
	int64_t bits_max;

	if (!vmcoreinfo_number(env->vmcoreinfo, "MAX_PHYSMEM_BITS", &bits_max))
		bits_max = layout->va_bits;
	return bits_max == 52;
}

static void set_paging(struct addrspace *as, const struct arch_env *env,
		       const struct layout *layout)
{
	uint8_t width = (uint8_t)(layout->page_shift - 3), top;
	// ARM64_HW_PGTABLE_LEVELS()
	uint8_t nr_levels = (uint8_t)((layout->va_bits - 4) / width);

	learn_levels(as, layout->page_shift, nr_levels, width);
	as->paging.first = 0 - (1ULL << layout->va_bits);
	as->paging.last = UINT64_MAX;
	top = layout->page_shift == 16 ? layout->va_config : layout->va_bits;
	as->paging.bits[nr_levels - 1] = (uint8_t)(top - as->paging.shift[nr_levels - 1]);
	as->paging.addr_mask = bits(47, layout->page_shift);
	if (layout->page_shift == 16)
		as->paging.addr_mask |= LPA_HIGH; // 0 in tables of 48-bit addresses
	else if (has_lpa2(env, layout))
		as->paging.addr_mask |= bits(49, 48) | LPA2_HIGH;
}

static struct error *find_root(struct addrspace *as, const struct arch_env *env,
			       const struct layout *layout, uint64_t *vaddr)
{
	struct error *err = learn_swapper(env, vaddr);
	uint64_t voffset;

	if (!err)
		err = learn_number(env, "kimage_voffset", &voffset);
	if (err)
		return err;
	learn_image(as, env, voffset);
	set_paging(as, env, layout);
	as->paging.root = *vaddr - voffset;
	// with CONFIG_ARM64_USER_VA_BITS_52 (5.0 to 5.3, RHEL 8) the root of a 48-bit kernel has
	// 1024 entries too, and nothing tells but that it works
	if (layout->page_shift == 16 && layout->va_config == 48 && !learn_maps_itself(as, *vaddr))
		as->paging.bits[as->paging.nr_levels - 1] += 4;
	return learn_check_root(as, *vaddr);
}

/** The direct map is the lower part of the kernel's half and the image is in the upper; before
 * Linux commit 14c127c957c1 (5.4) it was the other way round. */
static void find_direct_map(struct addrspace *as, const struct arch_env *env,
			    const struct layout *layout, uint64_t image)
{
	// VA_BITS_MIN: where the direct map ends is the same for 52 bits and less
	uint8_t va_min = layout->va_config < 52 ? layout->va_config
						: (layout->page_shift == 14 ? 47 : 48);
	uint64_t middle = 0 - (1ULL << (va_min - 1)), offset;
	int64_t phys_offset;

	if (!vmcoreinfo_number(env->vmcoreinfo, "PHYS_OFFSET", &phys_offset))
		return;
	if (image < middle) {
		learn_direct_map(as, env, middle, (uint64_t)phys_offset, middle, UINT64_MAX, true);
		return;
	}
	// Linux commit 7bc1a0f9e176 (5.10): PHYS_OFFSET belongs to the 52-bit PAGE_OFFSET, however
	// many bits the CPU has, and is moved down by 2^52 - 2^48, more than KASLR ever does
	offset = phys_offset < -(1LL << 50) ? layout->va_config : layout->va_bits;
	learn_direct_map(as, env, 0 - (1ULL << offset), (uint64_t)phys_offset, as->paging.first,
			 middle - 1, true);
}

static struct error *arm64_learn(struct addrspace *as, const struct arch_env *env)
{
	struct layout layout;
	struct error *err;
	uint64_t root;

	err = find_layout(as, env, &layout);
	if (!err)
		err = find_root(as, env, &layout, &root);
	if (err)
		return err;
	find_direct_map(as, env, &layout, root);
	return NULL;
}

static uint64_t arm64_strip(const struct addrspace *as, uint64_t pointer)
{
	// bit 55 says which half; the top byte is the tag, and what lies between it and the address
	// the authentication code
	return pointer & 1ULL << 55 ? pointer | as->paging.first : pointer & ~as->paging.first;
}

const struct arch arch_arm64 = {
	.name = "aarch64",
	.e_machine = EM_AARCH64,
	.word = 8,
	.section_size_bits = 30,
	// struct elf_prstatus with struct user_pt_regs: x0 to x30, sp, pc, pstate
	.prstatus = {.size = 392,
		     .pid = 32,
		     .reg = 112,
		     .reg_size = 272,
		     .ip = 256,
		     .sp = 248,
		     .fp = 232},
	.learn = arm64_learn,
	.pte = arm64_pte,
	.strip = arm64_strip,
	.phys_to_virt = learn_phys_to_virt,
	.recover = &arch_arm64_recover,
	.unwind = &arch_arm64_unwind,
};
