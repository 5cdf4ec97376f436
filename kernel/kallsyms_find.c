// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding the tables of kallsyms in memory, and putting a struct kallsyms together from them. */
#include <string.h>

#include "dump/vmcoreinfo.h"
#include "kernel/kallsyms_decode.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

#define NR_TOKENS   256U
#define INDEX_LEN   (2 * NR_TOKENS)
#define MAX_TOKEN   128U        /* characters; the longest seen has 30 */
#define MAX_TABLE   (64U << 10) /* offsets into the token table have 16 bits */
#define MAX_PADDING 264U        /* between two of the tables */
#define MAX_NAMES   (32U << 20) /* bytes of packed names; 7.2 has 3 million */
#define WINDOW      (1U << 20)
#define GROUP_MAX   (64U << 10) /* bytes of the first 256 names */

static uint64_t load_word(const uint8_t *p, size_t size, bool big_endian)
{
	return size == 8 ? load_u64(p, big_endian) : load_u32(p, big_endian);
}

/* Offsets of all tokens of the table at start in buf, and the end of the last; false when there are
 * no 256 short strings. */
static bool split_tokens(const char *buf, size_t len, size_t start, uint16_t offs[static NR_TOKENS],
			 size_t *end)
{
	size_t at = start;

	for (unsigned int i = 0; i < NR_TOKENS; i++) {
		size_t n = at < len ? strnlen(buf + at, len - at) : len;

		if (n >= MAX_TOKEN || n >= len - at || at - start > UINT16_MAX)
			return false;
		offs[i] = (uint16_t)(at - start);
		at += n + 1;
	}
	*end = at;
	return true;
}

/* Finds the token index behind the table that ends at end; it repeats the offsets in the byte order
 * of the machine. */
static bool find_index(const uint8_t *buf, size_t len, size_t end,
		       const uint16_t offs[static NR_TOKENS], size_t *ret, bool *big_endian)
{
	uint8_t little[INDEX_LEN], big[INDEX_LEN];

	for (unsigned int i = 0; i < NR_TOKENS; i++) {
		store_u16(little + 2 * i, offs[i], false);
		store_u16(big + 2 * i, offs[i], true);
	}
	for (size_t at = end; at <= end + MAX_PADDING && at + INDEX_LEN <= len; at++) {
		*big_endian = !memcmp(buf + at, big, INDEX_LEN);
		if (*big_endian || !memcmp(buf + at, little, INDEX_LEN)) {
			*ret = at;
			return true;
		}
	}
	return false;
}

/* Finds token table and index around the digits at addr. */
bool kallsyms_find_tokens(phys_read_fn *read, void *arg, uint64_t addr, struct kallsyms_tables *ret)
{
	struct kallsyms_tables tables = {0};
	enum { BEHIND = 16 << 10 };
	uint8_t buf['0' * MAX_TOKEN + BEHIND] = {0};
	size_t before = min_u64(addr, '0' * MAX_TOKEN), at = before, end, index;
	uint16_t offs[NR_TOKENS];

	// what is missing at either end is zero, and fails below where it is needed
	for (size_t off = 0, page; off < before + BEHIND; off += page) {
		page = PIECE_PAGE - (addr - before + off) % PIECE_PAGE;
		page = min_u64(page, before + BEHIND - off);
		if (!read(arg, addr - before + off, buf + off, page))
			memset(buf + off, 0, page);
	}
	for (unsigned int i = 1; i < '0'; i++) {
		const uint8_t *nul = at > 1 ? memrchr(buf, 0, at - 1) : NULL;

		if (!nul)
			return false;
		at = (size_t)(nul - buf) + 1;
	}
	// the first token may stand right behind something else, but then at its alignment
	for (size_t start = at - 1; start-- > 0 && at - start < MAX_TOKEN;) {
		bool clear = !start || !buf[start - 1];

		if ((clear || (addr - before + start) % 4 == 0) &&
		    split_tokens((char *)buf, before + BEHIND, start, offs, &end) &&
		    find_index(buf, before + BEHIND, end, offs, &index, &tables.big_endian)) {
			tables.token_table = addr - before + start;
			tables.token_index = addr - before + index;
			*ret = tables;
			return true;
		}
		if (clear)
			break;
	}
	return false;
}

/* Whether markers of this size may stand at addr: 0, then where name 256 begins. */
static bool are_markers(phys_read_fn *read, void *arg, const struct kallsyms_tables *tables,
			uint64_t addr, uint8_t size, uint64_t second)
{
	uint8_t raw[16];

	return read(arg, addr, raw, 2 * size) && !load_word(raw, size, tables->big_endian) &&
	       load_word(raw + size, size, tables->big_endian) == second;
}

