/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has to be known of a CPU and of the kernel's use of it: one const table for each
 * architecture, all of them in every binary.
 *
 * To add an architecture: write arch/x.c with its const struct arch (arch/learn.h has what most
 * need), declare it below, add one line to the table in arch/arch.c and one to dump/machine.c, and
 * a page-table fixture in tests/unit/arch/test_x.c (on tests/support/tables.h).
 *   - reading and converting its dumps needs name, e_machine and prstatus only;
 *   - translation, filtering and the log need learn and pte (and page tables described by
 *     struct paging);
 *   - a different byte order or word size is in the dump's facts, not here.
 */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/addrspace.h"
#include "util/error.h"

struct arch_recover;
struct arch_unwind;
struct dump_facts;
struct vmcoreinfo;

/** Where learn gets its knowledge from; kernel/ supplies it. */
struct arch_env {
	const struct dump_facts *facts;
	const struct vmcoreinfo *vmcoreinfo; /**< may be empty, never NULL */
	/** The run-time address of a kernel symbol; false when unknown. */
	bool (*symbol)(void *arg, const char *name, uint64_t *ret);
	phys_read_fn *read;
	void *arg;     /**< for both callbacks */
	uint64_t root; /**< of page tables, physical: it stands in for the kernel's own root table,
			* which is damaged; 0: it is not. x86_64 alone has such others. */
};

enum pte_type {
	PTE_NONE,
	PTE_TABLE, /**< *paddr is the next table */
	PTE_LEAF,  /**< *paddr is the page or block, *flags its MAP_ flags */
};

/** Offsets into the desc of an NT_PRSTATUS note (include/linux/elfcore.h of the architecture). */
struct prstatus_layout {
	uint16_t size, pid, reg, reg_size;
	uint16_t ip, sp, fp; /**< within the registers; UINT16_MAX when there is none */
};

struct arch {
	const char *name; /**< utsname.machine */
	uint16_t e_machine;
	uint8_t word;
	uint8_t default_page_shift; /**< when neither vmcoreinfo nor the dump tells; 0: has to be
				       told */
	uint8_t section_size_bits;  /**< SECTION_SIZE_BITS where it is not exported (before Linux
				     * commit 4f5aecdff25f, 5.13); 0: has to be exported */
	struct prstatus_layout prstatus;
	/** Fills as->linear and as->paging (as->arch, big_endian, read and read_arg are set
	 * already) and corrects as->big_endian where the file has it wrong. Fails with
	 * ERROR_NOT_FOUND naming the first fact that is missing, or ERROR_FORMAT when facts
	 * contradict each other; what was learned by then stays. */
	struct error *(*learn)(struct addrspace *as, const struct arch_env *env);
	/** Decodes one entry of the table at this level. Pure. */
	enum pte_type (*pte)(const struct paging *paging, unsigned int level, uint64_t entry,
			     uint64_t *paddr, unsigned int *flags);
	/** log2 of the bytes that a leaf maps, where that can be more than shift[level] because
	 * neighbouring entries repeat it (RISC-V Svnapot, ARM large pages). The walker then adds
	 * that many bits of the address to the leaf's paddr. NULL where it cannot. Pure. */
	unsigned int (*leaf_shift)(const struct paging *paging, unsigned int level, uint64_t entry);
	/** The address that a pointer or a return address stands for: tag and pointer
	 * authentication code replaced by the sign. NULL where there are none. Pure. */
	uint64_t (*strip)(const struct addrspace *as, uint64_t pointer);
	/** Virtual address in the direct map of a physical address, or false. For writers that want
	 * p_vaddr. */
	bool (*phys_to_virt)(const struct addrspace *as, uint64_t paddr, uint64_t *ret);
	/** Where VMCOREINFO is missing: what the image of the kernel tells by itself
	 * (arch/recover.h). NULL where nobody has written that. */
	const struct arch_recover *recover;
	/** How to get from a function to its caller (arch/unwind.h). NULL where nobody has written
	 * that. */
	const struct arch_unwind *unwind;
};

/** NULL when it is not in the table. */
const struct arch *arch_find(uint16_t e_machine, uint8_t word);

extern const struct arch *const archs[];
extern const size_t nr_archs;

extern const struct arch arch_x86_64;
extern const struct arch arch_arm64;
extern const struct arch arch_riscv64;
extern const struct arch arch_s390x;
extern const struct arch arch_ppc64;
extern const struct arch arch_loongarch64;
extern const struct arch arch_i386;
extern const struct arch arch_arm;

#endif
