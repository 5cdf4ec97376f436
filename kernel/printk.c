// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk.h"

#include <inttypes.h>
#include <string.h>

#include "dump/reader.h"
#include "kernel/kernel.h"
#include "util/bytes.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

/*
 * Three arrays make the ring: descriptors and infos, at the index that the low bits of a record's
 * id give, and text, where a block is the id of its record and then the bytes. The records there
 * are have the ids from tail_id to head_id.
 */

enum desc_state { // the top two bits of a descriptor's state_var; the others are the id
	DESC_RESERVED = 0,
	DESC_COMMITTED = 1,
	DESC_FINALIZED = 2,
	DESC_REUSABLE = 3,
};

#define LPOS_NO_BLOCK 1U /**< this bit of a block's begin: there is no block */
#define LPOS_EMPTY    3U /**< begin and next of an empty line; all others had no room for text */

#define COUNT_BITS_MAX 26U /**< log_buf_len= ends at 2 GiB, and 32 bytes count as a record */
#define SIZE_BITS_MAX  31U
#define STRUCT_MAX     4096U /**< none of these structs comes near */
#define DEV_LEN_MAX    64U
#define WINDOW_LEN     (128U << 10)
#define HOLE_LEN       4096U /**< no kernel has smaller pages: memory is there or not in these */

enum field {
	RB_DESC_RING,
	RB_TEXT_RING,
	RING_COUNT_BITS,
	RING_DESCS,
	RING_INFOS,
	RING_HEAD_ID,
	RING_TAIL_ID,
	TEXT_SIZE_BITS,
	TEXT_DATA,
	DESC_SIZE,
	DESC_STATE,
	DESC_BLOCK,
	BLOCK_BEGIN,
	BLOCK_NEXT,
	INFO_SIZE,
	INFO_SEQ,
	INFO_TS,
	INFO_TEXT_LEN,
	INFO_CALLER,
	INFO_DEV,
	DEV_SUBSYSTEM,
	DEV_DEVICE,
	DEV_SUBSYSTEM_LEN,
	DEV_DEVICE_LEN,
	NR_FIELDS,
};

#define HAS_CHANGED UINT16_MAX

static const struct {
	bool (*get)(const struct vmcoreinfo *info, const char *name, uint64_t *ret);
	const char *name;
	uint16_t usual; /**< on all 64-bit machines so far */
} fields[NR_FIELDS] = {
	[RB_DESC_RING] = {vmcoreinfo_offset, "printk_ringbuffer.desc_ring", 0},
	[RB_TEXT_RING] = {vmcoreinfo_offset, "printk_ringbuffer.text_data_ring", HAS_CHANGED},
	[RING_COUNT_BITS] = {vmcoreinfo_offset, "prb_desc_ring.count_bits", 0},
	[RING_DESCS] = {vmcoreinfo_offset, "prb_desc_ring.descs", 8},
	[RING_INFOS] = {vmcoreinfo_offset, "prb_desc_ring.infos", 16},
	[RING_HEAD_ID] = {vmcoreinfo_offset, "prb_desc_ring.head_id", 24},
	[RING_TAIL_ID] = {vmcoreinfo_offset, "prb_desc_ring.tail_id", 32},
	[TEXT_SIZE_BITS] = {vmcoreinfo_offset, "prb_data_ring.size_bits", 0},
	[TEXT_DATA] = {vmcoreinfo_offset, "prb_data_ring.data", 8},
	[DESC_SIZE] = {vmcoreinfo_size, "prb_desc", 24},
	[DESC_STATE] = {vmcoreinfo_offset, "prb_desc.state_var", 0},
	[DESC_BLOCK] = {vmcoreinfo_offset, "prb_desc.text_blk_lpos", 8},
	[BLOCK_BEGIN] = {vmcoreinfo_offset, "prb_data_blk_lpos.begin", 0},
	[BLOCK_NEXT] = {vmcoreinfo_offset, "prb_data_blk_lpos.next", 8},
	[INFO_SIZE] = {vmcoreinfo_size, "printk_info", 88},
	[INFO_SEQ] = {vmcoreinfo_offset, "printk_info.seq", 0},
	[INFO_TS] = {vmcoreinfo_offset, "printk_info.ts_nsec", 8},
	// facility is behind it, then flags and level in one byte: these have no key
	[INFO_TEXT_LEN] = {vmcoreinfo_offset, "printk_info.text_len", 16},
	[INFO_CALLER] = {vmcoreinfo_offset, "printk_info.caller_id", 20},
	[INFO_DEV] = {vmcoreinfo_offset, "printk_info.dev_info", 24},
	[DEV_SUBSYSTEM] = {vmcoreinfo_offset, "dev_printk_info.subsystem", 0},
	[DEV_DEVICE] = {vmcoreinfo_offset, "dev_printk_info.device", 16},
	[DEV_SUBSYSTEM_LEN] = {vmcoreinfo_length, "printk_info_subsystem", 16},
	[DEV_DEVICE_LEN] = {vmcoreinfo_length, "printk_info_device", 48},
};

