// SPDX-License-Identifier: GPL-2.0-or-later
/* Root tables that stand in for the kernel's own, should that be damaged. */

#include "arch/arch.h"
#include "arch/recover.h"
#include "kernel/find_kernel.h"
#include "util/bytes.h"

struct mark {
	size_t off;
	uint64_t value, mask;
	bool big_endian;
};

static void match_root(void *arg, const struct scan_window *window, struct scan_hits *hits)
{
	const struct mark *mark = arg;

	for (size_t page = 0; page < window->len; page += SCAN_PAGE) {
		uint64_t word = load_u64(window->data + page + mark->off, mark->big_endian);

		if ((word & mark->mask) == mark->value)
			scan_hit(hits, SCAN_OTHER, window->paddr + page, 0);
	}
}

struct error *found_kernel_roots(struct found_kernel *kernel, uint64_t *roots, size_t max,
				 size_t *ret)
{
	const struct arch_recover *recover = kernel->arch ? kernel->arch->recover : NULL;
	const struct scan_options options = {0};
	struct mark mark = {.big_endian = kernel->facts.big_endian};
	const struct scan_matcher matcher = {.match = match_root, .arg = &mark};
	struct arch_image image;
	struct scan_hits hits;
	uint64_t voffset;
	struct error *err;
	size_t nr = 0;

	*ret = 0;
	if (!recover || !recover->roots)
		return NULL;
	nr = recover->roots(&kernel->facts, roots, max);
	if (kernel->has_image && recover->root_mark &&
	    evidence_value(&kernel->evidence, "image_voffset", &voffset)) {
		found_kernel_arch_image(kernel, !found_kernel_is_placed(kernel), &image);
		if (recover->root_mark(&image, voffset, &mark.off, &mark.value, &mark.mask)) {
			if ((err = scan_memory(kernel->memory->reader, &options, &matcher, 1, &hits,
					       NULL)))
				return err;
			for (size_t i = 0; i < hits.nr && nr < max; i++) {
				roots[nr] = hits.hits[i].paddr;
				if (found_kernel_is_placed(kernel) ||
				    placement_paddr(&kernel->placement, roots[nr], &roots[nr]))
					nr++;
			}
			scan_hits_deinit(&hits);
		}
	}
	*ret = nr;
	return NULL;
}
