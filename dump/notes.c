// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/notes.h"

#include <elf.h>
#include <string.h>

#include "dump/facts.h"
#include "util/checked.h"
#include "util/sys.h"

#define HEADER_LEN 12 // Elf32_Nhdr, Elf64_Nhdr: namesz, descsz, type
#define ALIGN      4

/* Notes have names, so a zero word where a name's length should stand is padding. */
static void skip_padding(struct bytes *cursor)
{
	while (bytes_left(cursor) >= ALIGN &&
	       !load_u32(cursor->data + cursor->pos, cursor->big_endian))
		cursor->pos += ALIGN;
	if (bytes_left(cursor) < ALIGN)
		cursor->pos = cursor->len;
}

bool note_next(struct bytes *cursor, struct note *ret)
{
	uint32_t name_len, desc_len, type;
	const uint8_t *name, *desc;

	if (cursor->bad)
		return false;
	skip_padding(cursor);
	if (!bytes_left(cursor))
		return false;
	name_len = bytes_u32(cursor);
	desc_len = bytes_u32(cursor);
	type = bytes_u32(cursor);
	name = bytes_take(cursor, name_len);
	bytes_align(cursor, ALIGN);
	desc = bytes_take(cursor, desc_len);
	if (cursor->bad)
		return false;
	// the last note may end with its desc
	if (bytes_left(cursor) < ALIGN)
		cursor->pos = cursor->len;
	else
		bytes_align(cursor, ALIGN);
	*ret = (struct note){
		.name = (const char *)name,
		.name_len = strnlen((const char *)name, name_len),
		.type = type,
		.desc = bytes_make(desc, desc_len, cursor->big_endian, cursor->word),
	};
	return true;
}

bool note_is(const struct note *note, const char *name, uint32_t type)
{
	return note->type == type && note->name_len == strlen(name) &&
	       !memcmp(note->name, name, note->name_len);
}

bool notes_scan(struct dump_facts *facts)
{
	struct bytes cursor = bytes_make(facts->notes, facts->notes_len, facts->big_endian,
					 facts->word);
	struct note note;

	facts->nr_cpus = 0;
	while (note_next(&cursor, &note)) {
		const char *text = (const char *)note.desc.data;

		if (note_is(&note, "CORE", NT_PRSTATUS) && facts->nr_cpus < NOTES_MAX_CPUS)
			facts->nr_cpus++;
		if (note_is(&note, "VMCOREINFO", 0) && !facts->vmcoreinfo) {
			facts->vmcoreinfo = text;
			facts->vmcoreinfo_len = min_u64(note.desc.len, VMCOREINFO_MAX_LEN);
		}
		if (note_is(&note, "ERASEINFO", 0) && !facts->eraseinfo) {
			facts->eraseinfo = text;
			facts->eraseinfo_len = note.desc.len;
		}
	}
	return !cursor.bad;
}

struct error *notes_append(void **buf, size_t *len, bool big_endian, const char *name,
			   uint32_t type, const void *desc, size_t desc_len)
{
	size_t name_len = strlen(name) + 1;
	size_t desc_off = *len + HEADER_LEN + align_up(name_len, ALIGN);
	size_t end = desc_off + align_up(desc_len, ALIGN);
	uint8_t *p = sys_realloc(*buf, end);

	if (!p)
		return &error_nomem;
	memset(p + *len, 0, end - *len);
	store_u32(p + *len, (uint32_t)name_len, big_endian);
	store_u32(p + *len + 4, (uint32_t)desc_len, big_endian);
	store_u32(p + *len + 8, type, big_endian);
	memcpy(p + *len + HEADER_LEN, name, name_len);
	if (desc_len)
		memcpy(p + desc_off, desc, desc_len);
	*buf = p;
	*len = end;
	return NULL;
}
