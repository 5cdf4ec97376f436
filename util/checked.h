/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arithmetic on numbers that come from a file. Each function returns false, and leaves *ret alone,
 * when the result does not fit.
 */
#ifndef UTIL_CHECKED_H
#define UTIL_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool checked_add(uint64_t a, uint64_t b, uint64_t *ret)
{
	uint64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return false;
	*ret = sum;
	return true;
}

static inline bool checked_mul(uint64_t a, uint64_t b, uint64_t *ret)
{
	uint64_t product;

	if (__builtin_mul_overflow(a, b, &product))
		return false;
	*ret = product;
	return true;
}

/** a << shift. */
static inline bool checked_shl(uint64_t a, unsigned int shift, uint64_t *ret)
{
	if (shift > 63 || (shift && a >> (64 - shift)))
		return false;
	*ret = a << shift;
	return true;
}

/** Rounds up to a power of two. */
static inline bool checked_align(uint64_t a, uint64_t align, uint64_t *ret)
{
	uint64_t sum;

	if (!checked_add(a, align - 1, &sum))
		return false;
	*ret = sum & ~(align - 1);
	return true;
}

static inline uint64_t align_down(uint64_t a, uint64_t align)
{
	return a & ~(align - 1);
}

/** Rounds up to a power of two, for numbers known to be far from 2^64. */
static inline uint64_t align_up(uint64_t a, uint64_t align)
{
	return (a + align - 1) & ~(align - 1);
}

static inline uint64_t div_round_up(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

static inline bool is_power_of_two(uint64_t a)
{
	return a && !(a & (a - 1));
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#endif
