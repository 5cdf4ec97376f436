// SPDX-License-Identifier: GPL-2.0-or-later
/* What the sources say of a kernel, and what that makes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/recover.h"
#include "dump/notes.h"
#include "dump/vmcoreinfo.h"
#include "kernel/find_kernel.h"
#include "kernel/kallsyms.h"
#include "util/bytes.h"
#include "util/checked.h"

#define CMDLINE_LEN 4096U
#define BANNER      "Linux version "

bool found_kernel_read(const struct found_kernel *kernel, uint64_t vaddr, void *buf, size_t len)
{
	for (size_t done = 0; done < len;) {
		struct mapping map;
		size_t part;

		addrspace_translate(&kernel->as, vaddr + done, &map);
		if (map.status != MAP_OK)
			return false;
		part = (size_t)min_u64(map.len - 1, len - done - 1) + 1;
		if (!kernel->as.read(kernel->as.read_arg, map.paddr, (char *)buf + done, part))
			return false;
		done += part;
	}
	return true;
}

/* A value of VMCOREINFO by its whole key. */
static bool info_value(const struct vmcoreinfo *info, const char *key, bool decimal, uint64_t *ret)
{
	char name[64];
	int64_t number;
	int len = 0;

	if (sscanf(key, "NUMBER(%63[^)])%n", name, &len) == 1 && len) {
		if (!vmcoreinfo_number(info, name, &number))
			return false;
		*ret = (uint64_t)number;
		return true;
	}
	if (sscanf(key, "SYMBOL(%63[^)])%n", name, &len) == 1 && len)
		return vmcoreinfo_symbol(info, name, ret);
	return decimal ? vmcoreinfo_dec(info, key, ret) : vmcoreinfo_hex(info, key, ret);
}

static void witness_note(struct found_kernel *kernel)
{
	const struct arch_recover *recover = kernel->arch ? kernel->arch->recover : NULL;
	struct evidence *evidence = &kernel->evidence;
	const char *release = vmcoreinfo_text(kernel->info, "OSRELEASE");
	const char *build_id = vmcoreinfo_text(kernel->info, "BUILD-ID");
	bool by_image = kernel->source == FOUND_INFO_IMAGE;
	uint64_t value;

	if (build_id)
		evidence_say_text(evidence, "build_id", by_image ? "image" : "vmcoreinfo",
				  build_id);
	if (!kernel->vmcoreinfo || by_image) {
		evidence_lose(evidence, "vmcoreinfo", FACT_HEX, "memory",
			      "no VMCOREINFO of this kernel");
		return;
	}
	if (kernel->source == FOUND_INFO_NOTE)
		evidence_say(evidence, "vmcoreinfo", FACT_HEX, "memory", kernel->vmcoreinfo_paddr);
	if (release)
		evidence_say_text(evidence, "release", "vmcoreinfo", release);
	for (size_t i = 0; recover && i < recover->nr_facts; i++) {
		const struct arch_fact *fact = &recover->facts[i];

		if (fact->key && info_value(kernel->info, fact->key, fact->decimal, &value))
			evidence_say(evidence, fact->name, fact->decimal ? FACT_DEC : FACT_HEX,
				     "vmcoreinfo", value);
	}
}

/* The release of the banner, which ends with a space. */
static void witness_banner(struct found_kernel *kernel)
{
	char text[sizeof(BANNER) - 1 + DUMP_UTS_LEN];
	uint64_t vaddr;

	if (!kallsyms_lookup(kernel->kallsyms, "linux_banner", &vaddr) ||
	    !image_read(&kernel->image, vaddr, text, sizeof(text)) ||
	    memcmp(text, BANNER, strlen(BANNER)) != 0) {
		evidence_lose(&kernel->evidence, "release", FACT_TEXT, "banner",
			      "not where its symbol says");
		return;
	}
	text[sizeof(text) - 1] = '\0';
	text[strcspn(text + strlen(BANNER), " ") + strlen(BANNER)] = '\0';
	evidence_say_text(&kernel->evidence, "release", "banner", text + strlen(BANNER));
}

