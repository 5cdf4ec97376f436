// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/join.h"

#include <string.h>

#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

struct join {
	struct file base;
	size_t nr;
	uint64_t *ends; /* of the members in the joined file */
	struct file **members;
};

/* The member that has the byte at *off, which becomes the offset in it. */
static const struct file *find(const struct join *join, uint64_t *off)
{
	size_t low = 0, high = join->nr - 1;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (join->ends[mid] <= *off)
			low = mid + 1;
		else
			high = mid;
	}
	*off -= low ? join->ends[low - 1] : 0;
	return join->members[low];
}

static ssize_t join_pread(const struct file *file, uint64_t off, void *buf, size_t len)
{
	const struct file *member = find((const struct join *)file, &off);

	return file_pread(member, off, buf, min_u64(len, member->size - off));
}

static const struct file *join_locate(const struct file *file, uint64_t *off)
{
	return find((const struct join *)file, off);
}

static bool join_next_data(const struct file *file, uint64_t off, uint64_t *start, uint64_t *end)
{
	while (off < file->size) {
		uint64_t inside = off, data, hole;
		const struct file *member = find((const struct join *)file, &inside);

		if (file_next_data(member, inside, &data, &hole)) {
			*start = off + (data - inside);
			*end = off + (hole - inside);
			return true;
		}
		off += member->size - inside;
	}
	return false;
}

static void join_close(struct file *file)
{
	struct join *join = (struct join *)file;

	for (size_t i = 0; join->members && i < join->nr; i++)
		file_close(join->members[i]);
	free(join->members);
	free(join->ends);
}

static const struct file_ops join_ops = {
	.pread = join_pread,
	.locate = join_locate,
	.next_data = join_next_data,
	.close = join_close,
};

struct error *join_create(struct file *const *members, size_t nr, struct file **ret)
{
	_cleanup_free_ uint64_t *ends = sys_calloc(nr, sizeof(*ends));
	_cleanup_free_ struct file **copy = sys_calloc(nr, sizeof(*copy));
	_cleanup_free_ char *path = strdup(members[0]->path);
	struct join *join = sys_calloc(1, sizeof(*join));

	if (!ends || !copy || !path || !join) {
		free(join);
		return &error_nomem;
	}
	join->base = (struct file){.fd = members[0]->fd, .regular = true, .ops = &join_ops};
	join->nr = nr;
	for (size_t i = 0; i < nr; i++) {
		copy[i] = members[i];
		if (!checked_add(join->base.size, members[i]->size, &join->base.size)) {
			free(join);
			return error_create(ERROR_FORMAT, "%s: is too large behind the others",
					    members[i]->path);
		}
		ends[i] = join->base.size;
	}
	join->base.path = TAKE_PTR(path);
	join->ends = TAKE_PTR(ends);
	join->members = TAKE_PTR(copy);
	*ret = &join->base;
	return NULL;
}
