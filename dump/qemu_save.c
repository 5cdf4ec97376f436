// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/qemu_save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/format.h"
#include "dump/unpack.h"
#include "util/bits.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/spool.h"
#include "util/sys.h"

#define ULL(x) ((unsigned long long)(x))

#define QEMU_VERSION 3
#define MAX_PAGE     (1U << 16)
#define MAX_MEMORY   (1ULL << 46)
#define RUN_BYTES    (1U << 20) // of pages that are written at once

enum section {
	SECTION_START = 1,
	SECTION_PART = 2,
	SECTION_END = 3,
	SECTION_FULL = 4,
	SECTION_SUBSECTION = 5,
	SECTION_CONFIGURATION = 7,
	SECTION_COMMAND = 8,
	SECTION_FOOTER = 0x7e,
};

/* In the low bits of a page's address. */
enum {
	PAGE_ZERO = 0x2, /* one byte follows, with which it is filled */
	PAGE_MEM_SIZE = 0x4,
	PAGE_DATA = 0x8,
	PAGE_EOS = 0x10,
	PAGE_CONTINUE = 0x20,
	PAGE_FLUSH = 0x200, /* of multifd: nothing to do */
	PAGE_FLAGS = 0xfff,
};

#define MAPPED_HEADER_LEN 28U
#define MAPPED_VERSION    1

struct parser {
	struct qemu_save *save;
	const struct file *file;
	struct unpack *in;
	const struct dump_open_options *options;
	uint32_t ram_id; /* of the section */
	bool ram_seen, ram_ended;

	struct file *image;       /* without mapped-ram */
	uint64_t *written;        /* pages of it that hold anything */
	struct qemu_block *block; /* of the last page */
	uint8_t *run;             /* pages that follow each other, not written yet */
	uint64_t run_off;
	size_t run_len;
};

void qemu_save_deinit(struct qemu_save *save)
{
	free(save->blocks);
}

static struct error *damaged(const struct parser *p, const char *what, uint64_t value)
{
	return error_create(ERROR_FORMAT, "%s: QEMU stream before offset %#llx: %s (%#llx)",
			    p->file->path, ULL(unpack_pos(p->in)), what, ULL(value));
}

static struct error *get(struct parser *p, size_t len, uint64_t *ret)
{
	uint8_t buf[8] = {0};
	struct error *err = unpack_read(p->in, buf + sizeof(buf) - len, len);

	if (!err)
		*ret = load_u64(buf, true);
	return err;
}

/* A length of one byte, then that many bytes. */
static struct error *get_name(struct parser *p, char name[static QEMU_NAME_LEN])
{
	uint64_t len;
	struct error *err = get(p, 1, &len);

	if (!err)
		err = unpack_read(p->in, name, len);
	if (!err)
		name[len] = '\0';
	return err;
}

static struct error *read_capabilities(struct parser *p)
{
	char name[QEMU_NAME_LEN];
	uint64_t nr;
	struct error *err = get(p, 4, &nr);

	if (!err && nr > 64)
		return damaged(p, "capabilities", nr);
	while (!err && nr--) {
		err = get_name(p, name);
		if (!err && !strcmp(name, "x-ignore-shared"))
			return error_create(ERROR_UNSUPPORTED,
					    "%s: QEMU saved this guest without its shared memory",
					    p->file->path);
	}
	return err;
}

static struct error *read_subsection(struct parser *p)
{
	char name[QEMU_NAME_LEN];
	uint64_t value;
	struct error *err;

	if ((err = unpack_read(p->in, NULL, 1)) || (err = get_name(p, name)) ||
	    (err = get(p, 4, &value)))
		return err;
	if (!strcmp(name, "configuration/capabilities"))
		return read_capabilities(p);
	if (!strcmp(name, "configuration/uuid"))
		return unpack_read(p->in, NULL, 16);
	if (strcmp(name, "configuration/target-page-bits") != 0)
		return error_create(ERROR_UNSUPPORTED, "%s: QEMU stream with %.64s", p->file->path,
				    name);
	if ((err = get(p, 4, &value)))
		return err;
	if (value < 12 || value > 16)
		return damaged(p, "page bits", value);
	p->save->page_size = 1U << value;
	return NULL;
}

