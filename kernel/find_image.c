// SPDX-License-Identifier: GPL-2.0-or-later
/* What the image of a kernel says by itself: VMCOREINFO made from it, and an address space. */
#include "kernel/find_kernel.h"

#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/recover.h"
#include "dump/vmcoreinfo.h"
#include "kernel/btf.h"
#include "kernel/kallsyms.h"
#include "kernel/synth.h"

#define MAX_ROOTS 64

/* BTF as the symbols have it (Linux commits 341dfcf8d78e, in 5.2, and 90ceddcb4950, in 5.7). */
static void load_btf(struct found_kernel *kernel)
{
	static const char *const names[][2] = {
		{"__start_BTF", "__stop_BTF"},
		{"_binary__btf_vmlinux_bin_start", "_binary__btf_vmlinux_bin_end"},
	};
	const struct kallsyms *ks = kernel->kallsyms;
	uint64_t start, stop;

	for (size_t i = 0; !kernel->btf && i < sizeof(names) / sizeof(names[0]); i++) {
		if (kallsyms_lookup(ks, names[i][0], &start) &&
		    kallsyms_lookup(ks, names[i][1], &stop) && stop > start)
			error_ignore(btf_create(find_memory_read, kernel->memory,
						start - kernel->image.voffset, stop - start,
						kernel->facts.word, NULL, &kernel->btf));
	}
}

/* VMCOREINFO from the image; full or only what makes out the address space. */
static struct error *synthesise(struct found_kernel *kernel, const struct arch_guess *guess,
				bool full, struct vmcoreinfo **info, char **text, size_t *len)
{
	struct synth_input in = {
		.image = &kernel->image,
		.recover = kernel->arch->recover,
		.evidence = &kernel->evidence,
		.guess = guess,
	};
	uint64_t page_size = 1ULL << kernel->arch->default_page_shift;
	struct error *err;

	if (kernel->arch->default_page_shift ||
	    evidence_value(&kernel->evidence, "page_size", &page_size))
		in.page_size = (uint32_t)page_size;
	if (full) {
		load_btf(kernel);
		in.btf = kernel->btf;
	}
	if ((err = synth_vmcoreinfo(&in, text, len)))
		return err;
	return vmcoreinfo_create(*text, *len, info);
}

/* Whether the direct map that was learned is that of the page tables, by a pointer into it. */
static bool direct_map_agrees(const struct found_kernel *kernel, const struct addrspace *as)
{
	static const char *const pointers[] = {"saved_command_line", "mem_section"};
	const struct linear_map *direct = addrspace_linear(as, LINEAR_DIRECT_MAP);
	struct mapping map;
	uint64_t vaddr;

	for (size_t i = 0; direct && i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		if (!image_variable(&kernel->image, pointers[i], kernel->facts.word, &vaddr))
			continue;
		pgtable_walk(as, vaddr, &map);
		if (map.status == MAP_OK)
			return vaddr >= direct->start && vaddr <= direct->last &&
			       vaddr - direct->start + direct->paddr == map.paddr;
	}
	return false;
}

/* Tries what only trying tells. */
static struct error *guess(struct found_kernel *kernel)
{
	const struct arch_recover *recover = kernel->arch->recover;

	for (unsigned int i = 0; i < recover->nr_guesses; i++) {
		_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
		_cleanup_free_ char *text = NULL;
		struct addrspace as;
		struct error *err;
		size_t len;

		if ((err = synthesise(kernel, &recover->guesses[i], false, &info, &text, &len)))
			return err;
		err = found_kernel_learn(kernel, info, 0, &as);
		if (err == &error_nomem)
			return err;
		if (error_ignore(err) || !direct_map_agrees(kernel, &as))
			continue;
		for (unsigned int k = 0; k < recover->nr_guessed; k++)
			found_kernel_say(kernel, recover->guessed[k], "page tables",
					 recover->guesses[i].values[k]);
		break;
	}
	return NULL;
}

struct error *found_kernel_synthesise(struct found_kernel *kernel)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	_cleanup_free_ char *text = NULL;
	struct error *err;
	size_t len;

	if ((err = synthesise(kernel, NULL, true, &info, &text, &len)))
		return err;
	return found_kernel_set_info(kernel, text, len, FOUND_INFO_IMAGE);
}

struct error *found_kernel_by_image(struct found_kernel *kernel, struct addrspace *as)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	_cleanup_free_ char *text = NULL;
	bool only = !kernel->vmcoreinfo;
	struct error *err;
	size_t len;

	if ((err = guess(kernel)) || (err = synthesise(kernel, NULL, only, &info, &text, &len)))
		return err;
	err = found_kernel_learn(kernel, info, 0, as);
	if (err == &error_nomem)
		return err;
	if (!only) {
		error_destroy(err);
		return NULL;
	}
	if (!err && kernel->misplaced) {
		err = error_create(ERROR_NOT_FOUND,
				   "the image at 0x%llx says itself that it is elsewhere: a copy",
				   (unsigned long long)kernel->kallsyms->tables.names);
		if (err == &error_nomem)
			return err;
	}
	error_destroy(kernel->reason);
	kernel->reason = err;
	kernel->translates = !err;
	kernel->as = *as;
	return found_kernel_set_info(kernel, text, len, FOUND_INFO_IMAGE);
}

struct error *found_kernel_stand_in(struct found_kernel *kernel)
{
	uint64_t roots[MAX_ROOTS], stext;
	struct addrspace as;
	struct mapping map;
	struct error *err;
	size_t nr;

	if (!vmcoreinfo_symbol(kernel->info, "_stext", &stext))
		return NULL;
	if ((err = found_kernel_roots(kernel, roots, MAX_ROOTS, &nr)))
		return err;
	for (size_t i = 0; i < nr; i++) {
		const struct linear_map *image;

		err = found_kernel_learn(kernel, kernel->info, roots[i], &as);
		if (err == &error_nomem)
			return err;
		if (error_ignore(err))
			continue;
		image = addrspace_linear(&as, LINEAR_KERNEL_IMAGE);
		pgtable_walk(&as, stext, &map);
		// the page may only look like one, or be of the user's half (PTI)
		if (map.status != MAP_OK || !image || !addrspace_linear(&as, LINEAR_DIRECT_MAP) ||
		    stext - map.paddr != image->start - image->paddr)
			continue;
		evidence_lose(&kernel->evidence, "page_table_root", FACT_HEX, "page tables",
			      "the root table is damaged, another one stands in for it");
		error_destroy(kernel->reason);
		kernel->reason = NULL;
		kernel->translates = true;
		kernel->stand_in = true;
		kernel->as = as;
		return NULL;
	}
	return NULL;
}
