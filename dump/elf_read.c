// SPDX-License-Identifier: GPL-2.0-or-later
/* ELF cores: /proc/vmcore, /proc/kcore, and the files of kexec, makedumpfile -E and QEMU. */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dump/format.h"
#include "dump/machine.h"
#include "dump/notes.h"
#include "dump/vmcoreinfo.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/ranges.h"
#include "util/sys.h"

#define MAX_SEGMENTS       (1U << 22) // QEMU -p writes 65,000 for a guest of 512 MiB
#define MAX_PADDR          (1ULL << 56)
#define MIN_BLOCK          4096U
#define MAX_BLOCK          (1U << 20)
#define PHDRS_AT_ONCE      1024
#define MAP_WINDOW         (4U << 20)
#define MAP_WORTH          (64U << 10) // below this a read costs less than a mapping
#define E_FLAGS_INCOMPLETE 0x1         // DUMP_ELF_INCOMPLETE of makedumpfile
#define ULL(x)             ((unsigned long long)(x))

enum kind {
	KIND_DATA,     /* value is the offset in the file */
	KIND_ZERO,     /* the rest of a block that is backed in part */
	KIND_EXCLUDED, /* memory that the file promises not to have */
};

struct elf_reader {
	struct dump_reader base;
	struct range *ranges; /* of enum kind; sorted, disjoint */
	size_t nr_ranges;
	struct dump_segment *segments;
	void *notes;
};

struct elf_scratch {
	struct dump_scratch base;
	uint8_t *map; /* a window of a /proc file, NULL when there is none */
	uint64_t map_off;
	size_t map_len;
	bool no_map; /* was tried in vain */
};

struct elf_header {
	uint8_t word;
	bool big_endian;
	uint16_t type, machine;
	uint64_t phoff, shoff;
	uint32_t flags, phentsize, phnum;
};

struct phdr {
	uint32_t type;
	struct dump_segment segment;
};

/* e_ehsize is not looked at: QEMU 7.2 to 10.2 write 8. */
static struct error *parse_header(const struct file *file, struct elf_header *h)
{
	uint8_t buf[sizeof(Elf64_Ehdr)];
	size_t len = 0;
	struct bytes b;
	struct error *err = file_read(file, 0, buf, sizeof(buf), &len);

	if (err)
		return err;
	if (len < EI_NIDENT || (buf[EI_CLASS] != ELFCLASS32 && buf[EI_CLASS] != ELFCLASS64) ||
	    (buf[EI_DATA] != ELFDATA2LSB && buf[EI_DATA] != ELFDATA2MSB))
		return error_create(ERROR_FORMAT, "%s: ELF header: class %u, data encoding %u",
				    file->path, len > EI_CLASS ? buf[EI_CLASS] : 0,
				    len > EI_DATA ? buf[EI_DATA] : 0);
	h->word = buf[EI_CLASS] == ELFCLASS64 ? 8 : 4;
	h->big_endian = buf[EI_DATA] == ELFDATA2MSB;
	b = bytes_make(buf, len, h->big_endian, h->word);
	bytes_seek(&b, EI_NIDENT);
	h->type = bytes_u16(&b);
	h->machine = bytes_u16(&b);
	bytes_u32(&b);  // e_version
	bytes_word(&b); // e_entry
	h->phoff = bytes_word(&b);
	h->shoff = bytes_word(&b);
	h->flags = bytes_u32(&b);
	bytes_u16(&b); // e_ehsize
	h->phentsize = bytes_u16(&b);
	h->phnum = bytes_u16(&b);
	if (b.bad)
		return error_create(ERROR_FORMAT, "%s: file ends at offset %#zx, in the ELF header",
				    file->path, len);
	if (h->type != ET_CORE)
		return error_create(ERROR_FORMAT,
				    "%s: ELF file of type %u at offset 0x10, a dump has %u (core)",
				    file->path, h->type, ET_CORE);
	return NULL;
}

/* With PN_XNUM the number stands in sh_info of section 0. */
static struct error *count_segments(const struct file *file, struct elf_header *h)
{
	uint64_t end = dump_file_end(file);
	uint32_t want = h->word == 8 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	uint64_t off;