static struct error *read_configuration(struct parser *p)
{
	const uint8_t *next;
	size_t len = 1;
	uint64_t name_len;
	struct error *err = get(p, 4, &name_len);

	if (err)
		return err;
	if (name_len >= QEMU_NAME_LEN)
		return damaged(p, "length of the machine's name", name_len);
	if ((err = unpack_read(p->in, p->save->board, name_len)))
		return err;
	while (!(err = unpack_peek(p->in, &len, &next)) && len && *next == SECTION_SUBSECTION) {
		if ((err = read_subsection(p)))
			return err;
	}
	return err;
}

/* The header of mapped-ram says where it stands itself, which no other bytes here do. */
static struct error *read_mapped(struct parser *p, struct qemu_block *block)
{
	uint64_t pos = unpack_pos(p->in), end;
	size_t len = MAPPED_HEADER_LEN;
	const uint8_t *header;
	struct error *err = unpack_peek(p->in, &len, &header);

	if (err || len < MAPPED_HEADER_LEN || load_u32(header, true) != MAPPED_VERSION ||
	    load_u64(header + 12, true) != pos + MAPPED_HEADER_LEN)
		return err;
	block->off_bitmap = load_u64(header + 12, true);
	block->off_pages = load_u64(header + 20, true);
	if (load_u64(header + 4, true) != p->save->page_size)
		return damaged(p, "page size of mapped-ram", load_u64(header + 4, true));
	if (!checked_add(block->off_pages, block->len, &end) || block->off_pages < pos ||
	    end > INT64_MAX)
		return damaged(p, "place of pages", block->off_pages);
	p->save->mapped = true;
	unpack_seek(p->in, end);
	return NULL;
}

static struct error *read_block(struct parser *p, struct qemu_block *block)
{
	struct error *err;

	*block = (struct qemu_block){.image_off = UINT64_MAX};
	if ((err = get_name(p, block->name)) || (err = get(p, 8, &block->len)))
		return err;
	if (!block->len || block->len % p->save->page_size || block->len > MAX_MEMORY)
		return damaged(p, "length of a RAM block", block->len);
	return read_mapped(p, block);
}

/* QEMU has blocks for the firmware, video memory and tables, too. Main memory is the largest, or
 * all of "ram-node0", "ram-node1" and so on, in the order of their numbers. */
static void find_main(struct qemu_save *save)
{
	uint64_t largest = 0;
	size_t i;

	for (i = 0; i < save->nr_blocks; i++) {
		if (save->blocks[i].len > largest) {
			largest = save->blocks[i].len;
			save->main = i;
		}
	}
	if (strncmp(save->blocks[save->main].name, "ram-node", 8) != 0) {
		save->blocks[save->main].image_off = 0;
		save->image_len = largest;
		save->nr_main = 1;
		return;
	}
	for (unsigned int node = 0; node < save->nr_blocks; node++) {
		char name[32];

		snprintf(name, sizeof(name), "ram-node%u", node);
		for (i = 0; i < save->nr_blocks && strcmp(save->blocks[i].name, name) != 0; i++)
			;
		if (i == save->nr_blocks)
			continue;
		save->blocks[i].image_off = save->image_len;
		save->image_len += save->blocks[i].len;
		save->nr_main++;
	}
}

static struct error *create_image(struct parser *p)
{
	p->written = sys_calloc(bits_words(p->save->image_len / p->save->page_size + 1),
				sizeof(uint64_t));
	p->run = sys_malloc(RUN_BYTES);
	if (!p->written || !p->run)
		return &error_nomem;
	return spool_create(dump_spool_folder(p->options), p->file->path, &p->image);
}

