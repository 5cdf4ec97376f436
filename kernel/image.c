// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/image.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/kallsyms.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/sys.h"
#include "util/zero.h"

/* The image is mapped in pages at least. */
#define STEP 4096U

/* Objects are looked at up to here. */
#define MAX_OBJECT (32U << 10)

/* Names of init_uts_ns: sysname, nodename, release, ... */
#define UTS_LEN 65U

/* Texts in the image, within reach bytes of their symbols. */
static const struct text {
	const char *symbol, *text;
	uint8_t len, reach;
} texts[] = {
	{"linux_banner", "Linux version ", 14, 0},
	{"linux_proc_banner", "%s version %s", 13, 0},
	// the reference count stood before the names until Linux commit 9a56493f6942 (5.11)
	{"init_uts_ns", "Linux", 6, 8},
};
#define NR_TEXTS (sizeof(texts) / sizeof(texts[0]))

/* Objects of the image that point at others for as long as the kernel runs (init/init_task.c). */
static const struct pointer {
	const char *from, *to;
} pointers[] = {
	{"init_task", "init_task"},      {"init_task", "init_cred"},
	{"init_task", "init_signals"},   {"init_task", "init_sighand"},
	{"init_task", "init_nsproxy"},   {"init_task", "init_files"},
	{"init_task", "init_fs"},        {"init_task", "init_mm"},
	{"init_nsproxy", "init_uts_ns"}, {"init_nsproxy", "init_ipc_ns"},
	{"init_nsproxy", "init_net"},    {"init_cred", "init_user_ns"},
	{"init_cred", "root_user"},      {"init_uts_ns", "init_user_ns"},
};
#define NR_POINTERS (sizeof(pointers) / sizeof(pointers[0]))

/* So many of them have to agree on where the image is. */
#define ENOUGH_POINTERS 3U

bool image_read(const struct image *image, uint64_t vaddr, void *buf, size_t len)
{
	return image->read(image->arg, vaddr - image->voffset, buf, len);
}

bool image_read_sound(const struct image *image, uint64_t vaddr, void *buf, size_t len)
{
	uint8_t page[STEP];

	for (uint64_t at = align_down(vaddr, STEP); at < vaddr + len; at += STEP) {
		if (!image_read(image, at, page, STEP) || is_zero(page, STEP))
			return false;
	}
	return image_read(image, vaddr, buf, len);
}

bool image_variable(const struct image *image, const char *symbol, size_t size, uint64_t *ret)
{
	bool big_endian = image->symbols->tables.big_endian;
	uint8_t raw[8];
	uint64_t vaddr;

	if (!kallsyms_lookup(image->symbols, symbol, &vaddr) ||
	    !image_read_sound(image, vaddr, raw, size))
		return false;
	switch (size) {
	case 1: *ret = raw[0]; return true;
	case 2: *ret = load_u16(raw, big_endian); return true;
	case 4: *ret = load_u32(raw, big_endian); return true;
	case 8: *ret = load_u64(raw, big_endian); return true;
	default: return false;
	}
}

static bool find_text(const struct image *image, const struct text *text, uint64_t *vaddr)
{
	char buf[32];

	if (!kallsyms_lookup(image->symbols, text->symbol, vaddr) ||
	    !image_read(image, *vaddr, buf, text->len + (size_t)text->reach))
		return false;
	for (unsigned int off = 0; off <= text->reach; off += 4) {
		if (!memcmp(buf + off, text->text, text->len)) {
			*vaddr += off;
			return true;
		}
	}
	return false;
}

bool image_release(const struct image *image, char release[static 65])
{
	uint64_t vaddr;

	if (!find_text(image, &texts[2], &vaddr) ||
	    !image_read(image, vaddr + 2 * UTS_LEN, release, UTS_LEN))
		return false;
	release[UTS_LEN - 1] = '\0';
	return *release;
}

static unsigned int count_texts(const struct image *image)
{
	unsigned int nr = 0;
	uint64_t vaddr;

	for (size_t i = 0; i < NR_TEXTS; i++)
		nr += find_text(image, &texts[i], &vaddr);
	return nr;
}

/* A copy of an object; its length, 0 when there is none to be had. */
static size_t load_object(const struct image *image, const char *name, uint8_t buf[MAX_OBJECT])
{
	struct kallsyms_symbol symbol;
	uint64_t vaddr;
	size_t len;

	if (!kallsyms_lookup(image->symbols, name, &vaddr) ||
	    !kallsyms_at(image->symbols, vaddr, &symbol))
		return 0;
	len = min_u64(symbol.size ? symbol.size : STEP, MAX_OBJECT);
	return image_read(image, vaddr, buf, len) ? len : 0;
}

