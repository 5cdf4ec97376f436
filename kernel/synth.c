// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/synth.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/recover.h"
#include "dump/notes.h"
#include "kernel/btf.h"
#include "kernel/evidence.h"
#include "kernel/image.h"
#include "kernel/kallsyms.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

#define MAX_TEXT  (32U << 10)
#define MAX_NOTES (64U << 10)

struct text {
	char *buf;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void line(struct text *text, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text->buf + text->len, MAX_TEXT - text->len, fmt, args);
	va_end(args);
	// a line that does not fit is left out
	if (n > 0 && (size_t)n < MAX_TEXT - text->len)
		text->len += (size_t)n;
	text->buf[text->len] = '\0';
}

/* As they are, where the kernel has them. */
static const char *const symbols[] = {
	"init_uts_ns",
	"_stext",
	"vmap_area_list",
	"mem_map",
	"contig_page_data",
	"init_top_pgt",
	"init_level4_pgt",
	"node_data",
	"vmemmap_list",
	"mmu_vmemmap_psize",
	"mmu_psize_defs",
	"cur_cpu_spec",
	"lowcore_ptr",
	"high_memory",
	"prb",
	"printk_rb_static",
	"clear_seq",
	"kallsyms_names",
	"kallsyms_num_syms",
	"kallsyms_token_table",
	"kallsyms_token_index",
	"kallsyms_offsets",
	"kallsyms_relative_base",
};

/* Of the log before it was a ring of descriptors (Linux commit 896fbe20b4e2, in 5.10). */
static const char *const old_log_symbols[] = {"log_buf", "log_buf_len", "log_first_idx",
					      "log_next_idx", "clear_idx"};

static const char *const sizes[] = {
	"mem_section",       "page",
	"pglist_data",       "zone",
	"free_area",         "list_head",
	"nodemask_t",        "printk_log",
	"printk_ringbuffer", "prb_desc_ring",
	"prb_desc",          "printk_info",
	"dev_printk_info",   "prb_data_blk_lpos",
	"prb_data_ring",     "atomic_long_t",
	"latched_seq",       "vmemmap_backing",
	"mmu_psize_def",
};

static const char *const offsets[] = {
	"uts_namespace.name",
	"mem_section.section_mem_map",
	"page.flags",
	"page._refcount",
	"page._count",
	"page.mapping",
	"page.lru",
	"page._mapcount",
	"page.private",
	"page.compound_dtor",
	"page.compound_order",
	"page.compound_head",
	"page.compound_info",
	"pglist_data.node_zones",
	"pglist_data.nr_zones",
	"pglist_data.node_mem_map",
	"pglist_data.node_start_pfn",
	"pglist_data.node_spanned_pages",
	"pglist_data.node_id",
	"zone.free_area",
	"zone.vm_stat",
	"zone.spanned_pages",
	"free_area.free_list",
	"list_head.next",
	"list_head.prev",
	"vmap_area.va_start",
	"vmap_area.list",
	"printk_log.ts_nsec",
	"printk_log.len",
	"printk_log.text_len",
	"printk_log.dict_len",
	"printk_ringbuffer.desc_ring",
	"printk_ringbuffer.text_data_ring",
	"printk_ringbuffer.fail",
	"prb_desc_ring.count_bits",
	"prb_desc_ring.descs",
	"prb_desc_ring.infos",
	"prb_desc_ring.head_id",
	"prb_desc_ring.tail_id",
	"prb_desc.state_var",
	"prb_desc.text_blk_lpos",
	"prb_data_blk_lpos.begin",
	"prb_data_blk_lpos.next",
	"printk_info.seq",
	"printk_info.ts_nsec",
	"printk_info.text_len",
	"printk_info.caller_id",
	"printk_info.dev_info",
	"dev_printk_info.subsystem",
	"dev_printk_info.device",
	"prb_data_ring.size_bits",
	"prb_data_ring.data",
	"prb_data_ring.head_lpos",
	"prb_data_ring.tail_lpos",
	"atomic_long_t.counter",
	"latched_seq.val",
	"vmemmap_backing.phys",
	"vmemmap_backing.virt_addr",
	"vmemmap_backing.list",
	"mmu_psize_def.shift",
	"cpu_spec.cpu_features",
	"cpu_spec.mmu_features",
};

/* Elements of arrays, by the name of the key. */
static const char *const lengths[][2] = {
	{"zone.free_area", "zone.free_area"},
	{"free_area.free_list", "free_area.free_list"},
	{"printk_info_subsystem", "dev_printk_info.subsystem"},
	{"printk_info_device", "dev_printk_info.device"},
};

static const char *const enumerators[] = {
	"NR_FREE_PAGES", "PG_lru",  "PG_private",  "PG_swapcache",
	"PG_swapbacked", "PG_slab", "PG_hwpoison", "HUGETLB_PAGE_DTOR",
};

