/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image of a kernel as arch/recover.h sees it: symbols, their memory, and a record of what is
 * said of facts. */
#ifndef TESTS_SUPPORT_IMAGEVARS_H
#define TESTS_SUPPORT_IMAGEVARS_H

#include "arch/recover.h"
#include "dump/facts.h"
#include "tests/support/test.h"

#define IMAGEVARS_MAX 32
#define IMAGEVARS_LEN 4096U /* bytes behind each symbol */

struct imagevars {
	const struct arch_recover *recover;
	struct arch_image image;
	struct dump_facts facts;
	struct {
		const char *name;
		uint64_t vaddr;
		bool damaged; /* cannot be read */
		uint8_t data[IMAGEVARS_LEN];
	} vars[IMAGEVARS_MAX];
	size_t nr;
	struct {
		const char *fact, *source;
		uint64_t value;
	} said[IMAGEVARS_MAX];
	size_t nr_said;
	uint64_t voffset; /* what recover() makes of it */
};

/** An image with no symbols, whole and placed. Freed with imagevars_destroy(). */
struct imagevars *imagevars_create(const struct arch_recover *recover, bool big_endian);
void imagevars_destroy(struct imagevars *vars);

/** A symbol at vaddr, 0: somewhere, with this 64-bit number there; returns its memory. */
uint8_t *imagevars_add(struct imagevars *vars, const char *name, uint64_t vaddr, uint64_t value);
void imagevars_damage(struct imagevars *vars, const char *name);
void imagevars_rename(struct imagevars *vars, const char *name, const char *to);

/** Runs recover() from a clean record. */
bool imagevars_recover(struct imagevars *vars);

/** arch_say_fn that records. */
arch_say_fn imagevars_say;

bool imagevars_says(const struct imagevars *vars, const char *fact, const char *source);
#define imagevars_expect(vars, fact, source, want)                             \
	do {                                                                   \
		assert_true(imagevars_says(vars, fact, source));               \
		assert_int_equal(imagevars_value(vars, fact, source), (want)); \
	} while (0)
uint64_t imagevars_value(const struct imagevars *vars, const char *fact, const char *source);

#endif
