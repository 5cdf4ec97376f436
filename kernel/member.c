// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/member.h"

#include "kernel/kernel.h"
#include "util/checked.h"

struct error *members_find(const struct btf *btf, const struct member_path *paths, size_t nr,
			   struct btf_member *ret)
{
	for (size_t i = 0; i < nr; i++) {
		const struct member_path *path = &paths[i];

		if (btf_find_member(btf, path->path, &ret[i]) ||
		    (path->before && btf_find_member(btf, path->before, &ret[i])))
			continue;
		ret[i] = (struct btf_member){0};
		if (!path->optional)
			return error_create(ERROR_NOT_FOUND, "the kernel's types have no %s",
					    path->path);
	}
	return NULL;
}

bool member_read(struct kernel *kernel, const struct btf_member *member, uint64_t object,
		 uint64_t *ret)
{
	return member_known(member) && !member->bit_size &&
	       kernel_read_number(kernel, object + member->offset, member->size, ret);
}

bool member_read_text(struct kernel *kernel, const struct btf_member *member, uint64_t object,
		      char *buf, size_t size)
{
	size_t len = (size_t)min_u64(member->size, size - 1);

	if (!member_known(member) || !kernel_read(kernel, object + member->offset, buf, len))
		return false;
	buf[len] = '\0';
	return true;
}
