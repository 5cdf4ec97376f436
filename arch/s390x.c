// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * s390x: region, segment and page tables (arch/s390/include/asm/pgtable.h). Big endian, addresses
 * from 0 on. Up to Linux 6.9 kernel addresses are physical ones; since then image and identity map
 * each have a place of their own (Linux commit c98d2ecae08f), told by VMCOREINFO and by the os_info
 * block, which the absolute lowcore points at.
 */
#include "arch/arch.h"

#include <elf.h>

#include "arch/learn.h"
#include "arch/recover.h"
#include "arch/unwind.h"
#include "dump/vmcoreinfo.h"
#include "util/bytes.h"

#define LOWCORE_OS_INFO 0xe18 /* struct lowcore, fields in 0xe00-0xf00 keep their place */

// struct os_info, arch/s390/include/asm/os_info.h
#define OS_INFO_MAGIC          0x4f53494e464f535aULL
#define OS_INFO_ENTRY          32 /* of 20 bytes: address or value, size, checksum */
#define OS_INFO_ENTRY_SIZE     20
#define OS_INFO_IDENTITY_BASE  4
#define OS_INFO_KASLR_OFFSET   5
#define OS_INFO_KASLR_OFF_PHYS 6
#define OS_INFO_LEN            (OS_INFO_ENTRY + 7 * OS_INFO_ENTRY_SIZE)

#define KERNEL_IMAGE_SIZE (512ULL << 20) /* arch/s390/include/asm/page.h */

// Region and segment table entries
#define ENTRY_TYPE      0xcULL /* level - 1: 0 in segment tables to 3 in region-first ones */
#define ENTRY_TYPE_BITS 2
#define ENTRY_INVALID   0x20ULL
#define ENTRY_LARGE     0x400ULL /* 1M in a segment table, 2G in a region-third one */
#define ENTRY_EXTENT    0xc3ULL  /* of region entries: where the next table begins and ends */
#define ENTRY_WHOLE     0x3ULL
// of them and of page table entries
#define ENTRY_NOEXEC    0x100ULL
#define ENTRY_PROTECT   0x200ULL
#define PTE_INVALID     0x400ULL

#define CRST_BITS 11 /* index bits of all tables but the page table, which has 8 */

static enum pte_type s390x_pte(const struct paging *paging, unsigned int level, uint64_t entry,
			       uint64_t *paddr, unsigned int *flags)
{
	bool leaf = level == 0 || (level <= 2 && entry & ENTRY_LARGE);

	if (entry & (level ? ENTRY_INVALID : PTE_INVALID))
		return PTE_NONE;
	if (level && (entry & ENTRY_TYPE) >> ENTRY_TYPE_BITS != level - 1)
		return PTE_NONE;
	// Linux makes no tables that are shorter than their index
	if (level > 1 && !leaf && (entry & ENTRY_EXTENT) != ENTRY_WHOLE)
		return PTE_NONE;
	*flags = (entry & ENTRY_PROTECT ? 0 : MAP_WRITE) | (entry & ENTRY_NOEXEC ? 0 : MAP_EXEC);
	if (leaf)
		*paddr = entry & ~0ULL << paging->shift[level];
	else // a page table is half a page
		*paddr = entry & (level > 1 ? ~0xfffULL : ~0x7ffULL);
	return leaf ? PTE_LEAF : PTE_TABLE;
}

struct layout {
	uint64_t identity_base; /**< virtual address of physical 0 */
	uint64_t image, image_paddr;
	bool separate; /**< the image is not in the identity map */
};

static uint64_t os_info_value(const uint8_t *os_info, unsigned int nr)
{
	return load_u64(os_info + OS_INFO_ENTRY + nr * OS_INFO_ENTRY_SIZE, true);
}

