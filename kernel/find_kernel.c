// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/find_kernel.h"

#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/recover.h"
#include "dump/reader.h"
#include "dump/vmcoreinfo.h"
#include "kernel/btf.h"
#include "kernel/kallsyms.h"
#include "kernel/synth.h"
#include "util/sys.h"

/* Images are smaller than this, and are looked at in parts. */
#define IMAGE_MAX  (256ULL << 20)
#define IMAGE_PART (32ULL << 20)

static bool read_phys(void *arg, uint64_t paddr, void *buf, size_t len)
{
	struct found_kernel *kernel = arg;

	return find_memory_read_placed(kernel->memory, &kernel->placement, paddr, buf, len);
}

struct error *found_kernel_create(struct find_memory *memory, const struct find_options *options,
				  struct found_kernel **ret)
{
	_cleanup_found_kernel_ struct found_kernel *kernel = sys_calloc(1, sizeof(*kernel));
	struct error *err;

	if (!kernel)
		return &error_nomem;
	kernel->memory = memory;
	kernel->facts = memory->reader->facts;
	if (options->blind) {
		kernel->facts.vmcoreinfo = NULL;
		kernel->facts.vmcoreinfo_len = 0;
	}
	kernel->arch = arch_find(kernel->facts.machine, kernel->facts.word);
	if ((err = vmcoreinfo_create(NULL, 0, &kernel->info)))
		return err;
	*ret = TAKE_PTR(kernel);
	return NULL;
}

void found_kernel_destroy(struct found_kernel *kernel)
{
	if (!kernel)
		return;
	free(kernel->vmcoreinfo);
	vmcoreinfo_destroy(kernel->info);
	kallsyms_destroy(kernel->kallsyms);
	btf_destroy(kernel->btf);
	error_destroy(kernel->reason);
	free(kernel);
}

struct error *found_kernel_load(struct found_kernel *kernel, const struct kallsyms_tables *tables,
				bool unplaced)
{
	struct kallsyms_tables copy = *tables;
	struct error *err;

	copy.word = kernel->facts.word;
	err = kallsyms_create(&copy, find_memory_read, kernel->memory, &kernel->kallsyms);
	if (err)
		return err;
	kernel->has_image = image_locate(kernel->kallsyms, find_memory_read, kernel->memory,
					 &kernel->image);
	if (kernel->has_image)
		found_kernel_place(kernel, unplaced);
	return NULL;
}

static bool read_virtual(void *arg, uint64_t vaddr, void *buf, size_t len)
{
	return found_kernel_read(arg, vaddr, buf, len);
}

/* Learning an address space from one VMCOREINFO, and symbols besides. */
struct lesson {
	const struct found_kernel *kernel;
	const struct vmcoreinfo *info;
};

static bool lesson_symbol(void *arg, const char *name, uint64_t *ret)
{
	const struct lesson *lesson = arg;

	return vmcoreinfo_symbol(lesson->info, name, ret) ||
	       (lesson->kernel->kallsyms && kallsyms_lookup(lesson->kernel->kallsyms, name, ret));
}

static bool lesson_read(void *arg, uint64_t paddr, void *buf, size_t len)
{
	const struct lesson *lesson = arg;

	return read_phys((void *)lesson->kernel, paddr, buf, len);
}

struct error *found_kernel_learn(struct found_kernel *kernel, const struct vmcoreinfo *info,
				 uint64_t root, struct addrspace *as)
{
	struct lesson lesson = {.kernel = kernel, .info = info};
	const struct arch_env env = {
		.facts = &kernel->facts,
		.vmcoreinfo = info,
		.symbol = lesson_symbol,
		.read = lesson_read,
		.arg = &lesson,
		.root = root,
	};

	*as = (struct addrspace){
		.arch = kernel->arch,
		.big_endian = kernel->facts.big_endian,
		.read = read_phys,
		.read_arg = kernel,
	};
	if (!kernel->arch || !kernel->arch->learn)
		return error_create(ERROR_UNSUPPORTED,
				    "translation of addresses is not known for machine %u",
				    kernel->facts.machine);
	return kernel->arch->learn(as, &env);
}

