// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/dedupe.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "dump/kdump_encode.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/sys.h"

#define WAYS        4U           // places for a hash, and blocks that are compared at most
#define NR_LOCKS    64U          // each for a part of the table
#define LOCAL_SLOTS 1024U        // for one chunk, at least twice its blocks
#define IN_CHUNK    (1ULL << 63) // an offset within the chunk

struct slot {
	uint64_t hash;
	uint64_t off; /* in the file; 0 when empty */
};

struct dedupe {
	struct target *target;
	pthread_mutex_t locks[NR_LOCKS];
	size_t nr_sets; /* of WAYS slots each */
	struct slot slots[];
};

struct error *dedupe_create(struct target *target, size_t max_bytes, struct dedupe **ret)
{
	size_t nr_sets = (max_bytes > DEDUPE_MIN_BYTES ? max_bytes : DEDUPE_MIN_BYTES) /
			 (WAYS * sizeof(struct slot));
	struct dedupe *dedupe = sys_calloc(1,
					   sizeof(*dedupe) + nr_sets * WAYS * sizeof(struct slot));

	if (!dedupe)
		return &error_nomem;
	dedupe->target = target;
	dedupe->nr_sets = nr_sets;
	for (size_t i = 0; i < NR_LOCKS; i++)
		pthread_mutex_init(&dedupe->locks[i], NULL);
	*ret = dedupe;
	return NULL;
}

void dedupe_destroy(struct dedupe *dedupe)
{
	if (!dedupe)
		return;
	for (size_t i = 0; i < NR_LOCKS; i++)
		pthread_mutex_destroy(&dedupe->locks[i]);
	free(dedupe);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of the bytes and their number. No stranger has to be kept from making collisions: they only cost
 * a comparison. */
static uint64_t hash_block(const uint8_t *data, size_t len)
{
	uint64_t hash = len * 0x9e3779b97f4a7c15ULL;
	uint8_t tail[16] = {0};

	for (; len >= 16; data += 16, len -= 16)
		hash = mix(load_u64(data, false) ^ 0xa0761d6478bd642fULL ^ hash,
			   load_u64(data + 8, false) ^ 0xe7037ed1a0b428dbULL);
	memcpy(tail, data, len);
	return mix(load_u64(tail, false) ^ 0x8ebc6af09c88c6e3ULL ^ hash,
		   load_u64(tail + 8, false) ^ 0x589965cc75374cc3ULL);
}

static struct slot *set_of(struct dedupe *dedupe, uint64_t hash, pthread_mutex_t **lock)
{
	size_t set = hash % dedupe->nr_sets;

	*lock = &dedupe->locks[set % NR_LOCKS];
	return &dedupe->slots[set * WAYS];
}

/* Offset of an equal block in the file, 0 when there is none. buf has room for a block. */
static uint64_t find_in_file(struct dedupe *dedupe, uint64_t hash, const uint8_t *data, size_t len,
			     uint8_t *buf)
{
	uint64_t found[WAYS];
	pthread_mutex_t *lock;
	struct slot *set = set_of(dedupe, hash, &lock);
	size_t nr = 0;

	pthread_mutex_lock(lock);
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].off && set[i].hash == hash)
			found[nr++] = set[i].off;
	}
	pthread_mutex_unlock(lock);
	for (size_t i = 0; i < nr; i++) {
		if (!error_ignore(target_read(dedupe->target, found[i], buf, len)) &&
		    !memcmp(buf, data, len))
			return found[i];
	}
	return 0;
}

/* The blocks of a chunk that stay in it. */
struct local {
	uint16_t slots[LOCAL_SLOTS]; /* number of the entry, plus one */
	uint32_t offs[LOCAL_SLOTS];  /* of entries in the chunk */
};

/* Whether an equal block stands earlier in the chunk, *off in it; else the block is remembered. */
static bool find_in_chunk(struct local *local, const struct kdump_encoder *encoder, size_t entry,
			  const uint8_t *data, uint64_t *off)
{
	const uint32_t *entries = kdump_record_entries_const(encoder->record);
	uint64_t hash = encoder->hashes[entry];
	size_t i;

	for (i = hash % LOCAL_SLOTS; local->slots[i]; i = (i + 1) % LOCAL_SLOTS) {
		size_t other = local->slots[i] - 1U;

		if (encoder->hashes[other] == hash && entries[other] == entries[entry] &&
		    !memcmp(encoder->out + local->offs[other], data,
			    KDUMP_ENTRY_LEN(entries[entry]))) {
			*off = IN_CHUNK | local->offs[other];
			return true;
		}
	}
	local->slots[i] = (uint16_t)(entry + 1);
	return false;
}

void dedupe_find(struct dedupe *dedupe, struct kdump_encoder *encoder)
{
	struct kdump_record *record = encoder->record;
	uint32_t *entries = kdump_record_entries(record);
	uint64_t *shared = kdump_record_shared(record), off;
	size_t from = 0, to = 0;
	struct local local;

	memset(local.slots, 0, sizeof(local.slots));
	for (uint32_t i = 0; i < record->nr_kept && i < LOCAL_SLOTS / 2; i++) {
		size_t len = KDUMP_ENTRY_LEN(entries[i]);
		const uint8_t *data = encoder->data + from;

		from += len;
		if (entries[i] == KDUMP_ENTRY_ZERO)
			continue;
		encoder->hashes[i] = hash_block(data, len);
		off = find_in_file(dedupe, encoder->hashes[i], data, len, encoder->block);
		if (off || find_in_chunk(&local, encoder, i, data, &off)) {
			entries[i] |= KDUMP_ENTRY_SHARED;
			*shared++ = off;
			continue;
		}
		memmove(encoder->out + to, data, len);
		local.offs[i] = (uint32_t)to;
		to += len;
	}
	encoder->data = encoder->out;
	encoder->len = to;
}

static void remember(struct dedupe *dedupe, uint64_t hash, uint64_t off)
{
	pthread_mutex_t *lock;
	struct slot *set = set_of(dedupe, hash, &lock), *slot = set;

	pthread_mutex_lock(lock);
	for (size_t i = 0; i < WAYS && slot->off; i++)
		slot = &set[i];
	if (slot->off) { // full: the oldest goes
		memmove(set, set + 1, (WAYS - 1) * sizeof(*set));
		slot = &set[WAYS - 1];
	}
	*slot = (struct slot){hash, off};
	pthread_mutex_unlock(lock);
}

void dedupe_add(struct dedupe *dedupe, const struct kdump_encoder *encoder)
{
	struct kdump_record *record = encoder->record;
	const uint32_t *entries = kdump_record_entries_const(record);
	uint64_t *shared = kdump_record_shared(record), off = record->off;

	for (uint32_t i = 0; i < record->nr_kept; i++) {
		if (entries[i] & KDUMP_ENTRY_SHARED) {
			*shared = *shared & IN_CHUNK ? record->off + (*shared & ~IN_CHUNK)
						     : *shared;
			shared++;
		} else if (entries[i] != KDUMP_ENTRY_ZERO) {
			remember(dedupe, encoder->hashes[i], off);
			off += KDUMP_ENTRY_LEN(entries[i]);
		}
	}
}
