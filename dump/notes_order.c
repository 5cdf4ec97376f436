// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/notes_order.h"

#include <elf.h>

#include "dump/facts.h"
#include "dump/notes.h"

#define NOTE_HEADER 12 // three words

// struct elf_prstatus with struct pt_regs: r0 to r31, nip, msr, ...
#define PRSTATUS_LEN 504
#define PRSTATUS_NIP 368
#define PRSTATUS_MSR 376
#define MSR_LE       1ULL
#define KERNEL       0xc000000000000000ULL

static void turn(uint8_t *p, size_t len, size_t unit)
{
	for (size_t at = 0; unit <= len - at; at += unit) {
		for (size_t i = 0; i < unit / 2; i++) {
			uint8_t byte = p[at + i];

			p[at + i] = p[at + unit - 1 - i];
			p[at + unit - 1 - i] = byte;
		}
	}
}

static void turn_prstatus(uint8_t *p)
{
	turn(p, 12, 4);            // signal
	turn(p + 12, 2, 2);        // pr_cursig
	turn(p + 16, 16, 8);       // pending and held signals
	turn(p + 32, 16, 4);       // pid, ppid, pgrp, sid
	turn(p + 48, 64 + 384, 8); // times and registers
	turn(p + 496, 4, 4);       // pr_fpvalid
}

static void turn_desc(uint32_t type, uint8_t *desc, size_t len)
{
	switch (type) {
	case NT_PRSTATUS:
		if (len == PRSTATUS_LEN)
			turn_prstatus(desc);
		break;
	case NT_PRFPREG:
	case NT_PPC_VSX: turn(desc, len, 8); break;
	case NT_PPC_VMX: turn(desc, len, 16); break;
	case NT_PPC_SPE: turn(desc, len, 4); break;
	}
}

static bool runs_little_endian(const struct dump_facts *facts)
{
	struct bytes cursor = bytes_make(facts->notes, facts->notes_len, true, 8);
	struct note note;

	while (note_next(&cursor, &note)) {
		const uint8_t *desc = note.desc.data;

		if (note_is(&note, "CORE", NT_PRSTATUS) && note.desc.len == PRSTATUS_LEN &&
		    load_u64(desc + PRSTATUS_NIP, true) >= KERNEL &&
		    load_u64(desc + PRSTATUS_MSR, true) & MSR_LE)
			return true;
	}
	return false;
}

void notes_fix_order(struct dump_facts *facts, void *notes)
{
	struct bytes cursor = bytes_make(notes, facts->notes_len, true, 8);
	struct note note;

	if (facts->machine != EM_PPC64 || !facts->big_endian || !runs_little_endian(facts))
		return;
	while (note_next(&cursor, &note)) {
		uint8_t *name = (uint8_t *)notes + (note.name - (const char *)notes);

		turn(name - NOTE_HEADER, NOTE_HEADER, 4);
		if (note_is(&note, "CORE", note.type))
			turn_desc(note.type, name + (note.desc.data - (const uint8_t *)note.name),
				  note.desc.len);
	}
	facts->big_endian = false;
}
