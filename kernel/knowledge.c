// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/knowledge.h"

#include "dump/reader.h"
#include "kernel/btf.h"
#include "kernel/kallsyms.h"
#include "kernel/kernel.h"
#include "kernel/piece.h"
#include "kernel/scan.h"
#include "kernel/symbols.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

/* The tables of symbols are read-only data, which stand behind the text. */
#define IMAGE_SEARCH  (256ULL << 20)
#define SEARCH_WINDOW (1U << 20)

struct knowledge {
	struct symbols symbols;
	struct btf *btf;
	bool asked_symbols, asked_btf;
	struct error *no_symbols, *no_btf; /* owned */
};

void knowledge_destroy(struct knowledge *knowledge)
{
	if (!knowledge)
		return;
	symbols_deinit(&knowledge->symbols);
	btf_destroy(knowledge->btf);
	error_destroy(knowledge->no_symbols);
	error_destroy(knowledge->no_btf);
	free(knowledge);
}

bool kernel_read_virtual(void *arg, uint64_t vaddr, void *buf, size_t len)
{
	return kernel_read(arg, vaddr, buf, len);
}

/* A copy of an error that is kept. */
static struct error *again(const struct error *err)
{
	return err == &error_nomem ? &error_nomem : error_create(err->code, "%s", err->message);
}

/* NULL, and why, when nothing can be known. */
static struct knowledge *get(struct kernel *kernel, struct error **err)
{
	if (!kernel->translates) {
		*err = kernel->reason
			       ? again(kernel->reason)
			       : error_create(ERROR_NOT_FOUND, "addresses cannot be translated");
		return NULL;
	}
	if (!kernel->knowledge)
		kernel->knowledge = sys_calloc(1, sizeof(*kernel->knowledge));
	if (!kernel->knowledge)
		*err = &error_nomem;
	return kernel->knowledge;
}

/* Looks for the tables in one window of the image. */
static struct error *search_window(struct kernel *kernel, uint64_t vaddr,
				   struct kallsyms_tables *ret, bool *found)
{
	_cleanup_piece_ struct piece piece = {0};
	struct scan_hits hits = {0};
	struct error *err = piece_load(kernel_read_virtual, kernel, vaddr,
				       SEARCH_WINDOW + SCAN_PAGE, &piece);
	const struct scan_window window = {vaddr, piece.data, SEARCH_WINDOW, piece.len};

	if (err)
		return err;
	scan_marks(NULL, &window, &hits);
	for (size_t i = 0; i < hits.nr && !*found; i++)
		*found = hits.hits[i].kind == SCAN_TOKENS &&
			 kallsyms_find(kernel_read_virtual, kernel, hits.hits[i].paddr, ret);
	scan_hits_deinit(&hits);
	return NULL;
}

static struct error *search_image(struct kernel *kernel, struct kallsyms_tables *ret)
{
	bool found = false;
	uint64_t start;
	struct error *err = NULL;

	if (!kernel_symbol(kernel, "_stext", &start))
		return error_create(ERROR_NOT_FOUND, "no SYMBOL(_stext) in vmcoreinfo");
	start = align_down(start, SCAN_PAGE);
	for (uint64_t off = 0; off < IMAGE_SEARCH && !found && !err; off += SEARCH_WINDOW) {
		if (start + off + SEARCH_WINDOW + SCAN_PAGE < start)
			break;
		err = search_window(kernel, start + off, ret, &found);
	}
	if (!err && !found)
		err = error_create(ERROR_NOT_FOUND,
				   "no symbol table (kallsyms) in the image that begins at 0x%llx",
				   (unsigned long long)start);
	return err;
}

static struct error *load_symbols(struct kernel *kernel, struct kallsyms **ret)
{
	const struct dump_facts *facts = &kernel->dump->facts;
	struct kallsyms_tables tables;
	struct error *err;

	if (!kallsyms_exported(kernel_vmcoreinfo(kernel), kernel_read_virtual, kernel,
			       kernel->as.big_endian, facts->word, &tables) &&
	    (err = search_image(kernel, &tables)))
		return err;
	return kallsyms_create(&tables, kernel_read_virtual, kernel, ret);
}

struct error *kernel_symbols(struct kernel *kernel, struct symbols **ret)
{
	struct error *err = NULL;
	struct knowledge *knowledge = get(kernel, &err);

	if (!knowledge)
		return err;
	if (!knowledge->asked_symbols) {
		knowledge->asked_symbols = true;
		knowledge->no_symbols = load_symbols(kernel, &knowledge->symbols.kallsyms);
	}
	if (knowledge->no_symbols)
		return again(knowledge->no_symbols);
	*ret = &knowledge->symbols;
	return NULL;
}

static struct error *load_btf(struct kernel *kernel, struct btf **ret)
{
	// the latter before Linux commit 90ceddcb4950 ("bpf: Support llvm-objcopy for vmlinux
	// BTF", 5.7)
	static const char *const names[][2] = {
		{"__start_BTF", "__stop_BTF"},
		{"_binary__btf_vmlinux_bin_start", "_binary__btf_vmlinux_bin_end"},
	};
	struct symbols *symbols = NULL;
	struct error *err = kernel_symbols(kernel, &symbols);
	uint64_t start, end;

	if (err)
		return err;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (symbols_lookup(symbols, names[i][0], &start) &&
		    symbols_lookup(symbols, names[i][1], &end))
			return btf_create(kernel_read_virtual, kernel, start, end - start,
					  kernel->dump->facts.word, NULL, ret);
	}
	return error_create(ERROR_NOT_FOUND, "the kernel has no types (BTF) with it");
}

struct error *kernel_btf(struct kernel *kernel, const struct btf **ret)
{
	struct error *err = NULL;
	struct knowledge *knowledge = get(kernel, &err);

	if (!knowledge)
		return err;
	if (!knowledge->asked_btf) {
		knowledge->asked_btf = true;
		knowledge->no_btf = load_btf(kernel, &knowledge->btf);
	}
	if (knowledge->no_btf)
		return again(knowledge->no_btf);
	*ret = knowledge->btf;
	return NULL;
}

bool kernel_lookup(struct kernel *kernel, const char *name, uint64_t *ret)
{
	struct symbols *symbols = NULL;

	return kernel_symbol(kernel, name, ret) ||
	       (!error_ignore(kernel_symbols(kernel, &symbols)) &&
		symbols_lookup(symbols, name, ret));
}

bool kernel_variable(struct kernel *kernel, const char *name, size_t size, uint64_t *ret)
{
	uint64_t vaddr;

	return kernel_lookup(kernel, name, &vaddr) && kernel_read_number(kernel, vaddr, size, ret);
}