/* Page types. Until 6.10 a bit of page_type was cleared (Linux commits 6e292b9be7f4, in 4.18, and
 * 46df8e73a4a3, in 6.10, which made an enum of the macros), then the top byte is the type
 * (4ffca5a96678, in 6.12). */
static const struct {
	const char *key, *name, *old_name;
	uint32_t old_bit; /* of the macro; 0: there was none */
} page_types[] = {
	{"BUDDY", "PGTY_buddy", "PG_buddy", 0x80},
	{"OFFLINE", "PGTY_offline", "PG_offline", 0x100},
	{"SLAB", "PGTY_slab", "PG_slab", 0},
	{"HUGETLB", "PGTY_hugetlb", "PG_hugetlb", 0},
	{"UNACCEPTED", "PGTY_unaccepted", "PG_unaccepted", 0},
};

static void add_symbol(struct text *text, const char *name, uint64_t vaddr)
{
	line(text, "SYMBOL(%s)=%" PRIx64 "\n", name, vaddr);
}

static void add_symbols(struct text *text, const struct kallsyms *ks, const char *const *names,
			size_t nr)
{
	uint64_t vaddr;

	for (size_t i = 0; i < nr; i++) {
		if (kallsyms_lookup(ks, names[i], &vaddr))
			add_symbol(text, names[i], vaddr);
	}
}

/* Symbols that are macros in the kernel, and mem_section, whose value is exported. */
static void add_special_symbols(struct text *text, const struct synth_input *in)
{
	static const char *const roots[] = {"swapper_pg_dir", "init_top_pgt", "init_level4_pgt"};
	const struct kallsyms *ks = in->image->symbols;
	struct kallsyms_symbol symbol;
	uint64_t vaddr, size;

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (kallsyms_lookup(ks, roots[i], &vaddr)) {
			add_symbol(text, "swapper_pg_dir", vaddr);
			break;
		}
	}
	// node_states[N_ONLINE]
	if (kallsyms_lookup(ks, "node_states", &vaddr) && in->btf &&
	    btf_find_size(in->btf, "nodemask_t", &size))
		add_symbol(text, "node_online_map", vaddr + size);
	if (!kallsyms_lookup(ks, "mem_section", &vaddr) || !kallsyms_at(ks, vaddr, &symbol))
		return;
	// a pointer, not the array itself: SPARSEMEM_EXTREME
	if (symbol.size && symbol.size <= 64 &&
	    !image_variable(in->image, "mem_section", ks->tables.word, &vaddr))
		return;
	add_symbol(text, "mem_section", vaddr);
}

static void add_tables(struct text *text, const struct image *image)
{
	const struct kallsyms_tables *tables = &image->symbols->tables;
	uint64_t vaddr;

	// before 6.12 they have no symbols themselves
	if (tables->kind == KALLSYMS_POINTERS ||
	    kallsyms_lookup(image->symbols, "kallsyms_names", &vaddr))
		return;
	add_symbol(text, "kallsyms_names", tables->names + image->voffset);
	add_symbol(text, "kallsyms_num_syms", tables->num_syms + image->voffset);
	add_symbol(text, "kallsyms_token_table", tables->token_table + image->voffset);
	add_symbol(text, "kallsyms_token_index", tables->token_index + image->voffset);
	add_symbol(text, "kallsyms_offsets", tables->offsets + image->voffset);
	if (tables->base_place)
		add_symbol(text, "kallsyms_relative_base", tables->base_place + image->voffset);
}

static void add_types(struct text *text, const struct btf *btf)
{
	struct btf_member member;
	struct btf_type type;
	uint64_t size;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (btf_find_size(btf, sizes[i], &size))
			line(text, "SIZE(%s)=%" PRIu64 "\n", sizes[i], size);
	}
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		if (btf_find_member(btf, offsets[i], &member) && !member.bit_size)
			line(text, "OFFSET(%s)=%" PRIu64 "\n", offsets[i], member.offset);
	}
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		if (btf_find_member(btf, lengths[i][1], &member) &&
		    btf_resolve(btf, member.type, &type) && type.kind == BTF_ARRAY)
			line(text, "LENGTH(%s)=%u\n", lengths[i][0], type.elements);
	}
	if (btf_find_size(btf, "nodemask_t", &size))
		line(text, "LENGTH(node_data)=%" PRIu64 "\n", 8 * size);
}

static void add_page_types(struct text *text, const struct btf *btf)
{
	struct btf_member member;
	int64_t value;

	for (size_t i = 0; i < sizeof(page_types) / sizeof(page_types[0]); i++) {
		int32_t type;

		if (btf_find_enumerator(btf, page_types[i].name, &value))
			type = (int32_t)((uint32_t)value << 24);
		else if (page_types[i].old_bit &&
			 btf_find_enumerator(btf, page_types[i].old_name, &value))
			type = (int32_t) ~(uint32_t)value;
		else if (page_types[i].old_bit && btf_find_member(btf, "page.page_type", &member))
			type = (int32_t)~page_types[i].old_bit;
		else
			continue;
		line(text, "NUMBER(PAGE_%s_MAPCOUNT_VALUE)=%d\n", page_types[i].key, type);
	}
}

