// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkmodules.h"

#include <elf.h>
#include <stdio.h>

#include "tests/support/mkkernel.h"
#include "tests/support/test.h"

#define HEAD 0x1000U

uint64_t mkmodule_at(const struct fakekernel *fake, size_t i)
{
	return fake->base + 0x10000 + 0x400 * i;
}

uint64_t mkmodule_base(const struct fakekernel *fake, size_t i)
{
	return fake->base + 0x10000000 + 0x10000 * i; // behind the image, and all memory
}

static void add_symtab(struct mkbtf *mk, uint32_t word, uint32_t u32, uint32_t at)
{
	mkbtf_member(mk, "symtab", word, 8 * at);
	mkbtf_member(mk, "strtab", word, 8 * (at + 8));
	mkbtf_member(mk, "num_symtab", u32, 8 * (at + 16));
}

static struct mkbtf *make_types(bool big_endian, enum mkgeneration generation)
{
	struct mkbtf *mk = mkbtf_create(big_endian);
	uint32_t word = mkbtf_int(mk, "unsigned long", 8, 64);
	uint32_t u32 = mkbtf_int(mk, "unsigned int", 4, 32);
	uint32_t name = mkbtf_array(mk, mkbtf_int(mk, "char", 1, 8), 56);
	uint32_t head, atomic, layout, mems;

	head = mkbtf_type(mk, BTF_STRUCT, "list_head", 16);
	mkbtf_member(mk, "next", word, 0);
	mkbtf_member(mk, "prev", word, 64);
	atomic = mkbtf_type(mk, BTF_STRUCT, "", 4);
	mkbtf_member(mk, "counter", u32, 0);
	layout = mkbtf_type(mk, BTF_STRUCT, "", 16);
	mkbtf_member(mk, "base", word, 0);
	mkbtf_member(mk, "size", u32, 64);
	mkbtf_member(mk, "text_size", u32, 96);
	mems = mkbtf_type(mk, BTF_STRUCT, generation == MKMODULES_MEM ? "module_memory" : "x", 24);
	mkbtf_member(mk, "base", word, 0);
	mkbtf_member(mk, "size", u32, 128);
	mems = mkbtf_array(mk, mems, 7);
	if (generation != MKMODULES_OLD) {
		mkbtf_type(mk, BTF_STRUCT, "mod_kallsyms", 32);
		add_symtab(mk, word, u32, 0);
		mkbtf_member(mk, "typetab", word, 8 * 24);
	}
	mkbtf_type(mk, BTF_STRUCT, "module", 0x200);
	mkbtf_member(mk, "state", u32, 8 * MKMOD_STATE);
	mkbtf_member(mk, "list", head, 8 * MKMOD_LIST);
	mkbtf_member(mk, "name", name, 8 * MKMOD_NAME);
	mkbtf_member(mk, "taints", word, 8 * MKMOD_TAINTS);
	mkbtf_member(mk, "refcnt", atomic, 8 * MKMOD_REFS);
	if (generation == MKMODULES_OLD) {
		add_symtab(mk, word, u32, MKMOD_SYMS);
		mkbtf_member(mk, "module_core", word, 8 * MKMOD_REST);
		mkbtf_member(mk, "core_size", u32, 8 * (MKMOD_REST + 8));
		mkbtf_member(mk, "core_text_size", u32, 8 * (MKMOD_REST + 12));
		return mk;
	}
	mkbtf_member(mk, "kallsyms", word, 8 * MKMOD_SYMS);
	if (generation == MKMODULES_LAYOUT)
		mkbtf_member(mk, "core_layout", layout, 8 * MKMOD_REST);
	else
		mkbtf_member(mk, "mem", mems, 8 * MKMOD_REST);
	return mk;
}

static void put_module(struct fakekernel *fake, enum mkgeneration generation, size_t i)
{
	uint64_t at = mkmodule_at(fake, i), base = mkmodule_base(fake, i);

	snprintf((char *)fake_at(fake, at + MKMOD_NAME, 56), 56, "mod%zu", i);
	fake_u64(fake, at + MKMOD_TAINTS, i == 1 ? 1U << 12 | 1U << 13 : 0);
	fake_u32(fake, at + MKMOD_STATE, i == 2 ? 1 : 0);
	fake_u32(fake, at + MKMOD_REFS, (uint32_t)i + 1);
	fake_u64(fake, at + MKMOD_REST, base);
	if (generation == MKMODULES_MEM) {
		fake_u32(fake, at + MKMOD_REST + 16, 0x3000);
		fake_u64(fake, at + MKMOD_REST + 24, base + 0x8000);
		fake_u32(fake, at + MKMOD_REST + 24 + 16, 0x2000);
	} else {
		fake_u32(fake, at + MKMOD_REST + 8, 0x5000);
		fake_u32(fake, at + MKMOD_REST + 12, 0x3000);
	}
}

void mkmodules(struct fakekernel *fake, bool big_endian, enum mkgeneration generation)
{
	static const struct mkname names[] = {{"modules", HEAD}};
	uint64_t last;

	mkkernel(fake, EM_X86_64, big_endian, names, 1, make_types(big_endian, generation));
	last = fake->base + HEAD;
	for (size_t i = MKMOD_NR; i-- > 0;) {
		uint64_t link = mkmodule_at(fake, i) + MKMOD_LIST;

		put_module(fake, generation, i);
		fake_u64(fake, last, link);
		fake_u64(fake, link + 8, last);
		last = link;
	}
	fake_u64(fake, last, fake->base + HEAD);
	fake_u64(fake, fake->base + HEAD + 8, last);
}
