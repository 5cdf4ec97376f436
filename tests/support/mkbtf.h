/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds BTF of either byte order, type by type. */
#ifndef TESTS_SUPPORT_MKBTF_H
#define TESTS_SUPPORT_MKBTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/btf.h"

#define MKBTF_MAX (1U << 20)

struct mkbtf {
	bool big_endian;
	uint32_t first_id, first_str; /**< of split BTF: behind base's; 1 and 0 otherwise */
	uint8_t types[MKBTF_MAX];
	size_t types_len;
	char strings[MKBTF_MAX];
	size_t strings_len;
	uint32_t nr;   /**< types so far */
	size_t last;   /**< where the last type begins */
	uint64_t addr; /**< where mkbtf_read() has the blob */
	uint8_t *blob; /**< of mkbtf_finish() */
	size_t blob_len;
	uint64_t hole[2]; /**< addresses that read as zero */
};

struct mkbtf *mkbtf_create(bool big_endian);
void mkbtf_destroy(struct mkbtf *mk);

/** Each adds a type and returns its id. size_or_type as in struct btf_type of the kernel. */
uint32_t mkbtf_type(struct mkbtf *mk, enum btf_kind kind, const char *name, uint32_t size_or_type);
uint32_t mkbtf_int(struct mkbtf *mk, const char *name, uint32_t size, uint32_t encoding);
uint32_t mkbtf_array(struct mkbtf *mk, uint32_t type, uint32_t nr);
/** Sets kind_flag of the type that was added last. */
void mkbtf_flag(struct mkbtf *mk);
/** Adds a member to the struct that was added last; with kind_flag, bits << 24 | offset. */
void mkbtf_member(struct mkbtf *mk, const char *name, uint32_t type, uint32_t bit);
void mkbtf_enumerator(struct mkbtf *mk, const char *name, uint64_t value);
/** Adds a parameter to the func_proto that was added last. */
void mkbtf_parameter(struct mkbtf *mk, uint32_t type);
/** Changes what the type that began at this mk->last refers to: one that came later. */
void mkbtf_target(struct mkbtf *mk, size_t at, uint32_t type);
/** Adds words behind the last type, as kinds that nobody looks into have them. */
void mkbtf_word(struct mkbtf *mk, uint32_t word);

/** Puts everything together at an address. */
void mkbtf_finish(struct mkbtf *mk, uint64_t addr);

/** A phys_read_fn; arg is a struct mkbtf. */
bool mkbtf_read(void *arg, uint64_t addr, void *buf, size_t len);

/** Finishes at 0x10ae4 and reads it as of a machine with this word size. */
struct btf *mkbtf_load(struct mkbtf *mk, uint8_t word);

#endif
