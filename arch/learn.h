/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the learn functions of several architectures have in common. */
#ifndef ARCH_LEARN_H
#define ARCH_LEARN_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arch.h"

/** PAGESIZE, else the architecture's default where it has one. */
struct error *learn_page_shift(const struct addrspace *as, const struct arch_env *env,
			       uint8_t *ret);

/** NUMBER(name), which has to be there. */
struct error *learn_number(const struct arch_env *env, const char *name, uint64_t *ret);

/** SYMBOL(swapper_pg_dir), which has to be there: the kernel's root table. */
struct error *learn_swapper(const struct arch_env *env, uint64_t *vaddr);

/** A variable of the kernel, at the address of its symbol and translated with what is known so far;
 * size 4 or 8 bytes. */
bool learn_variable(const struct addrspace *as, const struct arch_env *env, const char *symbol,
		    unsigned int size, uint64_t *ret);

/** nr_levels tables of this many index bits each, with entries of 8 bytes in the byte order of the
 * machine. */
void learn_levels(struct addrspace *as, uint8_t page_shift, uint8_t nr_levels, uint8_t bits);

/** Whether the page tables map the root table, which is kernel memory, where it is. A table that is
 * not in the dump does not speak against it. */
bool learn_maps_itself(const struct addrspace *as, uint64_t root_vaddr);

/** ERROR_FORMAT unless learn_maps_itself(); the page tables are forgotten then. */
struct error *learn_check_root(struct addrspace *as, uint64_t root_vaddr);

/** Finds the root table where its virtual address is known, but not how far physical memory is from
 * it: the first root from first on, in steps of step and below max_paddr, that maps itself.
 * as->paging is otherwise complete. */
struct error *learn_probe_root(struct addrspace *as, uint64_t root_vaddr, uint64_t first,
			       uint64_t step, uint64_t max_paddr);

/** Adds the direct map, where paddr is at vaddr, for all RAM that it can have between the virtual
 * addresses start and last. */
void learn_direct_map(struct addrspace *as, const struct arch_env *env, uint64_t vaddr,
		      uint64_t paddr, uint64_t start, uint64_t last, bool fallback);

/** The direct map of a 32-bit kernel, where paddr is at vaddr: as far as the page tables map it. */
void learn_lowmem(struct addrspace *as, uint64_t vaddr, uint64_t paddr);

/** Adds the kernel image, _text to _end, whose virtual addresses are voffset above the physical
 * ones. Nothing where these symbols are not known. */
void learn_image(struct addrspace *as, const struct arch_env *env, uint64_t voffset);

/** struct arch.phys_to_virt, by the direct maps. */
bool learn_phys_to_virt(const struct addrspace *as, uint64_t paddr, uint64_t *ret);

#endif
