/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an architecture's part of VMCOREINFO would say, from the image of the kernel itself: its
 * variables are found by their symbols, without any page table. One const table for each
 * architecture that has it, in arch/x_recover.c.
 */
#ifndef ARCH_RECOVER_H
#define ARCH_RECOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addrspace;
struct dump_facts;

/** A number that makes out an address space. */
struct arch_fact {
	const char *name; /**< "phys_base" */
	const char *key;  /**< of VMCOREINFO: "NUMBER(phys_base)", "KERNELOFFSET"; NULL: none */
	bool decimal;     /**< no address or mask, and how VMCOREINFO prints it */
};

struct arch_image {
	const struct dump_facts *facts; /**< notes for registers */
	bool big_endian;
	uint8_t word;
	bool complete;    /**< a symbol that is not found is not there, rather than lost */
	bool placed;      /**< the dump knows physical addresses, */
	uint64_t voffset; /**< and this is virtual minus physical address of what read reads */
	/** The run-time address of a symbol of the image; false when unknown. */
	bool (*symbol)(void *arg, const char *name, uint64_t *ret);
	/** Reads at a virtual address inside the image. */
	bool (*read)(void *arg, uint64_t vaddr, void *buf, size_t len);
	void *arg; /**< for both */
};

/** A stretch of RAM that the kernel knows. */
struct arch_ram {
	uint64_t start, end; /**< physical, end exclusive */
};

/** What one source says of one fact: number in the table of facts, constant name of the source. */
typedef void arch_say_fn(void *arg, size_t fact, const char *source, uint64_t value);

#define ARCH_MAX_GUESSED 3

/** Values of the facts that only trying tells. */
struct arch_guess {
	uint64_t values[ARCH_MAX_GUESSED];
};

struct arch_recover {
	const struct arch_fact *facts;
	size_t nr_facts;
	/** Facts that the image has no variable for: struct arch.learn() is tried with one guess
	 * after the other, until the page tables agree with each other and with a pointer into the
	 * direct map. nr_guesses 0: there are none. */
	uint8_t guessed[ARCH_MAX_GUESSED]; /**< numbers of the facts */
	uint8_t nr_guessed;
	uint8_t nr_guesses;
	const struct arch_guess *guesses;
	/** Tells what image and registers say of the facts. *voffset becomes virtual minus physical
	 * address of the image by its own variables, or image->voffset where they are damaged.
	 * False when this is not an image of the architecture, or its place cannot be told. */
	bool (*recover)(const struct arch_image *image, arch_say_fn *say, void *arg,
			uint64_t *voffset);
	/** RAM in ascending order, up to max ranges; returns their number. May be NULL. */
	size_t (*ram)(const struct arch_image *image, struct arch_ram *ranges, size_t max);
	/** Tells what the page tables say of the facts. May be NULL. */
	void (*walk)(const struct addrspace *as, arch_say_fn *say, void *arg);
	/** Other root tables that share the kernel's half, should its own be damaged: those that
	 * CPUs were using (physical addresses; returns their number), and what to know others by:
	 * the word at byte off of their page is value under mask. Both NULL where there are none.
	 */
	size_t (*roots)(const struct dump_facts *facts, uint64_t *roots, size_t max);
	bool (*root_mark)(const struct arch_image *image, uint64_t voffset, size_t *off,
			  uint64_t *value, uint64_t *mask);
};

/** A variable of 4 or 8 bytes, zero-extended. */
bool arch_image_variable(const struct arch_image *image, const char *symbol, size_t size,
			 uint64_t *ret);

extern const struct arch_recover arch_x86_64_recover;
extern const struct arch_recover arch_arm64_recover;
extern const struct arch_recover arch_riscv64_recover;
extern const struct arch_recover arch_s390x_recover;
extern const struct arch_recover arch_ppc64_recover;

#endif
