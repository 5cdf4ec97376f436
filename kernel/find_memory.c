// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/find_memory.h"

#include "dump/cache.h"
#include "dump/reader.h"
#include "util/checked.h"

#define CACHE_BYTES (2U << 20)
#define LARGE_READ  (16U << 10)

bool placement_find(const struct placement *placement, uint64_t paddr, uint64_t *off,
		    uint64_t *left)
{
	for (size_t i = 0; i < placement->nr; i++) {
		const struct placement_segment *segment = &placement->segments[i];

		if (paddr < segment->paddr || paddr - segment->paddr >= segment->len)
			continue;
		*off = segment->off + (paddr - segment->paddr);
		*left = segment->len - (paddr - segment->paddr);
		return true;
	}
	return false;
}

bool placement_paddr(const struct placement *placement, uint64_t off, uint64_t *ret)
{
	for (size_t i = 0; i < placement->nr; i++) {
		const struct placement_segment *segment = &placement->segments[i];

		if (off < segment->off || off - segment->off >= segment->len)
			continue;
		*ret = segment->paddr + (off - segment->off);
		return true;
	}
	return false;
}

struct error *find_memory_init(struct find_memory *memory, const struct dump_reader *reader)
{
	struct find_memory made = {.reader = reader};
	struct error *err;

	if ((err = dump_scratch_create(reader, &made.scratch)) ||
	    (err = dump_cache_create(reader, CACHE_BYTES, &made.cache))) {
		find_memory_deinit(&made);
		return err;
	}
	*memory = made;
	return NULL;
}

void find_memory_deinit(struct find_memory *memory)
{
	dump_cache_destroy(memory->cache);
	dump_scratch_destroy(memory->scratch);
	*memory = (struct find_memory){0};
}

bool find_memory_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct find_memory *memory = arg;
	size_t done;

	if (len >= LARGE_READ)
		return dump_read_full(memory->reader, memory->scratch, addr, buf, len);
	return dump_cache_read(memory->cache, addr, buf, len, &done) == DUMP_OK;
}

bool find_memory_read_placed(struct find_memory *memory, const struct placement *placement,
			     uint64_t paddr, void *buf, size_t len)
{
	uint64_t off, left;
	size_t part;

	if (!placement->nr)
		return find_memory_read(memory, paddr, buf, len);
	for (size_t done = 0; done < len; done += part) {
		if (!placement_find(placement, paddr + done, &off, &left))
			return false;
		part = min_u64(left, len - done);
		if (!find_memory_read(memory, off, (char *)buf + done, part))
			return false;
	}
	return true;
}
