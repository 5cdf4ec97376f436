// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/numset.h"

#include <stdlib.h>

#include "util/sys.h"

#define FIRST_SIZE 64U

static uint64_t *find_slot(uint64_t *slots, size_t mask, uint64_t number)
{
	size_t i = (size_t)(number * 0x9e3779b97f4a7c15ULL >> 24) & mask;

	while (slots[i] && slots[i] != number)
		i = (i + 1) & mask;
	return &slots[i];
}

/* Keeps a third of the slots free. */
static bool make_room(struct numset *set)
{
	size_t size = set->slots ? 2 * (set->mask + 1) : FIRST_SIZE;
	uint64_t *slots;

	if (set->slots && set->nr < (set->mask + 1) / 3 * 2)
		return true;
	slots = sys_calloc(size, sizeof(slots[0]));
	if (!slots)
		return false;
	for (size_t i = 0; set->slots && i <= set->mask; i++)
		if (set->slots[i])
			*find_slot(slots, size - 1, set->slots[i]) = set->slots[i];
	free(set->slots);
	set->slots = slots;
	set->mask = size - 1;
	return true;
}

enum numset_result numset_add(struct numset *set, uint64_t number)
{
	uint64_t *slot;
	bool seen;

	if (!number) {
		seen = set->has_zero;
		set->has_zero = true;
		return seen ? NUMSET_SEEN : NUMSET_NEW;
	}
	if (!make_room(set))
		return NUMSET_NOMEM;
	slot = find_slot(set->slots, set->mask, number);
	if (*slot)
		return NUMSET_SEEN;
	*slot = number;
	set->nr++;
	return NUMSET_NEW;
}

void numset_deinit(struct numset *set)
{
	free(set->slots);
	*set = (struct numset){0};
}
