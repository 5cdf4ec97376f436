// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/fakelog.h"

#include <inttypes.h>
#include <stdio.h>

#include "tests/support/test.h"
#include "util/checked.h"

#define INFO_SIZE 88U

static unsigned int word_of(const struct fakelog *log)
{
	return log->fake->reader.facts.word;
}

static uint64_t word_max(const struct fakelog *log)
{
	return word_of(log) == 4 ? UINT32_MAX : UINT64_MAX;
}

static uint64_t id_max(const struct fakelog *log)
{
	return word_max(log) >> 2;
}

uint64_t fakelog_desc(const struct fakelog *log, uint64_t id)
{
	return log->descs + (id & ((1U << log->count_bits) - 1)) * (uint64_t)(3 * word_of(log));
}

uint64_t fakelog_info(const struct fakelog *log, uint64_t id)
{
	return log->infos + (id & ((1U << log->count_bits) - 1)) * (uint64_t)INFO_SIZE;
}

/* The structs of include/linux/printk_ringbuffer.h, laid out by a compiler for the word size. */
static void write_vmcoreinfo(struct fakelog *log)
{
	uint64_t base = log->fake->base;
	unsigned int w = word_of(log);

	snprintf(log->vmcoreinfo, sizeof(log->vmcoreinfo),
		 "OSRELEASE=6.1.0-test\nSYMBOL(prb)=%" PRIx64 "\nSYMBOL(clear_seq)=%" PRIx64
		 "\nSYMBOL(init_uts_ns)=%" PRIx64 "\nOFFSET(uts_namespace.name)=0\n"
		 "OFFSET(printk_ringbuffer.desc_ring)=0\n"
		 "OFFSET(printk_ringbuffer.text_data_ring)=%u\n"
		 "OFFSET(prb_desc_ring.count_bits)=0\nOFFSET(prb_desc_ring.descs)=%u\n"
		 "OFFSET(prb_desc_ring.infos)=%u\nOFFSET(prb_desc_ring.head_id)=%u\n"
		 "OFFSET(prb_desc_ring.tail_id)=%u\nSIZE(prb_desc)=%u\n"
		 "OFFSET(prb_desc.state_var)=0\nOFFSET(prb_desc.text_blk_lpos)=%u\n"
		 "OFFSET(prb_data_blk_lpos.begin)=0\nOFFSET(prb_data_blk_lpos.next)=%u\n"
		 "SIZE(printk_info)=88\nOFFSET(printk_info.seq)=0\n"
		 "OFFSET(printk_info.ts_nsec)=8\nOFFSET(printk_info.text_len)=16\n"
		 "OFFSET(printk_info.caller_id)=20\nOFFSET(printk_info.dev_info)=24\n"
		 "OFFSET(dev_printk_info.subsystem)=0\nLENGTH(printk_info_subsystem)=16\n"
		 "OFFSET(dev_printk_info.device)=16\nLENGTH(printk_info_device)=48\n"
		 "OFFSET(prb_data_ring.size_bits)=0\nOFFSET(prb_data_ring.data)=%u\n"
		 "SIZE(latched_seq)=24\nOFFSET(latched_seq.val)=8\n",
		 base + 0x100, log->clear_seq, log->uts, 6 * w, w, 2 * w, 3 * w, 4 * w, 3 * w, w, w,
		 w);
}

static void write_ids(struct fakelog *log)
{
	unsigned int w = word_of(log);

	fake_word(log->fake, log->ring + 3 * w, log->head_id);
	fake_word(log->fake, log->ring + 4 * w, log->tail_id);
}

void fakelog_init(struct fakelog *log, struct fakekernel *fake, unsigned int count_bits,
		  unsigned int size_bits)
{
	unsigned int w = fake->reader.facts.word;

	*log = (struct fakelog){
		.fake = fake,
		.count_bits = count_bits,
		.size_bits = size_bits,
		.ring = fake->base + 0x200,
		.clear_seq = fake->base + 0x300,
		.uts = fake->base + 0x400,
		.descs = fake->base + 0x3000,
	};
	log->infos = log->descs + (UINT64_C(24) << count_bits);
	log->text = log->infos + ((uint64_t)INFO_SIZE << count_bits);
	log->head_lpos = (0 - (UINT64_C(1) << size_bits)) & word_max(log);
	log->head_id = log->tail_id = (0 - (UINT64_C(1) << count_bits) - 1) & id_max(log);
	write_vmcoreinfo(log);
	fake_word(fake, fake->base + 0x100, log->ring);
	fake_u32(fake, log->ring, count_bits);
	fake_word(fake, log->ring + w, log->descs);
	fake_word(fake, log->ring + 2 * w, log->infos);
	fake_u32(fake, log->ring + 6 * w, size_bits);
	fake_word(fake, log->ring + 7 * w, log->text);
	// the tail begins as a reusable descriptor
	fake_word(fake, fakelog_desc(log, log->head_id), UINT64_C(3) << (w * 8 - 2) | log->head_id);
	write_ids(log);
	fakekernel_open(fake, log->vmcoreinfo);
}

