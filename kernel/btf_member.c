// SPDX-License-Identifier: GPL-2.0-or-later
/* Members and enumerators of BTF types. */
#include <string.h>

#include "kernel/btf.h"
#include "util/bytes.h"
#include "util/checked.h"

#define MEMBER_LEN 12U
#define MAX_NAME   256U

/* Anonymous structs and unions inside each other, and members looked at in all: bounds for types
 * that contain themselves. */
#define MAX_NESTING 16
#define MAX_LOOKS   (1U << 18)

/* Ints of BTF without kind_flag say themselves which of their bits they are (Linux commit
 * 9d5f9f701b18 moved that to the members, in 5.0). */
static void old_bitfield(const struct btf *btf, struct btf_member *member)
{
	struct btf_type type;
	uint32_t bits;

	if (!btf_resolve(btf, member->type, &type) || type.kind != BTF_INT)
		return;
	bits = type.encoding & 0xff;
	if (bits && bits < 8 * (uint64_t)type.size) {
		member->bit_size = bits;
		member->bit += type.encoding >> 16 & 0xff;
	}
}

bool btf_member(const struct btf_type *type, uint32_t i, struct btf_member *ret)
{
	const uint8_t *p;
	uint32_t where;
	bool big_endian;

	if (!type->btf || (type->kind != BTF_STRUCT && type->kind != BTF_UNION) || i >= type->nr)
		return false;
	big_endian = type->btf->big_endian;
	p = type->tail + (size_t)MEMBER_LEN * i;
	where = load_u32(p + 8, big_endian);
	*ret = (struct btf_member){
		.name = btf_string(type->btf, load_u32(p, big_endian)),
		.type = load_u32(p + 4, big_endian),
		.bit = type->flag ? where & 0xffffff : where,
		.bit_size = type->flag ? where >> 24 : 0,
	};
	if (!ret->name)
		ret->name = BTF_LOST;
	if (!type->flag)
		old_bitfield(type->btf, ret);
	ret->offset = ret->bit / 8;
	if (!btf_size(type->btf, ret->type, &ret->size))
		ret->size = 0;
	return true;
}

/* Where the search in one struct goes on when the one inside it is done with. */
struct level {
	struct btf_type type;
	uint32_t next;
	uint64_t bit;
};

bool btf_find_in(const struct btf_type *type, const char *name, struct btf_member *ret)
{
	struct level levels[MAX_NESTING] = {{.type = *type}};

	for (unsigned int depth = 0, looks = 0; looks < MAX_LOOKS; looks++) {
		struct level *level = &levels[depth];
		struct btf_type inner;

		if (!btf_member(&level->type, level->next++, ret)) {
			if (!depth--)
				return false;
			continue;
		}
		ret->bit += level->bit;
		if (!strcmp(ret->name, name)) {
			ret->offset = ret->bit / 8;
			return true;
		}
		if (!*ret->name && depth + 1 < MAX_NESTING &&
		    btf_resolve(level->type.btf, ret->type, &inner))
			levels[++depth] = (struct level){.type = inner, .bit = ret->bit};
	}
	return false;
}

/* Copies what stands before the next dot, and moves behind it. */
static bool next_name(const char **path, char name[static MAX_NAME])
{
	size_t len = strcspn(*path, ".");

	if (!len || len >= MAX_NAME)
		return false;
	memcpy(name, *path, len);
	name[len] = '\0';
	*path += len + ((*path)[len] == '.');
	return true;
}

/* Goes down from a struct along the names of a path. */
static bool follow(const struct btf *btf, uint32_t id, const char *path, struct btf_member *ret)
{
	struct btf_type type;
	char name[MAX_NAME];
	uint64_t bit = 0;

	while (btf_resolve(btf, id, &type) && next_name(&path, name) &&
	       btf_find_in(&type, name, ret)) {
		bit += ret->bit;
		ret->bit = bit;
		ret->offset = bit / 8;
		if (!*path)
			return true;
		id = ret->type;
	}
	return false;
}

bool btf_find_member(const struct btf *btf, const char *path, struct btf_member *ret)
{
	// a struct and a union of one name may both be there (irte of x86)
	static const enum btf_kind kinds[] = {BTF_STRUCT, BTF_UNION, BTF_TYPEDEF};
	struct btf_member member;
	char name[MAX_NAME];

	if (!next_name(&path, name))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint32_t id = btf_find(btf, kinds[i], name);

		if (id && follow(btf, id, path, &member)) {
			*ret = member;
			return true;
		}
	}
	return false;
}

bool btf_enumerator(const struct btf_type *type, uint32_t i, const char **name, int64_t *ret)
{
	bool big_endian, wide = type->kind == BTF_ENUM64;
	const uint8_t *p;
	uint32_t low;

	if (!type->btf || (type->kind != BTF_ENUM && !wide) || i >= type->nr)
		return false;
	big_endian = type->btf->big_endian;
	p = type->tail + (size_t)(wide ? 12 : 8) * i;
	*name = btf_string(type->btf, load_u32(p, big_endian));
	if (!*name)
		*name = BTF_LOST;
	low = load_u32(p + 4, big_endian);
	if (wide)
		*ret = (int64_t)(low | (uint64_t)load_u32(p + 8, big_endian) << 32);
	else
		// without kind_flag the values are unsigned, but kernels before 6.0 did not tell
		*ret = (int32_t)low;
	return true;
}

bool btf_find_enumerator(const struct btf *btf, const char *name, int64_t *ret)
{
	for (uint32_t id = 1; id <= btf_last_id(btf); id++) {
		struct btf_type type;
		const char *other;

		if (!btf_get(btf, id, &type))
			continue;
		for (uint32_t i = 0; btf_enumerator(&type, i, &other, ret); i++) {
			if (!strcmp(other, name))
				return true;
		}
	}
	return false;
}

static bool read_bits(const struct btf_member *member, const uint8_t *data, bool big_endian,
		      uint64_t *ret)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < member->bit_size; i++) {
		uint64_t bit = member->bit + i;
		unsigned int shift = big_endian ? 7 - bit % 8 : bit % 8;
		uint64_t is = data[bit / 8] >> shift & 1;

		value |= is << (big_endian ? member->bit_size - 1 - i : i);
	}
	*ret = value;
	return true;
}

bool btf_read_member(const struct btf *btf, const struct btf_member *member, const uint8_t *data,
		     size_t len, uint64_t *ret)
{
	uint64_t end;

	if (member->bit_size > 64)
		return false;
	if (member->bit_size)
		return checked_add(member->bit, member->bit_size, &end) &&
		       div_round_up(end, 8) <= len && read_bits(member, data, btf->big_endian, ret);
	if (!checked_add(member->offset, member->size, &end) || end > len)
		return false;
	data += member->offset;
	switch (member->size) {
	case 1: *ret = data[0]; return true;
	case 2: *ret = load_u16(data, btf->big_endian); return true;
	case 4: *ret = load_u32(data, btf->big_endian); return true;
	case 8: *ret = load_u64(data, btf->big_endian); return true;
	default: return false;
	}
}