static void witness_image(struct found_kernel *kernel)
{
	struct evidence *evidence = &kernel->evidence;
	char release[DUMP_UTS_LEN];
	uint64_t cpu;

	if (!kernel->kallsyms) {
		evidence_lose(evidence, "image_voffset", FACT_HEX, "symbol table",
			      "no kallsyms of this kernel");
		return;
	}
	evidence_say(evidence, "symbols", FACT_DEC, "symbol table",
		     kernel->kallsyms->nr - kernel->kallsyms->nr_lost);
	if (!kernel->has_image)
		return;
	if (found_kernel_is_placed(kernel))
		evidence_say(evidence, "image_voffset", FACT_HEX, "symbol table",
			     kernel->image.voffset);
	if (image_release(&kernel->image, release))
		evidence_say_text(evidence, "release", "image", release);
	else
		evidence_lose(evidence, "release", FACT_TEXT, "image", "init_uts_ns is damaged");
	witness_banner(kernel);
	if (image_variable(&kernel->image, "panic_cpu", 4, &cpu) && (uint32_t)cpu != UINT32_MAX) {
		evidence_say(evidence, "panic_cpu", FACT_DEC, "image", cpu);
		kernel->crashed = true;
	}
}

/* What an address space says that was learned from one source. */
static void witness_linear(struct found_kernel *kernel, const struct addrspace *as,
			   const char *source)
{
	struct evidence *evidence = &kernel->evidence;
	const struct linear_map *image = addrspace_linear(as, LINEAR_KERNEL_IMAGE);

	if (image)
		evidence_say(evidence, "image_voffset", FACT_HEX, source,
			     image->start - image->paddr);
	if (!as->paging.nr_levels)
		return;
	if (!kernel->stand_in)
		evidence_say(evidence, "page_table_root", FACT_HEX, source, as->paging.root);
	evidence_say(evidence, "paging_levels", FACT_DEC, source, as->paging.nr_levels);
}

static void witness_vmemmap(struct found_kernel *kernel, uint64_t paddr)
{
	struct evidence *evidence = &kernel->evidence;
	uint64_t vmemmap, size;
	struct mapping map;

	found_kernel_sections(kernel);
	if (!evidence_value(evidence, "vmemmap_base", &vmemmap) ||
	    !vmcoreinfo_size(kernel->info, "page", &size))
		return;
	// where the struct page of a page that is RAM would be, something is mapped
	pgtable_walk(&kernel->as, vmemmap + (paddr >> kernel->as.paging.page_shift) * size, &map);
	if (map.status == MAP_OK)
		evidence_say(evidence, "vmemmap_base", FACT_HEX, "page tables", vmemmap);
	else if (map.status == MAP_UNMAPPED)
		evidence_lose(evidence, "vmemmap_base", FACT_HEX, "page tables",
			      "nothing is mapped there");
}

static bool has_fact(const struct arch_recover *recover, const char *name)
{
	for (size_t i = 0; recover && i < recover->nr_facts; i++) {
		if (!strcmp(recover->facts[i].name, name))
			return true;
	}
	return false;
}

/* What the page tables say themselves. */
static void witness_page_tables(struct found_kernel *kernel)
{
	const struct arch_recover *recover = kernel->arch->recover;
	struct evidence *evidence = &kernel->evidence;
	const struct addrspace *as = &kernel->as;
	uint64_t stext, root;
	struct mapping map;

	if (!as->paging.nr_levels) {
		evidence_lose(evidence, "page_table_root", FACT_HEX, "page tables",
			      "the root table does not map itself");
		return;
	}
	if (vmcoreinfo_symbol(kernel->info, "swapper_pg_dir", &root)) {
		pgtable_walk(as, root, &map);
		if (map.status == MAP_OK) {
			evidence_say(evidence, "page_table_root", FACT_HEX, "page tables",
				     map.paddr);
			evidence_say(evidence, "paging_levels", FACT_DEC, "page tables",
				     as->paging.nr_levels);
		}
	}
	if (recover && recover->walk)
		recover->walk(as, found_kernel_say, kernel);
	if (!vmcoreinfo_symbol(kernel->info, "_stext", &stext))
		return;
	pgtable_walk(as, stext, &map);
	if (map.status != MAP_OK) {
		evidence_lose(evidence, "image_voffset", FACT_HEX, "page tables",
			      "_stext is not mapped");
		return;
	}
	evidence_say(evidence, "image_voffset", FACT_HEX, "page tables", stext - map.paddr);
	if (has_fact(recover, "vmemmap_base"))
		witness_vmemmap(kernel, map.paddr);
}