/* Whether a note and the symbols are of one kernel, which has to be loaded at the same address. */
static bool same_symbols(const struct found_kernel *kernel, const struct vmcoreinfo *info)
{
	static const char *const names[] = {"_stext", "init_uts_ns", "swapper_pg_dir"};
	uint64_t by_note, by_table;
	bool any = false;

	for (size_t i = 0; kernel->kallsyms && i < sizeof(names) / sizeof(names[0]); i++) {
		if (!vmcoreinfo_symbol(info, names[i], &by_note) ||
		    !kallsyms_lookup(kernel->kallsyms, names[i], &by_table))
			continue;
		if (by_note != by_table)
			return false;
		any = true;
	}
	return any || !kernel->kallsyms;
}

/* Whether an address space learned from a note leads to the kernel: to its image where that is
 * known, else to a release that is the note's. */
static bool leads_there(const struct found_kernel *kernel, const struct vmcoreinfo *info,
			const struct addrspace *as)
{
	const char *release = vmcoreinfo_text(info, "OSRELEASE");
	uint64_t stext, uts, name = 0;
	char text[2 * DUMP_UTS_LEN + DUMP_UTS_LEN];
	struct found_kernel view = *kernel;
	struct mapping map;

	if (!vmcoreinfo_symbol(info, "_stext", &stext) ||
	    !vmcoreinfo_symbol(info, "init_uts_ns", &uts) || !release)
		return false;
	if (kernel->has_image && found_kernel_is_placed(kernel)) {
		addrspace_translate(as, stext, &map);
		return map.status == MAP_OK && map.paddr == stext - kernel->image.voffset;
	}
	// the reference count stood before the names until Linux commit 9a56493f6942 (5.11)
	if (!vmcoreinfo_offset(info, "uts_namespace.name", &name))
		name = 4;
	view.as = *as;
	if (!found_kernel_read(&view, uts + name, text, sizeof(text)))
		return false;
	text[sizeof(text) - 1] = '\0';
	return !memcmp(text, "Linux", 6) && !strcmp(text + 2 * (size_t)DUMP_UTS_LEN, release);
}

struct error *found_kernel_set_info(struct found_kernel *kernel, const char *text, size_t len,
				    enum found_source source)
{
	struct vmcoreinfo *info;
	char *copy = sys_malloc(len + 1);
	struct error *err;

	if (!copy)
		return &error_nomem;
	if ((err = vmcoreinfo_create(text, len, &info))) {
		free(copy);
		return err;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	free(kernel->vmcoreinfo);
	vmcoreinfo_destroy(kernel->info);
	kernel->vmcoreinfo = copy;
	kernel->vmcoreinfo_len = len;
	kernel->info = info;
	kernel->source = source;
	return NULL;
}

struct error *found_kernel_attach(struct found_kernel *kernel, const char *text, size_t len,
				  enum found_source source, uint64_t paddr, bool *ret)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	struct addrspace as;
	uint64_t time;
	struct error *err;

	*ret = false;
	if ((err = vmcoreinfo_create(text, len, &info)))
		return err;
	if (!same_symbols(kernel, info))
		return NULL;
	err = found_kernel_learn(kernel, info, 0, &as);
	if (err == &error_nomem)
		return err;
	if (!leads_there(kernel, info, &as)) {
		error_destroy(err);
		return NULL;
	}
	error_destroy(kernel->reason);
	kernel->reason = err;
	kernel->translates = !err;
	kernel->as = as;
	kernel->vmcoreinfo_paddr = paddr;
	kernel->crashed = vmcoreinfo_dec(info, "CRASHTIME", &time);
	*ret = true;
	return found_kernel_set_info(kernel, text, len, source);
}

/* Takes the symbols whose tables VMCOREINFO exports. */
static bool load_exported(struct found_kernel *kernel, uint64_t voffset)
{
	struct kallsyms_tables tables;

	if (!kallsyms_exported(kernel->info, read_virtual, kernel, kernel->facts.big_endian,
			       kernel->facts.word, &tables))
		return false;
	kallsyms_tables_shift(&tables, 0 - voffset);
	if (error_ignore(
		    kallsyms_create(&tables, find_memory_read, kernel->memory, &kernel->kallsyms)))
		return false;
	if (tables.kind == KALLSYMS_PLACE)
		kallsyms_shift(kernel->kallsyms, voffset);
	return true;
}