static void add_numbers(struct text *text, const struct btf *btf)
{
	int64_t value;

	for (size_t i = 0; i < sizeof(enumerators) / sizeof(enumerators[0]); i++) {
		if (btf_find_enumerator(btf, enumerators[i], &value))
			line(text, "NUMBER(%s)=%" PRId64 "\n", enumerators[i], value);
	}
	if (btf_find_enumerator(btf, "PG_head", &value) && value >= 0 && value < 63)
		line(text, "NUMBER(PG_head_mask)=%" PRIu64 "\n", UINT64_C(1) << value);
	add_page_types(text, btf);
}

/* NR_SECTION_ROOTS: sections of the address space, by the page of them. */
static void add_sections(struct text *text, const struct synth_input *in)
{
	uint64_t section, physmem, size;

	if (!evidence_value(in->evidence, "section_size_bits", &section) ||
	    !evidence_value(in->evidence, "max_physmem_bits", &physmem) || !in->btf ||
	    !btf_find_size(in->btf, "mem_section", &size) || !size || size > in->page_size ||
	    physmem <= section || physmem - section > 40)
		return;
	line(text, "LENGTH(mem_section)=%" PRIu64 "\n",
	     div_round_up(1ULL << (physmem - section), in->page_size / size));
}

/* By a guess, if there is one for this fact, else by evidence. */
static bool fact_value(const struct synth_input *in, size_t fact, uint64_t *ret)
{
	for (unsigned int i = 0; in->guess && i < in->recover->nr_guessed; i++) {
		if (in->recover->guessed[i] == fact) {
			*ret = in->guess->values[i];
			return true;
		}
	}
	return evidence_value(in->evidence, in->recover->facts[fact].name, ret);
}

static void add_facts(struct text *text, const struct synth_input *in)
{
	for (size_t i = 0; i < in->recover->nr_facts; i++) {
		const struct arch_fact *fact = &in->recover->facts[i];
		uint64_t value;

		// the size of pages stands at the beginning
		if (!fact->key || !strcmp(fact->key, "PAGESIZE") || !fact_value(in, i, &value))
			continue;
		if (fact->decimal)
			line(text, "%s=%" PRId64 "\n", fact->key, (int64_t)value);
		else
			line(text, "%s=%s%" PRIx64 "\n", fact->key,
			     !strncmp(fact->key, "NUMBER", 6) ? "0x" : "", value);
	}
}

/* The build id is in the notes of the image. */
static void add_build_id(struct text *text, const struct image *image)
{
	const struct kallsyms_tables *tables = &image->symbols->tables;
	_cleanup_free_ uint8_t *buf = NULL;
	uint64_t start, stop;
	struct bytes cursor;
	struct note note;

	if (!kallsyms_lookup(image->symbols, "__start_notes", &start) ||
	    !kallsyms_lookup(image->symbols, "__stop_notes", &stop) || stop <= start ||
	    stop - start > MAX_NOTES)
		return;
	buf = sys_malloc(stop - start);
	if (!buf || !image_read(image, start, buf, stop - start))
		return;
	cursor = bytes_make(buf, stop - start, tables->big_endian, tables->word);
	while (note_next(&cursor, &note)) {
		if (!note_is(&note, "GNU", 3) || note.desc.len > 64)
			continue;
		line(text, "BUILD-ID=");
		for (size_t i = 0; i < note.desc.len; i++)
			line(text, "%02x", note.desc.data[i]);
		line(text, "\n");
		return;
	}
}

struct error *synth_vmcoreinfo(const struct synth_input *in, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *buf = sys_malloc(MAX_TEXT);
	const struct kallsyms *ks = in->image->symbols;
	struct text text = {.buf = buf};
	char release[65];
	uint64_t vaddr;

	if (!buf)
		return &error_nomem;
	if (image_release(in->image, release))
		line(&text, "OSRELEASE=%s\n", release);
	add_build_id(&text, in->image);
	if (in->page_size)
		line(&text, "PAGESIZE=%u\n", in->page_size);
	add_symbols(&text, ks, symbols, sizeof(symbols) / sizeof(symbols[0]));
	if (!kallsyms_lookup(ks, "prb", &vaddr))
		add_symbols(&text, ks, old_log_symbols,
			    sizeof(old_log_symbols) / sizeof(old_log_symbols[0]));
	add_special_symbols(&text, in);
	add_tables(&text, in->image);
	if (in->btf) {
		add_types(&text, in->btf);
		add_numbers(&text, in->btf);
	}
	add_sections(&text, in);
	add_facts(&text, in);
	*ret = TAKE_PTR(buf);
	*ret_len = text.len;
	return NULL;
}
