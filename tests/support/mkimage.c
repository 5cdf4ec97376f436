// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkimage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/mkbtf.h"
#include "tests/support/test.h"
#include "util/bytes.h"

#define NR_FILLER 700U

static const struct {
	const char *name;
	uint64_t off;
	char type;
} named[] = {
	{"_text", 0, 'T'},
	{"_stext", 0, 'T'},
	{"kaslr_get_random_long", 0x90000, 'T'},
	{"__start_rodata", 0x100000, 'D'},
	{"linux_proc_banner", 0x100040, 'D'},
	{"linux_banner", MKIMAGE_BANNER, 'D'},
	{"kallsyms_names", 0x100200, 'D'},
	{"kallsyms_token_index", 0x100201, 'D'},
	{"__start_BTF", MKIMAGE_BTF, 'R'},
	{"__stop_BTF", 0, 'R'}, /* filled in */
	{"__start_notes", MKIMAGE_NOTES, 'R'},
	{"__stop_notes", MKIMAGE_NOTES + 24, 'R'},
	{"__end_rodata", 0x140000, 'D'},
	{"init_task", MKIMAGE_INIT_TASK, 'D'},
	{"init_cred", 0x201000, 'D'},
	{"init_nsproxy", 0x201100, 'D'},
	{"init_signals", 0x201200, 'D'},
	{"init_sighand", 0x201300, 'D'},
	{"init_files", 0x201400, 'D'},
	{"init_fs", 0x201500, 'D'},
	{"init_mm", 0x201600, 'D'},
	{"init_user_ns", 0x201700, 'D'},
	{"phys_base", MKIMAGE_VARIABLES, 'D'},
	{"page_offset_base", MKIMAGE_VARIABLES + 8, 'D'},
	{"vmalloc_base", MKIMAGE_VARIABLES + 16, 'D'},
	{"vmemmap_base", MKIMAGE_VARIABLES + 24, 'D'},
	{"__pgtable_l5_enabled", MKIMAGE_VARIABLES + 32, 'D'},
	{"sme_me_mask", MKIMAGE_VARIABLES + 40, 'D'},
	{"saved_command_line", MKIMAGE_VARIABLES + 48, 'D'},
	{"mem_section", MKIMAGE_VARIABLES + 56, 'D'},
	{"panic_cpu", MKIMAGE_VARIABLES + 64, 'D'},
	{"node_states", MKIMAGE_VARIABLES + 128, 'D'},
	{"init_uts_ns", MKIMAGE_UTS, 'D'},
	{"init_top_pgt", MKIMAGE_ROOT, 'D'},
	{"level3_kernel_pgt", MKIMAGE_ROOT + 0x1000, 'D'},
	{"boot_params", MKIMAGE_BOOT_PARAMS, 'B'},
	{"nr_pfn_mapped", MKIMAGE_BOOT_PARAMS + 0x1000, 'B'},
	{"pfn_mapped", MKIMAGE_BOOT_PARAMS + 0x1040, 'B'},
	{"_end", MKIMAGE_END, 'B'},
};
#define NR_NAMED (sizeof(named) / sizeof(named[0]))

/* Bytes before the image for what lives elsewhere. */
#define OUTSIDE 0x100000ULL

void mkimage_put(struct mem *mem, uint64_t paddr, const void *data, size_t len)
{
	for (size_t done = 0, part; done < len; done += part) {
		part = MEM_PAGE - (paddr + done) % MEM_PAGE;
		part = part < len - done ? part : len - done;
		memcpy(mem_at(mem, paddr + done), (const char *)data + done, part);
	}
}

void mkimage_wipe(struct mem *mem, uint64_t paddr)
{
	memset(mem_at(mem, paddr & ~(uint64_t)(MEM_PAGE - 1)), 0, MEM_PAGE);
}

static int by_address(const void *a, const void *b)
{
	const struct mksymbol *left = a, *right = b;

	return left->addr < right->addr ? -1 : left->addr > right->addr;
}

