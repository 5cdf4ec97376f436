/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line on stderr that says how far long work is: share done, rate, time left. */
#ifndef UTIL_PROGRESS_H
#define UTIL_PROGRESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum progress_mode {
	PROGRESS_AUTO,   /**< when stderr is a terminal and the work takes over a second */
	PROGRESS_ALWAYS, /**< on anything; without a terminal a line every few seconds */
	PROGRESS_NEVER,
};

struct progress {
	const char *what; /**< "copying" */
	uint64_t total;   /**< bytes, 0 when unknown */
	atomic_uint_fast64_t done;
	atomic_uint_fast64_t next_nsec; /**< not before this time is anything printed */
	pthread_mutex_t lock;
	uint64_t start_nsec;
	enum progress_mode mode;
	bool terminal, shown;
};

/** "auto", "always", "never"; false for anything else. */
bool progress_mode_parse(const char *text, enum progress_mode *ret);

/** what has to outlive the progress. */
void progress_begin(struct progress *progress, enum progress_mode mode, const char *what,
		    uint64_t total);

/** Some more bytes are done. Cheap, from any thread; NULL does nothing. */
void progress_add(struct progress *progress, uint64_t bytes);

/** Clears the line. Call it before anything else is printed. */
void progress_end(struct progress *progress);

#endif