	if (h->phnum == PN_XNUM) {
		uint8_t buf[4];
		struct error *err;

		if (!checked_add(h->shoff,
				 h->word == 8 ? offsetof(Elf64_Shdr, sh_info)
					      : offsetof(Elf32_Shdr, sh_info),
				 &off))
			return error_create(ERROR_FORMAT, "%s: ELF section headers at offset %#llx",
					    file->path, ULL(h->shoff));
		if ((err = file_read_full(file, off, buf, sizeof(buf))))
			return err;
		h->phnum = load_u32(buf, h->big_endian);
	}
	if (h->phentsize != want || !h->phnum || h->phnum > MAX_SEGMENTS)
		return error_create(ERROR_FORMAT,
				    "%s: %u ELF program headers of %u bytes, want 1 to %u of %u",
				    file->path, h->phnum, h->phentsize, MAX_SEGMENTS, want);
	if (h->phoff > end || (uint64_t)h->phnum * want > end - h->phoff)
		return error_create(ERROR_FORMAT,
				    "%s: file ends at offset %#llx, but %u ELF program headers "
				    "should be at %#llx",
				    file->path, ULL(end), h->phnum, ULL(h->phoff));
	return NULL;
}

static struct phdr parse_phdr(const uint8_t *p, const struct elf_header *h)
{
	struct bytes b = bytes_make(p, h->phentsize, h->big_endian, h->word);
	struct phdr ph = {.type = bytes_u32(&b)};

	if (h->word == 8)
		bytes_u32(&b); // p_flags
	ph.segment.off = bytes_word(&b);
	ph.segment.vaddr = bytes_word(&b);
	ph.segment.paddr = bytes_word(&b);
	ph.segment.filesz = bytes_word(&b);
	ph.segment.memsz = max_u64(bytes_word(&b), ph.segment.filesz);
	return ph;
}

/* /proc/kcore gives what is no RAM the address -1. */
static void add_load(struct elf_reader *r, const struct dump_segment *s, uint8_t word)
{
	uint64_t file_end = dump_file_end(r->base.file);
	uint64_t no_ram = word == 8 ? UINT64_MAX : UINT32_MAX;

	if (s->paddr == no_ram || !s->memsz)
		return;
	if (s->memsz > MAX_PADDR || s->paddr > MAX_PADDR - s->memsz) {
		dump_warn(&r->base, "segment of %#llx bytes at physical %#llx passed over",
			  ULL(s->memsz), ULL(s->paddr));
		return;
	}
	if (s->filesz && (s->off > file_end || s->filesz > file_end - s->off)) {
		r->base.facts.truncated = true;
		dump_warn(&r->base,
			  "truncated: the file ends at %#llx, %#llx bytes of memory from physical "
			  "%#llx on should be at %#llx",
			  ULL(file_end), ULL(s->filesz), ULL(s->paddr), ULL(s->off));
	}
	r->segments[r->base.facts.nr_segments++] = *s;
}

static struct error *read_phdrs(struct elf_reader *r, const struct elf_header *h)
{
	_cleanup_free_ uint8_t *buf = sys_malloc((size_t)PHDRS_AT_ONCE * h->phentsize);
	struct dump_facts *facts = &r->base.facts;
	struct error *err;

	r->segments = sys_calloc(h->phnum, sizeof(*r->segments));
	if (!buf || !r->segments)
		return &error_nomem;
	for (uint32_t i = 0; i < h->phnum; i++) {
		size_t slot = i % PHDRS_AT_ONCE;
		struct phdr ph;

		if (!slot &&
		    (err = file_read_full(r->base.file, h->phoff + (uint64_t)i * h->phentsize, buf,
					  min_u64(PHDRS_AT_ONCE, h->phnum - i) * h->phentsize)))
			return err;
		ph = parse_phdr(buf + slot * h->phentsize, h);
		if (ph.type == PT_LOAD)
			add_load(r, &ph.segment, h->word);
		if (ph.type == PT_NOTE &&
		    (err = dump_read_blob(&r->base, "notes", ph.segment.off, ph.segment.filesz,
					  NOTES_MAX_LEN, &r->notes, &facts->notes_len)))
			return err;
	}
	facts->notes = r->notes;
	facts->segments = r->segments;
	return NULL;
}

static struct error *check_segments(const struct elf_reader *r)
{
	const struct dump_facts *facts = &r->base.facts;
	bool physical = facts->nr_segments < 2;