/** Memory that was read ahead: what follows in an array is mostly what is asked for next. */
struct window {
	uint64_t vaddr;
	size_t len;
	uint64_t hole; /**< from vaddr + len up to here nothing can be read */
	uint8_t *buf;  /**< WINDOW_LEN */
};

struct ring {
	struct kernel *kernel;
	const char *path; /**< of the dump, for messages */
	bool big_endian;
	uint8_t word;
	uint64_t word_max;         /**< what a long can hold; positions and ids wrap behind it */
	uint64_t field[NR_FIELDS]; /**< offsets, sizes, lengths */
	uint64_t prb;
	uint64_t descs, infos, text; /**< virtual addresses of the arrays */
	unsigned int count_bits, size_bits;
	uint64_t head_id, tail_id;
	uint8_t *memory; /**< of the windows; owned */
	struct window desc_window, info_window, text_window;
	char subsystem[DEV_LEN_MAX + 1], device[DEV_LEN_MAX + 1]; /**< of the record in hand */
};

static struct error *read_layout(struct ring *ring)
{
	const struct vmcoreinfo *info = kernel_vmcoreinfo(ring->kernel);
	uint64_t *field = ring->field;

	for (size_t i = 0; i < NR_FIELDS; i++) {
		if (!fields[i].get(info, fields[i].name, &field[i])) {
			if (ring->word != 8 || fields[i].usual == HAS_CHANGED)
				return error_create(
					ERROR_NOT_FOUND,
					"%s: no kernel log: VMCOREINFO does not have %s",
					ring->path, fields[i].name);
			field[i] = fields[i].usual;
		}
		if (field[i] > STRUCT_MAX)
			return error_create(ERROR_FORMAT,
					    "%s: no kernel log: VMCOREINFO has %" PRIu64 " for %s",
					    ring->path, field[i], fields[i].name);
	}
	if (field[DESC_STATE] + ring->word > field[DESC_SIZE] ||
	    field[DESC_BLOCK] + field[BLOCK_BEGIN] + ring->word > field[DESC_SIZE] ||
	    field[DESC_BLOCK] + field[BLOCK_NEXT] + ring->word > field[DESC_SIZE] ||
	    field[INFO_SEQ] + 8 > field[INFO_SIZE] || field[INFO_TS] + 8 > field[INFO_SIZE] ||
	    field[INFO_TEXT_LEN] + 4 > field[INFO_SIZE] ||
	    field[INFO_CALLER] + 4 > field[INFO_SIZE] ||
	    field[INFO_DEV] + field[DEV_SUBSYSTEM] + field[DEV_SUBSYSTEM_LEN] > field[INFO_SIZE] ||
	    field[INFO_DEV] + field[DEV_DEVICE] + field[DEV_DEVICE_LEN] > field[INFO_SIZE])
		return error_create(ERROR_FORMAT,
				    "%s: no kernel log: the members of prb_desc (%" PRIu64
				    " bytes) or printk_info (%" PRIu64
				    " bytes) in VMCOREINFO do not fit",
				    ring->path, field[DESC_SIZE], field[INFO_SIZE]);
	return NULL;
}

