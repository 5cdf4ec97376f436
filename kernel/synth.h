/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMCOREINFO of a kernel that has none, or whose is lost: the same lines that
 * kernel/vmcore_info.c (formerly kernel/crash_core.c) and the architecture write, from symbols,
 * types and variables of the image.
 */
#ifndef KERNEL_SYNTH_H
#define KERNEL_SYNTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct arch_guess;
struct arch_recover;
struct btf;
struct evidence;
struct image;

struct synth_input {
	const struct image *image;
	const struct btf *btf; /**< NULL: no SIZE, OFFSET, LENGTH and few NUMBER lines */
	const struct arch_recover *recover;
	const struct evidence *evidence; /**< values of recover's facts */
	const struct arch_guess *guess;  /**< instead of them for those that are guessed, or NULL */
	uint32_t page_size;              /**< 0: not known */
};

/** A NUL-terminated text that the caller frees. Lines whose value is not to be had are left out. */
struct error *synth_vmcoreinfo(const struct synth_input *in, char **ret, size_t *ret_len);

#endif