	for (size_t i = 0; i < facts->nr_segments; i++)
		physical = physical || facts->segments[i].paddr;
	if (!facts->nr_segments)
		return error_create(ERROR_FORMAT, "%s: ELF core without a segment of memory",
				    r->base.file->path);
	if (!physical)
		return error_create(ERROR_UNSUPPORTED,
				    "%s: all %zu segments have physical address 0, as in the core "
				    "of a process",
				    r->base.file->path, facts->nr_segments);
	return NULL;
}

/* The kernel's pages where it names their size; every other fact stands in units of 4 KiB. */
static struct error *find_block_size(struct dump_facts *facts)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	struct error *err = vmcoreinfo_create(facts->vmcoreinfo, facts->vmcoreinfo_len, &info);
	uint64_t size;

	if (err)
		return err;
	facts->block_size = MIN_BLOCK;
	if (vmcoreinfo_dec(info, "PAGESIZE", &size) && is_power_of_two(size) && size >= MIN_BLOCK &&
	    size <= MAX_BLOCK)
		facts->block_size = (uint32_t)size;
	return NULL;
}

/* Data of any segment come before the rest of a block, and both before what is left out. */
static struct error *fold_segments(struct elf_reader *r)
{
	struct dump_facts *facts = &r->base.facts;
	size_t n = facts->nr_segments;
	uint64_t block = facts->block_size;
	_cleanup_free_ struct range *ranges = sys_calloc(3 * n, sizeof(*ranges));
	struct error *err;

	if (!ranges)
		return &error_nomem;
	for (size_t i = 0; i < n; i++) {
		const struct dump_segment *s = &facts->segments[i];
		uint64_t start = align_down(s->paddr, block);
		uint64_t data_end = s->paddr + s->filesz;

		ranges[i] = (struct range){s->paddr, data_end, s->off, KIND_DATA};
		if (s->filesz)
			ranges[n + i] = (struct range){start, align_up(data_end, block), start,
						       KIND_ZERO};
		ranges[2 * n + i] = (struct range){start, align_up(s->paddr + s->memsz, block),
						   start, KIND_EXCLUDED};
	}
	if ((err = ranges_fold(ranges, 3 * n, &r->ranges, &r->nr_ranges)))
		return err;
	facts->max_paddr = r->ranges[r->nr_ranges - 1].end;
	return NULL;
}

/* QEMU writes 64-bit files for 32-bit machines with more than 4 GiB. */
static uint8_t word_of(const struct elf_header *h)
{
	uint8_t other = h->word == 8 ? 4 : 8;

	if (!machine_find(h->machine, h->word, h->big_endian) &&
	    machine_find(h->machine, other, h->big_endian))
		return other;
	return h->word;
}

static struct error *load(struct elf_reader *r)
{
	struct dump_facts *facts = &r->base.facts;
	struct elf_header h = {0};
	struct error *err;

	if ((err = parse_header(r->base.file, &h)) || (err = count_segments(r->base.file, &h)))
		return err;
	facts->machine = h.machine;
	facts->big_endian = h.big_endian;
	facts->word = word_of(&h);
	facts->incomplete = h.flags & E_FLAGS_INCOMPLETE;
	if (facts->incomplete)
		dump_warn(&r->base, "marked as incomplete: pages are missing");
	if ((err = read_phdrs(r, &h)) || (err = check_segments(r)))
		return err;
	if (!notes_scan(facts))
		dump_warn(&r->base, "the notes are damaged, %u CPUs were found", facts->nr_cpus);
	if ((err = find_block_size(facts)) || (err = fold_segments(r)))
		return err;
	snprintf(r->base.variant, sizeof(r->base.variant), "%u-bit, %s-endian, %zu segments",
		 8U * h.word, h.big_endian ? "big" : "little", facts->nr_segments);
	return NULL;
}

/* Pages that the crashed kernel left behind are mapped, which costs a tenth of reading them. */
static bool map_window(struct elf_scratch *s, uint64_t off)
{
	const struct file *file = s->base.reader->file;
	uint64_t start = align_down(off, (uint64_t)sysconf(_SC_PAGESIZE));
	uint64_t len = file->size > start ? min_u64(MAP_WINDOW, file->size - start) : 0;

	if (s->map)
		munmap(s->map, s->map_len);
	s->map = NULL;
	s->map = len ? sys_mmap(file->fd, len, (off_t)start) : NULL;
	s->map_off = start;
	s->map_len = len;
	s->no_map = len && !s->map;
	return s->map != NULL;
}

