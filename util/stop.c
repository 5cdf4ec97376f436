// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/stop.h"

#include <signal.h>
#include <stddef.h>

// The one mutable static of the library: a signal handler is given nothing but the number.
static atomic_bool stop_flag;

static void stop(int sig)
{
	(void)sig;
	atomic_store(&stop_flag, true);
}

static void install(int sig)
{
	struct sigaction action = {.sa_handler = stop, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
	struct sigaction old;

	sigemptyset(&action.sa_mask);
	if (!sigaction(sig, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaction(sig, &action, NULL);
}

const atomic_bool *stop_install(void)
{
	install(SIGINT);
	install(SIGTERM);
	install(SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return &stop_flag;
}
