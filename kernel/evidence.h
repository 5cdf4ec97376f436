/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a kernel, and by whom: a fact has a name, and witnesses that say its value. A
 * witness is a source that could be wrong by itself (the VMCOREINFO note, a variable in the image,
 * the page tables, registers); saying the same again does not make it two. Disagreement is kept,
 * never averaged away, and a source that was looked for and is gone is named.
 */
#ifndef KERNEL_EVIDENCE_H
#define KERNEL_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVIDENCE_MAX_FACTS     48
#define EVIDENCE_MAX_WITNESSES 6
#define EVIDENCE_TEXT_LEN      80 /**< with NUL; longer texts are cut */

enum fact_kind {
	FACT_HEX, /**< an address or a mask */
	FACT_DEC,
	FACT_TEXT,
};

struct witness {
	const char *source; /**< constant, "vmcoreinfo" */
	const char *lost;   /**< constant: why it says nothing; NULL when it does */
	uint64_t value;     /**< unless it is a text */
	char text[EVIDENCE_TEXT_LEN];
};

struct fact {
	const char *name; /**< constant, "phys_base" */
	enum fact_kind kind;
	struct witness witnesses[EVIDENCE_MAX_WITNESSES];
	size_t nr;
};

struct evidence {
	struct fact facts[EVIDENCE_MAX_FACTS]; /**< in the order in which they were first named */
	size_t nr;
};

enum fact_state {
	FACT_UNKNOWN,  /**< nobody says anything */
	FACT_SINGLE,   /**< one witness */
	FACT_AGREED,   /**< two or more, all the same */
	FACT_DISPUTED, /**< they differ; the value is what most of them say, of equals the first */
};

/** Notes what a source says. Strings but text have to be constants. */
void evidence_say(struct evidence *evidence, const char *fact, enum fact_kind kind,
		  const char *source, uint64_t value);
void evidence_say_text(struct evidence *evidence, const char *fact, const char *source,
		       const char *text);

/** Notes that a source should say something of the fact, and why it does not. */
void evidence_lose(struct evidence *evidence, const char *fact, enum fact_kind kind,
		   const char *source, const char *why);

/** NULL when the fact was never named. */
const struct fact *evidence_find(const struct evidence *evidence, const char *fact);

/** What the witnesses say together; *ret is the witness whose value stands, NULL when unknown. */
enum fact_state fact_judge(const struct fact *fact, const struct witness **ret);

/** The value of a number that is known, disputed or not. */
bool evidence_value(const struct evidence *evidence, const char *fact, uint64_t *ret);

/** "agreed" and so on, for people and --json. */
extern const char *const fact_state_names[];

#endif