/* In the section that starts RAM: the sum of all blocks, then each of them up to that sum. */
static struct error *read_blocks(struct parser *p, uint64_t total)
{
	struct qemu_save *save = p->save;
	struct error *err = NULL;
	uint64_t sum = 0;

	if (save->blocks || total > MAX_MEMORY)
		return damaged(p, "bytes of RAM", total);
	save->blocks = sys_calloc(QEMU_MAX_BLOCKS, sizeof(*save->blocks));
	if (!save->blocks)
		return &error_nomem;
	while (!err && sum < total) {
		if (save->nr_blocks == QEMU_MAX_BLOCKS)
			return damaged(p, "number of RAM blocks", save->nr_blocks);
		err = read_block(p, &save->blocks[save->nr_blocks]);
		sum += save->blocks[save->nr_blocks++].len;
	}
	if (err)
		return err;
	find_main(save);
	return save->mapped ? NULL : create_image(p);
}

static struct error *flush(struct parser *p)
{
	struct error *err = NULL;

	if (p->run_len)
		err = spool_write(p->image, p->run_off, p->run, p->run_len);
	p->run_len = 0;
	return err;
}

/* A page of the image; the last one of several that were sent for an address holds. */
static struct error *put_page(struct parser *p, uint64_t off, int fill)
{
	size_t size = p->save->page_size;
	uint64_t page = off / size;
	struct error *err = NULL;

	if (!fill && !bits_test(p->written, page))
		return NULL;
	bits_set(p->written, page);
	if (p->run_len == RUN_BYTES || off != p->run_off + p->run_len)
		err = flush(p);
	if (err)
		return err;
	if (!p->run_len)
		p->run_off = off;
	if (fill < 0)
		err = unpack_read(p->in, p->run + p->run_len, size);
	else
		memset(p->run + p->run_len, fill, size);
	p->run_len += err ? 0 : size;
	return err;
}

static struct error *find_block(struct parser *p)
{
	char name[QEMU_NAME_LEN];
	struct error *err = get_name(p, name);

	if (err)
		return err;
	for (size_t i = 0; i < p->save->nr_blocks; i++) {
		if (!strcmp(p->save->blocks[i].name, name)) {
			p->block = &p->save->blocks[i];
			return NULL;
		}
	}
	return error_create(ERROR_FORMAT,
			    "%s: QEMU stream before offset %#llx: a page of the unknown block "
			    "'%.64s'",
			    p->file->path, ULL(unpack_pos(p->in)), name);
}

static struct error *read_page(struct parser *p, uint64_t addr, unsigned int flags)
{
	struct error *err = NULL;
	uint64_t fill = 0;

	if (!(flags & PAGE_CONTINUE))
		err = find_block(p);
	if (err)
		return err;
	if (!p->block || !p->run || addr % p->save->page_size || addr >= p->block->len)
		return damaged(p, "address of a page", addr);
	if (flags & PAGE_ZERO && (err = get(p, 1, &fill)))
		return err;
	if (p->block->image_off != UINT64_MAX)
		return put_page(p, p->block->image_off + addr, flags & PAGE_ZERO ? (int)fill : -1);
	return flags & PAGE_DATA ? unpack_read(p->in, NULL, p->save->page_size) : NULL;
}

/* What a section of RAM holds, up to its end. */
static struct error *read_ram(struct parser *p)
{
	struct error *err = NULL;

	while (!err) {
		unsigned int flags;
		uint64_t word;

		if ((err = get(p, 8, &word)))
			return err;
		flags = (unsigned int)(word & PAGE_FLAGS);
		word &= ~(uint64_t)PAGE_FLAGS;
		if (flags == PAGE_EOS)
			return NULL;
		if (flags == PAGE_FLUSH)
			continue;
		if (flags == PAGE_MEM_SIZE)
			err = read_blocks(p, word);
		else if ((flags & ~(unsigned int)PAGE_CONTINUE) == PAGE_DATA ||
			 (flags & ~(unsigned int)PAGE_CONTINUE) == PAGE_ZERO)
			err = read_page(p, word, flags);
		else
			err = error_create(ERROR_UNSUPPORTED,
					   "%s: QEMU stream before offset %#llx: a page with "
					   "flags %#x (compressed, or sent by multifd)",
					   p->file->path, ULL(unpack_pos(p->in)), flags);
		if (p->options->stop && atomic_load(p->options->stop))
			err = err ? err : error_create(ERROR_INTERRUPTED, "interrupted");
	}
	return err;
}

