// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkbtf.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/checked.h"

struct mkbtf *mkbtf_create(bool big_endian)
{
	struct mkbtf *mk = calloc(1, sizeof(*mk));

	assert_non_null(mk);
	mk->big_endian = big_endian;
	mk->first_id = 1;
	mk->strings_len = 1;
	return mk;
}

void mkbtf_destroy(struct mkbtf *mk)
{
	free(mk->blob);
	free(mk);
}

void mkbtf_word(struct mkbtf *mk, uint32_t word)
{
	assert_true(mk->types_len + 4 <= MKBTF_MAX);
	store_u32(mk->types + mk->types_len, word, mk->big_endian);
	mk->types_len += 4;
}

static uint32_t add_string(struct mkbtf *mk, const char *text)
{
	size_t off = mk->strings_len, len = strlen(text) + 1;

	if (!*text)
		return 0;
	assert_true(off + len <= MKBTF_MAX);
	memcpy(mk->strings + off, text, len);
	mk->strings_len += len;
	return (uint32_t)(mk->first_str + off);
}

uint32_t mkbtf_type(struct mkbtf *mk, enum btf_kind kind, const char *name, uint32_t size_or_type)
{
	mk->last = mk->types_len;
	mkbtf_word(mk, add_string(mk, name));
	mkbtf_word(mk, (uint32_t)kind << 24);
	mkbtf_word(mk, size_or_type);
	return mk->first_id + mk->nr++;
}

uint32_t mkbtf_int(struct mkbtf *mk, const char *name, uint32_t size, uint32_t encoding)
{
	uint32_t id = mkbtf_type(mk, BTF_INT, name, size);

	mkbtf_word(mk, encoding);
	return id;
}

uint32_t mkbtf_array(struct mkbtf *mk, uint32_t type, uint32_t nr)
{
	uint32_t id = mkbtf_type(mk, BTF_ARRAY, "", 0);

	mkbtf_word(mk, type);
	mkbtf_word(mk, type);
	mkbtf_word(mk, nr);
	return id;
}

static void change_info(struct mkbtf *mk, uint32_t add)
{
	uint8_t *info = mk->types + mk->last + 4;

	store_u32(info, load_u32(info, mk->big_endian) + add, mk->big_endian);
}

void mkbtf_flag(struct mkbtf *mk)
{
	change_info(mk, 1U << 31);
}

void mkbtf_member(struct mkbtf *mk, const char *name, uint32_t type, uint32_t bit)
{
	change_info(mk, 1);
	mkbtf_word(mk, add_string(mk, name));
	mkbtf_word(mk, type);
	mkbtf_word(mk, bit);
}

void mkbtf_enumerator(struct mkbtf *mk, const char *name, uint64_t value)
{
	bool wide = (load_u32(mk->types + mk->last + 4, mk->big_endian) >> 24 & 0x1f) == BTF_ENUM64;

	change_info(mk, 1);
	mkbtf_word(mk, add_string(mk, name));
	mkbtf_word(mk, (uint32_t)value);
	if (wide)
		mkbtf_word(mk, (uint32_t)(value >> 32));
}

void mkbtf_parameter(struct mkbtf *mk, uint32_t type)
{
	change_info(mk, 1);
	mkbtf_word(mk, 0);
	mkbtf_word(mk, type);
}

void mkbtf_target(struct mkbtf *mk, size_t at, uint32_t type)
{
	store_u32(mk->types + at + 8, type, mk->big_endian);
}

void mkbtf_finish(struct mkbtf *mk, uint64_t addr)
{
	const uint32_t header[] = {BTF_HDR_LEN, 0, (uint32_t)mk->types_len, (uint32_t)mk->types_len,
				   (uint32_t)mk->strings_len};
	uint8_t *p;

	free(mk->blob);
	mk->addr = addr;
	mk->blob_len = BTF_HDR_LEN + mk->types_len + mk->strings_len;
	mk->blob = p = calloc(1, mk->blob_len);
	assert_non_null(p);
	store_u16(p, 0xeb9f, mk->big_endian);
	p[2] = 1;
	for (size_t i = 0; i < 5; i++)
		store_u32(p + 4 + 4 * i, header[i], mk->big_endian);
	memcpy(p + BTF_HDR_LEN, mk->types, mk->types_len);
	memcpy(p + BTF_HDR_LEN + mk->types_len, mk->strings, mk->strings_len);
}

bool mkbtf_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	const struct mkbtf *mk = arg;
	uint64_t start = align_down(mk->addr, 4096), end = align_up(mk->addr + mk->blob_len, 4096);

	if (addr < start || addr > end || len > end - addr)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint64_t at = addr + i;
		bool there = at >= mk->addr && at - mk->addr < mk->blob_len &&
			     (at < mk->hole[0] || at >= mk->hole[1]);

		((uint8_t *)buf)[i] = there ? mk->blob[at - mk->addr] : 0;
	}
	return true;
}

struct btf *mkbtf_load(struct mkbtf *mk, uint8_t word)
{
	struct btf *btf = NULL;

	mkbtf_finish(mk, 0x10ae4);
	assert_ok(btf_create(mkbtf_read, mk, mk->addr, mk->blob_len, word, NULL, &btf));
	return btf;
}
