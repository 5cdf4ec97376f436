// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a page says what it is, by what is found in the types:
 *
 *   page tables   4.18 - 6.10   a bit of page_type that is clear: 0x400, and 0x200 from 5.11 on,
 *                               when memcg_data made the bit below free (Linux commit 18b2db3b0385)
 *                 6.11          a bit of enum pagetype that is clear
 *                 6.12 -        PGTY_table, in the top byte (4ffca5a96678)
 *   zsmalloc      - 5.19        not told: page.mapping is of an inode that is on no list
 *                 6.0 - 6.10    page.mapping is zsmalloc_mops (68f2736a8583)
 *                 6.11 -        a page type (43d746dc49bb)
 */
#include "kernel/page_types.h"

#include "kernel/btf.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/modules.h"
#include "kernel/page.h"

#define TYPE_BASE       0xf0000000U // PAGE_TYPE_BASE: of all types while a clear bit tells
#define TABLE_BIT       0x200U
#define TABLE_BIT_OLD   0x400U
#define BUDDY_CLEAR     0xffffff7fU // PG_buddy in those days
#define MAPPING_MOVABLE 2U

static struct page_type clear_bit(uint32_t base, uint32_t bit)
{
	return (struct page_type){.value = base, .mask = base | bit};
}

// One enumerator of each generation of enum pagetype.
static bool find_type(const struct btf *btf, const char *top_byte, const char *bit,
		      struct page_type *ret)
{
	int64_t value, base;

	if (btf_find_enumerator(btf, top_byte, &value) && value >= 0xf0 && value <= 0xff) {
		*ret = (struct page_type){.value = (uint32_t)value << 24, .mask = 0xff000000};
		return true;
	}
	if (btf_find_enumerator(btf, bit, &value) &&
	    btf_find_enumerator(btf, "PAGE_TYPE_BASE", &base)) {
		*ret = clear_bit((uint32_t)base, (uint32_t)value);
		return true;
	}
	return false;
}

// While page types were macros: known by what else this kernel has.
static bool find_old_table(const struct page_layout *layout, const struct btf *btf,
			   struct page_type *ret)
{
	struct btf_member member;

	if (layout->buddy.value != BUDDY_CLEAR)
		return false;
	if (btf_find_member(btf, "page.memcg_data", &member))
		*ret = clear_bit(TYPE_BASE, TABLE_BIT);
	else if (btf_find_member(btf, "page.mem_cgroup", &member))
		*ret = clear_bit(TYPE_BASE, TABLE_BIT_OLD);
	else
		return false;
	return true;
}

// zsmalloc may be a module, or not be there at all, which has no pages of the kind.
static struct error *find_old_zsmalloc(struct page_layout *layout, struct kernel *kernel)
{
	_cleanup_modules_ struct modules *modules = NULL;
	size_t lost = 0;
	struct error *err;
	uint64_t addr;

	if (!kernel_lookup(kernel, "zs_malloc", &addr)) {
		if ((err = modules_create(kernel, &modules)) ||
		    (err = modules_add_symbols(kernel, modules, &lost)))
			return err;
		if (!kernel_lookup(kernel, "zs_malloc", &addr)) {
			if (!modules->torn && !lost)
				layout->unknown_classes &= ~(1U << PAGE_ZSMALLOC);
			return NULL;
		}
	}
	if (kernel_lookup(kernel, "zsmalloc_mops", &addr)) {
		layout->zsmalloc_mapping = addr | MAPPING_MOVABLE;
		layout->unknown_classes &= ~(1U << PAGE_ZSMALLOC);
	}
	return NULL;
}

struct error *page_types_learn(struct page_layout *layout, struct kernel *kernel)
{
	const struct btf *btf;
	struct error *err = kernel_btf(kernel, &btf);

	if (!err) {
		if (find_type(btf, "PGTY_table", "PG_table", &layout->table_type) ||
		    find_old_table(layout, btf, &layout->table_type))
			layout->unknown_classes &= ~(1U << PAGE_TABLE);
		if (find_type(btf, "PGTY_zsmalloc", "PG_zsmalloc", &layout->zsmalloc_type))
			layout->unknown_classes &= ~(1U << PAGE_ZSMALLOC);
		else
			err = find_old_zsmalloc(layout, kernel);
	}
	if (err && err->code != ERROR_NOMEM) {
		error_destroy(err);
		err = NULL;
	}
	return err;
}