static struct error *read_header(struct ring *ring)
{
	const uint64_t *field = ring->field;
	uint64_t desc_ring = ring->prb + field[RB_DESC_RING];
	uint64_t text_ring = ring->prb + field[RB_TEXT_RING];

	if (!kernel_read_u32(ring->kernel, desc_ring + field[RING_COUNT_BITS], &ring->count_bits) ||
	    !kernel_read_word(ring->kernel, desc_ring + field[RING_DESCS], &ring->descs) ||
	    !kernel_read_word(ring->kernel, desc_ring + field[RING_INFOS], &ring->infos) ||
	    !kernel_read_word(ring->kernel, desc_ring + field[RING_HEAD_ID], &ring->head_id) ||
	    !kernel_read_word(ring->kernel, desc_ring + field[RING_TAIL_ID], &ring->tail_id) ||
	    !kernel_read_u32(ring->kernel, text_ring + field[TEXT_SIZE_BITS], &ring->size_bits) ||
	    !kernel_read_word(ring->kernel, text_ring + field[TEXT_DATA], &ring->text))
		return error_create(ERROR_NOT_FOUND,
				    "%s: no kernel log: the ring buffer at %#" PRIx64
				    " cannot be read",
				    ring->path, ring->prb);
	if (!ring->count_bits || ring->count_bits > COUNT_BITS_MAX || ring->size_bits < 4 ||
	    ring->size_bits > SIZE_BITS_MAX)
		return error_create(ERROR_FORMAT,
				    "%s: no kernel log: the ring buffer at %#" PRIx64
				    " has 2^%u records and 2^%u bytes of text",
				    ring->path, ring->prb, ring->count_bits, ring->size_bits);
	return NULL;
}

/* Where the ring is: prb points at the static one or at the one of log_buf_len=. */
static struct error *find_ring(struct ring *ring)
{
	struct kernel *kernel = ring->kernel;
	uint64_t address;

	if (!kernel_symbol(kernel, "prb", &address)) {
		if (kernel_symbol(kernel, "log_buf", &address))
			return error_create(
				ERROR_UNSUPPORTED,
				"%s: no kernel log: it has the form of before Linux "
				"5.10 (VMCOREINFO has SYMBOL(log_buf), not SYMBOL(prb))",
				ring->path);
		return error_create(ERROR_NOT_FOUND, "%s: no kernel log: %s", ring->path,
				    kernel->dump->facts.vmcoreinfo
					    ? "VMCOREINFO does not have SYMBOL(prb)"
					    : "the dump has no VMCOREINFO, which says where it is");
	}
	if (!kernel->translates)
		return error_create(ERROR_NOT_FOUND, "%s: no kernel log: %s", ring->path,
				    kernel->reason ? kernel->reason->message
						   : "addresses cannot be translated");
	if (!kernel_read_word(kernel, address, &ring->prb))
		return error_create(ERROR_NOT_FOUND,
				    "%s: no kernel log: prb at %#" PRIx64 " cannot be read",
				    ring->path, address);
	return NULL;
}

static struct error *ring_init(struct ring *ring, struct kernel *kernel)
{
	const struct dump_facts *facts = &kernel->dump->facts;
	struct error *err;

	*ring = (struct ring){
		.kernel = kernel,
		.path = kernel->dump->file->path,
		.big_endian = kernel->as.big_endian,
		.word = facts->word,
		.word_max = facts->word == 4 ? UINT32_MAX : UINT64_MAX,
	};
	err = find_ring(ring);
	err = err ? err : read_layout(ring);
	err = err ? err : read_header(ring);
	if (err)
		return err;
	ring->memory = sys_malloc(3 * (size_t)WINDOW_LEN);
	if (!ring->memory)
		return &error_nomem;
	ring->desc_window.buf = ring->memory;
	ring->info_window.buf = ring->memory + WINDOW_LEN;
	ring->text_window.buf = ring->memory + 2 * (size_t)WINDOW_LEN;
	return NULL;
}

