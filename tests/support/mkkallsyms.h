/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds the tables of kallsyms as scripts/kallsyms.c of any kernel since 3.x does. */
#ifndef TESTS_SUPPORT_MKKALLSYMS_H
#define TESTS_SUPPORT_MKKALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kallsyms.h"

struct mksymbol {
	uint64_t addr;
	char type;
	char name[600];
};

/** A layout. Tables stand where alignment puts them, from the address of mkkallsyms() on. */
struct mklayout {
	const char *name;
	enum kallsyms_kind kind;
	bool after; /**< addresses behind the token index (6.4) */
	uint8_t word;
	bool big_endian;
	uint8_t marker_size; /**< of markers and num_syms: 4, or word (before 4.20) */
	uint8_t seqs;        /**< bytes of each kallsyms_seqs_of_names; 0: none */
	bool seqs_between;   /**< they stand before the token table (6.2, 6.3) */
	bool packed;         /**< names follow num_syms without a gap (7.0) */
};

/** What there has been, big-endian and 32-bit ones too. */
extern const struct mklayout mklayouts[];
extern const size_t mklayouts_nr;

struct mkkallsyms {
	uint64_t addr; /**< of data */
	uint8_t *data;
	size_t len;
	struct kallsyms_tables tables; /**< where everything is */
	uint64_t digits;               /**< address of the mark that a scan finds */
	uint64_t seqs;
};

/**
 * Encodes nr symbols, ascending by address, into tables that begin at place and will be run at
 * place
 * + voffset: of place-relative layouts the addresses are less voffset. Symbols of the tables
 * themselves ("kallsyms_names", ...) get their addresses when they are among them.
 */
void mkkallsyms(struct mkkallsyms *mk, const struct mklayout *layout, struct mksymbol *symbols,
		size_t nr, uint64_t place, uint64_t voffset);
void mkkallsyms_deinit(struct mkkallsyms *mk);

/** A phys_read_fn over the tables and nothing else; arg is a struct mkkallsyms. */
bool mkkallsyms_read(void *arg, uint64_t addr, void *buf, size_t len);

/** Where tests put the tables, and virtual minus physical address there. */
#define MKPLACE 0x11a2b3c0ULL
uint64_t mkvoffset(const struct mklayout *layout);

/** nr symbols of an image whose text begins at its base: "sym_0...", "sym_1...", ... mostly 16
 * bytes apart, every tenth at the address of the one before; the first 20 are per-CPU offsets where
 * the layout has them; number 100 has a name of 127 characters, number 101 of 500 in packed
 * layouts; the last two are of the tables themselves. */
struct mksymbol *mksymbols(const struct mklayout *layout, size_t nr);

/** mkkallsyms() of those at MKPLACE, and what kallsyms_find() and kallsyms_create() make of it. */
void mkkallsyms_load(struct mkkallsyms *mk, struct kallsyms **ret);

#endif
