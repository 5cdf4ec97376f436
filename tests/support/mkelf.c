// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkelf.h"

#include <elf.h>
#include <stdlib.h>

#include "util/bytes.h"
#include "util/checked.h"

#define PAGE 4096

/* Appends fields one after the other. */
struct out {
	struct mkfile *file;
	size_t pos;
	bool big_endian;
	uint8_t word;
};

static void put(struct out *o, uint64_t v, size_t len)
{
	uint8_t buf[8];

	if (len == 2)
		store_u16(buf, (uint16_t)v, o->big_endian);
	else if (len == 4)
		store_u32(buf, (uint32_t)v, o->big_endian);
	else
		store_u64(buf, v, o->big_endian);
	mkfile_put(o->file, o->pos, buf, len);
	o->pos += len;
}

static bool wide(const struct mkelf *elf)
{
	return elf->word != 4;
}

static size_t phdr_size(const struct mkelf *elf)
{
	return wide(elf) ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

static size_t ehdr_size(const struct mkelf *elf)
{
	return wide(elf) ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

static size_t phdr_off(const struct mkelf *elf)
{
	return elf->phoff ? elf->phoff : ehdr_size(elf);
}

size_t mkelf_phdr(const struct mkelf *elf, size_t n, size_t field_off)
{
	return phdr_off(elf) + n * phdr_size(elf) + field_off;
}

static void put_header(const struct mkelf *elf, struct out *o, size_t phnum, size_t shoff)
{
	uint8_t ident[EI_NIDENT] = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3};

	ident[EI_CLASS] = wide(elf) ? ELFCLASS64 : ELFCLASS32;
	ident[EI_DATA] = elf->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
	ident[EI_VERSION] = EV_CURRENT;
	mkfile_put(o->file, 0, ident, sizeof(ident));
	o->pos = EI_NIDENT;
	put(o, elf->type ? elf->type : ET_CORE, 2);
	put(o, elf->machine ? elf->machine : EM_X86_64, 2);
	put(o, EV_CURRENT, 4);
	put(o, 0, o->word);
	put(o, phdr_off(elf), o->word);
	put(o, elf->xnum ? shoff : 0, o->word);
	put(o, elf->flags, 4);
	put(o, elf->ehsize ? elf->ehsize : ehdr_size(elf), 2);
	put(o, phdr_size(elf), 2);
	put(o, elf->xnum ? PN_XNUM : phnum, 2);
	put(o, wide(elf) ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr), 2);
	put(o, elf->xnum, 2);
	put(o, 0, 2);
	if (!elf->xnum)
		return;
	// section 0: all zero but for sh_info
	o->pos = shoff +
		 (wide(elf) ? offsetof(Elf64_Shdr, sh_info) : offsetof(Elf32_Shdr, sh_info));
	put(o, phnum, 4);
	put(o, 0, o->word);
	put(o, 0, o->word);
}

static void put_phdr(struct out *o, const struct mkelf_segment *s, uint64_t off)
{
	put(o, s->type ? s->type : PT_LOAD, 4);
	if (o->word == 8)
		put(o, 0, 4);
	put(o, off, o->word);
	put(o, s->vaddr, o->word);
	put(o, s->paddr, o->word);
	put(o, s->filesz, o->word);
	put(o, s->memsz, o->word);
	if (o->word == 4)
		put(o, 0, 4);
	put(o, 0, o->word);
}

static void put_data(struct mkfile *file, const struct mkelf_segment *s, uint64_t off)
{
	uint8_t *buf = malloc(s->filesz + 1);

	if (!buf)
		abort();
	mkfile_memory(buf, s->paddr, s->filesz);
	mkfile_put(file, off, buf, s->filesz);
	free(buf);
}

void mkelf(const struct mkelf *elf, struct mkfile *ret)
{
	size_t phnum = elf->nr_segments + (elf->notes != NULL);
	size_t shoff = phdr_off(elf) + phnum * phdr_size(elf);
	struct out o = {.file = ret, .big_endian = elf->big_endian, .word = wide(elf) ? 8 : 4};

	put_header(elf, &o, phnum, shoff);
	o.pos = phdr_off(elf);
	mkfile_resize(ret, max_u64(ret->len, shoff));
	if (elf->notes) {
		struct mkelf_segment s = {.type = PT_NOTE, .filesz = elf->notes_len};
		size_t off = ret->len;

		mkfile_put(ret, off, elf->notes, elf->notes_len);
		put_phdr(&o, &s, off);
	}
	for (size_t i = 0; i < elf->nr_segments; i++) {
		const struct mkelf_segment *s = &elf->segments[i];
		uint64_t off = s->off || !s->filesz ? s->off : align_up(ret->len, PAGE);

		put_phdr(&o, s, off);
		if (!s->no_data)
			put_data(ret, s, off);
	}
}