/* Finds the markers between names and token table; between them and the token table there may be
 * numbers of 4 or 3 bytes for each symbol (kallsyms_seqs_of_names of 6.2 and 6.3). */
static bool find_markers(phys_read_fn *read, void *arg, struct kallsyms_tables *tables,
			 uint64_t second)
{
	// half of the wide ones would look like narrow ones
	static const uint8_t between[] = {0, 3, 4}, sizes[] = {8, 4};

	for (size_t k = 0; k < 2 * sizeof(between); k++) {
		uint8_t size = sizes[k % 2];
		uint64_t len = div_round_up(tables->nr_syms, 256) * size +
			       (uint64_t)tables->nr_syms * between[k / 2];
		uint64_t at = align_down(tables->token_table - len, 4);

		for (unsigned int pad = 0; pad <= MAX_PADDING; pad += 4) {
			if (at - pad > tables->names + second && at - pad < tables->token_table &&
			    are_markers(read, arg, tables, at - pad, size, second)) {
				tables->markers = at - pad;
				tables->marker_size = size;
				return true;
			}
		}
	}
	return false;
}

/* Where name 256 begins; false when there are no 256 names. */
static bool skip_group(const struct kallsyms_tables *tables, const struct piece *piece,
		       uint64_t *ret)
{
	const uint8_t *codes;
	uint64_t off = 0;
	size_t len;

	for (unsigned int i = 0; i < 256; i++) {
		if (!kallsyms_packed(tables, piece, off, &codes, &len, &off))
			return false;
	}
	*ret = off;
	return true;
}

/* Whether the word at addr in the piece is the number of symbols, with the names behind it. */
static bool are_names(phys_read_fn *read, void *arg, struct kallsyms_tables *tables,
		      const struct piece *piece, uint64_t addr)
{
	const uint8_t *p = piece_at(piece, addr, 8);
	uint64_t second;

	if (!p)
		return false;
	tables->num_syms = addr;
	tables->nr_syms = load_u32(p, tables->big_endian);
	if (tables->nr_syms < KALLSYMS_MIN || tables->nr_syms > KALLSYMS_MAX)
		return false;
	for (unsigned int gap = 4; gap <= 8; gap += 4) {
		// a gap is padding, or the upper half of a little-endian number
		if (gap == 8 && load_u32(p + 4, false))
			continue;
		tables->names = addr + gap;
		if (skip_group(tables, piece, &second) && find_markers(read, arg, tables, second))
			return true;
	}
	return false;
}

/* Goes back from the token table to the number of symbols. */
bool kallsyms_find_names(phys_read_fn *read, void *arg, struct kallsyms_tables *tables)
{
	uint64_t stop = tables->token_table > MAX_NAMES ? tables->token_table - MAX_NAMES : 0;

	for (uint64_t high = align_down(tables->token_table, 4); high > stop;) {
		uint64_t low = high > WINDOW ? align_down(high - WINDOW, PIECE_PAGE) : 0;
		_cleanup_piece_ struct piece piece = {0};

		if (error_ignore(piece_load(read, arg, low, high + GROUP_MAX - low, &piece)))
			return false;
		for (uint64_t addr = high; addr >= low + 4; addr -= 4) {
			if (are_names(read, arg, tables, &piece, addr - 4))
				return true;
		}
		high = low;
	}
	return false;
}

bool kallsyms_find(phys_read_fn *read, void *arg, uint64_t addr, struct kallsyms_tables *ret)
{
	struct kallsyms_tables tables = {0};

	if (!kallsyms_find_tokens(read, arg, addr, &tables) ||
	    !kallsyms_find_names(read, arg, &tables))
		return false;
	*ret = tables;
	return true;
}

