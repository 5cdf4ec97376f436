/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the kernels in a dump, from nothing but its memory where it has to: the VMCOREINFO of the
 * file, notes of VMCOREINFO in memory, symbol tables. Each kernel comes with its facts, and each
 * fact with its witnesses (kernel/evidence.h).
 *
 *     scan -> symbol tables -> where the image is -> variables of the image      (kallsyms, image)
 *          -> notes in memory ----------------------------------------------> same kernels paired
 *     -> address space learned from the note, and from the image by itself -> evidence -> rank
 */
#ifndef KERNEL_FIND_H
#define KERNEL_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/addrspace.h"
#include "dump/facts.h"
#include "kernel/evidence.h"
#include "kernel/find_memory.h"
#include "kernel/image.h"
#include "kernel/scan.h"
#include "util/error.h"

struct arch;
struct btf;
struct dump_reader;
struct kallsyms;
struct vmcoreinfo;

struct find_options {
	unsigned int nr_threads; /**< 0: one for each CPU */
	bool unplaced;           /**< the reader's addresses are offsets of a headerless image */
	bool scan; /**< look for all kernels, although the file's VMCOREINFO gives one that works */
	bool blind; /**< as if the file had no VMCOREINFO */
};

/** In the order in which they are ranked. */
enum found_role {
	FOUND_CRASHED, /**< says so itself (CRASHTIME), or the file says that it is this one */
	FOUND_RUNNING, /**< its page tables are in order */
	FOUND_CAPTURE, /**< the crash kernel of another one (elfcorehdr= on its command line) */
	FOUND_REMAINS, /**< of one that ran before, or a copy of an image that never ran */
};

enum found_source {
	FOUND_NO_INFO,
	FOUND_INFO_FILE,  /**< the VMCOREINFO note of the file */
	FOUND_INFO_NOTE,  /**< one found in memory */
	FOUND_INFO_IMAGE, /**< made from symbols, types and variables */
};

struct found_kernel {
	enum found_role role;
	const struct arch *arch; /**< NULL when the machine is not known */
	struct dump_facts facts; /**< the dump's, completed by machine, byte order and max_paddr */
	char release[DUMP_UTS_LEN];

	enum found_source source; /**< of vmcoreinfo */
	char *vmcoreinfo;         /**< owned; NULL when there is none */
	size_t vmcoreinfo_len;
	uint64_t vmcoreinfo_paddr; /**< of the text in memory, as the reader counts; 0 when it is
				    * not from there */
	struct vmcoreinfo *info;   /**< the same parsed; never NULL, perhaps empty */

	struct kallsyms *kallsyms; /**< owned; NULL when none was found */
	bool has_image;            /**< image is where its symbols say */
	bool misplaced;            /**< the image says itself that it is elsewhere: a copy */
	struct image image;        /**< reads by the reader's addresses */
	struct btf *btf;           /**< owned; NULL when none was found */

	struct addrspace as; /**< reads by physical address; nr_levels 0 without page tables */
	bool translates;
	bool stand_in;        /**< the root table is not the kernel's own, which is damaged */
	struct error *reason; /**< why not; owned */
	struct placement placement;

	bool crashed;      /**< its VMCOREINFO has CRASHTIME, or a CPU is in panic() */
	unsigned int cpus; /**< whose registers are in its image */
	struct evidence evidence;
	struct find_memory *memory; /**< the result's */
};

#define FIND_MAX_KERNELS 16

struct find_result {
	struct found_kernel *kernels[FIND_MAX_KERNELS]; /**< best first */
	size_t nr;
	bool scanned;
	struct scan_stats stats;
	struct find_memory memory;
	char seen[256];    /**< for people: what was looked for, and what was found of it */
	char trouble[192]; /**< for people: why the last symbol table that looked like one could not
			    * be used; empty when there was none */
};

/** Finding nothing is no error: nr is 0, and seen tells. The reader has to outlive the result. */
struct error *kernel_find(const struct dump_reader *reader, const struct find_options *options,
			  struct find_result **ret);
void find_result_destroy(struct find_result *result);
DEFINE_CLEANUP(struct find_result *, find_result_destroy)
#define _cleanup_found_ _cleanup_(cleanup_find_result_destroy)

extern const char *const found_role_names[];
extern const char *const found_source_names[];

#endif
