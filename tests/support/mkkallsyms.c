// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkkallsyms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/checked.h"

#define CAPACITY (4U << 20)

const struct mklayout mklayouts[] = {
	{"4.4", KALLSYMS_POINTERS, .word = 8, .marker_size = 8},
	{"4.6", KALLSYMS_PERCPU, .word = 8, .marker_size = 8},
	{"4.6 arm64", KALLSYMS_RELATIVE, .word = 8, .marker_size = 8},
	{"4.6 s390x", KALLSYMS_RELATIVE, .word = 8, .big_endian = true, .marker_size = 8},
	{"5.10", KALLSYMS_PERCPU, .word = 8, .marker_size = 4},
	{"5.10 arm64", KALLSYMS_RELATIVE, .word = 8, .marker_size = 4},
	{"5.10 arm", KALLSYMS_RELATIVE, .word = 4, .marker_size = 4},
	{"5.10 ppc", KALLSYMS_RELATIVE, .word = 4, .big_endian = true, .marker_size = 4},
	{"6.2", KALLSYMS_PERCPU, .word = 8, .marker_size = 4, .seqs = 4, .seqs_between = true},
	{"6.3", KALLSYMS_PERCPU, .word = 8, .marker_size = 4, .seqs = 3, .seqs_between = true},
	{"6.4", KALLSYMS_PERCPU, true, 8, .marker_size = 4, .seqs = 3},
	{"6.15", KALLSYMS_RELATIVE, true, 8, .marker_size = 4, .seqs = 3},
	{"6.4 s390x", KALLSYMS_RELATIVE, true, 8, true, .marker_size = 4, .seqs = 3},
	{"6.4 arm", KALLSYMS_RELATIVE, true, 4, .marker_size = 4, .seqs = 3},
	{"7.0", KALLSYMS_PLACE, true, 8, .marker_size = 4, .seqs = 3, .packed = true},
	{"7.0 s390x", KALLSYMS_PLACE, true, 8, true, .marker_size = 4, .seqs = 3, .packed = true},
	{"7.0 arm", KALLSYMS_PLACE, true, 4, .marker_size = 4, .seqs = 3, .packed = true},
};
const size_t mklayouts_nr = sizeof(mklayouts) / sizeof(mklayouts[0]);

/* Tokens of more than one character, for codes that no character uses. */
static const char *const long_tokens[] = {"init_", "kallsyms_", "sym_", "linux_", "_data", "Tsym_"};
#define NR_LONG (sizeof(long_tokens) / sizeof(long_tokens[0]))

static void token(unsigned int code, char buf[16])
{
	if (code >= 0x80 && code < 0x80 + NR_LONG)
		snprintf(buf, 16, "%s", long_tokens[code - 0x80]);
	else
		snprintf(buf, 16, "%c",
			 code >= 0x20 && code < 0x7f ? (int)code : 'a' + (int)code % 26);
}

static uint64_t here(const struct mkkallsyms *mk)
{
	return mk->addr + mk->len;
}

static uint8_t *add(struct mkkallsyms *mk, size_t len)
{
	uint8_t *p = mk->data + mk->len;

	assert_true(mk->len + len <= CAPACITY);
	mk->len += len;
	return p;
}

static void align(struct mkkallsyms *mk, size_t to)
{
	while (here(mk) % to)
		add(mk, 1);
}

static void add_number(struct mkkallsyms *mk, size_t size, uint64_t value)
{
	uint8_t *p = add(mk, size);

	if (size == 8)
		store_u64(p, value, mk->tables.big_endian);
	else
		store_u32(p, (uint32_t)value, mk->tables.big_endian);
}

/* The codes of a symbol with its type in front, the longest token first. */
static size_t pack(const struct mksymbol *symbol, uint8_t *codes)
{
	char text[640], buf[16];
	size_t nr = 0;

	snprintf(text, sizeof(text), "%c%s", symbol->type, symbol->name);
	for (const char *p = text; *p;) {
		unsigned int code = (uint8_t)*p;
		size_t len = 1;

		for (unsigned int i = 0x80; i < 0x80 + NR_LONG; i++) {
			token(i, buf);
			if (!strncmp(p, buf, strlen(buf)) && strlen(buf) > len) {
				code = i;
				len = strlen(buf);
			}
		}
		codes[nr++] = (uint8_t)code;
		p += len;
	}
	return nr;
}

