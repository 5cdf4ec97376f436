// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/notes_order.h"

#include <elf.h>
#include <stdlib.h>

#include "dump/facts.h"
#include "dump/notes.h"
#include "tests/support/test.h"

#define IN_KERNEL 0xc000000000050060ULL

/** Two CPUs in RTAS and in the kernel, vector registers and VMCOREINFO, as QEMU 7.2 writes them. */
static struct dump_facts make(uint64_t nip, uint64_t msr)
{
	struct dump_facts facts = {.machine = EM_PPC64, .big_endian = true, .word = 8};
	uint8_t prstatus[504] = {0}, vector[16];
	void *notes = NULL;

	store_u64(prstatus + 368, 0x2fff0010, true);
	assert_ok(notes_append(&notes, &facts.notes_len, true, "CORE", NT_PRSTATUS, prstatus, 504));
	store_u16(prstatus + 12, 0x1234, true);
	store_u32(prstatus + 32, 4711, true);
	store_u64(prstatus + 112, 0x0123456789abcdef, true);
	store_u64(prstatus + 368, nip, true);
	store_u64(prstatus + 376, msr, true);
	store_u32(prstatus + 496, 7, true);
	for (uint8_t i = 0; i < 16; i++)
		vector[i] = i;
	assert_ok(notes_append(&notes, &facts.notes_len, true, "CORE", NT_PRSTATUS, prstatus, 504));
	assert_ok(notes_append(&notes, &facts.notes_len, true, "CORE", NT_PPC_VMX, vector, 16));
	assert_ok(notes_append(&notes, &facts.notes_len, true, "CORE", NT_PRSTATUS, "odd", 3));
	assert_ok(notes_append(&notes, &facts.notes_len, true, "VMCOREINFO", 0, "A=1\n", 4));
	facts.notes = notes;
	return facts;
}

static struct note get(const struct dump_facts *facts, unsigned int nr)
{
	struct bytes cursor = bytes_make(facts->notes, facts->notes_len, facts->big_endian, 8);
	struct note note;

	for (unsigned int i = 0; i <= nr; i++)
		assert_true(note_next(&cursor, &note));
	return note;
}

static void turns_what_a_little_endian_kernel_left(void **state)
{
	struct dump_facts facts = make(IN_KERNEL, 0x9033);
	struct note note;

	notes_fix_order(&facts, (void *)facts.notes);
	assert_false(facts.big_endian);
	assert_true(notes_scan(&facts));
	assert_int_equal(facts.nr_cpus, 3);
	assert_int_equal(facts.vmcoreinfo_len, 4);
	assert_memory_equal(facts.vmcoreinfo, "A=1\n", 4);
	note = get(&facts, 0);
	assert_int_equal(load_u64(note.desc.data + 368, false), 0x2fff0010);
	note = get(&facts, 1);
	assert_true(note_is(&note, "CORE", NT_PRSTATUS));
	assert_int_equal(load_u16(note.desc.data + 12, false), 0x1234);
	assert_int_equal(load_u32(note.desc.data + 32, false), 4711);
	assert_int_equal(load_u64(note.desc.data + 112, false), 0x0123456789abcdef);
	assert_int_equal(load_u64(note.desc.data + 368, false), IN_KERNEL);
	assert_int_equal(load_u32(note.desc.data + 496, false), 7);
	note = get(&facts, 2);
	assert_memory_equal(note.desc.data,
			    "\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08\x07\x06\x05\x04\x03"
			    "\x02\x01",
			    16);
	note = get(&facts, 3);
	assert_memory_equal(note.desc.data, "odd", 3);
	free((void *)facts.notes);
}

static void leaves_everything_else(void **state)
{
	static const struct {
		uint16_t machine;
		bool big_endian;
		uint64_t nip, msr;
	} cases[] = {
		{EM_PPC64, true, IN_KERNEL, 0x9032},  // a big-endian kernel
		{EM_PPC64, true, 0x10001234, 0xd033}, // a little-endian program on it
		{EM_S390, true, IN_KERNEL, 0x9033},
		{EM_PPC64, false, IN_KERNEL, 0x9033},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dump_facts facts = make(cases[i].nip, cases[i].msr), before = facts;
		void *copy = malloc(facts.notes_len);

		assert_non_null(copy);
		memcpy(copy, facts.notes, facts.notes_len);
		facts.machine = cases[i].machine;
		facts.big_endian = cases[i].big_endian;
		notes_fix_order(&facts, (void *)facts.notes);
		assert_int_equal(facts.big_endian, cases[i].big_endian);
		assert_memory_equal(facts.notes, copy, facts.notes_len);
		free(copy);
		free((void *)before.notes);
	}
}

static void ends_at_damage(void **state)
{
	for (size_t len = 0; len < 1200; len += 7) {
		struct dump_facts facts = make(IN_KERNEL, 0x9033);
		void *notes = malloc(len + 1);

		assert_non_null(notes);
		memcpy(notes, facts.notes, len);
		free((void *)facts.notes);
		facts.notes = notes;
		facts.notes_len = len;
		notes_fix_order(&facts, notes);
		assert_int_equal(facts.big_endian, len < 2 * (20 + 504));
		free(notes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(turns_what_a_little_endian_kernel_left),
		cmocka_unit_test(leaves_everything_else),
		cmocka_unit_test(ends_at_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
