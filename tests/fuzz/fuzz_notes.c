// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "dump/facts.h"
#include "dump/notes.h"
#include "tests/fuzz/fuzz.h"

/* A range that is said to lie inside of the input does. */
static void check_inside(const uint8_t *data, size_t len, const void *p, size_t n)
{
	if (p && ((const uint8_t *)p < data || n > len || (const uint8_t *)p > data + (len - n)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct dump_facts facts = {
			.word = 8, .big_endian = big_endian, .notes = data, .notes_len = len};
		struct bytes cursor = bytes_make(data, len, big_endian, 8);
		struct note note;
		size_t nr = 0;

		notes_scan(&facts);
		check_inside(data, len, facts.vmcoreinfo, facts.vmcoreinfo_len);
		check_inside(data, len, facts.eraseinfo, facts.eraseinfo_len);
		for (; note_next(&cursor, &note); nr++) {
			check_inside(data, len, note.name, note.name_len);
			check_inside(data, len, note.desc.data, note.desc.len);
		}
		if (nr > len / 12)
			abort();
	}
	return 0;
}

void fuzz_seeds(fuzz_use_seed *use)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		size_t len = 0;
		void *buf = NULL;

		if (error_ignore(notes_append(&buf, &len, big_endian, "CORE", 1, "regs", 4)) ||
		    error_ignore(
			    notes_append(&buf, &len, big_endian, "VMCOREINFO", 0, "A=1\n", 4)) ||
		    error_ignore(notes_append(&buf, &len, big_endian, "ERASEINFO", 0, "x\n", 2)))
			abort();
		use(big_endian ? "big-endian" : "little-endian", buf, len);
		free(buf);
	}
}
