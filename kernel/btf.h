/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of a kernel, from the BTF that it carries with it (Documentation/bpf/btf.rst,
 * include/uapi/linux/btf.h; in the image since Linux commit 341dfcf8d78e, 5.2). Types are read in
 * place, each time they are asked for; made beforehand are only a table of where each begins and an
 * index of names. Nothing in it is trusted: what makes no sense is not found.
 *
 * Holes (missing or zeroed pages): of the types those before the first one are known; names in a
 * hole are not found.
 */
#ifndef KERNEL_BTF_H
#define KERNEL_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/addrspace.h"
#include "kernel/piece.h"
#include "util/error.h"

#define BTF_MAX_LEN (256U << 20) /**< more than this is no BTF; 7.2 has 6 million bytes */
#define BTF_HDR_LEN 24U

/** In place of a name that cannot be read; no identifier. */
#define BTF_LOST "?"

enum btf_kind {
	BTF_VOID,
	BTF_INT,
	BTF_PTR,
	BTF_ARRAY,
	BTF_STRUCT,
	BTF_UNION,
	BTF_ENUM,
	BTF_FWD,
	BTF_TYPEDEF,
	BTF_VOLATILE,
	BTF_CONST,
	BTF_RESTRICT,
	BTF_FUNC,
	BTF_FUNC_PROTO,
	BTF_VAR,
	BTF_DATASEC,
	BTF_FLOAT,
	BTF_DECL_TAG,
	BTF_TYPE_TAG,
	BTF_ENUM64,
	BTF_NR_KINDS,
};

struct btf {
	bool big_endian;
	uint8_t word;           /**< bytes of a pointer */
	const struct btf *base; /**< of a module: vmlinux's, whose ids and strings it continues */
	struct piece data;
	uint64_t types, strings; /**< addresses in data */
	uint32_t strings_len;
	uint32_t first_id;  /**< id of the first type: 1, or the number behind base's last */
	uint32_t first_str; /**< offset of its first string */
	uint32_t nr;        /**< types */
	bool complete;      /**< false: types behind a hole are missing */
	uint32_t *offs;     /**< of each type, from types */
	uint32_t *index;    /**< hash table of named types: id or 0 */
	uint32_t index_mask;
};

/** Total length of the BTF whose header is at head; false when it is none. */
bool btf_probe(const uint8_t head[static BTF_HDR_LEN], uint64_t *len);

/** Reads the BTF of len bytes at addr. word is the machine's; base is NULL, or has to outlive *ret.
 * ERROR_FORMAT names the offset of what makes no sense. */
struct error *btf_create(phys_read_fn *read, void *arg, uint64_t addr, uint64_t len, uint8_t word,
			 const struct btf *base, struct btf **ret);
void btf_destroy(struct btf *btf);
DEFINE_CLEANUP(struct btf *, btf_destroy)
#define _cleanup_btf_ _cleanup_(cleanup_btf_destroy)

struct btf_type {
	uint32_t id;
	enum btf_kind kind;
	const char *name;    /**< "" when it has none, BTF_LOST when it is in a hole */
	bool flag;           /**< kind_flag: signed enum, union instead of struct forward, ... */
	uint32_t nr;         /**< members, enumerators, parameters, variables */
	uint32_t size;       /**< bytes: int, struct, union, enum, float, datasec */
	uint32_t type;       /**< id that it refers to: pointer, typedef, qualifier, func, var, tag,
			      * array (of its elements), return value of a func_proto */
	uint32_t elements;   /**< array */
	uint32_t encoding;   /**< int: as in the file, bits | offset << 16 | BTF_INT_x << 24 */
	const uint8_t *tail; /**< members and the like, for the functions below */
	const struct btf *btf; /**< the one that it is in, perhaps base */
};

/** The type of an id; false when there is none. Id 0 is void. */
bool btf_get(const struct btf *btf, uint32_t id, struct btf_type *ret);

/** Ids go from 1 to this, base's included. */
uint32_t btf_last_id(const struct btf *btf);

/** The string at an offset; NULL when it is in a hole, or there is none. */
const char *btf_string(const struct btf *btf, uint32_t off);

/** Id of the first type of this kind and name; 0 when there is none. */
uint32_t btf_find(const struct btf *btf, enum btf_kind kind, const char *name);

/** As btf_get(), for what is left without typedefs, qualifiers and tags. */
bool btf_resolve(const struct btf *btf, uint32_t id, struct btf_type *ret);

/** Bytes that a variable of the type takes; false for functions and incomplete types. */
bool btf_size(const struct btf *btf, uint32_t id, uint64_t *ret);

struct btf_member {
	const char *name; /**< "" for an anonymous struct or union; or BTF_LOST */
	uint32_t type;
	uint64_t offset; /**< bytes from the start of the outermost struct; of a bit field the byte
			  * in which it begins */
	uint64_t bit;    /**< the same in bits: from the lowest bit of a byte on little-endian
			  * machines, from the highest on big-endian ones */
	uint32_t bit_size; /**< of a bit field, else 0 */
	uint64_t size;     /**< bytes of the type; 0 for an incomplete one or a flexible array */
};

/** Member number i of a struct or union, by itself. */
bool btf_member(const struct btf_type *type, uint32_t i, struct btf_member *ret);

/** The member of a struct or union with this name, also one inside anonymous structs and unions in
 * it. */
bool btf_find_in(const struct btf_type *type, const char *name, struct btf_member *ret);

/** A member of a struct or union by its name, also inside those without a name. */
bool btf_find_in(const struct btf_type *type, const char *name, struct btf_member *ret);

/** "task_struct.thread.sp": a struct, union or typedef, and members, through anonymous ones too. */
bool btf_find_member(const struct btf *btf, const char *path, struct btf_member *ret);

/** Size of a struct, union, enum, int or typedef by its name. */
bool btf_find_size(const struct btf *btf, const char *name, uint64_t *ret);

/** Enumerator number i of an enum. */
bool btf_enumerator(const struct btf_type *type, uint32_t i, const char **name, int64_t *ret);

/** Value of an enumerator of any enum. Looks at all of them. */
bool btf_find_enumerator(const struct btf *btf, const char *name, int64_t *ret);

/** A member's value from the bytes of the outermost struct: a bit field, or a number of up to 8
 * bytes. False when it is no number or not inside len. */
bool btf_read_member(const struct btf *btf, const struct btf_member *member, const uint8_t *data,
		     size_t len, uint64_t *ret);

#endif
