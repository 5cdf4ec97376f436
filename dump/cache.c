// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/cache.h"

#include "util/checked.h"
#include "util/sys.h"

#define WAYS 4 // places where a block may stand; at least this many blocks are held

struct slot {
	uint64_t block; /* number plus one; 0 when empty */
	uint64_t used;  /* tick of the last use */
};

struct dump_cache {
	const struct dump_reader *reader;
	struct dump_scratch *scratch;
	size_t block_size, nr_sets;
	uint64_t tick;
	uint8_t *data; /* of slot i at i * block_size */
	struct slot slots[];
};

struct error *dump_cache_create(const struct dump_reader *reader, size_t max_bytes,
				struct dump_cache **ret)
{
	size_t block_size = reader->facts.block_size;
	size_t nr_sets = max_u64(max_bytes / block_size / WAYS, 1);
	_cleanup_cache_ struct dump_cache *cache = sys_calloc(
		1, sizeof(*cache) + nr_sets * WAYS * sizeof(cache->slots[0]));
	struct error *err;

	if (!cache)
		return &error_nomem;
	cache->reader = reader;
	cache->block_size = block_size;
	cache->nr_sets = nr_sets;
	cache->data = sys_malloc(nr_sets * WAYS * block_size);
	if (!cache->data)
		return &error_nomem;
	if ((err = dump_scratch_create(reader, &cache->scratch)))
		return err;
	*ret = TAKE_PTR(cache);
	return NULL;
}

void dump_cache_destroy(struct dump_cache *cache)
{
	if (!cache)
		return;
	dump_scratch_destroy(cache->scratch);
	free(cache->data);
	free(cache);
}

/* The slot that has the block, or else the one of its set that was not used for longest. */
static struct slot *find_slot(struct dump_cache *cache, uint64_t block)
{
	struct slot *set = &cache->slots[block % cache->nr_sets * WAYS], *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].block == block + 1)
			return &set[i];
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	return oldest;
}

/* Part of one block. What comes before damage inside of the block is still given out. */
static enum dump_status read_block(struct dump_cache *cache, uint64_t paddr, uint8_t *buf,
				   size_t len, size_t *done)
{
	uint64_t block = paddr / cache->block_size;
	size_t skip = paddr % cache->block_size, got = cache->block_size;
	struct slot *slot = find_slot(cache, block);
	uint8_t *data = cache->data + (size_t)(slot - cache->slots) * cache->block_size;
	enum dump_status status = DUMP_OK;

	if (slot->block != block + 1) {
		slot->block = 0;
		status = dump_read(cache->reader, cache->scratch, paddr - skip, data,
				   cache->block_size, &got);
		if (status == DUMP_OK)
			slot->block = block + 1;
	}
	slot->used = slot->block ? ++cache->tick : 0;
	*done = got > skip ? min_u64(len, got - skip) : 0;
	memcpy(buf, data + skip, *done);
	return *done == len ? DUMP_OK : status;
}

enum dump_status dump_cache_read(struct dump_cache *cache, uint64_t paddr, void *buf, size_t len,
				 size_t *done)
{
	enum dump_status status = DUMP_OK;

	if (len > cache->nr_sets * WAYS * cache->block_size / 4)
		return dump_read(cache->reader, cache->scratch, paddr, buf, len, done);
	*done = 0;
	while (status == DUMP_OK && *done < len) {
		uint64_t pos = paddr + *done;
		size_t in_block = cache->block_size - pos % cache->block_size, n = 0;

		if (pos < paddr)
			return DUMP_ABSENT;
		status = read_block(cache, pos, (uint8_t *)buf + *done,
				    min_u64(len - *done, in_block), &n);
		*done += n;
	}
	return status;
}

const char *dump_cache_why(const struct dump_cache *cache)
{
	return cache->scratch->why;
}
