// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/kernel.h"

#include <string.h>

#include "arch/arch.h"
#include "dump/cache.h"
#include "dump/facts.h"
#include "dump/reader.h"
#include "kernel/knowledge.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"

#define CACHE_BYTES       (1U << 20)
#define CLONE_CACHE_BYTES (128U << 10) // page tables on the way to a few places
#define LARGE_READ        (16U << 10)  // these would only push page tables out of the cache

#define PAGE_SHIFT_MIN 12
#define PAGE_SHIFT_MAX 20

static bool read_phys(void *arg, uint64_t paddr, void *buf, size_t len)
{
	return kernel_read_phys(arg, paddr, buf, len);
}

static bool symbol(void *arg, const char *name, uint64_t *ret)
{
	return kernel_symbol(arg, name, ret);
}

/** PAGESIZE, else what the machine has always, else the unit of the dump. */
static void set_page_size(struct kernel *kernel)
{
	const struct arch *arch = kernel->as.arch;
	uint64_t size = 0;

	if (!vmcoreinfo_dec(kernel->vmcoreinfo, "PAGESIZE", &size) || !is_power_of_two(size) ||
	    size < 1U << PAGE_SHIFT_MIN || size > 1U << PAGE_SHIFT_MAX)
		size = arch && arch->default_page_shift ? 1ULL << arch->default_page_shift
							: kernel->dump->facts.block_size;
	kernel->page_size = (uint32_t)size;
	kernel->page_shift = (uint8_t)__builtin_ctzll(size);
}

static struct error *learn(struct kernel *kernel, bool has_vmcoreinfo)
{
	const struct dump_facts *facts = &kernel->dump->facts;
	const struct arch_env env = {
		.facts = facts,
		.vmcoreinfo = kernel->vmcoreinfo,
		.symbol = symbol,
		.read = read_phys,
		.arg = kernel,
	};

	if (!kernel->as.arch || !kernel->as.arch->learn)
		return error_create(ERROR_UNSUPPORTED,
				    "translation of addresses is not known for machine %u",
				    facts->machine);
	if (!has_vmcoreinfo)
		return error_create(ERROR_NOT_FOUND, "the dump has no VMCOREINFO");
	return kernel->as.arch->learn(&kernel->as, &env);
}

/** Everything that a thread needs to read for itself. */
static struct error *set_reading(struct kernel *kernel, const struct dump_reader *dump,
				 size_t cache_bytes)
{
	struct error *err;

	kernel->dump = dump;
	kernel->as.read = read_phys;
	kernel->as.read_arg = kernel;
	err = dump_cache_create(dump, cache_bytes, &kernel->cache);
	if (err)
		return err;
	return dump_scratch_create(dump, &kernel->scratch);
}

struct error *kernel_open(const struct dump_reader *dump, const struct kernel_options *options,
			  struct kernel **ret)
{
	static const struct kernel_options defaults;
	_cleanup_kernel_ struct kernel *kernel = sys_calloc(1, sizeof(*kernel));
	const char *text = dump->facts.vmcoreinfo;
	size_t len = dump->facts.vmcoreinfo_len;
	struct error *err;

	if (!kernel)
		return &error_nomem;
	if (!options)
		options = &defaults;
	if (options->vmcoreinfo) {
		text = options->vmcoreinfo;
		len = options->vmcoreinfo_len;
	}
	err = vmcoreinfo_create(text, text ? len : 0, &kernel->vmcoreinfo);
	if (err)
		return err;
	err = set_reading(kernel, dump, options->cache_bytes ? options->cache_bytes : CACHE_BYTES);
	if (err)
		return err;
	kernel->as.arch = arch_find(dump->facts.machine, dump->facts.word);
	kernel->as.big_endian = dump->facts.big_endian;
	set_page_size(kernel);
	err = learn(kernel, text != NULL);
	if (err && err->code == ERROR_NOMEM)
		return err;
	kernel->reason = err;
	kernel->translates = !err;
	*ret = TAKE_PTR(kernel);
	return NULL;
}