static void ring_deinit(struct ring *ring)
{
	free(ring->memory);
}

/* len bytes at vaddr in an array that goes up to end, or NULL when one of them cannot be read. */
static const uint8_t *window_get(const struct ring *ring, struct window *window, uint64_t vaddr,
				 size_t len, uint64_t end)
{
	uint64_t off = vaddr - window->vaddr, stop = window->vaddr + window->len;
	size_t want = min_u64(WINDOW_LEN, end - vaddr);

	if (off <= window->len && window->len - off >= len)
		return window->buf + off;
	if (vaddr >= stop && vaddr < window->hole)
		return NULL;
	window->vaddr = vaddr;
	window->len = kernel_read_some(ring->kernel, vaddr, window->buf, want);
	window->hole = window->len < want ? ((vaddr + window->len) | (HOLE_LEN - 1)) + 1 : 0;
	return window->len < len ? NULL : window->buf;
}

static uint64_t load_word(const struct ring *ring, const uint8_t *p)
{
	return ring->word == 4 ? load_u32(p, ring->big_endian) : load_u64(p, ring->big_endian);
}

/* Element of an array that has one for each descriptor. */
static const uint8_t *element(const struct ring *ring, struct window *window, uint64_t array,
			      uint64_t size, uint64_t id)
{
	uint64_t count = UINT64_C(1) << ring->count_bits;

	return window_get(ring, window, array + (id & (count - 1)) * size, size,
			  array + count * size);
}

/* Position in the text array and length of the block that a descriptor tells of. A block that would
 * run past the end of the array stands at its begin instead. Up to Linux commit 67e1b0052f6b
 * ("printk_ringbuffer: don't needlessly wrap data blocks around") one that just fits did too; its
 * next then is not on a multiple of the size, so that one rule serves both. */
static bool locate_block(const struct ring *ring, uint64_t begin, uint64_t next, uint64_t *pos,
			 uint64_t *len)
{
	uint64_t size = UINT64_C(1) << ring->size_bits;
	uint64_t last = ((next - 1) & ring->word_max) >> ring->size_bits;

	if (begin >> ring->size_bits == last) {
		*pos = begin & (size - 1);
		*len = (next - begin) & ring->word_max;
	} else if (((begin + size) & ring->word_max) >> ring->size_bits == last) {
		*pos = 0;
		*len = next & (size - 1);
	} else {
		return false;
	}
	return *len >= ring->word && *len <= size - *pos && !((begin | next) & (ring->word - 1U));
}

static bool read_text(struct ring *ring, uint64_t id, const uint8_t *desc, size_t text_len,
		      struct printk_record *record)
{
	const uint8_t *lpos = desc + ring->field[DESC_BLOCK], *block;
	uint64_t begin = load_word(ring, lpos + ring->field[BLOCK_BEGIN]);
	uint64_t next = load_word(ring, lpos + ring->field[BLOCK_NEXT]);
	uint64_t pos, len;

	record->text = "";
	record->len = 0;
	if (begin & LPOS_NO_BLOCK)
		return begin == LPOS_EMPTY && next == LPOS_EMPTY;
	if (!locate_block(ring, begin, next, &pos, &len))
		return false;
	len = min_u64(len, ring->word + text_len);
	block = window_get(ring, &ring->text_window, ring->text + pos, len,
			   ring->text + (UINT64_C(1) << ring->size_bits));
	if (!block || load_word(ring, block) != id)
		return false;
	record->text = (const char *)block + ring->word;
	record->len = len - ring->word;
	return true;
}

/* A member of dev_info, which is an array of chars that may be full. */
static const char *read_dev(const struct ring *ring, const uint8_t *info, enum field member,
			    enum field len, char copy[static DEV_LEN_MAX + 1])
{
	size_t n = min_u64(ring->field[len], DEV_LEN_MAX);

	memcpy(copy, info + ring->field[INFO_DEV] + ring->field[member], n);
	copy[n] = '\0';
	return copy;
}

