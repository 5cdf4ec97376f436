// SPDX-License-Identifier: GPL-2.0-or-later
/* Tokens, markers and names of kallsyms. */
#include <stdlib.h>
#include <string.h>

#include "kernel/kallsyms_decode.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

#define GROUP 256U /* names from one marker to the next */
#define NONE  UINT32_MAX

/* Behind a hole every byte of the next SYNC is tried as the beginning of a name. */
#define SYNC      512U
/* A group is at most this long: 256 names of 512 characters would be, but none comes near. */
#define MAX_GROUP (64U << 10)

bool kallsyms_packed(const struct kallsyms_tables *tables, const struct piece *packed, uint64_t off,
		     const uint8_t **codes, size_t *len, uint64_t *end)
{
	const uint8_t *p = piece_at(packed, tables->names + off, 1);
	size_t head = 1, n;

	if (!p)
		return false;
	n = p[0];
	// bit 7 was never set before there were names that need it
	if (n & 0x80) {
		p = piece_at(packed, tables->names + off, 2);
		if (!p)
			return false;
		n = (n & 0x7f) | (size_t)p[1] << 7;
		head = 2;
	}
	if (!n || !piece_at(packed, tables->names + off, head + n))
		return false;
	*codes = p + head;
	*len = n;
	*end = off + head + n;
	return true;
}

const uint8_t *kallsyms_codes(const struct kallsyms *ks, size_t i, size_t *len)
{
	const uint8_t *codes;
	uint64_t end;

	if (i >= ks->nr || ks->names[i] == KALLSYMS_LOST ||
	    !kallsyms_packed(&ks->tables, &ks->packed, ks->names[i], &codes, len, &end))
		return NULL;
	return codes;
}

/* What the decoding goes along with. */
struct names {
	struct kallsyms *ks;
	const struct piece *markers; /* empty: not found */
};

/* Offset of the first name of a group as the kernel's table has it; NONE when that is lost. */
static uint32_t marker(const struct names *names, size_t group)
{
	const struct kallsyms_tables *tables = &names->ks->tables;
	const uint8_t *p;
	uint64_t off;

	if (!names->markers->len || group * GROUP >= names->ks->nr)
		return NONE;
	p = piece_at(names->markers, tables->markers + group * tables->marker_size,
		     tables->marker_size);
	if (!p)
		return NONE;
	off = tables->marker_size == 8 ? load_u64(p, tables->big_endian)
				       : load_u32(p, tables->big_endian);
	// each name takes two bytes at least, so a smaller number is damage
	if (off < 2 * group * GROUP || off >= names->ks->packed.len || (!group && off))
		return NONE;
	return (uint32_t)off;
}

/* Counts for each offset in [low, next) through how many of the chains that begin in the first SYNC
 * bytes, and end at next, it is a name; returns how many chains there are. */
static size_t count_chains(const struct kallsyms *ks, uint64_t low, uint64_t next, uint16_t *visits)
{
	size_t nr_chains = 0, len;
	const uint8_t *codes;

	for (uint64_t start = low; start < next && start < low + SYNC; start++) {
		uint64_t off = start, end;

		while (off < next &&
		       kallsyms_packed(&ks->tables, &ks->packed, off, &codes, &len, &end))
			off = end;
		if (off != next)
			continue;
		nr_chains++;
		for (off = start; off < next; off = end) {
			visits[off - low]++;
			if (!kallsyms_packed(&ks->tables, &ks->packed, off, &codes, &len, &end))
				break;
		}
	}
	return nr_chains;
}

/* Names between a hole and the next marker: chains of lengths that begin at different bytes run
 * together soon, and what all of them agree on is certain. */
static void sync_back(struct kallsyms *ks, size_t first, size_t last, uint64_t low, uint64_t next)
{
	_cleanup_free_ uint16_t *visits = NULL;
	size_t nr_chains, i = last;

	low = piece_last_hole(&ks->packed, ks->tables.names + low, ks->tables.names + next) -
	      ks->tables.names;
	if (low >= next || next - low > MAX_GROUP)
		return;
	// without memory for this the names are merely lost
	visits = sys_calloc(next - low, sizeof(visits[0]));
	if (!visits)
		return;
	nr_chains = count_chains(ks, low, next, visits);
	for (uint64_t off = next; nr_chains && i > first && off-- > low;) {
		if (visits[off - low] == nr_chains)
			ks->names[--i] = (uint32_t)off;
	}
}

/* Decodes the names [first, last) from start on; next is where the group behind begins. Either may
 * be NONE. Returns where the next group begins, as far as is known. */
static uint32_t decode_group(struct kallsyms *ks, size_t first, size_t last, uint32_t start,
			     uint32_t next)
{
	uint64_t off = start;
	size_t i = first, len;
	const uint8_t *codes;

	if (start != NONE) {
		for (uint64_t end;
		     i < last && kallsyms_packed(&ks->tables, &ks->packed, off, &codes, &len, &end);
		     off = end)
			ks->names[i++] = (uint32_t)off;
	}
	if (i == last && (next == NONE || next == off))
		return (uint32_t)off;
	if (next == NONE)
		return NONE;
	if (i == last) {
		// lengths and marker contradict each other: none of these is certain
		memset(&ks->names[first], 0xff, (last - first) * sizeof(ks->names[0]));
		return next;
	}
	if (start == NONE)
		off = next > MAX_GROUP ? next - MAX_GROUP : 0;
	if (off < next)
		sync_back(ks, i, last, off, next);
	return next;
}

struct error *kallsyms_decode_names(struct kallsyms *ks, phys_read_fn *read, void *arg)
{
	_cleanup_piece_ struct piece markers = {0};
	struct names names = {.ks = ks, .markers = &markers};
	size_t nr_groups = div_round_up(ks->nr, GROUP), nr_known = 0;
	uint32_t start = 0;
	struct error *err;

	if (ks->tables.markers && (err = piece_load(read, arg, ks->tables.markers,
						    nr_groups * ks->tables.marker_size, &markers)))
		return err;
	ks->names = sys_malloc(ks->nr * sizeof(ks->names[0]));
	if (!ks->names)
		return &error_nomem;
	memset(ks->names, 0xff, ks->nr * sizeof(ks->names[0]));
	for (size_t group = 0; group < nr_groups; group++) {
		size_t first = group * GROUP, last = min_u64(first + GROUP, ks->nr);
		uint32_t at = marker(&names, group);

		start = decode_group(ks, first, last, at != NONE ? at : start,
				     marker(&names, group + 1));
	}
	for (size_t i = 0; i < ks->nr; i++)
		nr_known += ks->names[i] != KALLSYMS_LOST;
	if (nr_known < ks->nr / 2)
		return error_create(ERROR_FORMAT,
				    "kallsyms_names at 0x%llx: only %zu of %zu names are readable",
				    (unsigned long long)ks->tables.names, nr_known, ks->nr);
	return NULL;
}
