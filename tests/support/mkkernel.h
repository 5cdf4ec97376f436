/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake kernel that knows its own symbols and types: kallsyms and BTF in its memory. */
#ifndef TESTS_SUPPORT_MKKERNEL_H
#define TESTS_SUPPORT_MKKERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/fakekernel.h"
#include "tests/support/mkbtf.h"

/** Everything from here on is used up by the tables. */
#define MKKERNEL_TABLES 0x200000U
#define MKKERNEL_LEN    0x400000U

struct mkname {
	const char *name;
	uint64_t addr; /**< absolute, or below MKKERNEL_TABLES: behind fake->base */
};

/**
 * Opens a kernel of 64 bits with MKKERNEL_LEN bytes of memory. names have to ascend by address;
 * there are some hundred others behind them, "filler_0"... types may be NULL; they are finished and
 * destroyed. fake->reader.facts may be changed afterwards.
 */
void mkkernel(struct fakekernel *fake, uint16_t machine, bool big_endian,
	      const struct mkname *names, size_t nr, struct mkbtf *types);

/** A struct of unsigned longs, "name" with members at these offsets (bytes), ended by NULL. */
struct mkfield {
	const char *name;
	uint32_t offset;
};
uint32_t mkkernel_struct(struct mkbtf *mk, const char *name, uint32_t size,
			 const struct mkfield *fields);

#endif