struct error *kernel_clone(const struct kernel *parent, struct kernel **ret)
{
	_cleanup_kernel_ struct kernel *kernel = sys_calloc(1, sizeof(*kernel));
	struct error *err;

	if (!kernel)
		return &error_nomem;
	kernel->as = parent->as;
	kernel->translates = parent->translates;
	kernel->page_size = parent->page_size;
	kernel->page_shift = parent->page_shift;
	kernel->parent = parent;
	err = set_reading(kernel, parent->dump, CLONE_CACHE_BYTES);
	if (err)
		return err;
	*ret = TAKE_PTR(kernel);
	return NULL;
}

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	knowledge_destroy(kernel->knowledge);
	dump_scratch_destroy(kernel->scratch);
	if (kernel->cache)
		dump_cache_destroy(kernel->cache);
	if (kernel->vmcoreinfo)
		vmcoreinfo_destroy(kernel->vmcoreinfo);
	error_destroy(kernel->reason);
	free(kernel);
}

const struct vmcoreinfo *kernel_vmcoreinfo(const struct kernel *kernel)
{
	while (kernel->parent)
		kernel = kernel->parent;
	return kernel->vmcoreinfo;
}

bool kernel_symbol(const struct kernel *kernel, const char *name, uint64_t *ret)
{
	return vmcoreinfo_symbol(kernel_vmcoreinfo(kernel), name, ret);
}

size_t kernel_read_as(struct kernel *kernel, const struct addrspace *as, uint64_t vaddr, void *buf,
		      size_t len)
{
	const struct arch *arch = kernel->as.arch;
	size_t done = 0;

	if (arch && arch->strip)
		vaddr = arch->strip(&kernel->as, vaddr);
	while (done < len) {
		struct mapping map;
		size_t want, got = 0;

		addrspace_translate(as, vaddr + done, &map);
		if (map.status != MAP_OK)
			break;
		want = (size_t)min_u64(map.len - 1, len - done - 1) + 1; // a length of 0 is 2^64
		if (want < LARGE_READ)
			dump_cache_read(kernel->cache, map.paddr, (char *)buf + done, want, &got);
		else
			dump_read(kernel->dump, kernel->scratch, map.paddr, (char *)buf + done,
				  want, &got);
		done += got;
		if (got < want)
			break;
	}
	return done;
}

size_t kernel_read_some(struct kernel *kernel, uint64_t vaddr, void *buf, size_t len)
{
	return kernel_read_as(kernel, &kernel->as, vaddr, buf, len);
}

bool kernel_read(struct kernel *kernel, uint64_t vaddr, void *buf, size_t len)
{
	return kernel_read_some(kernel, vaddr, buf, len) == len;
}

bool kernel_read_number(struct kernel *kernel, uint64_t vaddr, uint64_t size, uint64_t *ret)
{
	bool big_endian = kernel->as.big_endian;
	uint8_t raw[8];

	if (size > sizeof(raw) || !kernel_read(kernel, vaddr, raw, size))
		return false;
	switch (size) {
	case 1: *ret = raw[0]; return true;
	case 2: *ret = load_u16(raw, big_endian); return true;
	case 4: *ret = load_u32(raw, big_endian); return true;
	case 8: *ret = load_u64(raw, big_endian); return true;
	default: return false;
	}
}

bool kernel_read_u32(struct kernel *kernel, uint64_t vaddr, uint32_t *ret)
{
	uint64_t value;

	if (!kernel_read_number(kernel, vaddr, 4, &value))
		return false;
	*ret = (uint32_t)value;
	return true;
}

bool kernel_read_u64(struct kernel *kernel, uint64_t vaddr, uint64_t *ret)
{
	return kernel_read_number(kernel, vaddr, 8, ret);
}

bool kernel_read_word(struct kernel *kernel, uint64_t vaddr, uint64_t *ret)
{
	return kernel_read_number(kernel, vaddr, kernel->dump->facts.word, ret);
}

bool kernel_read_phys(struct kernel *kernel, uint64_t paddr, void *buf, size_t len)
{
	size_t done = 0;

	return dump_cache_read(kernel->cache, paddr, buf, len, &done) == DUMP_OK;
}