/** Values are 0 where the kernel is older than they. */
static void read_os_info(const struct arch_env *env, struct layout *layout)
{
	uint8_t pointer[8], os_info[OS_INFO_LEN];

	if (!env->read(env->arg, LOWCORE_OS_INFO, pointer, sizeof(pointer)) ||
	    !env->read(env->arg, load_u64(pointer, true), os_info, sizeof(os_info)) ||
	    load_u64(os_info, true) != OS_INFO_MAGIC)
		return;
	layout->identity_base = os_info_value(os_info, OS_INFO_IDENTITY_BASE);
	layout->image = os_info_value(os_info, OS_INFO_KASLR_OFFSET);
	layout->image_paddr = os_info_value(os_info, OS_INFO_KASLR_OFF_PHYS);
	layout->separate = layout->image != 0;
}

static struct layout find_layout(const struct arch_env *env)
{
	const struct vmcoreinfo *info = env->vmcoreinfo;
	struct layout layout = {0};

	// KERNELOFFSET alone is an older kernel, moved within the identity map
	if (vmcoreinfo_hex(info, "KERNELOFFPHYS", &layout.image_paddr) &&
	    vmcoreinfo_hex(info, "KERNELOFFSET", &layout.image)) {
		(void)vmcoreinfo_hex(info, "IDENTITYBASE", &layout.identity_base);
		layout.separate = layout.image != 0;
	} else if (!vmcoreinfo_text(info, "OSRELEASE")) {
		read_os_info(env, &layout);
	}
	return layout;
}

/** Entries say what table they stand in, empty ones too. */
static struct error *find_levels(struct addrspace *as, uint64_t root)
{
	uint8_t raw[8];

	if (!as->read(as->read_arg, root, raw, sizeof(raw)))
		return error_create(ERROR_NOT_FOUND,
				    "the kernel's page tables at 0x%llx are not in the dump",
				    (unsigned long long)root);
	as->paging = (struct paging){
		.page_shift = 12,
		.nr_levels = (uint8_t)(2 + ((load_u64(raw, true) & ENTRY_TYPE) >> ENTRY_TYPE_BITS)),
		.bits = {8, CRST_BITS, CRST_BITS, CRST_BITS, CRST_BITS},
		.shift = {12, 20, 31, 42, 53},
		.entry_size = 8,
		.big_endian = true,
		.root = root,
		.addr_mask = ~0x7ffULL,
		.last = UINT64_MAX,
	};
	if (as->paging.nr_levels < PAGING_MAX_LEVELS)
		as->paging.last = (1ULL << as->paging.shift[as->paging.nr_levels]) - 1;
	return NULL;
}

static struct error *s390x_learn(struct addrspace *as, const struct arch_env *env)
{
	struct layout layout = find_layout(env);
	uint64_t root, end = UINT64_MAX;
	struct error *err;

	if (layout.separate) {
		struct linear_map image = {
			.kind = LINEAR_KERNEL_IMAGE,
			.fallback = true,
			.start = layout.image,
			.last = layout.image + KERNEL_IMAGE_SIZE - 1,
			.paddr = layout.image_paddr,
		};
		addrspace_add_linear(as, &image);
		end = layout.image - 1;
	}
	learn_direct_map(as, env, layout.identity_base, 0, layout.identity_base, end, true);

	err = learn_swapper(env, &root);
	if (err)
		return err;
	err = find_levels(as, root - layout.image + layout.image_paddr);
	return err ? err : learn_check_root(as, root);
}

const struct arch arch_s390x = {
	.name = "s390x",
	.e_machine = EM_S390,
	.word = 8,
	.default_page_shift = 12,
	.section_size_bits = 28,
	// struct elf_prstatus with s390_regs: psw (mask, address), r0 to r15, a0 to a15, orig_gpr2
	.prstatus = {.size = 336,
		     .pid = 32,
		     .reg = 112,
		     .reg_size = 216,
		     .ip = 8,
		     .sp = 136,
		     .fp = UINT16_MAX},
	.learn = s390x_learn,
	.pte = s390x_pte,
	.phys_to_virt = learn_phys_to_virt,
	.recover = &arch_s390x_recover,
	.unwind = &arch_s390x_unwind,
};