static struct error *start_section(struct parser *p)
{
	char name[QEMU_NAME_LEN];
	uint64_t id, instance, version;
	struct error *err;

	if ((err = get(p, 4, &id)) || (err = get_name(p, name)) || (err = get(p, 4, &instance)) ||
	    (err = get(p, 4, &version)))
		return err;
	if (strcmp(name, "ram") != 0)
		return error_create(ERROR_UNSUPPORTED,
				    "%s: QEMU stream before offset %#llx: section '%.64s' stands "
				    "before the end of RAM",
				    p->file->path, ULL(unpack_pos(p->in)), name);
	p->ram_id = (uint32_t)id;
	p->ram_seen = true;
	return read_ram(p);
}

static struct error *go_on_section(struct parser *p, bool end)
{
	uint64_t id;
	struct error *err = get(p, 4, &id);

	if (err)
		return err;
	if (!p->ram_seen || id != p->ram_id)
		return damaged(p, "unknown section", id);
	p->ram_ended = end;
	return read_ram(p);
}

static struct error *read_section(struct parser *p)
{
	uint64_t type, value;
	struct error *err = get(p, 1, &type);

	if (err)
		return err;
	switch (type) {
	case SECTION_CONFIGURATION: return read_configuration(p);
	case SECTION_START:
	case SECTION_FULL: return start_section(p);
	case SECTION_PART:
	case SECTION_END: return go_on_section(p, type == SECTION_END);
	case SECTION_FOOTER: return get(p, 4, &value);
	case SECTION_COMMAND:
		if ((err = get(p, 2, &value)) || (err = get(p, 2, &value)))
			return err;
		return unpack_read(p->in, NULL, value);
	default: return damaged(p, "section of an unknown type", type);
	}
}

static struct error *parse(struct parser *p)
{
	uint64_t magic, version;
	struct error *err;

	if ((err = get(p, 4, &magic)) || (err = get(p, 4, &version)))
		return err;
	if (magic != 0x5145564d || version != QEMU_VERSION)
		return damaged(p, "no QEMU stream of version 3", magic << 32 | version);
	while (!err && !p->ram_ended)
		err = read_section(p);
	return err;
}

static void parser_deinit(struct parser *p)
{
	if (p->in)
		unpack_destroy(p->in);
	if (p->image)
		file_close(p->image);
	free(p->written);
	free(p->run);
}

/* What came before the damage may be all that there is to have. */
static struct error *salvage(struct parser *p, struct error *err, char why[static 160])
{
	bool some = p->save->nr_main && err && err->code == ERROR_FORMAT;

	if (!some || !p->options->salvage)
		return err;
	snprintf(why, 160, "%s", err->message);
	error_destroy(err);
	return NULL;
}

struct error *qemu_save_read(struct qemu_save *save, const struct file *file, uint64_t off,
			     const struct unpack_method *method,
			     const struct dump_open_options *options, struct file **image,
			     char why[static 160])
{
	_cleanup_(parser_deinit) struct parser p = {.save = save, .file = file, .options = options};
	struct error *err;

	save->page_size = 4096;
	why[0] = '\0';
	if ((err = unpack_create(file, off, method, &p.in)))
		return err;
	err = salvage(&p, parse(&p), why);
	if (!err && p.image)
		err = flush(&p);
	if (!err && p.image)
		err = spool_resize(p.image, save->image_len);
	if (err)
		return err;
	*image = TAKE_PTR(p.image);
	return NULL;
}
