/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes records into the lockless ring of a fake kernel as printk() does. */
#ifndef TESTS_SUPPORT_FAKELOG_H
#define TESTS_SUPPORT_FAKELOG_H

#include "kernel/printk.h"
#include "tests/support/fakekernel.h"

struct fakelog {
	struct fakekernel *fake;
	unsigned int count_bits, size_bits;
	bool exact_fit; /**< as since Linux commit 67e1b0052f6b */
	uint64_t ring, descs, infos, text, clear_seq, uts; /**< virtual addresses */
	uint64_t head_id, tail_id, head_lpos, next_seq;
	char vmcoreinfo[4096];
};

/** An empty ring in fake's memory, with 2^count_bits records and 2^size_bits bytes of text. It
 * needs memory of 0x3000 + 2^count_bits * 112 + 2^size_bits. Opens fake->kernel. */
void fakelog_init(struct fakelog *log, struct fakekernel *fake, unsigned int count_bits,
		  unsigned int size_bits);

/** Adds a record (its seq does not count) in the state of the kernel's enum desc_state; returns its
 * id. */
uint64_t fakelog_add(struct fakelog *log, const struct printk_record *record, unsigned int state);

/** A finalized record of level 6. */
void fakelog_say(struct fakelog *log, uint64_t ts_nsec, const char *text);

/** Virtual addresses of the descriptor and the info of an id. */
uint64_t fakelog_desc(const struct fakelog *log, uint64_t id);
uint64_t fakelog_info(const struct fakelog *log, uint64_t id);

#endif