/* CPUs whose notes say that they are in this image. */
static void count_cpus(struct found_kernel *kernel)
{
	const struct dump_facts *facts = &kernel->facts;
	struct bytes cursor = bytes_make(facts->notes, facts->notes_len, facts->big_endian,
					 facts->word);
	const struct prstatus_layout *layout = kernel->arch ? &kernel->arch->prstatus : NULL;
	uint64_t start, end;
	struct note note;

	if (!layout || !layout->size || !kernel->kallsyms ||
	    !kallsyms_lookup(kernel->kallsyms, "_stext", &start) ||
	    !kallsyms_lookup(kernel->kallsyms, "_end", &end))
		return;
	while (note_next(&cursor, &note)) {
		uint64_t ip;

		if (!note_is(&note, "CORE", 1) || note.desc.len < layout->size)
			continue;
		bytes_seek(&note.desc, (uint64_t)layout->reg + layout->ip);
		ip = bytes_word(&note.desc);
		kernel->cpus += ip >= start && ip < end;
	}
}

void found_kernel_witness(struct found_kernel *kernel, const struct addrspace *by_image)
{
	const struct fact *release;
	const struct witness *said;

	witness_note(kernel);
	witness_image(kernel);
	if (kernel->source == FOUND_INFO_NOTE || kernel->source == FOUND_INFO_FILE)
		witness_linear(kernel, &kernel->as, "vmcoreinfo");
	if (by_image)
		witness_linear(kernel, by_image, "image");
	if (kernel->translates)
		witness_page_tables(kernel);
	count_cpus(kernel);
	release = evidence_find(&kernel->evidence, "release");
	if (release && fact_judge(release, &said) != FACT_UNKNOWN)
		snprintf(kernel->release, sizeof(kernel->release), "%.*s", DUMP_UTS_LEN - 1,
			 said->text);
}

/* The option by which kexec tells the crash kernel where the memory of the other one is. */
static bool is_capture(const struct found_kernel *kernel)
{
	bool big_endian = kernel->facts.big_endian;
	char text[CMDLINE_LEN + 1] = "";
	uint64_t vaddr;
	uint8_t raw[8];

	if (!kernel->kallsyms || !kallsyms_lookup(kernel->kallsyms, "saved_command_line", &vaddr) ||
	    !found_kernel_read(kernel, vaddr, raw, kernel->facts.word))
		return false;
	vaddr = kernel->facts.word == 8 ? load_u64(raw, big_endian) : load_u32(raw, big_endian);
	for (size_t done = 0, part; done < CMDLINE_LEN; done += part) {
		part = min_u64(64 - (vaddr + done) % 64, CMDLINE_LEN - done);
		if (!found_kernel_read(kernel, vaddr + done, text + done, part) ||
		    memchr(text + done, 0, part))
			break;
	}
	return strstr(text, "elfcorehdr=");
}

void found_kernel_judge(struct found_kernel *kernel)
{
	if (!kernel->translates)
		kernel->role = FOUND_REMAINS;
	else if (is_capture(kernel))
		kernel->role = FOUND_CAPTURE;
	else
		kernel->role = kernel->crashed ? FOUND_CRASHED : FOUND_RUNNING;
}