enum outcome { RECORD, NO_RECORD, DAMAGED };

static enum outcome read_record(struct ring *ring, uint64_t id, struct printk_record *record)
{
	const uint64_t *field = ring->field;
	const unsigned int state_shift = ring->word * 8U - 2;
	const uint8_t *desc, *info, *len;
	uint64_t state;

	desc = element(ring, &ring->desc_window, ring->descs, field[DESC_SIZE], id);
	if (!desc)
		return DAMAGED;
	state = load_word(ring, desc + field[DESC_STATE]);
	if (state >> state_shift == DESC_RESERVED || state >> state_shift == DESC_REUSABLE)
		return NO_RECORD;
	if ((state & (ring->word_max >> 2)) != id)
		return DAMAGED;
	info = element(ring, &ring->info_window, ring->infos, field[INFO_SIZE], id);
	if (!info)
		return DAMAGED;
	len = info + field[INFO_TEXT_LEN];
	*record = (struct printk_record){
		.seq = load_u64(info + field[INFO_SEQ], ring->big_endian),
		.ts_nsec = load_u64(info + field[INFO_TS], ring->big_endian),
		.facility = len[2],
		.flags = ring->big_endian ? len[3] >> 3 : len[3] & 0x1f,
		.level = ring->big_endian ? len[3] & 7 : len[3] >> 5,
		.caller_id = load_u32(info + field[INFO_CALLER], ring->big_endian),
		.subsystem = read_dev(ring, info, DEV_SUBSYSTEM, DEV_SUBSYSTEM_LEN,
				      ring->subsystem),
		.device = read_dev(ring, info, DEV_DEVICE, DEV_DEVICE_LEN, ring->device),
	};
	// the kernel itself finds a record's descriptor by the low bits of its seq
	if ((record->seq ^ id) & ((UINT64_C(1) << ring->count_bits) - 1))
		return DAMAGED;
	return read_text(ring, id, desc, load_u16(len, ring->big_endian), record) ? RECORD
										  : DAMAGED;
}

/* Since Linux commit 7d7a23a91c91 ("printk: use seqcount_latch for clear_seq") there are two copies
 * and a counter whose low bit says which of them is not being written. */
static uint64_t read_clear_seq(struct kernel *kernel)
{
	const struct vmcoreinfo *info = kernel_vmcoreinfo(kernel);
	uint64_t address, val, seq = 0;
	uint32_t latch;

	if (!kernel_symbol(kernel, "clear_seq", &address))
		return 0;
	if (vmcoreinfo_offset(info, "latched_seq.val", &val)) {
		if (!kernel_read_u32(kernel, address, &latch))
			return 0;
		address += val + (latch & 1) * 8;
	}
	return kernel_read_u64(kernel, address, &seq) ? seq : 0;
}

struct error *printk_walk(struct kernel *kernel,
			  bool (*fn)(void *arg, const struct printk_record *), void *arg,
			  struct printk_summary *summary)
{
	_cleanup_(ring_deinit) struct ring ring;
	struct error *err = ring_init(&ring, kernel);
	uint64_t id_max = ring.word_max >> 2, nr;
	bool more = true;

	if (err)
		return err;
	*summary = (struct printk_summary){.clear_seq = read_clear_seq(kernel)};
	nr = min_u64((ring.head_id - ring.tail_id) & id_max, (UINT64_C(1) << ring.count_bits) - 1) +
	     1;
	for (; nr && more; nr--) {
		struct printk_record record;

		switch (read_record(&ring, (ring.head_id - nr + 1) & id_max, &record)) {
		case RECORD:
			summary->records++;
			more = fn(arg, &record);
			break;
		case DAMAGED: summary->dropped++; break;
		case NO_RECORD: break;
		}
	}
	if (summary->dropped && !summary->records)
		return error_create(ERROR_FORMAT,
				    "%s: no kernel log: of the %" PRIu64
				    " records in the ring buffer at %#" PRIx64 " none makes sense",
				    ring.path, summary->dropped, ring.prb);
	return NULL;
}