/* Takes the first tables among the hits whose symbols are those of the note. */
static void load_hit(struct found_kernel *kernel, const struct scan_hits *hits, uint64_t voffset)
{
	for (size_t i = 0; i < hits->nr && !kernel->kallsyms; i++) {
		struct kallsyms_tables tables;

		if (hits->hits[i].kind != SCAN_TOKENS ||
		    !kallsyms_find(find_memory_read, kernel->memory, hits->hits[i].paddr, &tables))
			continue;
		tables.word = kernel->facts.word;
		if (error_ignore(kallsyms_create(&tables, find_memory_read, kernel->memory,
						 &kernel->kallsyms)))
			continue;
		if (kernel->kallsyms->tables.kind == KALLSYMS_PLACE)
			kallsyms_shift(kernel->kallsyms, voffset);
		if (!same_symbols(kernel, kernel->info)) {
			kallsyms_destroy(kernel->kallsyms);
			kernel->kallsyms = NULL;
		}
	}
}

/* Looks for the tables in the memory behind _stext. */
static struct error *load_near(struct found_kernel *kernel, uint64_t stext, uint64_t voffset)
{
	const struct scan_matcher matcher = {.match = scan_marks};

	for (uint64_t off = 0; off < IMAGE_MAX && !kernel->kallsyms; off += IMAGE_PART) {
		const struct scan_options options = {.start = stext - voffset + off,
						     .end = stext - voffset + off + IMAGE_PART,
						     .nr_threads = 1};
		struct scan_hits hits;
		struct error *err;

		if ((err = scan_memory(kernel->memory->reader, &options, &matcher, 1, &hits, NULL)))
			return err;
		load_hit(kernel, &hits, voffset);
		scan_hits_deinit(&hits);
	}
	return NULL;
}

/* Where translation works but the symbols or the place of the image are not known yet, the address
 * space says where it is. */
static struct error *load_by_note(struct found_kernel *kernel)
{
	struct error *err;
	struct mapping map;
	uint64_t stext;

	if (!vmcoreinfo_symbol(kernel->info, "_stext", &stext) || !found_kernel_is_placed(kernel))
		return NULL;
	addrspace_translate(&kernel->as, stext, &map);
	if (map.status != MAP_OK)
		return NULL;
	if (!kernel->kallsyms && !load_exported(kernel, stext - map.paddr) &&
	    (err = load_near(kernel, stext, stext - map.paddr)))
		return err;
	if (!kernel->kallsyms)
		return NULL;
	image_at(kernel->kallsyms, stext - map.paddr, find_memory_read, kernel->memory,
		 &kernel->image);
	kernel->has_image = true;
	found_kernel_place(kernel, false);
	return NULL;
}

struct error *found_kernel_finish(struct found_kernel *kernel)
{
	struct addrspace by_image = {0};
	struct error *err;

	if (kernel->translates && !kernel->has_image && (err = load_by_note(kernel)))
		return err;
	if (kernel->has_image && kernel->arch && kernel->arch->recover &&
	    (err = found_kernel_by_image(kernel, &by_image)))
		return err;
	if (!kernel->translates && !kernel->misplaced && kernel->vmcoreinfo &&
	    (err = found_kernel_stand_in(kernel)))
		return err;
	if (!kernel->translates && !kernel->reason) {
		kernel->reason = error_create(ERROR_NOT_FOUND, "no VMCOREINFO describes it");
		if (kernel->reason == &error_nomem)
			return TAKE_PTR(kernel->reason);
	}
	found_kernel_witness(kernel, by_image.arch ? &by_image : NULL);
	// what they found goes into the text
	if (kernel->source == FOUND_INFO_IMAGE && kernel->translates &&
	    (err = found_kernel_synthesise(kernel)))
		return err;
	found_kernel_judge(kernel);
	return NULL;
}
