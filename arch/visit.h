/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All page tables of an address space, and all that they map: where the walker of arch/addrspace.h
 * answers for one address, this one shows everything. */
#ifndef ARCH_VISIT_H
#define ARCH_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/addrspace.h"

struct pgtable_visitor {
	/** A table of len bytes. False: it is not looked into, as when it was there already; loops
	 * in damaged tables are for the visitor to find. */
	bool (*table)(void *arg, unsigned int level, uint64_t paddr, uint64_t len);
	/** Memory that an entry maps; may be NULL. */
	void (*leaf)(void *arg, uint64_t vaddr, uint64_t paddr, uint64_t len);
	void *arg;
};

/** Visits the page tables on the way to virtual addresses first to last, from the root on. Tables
 * that cannot be read are passed over; false says that there were some. */
bool pgtable_visit(const struct addrspace *as, uint64_t first, uint64_t last,
		   const struct pgtable_visitor *visitor);

#endif
