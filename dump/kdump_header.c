// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_header.h"

#include <assert.h>
#include <elf.h>
#include <string.h>

#include "dump/codec.h"
#include "dump/machine.h"
#include "util/file.h"

#define SIGNATURE_LEN 8
#define ULL(x)        ((unsigned long long)(x))

static const uint8_t kdump_signature[SIGNATURE_LEN] = {'K', 'D', 'U', 'M', 'P', ' ', ' ', ' '};
static const uint8_t diskdump_signature[SIGNATURE_LEN] = {'D', 'I', 'S', 'K', 'D', 'U', 'M', 'P'};

/* A position in a header that is loaded or stored: one description serves both ways, so that they
 * cannot differ. The buffer has the full length of the longest layout. */
struct coder {
	uint8_t *data;
	size_t pos;
	bool store, big_endian;
	uint8_t word;  /* bytes of a long */
	uint8_t align; /* of 64-bit members */
};

static void code_u32(struct coder *c, uint32_t *v)
{
	if (c->store)
		store_u32(c->data + c->pos, *v, c->big_endian);
	else
		*v = load_u32(c->data + c->pos, c->big_endian);
	c->pos += 4;
}

static void code_u64(struct coder *c, uint64_t *v)
{
	c->pos = align_up(c->pos, c->align);
	if (c->store)
		store_u64(c->data + c->pos, *v, c->big_endian);
	else
		*v = load_u64(c->data + c->pos, c->big_endian);
	c->pos += 8;
}

static void code_word(struct coder *c, uint64_t *v)
{
	uint32_t low = (uint32_t)*v;

	if (c->word == 8) {
		code_u64(c, v);
		return;
	}
	code_u32(c, &low);
	*v = low;
}

static void code_text(struct coder *c, char text[static DUMP_UTS_LEN])
{
	if (c->store) {
		memcpy(c->data + c->pos, text, strnlen(text, DUMP_UTS_LEN - 1));
	} else {
		memcpy(text, c->data + c->pos, DUMP_UTS_LEN);
		text[DUMP_UTS_LEN - 1] = '\0';
	}
	c->pos += DUMP_UTS_LEN;
}

static struct coder coder_make(const struct kdump_header *h, uint8_t *data, bool store, bool main)
{
	bool wide = h->abi == KDUMP_ABI_64 || (main && h->abi == KDUMP_ABI_32_TIME64);

	return (struct coder){
		.data = data,
		.store = store,
		.big_endian = h->big_endian,
		.word = wide ? 8 : 4,
		.align = h->abi == KDUMP_ABI_32_PACKED ? 4 : 8,
	};
}

/* struct disk_dump_header */
static void code_main(struct kdump_header *h, uint8_t *data, bool store)
{
	struct coder c = coder_make(h, data, store, true);
	uint32_t max_mapnr = (uint32_t)h->max_mapnr;

	c.pos = SIGNATURE_LEN;
	code_u32(&c, &h->version);
	code_text(&c, h->uts.sysname);
	code_text(&c, h->uts.nodename);
	code_text(&c, h->uts.release);
	code_text(&c, h->uts.version);
	code_text(&c, h->uts.machine);
	code_text(&c, h->uts.domainname);
	c.pos = align_up(c.pos, c.word);
	code_word(&c, &h->time_sec);
	code_word(&c, &h->time_usec);
	code_u32(&c, &h->status);
	code_u32(&c, &h->block_size);
	code_u32(&c, &h->sub_hdr_size);
	code_u32(&c, &h->bitmap_blocks);
	code_u32(&c, &max_mapnr);
	code_u32(&c, &h->total_ram_blocks);
	code_u32(&c, &h->device_blocks);
	code_u32(&c, &h->written_blocks);
	code_u32(&c, &h->current_cpu);
	code_u32(&c, &h->nr_cpus);
	if (!store)
		h->max_mapnr = max_mapnr;
}

/* struct kdump_sub_header. What a version does not have must not be looked at: the notes of version
 * 4 stand where version 5 has more members. */
static void code_sub(struct kdump_header *h, uint8_t *data, bool store)
{
	struct coder c = coder_make(h, data, store, false);
	uint32_t split = h->split;
	uint64_t start = 0, end = 0;

	code_word(&c, &h->phys_base);
	if (h->version < 1)
		return;
	code_u32(&c, &h->dump_level);
	if (h->version < 2)
		return;
	code_u32(&c, &split);
	code_word(&c, &start);
	code_word(&c, &end);
	if (!store) {
		h->split = split != 0;
		h->start_pfn = start;
		h->end_pfn = end;
	}
	if (h->version < 3)
		return;
	code_u64(&c, &h->off_vmcoreinfo);
	code_word(&c, &h->size_vmcoreinfo);
	if (h->version < 4)
		return;
	code_u64(&c, &h->off_note);
	code_word(&c, &h->size_note);
	if (h->version < 5)
		return;
	code_u64(&c, &h->off_eraseinfo);
	code_word(&c, &h->size_eraseinfo);
	if (h->version < 6)
		return;
	code_u64(&c, &h->start_pfn);
	code_u64(&c, &h->end_pfn);
	code_u64(&c, &h->max_mapnr);
}

