// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/search.h"

#include <string.h>

#include "analyze/command.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

#define WINDOW (256U << 10)
#define PAGE   4096U /* units that can be missing */

/* Bytes behind a place that the callback gets to see. */
#define AHEAD SEARCH_MAX_TEXT

static bool match_texts(const struct search *s, uint64_t addr, const uint8_t *bytes, size_t len,
			size_t all)
{
	for (size_t i = 0; i < s->nr; i++) {
		size_t size = strlen(s->texts[i]);
		const uint8_t *at = bytes, *end = bytes + len;

		while (at < end &&
		       (at = memmem(at, (size_t)(bytes + all - at), s->texts[i], size)) &&
		       at < end) {
			if (!s->found(s->arg, addr + (uint64_t)(at - bytes), at,
				      (size_t)(bytes + all - at)))
				return false;
			at++;
		}
	}
	return true;
}

/* The number that stands in memory as it does in a register: one compare for each place. */
static bool match_one(const struct search *s, uint64_t addr, const uint8_t *bytes, size_t len,
		      size_t all)
{
	bool big_endian = s->analysis->kernel->as.big_endian;

	for (size_t at = 0; at + s->size <= len; at += s->size) {
		uint64_t number = s->size == 8   ? load_u64(bytes + at, big_endian)
				  : s->size == 4 ? load_u32(bytes + at, big_endian)
						 : load_u16(bytes + at, big_endian);

		for (size_t i = 0; i < s->nr; i++)
			if (!((number ^ s->values[i]) & ~s->mask) &&
			    !s->found(s->arg, addr + at, bytes + at, all - at))
				return false;
	}
	return true;
}

/* Bytes from addr on that hold nothing, so that the search goes on behind them; 0: all the rest. */
static uint64_t hole(const struct search *s, uint64_t addr)
{
	const struct addrspace *as = s->user ? s->user : &s->analysis->kernel->as;
	uint64_t to_page = PAGE - addr % PAGE, paddr = addr, len = UINT64_MAX;
	struct mapping map;
	struct dump_run run;

	if (s->space != DUMP_PHYSICAL) {
		addrspace_translate(as, addr, &map);
		if (map.status != MAP_OK)
			return map.len;
		paddr = map.paddr;
		len = map.len - 1;
	}
	dump_next_run(s->analysis->dump, s->analysis->kernel->scratch, paddr, &run);
	if (run.status == DUMP_OK)
		return to_page;
	if (run.end == UINT64_MAX && s->space == DUMP_PHYSICAL)
		return 0;
	return min_u64(run.end - paddr - 1, len) + 1;
}

struct error *search_memory(const struct search *s, uint64_t start, uint64_t last)
{
	_cleanup_free_ uint8_t *buf = sys_malloc(WINDOW + AHEAD);
	bool more = true;

	if (!buf)
		return &error_nomem;
	for (uint64_t addr = start, step; more && addr <= last && !analysis_stopped(s->analysis);
	     addr += step) {
		uint64_t left = last - addr;
		size_t want = (size_t)min_u64(left, WINDOW - 1) + 1, all, len;

		// a window ends where one begins, so that numbers lie in one
		want = (size_t)min_u64(want, WINDOW - addr % WINDOW);
		all = dump_read_space(s->analysis, s->space, s->user, addr, buf, want + AHEAD);
		len = all < want ? all : want;
		if (len)
			more = s->texts[0] ? match_texts(s, addr, buf, len, all)
					   : match_one(s, addr, buf, len, all);
		step = len ? len : hole(s, addr);
		if (!step || addr + step < addr)
			break;
	}
	return NULL;
}
