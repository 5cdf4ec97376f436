// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC 1000000000ULL

static uint64_t now_nsec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

bool progress_mode_parse(const char *text, enum progress_mode *ret)
{
	static const char *const names[] = {"auto", "always", "never"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text, names[i])) {
			*ret = (enum progress_mode)i;
			return true;
		}
	}
	return false;
}

void progress_begin(struct progress *progress, enum progress_mode mode, const char *what,
		    uint64_t total)
{
	uint64_t start = now_nsec();

	memset(progress, 0, sizeof(*progress));
	progress->what = what;
	progress->total = total;
	progress->start_nsec = start;
	progress->terminal = isatty(STDERR_FILENO);
	if (mode == PROGRESS_AUTO)
		mode = progress->terminal ? PROGRESS_ALWAYS : PROGRESS_NEVER;
	progress->mode = mode;
	atomic_init(&progress->done, 0);
	atomic_init(&progress->next_nsec, start + NSEC_PER_SEC);
	pthread_mutex_init(&progress->lock, NULL);
}

static void show(struct progress *progress, uint64_t done, uint64_t nsec)
{
	double seconds = (double)nsec / (double)NSEC_PER_SEC;
	double rate = (double)done / seconds;
	double percent = progress->total ? 100.0 * (double)done / (double)progress->total : 0;
	const char *lead = progress->terminal ? "\r" : "",
		   *tail = progress->terminal ? "\033[K" : "\n";

	progress->shown = true;
	if (!progress->total) {
		fprintf(stderr, "%s%s %.0f MiB, %.0f MiB/s%s", lead, progress->what,
			(double)done / 1048576, rate / 1048576, tail);
		return;
	}
	fprintf(stderr, "%s%s %5.1f %%  %.0f of %.0f MiB  %.0f MiB/s  %.0f s left%s", lead,
		progress->what, percent, (double)done / 1048576, (double)progress->total / 1048576,
		rate / 1048576, rate > 0 ? ((double)progress->total - (double)done) / rate : 0,
		tail);
}

void progress_add(struct progress *progress, uint64_t bytes)
{
	uint64_t done, now;

	if (!progress)
		return;
	done = atomic_fetch_add(&progress->done, bytes) + bytes;
	if (progress->mode == PROGRESS_NEVER)
		return;
	now = now_nsec();
	if (now < atomic_load(&progress->next_nsec) || pthread_mutex_trylock(&progress->lock))
		return;
	atomic_store(&progress->next_nsec,
		     now + (progress->terminal ? NSEC_PER_SEC / 5 : 5 * NSEC_PER_SEC));
	show(progress, done, now - progress->start_nsec);
	pthread_mutex_unlock(&progress->lock);
}

void progress_end(struct progress *progress)
{
	if (progress->shown && progress->terminal)
		fputs("\r\033[K", stderr);
	pthread_mutex_destroy(&progress->lock);
}
