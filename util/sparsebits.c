// SPDX-License-Identifier: GPL-2.0-or-later
/* Three steps: nodes by the highest bits, leaves of a node, bits of a leaf. */
#include "util/sparsebits.h"

#include "util/bits.h"
#include "util/checked.h"
#include "util/sys.h"

#define LEAF_BITS   (1ULL << 15)
#define NODE_LEAVES 4096U
#define NODE_BITS   (LEAF_BITS * NODE_LEAVES)

struct sparsebits_node {
	uint64_t *leaves[NODE_LEAVES]; /* NULL: no bit */
};

void sparsebits_deinit(struct sparsebits *set)
{
	for (size_t i = 0; i < set->nr_nodes; i++) {
		for (size_t j = 0; set->nodes[i] && j < NODE_LEAVES; j++)
			free(set->nodes[i]->leaves[j]);
		free(set->nodes[i]);
	}
	free(set->nodes);
	*set = (struct sparsebits){0};
}

/* The leaf of a number; NULL when its node is not there. */
static uint64_t **leaf_at(const struct sparsebits *set, uint64_t number)
{
	uint64_t i = number / NODE_BITS;

	if (i >= set->nr_nodes || !set->nodes[i])
		return NULL;
	return &set->nodes[i]->leaves[number / LEAF_BITS % NODE_LEAVES];
}

static struct error *make_leaf(struct sparsebits *set, uint64_t number, uint64_t **ret)
{
	size_t i = number / NODE_BITS;
	uint64_t **leaf;

	if (i >= set->nr_nodes) {
		size_t nr = max_u64(i + 1, 2 * set->nr_nodes);
		struct sparsebits_node **nodes = sys_realloc(set->nodes, nr * sizeof(*nodes));

		if (!nodes)
			return &error_nomem;
		for (size_t j = set->nr_nodes; j < nr; j++)
			nodes[j] = NULL;
		set->nodes = nodes;
		set->nr_nodes = nr;
	}
	if (!set->nodes[i] && !(set->nodes[i] = sys_calloc(1, sizeof(*set->nodes[i]))))
		return &error_nomem;
	leaf = leaf_at(set, number);
	if (!*leaf && !(*leaf = sys_calloc(LEAF_BITS / 64, sizeof(**leaf))))
		return &error_nomem;
	*ret = *leaf;
	return NULL;
}

struct error *sparsebits_add(struct sparsebits *set, uint64_t start, uint64_t end)
{
	end = min_u64(end, SPARSEBITS_END);
	while (start < end) {
		uint64_t first = align_down(start, LEAF_BITS);
		uint64_t stop = min_u64(first + LEAF_BITS, end);
		uint64_t *leaf;
		struct error *err = make_leaf(set, start, &leaf);

		if (err)
			return err;
		for (; start < stop; start++)
			bits_set(leaf, start - first);
	}
	return NULL;
}

bool sparsebits_test(const struct sparsebits *set, uint64_t number)
{
	uint64_t **leaf = leaf_at(set, number);

	return leaf && *leaf && bits_test(*leaf, number % LEAF_BITS);
}

bool sparsebits_next_run(const struct sparsebits *set, uint64_t end, uint64_t *start,
			 uint64_t *run_end)
{
	uint64_t at = *start;

	end = min_u64(end, set->nr_nodes * NODE_BITS);
	while (at < end) {
		uint64_t **leaf = leaf_at(set, at);
		uint64_t size = leaf ? LEAF_BITS : NODE_BITS, first = align_down(at, size);
		size_t from = at - first, to;

		if (leaf && *leaf &&
		    bits_next_run(*leaf, min_u64(LEAF_BITS, end - first), &from, &to)) {
			*start = first + from;
			*run_end = first + to;
			return true;
		}
		at = first + size;
	}
	return false;
}

uint64_t sparsebits_count(const struct sparsebits *set)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < set->nr_nodes; i++) {
		for (size_t j = 0; set->nodes[i] && j < NODE_LEAVES; j++)
			if (set->nodes[i]->leaves[j])
				sum += bits_count(set->nodes[i]->leaves[j], LEAF_BITS / 64);
	}
	return sum;
}
