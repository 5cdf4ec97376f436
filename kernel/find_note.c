// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/find_note.h"

#include <stdlib.h>
#include <string.h>

#include "dump/notes.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

#define STEP     4096U
#define MAX_TEXT (64U << 10) /* the kernel's own is a page or two */
#define MIN_TEXT 128U

#define MAX_NOTES 64 /* different ones: kernels that have been in this memory */

/* The header of the note, and its name padded to 12 bytes. */
#define HDR_LEN  24U
#define NAME     "VMCOREINFO"
#define NAME_LEN 11U

/* Length of the text by the header of the note that it is in; 0 when it is in none. */
static size_t note_len(phys_read_fn *read, void *arg, uint64_t paddr)
{
	uint8_t hdr[HDR_LEN];

	if (paddr < HDR_LEN || !read(arg, paddr - HDR_LEN, hdr, HDR_LEN) ||
	    memcmp(hdr + 12, NAME, NAME_LEN) != 0)
		return 0;
	for (unsigned int big_endian = 0; big_endian < 2; big_endian++) {
		if (load_u32(hdr, big_endian) == NAME_LEN && !load_u32(hdr + 8, big_endian))
			return min_u64(load_u32(hdr + 4, big_endian), MAX_TEXT);
	}
	return 0;
}

/* Reads up to the end of the text. */
static size_t read_text(phys_read_fn *read, void *arg, uint64_t paddr, size_t max, char *buf)
{
	for (size_t done = 0; done < max;) {
		size_t part = min_u64(STEP - (paddr + done) % STEP, max - done);
		const char *nul;

		if (!read(arg, paddr + done, buf + done, part))
			return done;
		nul = memchr(buf + done, 0, part);
		if (nul)
			return (size_t)(nul - buf);
		done += part;
	}
	return max;
}

/* Printable lines that end with a newline. What follows the last one is not part of it. */
static size_t whole_lines(const char *text, size_t len)
{
	size_t end = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			end = i + 1;
		else if ((uint8_t)text[i] < ' ' || (uint8_t)text[i] > '~')
			break;
	}
	return end;
}

static void note_deinit(struct found_note *note)
{
	free(note->text);
	vmcoreinfo_destroy(note->info);
	*note = (struct found_note){0};
}

/* What every kernel says. */
static bool has_basics(const struct vmcoreinfo *info)
{
	uint64_t value;

	return vmcoreinfo_text(info, "OSRELEASE") && vmcoreinfo_dec(info, "PAGESIZE", &value) &&
	       vmcoreinfo_symbol(info, "init_uts_ns", &value) &&
	       vmcoreinfo_symbol(info, "_stext", &value);
}

/* Makes a note of the text at paddr; ret->text stays NULL when it is none. */
static struct error *load_note(phys_read_fn *read, void *arg, uint64_t paddr,
			       struct found_note *ret)
{
	size_t len = note_len(read, arg, paddr);
	_cleanup_free_ char *buf = sys_malloc(MAX_TEXT + 1);
	struct found_note note = {.paddr = paddr, .in_note = len, .copies = 1};
	uint64_t time;
	struct error *err;

	if (!buf)
		return &error_nomem;
	len = read_text(read, arg, paddr, len ? len : MAX_TEXT, buf);
	len = whole_lines(buf, len);
	if (len < MIN_TEXT)
		return NULL;
	buf[len] = '\0';
	if ((err = vmcoreinfo_create(buf, len, &note.info)))
		return err;
	if (!has_basics(note.info)) {
		note_deinit(&note);
		return NULL;
	}
	note.crashed = vmcoreinfo_dec(note.info, "CRASHTIME", &time);
	note.len = len;
	note.text = sys_realloc(TAKE_PTR(buf), len + 1);
	if (!note.text) {
		note_deinit(&note);
		return &error_nomem;
	}
	*ret = note;
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_kernel(const struct found_note *a, const struct found_note *b)
{
	uint64_t left = 0, right = 0;

	vmcoreinfo_symbol(a->info, "_stext", &left);
	vmcoreinfo_symbol(b->info, "_stext", &right);
	return left == right &&
	       same_text(vmcoreinfo_text(a->info, "OSRELEASE"),
			 vmcoreinfo_text(b->info, "OSRELEASE")) &&
	       same_text(vmcoreinfo_text(a->info, "BUILD-ID"),
			 vmcoreinfo_text(b->info, "BUILD-ID"));
}

/* Whether it stands where the kernel puts it: at the start of a page, or behind the header of the
 * note at the start of one. */
static bool in_place(const struct found_note *note)
{
	return note->paddr % STEP == (note->in_note ? HDR_LEN : 0);
}

/* Whether a copy is to be believed more: in its place, then in a note, then longer, for one may be
 * cut. */
static bool better(const struct found_note *a, const struct found_note *b)
{
	if (in_place(a) != in_place(b))
		return in_place(a);
	if (a->in_note != b->in_note)
		return a->in_note;
	return a->len > b->len;
}

/* Takes the note, or throws it away. */
static struct error *add(struct found_notes *notes, struct found_note *note)
{
	struct found_note *grown;

	for (size_t i = 0; i < notes->nr; i++) {
		struct found_note *old = &notes->notes[i];

		if (!same_kernel(old, note))
			continue;
		note->copies = old->copies + 1;
		note->crashed |= old->crashed;
		if (better(note, old)) {
			note_deinit(old);
			*old = *note;
		} else {
			old->copies = note->copies;
			old->crashed = note->crashed;
			note_deinit(note);
		}
		return NULL;
	}
	grown = notes->nr < MAX_NOTES ? sys_realloc(notes->notes, (notes->nr + 1) * sizeof(*grown))
				      : NULL;
	if (!grown) {
		note_deinit(note);
		notes->nr_rejected++;
		return notes->nr < MAX_NOTES ? &error_nomem : NULL;
	}
	notes->notes = grown;
	notes->notes[notes->nr++] = *note;
	return NULL;
}

/* Takes the text of one hit if there is one, and it stands where the kernel puts it or not. */
static struct error *take(struct found_notes *notes, const struct scan_hit *hit, bool placed,
			  phys_read_fn *read, void *arg)
{
	struct found_note note = {.paddr = hit->paddr};
	struct error *err;

	if (hit->kind != SCAN_VMCOREINFO)
		return NULL;
	note.in_note = note_len(read, arg, hit->paddr);
	if (in_place(&note) != placed)
		return NULL;
	err = load_note(read, arg, hit->paddr, &note);
	if (!err && note.text)
		return add(notes, &note);
	notes->nr_rejected++;
	return err;
}

struct error *find_notes(const struct scan_hits *hits, phys_read_fn *read, void *arg,
			 struct found_notes *ret)
{
	struct found_notes notes = {0};
	struct error *err = NULL;

	// a file full of such lines must not displace the kernel's own
	for (unsigned int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; !err && i < hits->nr; i++)
			err = take(&notes, &hits->hits[i], !pass, read, arg);
	}
	if (err) {
		found_notes_deinit(&notes);
		return err;
	}
	*ret = notes;
	return NULL;
}

void found_notes_deinit(struct found_notes *notes)
{
	for (size_t i = 0; i < notes->nr; i++)
		note_deinit(&notes->notes[i]);
	free(notes->notes);
	*notes = (struct found_notes){0};
}
