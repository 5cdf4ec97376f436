// SPDX-License-Identifier: GPL-2.0-or-later
/* BTF with everything that the analyzer asks it. */
#include <stdlib.h>
#include <string.h>

#include "kernel/btf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/mkbtf.h"

struct input {
	const uint8_t *data;
	size_t len;
};

/* Memory that begins with the input and ends with its last page. */
static bool read_input(void *arg, uint64_t addr, void *buf, size_t len)
{
	const struct input *input = arg;

	memset(buf, 0, len);
	if (addr < input->len)
		memcpy(buf, input->data + addr, len < input->len - addr ? len : input->len - addr);
	return addr <= input->len;
}

static void look_at(const struct btf *btf, uint32_t id)
{
	struct btf_member member;
	struct btf_type type;
	const char *name;
	uint8_t raw[64] = {0};
	uint64_t size;
	int64_t value;

	if (!btf_get(btf, id, &type))
		return;
	if (strlen(type.name) > btf->strings_len + sizeof(BTF_LOST))
		abort();
	btf_size(btf, id, &size);
	for (uint32_t i = 0; btf_member(&type, i, &member); i++)
		btf_read_member(btf, &member, raw, sizeof(raw), &size);
	for (uint32_t i = 0; btf_enumerator(&type, i, &name, &value); i++)
		;
	btf_find(btf, type.kind, type.name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input input = {.data = data, .len = len};
	_cleanup_btf_ struct btf *btf = NULL;
	struct btf_member member;
	int64_t value;

	if (error_ignore(btf_create(read_input, &input, 0, len, 8, NULL, &btf)))
		return 0;
	for (uint32_t id = 0; id <= btf_last_id(btf); id++)
		look_at(btf, id);
	btf_find_member(btf, "outer.named.sp", &member);
	btf_find_enumerator(btf, "NONE", &value);
	return 0;
}

void fuzz_seeds(fuzz_use_seed *use)
{
	for (unsigned int big_endian = 0; big_endian < 2; big_endian++) {
		struct mkbtf *mk = mkbtf_create(big_endian);
		uint32_t word = mkbtf_int(mk, "long", 8, 64), inner;

		inner = mkbtf_type(mk, BTF_STRUCT, "", 16);
		mkbtf_flag(mk);
		mkbtf_member(mk, "sp", word, 64);
		mkbtf_member(mk, "bits", word, 5U << 24 | 3);
		mkbtf_type(mk, BTF_STRUCT, "outer", 64);
		mkbtf_member(mk, "", inner, 0);
		mkbtf_member(mk, "named", mkbtf_type(mk, BTF_TYPEDEF, "inner_t", inner), 128);
		mkbtf_array(mk, inner, 3);
		mkbtf_type(mk, BTF_ENUM, "color", 4);
		mkbtf_enumerator(mk, "NONE", 1);
		mkbtf_finish(mk, 0);
		use(big_endian ? "big" : "little", mk->blob, mk->blob_len);
		mkbtf_destroy(mk);
	}
}
