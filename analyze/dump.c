// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/dump.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/command.h"
#include "analyze/context.h"
#include "dump/cache.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/symbols.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/rows.h"
#include "util/utf8.h"

#define LINE_BYTES  16U
#define TEXT_BYTES  60U      /* in a line of text alone */
#define PAGE        4096U    /* units that can be missing */
#define MIN_ADDRESS 0x100000 /* as in kernel/cvalue.c: per-CPU symbols are none */

size_t dump_read_space(struct analysis *analysis, enum dump_space space,
		       const struct addrspace *user, uint64_t addr, void *buf, size_t len)
{
	struct kernel *kernel = analysis->kernel;
	size_t done = 0;

	switch (space) {
	case DUMP_PHYSICAL: dump_cache_read(kernel->cache, addr, buf, len, &done); return done;
	case DUMP_USER: return kernel_read_as(kernel, user, addr, buf, len);
	default: return kernel_read_some(kernel, addr, buf, len);
	}
}

static bool is_big_endian(const struct dump_view *view)
{
	return view->analysis->kernel->as.big_endian;
}

static uint64_t load(const struct dump_view *view, const uint8_t *p)
{
	switch (view->size) {
	case 1: return p[0];
	case 2: return load_u16(p, is_big_endian(view));
	case 4: return load_u32(p, is_big_endian(view));
	default: return load_u64(p, is_big_endian(view));
	}
}

static void put_address(const struct dump_view *view, uint64_t addr)
{
	bool wide = view->analysis->dump->facts.word == 8;

	printf(wide ? "%16" PRIx64 ":  " : "%8" PRIx64 ":  ", addr);
}

static int64_t extended(const struct dump_view *view, uint64_t value)
{
	unsigned int shift = 64 - 8 * view->size;

	return (int64_t)(value << shift) >> shift;
}

static int width(const struct dump_view *view)
{
	// with a sign numbers are small as a rule, as crash has it
	static const int decimal[] = {[1] = 4, [2] = 6, [4] = 12, [8] = 20};

	if (!view->decimal)
		return (int)(2 * view->size);
	return view->is_signed && view->size == 8 ? 16 : decimal[view->size];
}

static void put_number(const struct dump_view *view, uint64_t value)
{
	char name[SYMBOL_TEXT] = "";

	if (view->symbols && value >= MIN_ADDRESS)
		symbol_text(view->symbols, value, name);
	if (*name)
		printf("%-*s ", width(view), name);
	else if (view->decimal && view->is_signed)
		printf("%*" PRId64 " ", width(view), extended(view, value));
	else if (view->decimal)
		printf("%*" PRIu64 " ", width(view), value);
	else
		printf("%0*" PRIx64 " ", width(view), value);
}

static void put_text(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		putchar(bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '.');
}

static void print_line(const struct dump_view *view, uint64_t addr, const uint8_t *bytes,
		       size_t len)
{
	bool text = !view->no_text && !view->symbols && !view->decimal;

	put_address(view, addr);
	if (view->text_only) {
		put_text(bytes, len);
		putchar('\n');
		return;
	}
	for (size_t i = 0; i + view->size <= LINE_BYTES; i += view->size) {
		if (i + view->size <= len)
			put_number(view, load(view, bytes + i));
		else if (text)
			printf("%*s ", width(view), "");
	}
	if (text) {
		fputs("  ", stdout);
		put_text(bytes, len);
	}
	putchar('\n');
}

static void print_json(const struct dump_view *view, uint64_t addr, const uint8_t *bytes,
		       size_t len)
{
	for (size_t i = 0; i + view->size <= len; i += view->size) {
		uint64_t value = load(view, bytes + i);
		char name[SYMBOL_TEXT];

		rows_begin_row(view->rows);
		rows_cell_hex(view->rows, addr + i, 0);
		if (view->decimal)
			rows_cell_number(view->rows,
					 view->is_signed ? extended(view, value) : (int64_t)value);
		else
			rows_cell_hex(view->rows, value, 0);
		if (view->symbols && value >= MIN_ADDRESS &&
		    *symbol_text(view->symbols, value, name))
			rows_cell_text(view->rows, name);
		else
			rows_cell_none(view->rows);
		rows_end_row(view->rows);
	}
}

static void say_hole(const struct dump_view *view, uint64_t addr, uint64_t len)
{
	if (view->rows)
		return;
	put_address(view, addr);
	printf("(unreadable: %" PRIu64 " bytes)\n", len);
}

/* Bytes from addr on that stand in the same page. */
static uint64_t to_end_of_page(uint64_t addr, uint64_t len)
{
	return min_u64(len, PAGE - addr % PAGE);
}

struct error *dump_view_print(const struct dump_view *view, uint64_t addr, uint64_t len,
			      bool *whole)
{
	size_t line = view->text_only ? TEXT_BYTES : LINE_BYTES;
	uint64_t hole = 0, start = addr;
	uint8_t bytes[TEXT_BYTES];
	bool any = false;

	*whole = true;
	while (len && !analysis_stopped(view->analysis)) {
		size_t want = (size_t)min_u64(line, len), got;
		uint64_t step;

		got = dump_read_space(view->analysis, view->space, view->user, addr, bytes, want);
		got -= got % view->size;
		if (got) {
			if (hole)
				say_hole(view, addr - hole, hole);
			hole = 0;
			if (view->rows)
				print_json(view, addr, bytes, got);
			else
				print_line(view, addr, bytes, got);
			any = true;
			step = got;
		} else {
			*whole = false;
			step = to_end_of_page(addr, len);
			hole += step;
		}
		addr += step;
		len -= step;
		// of what is not there at all the first page says enough
		if (!any && hole >= 16 * PAGE)
			break;
	}
	if (!any)
		return error_create(ERROR_FORMAT, "unreadable at %llx", (unsigned long long)start);
	if (hole)
		say_hole(view, addr - hole, hole);
	return NULL;
}

struct error *dump_memory(struct analysis *analysis, uint64_t addr, uint64_t len)
{
	const struct dump_view view = {.analysis = analysis, .size = analysis->dump->facts.word};
	bool whole;

	return dump_view_print(&view, addr, len, &whole);
}
