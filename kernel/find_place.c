// SPDX-License-Identifier: GPL-2.0-or-later
/* Which machine an image is of, and where the memory of a headerless dump belongs. */

#include "arch/arch.h"
#include "arch/recover.h"
#include "kernel/find_kernel.h"
#include "kernel/kallsyms.h"
#include "util/checked.h"

#define MAX_RAM 160

/* Stretches of RAM that are closer together are in one block of the machine's memory, with what
 * firmware keeps for itself between them. */
#define BLOCK_GAP (64ULL << 20)

static bool image_symbol(void *arg, const char *name, uint64_t *ret)
{
	const struct found_kernel *kernel = arg;

	return kallsyms_lookup(kernel->kallsyms, name, ret);
}

static bool read_image(void *arg, uint64_t vaddr, void *buf, size_t len)
{
	const struct found_kernel *kernel = arg;

	return image_read_sound(&kernel->image, vaddr, buf, len);
}

void found_kernel_say(void *arg, size_t fact, const char *source, uint64_t value)
{
	struct found_kernel *kernel = arg;
	const struct arch_fact *known = &kernel->arch->recover->facts[fact];

	evidence_say(&kernel->evidence, known->name, known->decimal ? FACT_DEC : FACT_HEX, source,
		     value);
}

void found_kernel_arch_image(const struct found_kernel *kernel, bool unplaced,
			     struct arch_image *ret)
{
	const struct kallsyms_tables *tables = &kernel->kallsyms->tables;

	*ret = (struct arch_image){
		.facts = &kernel->facts,
		.big_endian = tables->big_endian,
		.word = tables->word,
		.complete = !kernel->kallsyms->nr_lost,
		.placed = !unplaced,
		.voffset = kernel->image.voffset,
		.symbol = image_symbol,
		.read = read_image,
		.arg = (void *)kernel,
	};
}

/* Folds RAM into blocks; returns their number. */
static size_t fold(struct arch_ram *ram, size_t nr)
{
	size_t out = 0;

	for (size_t i = 0; i < nr; i++) {
		if (ram[i].end <= ram[i].start)
			continue;
		if (out && ram[i].start < ram[out - 1].start)
			return 0;
		if (out && ram[i].start < ram[out - 1].end + BLOCK_GAP)
			ram[out - 1].end = max_u64(ram[out - 1].end, ram[i].end);
		else
			ram[out++] = ram[i];
	}
	return out;
}

/*
 * The file has the blocks one behind the other. The kernel does not know to the byte where a block
 * ends, for firmware keeps the end of one; but it knows the last, and the file's length. base is
 * what leads from offset to physical address at the image.
 */
static bool place_blocks(struct placement *placement, const struct arch_ram *ram, size_t nr,
			 uint64_t size, uint64_t image_off, uint64_t base)
{
	uint64_t last = nr ? ram[nr - 1].end - ram[nr - 1].start : 0, split;

	if (nr != 2 || last >= size || ram[0].start > base + image_off)
		return false;
	split = size - last;
	placement->segments[0] = (struct placement_segment){.paddr = 0, .off = 0, .len = split};
	placement->segments[1] = (struct placement_segment){
		.paddr = ram[1].start, .off = split, .len = last};
	placement->nr = 2;
	// the image tells whether that is right
	return image_off < split ? !base : base == ram[1].start - split;
}

/* Works out where a headerless file belongs, from what the image says of its own place. */
static void place(struct found_kernel *kernel, const struct arch_image *image, uint64_t voffset)
{
	uint64_t base = kernel->image.voffset - voffset, size = kernel->facts.max_paddr;
	uint64_t image_off = kernel->kallsyms->tables.names;
	struct arch_ram ram[MAX_RAM];
	size_t nr = 0;

	if (image->facts->machine == kernel->arch->e_machine && kernel->arch->recover->ram)
		nr = fold(ram, kernel->arch->recover->ram(image, ram, MAX_RAM));
	if (!place_blocks(&kernel->placement, ram, nr, size, image_off, base)) {
		kernel->placement.segments[0] = (struct placement_segment){
			.paddr = base, .off = 0, .len = size};
		kernel->placement.nr = 1;
	}
	evidence_say(&kernel->evidence, "ram_base", FACT_HEX, "image",
		     kernel->placement.segments[0].paddr);
	kernel->facts.max_paddr = 0;
	for (size_t i = 0; i < kernel->placement.nr; i++) {
		const struct placement_segment *segment = &kernel->placement.segments[i];

		kernel->facts.max_paddr = max_u64(kernel->facts.max_paddr,
						  segment->paddr + segment->len);
	}
}

void found_kernel_place(struct found_kernel *kernel, bool unplaced)
{
	const struct kallsyms_tables *tables = &kernel->kallsyms->tables;
	const struct arch *known = kernel->arch;
	struct arch_image image;
	uint64_t voffset;

	found_kernel_arch_image(kernel, unplaced, &image);
	for (size_t i = 0; i < nr_archs; i++) {
		const struct arch_recover *recover = archs[i]->recover;

		kernel->arch = archs[i];
		if ((known && archs[i] != known) || archs[i]->word != tables->word || !recover ||
		    !recover->recover(&image, found_kernel_say, kernel, &voffset))
			continue;
		kernel->facts.machine = archs[i]->e_machine;
		kernel->facts.word = tables->word;
		kernel->facts.big_endian = tables->big_endian;
		evidence_say(&kernel->evidence, "image_voffset", FACT_HEX, "image", voffset);
		kernel->misplaced = !unplaced && voffset != kernel->image.voffset;
		if (unplaced)
			place(kernel, &image, voffset);
		return;
	}
	kernel->arch = known;
}
