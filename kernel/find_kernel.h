/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of kernel/find: one kernel, from its first trace to all its facts. */
#ifndef KERNEL_FIND_KERNEL_H
#define KERNEL_FIND_KERNEL_H

#include "kernel/find.h"

struct arch_image;
struct kallsyms_tables;

struct error *found_kernel_create(struct find_memory *memory, const struct find_options *options,
				  struct found_kernel **ret);
void found_kernel_destroy(struct found_kernel *kernel);
DEFINE_CLEANUP(struct found_kernel *, found_kernel_destroy)
#define _cleanup_found_kernel_ _cleanup_(cleanup_found_kernel_destroy)

/** Reads the symbols, locates the image, asks its variables and, where the dump does not know the
 * machine and the places of its memory, decides them. Symbols that are damaged are an error of
 * ERROR_FORMAT; an image that cannot be located is none. */
struct error *found_kernel_load(struct found_kernel *kernel, const struct kallsyms_tables *tables,
				bool unplaced);

/** Tries a text of VMCOREINFO: whether this is the kernel that it describes. Then it is copied, and
 * the address space learned from it. Only without memory this fails. */
struct error *found_kernel_attach(struct found_kernel *kernel, const char *text, size_t len,
				  enum found_source source, uint64_t paddr, bool *ret);

/** Collects what all witnesses say, makes the VMCOREINFO if there is none, and decides the role. */
struct error *found_kernel_finish(struct found_kernel *kernel);

/** Learns the address space from a VMCOREINFO, and from the symbols what that does not have. root
 * is that of struct arch_env. The error is the architecture's. */
struct error *found_kernel_learn(struct found_kernel *kernel, const struct vmcoreinfo *info,
				 uint64_t root, struct addrspace *as);

/** Copies a text as the kernel's VMCOREINFO. */
struct error *found_kernel_set_info(struct found_kernel *kernel, const char *text, size_t len,
				    enum found_source source);

/* find_image.c */

/** Learns from the image what VMCOREINFO would say, and *as from that: for a kernel that has a
 * VMCOREINFO a second opinion, for others the only one, which becomes theirs. */
struct error *found_kernel_by_image(struct found_kernel *kernel, struct addrspace *as);

/** Makes the VMCOREINFO once more, with all that is known by now. */
struct error *found_kernel_synthesise(struct found_kernel *kernel);

/** The kernel's own root table is damaged: looks for another that shares its half. */
struct error *found_kernel_stand_in(struct found_kernel *kernel);

/* find_place.c */

/** arch_say_fn of a kernel whose machine is known; arg is the struct found_kernel. */
void found_kernel_say(void *arg, size_t fact, const char *source, uint64_t value);

/** The image as arch/ sees it. */
void found_kernel_arch_image(const struct found_kernel *kernel, bool unplaced,
			     struct arch_image *ret);

/** Finds machine, and for headerless images the places of memory, from the image. */
void found_kernel_place(struct found_kernel *kernel, bool unplaced);

/** Whether reads of the kernel go by physical addresses that the dump itself knows. */
static inline bool found_kernel_is_placed(const struct found_kernel *kernel)
{
	return !kernel->placement.nr;
}

/* find_root.c */

/** Candidates for a root table that stands in for a damaged one, up to max; returns their number.
 */
struct error *found_kernel_roots(struct found_kernel *kernel, uint64_t *roots, size_t max,
				 size_t *ret);

/* find_sections.c */

/** Adds what the memory sections say. */
void found_kernel_sections(struct found_kernel *kernel);

/* find_evidence.c */

/** Adds what the address space, the note, the image and the page tables say. */
void found_kernel_witness(struct found_kernel *kernel, const struct addrspace *by_image);

/** Decides the role, from the command line and whether translation works. */
void found_kernel_judge(struct found_kernel *kernel);

/** Reads virtual memory through the address space. */
bool found_kernel_read(const struct found_kernel *kernel, uint64_t vaddr, void *buf, size_t len);

#endif
