/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a fuzz harness has. Built with FUZZER=1 it is libFuzzer's; otherwise tests/fuzz/replay.c
 * runs its seeds, damaged copies of them, and the inputs in tests/fuzz/corpus/ that once went
 * wrong. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** Runs one input; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

typedef void fuzz_use_seed(const char *name, const void *data, size_t len);

/** Builds well-formed inputs and hands them to use() one by one. A harness may have none. */
void fuzz_seeds(fuzz_use_seed *use) __attribute__((weak));

#endif
