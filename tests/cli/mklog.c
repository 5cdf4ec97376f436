// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes a small ELF dump of an x86_64 kernel that has a log and page tables, for the scripts.
 *   mklog FILE [OPTION]   plain, without-vmcoreinfo, damaged, empty */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/notes.h"
#include "tests/support/fakelog.h"
#include "tests/support/mkelf.h"
#include "tests/support/test.h"
#include "util/bytes.h"

#define MEMORY   (256U << 10)
#define DATA_OFF 0x10000U
#define SEC      UINT64_C(1000000000)

static const struct {
	uint64_t ts_nsec;
	uint8_t level, facility;
	uint32_t caller_id;
	const char *text;
	const char *subsystem, *device;
} records[] = {
	{0, 5, 0, 0, "Linux version 6.1.0-test (build@test) #1 SMP", NULL, NULL},
	{1 * SEC + 234567890, 6, 0, 1, "rtc_cmos: setting system clock to X (1795163664)", NULL,
	 NULL},
	{2 * SEC, 4, 0, 1, "Enabling of bus mastering", "pci", "+pci:0000:00:1f.2"},
	{3 * SEC, 3, 0, 1, "two\nlines", NULL, NULL},
	{4 * SEC, 6, 3, 200, "systemd[1]: \033[1mred alert\033[0m", NULL, NULL},
	{5 * SEC, 6, 1, 300, "\xff not UTF-8", NULL, NULL},
	{6 * SEC, 6, 0, 431, "sysrq: Trigger a crash", NULL, NULL},
	{7 * SEC, 0, 0, 431, "Kernel panic - not syncing: sysrq triggered crash", NULL, NULL},
	{7 * SEC, 4, 0, 431, "CPU: 1 PID: 431 Comm: my shell Not tainted 6.1.0-test #1", NULL,
	 NULL},
};

/* Both the base of the fake memory and the kernel's image are physical 0, by one page of 1 GiB. */
static void make_page_tables(struct fakekernel *fake)
{
	fake_u64(fake, fake->base + 0x1000 + 256 * 8, 0x2063);
	fake_u64(fake, fake->base + 0x1000 + 511 * 8, 0x2063);
	fake_u64(fake, fake->base + 0x2000, 0xe3);
	fake_u64(fake, fake->base + 0x2000 + 510 * 8, 0xe3);
}

static void make_log(struct fakelog *log)
{
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		const struct printk_record record = {
			.ts_nsec = records[i].ts_nsec,
			.level = records[i].level,
			.facility = records[i].facility,
			.caller_id = records[i].caller_id,
			.text = records[i].text,
			.len = strlen(records[i].text),
			.subsystem = records[i].subsystem,
			.device = records[i].device,
		};

		fakelog_add(log, &record, 2);
	}
}

static void make_notes(const struct fakelog *log, void **notes, size_t *len)
{
	static const char prstatus[336];
	char text[8192];
	int n = snprintf(text, sizeof(text),
			 "%sPAGESIZE=4096\nNUMBER(phys_base)=0\nNUMBER(pgtable_l5_enabled)=0\n"
			 "SYMBOL(init_top_pgt)=ffffffff80001000\n",
			 log->vmcoreinfo);

	assert_ok(notes_append(notes, len, false, "CORE", NT_PRSTATUS, prstatus, sizeof(prstatus)));
	if (n > 0)
		assert_ok(notes_append(notes, len, false, "VMCOREINFO", 0, text, (size_t)n));
}

int main(int argc, char **argv)
{
	static const struct mkelf_segment segment = {
		.memsz = MEMORY, .filesz = MEMORY, .off = DATA_OFF, .vaddr = 0xffff800000000000};
	const char *option = argc > 2 ? argv[2] : "plain";
	struct mkelf elf = {.segments = &segment, .nr_segments = 1};
	struct mkfile file = {0};
	struct fakekernel fake;
	struct fakelog log;
	void *notes = NULL;
	FILE *out;

	if (argc < 2 || !(out = fopen(argv[1], "wb")))
		return 1;
	fakekernel_init(&fake, 8, false, MEMORY);
	fakelog_init(&log, &fake, 6, 12);
	make_page_tables(&fake);
	if (strcmp(option, "empty") != 0)
		make_log(&log);
	if (!strcmp(option, "damaged"))
		fake_u64(&fake, fakelog_info(&log, log.head_id - 2), 999);
	memcpy(fake_at(&fake, log.uts, 6), "Linux", 6);
	memcpy(fake_at(&fake, log.uts + 65, 5), "node", 5);
	memcpy(fake_at(&fake, log.uts + 130, 11), "6.1.0-test", 11);
	if (strcmp(option, "without-vmcoreinfo") != 0)
		make_notes(&log, &notes, &elf.notes_len);
	elf.notes = notes;
	mkelf(&elf, &file);
	mkfile_put(&file, DATA_OFF, fake.memory, MEMORY);
	fwrite(file.data, 1, file.len, out);
	mkfile_deinit(&file);
	free(notes);
	fakekernel_deinit(&fake);
	return fclose(out) != 0;
}