/* Takes away the records whose text is overwritten by a block that ends at next, and the oldest one
 * when id needs its descriptor. As in the kernel tail_id moves only then. */
static void make_room(struct fakelog *log, uint64_t id, uint64_t next)
{
	unsigned int w = word_of(log);

	for (uint64_t old = log->tail_id; old != id; old = (old + 1) & id_max(log)) {
		uint64_t desc = fakelog_desc(log, old), state = fake_get_word(log->fake, desc);
		uint64_t begin = fake_get_word(log->fake, desc + w);
		bool full = ((id - old) & id_max(log)) == UINT64_C(1) << log->count_bits;

		if (full)
			log->tail_id = (old + 1) & id_max(log);
		if (full || (!(begin & 1) && state >> (w * 8 - 2) != 3 &&
			     ((next - begin) & word_max(log)) > 1U << log->size_bits))
			fake_word(log->fake, desc, UINT64_C(3) << (w * 8 - 2) | old);
	}
}

/* As data_alloc() of the kernel: a block that does not fit the rest goes to the begin. */
static uint64_t put_text(struct fakelog *log, uint64_t id, const char *text, size_t len)
{
	uint64_t size = UINT64_C(1) << log->size_bits, max = word_max(log);
	uint64_t need = align_up(word_of(log) + len, word_of(log));
	uint64_t begin = log->head_lpos, next = (begin + need) & max;
	uint64_t last = ((next - log->exact_fit) & max) >> log->size_bits;
	uint64_t pos = begin & (size - 1);

	assert_true(need <= size / 2);
	if (begin >> log->size_bits != last) {
		pos = 0;
		next = (last << log->size_bits) + need;
	}
	make_room(log, id, next);
	fake_word(log->fake, log->text + pos, id);
	memcpy(fake_at(log->fake, log->text + pos + word_of(log), len), text, len);
	log->head_lpos = next;
	return next;
}

uint64_t fakelog_add(struct fakelog *log, const struct printk_record *record, unsigned int state)
{
	struct fakekernel *fake = log->fake;
	uint64_t id = (log->head_id + 1) & id_max(log), begin = 3, next = 3;
	uint64_t desc = fakelog_desc(log, id), info = fakelog_info(log, id);
	unsigned int w = word_of(log);

	make_room(log, id, log->head_lpos);
	if (record->len) {
		begin = log->head_lpos;
		next = put_text(log, id, record->text, record->len);
	}
	fake_word(fake, desc, (uint64_t)state << (w * 8 - 2) | id);
	fake_word(fake, desc + w, begin);
	fake_word(fake, desc + 2 * w, next);
	memset(fake_at(fake, info, INFO_SIZE), 0, INFO_SIZE);
	fake_u64(fake, info, log->next_seq++);
	fake_u64(fake, info + 8, record->ts_nsec);
	fake_u16(fake, info + 16, (uint16_t)record->len);
	*fake_at(fake, info + 18, 1) = record->facility;
	*fake_at(fake, info + 19, 1) = fake->reader.facts.big_endian
					       ? (uint8_t)(record->flags << 3 | record->level)
					       : (uint8_t)(record->level << 5 | record->flags);
	fake_u32(fake, info + 20, record->caller_id);
	if (record->subsystem)
		strncpy((char *)fake_at(fake, info + 24, 16), record->subsystem, 16);
	if (record->device)
		strncpy((char *)fake_at(fake, info + 40, 48), record->device, 48);
	log->head_id = id;
	write_ids(log);
	return id;
}

void fakelog_say(struct fakelog *log, uint64_t ts_nsec, const char *text)
{
	const struct printk_record record = {
		.ts_nsec = ts_nsec, .level = 6, .text = text, .len = strlen(text)};

	fakelog_add(log, &record, 2);
}