void kdump_header_encode(const struct kdump_header *header, uint8_t main[static KDUMP_MAIN_LEN],
			 uint8_t sub[static KDUMP_SUB_LEN])
{
	struct kdump_header h = *header;

	h.version = KDUMP_VERSION;
	memset(main, 0, KDUMP_MAIN_LEN);
	memset(sub, 0, KDUMP_SUB_LEN);
	memcpy(main, kdump_signature, SIGNATURE_LEN);
	code_main(&h, main, true);
	code_sub(&h, sub, true);
}

enum kdump_abi kdump_abi_of(uint16_t e_machine, uint8_t word, bool big_endian)
{
	const struct machine *machine = machine_find(e_machine, word, big_endian);

	if (word == 8)
		return KDUMP_ABI_64;
	return machine && machine->packed_sub_header ? KDUMP_ABI_32_PACKED : KDUMP_ABI_32_PADDED;
}

uint64_t kdump_first_pfn(const struct kdump_header *header)
{
	const struct machine *machine = machine_find_name(header->uts.machine);

	bool arm = machine && machine->e_machine == EM_ARM && header->abi != KDUMP_ABI_64;

	return arm ? header->phys_base / header->block_size : 0;
}

/* The bits of max_mapnr have to fit into the bitmaps, which are two, or for DISKDUMP perhaps one.
 */
static struct error *check_main(const char *path, const struct kdump_header *h)
{
	uint64_t max = (1ULL << KDUMP_MAX_PADDR_SHIFT) / KDUMP_MIN_BLOCK;

	if (h->version > KDUMP_VERSION)
		return error_create(ERROR_UNSUPPORTED,
				    "%s: kdump header version %u at offset 0x8, newer than %d",
				    path, h->version, KDUMP_VERSION);
	if (!is_power_of_two(h->block_size) || h->block_size < KDUMP_MIN_BLOCK ||
	    h->block_size > KDUMP_MAX_BLOCK)
		return error_create(ERROR_FORMAT,
				    "%s: kdump header: block size %u, want a power of two from %u "
				    "to %u",
				    path, h->block_size, KDUMP_MIN_BLOCK, KDUMP_MAX_BLOCK);
	if ((int32_t)h->sub_hdr_size < !h->diskdump || (int32_t)h->bitmap_blocks <= 0)
		return error_create(ERROR_FORMAT,
				    "%s: kdump header: %d blocks of sub header, %d of bitmaps",
				    path, (int32_t)h->sub_hdr_size, (int32_t)h->bitmap_blocks);
	if (h->max_mapnr > max)
		return error_create(ERROR_FORMAT, "%s: kdump header: max_mapnr %#llx is too large",
				    path, ULL(h->max_mapnr));
	return NULL;
}

static struct error *check_sub(const char *path, const struct kdump_header *h, uint64_t mapnr_main)
{
	uint64_t low = h->max_mapnr & UINT32_MAX, need;

	assert(h->block_size); // check_main() saw to it
	need = kdump_bitmap_blocks(h->max_mapnr, h->block_size);
	// makedumpfile cuts the 32-bit member, QEMU saturates it
	if (low != mapnr_main && !(mapnr_main == UINT32_MAX && h->max_mapnr > UINT32_MAX))
		return error_create(
			ERROR_FORMAT,
			"%s: kdump sub header at offset %#x: max_mapnr %#llx, but %#llx "
			"in the main header",
			path, h->block_size, ULL(h->max_mapnr), ULL(mapnr_main));
	if ((h->off_note && h->off_note < h->block_size) ||
	    (h->off_vmcoreinfo && h->off_vmcoreinfo < h->block_size) ||
	    (h->off_eraseinfo && h->off_eraseinfo < h->block_size))
		return error_create(ERROR_FORMAT,
				    "%s: kdump sub header at offset %#x: notes at %#llx, "
				    "vmcoreinfo at %#llx, eraseinfo at %#llx, inside block 0",
				    path, h->block_size, ULL(h->off_note), ULL(h->off_vmcoreinfo),
				    ULL(h->off_eraseinfo));
	if (need > h->bitmap_blocks / (h->diskdump ? 1 : 2))
		return error_create(ERROR_FORMAT,
				    "%s: kdump header: %u blocks of bitmaps, but max_mapnr %#llx "
				    "needs two of %llu",
				    path, h->bitmap_blocks, ULL(h->max_mapnr), ULL(need));
	return NULL;
}