static uint64_t load_word(const struct image *image, const uint8_t *p)
{
	const struct kallsyms_tables *tables = &image->symbols->tables;

	return tables->word == 8 ? load_u64(p, tables->big_endian)
				 : load_u32(p, tables->big_endian);
}

/* How many of the pairs hold when all symbols are shifted by so much. */
static unsigned int count_pointers(const struct image *image, uint64_t shift, uint8_t *buf)
{
	size_t word = image->symbols->tables.word, len = 0;
	const char *loaded = "";
	unsigned int nr = 0;

	for (size_t i = 0; i < NR_POINTERS; i++) {
		uint64_t to;

		if (!kallsyms_lookup(image->symbols, pointers[i].to, &to))
			continue;
		if (strcmp(pointers[i].from, loaded) != 0) {
			loaded = pointers[i].from;
			len = load_object(image, loaded, buf);
		}
		for (size_t off = 0; off + word <= len; off += word) {
			if (load_word(image, buf + off) == to + shift) {
				nr++;
				break;
			}
		}
	}
	return nr;
}

/* Place-relative symbols say where everything stands, but not at what virtual address. A pointer
 * tells, and the others have to tell the same. */
static bool find_shift(struct image *image, uint64_t *ret)
{
	_cleanup_free_ uint8_t *from = sys_malloc(2 * MAX_OBJECT);
	uint8_t *buf = from + MAX_OBJECT;
	size_t word = image->symbols->tables.word;

	if (!from)
		return false;
	for (size_t i = 0; i < NR_POINTERS && image->pointers < ENOUGH_POINTERS; i++) {
		size_t len = load_object(image, pointers[i].from, from);
		uint64_t to, last = 0;

		if (!kallsyms_lookup(image->symbols, pointers[i].to, &to))
			continue;
		for (size_t off = 0; off + word <= len; off += word) {
			uint64_t shift = load_word(image, from + off) - to;
			unsigned int nr;

			if (shift % STEP || shift == last)
				continue;
			last = shift;
			nr = count_pointers(image, shift, buf);
			if (nr > image->pointers) {
				image->pointers = nr;
				*ret = shift;
			}
		}
	}
	return image->pointers >= ENOUGH_POINTERS;
}

/* Tries the distances by which the tables lie between two symbols. */
static bool try_between(struct image *image, const struct text *text, const char *from,
			const char *to, uint64_t step)
{
	uint64_t place = image->symbols->tables.names, start, end, vaddr;

	if (!kallsyms_lookup(image->symbols, from, &start) ||
	    !kallsyms_lookup(image->symbols, to, &end))
		return false;
	for (uint64_t at = align_down(start, step) + place % step; at < end; at += step) {
		image->voffset = at - place;
		if (at >= start && find_text(image, text, &vaddr))
			return true;
	}
	return false;
}

/* Names of the tables themselves say it at once. Otherwise the tables are in the read-only data,
 * or at least in the image, and the distance is a multiple of what images are aligned to. */
static bool find_voffset(struct image *image)
{
	static const uint64_t steps[] = {2U << 20, 64U << 10, STEP};
	uint64_t vaddr;

	if (kallsyms_lookup(image->symbols, "kallsyms_names", &vaddr)) {
		image->voffset = vaddr - image->symbols->tables.names;
		return true;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		for (size_t k = 0; k < NR_TEXTS; k++) {
			if (try_between(image, &texts[k], "__start_rodata", "__end_rodata",
					steps[i]) ||
			    try_between(image, &texts[k], "_text", "_end", steps[i]))
				return true;
		}
	}
	return false;
}

void image_at(const struct kallsyms *symbols, uint64_t voffset, phys_read_fn *read, void *arg,
	      struct image *ret)
{
	_cleanup_free_ uint8_t *buf = sys_malloc(MAX_OBJECT);

	*ret = (struct image){.symbols = symbols, .voffset = voffset, .read = read, .arg = arg};
	ret->texts = count_texts(ret);
	ret->pointers = buf ? count_pointers(ret, 0, buf) : 0;
}

bool image_locate(struct kallsyms *symbols, phys_read_fn *read, void *arg, struct image *ret)
{
	struct image image = {.symbols = symbols, .read = read, .arg = arg};
	uint64_t shift = 0;

	if (symbols->tables.kind == KALLSYMS_PLACE) {
		if (!find_shift(&image, &shift))
			return false;
		kallsyms_shift(symbols, shift);
		image.voffset = shift;
	} else if (!find_voffset(&image)) {
		return false;
	}
	image_at(symbols, image.voffset, read, arg, ret);
	return ret->texts || ret->pointers >= ENOUGH_POINTERS;
}
