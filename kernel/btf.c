// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/btf.h"

#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

#define BTF_MAGIC   0xeb9f
#define BTF_VERSION 1
#define TYPE_LEN    12U /* struct btf_type of the kernel */
#define MAX_TYPES   (16U << 20)

/* Deeper than any type is made of others: a cycle. */
#define MAX_DEPTH 32

static uint32_t load(const struct btf *btf, const uint8_t *p)
{
	return load_u32(p, btf->big_endian);
}

bool btf_probe(const uint8_t head[static BTF_HDR_LEN], uint64_t *len)
{
	bool big_endian = load_u16(head, true) == BTF_MAGIC;
	struct bytes b = bytes_make(head, BTF_HDR_LEN, big_endian, 8);
	uint16_t magic = bytes_u16(&b);
	uint8_t version = bytes_u8(&b), flags = bytes_u8(&b);
	uint64_t hdr_len = bytes_u32(&b);
	uint64_t type_off = bytes_u32(&b), type_len = bytes_u32(&b);
	uint64_t str_off = bytes_u32(&b), str_len = bytes_u32(&b);

	if (magic != BTF_MAGIC || version != BTF_VERSION || flags || hdr_len < BTF_HDR_LEN ||
	    hdr_len > 4096 || type_off % 4 || type_len % 4 || !str_len)
		return false;
	*len = hdr_len + max_u64(type_off + type_len, str_off + str_len);
	return *len <= BTF_MAX_LEN;
}

/* Bytes behind the common part of a type. */
static size_t tail_len(enum btf_kind kind, uint32_t nr)
{
	switch (kind) {
	case BTF_INT:
	case BTF_VAR:
	case BTF_DECL_TAG: return 4;
	case BTF_ARRAY: return 12;
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_DATASEC:
	case BTF_ENUM64: return (size_t)12 * nr;
	case BTF_ENUM:
	case BTF_FUNC_PROTO: return (size_t)8 * nr;
	default: return 0;
	}
}

const char *btf_string(const struct btf *btf, uint32_t off)
{
	const uint8_t *p;
	size_t len;

	if (btf->base && off < btf->first_str)
		return btf_string(btf->base, off);
	off -= btf->first_str;
	if (off >= btf->strings_len)
		return NULL;
	p = piece_at(&btf->data, btf->strings + off, 1);
	len = p ? strnlen((const char *)p, btf->strings_len - off) : 0;
	if (!p || len == btf->strings_len - off ||
	    (btf->data.nr_holes && !piece_at(&btf->data, btf->strings + off, len + 1)))
		return NULL;
	return (const char *)p;
}

/* The type at off; false at a hole, at the end, and at what is none. */
static bool get_type(const struct btf *btf, uint32_t off, struct btf_type *ret, size_t *len)
{
	const uint8_t *p = piece_at(&btf->data, btf->types + off, TYPE_LEN);
	uint32_t info, last;

	if (!p || btf->strings < btf->types + off + TYPE_LEN)
		return false;
	info = load(btf, p + 4);
	last = load(btf, p + 8);
	*ret = (struct btf_type){
		.kind = info >> 24 & 0x1f, .flag = info >> 31, .nr = info & 0xffff, .btf = btf};
	if (!ret->kind || ret->kind >= BTF_NR_KINDS)
		return false;
	*len = TYPE_LEN + tail_len(ret->kind, ret->nr);
	if (!piece_at(&btf->data, btf->types + off, *len))
		return false;
	ret->tail = p + TYPE_LEN;
	switch (ret->kind) {
	case BTF_INT:
		ret->size = last;
		ret->encoding = load(btf, ret->tail);
		break;
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_ENUM:
	case BTF_ENUM64:
	case BTF_FLOAT:
	case BTF_DATASEC: ret->size = last; break;
	case BTF_ARRAY:
		ret->type = load(btf, ret->tail);
		ret->elements = load(btf, ret->tail + 8);
		break;
	default: ret->type = last; break;
	}
	return true;
}

bool btf_get(const struct btf *btf, uint32_t id, struct btf_type *ret)
{
	uint32_t off;
	size_t len;

	if (!id) {
		*ret = (struct btf_type){.name = "", .btf = btf};
		return true;
	}
	while (btf->base && id < btf->first_id)
		btf = btf->base;
	if (id < btf->first_id || id - btf->first_id >= btf->nr)
		return false;
	off = btf->offs[id - btf->first_id];
	if (!get_type(btf, off, ret, &len))
		return false;
	ret->id = id;
	ret->name = btf_string(btf, load(btf, ret->tail - TYPE_LEN));
	if (!ret->name)
		ret->name = BTF_LOST;
	return true;
}

uint32_t btf_last_id(const struct btf *btf)
{
	return btf->first_id + btf->nr - 1;
}

static uint32_t hash_name(enum btf_kind kind, const char *name)
{
	uint32_t hash = kind;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619U;
	return hash ^ hash >> 15;
}

uint32_t btf_find(const struct btf *btf, enum btf_kind kind, const char *name)
{
	uint32_t id = btf->base ? btf_find(btf->base, kind, name) : 0;
	struct btf_type type;

	if (id || !*name)
		return id;
	for (uint32_t i = hash_name(kind, name) & btf->index_mask; (id = btf->index[i]);
	     i = (i + 1) & btf->index_mask) {
		if (btf_get(btf, id, &type) && type.kind == kind && !strcmp(type.name, name))
			break;
	}
	return id;
}

