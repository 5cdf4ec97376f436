// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/info.h"

#include <elf.h>
#include <stdlib.h>

#include "dump/notes.h"
#include "tests/support/fakekernel.h"
#include "tests/support/test.h"
#include "util/rows.h"

static const char *info(const struct fakekernel *fake, bool as_json)
{
	static char text[4096];
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct rows rows;

	assert_non_null(out);
	rows_begin(&rows, out, as_json, "info");
	assert_ok(dump_info(&rows, &fake->reader));
	rows_end(&rows);
	fclose(out);
	return text;
}

static void test_measure(void **state)
{
	struct dump_amounts amounts;
	struct fakekernel fake;

	fakekernel_init(&fake, 8, false, 1U << 20);
	fake.hole[0] = 0x10000;
	fake.hole[1] = 0x20000;
	fake.left_out[0] = 0x30000;
	fake.left_out[1] = 0x50000;
	assert_ok(dump_measure(&fake.reader, &amounts));
	assert_int_equal(amounts.ram, 0xf0000);
	assert_int_equal(amounts.stored, 0xd0000);
	assert_int_equal(amounts.excluded, 0x20000);
	fakekernel_deinit(&fake);
}

static void test_known(void **state)
{
	static const char vmcoreinfo[] =
		"OSRELEASE=6.1.0-56\nBUILD-ID=abcd\nCRASHTIME=1795164140\n";
	static const char prstatus[336];
	struct dump_facts *facts;
	struct fakekernel fake;
	void *notes = NULL;
	size_t len = 0;
	const char *text;

	setenv("TZ", "UTC", 1);
	fakekernel_init(&fake, 8, true, 1U << 20);
	facts = &fake.reader.facts;
	facts->machine = EM_S390;
	facts->nr_cpus = 2;
	facts->dump_level = 31;
	facts->vmcoreinfo = vmcoreinfo;
	facts->vmcoreinfo_len = sizeof(vmcoreinfo) - 1;
	strcpy(facts->uts.release, "from the header");
	strcpy(facts->uts.nodename, "node\033[1m");
	strcpy(fake.reader.variant, "version 6, zlib");
	for (int i = 0; i < 2; i++)
		assert_ok(notes_append(&notes, &len, true, "CORE", NT_PRSTATUS, prstatus,
				       sizeof(prstatus)));
	assert_ok(notes_append(&notes, &len, true, "VMCOREINFO", 0, vmcoreinfo,
			       sizeof(vmcoreinfo) - 1));
	facts->notes = notes;
	facts->notes_len = len;
	text = info(&fake, false);
	assert_string_equal(text, "        FILE: fake\n"
				  "   FILE SIZE: 1.0 MiB\n"
				  "      FORMAT: fake\n"
				  "     VARIANT: version 6, zlib\n"
				  "     MACHINE: s390x\n"
				  "  BYTE ORDER: big\n"
				  "   WORD BITS: 64\n"
				  "     RELEASE: 6.1.0-56\n"
				  "    NODENAME: node\\x1b[1m\n"
				  "    BUILD ID: abcd\n"
				  "        DATE: Fri Nov 20 08:42:20 UTC 2026\n"
				  "        CPUS: 2\n"
				  "  BLOCK SIZE: 4096\n"
				  "      MEMORY: 1.0 MiB\n"
				  "      STORED: 1.0 MiB\n"
				  "    LEFT OUT: 0 bytes\n"
				  "  DUMP LEVEL: 31\n"
				  "  INCOMPLETE: no\n"
				  "   TRUNCATED: no\n"
				  "       NOTES: CORE type 0x1, 336 bytes, 2 of them\n"
				  "              VMCOREINFO type 0, 54 bytes\n");
	text = info(&fake, true);
	assert_non_null(strstr(text, "\"ram_bytes\": 1048576,"));
	assert_non_null(strstr(text, "\"faults\": []"));
	free(notes);
	fakekernel_deinit(&fake);
}

static void test_faults(void **state)
{
	struct fakekernel fake;
	const char *text;

	fakekernel_init(&fake, 4, false, 1U << 16);
	fake.reader.facts.machine = 999;
	fake.reader.facts.truncated = true;
	fake.reader.facts.incomplete = true;
	strcpy(fake.reader.warning, "fake: something else");
	text = info(&fake, false);
	assert_non_null(strstr(text, "     MACHINE: ELF machine 999\n"));
	assert_non_null(strstr(text, "      FAULTS: the file ends before "));
	assert_non_null(strstr(text, "              the dump was not finished: "));
	assert_non_null(strstr(text, "              fake: something else\n"));
	assert_non_null(strstr(text, "              no notes: no registers and no VMCOREINFO\n"));
	assert_non_null(strstr(text, "  INCOMPLETE: yes\n   TRUNCATED: yes\n"));
	assert_null(strstr(text, "RELEASE"));
	assert_null(strstr(text, "DATE"));
	fakekernel_deinit(&fake);
}

/* Notes that are cut off end the list; nothing is read behind them. */
static void test_cut_notes(void **state)
{
	static const char desc[100];
	struct fakekernel fake;
	void *notes = NULL;
	size_t len = 0;
	const char *text;

	fakekernel_init(&fake, 8, false, 1U << 16);
	assert_ok(notes_append(&notes, &len, false, "A", 1, desc, sizeof(desc)));
	assert_ok(notes_append(&notes, &len, false, "B", 2, desc, sizeof(desc)));
	fake.reader.facts.notes = notes;
	fake.reader.facts.notes_len = len - 8;
	text = info(&fake, false);
	assert_non_null(strstr(text, "       NOTES: A type 0x1, 100 bytes\n"));
	assert_null(strstr(text, "B type"));
	assert_non_null(strstr(text, "      FAULTS: no VMCOREINFO\n"));
	free(notes);
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_measure),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_cut_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
