// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main() of a harness without libFuzzer. What it runs it reports as TAP:
 *   fuzz_x              the seeds and damaged copies of them, and tests/fuzz/corpus/x
 *   fuzz_x FILE...      files
 *   fuzz_x --write DIR  nothing; the seeds go into a folder, for libFuzzer to start from
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (1U << 20)
#define DAMAGED   400 // copies of each seed

static const char *write_dir;
static unsigned int nr_tests;

static void run(const uint8_t *data, size_t len)
{
	// of its own, so that a sanitizer sees the first byte too far
	uint8_t *copy = malloc(len + !len);

	if (!copy)
		abort();
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

/* Named before it runs, in case it never comes back. */
static void announce(const char *name)
{
	printf("# %s\n", name);
	fflush(stdout);
}

static void report(const char *name)
{
	printf("ok %u - %s\n", ++nr_tests, name);
}

/* A few bytes become something else, mostly where headers are; the same in each run. */
static void run_damaged(const uint8_t *seed, size_t len)
{
	static const uint8_t values[] = {0x00, 0x01, 0x10, 0x7f, 0x80, 0xff};
	uint8_t *copy = malloc(len + !len);
	uint32_t n = 1;

	if (!copy)
		abort();
	for (int round = 0; round < DAMAGED && len; round++) {
		memcpy(copy, seed, len);
		for (int i = 0; i <= round % 4; i++) {
			size_t where = round % 3 ? 512 : len;

			n = n * 1664525 + 1013904223;
			copy[(n >> 8) % (where < len ? where : len)] = values[(n >> 4) % 6];
		}
		run(copy, round % 5 ? len : (n >> 8) % len);
	}
	free(copy);
}

static void use_seed(const char *name, const void *data, size_t len)
{
	char path[4096];
	FILE *f;

	if (!write_dir) {
		announce(name);
		run(data, len);
		run_damaged(data, len);
		report(name);
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", write_dir, name);
	f = fopen(path, "we");
	if (!f || fwrite(data, 1, len, f) != len || fclose(f)) {
		perror(path);
		exit(1);
	}
}

static void run_file(const char *path)
{
	uint8_t *buf = malloc(INPUT_MAX);
	FILE *f = fopen(path, "re");
	size_t len;

	if (!buf || !f) {
		perror(path);
		exit(1);
	}
	len = fread(buf, 1, INPUT_MAX, f);
	fclose(f);
	announce(path);
	run(buf, len);
	report(path);
	free(buf);
}

static void run_corpus(const char *harness)
{
	const char *slash = strrchr(harness, '/'), *name = slash ? slash + 1 : harness;
	char folder[256], path[600];
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s",
		 name + (strncmp(name, "fuzz_", 5) ? 0 : 5));
	dir = opendir(folder);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			run_file(path);
	}
	if (dir)
		closedir(dir);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--write"))
		write_dir = argv[2];
	for (int i = 1; i < argc && !write_dir; i++)
		run_file(argv[i]);
	if ((argc == 1 || write_dir) && fuzz_seeds)
		fuzz_seeds(use_seed);
	if (argc == 1)
		run_corpus(argv[0]);
	if (!write_dir)
		printf("1..%u%s\n", nr_tests, nr_tests ? "" : " # SKIP no seeds");
	return 0;
}