bool btf_resolve(const struct btf *btf, uint32_t id, struct btf_type *ret)
{
	for (unsigned int depth = 0; depth < MAX_DEPTH; depth++) {
		if (!btf_get(btf, id, ret))
			return false;
		switch (ret->kind) {
		case BTF_TYPEDEF:
		case BTF_VOLATILE:
		case BTF_CONST:
		case BTF_RESTRICT:
		case BTF_TYPE_TAG: id = ret->type; break;
		default: return true;
		}
	}
	return false;
}

bool btf_size(const struct btf *btf, uint32_t id, uint64_t *ret)
{
	uint64_t elements = 1;
	struct btf_type type;

	for (unsigned int depth = 0; depth < MAX_DEPTH; depth++, id = type.type) {
		if (!btf_resolve(btf, id, &type))
			return false;
		switch (type.kind) {
		case BTF_ARRAY:
			if (!checked_mul(elements, type.elements, &elements))
				return false;
			break;
		case BTF_PTR: return checked_mul(elements, btf->word, ret);
		case BTF_INT:
		case BTF_STRUCT:
		case BTF_UNION:
		case BTF_ENUM:
		case BTF_ENUM64:
		case BTF_FLOAT: return checked_mul(elements, type.size, ret);
		case BTF_VAR: break;
		default: return false;
		}
	}
	return false;
}

bool btf_find_size(const struct btf *btf, const char *name, uint64_t *ret)
{
	static const enum btf_kind kinds[] = {BTF_STRUCT, BTF_TYPEDEF, BTF_UNION,
					      BTF_ENUM,   BTF_ENUM64,  BTF_INT};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint32_t id = btf_find(btf, kinds[i], name);

		if (id)
			return btf_size(btf, id, ret);
	}
	return false;
}

/* Notes where each type begins; false when the types end before their section does. */
static bool find_types(struct btf *btf, uint64_t types_len)
{
	struct btf_type type;
	uint64_t off = 0;
	size_t len;

	for (; off < types_len && get_type(btf, (uint32_t)off, &type, &len); off += len)
		btf->offs[btf->nr++] = (uint32_t)off;
	return off == types_len;
}

static struct error *build_index(struct btf *btf)
{
	uint32_t size = 64;

	while (size < 2 * btf->nr)
		size *= 2;
	btf->index = sys_calloc(size, sizeof(btf->index[0]));
	if (!btf->index)
		return &error_nomem;
	btf->index_mask = size - 1;
	for (uint32_t id = btf->first_id; id - btf->first_id < btf->nr; id++) {
		struct btf_type type;
		uint32_t i;

		if (!btf_get(btf, id, &type) || !*type.name)
			continue;
		// of equal ones the first is found first
		i = hash_name(type.kind, type.name) & btf->index_mask;
		while (btf->index[i])
			i = (i + 1) & btf->index_mask;
		btf->index[i] = id;
	}
	return NULL;
}

static struct error *bad(uint64_t addr, const char *what)
{
	return error_create(ERROR_FORMAT, "BTF at 0x%llx: %s", (unsigned long long)addr, what);
}

struct error *btf_create(phys_read_fn *read, void *arg, uint64_t addr, uint64_t len, uint8_t word,
			 const struct btf *base, struct btf **ret)
{
	_cleanup_btf_ struct btf *btf = sys_calloc(1, sizeof(*btf));
	uint64_t need, types_len;
	const uint8_t *head;
	struct error *err;

	if (!btf)
		return &error_nomem;
	if (len < BTF_HDR_LEN || len > BTF_MAX_LEN)
		return bad(addr, "has no possible size");
	if ((err = piece_load(read, arg, addr, len, &btf->data)))
		return err;
	head = piece_at(&btf->data, addr, BTF_HDR_LEN);
	if (!head || !btf_probe(head, &need) || need > len)
		return bad(addr, "has no valid header");
	btf->big_endian = load_u16(head, true) == BTF_MAGIC;
	btf->word = word;
	btf->types = addr + load(btf, head + 4) + load(btf, head + 8);
	btf->strings = addr + load(btf, head + 4) + load(btf, head + 16);
	btf->strings_len = load(btf, head + 20);
	btf->base = base;
	btf->first_id = base ? btf_last_id(base) + 1 : 1;
	btf->first_str = base ? base->first_str + base->strings_len : 0;
	types_len = load(btf, head + 12);
	if (btf->strings < btf->types + types_len)
		return bad(addr, "has its strings before the end of the types");
	btf->offs = sys_malloc((types_len / TYPE_LEN + 1) * sizeof(btf->offs[0]));
	if (!btf->offs)
		return &error_nomem;
	btf->complete = find_types(btf, types_len) && !btf->data.nr_holes;
	if (!btf->nr || (!btf->complete && !btf->data.nr_holes))
		return error_create(ERROR_FORMAT, "BTF at 0x%llx: type %u makes no sense",
				    (unsigned long long)addr, btf->first_id + btf->nr);
	if ((err = build_index(btf)))
		return err;
	*ret = TAKE_PTR(btf);
	return NULL;
}

void btf_destroy(struct btf *btf)
{
	if (!btf)
		return;
	piece_deinit(&btf->data);
	free(btf->offs);
	free(btf->index);
	free(btf);
}