static void add_names(struct mkkallsyms *mk, const struct mklayout *layout,
		      const struct mksymbol *symbols, size_t nr)
{
	uint64_t *markers = calloc(nr / 256 + 1, sizeof(*markers));
	uint8_t codes[640];

	assert_non_null(markers);
	align(mk, layout->packed ? 4 : layout->word);
	mk->tables.num_syms = here(mk);
	// of a big-endian word the number is the second half
	if (layout->marker_size == 8 && layout->big_endian)
		mk->tables.num_syms += 4;
	add_number(mk, layout->marker_size, nr);
	align(mk, layout->packed ? 4 : layout->word);
	mk->tables.names = here(mk);
	for (size_t i = 0; i < nr; i++) {
		size_t len = pack(&symbols[i], codes);

		if (i % 256 == 0)
			markers[i / 256] = here(mk) - mk->tables.names;
		if (len >= 0x80) {
			*add(mk, 1) = (uint8_t)(len | 0x80);
			*add(mk, 1) = (uint8_t)(len >> 7);
		} else {
			*add(mk, 1) = (uint8_t)len;
		}
		memcpy(add(mk, len), codes, len);
	}
	align(mk, layout->packed ? 4 : layout->word);
	mk->tables.markers = here(mk);
	mk->tables.marker_size = layout->marker_size;
	for (size_t i = 0; i < div_round_up(nr, 256); i++)
		add_number(mk, layout->marker_size, markers[i]);
	free(markers);
}

static void add_seqs(struct mkkallsyms *mk, const struct mklayout *layout, size_t nr)
{
	align(mk, 4);
	mk->seqs = here(mk);
	for (size_t i = 0; i < nr; i++)
		memset(add(mk, layout->seqs), (int)(i * 7 + 1), layout->seqs);
}

static void add_tokens(struct mkkallsyms *mk, const struct mklayout *layout)
{
	uint16_t offs[256];
	char buf[16];

	align(mk, layout->packed ? 4 : layout->word);
	mk->tables.token_table = here(mk);
	for (unsigned int code = 0; code < 256; code++) {
		token(code, buf);
		offs[code] = (uint16_t)(here(mk) - mk->tables.token_table);
		if (code == '0')
			mk->digits = here(mk);
		memcpy(add(mk, strlen(buf) + 1), buf, strlen(buf) + 1);
	}
	align(mk, layout->packed ? 4 : layout->word);
	mk->tables.token_index = here(mk);
	for (unsigned int code = 0; code < 256; code++)
		store_u16(add(mk, 2), offs[code], layout->big_endian);
}

static void add_addrs(struct mkkallsyms *mk, const struct mklayout *layout,
		      const struct mksymbol *symbols, size_t nr, uint64_t voffset)
{
	uint64_t base = symbols[0].addr;

	for (size_t i = 0; layout->kind == KALLSYMS_PERCPU && base < 0x100000; i++)
		base = symbols[i].addr;
	align(mk, layout->packed ? 4 : layout->word);
	mk->tables.offsets = here(mk);
	for (size_t i = 0; i < nr; i++) {
		uint64_t addr = symbols[i].addr;

		switch (layout->kind) {
		case KALLSYMS_POINTERS: add_number(mk, layout->word, addr); break;
		case KALLSYMS_PLACE: add_number(mk, 4, addr - voffset - here(mk)); break;
		case KALLSYMS_PERCPU:
			add_number(mk, 4, addr < 0x100000 ? addr : base - 1 - addr);
			break;
		default: add_number(mk, 4, addr - base); break;
		}
	}
	if (layout->kind != KALLSYMS_RELATIVE && layout->kind != KALLSYMS_PERCPU)
		return;
	align(mk, layout->word);
	mk->tables.base_place = here(mk);
	mk->tables.base = base;
	add_number(mk, layout->word, base);
}