static struct mkbtf *make_types(void)
{
	struct mkbtf *mk = mkbtf_create(false);
	uint32_t word, area, kind, text, types;

	word = mkbtf_int(mk, "unsigned long", 8, 64);
	text = mkbtf_array(mk, word, 6);
	mkbtf_type(mk, BTF_STRUCT, "page", 64);
	mkbtf_member(mk, "flags", word, 0);
	mkbtf_type(mk, BTF_STRUCT, "mem_section", 32);
	mkbtf_member(mk, "section_mem_map", word, 0);
	kind = mkbtf_array(mk, word, 5);
	area = mkbtf_type(mk, BTF_STRUCT, "free_area", 88);
	mkbtf_member(mk, "free_list", kind, 0);
	types = mkbtf_array(mk, area, 11);
	mkbtf_type(mk, BTF_STRUCT, "zone", 1472);
	mkbtf_member(mk, "free_area", types, 1536);
	mkbtf_type(mk, BTF_STRUCT, "nodemask", 128);
	mkbtf_type(mk, BTF_TYPEDEF, "nodemask_t", mk->nr);
	mkbtf_type(mk, BTF_STRUCT, "uts_namespace", 400);
	mkbtf_member(mk, "name", text, 0);
	mkbtf_type(mk, BTF_ENUM, "pageflags", 4);
	mkbtf_enumerator(mk, "PG_lru", 4);
	mkbtf_enumerator(mk, "PG_head", 16);
	mkbtf_type(mk, BTF_ENUM, "pagetype", 4);
	mkbtf_enumerator(mk, "PGTY_buddy", 0xf0);
	mkbtf_enumerator(mk, "PGTY_slab", 0xf5);
	mkbtf_finish(mk, 0);
	return mk;
}

/* Symbols of the image at virt, ascending. */
static struct mksymbol *make_symbols(const struct mkimage *image, const struct mklayout *layout,
				     size_t types_len, size_t *nr)
{
	struct mksymbol *symbols = calloc(NR_FILLER + NR_NAMED + 2, sizeof(*symbols));

	assert_non_null(symbols);
	*nr = 0;
	if (layout->kind == KALLSYMS_PERCPU) {
		symbols[*nr] = (struct mksymbol){.addr = 0, .type = 'A'};
		snprintf(symbols[(*nr)++].name, sizeof(symbols[0].name), "__per_cpu_start");
	}
	for (size_t i = 0; i < NR_NAMED; i++) {
		uint64_t off = strcmp(named[i].name, "__stop_BTF") != 0 ? named[i].off
									: MKIMAGE_BTF + types_len;

		// from 6.12 on the tables have symbols themselves
		if (!strncmp(named[i].name, "kallsyms_", 9) && !layout->packed)
			continue;
		symbols[*nr] = (struct mksymbol){.addr = image->virt + off, .type = named[i].type};
		snprintf(symbols[(*nr)++].name, sizeof(symbols[0].name), "%s", named[i].name);
	}
	for (size_t i = 0; i < NR_FILLER; i++) {
		symbols[*nr] = (struct mksymbol){.addr = image->virt + 64 + 64 * i, .type = 't'};
		snprintf(symbols[(*nr)++].name, sizeof(symbols[0].name), "sym_%zu%.*s", i,
			 (int)(i * 40503 >> 5 & 15), "_of_this_and_of_that");
	}
	qsort(symbols, *nr, sizeof(*symbols), by_address);
	return symbols;
}

static void put_symbols(struct mkimage *image, struct mem *mem, const struct mklayout *layout,
			size_t types_len)
{
	size_t nr;
	struct mksymbol *symbols = make_symbols(image, layout, types_len, &nr);
	struct mkkallsyms mk;

	mkkallsyms(&mk, layout, symbols, nr, mkimage_at(image, MKIMAGE_KALLSYMS), image->voffset);
	image->tables = mk.tables;
	image->digits = mk.digits;
	mkimage_put(mem, mk.addr, mk.data, mk.len);
	mkkallsyms_deinit(&mk);
	free(symbols);
}