/* Both headers in one layout; fails where they make no sense in it. */
static struct error *try_layout(const struct file *file, uint8_t *main, enum kdump_abi abi,
				bool big_endian, struct kdump_header *ret)
{
	struct kdump_header h = {.abi = abi, .big_endian = big_endian};
	uint8_t sub[KDUMP_SUB_LEN] = {0};
	uint64_t mapnr_main;
	struct error *err;

	h.diskdump = !memcmp(main, diskdump_signature, SIGNATURE_LEN);
	code_main(&h, main, false);
	if ((err = check_main(file->path, &h)))
		return err;
	mapnr_main = h.max_mapnr;
	if (!h.diskdump) {
		if ((err = file_read_full(file, h.block_size, sub, sizeof(sub))))
			return err;
		code_sub(&h, sub, false);
	}
	if ((err = check_main(file->path, &h)) || (err = check_sub(file->path, &h, mapnr_main)))
		return err;
	*ret = h;
	return NULL;
}

/* Layouts in the order of their likelihood for this machine (NULL: unknown). */
static const enum kdump_abi *layouts(const struct machine *machine)
{
	static const enum kdump_abi wide[] = {KDUMP_ABI_64, KDUMP_ABI_32_PACKED,
					      KDUMP_ABI_32_PADDED, KDUMP_ABI_32_TIME64};
	static const enum kdump_abi packed[] = {KDUMP_ABI_32_PACKED, KDUMP_ABI_32_PADDED,
						KDUMP_ABI_32_TIME64, KDUMP_ABI_64};
	static const enum kdump_abi padded[] = {KDUMP_ABI_32_PADDED, KDUMP_ABI_32_TIME64,
						KDUMP_ABI_32_PACKED, KDUMP_ABI_64};

	if (!machine || machine->word == 8)
		return wide;
	return machine->packed_sub_header ? packed : padded;
}

/* The main header; its machine (NULL: unknown) and byte order tell how to read the rest. */
static struct error *read_main(const struct file *file, uint8_t main[static KDUMP_MAIN_LEN],
			       const struct machine **machine, bool *big_endian)
{
	struct kdump_header h = {.abi = KDUMP_ABI_64};
	struct error *err = file_read_full(file, 0, main, KDUMP_MAIN_LEN);

	if (err)
		return err;
	if (memcmp(main, kdump_signature, SIGNATURE_LEN) != 0 &&
	    memcmp(main, diskdump_signature, SIGNATURE_LEN) != 0)
		return error_create(ERROR_FORMAT, "%s: no kdump signature at offset 0", file->path);
	// names and version stand at the same place in every layout
	code_main(&h, main, false);
	*machine = machine_find_name(h.uts.machine);
	*big_endian = *machine ? (*machine)->big_endian : h.version > KDUMP_VERSION;
	return NULL;
}

struct error *kdump_header_read(const struct file *file, struct kdump_header *ret)
{
	_cleanup_error_ struct error *first = NULL;
	uint8_t main[KDUMP_MAIN_LEN];
	const struct machine *machine;
	bool big_endian;
	struct error *err;

	if ((err = read_main(file, main, &machine, &big_endian)))
		return err;
	for (int i = 0; i < 8; i++) {
		err = try_layout(file, main, layouts(machine)[i % 4], big_endian ^ (i >= 4), ret);
		if (!err)
			return NULL;
		if (!first)
			first = err;
		else
			error_destroy(err);
	}
	return TAKE_PTR(first);
}

/* Offsets that point into block 0 point nowhere. */
static void drop(uint64_t *off, uint64_t *size, uint32_t block_size)
{
	if (*off < block_size)
		*off = *size = 0;
}

struct error *kdump_header_salvage(const struct file *file, struct kdump_header *ret)
{
	uint8_t main[KDUMP_MAIN_LEN], sub[KDUMP_SUB_LEN] = {0};
	struct kdump_header h = {0};
	const struct machine *machine;
	uint64_t bits, mapnr_main;
	struct error *err;

	if ((err = read_main(file, main, &machine, &h.big_endian)))
		return err;
	h.abi = layouts(machine)[0];
	h.diskdump = !memcmp(main, diskdump_signature, SIGNATURE_LEN);
	code_main(&h, main, false);
	mapnr_main = h.max_mapnr;
	h.version = (uint32_t)min_u64(h.version, KDUMP_VERSION);
	if ((err = check_main(file->path, &h)))
		return err;
	if (!h.diskdump && (err = file_read_full(file, h.block_size, sub, sizeof(sub))))
		return err;
	if (!h.diskdump)
		code_sub(&h, sub, false);
	// no more memory than there are bits for; the member that fits is the right one
	bits = h.bitmap_blocks / (h.diskdump ? 1 : 2) * 8ULL * h.block_size;
	if (h.max_mapnr > bits || !h.max_mapnr)
		h.max_mapnr = mapnr_main;
	h.max_mapnr = min_u64(h.max_mapnr, bits);
	drop(&h.off_note, &h.size_note, h.block_size);
	drop(&h.off_vmcoreinfo, &h.size_vmcoreinfo, h.block_size);
	drop(&h.off_eraseinfo, &h.size_eraseinfo, h.block_size);
	*ret = h;
	return NULL;
}
