// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses of kallsyms, and which of the layouts they are kept in. */
#include <string.h>

#include "kernel/kallsyms_decode.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

/* Where a base may lie: the image starts at a page. */
#define BASE_ALIGN 4096U

/* Of the addresses that are there, one in this many may be out of order by damage. */
#define MAX_DISORDER 64

/* Symbols that share an address are many more than this in every kernel. */
#define FEW_ALIASES 16

static size_t entry_size(const struct kallsyms_tables *tables)
{
	return tables->kind == KALLSYMS_POINTERS ? tables->word : 4;
}

/* Address of symbol i; false in a hole. */
static bool address(const struct kallsyms_tables *tables, const struct piece *offsets, size_t i,
		    uint64_t *ret)
{
	uint64_t place = tables->offsets + i * entry_size(tables);
	const uint8_t *p = piece_at(offsets, place, entry_size(tables));
	int32_t off;

	if (!p)
		return false;
	if (entry_size(tables) == 8) {
		*ret = load_u64(p, tables->big_endian);
		return true;
	}
	off = (int32_t)load_u32(p, tables->big_endian);
	switch (tables->kind) {
	case KALLSYMS_PLACE: *ret = place + (uint64_t)(int64_t)off; break;
	case KALLSYMS_PERCPU:
		*ret = off < 0 ? tables->base - 1 - (uint64_t)(int64_t)off : (uint32_t)off;
		break;
	case KALLSYMS_RELATIVE: *ret = tables->base + (uint32_t)off; break;
	default: *ret = (uint32_t)off; break;
	}
	if (tables->word == 4)
		*ret = (uint32_t)*ret;
	return true;
}

/* Fills ks->addrs in ascending order; what breaks the order, or is in a hole, is lost. Returns how
 * many broke the order. */
static size_t fill_addrs(struct kallsyms *ks, const struct piece *offsets)
{
	uint64_t last = 0, addr, next;
	size_t disorder = 0;

	for (size_t i = 0; i < ks->nr; i++) {
		bool there = address(&ks->tables, offsets, i, &addr);

		// one that is too high itself must not make all behind it look too low
		if (there && (addr < last ||
			      (i + 1 < ks->nr && address(&ks->tables, offsets, i + 1, &next) &&
			       next < addr && next >= last))) {
			there = false;
			disorder++;
		}
		if (there)
			last = addr;
		ks->lost[i] = !there;
		ks->addrs[i] = last;
	}
	return disorder;
}

/* Offsets from a base ascend by place as well, but not the other way round: symbols at one address
 * have place-relative offsets that descend. */
static bool offsets_ascend(const struct kallsyms *ks, const struct piece *offsets)
{
	size_t disorder = 0;

	for (size_t i = 1; i < ks->nr; i++) {
		const uint8_t *p = piece_at(offsets, ks->tables.offsets + 4 * (i - 1), 8);

		disorder += p && (int32_t)load_u32(p + 4, ks->tables.big_endian) <
					 (int32_t)load_u32(p, ks->tables.big_endian);
	}
	return disorder <= FEW_ALIASES + ks->nr / (16 * MAX_DISORDER);
}

/* What the addresses say of things that are known: false when they contradict. A table of
 * place-relative offsets has to prove itself, for the base of another may only be lost. */
static bool check_known(const struct kallsyms *ks, const struct piece *offsets, phys_read_fn *read,
			void *arg)
{
	const struct kallsyms_tables *tables = &ks->tables;
	uint64_t names, index, banner;
	char text[14];

	// from 6.12 on the tables have symbols themselves
	if (kallsyms_lookup(ks, "kallsyms_names", &names) &&
	    kallsyms_lookup(ks, "kallsyms_token_index", &index))
		return index - names == tables->token_index - tables->names &&
		       (tables->kind != KALLSYMS_PLACE || names == tables->names);
	if (tables->kind != KALLSYMS_PLACE || !offsets_ascend(ks, offsets))
		return true;
	return kallsyms_lookup(ks, "linux_banner", &banner) &&
	       read(arg, banner, text, sizeof(text)) && !memcmp(text, "Linux version ", 14);
}

static bool any_negative(const struct kallsyms *ks, const struct piece *offsets)
{
	for (size_t i = 0; i < ks->nr; i++) {
		const uint8_t *p = piece_at(offsets, ks->tables.offsets + 4 * i, 4);

		if (p && (int32_t)load_u32(p, ks->tables.big_endian) < 0)
			return true;
	}
	return false;
}

