// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/writer.h"

#include <string.h>

#include "dump/notes.h"
#include "util/checked.h"
#include "util/sys.h"

/* What the notes as such hold, whatever facts know from elsewhere. */
static struct dump_facts scan(const struct dump_facts *facts, const struct writer_notes *notes)
{
	struct dump_facts own = {
		.big_endian = facts->big_endian,
		.word = facts->word,
		.notes = notes->data,
		.notes_len = notes->len,
	};

	notes_scan(&own);
	return own;
}

static struct error *append(struct writer_notes *notes, const struct dump_facts *facts,
			    const char *name, const void *text, size_t len)
{
	return notes_append(&notes->data, &notes->len, facts->big_endian, name, 0, text, len);
}

struct error *writer_notes_init(struct writer_notes *notes, const struct dump_facts *facts)
{
	size_t len = align_up(facts->notes_len, 4);
	struct error *err = NULL;
	struct dump_facts own;

	*notes = (struct writer_notes){.data = len ? sys_calloc(1, len) : NULL, .len = len};
	if (len && !notes->data)
		return &error_nomem;
	if (len)
		memcpy(notes->data, facts->notes, facts->notes_len);
	own = scan(facts, notes);
	if (facts->vmcoreinfo && !own.vmcoreinfo)
		err = append(notes, facts, "VMCOREINFO", facts->vmcoreinfo, facts->vmcoreinfo_len);
	if (!err && facts->eraseinfo && !own.eraseinfo)
		err = append(notes, facts, "ERASEINFO", facts->eraseinfo, facts->eraseinfo_len);
	if (err)
		return err;
	own = scan(facts, notes);
	if (own.vmcoreinfo) {
		notes->vmcoreinfo_off = (size_t)(own.vmcoreinfo - (const char *)notes->data);
		notes->vmcoreinfo_len = own.vmcoreinfo_len;
	}
	if (own.eraseinfo) {
		notes->eraseinfo_off = (size_t)((const char *)own.eraseinfo - (char *)notes->data);
		notes->eraseinfo_len = own.eraseinfo_len;
	}
	return NULL;
}

void writer_notes_deinit(struct writer_notes *notes)
{
	free(notes->data);
}

void dump_writer_destroy(struct dump_writer *writer)
{
	if (writer)
		writer->ops->destroy(writer);
}