static void pointer(struct mkimage *image, struct mem *mem, uint64_t from, uint64_t to)
{
	mem_write_u64(mem, mkimage_at(image, from), image->virt + to);
}

static void put_objects(struct mkimage *image, struct mem *mem)
{
	static const char note[24] = "\x04\0\0\0\x08\0\0\0\x03\0\0\0GNU\0"
				     "\x01\x23\x45\x67\x89\xab\xcd\xef";
	uint64_t uts = mkimage_at(image, MKIMAGE_UTS);

	mkimage_put(mem, mkimage_at(image, 0x100040), "%s version %s (builder)", 23);
	mkimage_put(mem, mkimage_at(image, MKIMAGE_BANNER),
		    "Linux version " MKIMAGE_RELEASE " (builder)\n", 35);
	mkimage_put(mem, mkimage_at(image, MKIMAGE_NOTES), note, sizeof(note));
	mkimage_put(mem, uts, "Linux", 6);
	mkimage_put(mem, uts + 65, "host", 5);
	mkimage_put(mem, uts + 130, MKIMAGE_RELEASE, sizeof(MKIMAGE_RELEASE));
	// the other pages of the image exist too
	for (uint64_t off = 0; off < MKIMAGE_END; off += MEM_PAGE)
		*mem_at(mem, mkimage_at(image, off) + 4095) = 0x90;
	pointer(image, mem, MKIMAGE_INIT_TASK + 0x100, MKIMAGE_INIT_TASK);
	pointer(image, mem, MKIMAGE_INIT_TASK + 0x108, 0x201000);
	pointer(image, mem, MKIMAGE_INIT_TASK + 0x110, 0x201100);
	pointer(image, mem, MKIMAGE_INIT_TASK + 0x118, 0x201200);
	pointer(image, mem, MKIMAGE_INIT_TASK + 0x120, 0x201400);
	pointer(image, mem, 0x201100 + 8, MKIMAGE_UTS);
	pointer(image, mem, 0x201000 + 0x20, 0x201700);
}

static void put_variables(struct mkimage *image, struct mem *mem, bool never_ran,
			  const char *cmdline)
{
	uint64_t at = mkimage_at(image, MKIMAGE_VARIABLES), out = image->phys - OUTSIDE;
	uint64_t phys_base = 0xffffffff80000000 - image->voffset;

	mem_write_u64(mem, at, never_ran ? 0 : phys_base);
	mem_write_u64(mem, at + 8, MKIMAGE_PAGE_OFFSET);
	mem_write_u64(mem, at + 16, MKIMAGE_VMALLOC);
	mem_write_u64(mem, at + 24, MKIMAGE_VMEMMAP);
	mem_write_u64(mem, at + 48, MKIMAGE_PAGE_OFFSET + out);
	mem_write_u64(mem, at + 56, MKIMAGE_PAGE_OFFSET + out + 0x1000);
	mem_write_u32(mem, at + 64, UINT32_MAX);
	mkimage_put(mem, out, cmdline, strlen(cmdline) + 1);
	// the second root has sections, of which the third is present
	mem_write_u64(mem, out + 0x1008, MKIMAGE_PAGE_OFFSET + out + 0x2000);
	mem_write_u64(mem, out + 0x2000 + 64, MKIMAGE_VMEMMAP | 0x1f);
	mem_write_u64(mem, mkimage_at(image, MKIMAGE_BOOT_PARAMS) + 0x258, MKIMAGE_LINK);
	mem_write_u32(mem, mkimage_at(image, MKIMAGE_BOOT_PARAMS) + 0x1000, 1);
	mem_write_u64(mem, mkimage_at(image, MKIMAGE_BOOT_PARAMS) + 0x1048,
		      mem->reader.facts.max_paddr >> 12);
}

