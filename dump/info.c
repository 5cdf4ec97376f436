// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/info.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>

#include "dump/machine.h"
#include "dump/notes.h"
#include "dump/reader.h"
#include "dump/vmcoreinfo.h"
#include "util/file.h"
#include "util/rows.h"

struct error *dump_measure(const struct dump_reader *reader, struct dump_amounts *ret)
{
	_cleanup_scratch_ struct dump_scratch *scratch = NULL;
	struct error *err = dump_scratch_create(reader, &scratch);
	struct dump_amounts sum = {0};
	struct dump_run run;

	if (err)
		return err;
	for (uint64_t paddr = 0; paddr < reader->facts.max_paddr; paddr = run.end) {
		dump_next_run(reader, scratch, paddr, &run);
		if (run.status != DUMP_ABSENT)
			sum.ram += run.end - paddr;
		if (run.status == DUMP_OK)
			sum.stored += run.end - paddr;
		if (run.status == DUMP_EXCLUDED)
			sum.excluded += run.end - paddr;
	}
	*ret = sum;
	return NULL;
}

static void add_machine(struct rows *rows, const struct dump_facts *facts)
{
	const struct machine *machine = machine_find(facts->machine, facts->word,
						     facts->big_endian);
	char number[32];

	snprintf(number, sizeof(number), "ELF machine %u", facts->machine);
	rows_text(rows, "machine", "MACHINE",
		  machine                     ? machine->name
		  : facts->machine == EM_NONE ? "unknown"
					      : number);
	rows_text(rows, "byte_order", "BYTE ORDER", facts->big_endian ? "big" : "little");
	rows_number(rows, "word_bits", "WORD BITS", facts->word * 8U);
}

static struct error *add_kernel(struct rows *rows, const struct dump_facts *facts)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	const char *release = facts->uts.release, *build_id, *osrelease;
	uint64_t crash_time = facts->time_sec;
	struct error *err = vmcoreinfo_create(facts->vmcoreinfo, facts->vmcoreinfo_len, &info);

	if (err)
		return err;
	if ((osrelease = vmcoreinfo_text(info, "OSRELEASE")))
		release = osrelease;
	if (*release)
		rows_text(rows, "release", "RELEASE", release);
	if (*facts->uts.version)
		rows_text(rows, "version", "VERSION", facts->uts.version);
	if (*facts->uts.nodename)
		rows_text(rows, "nodename", "NODENAME", facts->uts.nodename);
	if ((build_id = vmcoreinfo_text(info, "BUILD-ID")))
		rows_text(rows, "build_id", "BUILD ID", build_id);
	vmcoreinfo_dec(info, "CRASHTIME", &crash_time);
	if (crash_time)
		rows_time(rows, "crash_time", "DATE", (int64_t)crash_time);
	if (facts->nr_cpus)
		rows_number(rows, "cpus", "CPUS", facts->nr_cpus);
	return NULL;
}

/* One item for all notes of a kind that follow each other. */
static void add_notes(struct rows *rows, const struct dump_facts *facts)
{
	struct bytes cursor = bytes_make(facts->notes, facts->notes_len, facts->big_endian,
					 facts->word);
	struct note note, next;
	bool more = note_next(&cursor, &note);
	uint64_t nr;
	char text[128];

	rows_begin_list(rows, "notes", "NOTES");
	while (more) {
		for (nr = 1; (more = note_next(&cursor, &next)); nr++)
			if (next.name_len != note.name_len || next.type != note.type ||
			    next.desc.len != note.desc.len ||
			    memcmp(next.name, note.name, note.name_len) != 0)
				break;
		snprintf(text, sizeof(text), "%.*s type %#" PRIx32 ", %zu bytes",
			 (int)(note.name_len > 32 ? 32 : note.name_len), note.name, note.type,
			 note.desc.len);
		if (nr > 1)
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				 ", %" PRIu64 " of them", nr);
		rows_item(rows, text);
		note = next;
	}
	rows_end_list(rows);
}

struct error *dump_info_facts(struct rows *rows, const struct dump_reader *reader)
{
	const struct dump_facts *facts = &reader->facts;
	struct dump_amounts amounts;
	struct error *err = dump_measure(reader, &amounts);

	if (err)
		return err;
	rows_text(rows, "path", "FILE", reader->file->path);
	rows_size(rows, "file_bytes", "FILE SIZE", reader->file->size);
	rows_text(rows, "format", "FORMAT", reader->format->name);
	if (reader->variant[0])
		rows_text(rows, "variant", "VARIANT", reader->variant);
	add_machine(rows, facts);
	if ((err = add_kernel(rows, facts)))
		return err;
	rows_number(rows, "block_size", "BLOCK SIZE", facts->block_size);
	rows_size(rows, "ram_bytes", "MEMORY", amounts.ram);
	rows_size(rows, "stored_bytes", "STORED", amounts.stored);
	rows_size(rows, "excluded_bytes", "LEFT OUT", amounts.excluded);
	rows_number(rows, "dump_level", "DUMP LEVEL", facts->dump_level);
	rows_bool(rows, "incomplete", "INCOMPLETE", facts->incomplete);
	rows_bool(rows, "truncated", "TRUNCATED", facts->truncated);
	add_notes(rows, facts);
	return NULL;
}

void dump_info_faults(struct rows *rows, const struct dump_reader *reader)
{
	const struct dump_facts *facts = &reader->facts;

	if (facts->truncated)
		rows_item(rows, "the file ends before the data that it promises");
	if (facts->incomplete)
		rows_item(rows, "the dump was not finished: pages are missing");
	if (reader->warning[0])
		rows_item(rows, reader->warning);
	if (!facts->notes_len)
		rows_item(rows, "no notes: no registers and no VMCOREINFO");
	else if (!facts->vmcoreinfo)
		rows_item(rows, "no VMCOREINFO");
	else if (!facts->nr_cpus)
		rows_item(rows, "no registers (NT_PRSTATUS)");
}

struct error *dump_info(struct rows *rows, const struct dump_reader *reader)
{
	struct error *err = dump_info_facts(rows, reader);

	if (err)
		return err;
	rows_begin_list(rows, "faults", "FAULTS");
	dump_info_faults(rows, reader);
	rows_end_list(rows);
	return NULL;
}