/* Everything, in the order of the layout. */
static void build(struct mkkallsyms *mk, const struct mklayout *layout,
		  const struct mksymbol *symbols, size_t nr, uint64_t voffset)
{
	mk->len = 0;
	memset(mk->data, 0, CAPACITY);
	if (!layout->after)
		add_addrs(mk, layout, symbols, nr, voffset);
	add_names(mk, layout, symbols, nr);
	if (layout->seqs_between)
		add_seqs(mk, layout, nr);
	add_tokens(mk, layout);
	if (layout->after)
		add_addrs(mk, layout, symbols, nr, voffset);
	if (layout->seqs && !layout->seqs_between)
		add_seqs(mk, layout, nr);
}

void mkkallsyms(struct mkkallsyms *mk, const struct mklayout *layout, struct mksymbol *symbols,
		size_t nr, uint64_t place, uint64_t voffset)
{
	*mk = (struct mkkallsyms){.addr = place, .data = calloc(1, CAPACITY)};
	assert_non_null(mk->data);
	mk->tables.big_endian = layout->big_endian;
	mk->tables.word = layout->word;
	mk->tables.nr_syms = (uint32_t)nr;
	mk->tables.kind = layout->kind;
	// places do not depend on addresses, so that the second time all are known
	build(mk, layout, symbols, nr, voffset);
	for (size_t i = 0; i < nr; i++) {
		if (!strcmp(symbols[i].name, "kallsyms_names"))
			symbols[i].addr = mk->tables.names + voffset;
		else if (!strcmp(symbols[i].name, "kallsyms_token_index"))
			symbols[i].addr = mk->tables.token_index + voffset;
	}
	build(mk, layout, symbols, nr, voffset);
}

void mkkallsyms_deinit(struct mkkallsyms *mk)
{
	free(mk->data);
	*mk = (struct mkkallsyms){0};
}

bool mkkallsyms_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	const struct mkkallsyms *mk = arg;
	uint64_t start = align_down(mk->addr, 4096), end = align_up(mk->addr + mk->len, 4096);

	// whole pages exist, with zeros where nothing is
	if (addr < start || addr > end || len > end - addr)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint64_t off = addr + i - mk->addr;

		((uint8_t *)buf)[i] = addr + i >= mk->addr && off < mk->len ? mk->data[off] : 0;
	}
	return true;
}

uint64_t mkvoffset(const struct mklayout *layout)
{
	// the tables come behind the text
	return layout->word == 8 ? 0xffffffff70000000 : 0xb0000000;
}

struct mksymbol *mksymbols(const struct mklayout *layout, size_t nr)
{
	struct mksymbol *symbols = calloc(nr, sizeof(*symbols));
	bool percpu = layout->kind == KALLSYMS_PERCPU;
	uint64_t addr = layout->word == 8 ? 0xffffffff81000000 : 0xc1000000;

	assert_non_null(symbols);
	for (size_t i = 0; i < nr; i++) {
		bool offset = percpu && i < 20;

		symbols[i].addr = offset ? 64 * i : addr;
		symbols[i].type = offset ? 'A' : i % 3 ? 't' : 'T';
		// of many lengths, as names are
		snprintf(symbols[i].name, sizeof(symbols[i].name), "sym_%zu%.*s", i,
			 (int)(i * 40503 >> 5 & 15), "_of_this_and_of_that");
		addr += offset || i % 10 == 4 ? 0 : 16;
	}
	memset(symbols[100].name, 'x', 127);
	if (layout->packed)
		memset(symbols[101].name, 'y', 500);
	snprintf(symbols[nr - 2].name, sizeof(symbols[0].name), "kallsyms_names");
	snprintf(symbols[nr - 1].name, sizeof(symbols[0].name), "kallsyms_token_index");
	return symbols;
}

void mkkallsyms_load(struct mkkallsyms *mk, struct kallsyms **ret)
{
	struct kallsyms_tables tables = {0};

	assert_true(kallsyms_find(mkkallsyms_read, mk, mk->digits, &tables));
	// place-relative offsets do not show what machine they are of
	if (mk->tables.kind == KALLSYMS_PLACE)
		tables.word = mk->tables.word;
	assert_ok(kallsyms_create(&tables, mkkallsyms_read, mk, ret));
}
