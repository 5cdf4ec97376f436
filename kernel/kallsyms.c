// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/kallsyms.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/kallsyms_decode.h"
#include "util/bytes.h"
#include "util/sys.h"

/* The index: open addressing, slots of 0 or symbol number + 1 below and a tag of the hash above. */
#define INDEX_BITS 21
#define INDEX_MASK ((1U << INDEX_BITS) - 1)
_Static_assert(KALLSYMS_MAX < INDEX_MASK, "symbol numbers fit into a slot of the index");

/* More than this between two symbols is no symbol, but the way from per-CPU offsets to the image.
 */
#define MAX_SIZE (1ULL << 31)

static uint32_t hash_name(const char *name, size_t len)
{
	uint64_t hash = len, part;

	for (; len >= 8; name += 8, len -= 8)
		hash = (hash ^ load_u64(name, false)) * 0x9e3779b97f4a7c15ULL;
	for (part = 0; len; len--)
		part = part << 8 | (uint8_t)name[len - 1];
	hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL;
	return (uint32_t)(hash >> 32 ^ hash >> 11);
}

/* The slot of a name: that of the symbol with this name, or the empty one where it would go. */
static uint32_t *find_slot(const struct kallsyms *ks, uint32_t hash, const char *name, size_t len)
{
	char other[KALLSYMS_NAME_MAX];

	for (size_t i = hash & ks->index_mask;; i = (i + 1) & ks->index_mask) {
		uint32_t slot = ks->index[i];
		char type;

		if (!slot)
			return &ks->index[i];
		if (slot >> INDEX_BITS == hash >> INDEX_BITS &&
		    kallsyms_expand(ks, (slot & INDEX_MASK) - 1, other, &type) == len &&
		    !memcmp(other, name, len))
			return &ks->index[i];
	}
}

struct error *kallsyms_build_index(struct kallsyms *ks)
{
	char name[KALLSYMS_NAME_MAX], type;
	size_t size = 1024;

	while (size < 2 * ks->nr)
		size *= 2;
	ks->index = sys_calloc(size, sizeof(ks->index[0]));
	if (!ks->index)
		return &error_nomem;
	ks->index_mask = size - 1;
	for (uint32_t i = 0; i < ks->nr; i++) {
		size_t len = kallsyms_expand(ks, i, name, &type);
		uint32_t hash, *slot;

		if (!len)
			continue;
		hash = hash_name(name, len);
		slot = find_slot(ks, hash, name, len);
		if (!*slot)
			*slot = (hash & ~INDEX_MASK) | (i + 1);
	}
	return NULL;
}

size_t kallsyms_expand(const struct kallsyms *ks, size_t i, char name[KALLSYMS_NAME_MAX],
		       char *type)
{
	size_t len, done = 0, skip = 1;
	const uint8_t *codes = kallsyms_codes(ks, i, &len);

	if (!codes)
		return 0;
	for (size_t k = 0; k < len; k++, skip = 0) {
		// the first character of all is the type
		const char *token = ks->tokens + ks->token_off[codes[k]] + skip;
		size_t add = ks->token_len[codes[k]] - skip;

		if (!ks->token_len[codes[k]] || add + KALLSYMS_SLACK >= KALLSYMS_NAME_MAX - done)
			return 0;
		// tokens are short: copying this many at once is what makes it fast
		memcpy(name + done, token, KALLSYMS_SLACK);
		if (add > KALLSYMS_SLACK)
			memcpy(name + done, token, add);
		done += add;
	}
	*type = ks->tokens[ks->token_off[codes[0]]];
	name[done] = '\0';
	return done;
}

size_t kallsyms_index_of(const struct kallsyms *ks, const char *name)
{
	size_t len = strlen(name);
	uint32_t slot = *find_slot(ks, hash_name(name, len), name, len);

	return (slot & INDEX_MASK) - (size_t)1;
}

bool kallsyms_lookup(const struct kallsyms *ks, const char *name, uint64_t *ret)
{
	size_t i = kallsyms_index_of(ks, name);

	if (i >= ks->nr || ks->lost[i])
		return false;
	*ret = ks->addrs[i];
	return true;
}

/* Up to the next higher address; 0 when it is lost, too far, or there is none. */
static uint64_t symbol_size(const struct kallsyms *ks, size_t i)
{
	size_t next = i + 1;

	while (next < ks->nr && !ks->lost[next] && ks->addrs[next] == ks->addrs[i])
		next++;
	if (next >= ks->nr || ks->lost[next] || ks->addrs[next] - ks->addrs[i] > MAX_SIZE)
		return 0;
	return ks->addrs[next] - ks->addrs[i];
}

bool kallsyms_get(const struct kallsyms *ks, size_t i, struct kallsyms_symbol *ret)
{
	if (i >= ks->nr || ks->lost[i] || !kallsyms_expand(ks, i, ret->name, &ret->type))
		return false;
	ret->addr = ks->addrs[i];
	ret->size = symbol_size(ks, i);
	return true;
}

/* The first symbol behind addr. */
static size_t upper_bound(const struct kallsyms *ks, uint64_t addr)
{
	size_t low = 0, high = ks->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ks->addrs[mid] <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool kallsyms_at(const struct kallsyms *ks, uint64_t addr, struct kallsyms_symbol *ret)
{
	size_t i = upper_bound(ks, addr), first;
	uint64_t found;

	if (!i)
		return false;
	found = ks->addrs[--i];
	for (first = i; first && ks->addrs[first - 1] == found; first--)
		;
	for (; first <= i; first++) {
		if (kallsyms_get(ks, first, ret))
			return addr == ret->addr || addr - ret->addr < ret->size;
	}
	return false;
}

void kallsyms_shift(struct kallsyms *ks, uint64_t delta)
{
	for (size_t i = 0; i < ks->nr; i++)
		ks->addrs[i] += delta;
}

void kallsyms_destroy(struct kallsyms *ks)
{
	if (!ks)
		return;
	free(ks->addrs);
	free(ks->names);
	free(ks->lost);
	piece_deinit(&ks->packed);
	free(ks->tokens);
	free(ks->index);
	free(ks);
}
