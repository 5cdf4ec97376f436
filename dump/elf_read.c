// SPDX-License-Identifier: GPL-2.0-or-later
/* ELF cores: /proc/vmcore, /proc/kcore, and the files of kexec, makedumpfile -E and QEMU. */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "dump/format.h"
#include "dump/linear.h"
#include "dump/machine.h"
#include "dump/notes.h"
#include "dump/notes_order.h"
#include "dump/vmcoreinfo.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

#define PHDRS_AT_ONCE      1024
#define E_FLAGS_INCOMPLETE 0x1 // DUMP_ELF_INCOMPLETE of makedumpfile
#define ULL(x)             ((unsigned long long)(x))

struct elf_header {
	uint8_t word;
	bool big_endian;
	uint16_t type, machine;
	uint64_t phoff, shoff;
	uint32_t flags, phentsize, phnum;
	bool guessed; /* phnum is an upper bound */
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

/* Numbers that cannot be are replaced by as many as there may be; read_phdrs() sees where they end.
 */
static void guess_segments(struct elf_header *h, uint64_t end, uint32_t want)
{
	uint64_t room = h->phoff < end ? (end - h->phoff) / want : 0;

	h->guessed = h->phentsize != want || !h->phnum || h->phnum > room ||
		     h->phnum > LINEAR_MAX_SEGMENTS;
	if (!h->guessed)
		return;
	h->phentsize = want;
	h->phnum = (uint32_t)min_u64(room, LINEAR_MAX_SEGMENTS);
}

/* With PN_XNUM the number stands in sh_info of section 0. */
static struct error *count_segments(const struct file *file, struct elf_header *h, bool salvage)
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
	if (salvage)
		guess_segments(h, end, want);
	if (h->phentsize != want || !h->phnum || h->phnum > LINEAR_MAX_SEGMENTS)
		return error_create(ERROR_FORMAT,
				    "%s: %u ELF program headers of %u bytes, want 1 to %u of %u",
				    file->path, h->phnum, h->phentsize, LINEAR_MAX_SEGMENTS, want);
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
static struct error *add_load(struct linear_reader *r, const struct dump_segment *s, uint8_t word)
{
	uint64_t no_ram = word == 8 ? UINT64_MAX : UINT32_MAX;

	return s->paddr == no_ram ? NULL : linear_add(r, s);
}

static struct error *read_phdrs(struct linear_reader *r, const struct elf_header *h)
{
	_cleanup_free_ uint8_t *buf = sys_malloc((size_t)PHDRS_AT_ONCE * h->phentsize);
	struct dump_facts *facts = &r->base.facts;
	struct error *err;

	if (!buf)
		return &error_nomem;
	for (uint32_t i = 0; i < h->phnum; i++) {
		size_t slot = i % PHDRS_AT_ONCE;
		struct phdr ph;

		if (!slot &&
		    (err = file_read_full(r->base.file, h->phoff + (uint64_t)i * h->phentsize, buf,
					  min_u64(PHDRS_AT_ONCE, h->phnum - i) * h->phentsize)))
			return err;
		ph = parse_phdr(buf + slot * h->phentsize, h);
		if (h->guessed && ph.type != PT_LOAD && ph.type != PT_NOTE && ph.type != PT_NULL)
			break;
		if (ph.type == PT_LOAD && (err = add_load(r, &ph.segment, h->word)))
			return err;
		if (ph.type == PT_NOTE &&
		    (err = dump_read_blob(&r->base, "notes", ph.segment.off, ph.segment.filesz,
					  NOTES_MAX_LEN, &r->notes, &facts->notes_len)))
			return err;
	}
	facts->notes = r->notes;
	facts->segments = r->segments;
	facts->nr_segments = r->nr_segments;
	return NULL;
}

static struct error *check_segments(const struct linear_reader *r)
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
	facts->block_size = LINEAR_MIN_BLOCK;
	if (vmcoreinfo_dec(info, "PAGESIZE", &size) && is_power_of_two(size) &&
	    size >= LINEAR_MIN_BLOCK && size <= LINEAR_MAX_BLOCK)
		facts->block_size = (uint32_t)size;
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

static struct error *load(struct linear_reader *r, bool salvage)
{
	struct dump_facts *facts = &r->base.facts;
	struct elf_header h = {0};
	struct error *err;

	if ((err = parse_header(r->base.file, &h)) ||
	    (err = count_segments(r->base.file, &h, salvage)))
		return err;
	facts->machine = h.machine;
	facts->big_endian = h.big_endian;
	facts->word = word_of(&h);
	facts->incomplete = h.flags & E_FLAGS_INCOMPLETE;
	facts->truncated = h.guessed;
	if (h.guessed)
		dump_warn(&r->base, "the number of ELF program headers is damaged");
	if (facts->incomplete)
		dump_warn(&r->base, "marked as incomplete: pages are missing");
	if ((err = read_phdrs(r, &h)) || (err = check_segments(r)))
		return err;
	notes_fix_order(facts, r->notes);
	if (!notes_scan(facts))
		dump_warn(&r->base, "the notes are damaged, %u CPUs were found", facts->nr_cpus);
	if ((err = find_block_size(facts)) || (err = linear_finish(r)))
		return err;
	snprintf(r->base.variant, sizeof(r->base.variant), "%u-bit, %s-endian, %zu segments",
		 8U * h.word, h.big_endian ? "big" : "little", facts->nr_segments);
	return NULL;
}

static struct error *elf_open(struct file *file, const struct dump_open_options *options,
			      struct dump_reader **ret)
{
	_cleanup_linear_ struct linear_reader *r = NULL;
	struct error *err = linear_create(file, &r);

	if (!err)
		err = load(r, options && options->salvage);
	if (err)
		return err;
	*ret = &TAKE_PTR(r)->base;
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