static size_t read_data(struct elf_scratch *s, uint64_t off, uint8_t *buf, size_t len)
{
	size_t done = 0;

	while (s->base.reader->file->proc && done < len && !s->no_map) {
		uint64_t pos = off + done;
		size_t n;

		if (s->map && pos >= s->map_off && pos - s->map_off < s->map_len) {
			n = min_u64(len - done, s->map_len - (pos - s->map_off));
			memcpy(buf + done, s->map + (pos - s->map_off), n);
			done += n;
		} else if (len - done < MAP_WORTH || !map_window(s, pos)) {
			break;
		}
	}
	return done < len ? done + dump_pread(&s->base, off + done, buf + done, len - done) : len;
}

static enum dump_status elf_read(const struct dump_reader *reader, struct dump_scratch *scratch,
				 uint64_t paddr, void *buf, size_t len, size_t *done)
{
	const struct elf_reader *r = (const struct elf_reader *)reader;
	size_t i = ranges_find(r->ranges, r->nr_ranges, paddr);

	for (; *done < len; i++) {
		const struct range *range = &r->ranges[i];
		uint64_t pos = paddr + *done;
		uint8_t *to = (uint8_t *)buf + *done;
		size_t n, got;

		if (i == r->nr_ranges || pos < range->start)
			return DUMP_ABSENT;
		if (range->kind == KIND_EXCLUDED)
			return DUMP_EXCLUDED;
		n = got = min_u64(len - *done, range->end - pos);
		if (range->kind == KIND_ZERO)
			memset(to, 0, n);
		else
			got = read_data((struct elf_scratch *)scratch,
					range->value + (pos - range->start), to, n);
		*done += got;
		if (got < n)
			return DUMP_UNREADABLE;
	}
	return DUMP_OK;
}

static void elf_run(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t paddr,
		    struct dump_run *ret)
{
	const struct elf_reader *r = (const struct elf_reader *)reader;
	size_t i = ranges_find(r->ranges, r->nr_ranges, paddr);
	const struct range *range = &r->ranges[i];
	bool excluded = range->kind == KIND_EXCLUDED;

	if (paddr < range->start) {
		*ret = (struct dump_run){i ? range[-1].end : 0, range->start, DUMP_ABSENT};
		return;
	}
	ret->status = excluded ? DUMP_EXCLUDED : DUMP_OK;
	ret->start = align_down(range->start, reader->facts.block_size);
	ret->end = range->end;
	for (i++; i < r->nr_ranges && r->ranges[i].start == ret->end &&
		  (r->ranges[i].kind == KIND_EXCLUDED) == excluded;
	     i++)
		ret->end = r->ranges[i].end;
}

static struct error *elf_scratch_create(const struct dump_reader *reader, struct dump_scratch **ret)
{
	struct elf_scratch *s = sys_calloc(1, sizeof(*s));

	if (!s)
		return &error_nomem;
	s->base.reader = reader;
	*ret = &s->base;
	return NULL;
}

static void elf_scratch_destroy(struct dump_scratch *scratch)
{
	struct elf_scratch *s = (struct elf_scratch *)scratch;

	if (s->map)
		munmap(s->map, s->map_len);
	free(s);
}

static void elf_destroy(struct dump_reader *reader)
{
	struct elf_reader *r = (struct elf_reader *)reader;

	if (reader->file)
		file_close(reader->file);
	free(r->ranges);
	free(r->segments);
	free(r->notes);
	free(r);
}

static const struct dump_reader_ops elf_ops = {
	.read = elf_read,
	.run = elf_run,
	.scratch_create = elf_scratch_create,
	.scratch_destroy = elf_scratch_destroy,
	.destroy = elf_destroy,
};

static struct error *elf_open(struct file *file, struct dump_reader **ret)
{
	_cleanup_reader_ struct dump_reader *reader = NULL;
	struct elf_reader *r = sys_calloc(1, sizeof(*r));
	struct error *err;

	if (!r)
		return &error_nomem;
	reader = &r->base;
	reader->ops = &elf_ops;
	reader->file = file;
	if ((err = load(r))) {
		reader->file = NULL; // the caller keeps it
		return err;
	}
	*ret = TAKE_PTR(reader);
	return NULL;
}

static bool elf_probe(const struct bytes *head)
{
	return head->len >= SELFMAG && !memcmp(head->data, ELFMAG, SELFMAG);
}

const struct dump_format elf_format = {
	.name = "elf",
	.description = "ELF core",
	.probe = elf_probe,
	.open = elf_open,
};
