// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/fakekernel.h"

#include "tests/support/test.h"
#include "util/bytes.h"
#include "util/checked.h"

static const struct fakekernel *fake_of(const struct dump_reader *reader)
{
	return (const struct fakekernel *)reader; // its first member
}

static void next_run(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t paddr,
		     struct dump_run *ret)
{
	const struct fakekernel *fake = fake_of(reader);
	uint64_t start = align_down(paddr, FAKE_BLOCK);

	*ret = (struct dump_run){.start = start, .end = start + FAKE_BLOCK, .status = DUMP_OK};
	if (start >= fake->len)
		*ret = (struct dump_run){start, UINT64_MAX, DUMP_ABSENT, false};
	else if (start >= fake->hole[0] && start < fake->hole[1])
		ret->status = DUMP_ABSENT;
	else if (start >= fake->left_out[0] && start < fake->left_out[1])
		ret->status = DUMP_EXCLUDED;
}

static enum dump_status read_memory(const struct dump_reader *reader, struct dump_scratch *scratch,
				    uint64_t paddr, void *buf, size_t len, size_t *done)
{
	for (*done = 0; *done < len;) {
		struct dump_run run;
		size_t n;

		next_run(reader, scratch, paddr + *done, &run);
		if (run.status != DUMP_OK)
			return run.status;
		n = min_u64(run.end - paddr - *done, len - *done);
		memcpy((char *)buf + *done, fake_of(reader)->memory + paddr + *done, n);
		*done += n;
	}
	return DUMP_OK;
}

static struct error *scratch_create(const struct dump_reader *reader, struct dump_scratch **ret)
{
	struct dump_scratch *scratch = calloc(1, sizeof(*scratch));

	assert_non_null(scratch);
	scratch->reader = reader;
	*ret = scratch;
	return NULL;
}

static void scratch_destroy(struct dump_scratch *scratch)
{
	free(scratch);
}

static const struct dump_reader_ops ops = {
	.read = read_memory,
	.run = next_run,
	.scratch_create = scratch_create,
	.scratch_destroy = scratch_destroy,
};

static const struct dump_format format = {.name = "fake"};

void fakekernel_init(struct fakekernel *fake, uint8_t word, bool big_endian, size_t len)
{
	static char path[] = "fake";

	*fake = (struct fakekernel){
		.reader = {.ops = &ops, .format = &format},
		.file = {.path = path, .size = len},
		.memory = calloc(1, len),
		.len = len,
		.base = word == 4 ? 0xc0000000U : 0xffff800000000000U,
	};
	assert_non_null(fake->memory);
	fake->reader.file = &fake->file;
	fake->reader.facts.word = word;
	fake->reader.facts.big_endian = big_endian;
	fake->reader.facts.block_size = FAKE_BLOCK;
	fake->reader.facts.max_paddr = len;
}

void fakekernel_open(struct fakekernel *fake, const char *vmcoreinfo)
{
	const struct linear_map map = {.start = fake->base, .last = fake->base + fake->len - 1};

	fake->reader.facts.vmcoreinfo = vmcoreinfo;
	fake->reader.facts.vmcoreinfo_len = vmcoreinfo ? strlen(vmcoreinfo) : 0;
	assert_ok(kernel_open(&fake->reader, NULL, &fake->kernel));
	assert_true(addrspace_add_linear(&fake->kernel->as, &map));
	error_destroy(TAKE_PTR(fake->kernel->reason));
	fake->kernel->translates = true;
}

void fakekernel_deinit(struct fakekernel *fake)
{
	kernel_close(fake->kernel);
	free(fake->memory);
}

uint8_t *fake_at(const struct fakekernel *fake, uint64_t vaddr, size_t len)
{
	uint64_t off = vaddr - fake->base;

	assert_true(off <= fake->len && len <= fake->len - off);
	return fake->memory + off;
}

void fake_u16(struct fakekernel *fake, uint64_t vaddr, uint16_t value)
{
	store_u16(fake_at(fake, vaddr, 2), value, fake->reader.facts.big_endian);
}

void fake_u32(struct fakekernel *fake, uint64_t vaddr, uint32_t value)
{
	store_u32(fake_at(fake, vaddr, 4), value, fake->reader.facts.big_endian);
}

void fake_u64(struct fakekernel *fake, uint64_t vaddr, uint64_t value)
{
	store_u64(fake_at(fake, vaddr, 8), value, fake->reader.facts.big_endian);
}

void fake_word(struct fakekernel *fake, uint64_t vaddr, uint64_t value)
{
	if (fake->reader.facts.word == 4)
		fake_u32(fake, vaddr, (uint32_t)value);
	else
		fake_u64(fake, vaddr, value);
}

uint64_t fake_get_word(const struct fakekernel *fake, uint64_t vaddr)
{
	bool big = fake->reader.facts.big_endian;

	if (fake->reader.facts.word == 4)
		return load_u32(fake_at(fake, vaddr, 4), big);
	return load_u64(fake_at(fake, vaddr, 8), big);
}