bool kallsyms_exported(const struct vmcoreinfo *info, phys_read_fn *read, void *arg,
		       bool big_endian, uint8_t word, struct kallsyms_tables *ret)
{
	struct kallsyms_tables tables = {.big_endian = big_endian, .word = word};
	uint64_t second;
	uint8_t raw[8];

	if (!vmcoreinfo_symbol(info, "kallsyms_names", &tables.names) ||
	    !vmcoreinfo_symbol(info, "kallsyms_num_syms", &tables.num_syms) ||
	    !vmcoreinfo_symbol(info, "kallsyms_token_table", &tables.token_table) ||
	    !vmcoreinfo_symbol(info, "kallsyms_token_index", &tables.token_index) ||
	    !vmcoreinfo_symbol(info, "kallsyms_offsets", &tables.offsets) ||
	    !read(arg, tables.num_syms, raw, 4))
		return false;
	tables.nr_syms = load_u32(raw, big_endian);
	tables.kind = KALLSYMS_PLACE;
	if (vmcoreinfo_symbol(info, "kallsyms_relative_base", &tables.base_place)) {
		if (!read(arg, tables.base_place, raw, word))
			return false;
		tables.base = load_word(raw, word, big_endian);
		tables.kind = KALLSYMS_RELATIVE;
	}
	if (tables.nr_syms < KALLSYMS_MIN || tables.nr_syms > KALLSYMS_MAX)
		return false;
	{
		_cleanup_piece_ struct piece piece = {0};

		// markers are for damage only
		if (!error_ignore(piece_load(read, arg, tables.names, GROUP_MAX, &piece)) &&
		    skip_group(&tables, &piece, &second))
			find_markers(read, arg, &tables, second);
	}
	*ret = tables;
	return true;
}

void kallsyms_tables_shift(struct kallsyms_tables *tables, uint64_t delta)
{
	uint64_t *places[] = {&tables->num_syms,    &tables->names,       &tables->markers,
			      &tables->token_table, &tables->token_index, &tables->offsets,
			      &tables->base_place};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (*places[i])
			*places[i] += delta;
	}
}

/* Splits the tokens; those in holes get no length, so that names with them are lost. */
static struct error *load_tokens(struct kallsyms *ks, phys_read_fn *read, void *arg)
{
	const struct kallsyms_tables *tables = &ks->tables;
	uint64_t len = tables->token_index - tables->token_table;
	_cleanup_piece_ struct piece piece = {0};
	uint16_t offs[NR_TOKENS];
	struct error *err;
	size_t end;

	if (len < NR_TOKENS || len > MAX_TABLE)
		return error_create(
			ERROR_FORMAT, "kallsyms_token_table at 0x%llx: 0x%llx bytes long",
			(unsigned long long)tables->token_table, (unsigned long long)len);
	if ((err = piece_load(read, arg, tables->token_table, len, &piece)))
		return err;
	ks->tokens = sys_calloc(1, len + KALLSYMS_SLACK);
	if (!ks->tokens)
		return &error_nomem;
	memcpy(ks->tokens, piece.data + (tables->token_table - piece.addr), len);
	if (!split_tokens(ks->tokens, len, 0, offs, &end))
		return error_create(ERROR_FORMAT, "kallsyms_token_table at 0x%llx: no 256 tokens",
				    (unsigned long long)tables->token_table);
	for (unsigned int i = 0; i < NR_TOKENS; i++) {
		size_t n = strlen(ks->tokens + offs[i]);

		ks->token_off[i] = offs[i];
		if (piece_at(&piece, tables->token_table + offs[i], n + 1))
			ks->token_len[i] = (uint16_t)n;
	}
	return NULL;
}

/* Reads the packed names, as far as the next table that is known. */
static struct error *load_names(struct kallsyms *ks, phys_read_fn *read, void *arg)
{
	const struct kallsyms_tables *tables = &ks->tables;
	uint64_t end = tables->markers ? tables->markers : tables->token_table;

	if (end <= tables->names || end - tables->names > MAX_NAMES)
		return error_create(ERROR_FORMAT, "kallsyms_names at 0x%llx: ends at 0x%llx",
				    (unsigned long long)tables->names, (unsigned long long)end);
	return piece_load(read, arg, tables->names, end - tables->names, &ks->packed);
}

struct error *kallsyms_create(const struct kallsyms_tables *tables, phys_read_fn *read, void *arg,
			      struct kallsyms **ret)
{
	_cleanup_kallsyms_ struct kallsyms *ks = sys_calloc(1, sizeof(*ks));
	struct error *err;

	if (!ks)
		return &error_nomem;
	ks->tables = *tables;
	ks->nr = tables->nr_syms;
	if ((err = load_tokens(ks, read, arg)) || (err = load_names(ks, read, arg)) ||
	    (err = kallsyms_decode_names(ks, read, arg)) || (err = kallsyms_build_index(ks)) ||
	    (err = kallsyms_decode_addrs(ks, read, arg)))
		return err;
	for (size_t i = 0; i < ks->nr; i++)
		ks->nr_lost += ks->lost[i] || ks->names[i] == KALLSYMS_LOST;
	*ret = TAKE_PTR(ks);
	return NULL;
}
