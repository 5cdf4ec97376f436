// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_space.h"

#include "dump/kdump_header.h"
#include "util/checked.h"
#include "util/file.h"

#define AHEAD  (16ULL << 20) // bytes that the disk has to have room for at once
#define PLENTY 64U // times what is needed: nobody else will take that before we look again

void kdump_space_init(struct kdump_space *space, struct target *target,
		      const struct kdump_header *header, uint64_t start, uint64_t limit,
		      bool sparse)
{
	*space = (struct kdump_space){
		.target = target,
		.block_size = header->block_size,
		.bitmap_len = header->bitmap_blocks / 2 * (uint64_t)header->block_size,
		// sub_hdr_size is signed
		.limit = min_u64(min_u64(limit, target->capacity),
				 (uint64_t)INT32_MAX * header->block_size),
		.ahead = target->holes && !sparse,
		.tail = start,
		.assured = start,
		.allocates = !sparse,
	};
	pthread_mutex_init(&space->lock, NULL);
}

void kdump_space_deinit(struct kdump_space *space)
{
	pthread_mutex_destroy(&space->lock);
}

/* Bytes of an index, at most, in whole blocks. */
static uint64_t index_len(const struct kdump_space *space, uint64_t nr_blocks)
{
	return align_up(2 * space->bitmap_len + nr_blocks * KDUMP_DESC_LEN, space->block_size);
}

static bool overlap(const struct kdump_span *span, uint64_t off, uint64_t len)
{
	return off < span->end && span->off < off + len;
}

/* The first place for len bytes from off on where no index is. */
static uint64_t free_from(const struct kdump_space *space, uint64_t off, uint64_t len)
{
	// the way past the one may lead to the other
	while (overlap(&space->valid, off, len) || overlap(&space->next, off, len)) {
		if (overlap(&space->valid, off, len))
			off = space->valid.end;
		if (overlap(&space->next, off, len))
			off = space->next.end;
	}
	return off;
}

static struct error *no_room(const struct kdump_space *space)
{
	return error_create(ERROR_NO_SPACE, "%s: the %llu bytes that it may have are used up",
			    space->target->path, (unsigned long long)space->limit);
}

/* Allocating costs as much as writing on some file systems. */
static bool has_plenty(const struct kdump_space *space, uint64_t len)
{
	return target_free(space->target) / PLENTY >= len;
}

/* The disk has to have room for a while ahead, so that it does not get full before the index of
 * what is there is written. */
static struct error *assure(struct kdump_space *space, uint64_t end)
{
	bool plenty = end > space->assured && has_plenty(space, end + AHEAD - space->tail);
	uint64_t ahead = AHEAD;
	struct error *err;

	while (space->allocates && end > space->assured) {
		err = plenty ? NULL
			     : target_reserve(space->target, space->tail, end + ahead - space->tail,
					      &space->allocates);
		if (!err)
			space->assured = end + ahead;
		else if (!ahead)
			return err;
		else
			error_destroy(err);
		ahead /= 16;
	}
	return NULL;
}

/* Whether the last index finds room behind the data if they end there. */
static struct error *check_last(struct kdump_space *space, uint64_t end, uint64_t nr_blocks)
{
	uint64_t len = index_len(space, nr_blocks);
	uint64_t off = free_from(space, align_up(end, space->block_size), len);

	if (off > space->limit || len > space->limit - off)
		return no_room(space);
	return assure(space, off + len);
}

struct error *kdump_space_take(struct kdump_space *space, size_t len, uint64_t nr_blocks,
			       uint64_t *ret)
{
	struct error *err;
	uint64_t off;

	pthread_mutex_lock(&space->lock);
	off = free_from(space, space->tail, len);
	err = check_last(space, off + len, space->blocks + nr_blocks);
	if (!err) {
		space->tail = off + len;
		space->blocks += nr_blocks;
		*ret = off;
	}
	pthread_mutex_unlock(&space->lock);
	return err;
}

/* At the very end where the limit leaves no better place. */
static struct error *place_index(struct kdump_space *space, uint64_t len, uint64_t growth)
{
	uint64_t off = align_up(space->tail + (space->ahead ? growth : 0), space->block_size);
	bool possible;

	off = free_from(space, off, len);
	if (off > space->limit || len > space->limit - off)
		off = align_down(space->limit - min_u64(len, space->limit), space->block_size);
	if (off < space->tail || overlap(&space->valid, off, len))
		return no_room(space);
	space->next = (struct kdump_span){off, off + len};
	if (!space->allocates || has_plenty(space, len + AHEAD))
		return NULL;
	return target_reserve(space->target, off, len, &possible);
}

struct error *kdump_space_take_index(struct kdump_space *space, uint64_t nr_blocks, uint64_t growth,
				     uint64_t *ret)
{
	struct error *err;

	pthread_mutex_lock(&space->lock);
	err = place_index(space, index_len(space, nr_blocks), growth);
	if (!err)
		err = check_last(space, space->tail, space->blocks);
	if (err)
		space->next = (struct kdump_span){0};
	*ret = space->next.off;
	pthread_mutex_unlock(&space->lock);
	return err;
}

uint64_t kdump_space_take_last(struct kdump_space *space, uint64_t nr_blocks)
{
	uint64_t off, len = index_len(space, nr_blocks);

	pthread_mutex_lock(&space->lock);
	off = free_from(space, align_up(space->tail, space->block_size), len);
	space->next = (struct kdump_span){off, off + len};
	pthread_mutex_unlock(&space->lock);
	return off;
}

void kdump_space_keep_index(struct kdump_space *space)
{
	pthread_mutex_lock(&space->lock);
	space->written_end = max_u64(space->written_end, space->next.end);
	space->valid = space->next;
	space->next = (struct kdump_span){0};
	pthread_mutex_unlock(&space->lock);
}

void kdump_space_drop_index(struct kdump_space *space)
{
	pthread_mutex_lock(&space->lock);
	space->written_end = max_u64(space->written_end, space->next.end);
	space->next = (struct kdump_span){0};
	pthread_mutex_unlock(&space->lock);
}

struct error *kdump_space_cut(struct kdump_space *space, uint64_t end)
{
	struct error *err;

	pthread_mutex_lock(&space->lock);
	space->tail = end;
	if (space->valid.off > end)
		target_punch(space->target, end, space->valid.off - end);
	err = target_resize(space->target, max_u64(space->valid.end, end));
	pthread_mutex_unlock(&space->lock);
	// ext4 has it free again only when that is on the disk
	return err ? err : target_sync(space->target);
}