/* Whether the offsets are what tables says; fills the addresses by it. */
static bool try_layout(struct kallsyms *ks, phys_read_fn *read, void *arg, struct error **err)
{
	_cleanup_piece_ struct piece offsets = {0};
	size_t disorder, lost = 0;

	*err = piece_load(read, arg, ks->tables.offsets, ks->nr * entry_size(&ks->tables),
			  &offsets);
	if (*err)
		return false;
	if (ks->tables.kind == KALLSYMS_RELATIVE && any_negative(ks, &offsets))
		ks->tables.kind = KALLSYMS_PERCPU;
	disorder = fill_addrs(ks, &offsets);
	for (size_t i = 0; i < ks->nr; i++)
		lost += ks->lost[i];
	return disorder <= ks->nr / MAX_DISORDER && lost <= ks->nr / 2 &&
	       ks->addrs[ks->nr - 1] != ks->addrs[0] && check_known(ks, &offsets, read, arg);
}

/* Reads the base and says whether the image of a kernel may begin there: at a page, and on 64-bit
 * machines in the upper half, or low on s390x. */
static bool read_base(struct kallsyms_tables *tables, phys_read_fn *read, void *arg, uint64_t addr)
{
	uint8_t raw[8];

	if (!read(arg, addr, raw, tables->word))
		return false;
	tables->base_place = addr;
	tables->base = tables->word == 8 ? load_u64(raw, tables->big_endian)
					 : load_u32(raw, tables->big_endian);
	return tables->base && !(tables->base % BASE_ALIGN) &&
	       (tables->word == 4 || tables->base >> 63 || !(tables->base >> 53));
}

struct layout {
	enum kallsyms_kind kind;
	uint8_t word;
	bool after; /* offsets stand behind the token index, not before num_syms */
};

/* In the order in which they are tried: place-relative ones prove themselves, but would not be
 * needed often; a 64-bit base is none by half. */
static const struct layout layouts[] = {
	{KALLSYMS_RELATIVE, 8, true},  {KALLSYMS_RELATIVE, 8, false}, {KALLSYMS_PLACE, 8, true},
	{KALLSYMS_POINTERS, 8, false}, {KALLSYMS_RELATIVE, 4, true},  {KALLSYMS_RELATIVE, 4, false},
	{KALLSYMS_PLACE, 4, true},     {KALLSYMS_POINTERS, 4, false},
};

/* Sets where the addresses are in this layout; false when they cannot be. */
static bool place_layout(struct kallsyms_tables *tables, const struct layout *layout,
			 phys_read_fn *read, void *arg)
{
	uint64_t before = align_down(tables->num_syms, layout->word), base;

	tables->kind = layout->kind;
	tables->word = layout->word;
	tables->base = 0;
	tables->base_place = 0;
	if (layout->kind == KALLSYMS_POINTERS) {
		tables->offsets = before - (uint64_t)tables->nr_syms * layout->word;
		return true;
	}
	if (layout->after) {
		tables->offsets = align_up(tables->token_index + 512, 4);
		base = align_up(tables->offsets + 4ULL * tables->nr_syms, layout->word);
	} else {
		base = before - layout->word;
		tables->offsets = align_down(base - 4ULL * tables->nr_syms, layout->word);
	}
	return layout->kind == KALLSYMS_PLACE || read_base(tables, read, arg, base);
}

struct error *kallsyms_decode_addrs(struct kallsyms *ks, phys_read_fn *read, void *arg)
{
	struct kallsyms_tables *tables = &ks->tables;
	uint8_t word = tables->word;
	struct error *err = NULL;

	ks->addrs = sys_malloc(ks->nr * sizeof(ks->addrs[0]));
	ks->lost = sys_malloc(ks->nr);
	if (!ks->addrs || !ks->lost)
		return &error_nomem;
	if (tables->kind != KALLSYMS_UNKNOWN && try_layout(ks, read, arg, &err))
		return NULL;
	for (size_t i = 0; !err && i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if ((!word || word == layouts[i].word) &&
		    place_layout(tables, &layouts[i], read, arg) && try_layout(ks, read, arg, &err))
			return NULL;
	}
	return err ? err
		   : error_create(ERROR_FORMAT,
				  "kallsyms at 0x%llx: no layout gives ascending addresses for its "
				  "%zu names",
				  (unsigned long long)tables->names, ks->nr);
}