static void put_tables(struct mkimage *image, struct mem *mem)
{
	mem->root = mkimage_at(image, MKIMAGE_ROOT);
	mem->nr_levels = 4;
	memset(mem_at(mem, mem->root), 0, MEM_PAGE);
	// the first table below the root becomes level3_kernel_pgt
	mem->next_table = mem->root + 0x1000;
	for (uint64_t off = 0; off < 16; off++)
		memset(mem_at(mem, mem->root + 0x1000 * off), 0, MEM_PAGE);
	for (uint64_t off = 0; off < MKIMAGE_END; off += 2 << 20)
		mem_map(mem, image->virt + off, image->phys + off, 1, 0);
	mem_map(mem, MKIMAGE_PAGE_OFFSET, 0, 2, MEM_PTE_RW | MEM_PTE_NX);
	mem_map(mem, MKIMAGE_VMALLOC, image->phys - 0x2000, 0, MEM_PTE_RW);
	mem_map(mem, (MKIMAGE_VMEMMAP + (image->phys >> 12) * 64) & ~0x1fffffULL,
		image->phys - 0x200000, 1, MEM_PTE_RW);
}

static void put_note(struct mkimage *image, struct mem *mem, uint64_t page, bool crashed)
{
	uint8_t hdr[24] = {11};
	int len = snprintf(
		image->info, sizeof(image->info),
		"OSRELEASE=" MKIMAGE_RELEASE "\nBUILD-ID=" MKIMAGE_BUILD_ID
		"\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=%llx\nOFFSET(uts_namespace.name)=0\n"
		"SYMBOL(swapper_pg_dir)=%llx\nSYMBOL(_stext)=%llx\nSYMBOL(mem_section)=%llx\n"
		"LENGTH(mem_section)=4096\nSIZE(mem_section)=32\n"
		"OFFSET(mem_section.section_mem_map)=0\nSIZE(page)=64\n"
		"NUMBER(phys_base)=%lld\nSYMBOL(init_top_pgt)=%llx\n"
		"NUMBER(pgtable_l5_enabled)=0\nKERNELOFFSET=%llx\nNUMBER(sme_mask)=0\n%s",
		(unsigned long long)image->virt + MKIMAGE_UTS,
		(unsigned long long)image->virt + MKIMAGE_ROOT, (unsigned long long)image->virt,
		MKIMAGE_PAGE_OFFSET + image->phys - OUTSIDE + 0x1000,
		(long long)(0xffffffff80000000 - image->voffset),
		(unsigned long long)image->virt + MKIMAGE_ROOT,
		(unsigned long long)(image->virt - 0xffffffff80000000 - MKIMAGE_LINK),
		crashed ? "CRASHTIME=1700000000\n" : "");

	image->info_len = (uint64_t)len;
	if (!page)
		return;
	store_u32(hdr + 4, (uint32_t)len, false);
	memcpy(hdr + 12, "VMCOREINFO", sizeof("VMCOREINFO"));
	mkimage_put(mem, page, hdr, sizeof(hdr));
	mkimage_put(mem, page + sizeof(hdr), image->info, (size_t)len);
}

void mkimage(struct mkimage *image, struct mem *mem, const struct mkimage_options *options)
{
	const struct mklayout *layout = options->layout ? options->layout : &mklayouts[4];
	struct mkbtf *types = make_types();

	*image = (struct mkimage){.phys = options->phys ? options->phys : 0x6000000,
				  .virt = options->virt ? options->virt : 0xffffffff8a000000};
	image->voffset = image->virt - image->phys;
	put_objects(image, mem);
	mkimage_put(mem, mkimage_at(image, MKIMAGE_BTF), types->blob, types->blob_len);
	put_symbols(image, mem, layout, types->blob_len);
	mkbtf_destroy(types);
	put_variables(image, mem, options->never_ran,
		      options->cmdline ? options->cmdline : "quiet");
	if (!options->never_ran)
		put_tables(image, mem);
	put_note(image, mem, options->note, options->crashed);
}
