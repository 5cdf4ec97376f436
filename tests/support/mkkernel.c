// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkkernel.h"

#include <stdio.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "tests/support/mkkallsyms.h"
#include "tests/support/test.h"

#define NR_FILLER 600U
#define FILLER    0x1f0000U /* address of the first, from base */
#define TYPES     0x300000U

static const struct mklayout *find_layout(bool big_endian)
{
	for (size_t i = 0; i < mklayouts_nr; i++)
		if (!strcmp(mklayouts[i].name, big_endian ? "6.4 s390x" : "6.15"))
			return &mklayouts[i];
	fail_msg("no such layout");
	return NULL;
}

static void put_symbols(struct fakekernel *fake, const struct mkname *names, size_t nr,
			size_t types_len, char *info, size_t size)
{
	const struct mklayout *layout = find_layout(fake->reader.facts.big_endian);
	struct mksymbol *symbols = calloc(nr + NR_FILLER + 2, sizeof(*symbols));
	struct mkkallsyms mk;
	size_t n = 0;

	assert_non_null(symbols);
	for (size_t i = 0; i < nr; i++) {
		symbols[n].addr = names[i].addr < MKKERNEL_TABLES ? fake->base + names[i].addr
								  : names[i].addr;
		symbols[n].type = 'T';
		snprintf(symbols[n++].name, sizeof(symbols[0].name), "%s", names[i].name);
	}
	for (size_t i = 0; i < NR_FILLER; i++) {
		symbols[n].addr = fake->base + FILLER + 16 * i;
		symbols[n].type = 't';
		snprintf(symbols[n++].name, sizeof(symbols[0].name), "filler_%zu", i);
	}
	for (size_t i = 0; i < 2 && types_len; i++) {
		symbols[n].addr = fake->base + TYPES + (i ? types_len : 0);
		symbols[n].type = 'R';
		snprintf(symbols[n++].name, sizeof(symbols[0].name), "%s",
			 i ? "__stop_BTF" : "__start_BTF");
	}
	mkkallsyms(&mk, layout, symbols, n, fake->base + MKKERNEL_TABLES, 0);
	memcpy(fake_at(fake, mk.addr, mk.len), mk.data, mk.len);
	snprintf(info, size,
		 "SYMBOL(kallsyms_names)=%llx\nSYMBOL(kallsyms_num_syms)=%llx\n"
		 "SYMBOL(kallsyms_token_table)=%llx\nSYMBOL(kallsyms_token_index)=%llx\n"
		 "SYMBOL(kallsyms_offsets)=%llx\nSYMBOL(kallsyms_relative_base)=%llx\n",
		 (unsigned long long)mk.tables.names, (unsigned long long)mk.tables.num_syms,
		 (unsigned long long)mk.tables.token_table,
		 (unsigned long long)mk.tables.token_index, (unsigned long long)mk.tables.offsets,
		 (unsigned long long)mk.tables.base_place);
	mkkallsyms_deinit(&mk);
	free(symbols);
}

void mkkernel(struct fakekernel *fake, uint16_t machine, bool big_endian,
	      const struct mkname *names, size_t nr, struct mkbtf *types)
{
	static char info[1024];

	fakekernel_init(fake, 8, big_endian, MKKERNEL_LEN);
	fake->reader.facts.machine = machine;
	if (types) {
		mkbtf_finish(types, fake->base + TYPES);
		memcpy(fake_at(fake, fake->base + TYPES, types->blob_len), types->blob,
		       types->blob_len);
	}
	put_symbols(fake, names, nr, types ? types->blob_len : 0, info, sizeof(info));
	fakekernel_open(fake, info);
	// what a learn that was told so little has made of it
	fake->kernel->as.linear[0] = fake->kernel->as.linear[fake->kernel->as.nr_linear - 1];
	fake->kernel->as.nr_linear = 1;
	fake->kernel->as.paging.nr_levels = 0;
	if (types)
		mkbtf_destroy(types);
}

uint32_t mkkernel_struct(struct mkbtf *mk, const char *name, uint32_t size,
			 const struct mkfield *fields)
{
	uint32_t word = mkbtf_int(mk, "unsigned long", 8, 64);
	uint32_t id = mkbtf_type(mk, BTF_STRUCT, name, size);

	for (; fields->name; fields++)
		mkbtf_member(mk, fields->name, word, 8 * fields->offset);
	return id;
}
